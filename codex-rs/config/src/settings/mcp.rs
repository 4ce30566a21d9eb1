//! The settings table: MCP servers.

use super::{Kind, Scope, Setting, setting};

pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "mcp_servers.*.command",
        Kind::Text,
        "",
        "Program of an MCP server, which speaks over its standard input and output. It runs with your rights, outside the sandbox.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().command = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.args",
        Kind::Texts,
        "",
        "Its arguments.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().args = field.texts()?;
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.env.*",
        Kind::Hidden,
        "",
        "Value of a variable that the program gets. It is never shown.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().env.insert(names.second(), field.secret()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.env_vars",
        Kind::Names,
        "",
        "Variables that the program inherits beside the core ones.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().env_vars = field.names()?;
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.cwd",
        Kind::Path,
        "",
        "Folder the program runs in; a relative one counts from the file it stands in.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().cwd = Some(field.path()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.url",
        Kind::ServerAddress,
        "",
        "Address of an MCP server over streamable HTTP, in place of a program.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().url = Some(field.server_url()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.bearer_token_env_var",
        Kind::Text,
        "",
        "Variable that holds the token for the server.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().bearer_token_env_var = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.http_headers.*",
        Kind::Hidden,
        "",
        "Value of a header of every request. It is never shown.",
        Scope::Anyone,
        |config, names, field| {
            config
                .mcp_servers
                .entry(names.first())
                .or_default()
                .http_headers
                .insert(names.second(), field.secret()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.env_http_headers.*",
        Kind::Text,
        "",
        "Variable that holds the value of a header of every request.",
        Scope::Anyone,
        |config, names, field| {
            config
                .mcp_servers
                .entry(names.first())
                .or_default()
                .env_http_headers
                .insert(names.second(), field.text()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.enabled",
        Kind::Truth,
        "",
        "Whether the server is used; it is where nothing is said.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().enabled = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.required",
        Kind::Truth,
        "",
        "Whether no conversation starts without the server; one does where nothing is said.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().required = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.startup_timeout_sec",
        Kind::Seconds,
        "",
        "How long the server may take to be ready; 10 where nothing is said.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().startup_timeout = field.seconds()?;
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.startup_timeout_ms",
        Kind::WholeNumber,
        "",
        "The same in milliseconds.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().startup_timeout = field.milliseconds()?;
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.tool_timeout_sec",
        Kind::Seconds,
        "",
        "How long one call of a tool may take; 60 where nothing is said.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().tool_timeout = field.seconds()?;
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.enabled_tools",
        Kind::Texts,
        "",
        "The only tools of the server to offer to the model.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().enabled_tools = Some(field.texts()?);
            Ok(())
        },
    ),
    setting(
        "mcp_servers.*.disabled_tools",
        Kind::Texts,
        "",
        "Tools of the server not to offer to the model.",
        Scope::Anyone,
        |config, names, field| {
            config.mcp_servers.entry(names.first()).or_default().disabled_tools = field.texts()?;
            Ok(())
        },
    ),
];
