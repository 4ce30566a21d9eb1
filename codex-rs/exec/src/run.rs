//! One turn from handshake to last word: reads top to bottom as the app-server sees it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use codex_app_server_client::{Client, Incoming};
use codex_app_server_protocol::{
    Account, AccountReadParams, AccountReadResponse, ApprovalPolicy, Capabilities, ClientInfo,
    FallbackCapability, FallbackReadParams, InitializeParams, RpcError, SandboxPolicy, ServerNotification,
    Thread, ThreadItem, ThreadStartParams, ThreadStartResponse, Turn, TurnInterruptParams, TurnStartParams,
    TurnStatus,
};
use codex_render::words::printable;
use serde_json::Value;

use crate::ExecError;
use crate::human::{HumanPrinter, Introduction};
use crate::json::JsonPrinter;
use crate::style::Colour;

/// How long an interrupted turn may take to end before it is left alone.
const INTERRUPT_PATIENCE: Duration = Duration::from_secs(5);

/// What a front end without deltas does not want to be sent.
const UNWANTED: [&str; 6] = [
    "item/agentMessage/delta",
    "item/reasoning/summaryPartAdded",
    "item/reasoning/summaryTextDelta",
    "item/reasoning/textDelta",
    "item/commandExecution/outputDelta",
    "account/rateLimits/updated",
];

/// What to do, and how to tell it.
#[derive(Debug, Clone)]
pub struct ExecOptions {
    /// What the person says.
    pub prompt: String,
    /// For whom the output is.
    pub format: Format,
    /// Name by which the engine and the services know this front end.
    pub originator: String,
    /// This program's version.
    pub version: String,
    /// Working folder, absolute.
    pub folder: PathBuf,
    /// Model slug; absent takes the settings'.
    pub model: Option<String>,
    /// JSON Schema of the final answer.
    pub output_schema: Option<Value>,
    /// Where the final message goes besides standard output.
    pub last_message_file: Option<PathBuf>,
}

/// For whom the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// People: the final message on standard output, progress on standard error.
    Human {
        /// Who reads standard output.
        stdout: Reader,
        /// Standard error's.
        stderr: Colour,
    },
    /// Programs: events on standard output.
    Json,
}

/// Who reads an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A terminal, which is protected from what the model's words would do to it, coloured or not.
    Terminal,
    /// A file or pipe, which gets them as they are.
    Program,
}

/// The two outputs.
pub struct Streams<'a> {
    /// Standard output.
    pub stdout: &'a mut (dyn Write + Send),
    /// Standard error.
    pub stderr: &'a mut (dyn Write + Send),
}

/// How the turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// With the agent's last word.
    Completed,
    /// With an error, in words for people.
    Failed(String),
    /// Because the person interrupted it.
    Interrupted,
}

/// Runs one turn. Each time `interrupted` resolves the person wants to stop: the first time the turn is interrupted,
/// the second time it is left alone.
///
/// # Errors
/// When no turn could be run, or its outcome could not be written.
pub async fn run(
    options: ExecOptions,
    mut client: Client,
    streams: Streams<'_>,
    mut interrupted: impl AsyncFnMut(),
) -> Result<Finished, ExecError> {
    let mut printer = Printer::new(options.format, streams);
    let started = tokio::select! {
        biased;
        started = start(&options, &mut client, &mut printer) => started?,
        () = interrupted() => return Ok(Finished::Interrupted),
    };
    let (thread, turn) = started;
    let finished = follow(&thread, &turn, &mut client, &mut printer, &mut interrupted).await?;
    if let Printer::Human { human, .. } = &mut printer
        && human.saw_a_change()
        && let Ok(answer) = client.call(FallbackReadParams {}).await
    {
        human.paid(&answer.fallback);
    }
    if let Finished::Completed = finished {
        printer.last_word(&options)?;
    }
    Ok(finished)
}

