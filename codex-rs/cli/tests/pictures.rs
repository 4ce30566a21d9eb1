//! The pictures of `docs/img` are what the program says: they are taken again and compared.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::path::Path;

use codex_xtask::pictures;

#[test]
fn the_pictures_of_the_docs_are_those_of_this_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/img");
    let taken = pictures::take(Path::new(env!("CARGO_BIN_EXE_codex"))).unwrap();
    assert_eq!(taken.len(), 6);
    for picture in taken {
        let path = folder.join(picture.name);
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let name = picture.name;
        assert_eq!(
            kept, picture.svg,
            "docs/img/{name} is not what the program shows; run `cargo xtask pictures`"
        );
        assert!(picture.svg.len() <= 60_000, "{name} is large");
        assert!(!picture.svg.contains("sk-"), "{name} shows a key");
    }
}
