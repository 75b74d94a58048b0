//! Answers that go on: a bounded number of them, each with an end. They end when the process must stop, or it would wait for
//! them. Knows nothing of what they say.

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// Streams at once. Each costs a connection, and a question to the database now and then.
const MOST: usize = 256;

/// All streams of a server. Cloning it is cheap.
#[derive(Clone)]
pub struct Streams {
    places: Arc<Semaphore>,
    ended: Arc<watch::Sender<bool>>,
}

/// Whoever has something to say in one of them.
pub(crate) struct Speaker {
    pieces: mpsc::Sender<Bytes>,
    ended: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Default for Streams {
    fn default() -> Streams {
        Streams { places: Arc::new(Semaphore::new(MOST)), ended: Arc::new(watch::Sender::new(false)) }
    }
}

impl Streams {
    /// Opens one: who speaks, and the body that is heard. `None`: there are as many as there may be.
    pub(crate) fn open(&self) -> Option<(Speaker, Body)> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        // One piece waits at most: what was said is out before anything else is asked for.
        let (pieces, heard) = mpsc::channel(1);
        let speaker = Speaker { pieces, ended: self.ended.subscribe(), _place: place };
        Some((speaker, Body::new(Heard(heard))))
    }

    /// Ends all of them, and all that are opened later.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }
}

impl Speaker {
    /// Says a piece; `false`: nobody hears it, or the process must stop.
    pub(crate) async fn say(&mut self, piece: Vec<u8>) -> bool {
        tokio::select! {
            said = self.pieces.send(piece.into()) => said.is_ok(),
            () = ended(&mut self.ended) => false,
        }
    }

    /// Waits until nobody hears any more, or the process must stop.
    pub(crate) async fn over(&mut self) {
        tokio::select! {
            () = self.pieces.closed() => {}
            () = ended(&mut self.ended) => {}
        }
    }
}

async fn ended(ended: &mut watch::Receiver<bool>) {
    // An error: the server is gone.
    ended.wait_for(|ended| *ended).await.ok();
}

/// The body.
struct Heard(mpsc::Receiver<Bytes>);

impl HttpBody for Heard {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn there_are_so_many_streams_and_each_gives_its_place_back() {
        let streams = Streams::default();
        let open: Vec<_> = (0..MOST).map(|_| streams.open().unwrap()).collect();
        assert!(streams.open().is_none());
        drop(open);
        let (mut speaker, body) = streams.open().unwrap();
        drop(body);
        assert!(!speaker.say(b"x".to_vec()).await);
    }

    #[tokio::test]
    async fn the_end_of_the_server_is_the_end_of_its_streams() {
        let streams = Streams::default();
        let (mut speaker, body) = streams.open().unwrap();
        assert!(speaker.say(b"x".to_vec()).await);
        streams.end();
        speaker.over().await;
        drop(speaker);
        assert_eq!(axum::body::to_bytes(body, 10).await.unwrap(), "x");
    }
}
