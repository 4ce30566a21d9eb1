//! From a place's names to spots in one parsed file: a function for each kind of place.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::punctuated::Pair;
use syn::spanned::Spanned;

use crate::anchor::{FunctionName, Member, NamedItem, PatternName, Place};
use crate::layout::{Spacing, Spot};

/// What is looked for in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought<'a> {
    Place(&'a Place),
    Item(&'a NamedItem),
}

/// Something in a file that a place may mean.
pub(crate) enum Node<'ast> {
    Struct(&'ast syn::ItemStruct),
    Enum(&'ast syn::ItemEnum),
    Module(&'ast syn::ItemMod),
    Function(Function<'ast>),
    Literal(&'ast syn::ExprStruct),
    Arm(&'ast syn::Arm),
    Macro(&'ast syn::Macro),
}

/// A function, free or in an `impl` or a trait.
pub(crate) struct Function<'ast> {
    pub(crate) name: String,
    pub(crate) attributes: &'ast [syn::Attribute],
    pub(crate) block: Option<&'ast syn::Block>,
    /// Where the whole item starts.
    pub(crate) start: usize,
}

/// What is around a node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Around {
    /// Last segment of the type of the `impl`, or the trait.
    pub(crate) owner: Option<String>,
    /// The `impl` is of a trait, or it is a trait.
    pub(crate) of_trait: bool,
    /// The innermost function.
    pub(crate) function: Option<String>,
    /// Test code.
    pub(crate) tests: bool,
}

/// Where the file's Rust text begins, and the ends of its tokens.
pub(crate) struct Positions<'a> {
    pub(crate) starts_at: usize,
    pub(crate) token_ends: &'a dyn Fn(usize) -> usize,
}

impl<'a> Sought<'a> {
    /// Names that a file must hold as words, or it need not be parsed.
    pub(crate) fn words(self) -> Vec<&'a str> {
        let with = |first: &[&'a str], function: &'a FunctionName| -> Vec<&'a str> {
            first.iter().copied().chain(function.names()).collect()
        };
        match self {
            Sought::Place(place) => match place {
                Place::AfterField(member) | Place::AfterVariant(member) => vec![&member.owner, &member.name],
                Place::EveryLiteral(name) | Place::AfterStruct(name) | Place::AfterModule(name) => vec![name],
                Place::LiteralIn(of, function) => with(&[of], function),
                Place::BeforeArm(arm, function)
                | Place::BeforeLastOfArm(arm, function)
                | Place::StartOfArm(arm, function)
                | Place::InMatches(function, arm) => with(&arm.names(), function),
                Place::StartOfFunction(function)
                | Place::BeforeTail(function)
                | Place::BeforeFunction(function) => with(&[], function),
                Place::BesideEntry(entry, name) => vec![entry, name],
            },
            Sought::Item(item) => match item {
                NamedItem::Struct(name) | NamedItem::Enum(name) => vec![name],
                NamedItem::Function(function) => with(&[], function),
                NamedItem::Field(member) | NamedItem::Variant(member) => vec![&member.owner, &member.name],
            },
        }
    }

    /// Whether test code is looked at as well.
    pub(crate) fn in_tests(self) -> bool {
        matches!(self, Sought::Place(Place::EveryLiteral(_)))
    }

    /// The spots that `node` offers.
    pub(crate) fn spots(self, node: &Node<'_>, around: &Around, positions: &Positions<'_>) -> Vec<Spot> {
        let finder = Finder { around, positions };
        match self {
            Sought::Item(item) => finder.item(item, node).into_iter().collect(),
            Sought::Place(place) => finder.place(place, node),
        }
    }
}

struct Finder<'a> {
    around: &'a Around,
    positions: &'a Positions<'a>,
}

impl Finder<'_> {
    fn item(&self, item: &NamedItem, node: &Node<'_>) -> Option<Spot> {
        let span = match (item, node) {
            (NamedItem::Struct(name), Node::Struct(found)) if found.ident == name => found.ident.span(),
            (NamedItem::Enum(name), Node::Enum(found)) if found.ident == name => found.ident.span(),
            (NamedItem::Field(member), Node::Struct(found)) => self.field(member, found)?.value().span(),
            (NamedItem::Variant(member), Node::Enum(found)) => self.variant(member, found)?.value().span(),
            (NamedItem::Function(function), Node::Function(found)) if self.is(function, found) => {
                return Some(Spot::There { at: found.start });
            }
            _ => return None,
        };
        Some(Spot::There { at: self.start(span) })
    }

    fn place(&self, place: &Place, node: &Node<'_>) -> Vec<Spot> {
        match (place, node) {
            (Place::EveryLiteral(of), _) => self.literals(of, node),
            (Place::LiteralIn(of, function), _) if self.is_in(function) => self.literals(of, node),
            (Place::InMatches(function, after), Node::Macro(found)) if self.is_in(function) => {
                self.matches(after, found)
            }
            _ => self.single(place, node).into_iter().collect(),
        }
    }

    fn single(&self, place: &Place, node: &Node<'_>) -> Option<Spot> {
        match (place, node) {
            (Place::AfterField(member), Node::Struct(found)) => self.after_pair(self.field(member, found)?),
            (Place::AfterVariant(member), Node::Enum(found)) => self.after_pair(self.variant(member, found)?),
            (Place::AfterStruct(name), Node::Struct(found)) if found.ident == name => {
                Some(self.after(found.span(), Spacing::EmptyLine))
            }
            (Place::AfterModule(name), Node::Module(found))
                if found.ident == name && found.content.is_none() =>
            {
                Some(self.after(found.span(), Spacing::Line))
            }
            (Place::BeforeArm(name, function), Node::Arm(arm)) if self.is_arm(name, function, arm) => {
                Some(self.before(self.start(arm.span()), Spacing::Line))
            }
            (Place::BeforeLastOfArm(name, function), Node::Arm(arm)) if self.is_arm(name, function, arm) => {
                let last = body(arm)?.block.stmts.last()?;
                Some(self.before(self.start(last.span()), Spacing::Line))
            }
            (Place::StartOfArm(name, function), Node::Arm(arm)) if self.is_arm(name, function, arm) => {
                let body = body(arm)?;
                Some(self.inside(&body.block, &body.attrs))
            }
            (Place::StartOfFunction(function), Node::Function(found)) if self.is(function, found) => {
                Some(self.inside(found.block?, found.attributes))
            }
            (Place::BeforeTail(function), Node::Function(found)) if self.is(function, found) => {
                match found.block?.stmts.last()? {
                    tail @ syn::Stmt::Expr(_, None) => Some(tail.span()),
                    syn::Stmt::Macro(tail) if tail.semi_token.is_none() => Some(tail.span()),
                    _ => None,
                }
                .map(|span| self.before(self.start(span), Spacing::Line))
            }
            (Place::BeforeFunction(function), Node::Function(found)) if self.is(function, found) => {
                Some(self.before(found.start, Spacing::EmptyLine))
            }
            (Place::BesideEntry(entry, name), Node::Macro(found)) if last_is(&found.path, name) => {
                self.entry(entry, found)
            }
            _ => None,
        }
    }

    fn field<'ast>(
        &self,
        member: &Member,
        found: &'ast syn::ItemStruct,
    ) -> Option<Pair<&'ast syn::Field, &'ast syn::Token![,]>> {
        let syn::Fields::Named(fields) = &found.fields else { return None };
        let is_it = |field: &syn::Field| field.ident.as_ref().is_some_and(|ident| ident == &member.name);
        (found.ident == member.owner).then(|| fields.named.pairs().find(|pair| is_it(pair.value()))).flatten()
    }

    fn variant<'ast>(
        &self,
        member: &Member,
        found: &'ast syn::ItemEnum,
    ) -> Option<Pair<&'ast syn::Variant, &'ast syn::Token![,]>> {
        let pair = || found.variants.pairs().find(|pair| pair.value().ident == member.name);
        (found.ident == member.owner).then(pair).flatten()
    }

    fn after_pair<T: Spanned>(&self, pair: Pair<&T, &syn::Token![,]>) -> Option<Spot> {
        let range = pair.value().span().byte_range();
        let (start, end) = (range.start + self.positions.starts_at, range.end + self.positions.starts_at);
        let spacing = Spacing::Line;
        Some(match pair.punct() {
            Some(comma) => Spot::After { start, end: self.end(comma.span()), comma_at: None, spacing },
            None => Spot::After { start, end, comma_at: Some(end), spacing },
        })
    }

    fn is(&self, function: &FunctionName, found: &Function<'_>) -> bool {
        found.name == function.name && self.is_owner(function)
    }

    fn is_in(&self, function: &FunctionName) -> bool {
        self.around.function.as_ref() == Some(&function.name) && self.is_owner(function)
    }

    fn is_owner(&self, function: &FunctionName) -> bool {
        function.owner.is_none() || function.owner == self.around.owner
    }

    fn is_arm(&self, name: &PatternName, function: &FunctionName, arm: &syn::Arm) -> bool {
        self.is_in(function) && names(&arm.pat, name)
    }

    /// Literals of the struct `of`: an expression, or tokens of a macro that look like one.
    fn literals(&self, of: &str, node: &Node<'_>) -> Vec<Spot> {
        let is_self = self.around.owner.as_deref() == Some(of);
        match node {
            Node::Literal(literal) => {
                let is_it = is_struct(&literal.path, of, is_self) && literal.dot2_token.is_none();
                let span = literal.brace_token.span;
                let spot = Spot::Inside { open: self.end(span.open()), close: self.start(span.close()) };
                if is_it { vec![spot] } else { Vec::new() }
            }
            Node::Macro(found) => {
                let mut spots = Vec::new();
                let has_pattern = ["matches", "assert_matches", "debug_assert_matches"];
                let is_matches = has_pattern.iter().any(|name| last_is(&found.path, name));
                let tokens = if is_matches { up_to_comma(&found.tokens) } else { found.tokens.clone() };
                self.literals_in(tokens, of, is_self, &mut spots);
                spots
            }
            _ => Vec::new(),
        }
    }

    /// Macros within macros are not parsed as such, so their names are not known here.
    fn literals_in(&self, tokens: TokenStream, of: &str, is_self: bool, spots: &mut Vec<Spot>) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else { continue };
            if group.delimiter() == Delimiter::Brace
                && is_literal_name(&tokens[..index], of, is_self)
                && !has_rest(&group.stream())
            {
                let (open, close) = (self.end(group.span_open()), self.start(group.span_close()));
                spots.push(Spot::Inside { open, close });
            }
            self.literals_in(group.stream(), of, is_self, spots);
        }
    }

    /// The alternatives of a `matches!` that are `after`.
    fn matches(&self, after: &PatternName, found: &syn::Macro) -> Vec<Spot> {
        if !last_is(&found.path, "matches") {
            return Vec::new();
        }
        let parsed = found.parse_body_with(|input: syn::parse::ParseStream<'_>| {
            input.parse::<syn::Expr>()?;
            input.parse::<syn::Token![,]>()?;
            let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<TokenStream>()?;
            Ok(pattern)
        });
        let Ok(pattern) = parsed else { return Vec::new() };
        let alternatives: Vec<&syn::Pat> = match &pattern {
            syn::Pat::Or(or) => or.cases.iter().collect(),
            single => vec![single],
        };
        let sought = alternatives.into_iter().filter(|pattern| names(pattern, after));
        let spot = |pattern: &syn::Pat| Spot::Pattern {
            start: self.start(pattern.span()),
            end: self.end(pattern.span()),
        };
        sought.map(spot).collect()
    }

    /// An entry is `Name => … { … }`, up to its comma.
    fn entry(&self, entry: &str, found: &syn::Macro) -> Option<Spot> {
        let tokens: Vec<TokenTree> = found.tokens.clone().into_iter().collect();
        let is_name = |index: usize| {
            matches!(&tokens[index], TokenTree::Ident(ident) if ident == entry)
                && is_sign(tokens.get(index + 1), '=')
                && is_sign(tokens.get(index + 2), '>')
        };
        let name = (0..tokens.len()).find(|index| is_name(*index))?;
        let is_body = |token: &TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        let body = name + tokens[name..].iter().position(is_body)?;
        let TokenTree::Group(group) = &tokens[body] else { return None };
        let start = self.start(tokens[name].span());
        let end = self.end(group.span_close());
        let serialization = self.serialization(group.stream());
        Some(match tokens.get(body + 1) {
            comma if is_sign(comma, ',') => {
                let end = comma.map_or(end, |comma| self.end(comma.span()));
                Spot::Entry { start, end, comma_at: None, serialization }
            }
            _ => Spot::Entry { start, end, comma_at: Some(end), serialization },
        })
    }

    /// The tokens of `serialization: …,`, with single spaces where there was white space.
    fn serialization(&self, tokens: TokenStream) -> Option<String> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_key = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "serialization");
        let key = tokens.iter().position(is_key)?;
        if !is_sign(tokens.get(key + 1), ':') {
            return None;
        }
        let value = tokens[key + 2..].iter().take_while(|token| !is_sign(Some(token), ','));
        let value: TokenStream = value.cloned().collect();
        Some(format!("serialization: {},", compact(value)))
    }

    fn after(&self, span: proc_macro2::Span, spacing: Spacing) -> Spot {
        Spot::After { start: self.start(span), end: self.end(span), comma_at: None, spacing }
    }

    fn before(&self, start: usize, spacing: Spacing) -> Spot {
        Spot::Before { start, gap: (self.positions.token_ends)(start), spacing }
    }

    /// Behind the brace, or behind the attributes that have to be first.
    fn inside(&self, block: &syn::Block, attributes: &[syn::Attribute]) -> Spot {
        let span = block.brace_token.span;
        let inner = attributes.iter().filter(|attribute| matches!(attribute.style, syn::AttrStyle::Inner(_)));
        let open = inner.map(|attribute| self.end(attribute.span())).fold(self.end(span.open()), usize::max);
        Spot::Inside { open, close: self.start(span.close()) }
    }

    fn start(&self, span: proc_macro2::Span) -> usize {
        span.byte_range().start + self.positions.starts_at
    }

    fn end(&self, span: proc_macro2::Span) -> usize {
        span.byte_range().end + self.positions.starts_at
    }
}