/// Handshake, sign-in check, thread, turn.
async fn start(
    options: &ExecOptions,
    client: &mut Client,
    printer: &mut Printer<'_>,
) -> Result<(Thread, Turn), ExecError> {
    client.initialize(handshake(options)).await?;
    let account = client.call(AccountReadParams::default()).await?;
    if account.account.is_none() && account.requires_openai_auth {
        return Err(ExecError::NotSignedIn);
    }
    let response = client.call(thread_params(options)).await?;
    printer.introduce(options, &response, &account);
    let params = TurnStartParams {
        output_schema: options.output_schema.clone(),
        ..TurnStartParams::text(response.thread.id.clone(), options.prompt.as_str())
    };
    let turn = client.call(params).await?.turn;
    Ok((response.thread, turn))
}

fn handshake(options: &ExecOptions) -> InitializeParams {
    InitializeParams {
        client_info: ClientInfo {
            name: options.originator.clone(),
            title: Some("codex exec".to_owned()),
            version: options.version.clone(),
        },
        capabilities: Some(Capabilities {
            opt_out_notification_methods: Some(UNWANTED.map(str::to_owned).to_vec()),
            // Nobody sits here to be asked.
            fallback: Some(FallbackCapability { ask: false }),
            ..Capabilities::default()
        }),
    }
}

fn thread_params(options: &ExecOptions) -> ThreadStartParams {
    ThreadStartParams {
        model: options.model.clone(),
        cwd: Some(options.folder.display().to_string()),
        // Nobody sits here to approve anything either (wire-facts §6.2).
        approval_policy: Some(ApprovalPolicy::Never),
        ..ThreadStartParams::default()
    }
}

/// Prints what happens until the turn has ended.
async fn follow(
    thread: &Thread,
    turn: &Turn,
    client: &mut Client,
    printer: &mut Printer<'_>,
    interrupted: &mut impl AsyncFnMut(),
) -> Result<Finished, ExecError> {
    loop {
        let incoming = tokio::select! {
            biased;
            incoming = client.next() => incoming.ok_or(ExecError::ServerGone)?,
            () = interrupted() => {
                stop(thread, turn, client, printer, interrupted).await;
                return Ok(Finished::Interrupted);
            }
        };
        let notification = match incoming {
            Incoming::Notification(notification) => notification,
            Incoming::Request { id, .. } => {
                client.refuse(id, RpcError::invalid_request("Nobody can be asked in `codex exec`.")).await?;
                continue;
            }
        };
        if let Err(error) = printer.print(&notification) {
            // Whoever read the output has left; nobody would see what is still paid for.
            let order = TurnInterruptParams { thread_id: thread.id.clone(), turn_id: turn.id.clone() };
            let _ = client.call(order).await;
            return Err(ExecError::Stdout(error));
        }
        if let Some(finished) = end_of(turn, &notification) {
            return Ok(finished);
        }
    }
}

/// Interrupts the turn and waits for its end: not for ever, and not when the person insists.
async fn stop(
    thread: &Thread,
    turn: &Turn,
    client: &mut Client,
    printer: &mut Printer<'_>,
    interrupted: &mut impl AsyncFnMut(),
) {
    let ended = async {
        let order = TurnInterruptParams { thread_id: thread.id.clone(), turn_id: turn.id.clone() };
        // Refused when the turn ended a moment before; its end is then among what follows.
        let _ = client.call(order).await;
        while let Some(incoming) = client.next().await {
            let Incoming::Notification(notification) = incoming else { continue };
            let _ = printer.print(&notification);
            if end_of(turn, &notification).is_some() {
                break;
            }
        }
    };
    tokio::select! {
        () = ended => {}
        () = tokio::time::sleep(INTERRUPT_PATIENCE) => {}
        () = interrupted() => {}
    }
}

fn end_of(turn: &Turn, notification: &ServerNotification) -> Option<Finished> {
    let ServerNotification::TurnCompleted(completed) = notification else { return None };
    if completed.turn.id != turn.id {
        return None;
    }
    match completed.turn.status {
        TurnStatus::Completed => Some(Finished::Completed),
        TurnStatus::Interrupted => Some(Finished::Interrupted),
        TurnStatus::Failed => {
            let error = completed.turn.error.as_ref();
            Some(Finished::Failed(
                error.map_or_else(|| "the turn failed".to_owned(), |error| error.message.clone()),
            ))
        }
        TurnStatus::InProgress => None,
    }
}

