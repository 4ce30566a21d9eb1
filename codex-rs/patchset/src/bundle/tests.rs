//! What is built in is what the folders hold.

use super::*;

fn folder(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn names(below: &str, prefix: &str) -> Vec<String> {
    let texts = read_below(&folder(below), prefix).unwrap();
    let strip = |path: &String| path.strip_prefix(&format!("{prefix}/")).unwrap_or(path).to_owned();
    texts.keys().map(strip).collect()
}

fn listed(texts: Texts) -> Vec<String> {
    let mut names: Vec<String> = texts.iter().map(|(path, _)| (*path).to_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_lists_are_complete() {
    let mut patches = Vec::new();
    for series in ["core", "full"] {
        let names = names("../../patches", series).into_iter().filter(|name| name.ends_with(".toml"));
        patches.extend(names.map(|name| format!("{series}/{name}")));
    }
    assert_eq!(listed(PATCHES), patches, "PATCHES in bundle.rs");
    assert_eq!(listed(FILES), names("../../patches", "files"), "FILES in bundle.rs");
    assert_eq!(listed(MANIFESTS), names("../../patches", "members"), "MANIFESTS in bundle.rs");
    for (texts, crate_folder) in [(FALLBACK, "../fallback"), (REDACT, "../redact")] {
        let sources: Vec<String> =
            names(crate_folder, "src").into_iter().map(|name| format!("src/{name}")).collect();
        assert_eq!(listed(texts), sources, "{crate_folder} in bundle.rs");
    }
}

#[test]
fn each_patch_can_be_read_and_has_its_files() {
    let bundle = Bundle::embedded().unwrap();
    for patch in bundle.patches(Series::Full) {
        for file in &patch.content.files {
            assert!(bundle.file(&file.from).is_some(), "{}: {}", patch.name, file.from);
        }
        for member in &patch.content.members {
            assert!(bundle.member(&member.name).is_some(), "{}: {}", patch.name, member.name);
        }
    }
}

#[test]
fn copied_crates_need_what_they_need_here() {
    let dependencies = |text: &str| -> Vec<String> {
        let manifest = text.parse::<toml_edit::DocumentMut>().unwrap();
        let table = manifest.get("dependencies").and_then(toml_edit::Item::as_table);
        table.into_iter().flat_map(|table| table.iter().map(|(name, _)| name.to_owned())).collect()
    };
    let bundle = Bundle::embedded().unwrap();
    for name in ["fallback", "redact"] {
        let here = fs::read_to_string(folder(&format!("../{name}/Cargo.toml"))).unwrap();
        let copied = &bundle.member(name).unwrap()["Cargo.toml"];
        assert_eq!(dependencies(copied), dependencies(&here), "{name}");
        assert!(!copied.contains(".workspace"), "{name} inherits nothing");
        assert!(!copied.contains("rust-version"), "{name} fits the oldest tree's compiler");
    }
}