fn body(arm: &syn::Arm) -> Option<&syn::ExprBlock> {
    match &*arm.body {
        syn::Expr::Block(block) => Some(block),
        _ => None,
    }
}

fn last_is(path: &syn::Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// Whether a literal with this path is of the struct, and not of an enum's variant that has its name.
fn is_struct(path: &syn::Path, of: &str, is_self: bool) -> bool {
    let before = path.segments.iter().rev().nth(1).map(|segment| segment.ident.to_string());
    let is_variant = before.is_some_and(|before| before.starts_with(char::is_uppercase));
    (last_is(path, of) && !is_variant) || (is_self && path.is_ident("Self"))
}

/// Whether the tokens end in the struct's name, used as the name of a literal.
fn is_literal_name(tokens: &[TokenTree], of: &str, is_self: bool) -> bool {
    let Some((TokenTree::Ident(name), before)) = tokens.split_last() else { return false };
    if name != of && !(is_self && name == "Self") {
        return false;
    }
    match before.last() {
        Some(TokenTree::Ident(before)) => {
            let other = ["struct", "enum", "union", "trait", "impl", "for", "let", "dyn", "mod"];
            !other.iter().any(|word| before == word)
        }
        // The type that a function returns, and what follows it is its body.
        Some(TokenTree::Punct(sign)) if sign.as_char() == '>' => {
            let arrow = before.len().checked_sub(2).and_then(|index| before.get(index));
            !is_sign(arrow, '-')
        }
        // `path::Name` goes on like a name, but `Enum::Name` is a variant.
        Some(TokenTree::Punct(sign)) if sign.as_char() == ':' => {
            let owner = before.len().checked_sub(3).and_then(|index| before.get(index));
            !matches!(owner, Some(TokenTree::Ident(owner)) if owner.to_string().starts_with(char::is_uppercase))
        }
        _ => true,
    }
}

/// `..` among the tokens: the rest comes from elsewhere, or it is a pattern.
fn has_rest(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    // Where a field would start.
    let starts = |index: usize| index == 0 || is_sign(tokens.get(index - 1), ',');
    (0..tokens.len())
        .any(|index| starts(index) && is_sign(tokens.get(index), '.') && is_sign(tokens.get(index + 1), '.'))
}

fn up_to_comma(tokens: &TokenStream) -> TokenStream {
    tokens.clone().into_iter().take_while(|token| !is_sign(Some(token), ',')).collect()
}

pub(crate) fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == sign)
}

