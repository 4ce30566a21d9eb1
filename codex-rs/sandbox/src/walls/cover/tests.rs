//! Which paths a policy covers, with everything that a repository can put in their way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]

use std::os::unix::fs::symlink;

use super::*;
use crate::{Network, Workspace};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn folder(&self, name: &str) -> &Self {
        fs::create_dir_all(self.path(name)).unwrap();
        self
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    fn link(&self, name: &str, target: &str) -> &Self {
        symlink(target, self.path(name)).unwrap();
        self
    }

    fn cover(&self, hidden: &[&str]) -> Cover {
        let hidden: Vec<PathBuf> = hidden.iter().map(|name| self.path(name)).collect();
        let policy =
            Policy::workspace_write(&self.path("w"), &Workspace::default(), Network::Closed, &hidden);
        Cover::of(&policy).unwrap()
    }

    /// What is protected, as `path` or `path (missing)`, and the frozen roots.
    fn told(&self, cover: &Cover) -> (Vec<String>, usize) {
        let base = self.path("");
        let tell = |protected: &Protected| {
            let path = protected.path.strip_prefix(&base).unwrap().display();
            if protected.exists { path.to_string() } else { format!("{path} (missing)") }
        };
        (cover.protected.iter().map(tell).collect(), cover.frozen.len())
    }
}

