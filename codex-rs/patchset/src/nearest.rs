//! For a place that is missing: which name of it the tree does not have, and what comes nearest to that name.

use proc_macro2::TokenTree;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::anchor::{Anchor, FunctionName, Member, PatternName, Place, Scope};
use crate::error::Error;
use crate::find::{self, Around, Node};
use crate::source;
use crate::tree::{self, Tree};
use crate::walk::{self, Walker};

/// For each anchor, a sentence about what the tree does not have of it.
pub(crate) fn explain(tree: &Tree, files: &[String], anchors: &[&Anchor]) -> Result<Vec<String>, Error> {
    let mut inventory = Inventory::default();
    let is_wanted = |path: &str| {
        let named = |anchor: &&Anchor| !anchor.scope.folders().is_empty() && anchor.scope.holds(path);
        !tree::is_test_file(path) && anchors.iter().any(named)
    };
    for path in files.iter().filter(|path| is_wanted(path)) {
        if let Some(text) = tree.text(path)? {
            inventory.read(path, &text);
        }
    }
    anchors
        .iter()
        .map(|anchor| Explanation { tree, files, inventory: &inventory, anchor }.sentence())
        .collect()
}

/// A sentence about a folder that the tree does not have.
pub(crate) fn folder(tree: &Tree, folder: &str) -> String {
    let folders = tree.folders();
    format!("looked for the crate {folder}{}", told(nearest(folder, folders.iter().map(String::as_str))))
}

/// An item of the tree, with the names in it.
#[derive(Debug)]
struct Known {
    kind: &'static str,
    name: String,
    file: String,
    line: usize,
    /// Fields, variants, arms' patterns, entries, structs with a literal.
    parts: Vec<String>,
}

impl Known {
    /// The part with the nearest name; the first few where none is near.
    fn nearest_part(&self, name: &str) -> String {
        const SHOWN: usize = 8;
        if let Some(nearest) = nearest(name, self.parts.iter().map(String::as_str)) {
            return told(Some(nearest));
        }
        match self.parts.len() {
            0 => "; it has none".to_owned(),
            1..=SHOWN => format!("; nothing is like it; it has {}", self.parts.join(", ")),
            _ => format!("; nothing is like it; it has {}, …", self.parts[..SHOWN].join(", ")),
        }
    }
}

#[derive(Debug, Default)]
struct Inventory {
    items: Vec<Known>,
}

impl Inventory {
    fn read(&mut self, path: &str, text: &str) {
        let items = &mut self.items;
        let mut offer = |node: Node<'_>, around: &Around| {
            if around.tests {
                return;
            }
            let line = |span: proc_macro2::Span| span.start().line;
            let mut add = |kind, name: String, line, parts| {
                items.push(Known { kind, name, file: path.to_owned(), line, parts });
            };
            match &node {
                Node::Struct(found) => {
                    let fields = found.fields.iter().filter_map(|field| field.ident.as_ref());
                    let fields = fields.map(ToString::to_string).collect();
                    add("struct", found.ident.to_string(), line(found.ident.span()), fields);
                }
                Node::Enum(found) => {
                    let variants = found.variants.iter().map(|variant| variant.ident.to_string()).collect();
                    add("enum", found.ident.to_string(), line(found.ident.span()), variants);
                }
                Node::Module(found) => {
                    add("mod", found.ident.to_string(), line(found.ident.span()), Vec::new())
                }
                Node::Function(found) => {
                    let line = found.block.map_or(1, |block| line(block.span()));
                    add("fn", full_name(around.owner.as_deref(), &found.name), line, Vec::new());
                }
                Node::Macro(found) => {
                    let name = found.path.segments.last().map(|last| last.ident.to_string());
                    add("macro", name.unwrap_or_default(), line(found.path.span()), entries(found));
                }
                Node::Literal(_) | Node::Arm(_) => {}
            }
            // What is in a function comes after it.
            if let (Some(function), Node::Arm(arm)) = (&around.function, &node) {
                let name = full_name(around.owner.as_deref(), function);
                let of = items.iter_mut().rev().find(|item| item.kind == "fn" && item.name == name);
                of.into_iter().for_each(|item| patterns(&arm.pat, &mut item.parts));
            }
        };
        // A file that is no Rust has a row of its own.
        let _ = walk::with_file(text, |file, _, starts_at| {
            let around = Around::default();
            Walker { around, starts_at, offer: &mut offer }.visit_file(file);
        });
    }
}

