//! Runs `cargo xtask tidy` on this workspace as part of the test suite.

use std::path::Path;

use codex_xtask::tidy::{Tree, check};

#[test]
fn this_workspace_is_tidy() {
    let tree = Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
    assert!(tree.files.len() > 50, "only {} files were read", tree.files.len());
    let problems = check(&tree);
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
