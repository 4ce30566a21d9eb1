//! Order, bounds and the end of the queue to a client.

use codex_app_server_protocol::{ItemDelta, RequestId, RpcError, ServerNotification};
use futures_util::FutureExt;

use super::*;

fn message(number: i64) -> ServerMessage {
    ServerMessage::Answer { id: RequestId::Number(number), result: Err(RpcError::internal("x")) }
}

fn number(message: Option<ServerMessage>) -> Option<i64> {
    match message? {
        ServerMessage::Answer { id: RequestId::Number(number), .. } => Some(number),
        other => panic!("not ours: {other:?}"),
    }
}

#[tokio::test]
async fn ordinary_messages_wait_for_room_and_news_do_not() {
    let (outbox, mut inbox) = outbox();
    for number in 0..ORDINARY as i64 {
        outbox.send(message(number)).await;
    }
    let mut waiting = Box::pin(outbox.send(message(-1)));
    assert!(waiting.as_mut().now_or_never().is_none(), "the queue is full for ordinary messages");
    for _ in 0..RESERVED {
        assert_eq!(outbox.send_now(message(1000)), Ok(()), "news have places of their own");
    }
    assert_eq!(outbox.send_now(message(1001)), Err(Behind));
    assert_eq!(number(inbox.recv().await), Some(0), "in order");
    assert!(waiting.now_or_never().is_some(), "one place is free again");
}

/// A piece of a command's output that takes nine places.
fn piece() -> ServerMessage {
    let delta = ItemDelta {
        thread_id: "t".into(),
        turn_id: "u".into(),
        item_id: "i".into(),
        delta: "x".repeat(8 * PLACE_BYTES),
    };
    ServerMessage::Notification(ServerNotification::CommandOutputDelta(delta))
}

#[tokio::test]
async fn long_texts_take_more_room_than_short_ones() {
    let (outbox, mut inbox) = outbox();
    let mut queued = 0;
    while outbox.send(piece()).now_or_never().is_some() {
        queued += 1;
    }
    assert_eq!(queued, ORDINARY / 9, "a hundred kilobytes, not half a thousand messages");
    let mut batch = Vec::new();
    assert_eq!(inbox.recv_batch(&mut batch, 64).await, 64_usize.div_ceil(9));
    assert!(outbox.send(piece()).now_or_never().is_some(), "what was taken has made room");
}

#[tokio::test]
async fn a_message_longer_than_all_room_is_sent_when_the_queue_is_empty() {
    let (outbox, mut inbox) = outbox();
    let mut long = piece();
    if let ServerMessage::Notification(ServerNotification::CommandOutputDelta(grown)) = &mut long {
        grown.delta = "x".repeat(ORDINARY * PLACE_BYTES * 2);
    }
    outbox.send(message(1)).await;
    let mut waiting = Box::pin(outbox.send(long));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(number(inbox.recv().await), Some(1));
    assert!(waiting.now_or_never().is_some());
}

#[tokio::test]
async fn a_batch_takes_what_is_ready_up_to_its_limit() {
    let (outbox, mut inbox) = outbox();
    for number in 0..5 {
        outbox.send(message(number)).await;
    }
    let mut batch = Vec::new();
    assert_eq!(inbox.recv_batch(&mut batch, 3).await, 3);
    assert_eq!(inbox.recv_batch(&mut batch, 3).await, 2);
    assert!(inbox.is_empty());
    drop(outbox);
    assert_eq!(inbox.recv_batch(&mut batch, 3).await, 0);
    assert_eq!(
        batch.into_iter().map(|message| number(Some(message))).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4].map(Some)
    );
}

#[tokio::test]
async fn a_reader_that_is_gone_holds_nobody_up() {
    let (outbox, inbox) = outbox();
    for number in 0..ORDINARY as i64 {
        outbox.send(message(number)).await;
    }
    let mut waiting = Box::pin(outbox.send(message(-1)));
    assert!(waiting.as_mut().now_or_never().is_none());
    drop(inbox);
    assert!(waiting.now_or_never().is_some());
    assert!(outbox.send(message(1)).now_or_never().is_some());
    assert_eq!(outbox.send_now(message(1)), Err(Behind));
    assert!(outbox.closed().now_or_never().is_some());
}