fn full_name(owner: Option<&str>, name: &str) -> String {
    owner.map_or_else(|| name.to_owned(), |owner| format!("{owner}::{name}"))
}

/// The paths in a pattern, as an anchor would name them.
fn patterns(pattern: &syn::Pat, into: &mut Vec<String>) {
    let (path, inner) = find::parts(pattern);
    if let Some(path) = path {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        into.push(names.join("::"));
    }
    inner.into_iter().for_each(|inner| patterns(inner, into));
}

/// Names with `=>` behind them.
fn entries(found: &syn::Macro) -> Vec<String> {
    let tokens: Vec<TokenTree> = found.tokens.clone().into_iter().collect();
    let is_arrow =
        |window: &[TokenTree]| find::is_sign(window.get(1), '=') && find::is_sign(window.get(2), '>');
    let names = tokens.windows(3).filter(|window| is_arrow(window)).map(|window| &window[0]);
    names.filter(|token| matches!(token, TokenTree::Ident(_))).map(ToString::to_string).collect()
}

struct Explanation<'a> {
    tree: &'a Tree,
    files: &'a [String],
    inventory: &'a Inventory,
    anchor: &'a Anchor,
}

impl Explanation<'_> {
    fn sentence(&self) -> Result<String, Error> {
        let folders = self.anchor.scope.folders();
        if let Some(first) = folders.first()
            && folders.iter().all(|folder| !self.tree.path(folder).is_dir())
        {
            return Ok(folder(self.tree, first));
        }
        match &self.anchor.place {
            Place::AfterField(member) => self.member("struct", "field", member),
            Place::AfterVariant(member) => self.member("enum", "variant", member),
            Place::EveryLiteral(name) => match self.named("struct", name) {
                Some(known) => Ok(format!("{} has no literal here", at(known))),
                None => self.item("struct", name),
            },
            Place::AfterStruct(name) => self.item("struct", name),
            Place::AfterModule(name) => self.item("mod", name),
            Place::LiteralIn(of, function) => {
                self.in_function(function, |known| format!("{} has no literal of {of}", at(known)))
            }
            Place::BeforeArm(arm, function) => self.in_function(function, |known| no_arm(known, arm)),
            Place::BeforeLastOfArm(arm, function) | Place::StartOfArm(arm, function) => {
                self.in_function(function, |known| match has_arm(known, arm) {
                    true => format!("the arm {arm} in {} is no block, or an empty one", at(known)),
                    false => no_arm(known, arm),
                })
            }
            Place::BeforeTail(function) => {
                self.in_function(function, |known| format!("{} has no expression at its end", at(known)))
            }
            Place::StartOfFunction(function) | Place::BeforeFunction(function) => {
                self.in_function(function, |known| format!("{} has no body", at(known)))
            }
            Place::BesideEntry(entry, name) => {
                let uses = self.inventory.items.iter().filter(|item| self.is_here(item, "macro", name));
                let fullest = uses.max_by_key(|item| item.parts.len());
                match fullest {
                    Some(known) => Ok(format!(
                        "looked for the entry {entry} of {}{}",
                        at(known),
                        known.nearest_part(entry)
                    )),
                    None => self.item("macro", name),
                }
            }
            Place::InMatches(function, pattern) => self.in_function(function, |known| {
                format!("{} has no matches! with the alternative {pattern}", at(known))
            }),
        }
    }

    fn is_here(&self, item: &Known, kind: &str, name: &str) -> bool {
        item.kind == kind && item.name == name && self.anchor.scope.holds(&item.file)
    }

    fn named(&self, kind: &str, name: &str) -> Option<&Known> {
        self.inventory.items.iter().find(|item| self.is_here(item, kind, name))
    }

    fn member(&self, kind: &'static str, part: &str, member: &Member) -> Result<String, Error> {
        match self.named(kind, &member.owner) {
            Some(known) => Ok(format!(
                "looked for the {part} {} of {}{}",
                member.name,
                at(known),
                known.nearest_part(&member.name)
            )),
            None => self.item(kind, &member.owner),
        }
    }

    fn in_function(
        &self,
        function: &FunctionName,
        problem: impl FnOnce(&Known) -> String,
    ) -> Result<String, Error> {
        let is_it = |item: &&Known| {
            let name = item.name.rsplit("::").next().unwrap_or_default();
            let is_named = match function.owner {
                Some(_) => item.name == function.to_string(),
                None => name == function.name,
            };
            item.kind == "fn" && is_named && self.anchor.scope.holds(&item.file)
        };
        match self.inventory.items.iter().find(is_it) {
            Some(known) => Ok(problem(known)),
            None => self.item("fn", &function.to_string()),
        }
    }

    /// An item that none of the crates has.
    fn item(&self, kind: &'static str, name: &str) -> Result<String, Error> {
        let scope = &self.anchor.scope;
        let looked = format!("looked for {kind} {name} in {}", crates(scope));
        if let Some((file, line)) = self.elsewhere(kind, name)? {
            return Ok(format!("{looked}; nearest: {file}:{line} has one of that name"));
        }
        let mut same: Vec<&Known> =
            self.inventory.items.iter().filter(|item| item.kind == kind && scope.holds(&item.file)).collect();
        same.sort_by(|one, other| closeness(name, &other.name).total_cmp(&closeness(name, &one.name)));
        let best = same.first().filter(|item| closeness(name, &item.name) >= CLOSE);
        Ok(format!("{looked}{}", told(best.map(|item| at(item)))))
    }

    /// The same item in another crate. By text alone: this is a hint, and parsing the whole tree takes seconds.
    fn elsewhere(&self, kind: &str, name: &str) -> Result<Option<(String, usize)>, Error> {
        let declaration = format!("{kind} {}", name.rsplit("::").next().unwrap_or_default());
        if kind == "macro" || kind == "mod" || self.anchor.scope.folders().is_empty() {
            return Ok(None);
        }
        let others =
            self.files.iter().filter(|path| !self.anchor.scope.holds(path) && !tree::is_test_file(path));
        for path in others {
            let Some(text) = self.tree.text(path)? else { continue };
            let whole = text.match_indices(&declaration).find(|(at, found)| {
                let behind = text[at + found.len()..].chars().next();
                !behind.is_some_and(|sign| sign.is_alphanumeric() || sign == '_')
            });
            if let Some((at, _)) = whole {
                return Ok(Some((path.clone(), source::line_number(&text, at))));
            }
        }
        Ok(None)
    }
}

