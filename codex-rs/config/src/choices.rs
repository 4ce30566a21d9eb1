//! The settings that take one of a few words.

use std::fmt;

/// Declares an enum together with its words in `config.toml`.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every word that `config.toml` accepts here, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word used in `config.toml`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            pub(crate) fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($name::$variant),)+
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

choice! {
    /// What commands may touch (`sandbox_mode`).
    SandboxMode {
        /// Read files, write none.
        ReadOnly = "read-only",
        /// Write in the working folder.
        WorkspaceWrite = "workspace-write",
        /// Everything.
        DangerFullAccess = "danger-full-access",
    }
}

choice! {
    /// How much of its reasoning the model sums up (`model_reasoning_summary`).
    ReasoningSummary {
        /// As the model thinks fit.
        Auto = "auto",
        /// Short.
        Concise = "concise",
        /// Long.
        Detailed = "detailed",
        /// Nothing.
        None = "none",
    }
}

choice! {
    /// How long the answers are (`model_verbosity`).
    Verbosity {
        /// Short.
        Low = "low",
        /// Middling.
        Medium = "medium",
        /// Long.
        High = "high",
    }
}

choice! {
    /// Where credentials are kept (`cli_auth_credentials_store`, wire-facts §1.4).
    CredentialsStore {
        /// `auth.json`.
        File = "file",
        /// The system's keyring.
        Keyring = "keyring",
        /// The keyring, and the file where there is none.
        Auto = "auto",
        /// Memory of this process only.
        Ephemeral = "ephemeral",
    }
}

choice! {
    /// The only way to sign in that an administrator allows (`forced_login_method`).
    LoginMethod {
        /// A ChatGPT account.
        ChatGpt = "chatgpt",
        /// An API key.
        Api = "api",
    }
}

choice! {
    /// Whether what the person types is kept (`history.persistence`).
    HistoryPersistence {
        /// All of it.
        SaveAll = "save-all",
        /// Nothing.
        None = "none",
    }
}

choice! {
    /// Whether the person trusts a project (`projects."<path>".trust_level`).
    TrustLevel {
        /// Its own settings are read.
        Trusted = "trusted",
        /// They are not.
        Untrusted = "untrusted",
    }
}

choice! {
    /// Which variables commands inherit (`shell_environment_policy.inherit`).
    Inherit {
        /// All of them.
        All = "all",
        /// Those that every program relies on, such as `PATH` and `HOME`.
        Core = "core",
        /// None.
        None = "none",
    }
}

choice! {
    /// Whether the model can search the web (`web_search`); from the tightest to the loosest.
    WebSearch {
        /// No.
        Disabled = "disabled",
        /// What the service has stored.
        Cached = "cached",
        /// What the service has in its index.
        Indexed = "indexed",
        /// The web itself.
        Live = "live",
    }
}

choice! {
    /// How the terminal calls a person (`tui.notification_method`).
    NotificationMethod {
        /// What suits the terminal.
        Auto = "auto",
        /// A notification of the desktop by OSC 9.
        Osc9 = "osc9",
        /// A notification of the desktop by OSC 777.
        Osc777 = "osc777",
        /// The bell.
        Bell = "bel",
    }
}

choice! {
    /// When the terminal calls a person (`tui.notification_condition`).
    NotificationCondition {
        /// While they are elsewhere.
        Unfocused = "unfocused",
        /// Always.
        Always = "always",
    }
}

choice! {
    /// What the terminal calls a person for (`tui.notifications`).
    NotificationKind {
        /// A turn has ended.
        TurnComplete = "agent-turn-complete",
        /// They are asked something.
        ApprovalRequested = "approval-requested",
    }
}
