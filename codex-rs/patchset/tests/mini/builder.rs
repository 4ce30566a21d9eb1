//! Builds the miniature workspace in one of its shapes, from the texts in `tree/`.
//!
//! A line of these may start with the sign of the shapes that have it: `%odd` or `%plain` (comments, attributes and
//! code in odd places), `%moved` or `%still` (items in other files, crates and types), `%async` or `%sync`; `%bom` puts
//! a byte order mark before the file in odd shapes. `{async}` and `{await}` are what they say, or nothing.

use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    Plain,
    Odd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    Still,
    Moved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calls {
    Sync,
    Async,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) looks: Looks,
    pub(crate) files: Files,
    pub(crate) calls: Calls,
    pub(crate) newline: &'static str,
}

/// A crate, the crates it needs, and its files: where they are here, and where there in both orders.
struct Crate {
    folder: &'static str,
    needs: &'static [&'static str],
    files: &'static [(&'static str, &'static str, &'static str)],
}

const CRATES: [Crate; 8] = [
    Crate {
        folder: "login",
        needs: &[],
        files: &[
            ("login/lib.rs", "src/lib.rs", "src/lib.rs"),
            ("login/auth/mod.rs", "src/auth/mod.rs", "src/auth.rs"),
            ("login/auth/storage.rs", "src/auth/storage.rs", "src/auth/storage.rs"),
            ("login/auth/manager.rs", "src/auth/manager.rs", "src/auth/manager.rs"),
            ("login/server.rs", "src/server.rs", "src/server/mod.rs"),
        ],
    },
    Crate {
        folder: "core",
        needs: &["login"],
        files: &[
            ("core/lib.rs", "src/lib.rs", "src/lib.rs"),
            ("core/client.rs", "src/client.rs", "src/client/mod.rs"),
            ("core/turn.rs", "src/session/turn.rs", "src/session/turn.rs"),
            ("core/message_history.rs", "src/message_history.rs", ""),
        ],
    },
    Crate { folder: "message-history", needs: &[], files: &[("core/message_history.rs", "", "src/lib.rs")] },
    Crate {
        folder: "tui",
        needs: &[],
        files: &[
            ("tui/lib.rs", "src/lib.rs", "src/lib.rs"),
            ("tui/app_event.rs", "src/app_event.rs", "src/app_event.rs"),
            ("tui/app.rs", "src/app.rs", "src/app/event_dispatch.rs"),
            ("tui/slash_command.rs", "src/slash_command.rs", "src/slash_command.rs"),
            ("tui/chatwidget.rs", "src/chatwidget.rs", "src/chatwidget/mod.rs"),
        ],
    },
    Crate { folder: "cloud-tasks", needs: &[], files: &[("cloud-tasks/lib.rs", "src/lib.rs", "src/lib.rs")] },
    Crate {
        folder: "app-server-protocol",
        needs: &[],
        files: &[("app-server-protocol/lib.rs", "src/lib.rs", "src/lib.rs")],
    },
    Crate {
        folder: "app-server",
        needs: &["app-server-protocol"],
        files: &[("app-server/lib.rs", "src/lib.rs", "src/lib.rs")],
    },
    Crate {
        folder: "checks",
        needs: &["login", "core", "tui", "app-server", "app-server-protocol", "message-history"],
        files: &[
            ("checks/lib.rs", "src/lib.rs", "src/lib.rs"),
            ("checks/own.rs", "tests/own.rs", "tests/own.rs"),
        ],
    },
];

impl Shape {
    /// Writes the workspace below `folder`, and gives its root.
    pub(crate) fn build(self, folder: &Path) -> PathBuf {
        let root = folder.join("codex-rs");
        let crates = CRATES.iter().filter(|one| one.files.iter().any(|file| !self.path(file).is_empty()));
        let folders: Vec<&str> = crates.clone().map(|one| one.folder).collect();
        self.write(&root.join("Cargo.toml"), &self.workspace(&folders));
        for one in crates {
            let needs = one.needs.iter().filter(|need| folders.contains(need));
            let needs: String = needs.map(|need| self.need(need)).collect();
            let package = format!("[package]\nname = \"{}\"\n", package(one.folder));
            let rest = "version.workspace = true\nedition = \"2024\"\n\n[dependencies]\n";
            self.write(&root.join(one.folder).join("Cargo.toml"), &format!("{package}{rest}{needs}"));
            for file in one.files.iter().filter(|file| !self.path(file).is_empty()) {
                let text = self.text(file.0);
                self.write(&root.join(one.folder).join(self.path(file)), &text);
            }
        }
        // Modules that only lead to a file.
        let session = match self.files {
            Files::Still => "core/src/session/mod.rs",
            Files::Moved => "core/src/session.rs",
        };
        self.write(&root.join(session), "//! Turns.\npub mod turn;\n");
        if self.files == Files::Moved {
            let app = "//! Takes what happens.\nmod event_dispatch;\npub use event_dispatch::App;\n";
            self.write(&root.join("tui/src/app.rs"), app);
        }
        root
    }

    fn path(self, file: &(&'static str, &'static str, &'static str)) -> &'static str {
        match self.files {
            Files::Still => file.1,
            Files::Moved => file.2,
        }
    }

    fn workspace(self, folders: &[&str]) -> String {
        let members = match self.looks {
            Looks::Plain => {
                folders.iter().map(|folder| format!("\n    \"{folder}\",")).collect::<String>() + "\n"
            }
            Looks::Odd => folders.iter().map(|folder| format!("\"{folder}\", ")).collect(),
        };
        let shared =
            folders.iter().map(|folder| format!("{} = {{ path = \"{folder}\" }}\n", package(folder)));
        let shared: String = shared.collect();
        format!(
            "[workspace]\nresolver = \"3\" # ü\nmembers = [{members}]\n\n[workspace.package]\nversion = \"0.0.0\"\n\n\
            [workspace.dependencies]\n{shared}"
        )
    }

    fn need(self, folder: &str) -> String {
        let package = package(folder);
        match self.looks {
            Looks::Plain => format!("{package} = {{ workspace = true }}\n"),
            Looks::Odd => format!("{package}.workspace = true # [needed]\n"),
        }
    }

    fn text(self, name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mini/tree").join(format!("{name}.in"));
        let mut text = String::new();
        for line in fs::read_to_string(path).unwrap().lines() {
            let (sign, rest) = match line.strip_prefix('%') {
                Some(line) => line.split_once(' ').unwrap_or((line, "")),
                None => ("", line),
            };
            let is_here = match sign {
                "" => true,
                "bom" => {
                    text.push_str(if self.looks == Looks::Odd { "\u{feff}" } else { "" });
                    true
                }
                "odd" => self.looks == Looks::Odd,
                "plain" => self.looks == Looks::Plain,
                "moved" => self.files == Files::Moved,
                "still" => self.files == Files::Still,
                "async" => self.calls == Calls::Async,
                "sync" => self.calls == Calls::Sync,
                other => panic!("{name} has the sign {other}"),
            };
            if is_here {
                text.push_str(rest);
                text.push('\n');
            }
        }
        let (function, call) = match self.calls {
            Calls::Sync => ("", ""),
            Calls::Async => ("async ", ".await"),
        };
        text.replace("{async}", function).replace("{await}", call)
    }

    fn write(self, path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace('\n', self.newline)).unwrap();
    }
}

fn package(folder: &str) -> String {
    match folder {
        "checks" => folder.to_owned(),
        _ => format!("codex-{folder}"),
    }
}