fn crates(scope: &Scope) -> String {
    match scope.folders() {
        [] => "all crates".to_owned(),
        [one] => format!("the crate {one}"),
        many => format!("the crates {}", many.join(", ")),
    }
}

fn at(known: &Known) -> String {
    format!("{} {} ({}:{})", known.kind, known.name, known.file, known.line)
}

fn has_arm(known: &Known, arm: &PatternName) -> bool {
    known.parts.iter().any(|part| part.ends_with(&arm.path.join("::")))
}

fn no_arm(known: &Known, arm: &PatternName) -> String {
    let innermost = |arm: &PatternName| -> String {
        let mut arm = arm;
        while let Some(inside) = &arm.inside {
            arm = inside;
        }
        arm.path.join("::")
    };
    format!("looked for the arm {arm} in {}{}", at(known), known.nearest_part(&innermost(arm)))
}

/// Less is no likeness.
const CLOSE: f64 = 0.4;

fn closeness(one: &str, other: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(one, other)
}

fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let best = names.max_by(|one, other| closeness(name, one).total_cmp(&closeness(name, other)));
    best.filter(|best| closeness(name, best) >= CLOSE).map(str::to_owned)
}

fn told(nearest: Option<String>) -> String {
    nearest.map_or_else(|| "; nothing here is like it".to_owned(), |nearest| format!("; nearest: {nearest}"))
}
