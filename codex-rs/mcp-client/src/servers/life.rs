//! The life of one server, from its start to its end: one task, which alone owns the connection.

use std::sync::{Arc, Weak};
use std::time::Duration;

use codex_config::McpServer;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::{Host, Inner, Launcher, News};
use crate::connection::{Connection, Event, Failure, Line, Opened};
use crate::state::{Ready, State};

/// Said where a server does not know who we are.
pub(crate) const SIGN_IN_WANTED: &str = "it wants a sign-in: give it a token by `bearer_token_env_var` or \
     `env_http_headers` (signing in through a browser is not built)";
/// How soon after one list of tools the next one is asked for, however often a server says that it has changed.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);

/// What the task needs.
pub(super) struct Life {
    pub(super) name: String,
    pub(super) config: McpServer,
    pub(super) start: u64,
    pub(super) launcher: Launcher,
    pub(super) host: Arc<dyn Host>,
    pub(super) inner: Weak<Inner>,
}

impl Life {
    /// Lives it. `before` is the server that had this name, which may hold a port or a lock that this one needs.
    pub(super) async fn run(self, before: Option<JoinHandle<()>>, mut stop: oneshot::Receiver<()>) {
        self.publish(State::Starting, None);
        let start = async {
            if let Some(before) = before {
                let _ = before.await;
            }
            self.connect().await
        };
        let connected = tokio::select! {
            connected = start => connected,
            // Also when nobody holds the other end any more.
            _ = &mut stop => return self.publish(State::Cancelled, None),
        };
        match connected {
            Ok((connection, ready)) => {
                self.publish(State::Ready(ready), Some(connection.line()));
                self.serve(connection, stop).await;
            }
            Err(Failure::Refused(why) | Failure::Other(why)) => self.publish(State::Failed { why }, None),
            Err(Failure::SignIn) => self.tell(News {
                state: State::Failed { why: SIGN_IN_WANTED.to_owned() },
                line: None,
                sign_in_wanted: true,
            }),
        }
    }

    async fn connect(&self) -> Result<(Connection, Ready), Failure> {
        let launcher = Launcher { stored: self.launcher.stored.now(), ..self.launcher.clone() };
        let opened = Opened::new(&self.config, &launcher)?;
        opened.connect(&self.name, &self.config, &launcher, self.host.clone()).await
    }

    async fn serve(&self, mut connection: Connection, mut stop: oneshot::Receiver<()>) {
        loop {
            let event = tokio::select! {
                biased;
                _ = &mut stop => break,
                event = connection.next() => event,
            };
            if let Event::Over { why } = event {
                self.publish(State::Failed { why }, None);
                break;
            }
            let refresh = async {
                let ready = connection.refresh(&self.name, &self.config).await;
                if let Some(ready) = ready {
                    self.publish(State::Ready(ready), Some(connection.line()));
                }
                sleep(REFRESH_PAUSE).await;
            };
            tokio::select! {
                biased;
                _ = &mut stop => break,
                () = refresh => {}
            }
        }
        connection.end().await;
    }

    fn publish(&self, state: State, line: Option<Line>) {
        self.tell(News { state, line, sign_in_wanted: false });
    }

    fn tell(&self, news: News) {
        // Without the table there is nobody left to hear it.
        if let Some(inner) = self.inner.upgrade() {
            inner.publish(&self.name, self.start, news);
        }
    }
}