#[test]
fn protected_names_in_every_form() {
    type Case = (&'static str, fn(&Place), &'static [&'static str], usize);
    let cases: [Case; 8] = [
        ("nothing there", |_| {}, &["w/.git (missing)", "w/.codex (missing)", "w/.agents (missing)"], 0),
        (
            "a repository",
            |place| {
                place.folder("w/.git");
            },
            &["w/.git", "w/.codex (missing)", "w/.agents (missing)"],
            0,
        ),
        (
            "a worktree of a repository outside",
            |place| {
                place.folder("main/.git/worktrees/w").file("w/.git", "gitdir: ../main/.git/worktrees/w\n");
            },
            &["w/.git", "w/.codex (missing)", "w/.agents (missing)"],
            0,
        ),
        (
            "a worktree of a repository inside, with what they share",
            |place| {
                place
                    .folder("w/main/.git/worktrees/w")
                    .file("w/main/.git/worktrees/w/commondir", "../..\n")
                    .file("w/.git", "gitdir: main/.git/worktrees/w");
            },
            &[
                "w/main/.git",
                "w/main/.git/worktrees/w",
                "w/.git",
                "w/.codex (missing)",
                "w/.agents (missing)",
            ],
            0,
        ),
        (
            "a link inside",
            |place| {
                place.folder("w/elsewhere").link("w/.codex", "elsewhere");
            },
            &["w/.git (missing)", "w/elsewhere", "w/.agents (missing)"],
            1,
        ),
        (
            "a link to nothing",
            |place| {
                place.link("w/.codex", "not/there");
            },
            &["w/.git (missing)", "w/not/there (missing)", "w/.agents (missing)"],
            1,
        ),
        (
            "links outside",
            |place| {
                place.folder("o").link("w/.codex", "../o").link("w/.git", "../o").link("w/.agents", "../o");
            },
            &[],
            1,
        ),
        (
            "a `.git` without sense",
            |place| {
                place.file("w/.git", "gitdir:");
            },
            &["w/.git", "w/.codex (missing)", "w/.agents (missing)"],
            0,
        ),
    ];
    for (name, make, protected, frozen) in cases {
        let place = Place::new();
        make(place.folder("w"));
        let (found, count) = place.told(&place.cover(&[]));
        assert_eq!(
            (found.iter().map(String::as_str).collect::<Vec<_>>(), count),
            (protected.to_vec(), frozen),
            "{name}"
        );
    }
}

#[test]
fn a_root_that_became_a_link_is_refused() {
    let place = Place::new();
    place.folder("w").folder("elsewhere");
    let policy = Policy::workspace_write(&place.path("w"), &Workspace::default(), Network::Closed, &[]);
    fs::remove_dir(place.path("w")).unwrap();
    place.link("w", "elsewhere");
    let error = Cover::of(&policy).unwrap_err().to_string();
    assert!(error.ends_with("/w is no longer where it was"), "{error}");
}

#[test]
fn hidden_folders_are_resolved_and_win() {
    let place = Place::new();
    place.folder("w").folder("real/home/tree").link("home", "real/home");
    let cover = place.cover(&["home", "w", "not/there/yet"]);
    assert_eq!(cover.hidden, [place.path("real/home"), place.path("w"), place.path("not")]);
    assert!(cover.roots.is_empty());
    for (path, shown) in [("real", true), ("real/home", false), ("real/home/tree", false), ("w/deep", false)]
    {
        assert_eq!(cover.shows(&place.path(path)), shown, "{path}");
    }
}

#[test]
fn what_is_not_there_yet_is_covered_where_it_begins_to_be_missing() {
    let place = Place::new();
    place.folder("w").folder("there").link("link", "there/first").link("there/first", "../second/deep");
    place.link("round", "round");
    let cases = [
        ("there/new", "there/new"),
        ("there/new/deep", "there/new"),
        ("link", "second"),
        ("link/deeper", "second"),
        ("round", "round"),
    ];
    for (hidden, covered) in cases {
        assert_eq!(place.cover(&[hidden]).hidden, [place.path(covered)], "{hidden}");
    }
}

#[test]
fn links_on_the_way_to_what_is_hidden_stay_where_they_are() {
    type Case = (&'static str, fn(&Place), &'static [&'static str], &'static [&'static str]);
    let cases: [Case; 7] = [
        ("no link", |_| {}, &["o/real", "w/in"], &[]),
        (
            "a link outside",
            |place| {
                place.link("o/codex", "real");
            },
            &["o/codex"],
            &[],
        ),
        (
            "a link in a root",
            |place| {
                place.folder("w/lk").link("w/lk/codex", "../../o/real");
            },
            &["w/lk/codex"],
            &["w/lk"],
        ),
        (
            "a link to a link, and a folder behind it",
            |place| {
                place.folder("w/a").folder("w/b").link("w/a/one", "../b/two").link("w/b/two", "../../o");
            },
            &["w/a/one/real"],
            &["w/a", "w/b"],
        ),
        (
            "a link to nothing",
            |place| {
                place.folder("w/lk").link("w/lk/codex", "../../none");
            },
            &["w/lk/codex"],
            &["w/lk"],
        ),
        (
            "a link in what is hidden itself",
            |place| {
                place.folder("w/in").link("w/in/codex", "../../o/real");
            },
            &["w/in", "w/in/codex"],
            &[],
        ),
        (
            "a link in what is protected",
            |place| {
                place.folder("w/.codex").link("w/.codex/home", "../../o/real");
            },
            &["w/.codex/home"],
            &[],
        ),
    ];
    for (name, make, hidden, frozen) in cases {
        let place = Place::new();
        make(place.folder("w").folder("o/real"));
        let cover = place.cover(hidden);
        let expected: Vec<PathBuf> = frozen.iter().map(|folder| place.path(folder)).collect();
        assert_eq!(cover.frozen, expected, "{name}");
        assert_eq!(cover.links.len(), frozen.len(), "{name}");
    }
}

#[test]
fn the_folder_of_a_linked_credential_file_is_hidden_as_soon_as_there_is_a_link() {
    let place = Place::new();
    place.folder("w").folder("home").folder("dot/keys").file("home/auth.json", "{}");
    let policy = Policy::workspace_write(
        &place.path("w"),
        &Workspace::default(),
        Network::Closed,
        &[place.path("home")],
    );
    let hidden = || Cover::of(&policy).unwrap().hidden;
    assert_eq!(hidden(), [place.path("home")]);
    fs::remove_file(place.path("home/auth.json")).unwrap();
    place.file("dot/keys/auth.json", "{}").link("home/auth.json", "../dot/keys/auth.json");
    assert_eq!(hidden(), [place.path("home"), place.path("dot/keys")]);
    place.link("home/fallback-keys.json", "../none/keys.json");
    assert_eq!(hidden(), [place.path("home"), place.path("dot/keys"), place.path("none")]);
    place.link("home/config.toml", "../dot/config.toml");
    assert_eq!(hidden().len(), 3);
}

#[test]
fn a_root_in_a_hidden_folder_is_shown() {
    let place = Place::new();
    place.folder("home/tree/w");
    let roots = [place.path("home/tree/w")];
    let workspace = Workspace { writable_roots: roots.to_vec(), scratch: Vec::new() };
    let policy =
        Policy::workspace_write(&place.path("missing"), &workspace, Network::Closed, &[place.path("home")]);
    let cover = Cover::of(&policy).unwrap();
    for (path, shown) in
        [("home", false), ("home/tree", false), ("home/tree/w", true), ("home/tree/w/a", true)]
    {
        assert_eq!(cover.shows(&place.path(path)), shown, "{path}");
    }
}
