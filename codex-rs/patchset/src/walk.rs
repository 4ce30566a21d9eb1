//! Walks through one file and offers each item, arm, literal and macro to what is looked for.

use std::cell::OnceCell;

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::find::{Around, Function, Node, Positions, Sought};
use crate::layout::Spot;
use crate::source;

/// A spot in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Index of what was looked for.
    pub(crate) sought: usize,
    pub(crate) spot: Spot,
    /// In an `impl` of a trait, where an inherent function of the name goes first.
    pub(crate) of_trait: bool,
}

/// A file that is no Rust: what is wrong, and in which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoRust {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

/// Looks for all of `sought` (with their indices) in a file.
pub(crate) fn hits(text: &str, is_test: bool, sought: &[(usize, Sought<'_>)]) -> Result<Vec<Hit>, NoRust> {
    with_file(text, |file, tokens, starts_at| {
        let ends = OnceCell::new();
        let token_ends = |offset: usize| {
            let ends: &Vec<usize> = ends.get_or_init(|| source::token_ends(tokens.clone(), starts_at));
            let index = ends.partition_point(|end| *end <= offset);
            index.checked_sub(1).and_then(|index| ends.get(index)).copied().unwrap_or(starts_at)
        };
        let positions = Positions { starts_at, token_ends: &token_ends };
        let mut hits = Vec::new();
        let mut offer = |node: Node<'_>, around: &Around| {
            for (index, sought) in sought {
                if around.tests && !sought.in_tests() {
                    continue;
                }
                let spots = sought.spots(&node, around, &positions).into_iter();
                hits.extend(spots.map(|spot| Hit { sought: *index, spot, of_trait: around.of_trait }));
            }
        };
        let around = Around { tests: is_test, ..Around::default() };
        Walker { around, starts_at, offer: &mut offer }.visit_file(file);
        hits
    })
}

/// Parses a text and hands it out; spans are valid inside of `work` only.
pub(crate) fn with_file<T>(
    text: &str,
    work: impl FnOnce(&syn::File, &TokenStream, usize) -> T,
) -> Result<T, NoRust> {
    let starts_at = source::rust_starts_at(text);
    let first_line = source::line_number(text, starts_at);
    let no_rust = |line: usize, problem: String| NoRust { line: line + first_line - 1, problem };
    let outcome = match text[starts_at..].parse::<TokenStream>() {
        Err(error) => Err(no_rust(error.span().start().line, error.to_string())),
        Ok(tokens) => match syn::parse2::<syn::File>(tokens.clone()) {
            Err(error) => Err(no_rust(error.span().start().line, error.to_string())),
            Ok(file) => Ok(work(&file, &tokens, starts_at)),
        },
    };
    // The lexer keeps each text of this thread until it is told to forget them.
    proc_macro2::extra::invalidate_current_thread_spans();
    outcome
}

/// Offers the nodes of a file, each with what is around it.
pub(crate) struct Walker<'w> {
    pub(crate) around: Around,
    pub(crate) starts_at: usize,
    pub(crate) offer: &'w mut dyn FnMut(Node<'_>, &Around),
}

impl Walker<'_> {
    /// Does `work` with other surroundings, and comes back to the old ones.
    fn within(&mut self, change: impl FnOnce(&mut Around), work: impl FnOnce(&mut Self)) {
        let before = self.around.clone();
        change(&mut self.around);
        work(self);
        self.around = before;
    }

    fn function(
        &mut self,
        name: &syn::Ident,
        attributes: &[syn::Attribute],
        block: Option<&syn::Block>,
        span: proc_macro2::Span,
        work: impl FnOnce(&mut Self),
    ) {
        let start = span.byte_range().start + self.starts_at;
        let tests = is_test(attributes);
        let name = name.to_string();
        self.within(
            |around| around.tests |= tests,
            |walker| {
                let function = Function { name: name.clone(), attributes, block, start };
                (walker.offer)(Node::Function(function), &walker.around);
                walker.within(|around| around.function = Some(name), work);
            },
        );
    }
}

impl<'ast> Visit<'ast> for Walker<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        (self.offer)(Node::Module(item), &self.around);
        let tests = is_test(&item.attrs);
        self.within(
            |around| *around = Around { tests: around.tests || tests, ..Around::default() },
            |walker| visit::visit_item_mod(walker, item),
        );
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let tests = is_test(&item.attrs);
        self.within(
            |around| around.tests |= tests,
            |walker| {
                (walker.offer)(Node::Struct(item), &walker.around);
                visit::visit_item_struct(walker, item);
            },
        );
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let tests = is_test(&item.attrs);
        self.within(
            |around| around.tests |= tests,
            |walker| {
                (walker.offer)(Node::Enum(item), &walker.around);
                visit::visit_item_enum(walker, item);
            },
        );
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        let (of_trait, tests) = (item.trait_.is_some(), is_test(&item.attrs));
        self.within(
            |around| *around = Around { owner, of_trait, function: None, tests: around.tests || tests },
            |walker| visit::visit_item_impl(walker, item),
        );
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let owner = Some(item.ident.to_string());
        let tests = is_test(&item.attrs);
        self.within(
            |around| *around = Around { owner, of_trait: true, function: None, tests: around.tests || tests },
            |walker| visit::visit_item_trait(walker, item),
        );
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        // A function inside of a method is none of the type's.
        self.within(
            |around| (around.owner, around.of_trait) = (None, false),
            |walker| {
                walker.function(&item.sig.ident, &item.attrs, Some(&item.block), item.span(), |walker| {
                    visit::visit_item_fn(walker, item);
                });
            },
        );
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig.ident, &item.attrs, Some(&item.block), item.span(), |walker| {
            visit::visit_impl_item_fn(walker, item);
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig.ident, &item.attrs, item.default.as_ref(), item.span(), |walker| {
            visit::visit_trait_item_fn(walker, item);
        });
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        (self.offer)(Node::Literal(literal), &self.around);
        visit::visit_expr_struct(self, literal);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        (self.offer)(Node::Arm(arm), &self.around);
        visit::visit_arm(self, arm);
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        (self.offer)(Node::Macro(found), &self.around);
        visit::visit_macro(self, found);
    }
}

/// `#[test]` and its like, or something that is compiled for tests alone.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        if path.is_ident("cfg") {
            return match attribute.parse_args::<syn::Meta>() {
                Ok(syn::Meta::Path(path)) => path.is_ident("test"),
                Ok(syn::Meta::List(list)) if list.path.is_ident("all") => {
                    list.tokens.into_iter().any(|token| token.to_string() == "test")
                }
                _ => false,
            };
        }
        path.segments.last().is_some_and(|segment| segment.ident == "test")
    })
}