/// The tokens as people write them in a macro's entry: `global("name")`.
fn compact(tokens: TokenStream) -> String {
    tokens.to_string().replace(" (", "(").replace("( ", "(").replace(" )", ")").replace(" ,", ",")
}

/// Whether a pattern, or one of the patterns in it, is the one that is named.
pub(crate) fn names(pattern: &syn::Pat, name: &PatternName) -> bool {
    let ends = |path: &syn::Path| {
        path.segments.len() >= name.path.len()
            && path.segments.iter().rev().zip(name.path.iter().rev()).all(|(found, name)| found.ident == name)
    };
    let (path, inner) = parts(pattern);
    let is_it = path.is_some_and(|path| ends(&path))
        && name.inside.as_ref().is_none_or(|inside| inner.iter().any(|inner| names(inner, inside)));
    is_it || inner.iter().any(|inner| names(inner, name))
}

/// The path of a pattern and the patterns in it.
pub(crate) fn parts(pattern: &syn::Pat) -> (Option<syn::Path>, Vec<&syn::Pat>) {
    match pattern {
        syn::Pat::Path(found) => (Some(found.path.clone()), Vec::new()),
        syn::Pat::Struct(found) => {
            (Some(found.path.clone()), found.fields.iter().map(|field| &*field.pat).collect())
        }
        syn::Pat::TupleStruct(found) => (Some(found.path.clone()), found.elems.iter().collect()),
        syn::Pat::Ident(found) => {
            let inner = found.subpat.iter().map(|(_, inner)| &**inner).collect();
            (Some(found.ident.clone().into()), inner)
        }
        syn::Pat::Or(found) => (None, found.cases.iter().collect()),
        syn::Pat::Tuple(found) => (None, found.elems.iter().collect()),
        syn::Pat::Slice(found) => (None, found.elems.iter().collect()),
        syn::Pat::Paren(found) => (None, vec![&*found.pat]),
        syn::Pat::Reference(found) => (None, vec![&*found.pat]),
        syn::Pat::Type(found) => (None, vec![&*found.pat]),
        _ => (None, Vec::new()),
    }
}
