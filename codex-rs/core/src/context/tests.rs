//! Instructions of person and project, as a table: what is found, what is cut, what is told.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// Makes a home and a project `p` with a root marker and the folder `p/in/ner`, fills it, and looks from `p/in/ner`.
fn check(
    fill: impl Fn(&Path),
    change: impl Fn(&mut DocSettings),
    text: &str,
    sources: &[&str],
    warnings: &[&str],
) {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path();
    fs::create_dir_all(base.join("home")).unwrap();
    fs::create_dir_all(base.join("p/.git")).unwrap();
    let cwd = base.join("p/in/ner");
    fs::create_dir_all(&cwd).unwrap();
    fill(base);
    let mut settings = DocSettings {
        codex_home: base.join("home"),
        fallback_names: Vec::new(),
        root_markers: vec![".git".to_owned()],
        max_bytes: 32_768,
    };
    change(&mut settings);
    let docs = Docs::find(&cwd, &settings);
    let prefix = format!("{}/", base.display());
    let found: Vec<String> =
        docs.sources.iter().map(|path| path.strip_prefix(base).unwrap().display().to_string()).collect();
    let told: Vec<String> = docs.warnings.iter().map(|warning| warning.replace(&prefix, "")).collect();
    assert_eq!((docs.text.as_str(), found, told), (text, owned(sources), owned(warnings)));
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn write(path: &'static str, bytes: impl AsRef<[u8]>) -> impl Fn(&Path) {
    move |base| fs::write(base.join(path), bytes.as_ref()).unwrap()
}

const UNCHANGED: fn(&mut DocSettings) = |_| {};

#[test]
fn what_is_found() {
    check(|_| {}, UNCHANGED, "", &[], &[]);
    check(write("home/AGENTS.md", "mine"), UNCHANGED, "mine", &["home/AGENTS.md"], &[]);
    check(write("p/AGENTS.md", "\u{feff}root\n"), UNCHANGED, "root\n", &["p/AGENTS.md"], &[]);
    check(write("AGENTS.md", "above the root"), UNCHANGED, "", &[], &[]);
    check(write("p/AGENTS.md", "  \n "), UNCHANGED, "", &[], &[]);
    let all = |base: &Path| {
        write("home/AGENTS.md", "mine")(base);
        write("p/AGENTS.md", "root")(base);
        write("p/in/ner/AGENTS.md", "inner")(base);
    };
    let sources = ["home/AGENTS.md", "p/AGENTS.md", "p/in/ner/AGENTS.md"];
    check(all, UNCHANGED, "mine\n\n--- project-doc ---\n\nroot\n\ninner", &sources, &[]);
    let no_root = |settings: &mut DocSettings| settings.root_markers = vec![".nothing-has-this".to_owned()];
    let sources = ["home/AGENTS.md", "p/in/ner/AGENTS.md"];
    check(all, no_root, "mine\n\n--- project-doc ---\n\ninner", &sources, &[]);
    check(all, |settings| settings.max_bytes = 0, "", &[], &[]);
}

#[test]
fn other_names_are_tried_in_order() {
    let names = |settings: &mut DocSettings| settings.fallback_names = owned(&["CLAUDE.md", "README.md"]);
    check(write("p/README.md", "read me"), names, "read me", &["p/README.md"], &[]);
    let both = |base: &Path| {
        write("p/README.md", "read me")(base);
        write("p/CLAUDE.md", "other")(base);
        write("p/in/README.md", "not this")(base);
        write("p/in/AGENTS.md", "this")(base);
    };
    check(both, names, "other\n\nthis", &["p/CLAUDE.md", "p/in/AGENTS.md"], &[]);
    check(write("home/README.md", "not in the home"), names, "", &[], &[]);
}

#[test]
fn what_is_too_large_is_cut_and_told() {
    let cut = "The instructions in p/AGENTS.md were cut, because all such files together may have \
               `project_doc_max_bytes`; raise it in config.toml to use all of them.";
    let most = |bytes: u64| move |settings: &mut DocSettings| settings.max_bytes = bytes;
    check(write("p/AGENTS.md", "12345678"), most(8), "12345678", &["p/AGENTS.md"], &[]);
    check(write("p/AGENTS.md", "123456789"), most(8), "12345678", &["p/AGENTS.md"], &[cut]);
    check(write("p/AGENTS.md", "1234567é"), most(8), "1234567", &["p/AGENTS.md"], &[cut]);
    let two = |base: &Path| {
        write("home/AGENTS.md", "mine")(base);
        write("p/AGENTS.md", "12345678")(base);
        write("p/in/AGENTS.md", "none of it")(base);
    };
    let full = "The instructions in p/in/AGENTS.md are not used: `project_doc_max_bytes` is used up by the files \
                before it.";
    let text = "mine\n\n--- project-doc ---\n\n1234";
    check(two, most(8), text, &["home/AGENTS.md", "p/AGENTS.md"], &[cut, full]);
    let huge = |base: &Path| {
        fs::File::create(base.join("p/AGENTS.md")).unwrap().set_len(1 << 40).unwrap();
    };
    check(huge, most(4), "\0\0\0\0", &["p/AGENTS.md"], &[cut]);
}

#[test]
fn what_cannot_be_read_is_told_and_left_out() {
    let not = |path: &str, why: &str| format!("The instructions in {path} are not used: {why}.");
    let binary = not("p/AGENTS.md", "it is not UTF-8 text");
    check(write("p/AGENTS.md", b"\xff\xfe\x00"), UNCHANGED, "", &[], &[&binary]);
    check(write("p/AGENTS.md", b"torn \xc3"), UNCHANGED, "", &[], &[&binary]);
    let folder = not("p/AGENTS.md", "it is not a regular file");
    check(|base| fs::create_dir(base.join("p/AGENTS.md")).unwrap(), UNCHANGED, "", &[], &[&folder]);
    let dangling = not("p/AGENTS.md", "it cannot be read (No such file or directory (os error 2))");
    check(|base| symlink("nowhere", base.join("p/AGENTS.md")).unwrap(), UNCHANGED, "", &[], &[&dangling]);
    let device = |base: &Path| symlink("/dev/zero", base.join("p/in/AGENTS.md")).unwrap();
    let endless = not("p/in/AGENTS.md", "it is not a regular file");
    check(device, UNCHANGED, "", &[], &[&endless]);
    let linked = |base: &Path| {
        write("p/real.md", "by a link")(base);
        symlink("real.md", base.join("p/AGENTS.md")).unwrap();
    };
    check(linked, UNCHANGED, "by a link", &["p/AGENTS.md"], &[]);
}
