//! A transport whose end is heard: the SDK tells of it only to whoever gives the connection up.

use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::oneshot;

/// Any transport. When it is dropped, the receiver of [`watched`] hears of it.
pub(crate) struct Watched<T> {
    inner: T,
    _alive: oneshot::Sender<()>,
}

/// The transport, and what is woken at its end.
pub(crate) fn watched<T>(inner: T) -> (Watched<T>, oneshot::Receiver<()>) {
    let (alive, end) = oneshot::channel();
    (Watched { inner, _alive: alive }, end)
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for Watched<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(message)
    }

    fn receive(&mut self) -> impl Future<Output = Option<ServerJsonRpcMessage>> + Send {
        self.inner.receive()
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}
