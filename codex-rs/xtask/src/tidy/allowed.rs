//! The exceptions: where each banned thing is at home, and the counted places where a secret leaves its type.

/// Something that may appear only in its home.
pub(super) struct Ban {
    /// Any of these, as whole words (a `::` inside is literal).
    pub(super) words: &'static [&'static str],
    /// Crates, or beginnings of paths below `codex-rs/`, where it may.
    pub(super) homes: &'static [&'static str],
    pub(super) reason: &'static str,
}

pub(super) const BANS: &[Ban] = &[
    Ban {
        words: &[
            "fs::write",
            "fs::copy",
            "fs::rename",
            "fs::create_dir",
            "fs::create_dir_all",
            "fs::remove_file",
            "fs::remove_dir",
            "fs::remove_dir_all",
            "fs::set_permissions",
            "fs::hard_link",
            "fs::symlink",
            "fs::DirBuilder",
            "DirBuilder::new",
            "File::create",
            "File::create_new",
            "File::options",
            "OpenOptions::new",
            "rustix::fs",
        ],
        homes: &["durable-fs/", "sandbox/", "xtask/"],
        reason: "files are written by durable-fs (the model's by sandbox)",
    },
    Ban {
        words: &[
            "env::var",
            "env::var_os",
            "env::vars",
            "env::vars_os",
            "env::current_dir",
            "env::current_exe",
            "env::home_dir",
            "env::temp_dir",
            "env::args",
            "env::args_os",
        ],
        homes: &["cli/", "xtask/"],
        reason: "cli reads the environment and hands it down",
    },
    Ban {
        words: &["SystemTime::now", "UNIX_EPOCH.elapsed", "Timestamp::now", "Zoned::now"],
        homes: &["cli/", "xtask/"],
        reason: "time comes from codex_protocol::Clock",
    },
    Ban {
        words: &["Command::new"],
        homes: &["patchset/src/main.rs", "sandbox/", "tui/src/terminal/editor.rs", "xtask/"],
        reason: "only sandbox starts processes, the terminal UI the person's editor, and codex-patch git",
    },
    Ban {
        words: &["println!", "eprintln!", "print!", "eprint!"],
        homes: &["cli/", "exec/src/output", "patchset/src/main.rs", "xtask/"],
        reason: "libraries do not print",
    },
    Ban {
        words: &["allow(unsafe_code", "expect(unsafe_code"],
        homes: &["durable-fs/", "sandbox/"],
        reason: "unsafe code belongs in durable-fs and sandbox",
    },
];

/// A file in which secrets are taken out of their type, and how often.
pub(super) struct Exposure {
    pub(super) path: &'static str,
    /// Uses of `expose`.
    pub(super) expose: usize,
    /// Uses of `stored::serialize` and `stored::serialize_option`.
    pub(super) stored: usize,
}

const fn exposed(path: &'static str, times: usize) -> Exposure {
    Exposure { path, expose: times, stored: 0 }
}

const fn stored(path: &'static str, times: usize) -> Exposure {
    Exposure { path, expose: 0, stored: times }
}

/// Every place where a secret leaves its type. A new one needs a line here that says what for.
pub(super) const EXPOSURES: &[Exposure] = &[
    // The type itself: the definition, and the two serializers.
    exposed("codex-rs/redact/src/secret.rs", 1),
    exposed("codex-rs/redact/src/stored.rs", 2),
    // The Authorization headers.
    exposed("codex-rs/model-client/src/request.rs", 1),
    // … of the check of a fallback key, and its shape.
    exposed("codex-rs/login/src/fallback_key.rs", 2),
    // The plan's refresh token, in the bodies of refresh and revocation.
    exposed("codex-rs/login/src/auth/refresh.rs", 2),
    // Shape of an API key to sign in with.
    exposed("codex-rs/login/src/auth/account.rs", 1),
    // Hashes that tell who minted what.
    exposed("codex-rs/login/src/auth/credential.rs", 2),
    // `login status` shows the ends of an API key, as the official program does.
    exposed("codex-rs/login/src/auth/status.rs", 1),
    // What the person gives an MCP server: variables of its program; its address and headers.
    exposed("codex-rs/mcp-client/src/environment.rs", 1),
    exposed("codex-rs/mcp-client/src/http.rs", 2),
    // The claims inside a token.
    exposed("codex-rs/login/src/jwt.rs", 1),
    // `auth.json` and the mirror.
    stored("codex-rs/login/src/auth/document.rs", 1),
    stored("codex-rs/login/src/auth/mirror.rs", 1),
];
