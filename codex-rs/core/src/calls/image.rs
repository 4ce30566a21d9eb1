//! An image that the model looks at.

use codex_app_server_protocol::ThreadItem;
use codex_sandbox::Files;
use codex_tools::view_image::Viewing;

use super::{Desk, Output};

/// Shows the model an image file.
pub(super) async fn view(desk: &mut Desk<'_>, call_id: &str, arguments: &str) -> Output {
    let viewing = match Viewing::read(arguments, &desk.thread.settings.cwd) {
        Ok(viewing) => viewing,
        Err(bad) => return desk.bad(&bad).await,
    };
    let files = Files::new(desk.thread.policy.clone(), &desk.thread.options.hidden);
    match viewing.parts(&files) {
        Ok(parts) => {
            let id = desk.thread.item_ids.claim(Some(call_id));
            let item = ThreadItem::ImageView { id, path: viewing.path().display().to_string() };
            desk.teller.item_started(item.clone()).await;
            desk.teller.item_completed(item).await;
            Output::Parts(parts)
        }
        Err(bad) => desk.bad(&bad).await,
    }
}