enum Printer<'a> {
    Human {
        human: HumanPrinter<&'a mut (dyn Write + Send)>,
        stdout: &'a mut (dyn Write + Send),
        reader: Reader,
    },
    Json {
        json: JsonPrinter<&'a mut (dyn Write + Send)>,
        last_message: Option<String>,
    },
}

impl<'a> Printer<'a> {
    fn new(format: Format, streams: Streams<'a>) -> Self {
        match format {
            Format::Human { stdout, stderr } => Printer::Human {
                human: HumanPrinter::new(streams.stderr, stderr),
                stdout: streams.stdout,
                reader: stdout,
            },
            Format::Json => Printer::Json { json: JsonPrinter::new(streams.stdout), last_message: None },
        }
    }

    fn introduce(
        &mut self,
        options: &ExecOptions,
        thread: &ThreadStartResponse,
        account: &AccountReadResponse,
    ) {
        let Printer::Human { human, .. } = self else { return };
        human.introduce(&Introduction {
            version: options.version.clone(),
            model: thread.model.clone(),
            folder: thread.cwd.clone(),
            account: account_words(account),
            commands: command_words(&thread.sandbox),
        });
    }

    fn print(&mut self, notification: &ServerNotification) -> io::Result<()> {
        match self {
            Printer::Human { human, .. } => {
                human.print(notification);
                Ok(())
            }
            Printer::Json { json, last_message } => {
                if let ServerNotification::ItemCompleted(completed) = notification
                    && let ThreadItem::AgentMessage { text, .. } = &completed.item
                {
                    *last_message = Some(text.clone());
                }
                json.print(notification)
            }
        }
    }

    /// The final message, to its two places.
    fn last_word(&mut self, options: &ExecOptions) -> Result<(), ExecError> {
        let message = match self {
            Printer::Human { human, .. } => human.final_message().map(|message| message.0),
            Printer::Json { last_message, .. } => last_message.take(),
        };
        let message = message.unwrap_or_default();
        let written = match &options.last_message_file {
            Some(path) => codex_durable_fs::write_file(path, message.as_bytes()),
            None => Ok(()),
        };
        // Where one place fails, the other still gets the answer: it is paid for.
        if let Printer::Human { stdout, reader, .. } = self {
            let shown = match reader {
                Reader::Terminal => printable(&message),
                Reader::Program => message.as_str().into(),
            };
            writeln!(stdout, "{shown}").and_then(|()| stdout.flush()).map_err(ExecError::Stdout)?;
        }
        Ok(written?)
    }
}

fn account_words(account: &AccountReadResponse) -> String {
    let who = match &account.account {
        None => "nobody is signed in".to_owned(),
        Some(Account::ApiKey {}) => "paid by an API key".to_owned(),
        Some(Account::Chatgpt { plan_type, .. }) => format!("paid by ChatGPT {}", plan_type.as_str()),
    };
    match account.fallback_key_stored {
        Some(true) => format!("{who}, a fallback key is stored"),
        Some(false) | None => who,
    }
}

/// What commands may touch. Nobody is asked about anything here.
fn command_words(sandbox: &SandboxPolicy) -> String {
    let with_network = |words: &str, network_access: bool| match network_access {
        true => format!("{words}, and use the network"),
        false => words.to_owned(),
    };
    match sandbox {
        SandboxPolicy::DangerFullAccess => "commands run with full access, outside of any sandbox".to_owned(),
        SandboxPolicy::ReadOnly { network_access } => {
            with_network("commands may read, and write nothing", *network_access)
        }
        SandboxPolicy::WorkspaceWrite { writable_roots, network_access, .. } => {
            let folders = match writable_roots.len() {
                0 => "this folder".to_owned(),
                1 => "this folder and one more".to_owned(),
                more => format!("this folder and {more} more"),
            };
            with_network(&format!("commands may write in {folders}"), *network_access)
        }
    }
}
