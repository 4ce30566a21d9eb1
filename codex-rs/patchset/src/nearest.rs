//! For a place that is missing: what was looked for, and what of the tree comes nearest to it.

use crate::anchor::Anchor;
use crate::tree::Tree;

/// A sentence about the place that an anchor names and the tree does not have.
pub(crate) fn nearest(tree: &Tree, files: &[String], anchor: &Anchor) -> String {
    let _ = (tree, files);
    format!("there is no such place: {anchor}")
}

/// A sentence about a folder that the tree does not have.
pub(crate) fn folder(tree: &Tree, folder: &str) -> String {
    let _ = tree;
    format!("there is no folder {folder}")
}
