//! A whole chain on its way to whoever may read it: line after line, as fast as it is read. Knows no dialect.

use crate::app::App;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use directory::actor::{Actor, Caller};
use directory::audit::{self, Hash};
use directory::store::Tx;
use hyper::body::{Body as Streamed, Frame};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Lines that are read, and sent, at once.
const LINES: i64 = 500;

/// The answer with the events of an environment, or of the system, as they stand at this moment.
///
/// # Errors
/// As [`audit::export`].
pub(crate) async fn export(app: &App, caller: Caller, system: bool) -> directory::Result<Response> {
    let mut export = Export { app: app.clone(), caller, system, last: None };
    // The first lines before the answer begins: a refusal is still an answer.
    let first = export.page().await?;
    // One page waits while another is sent: whoever reads slowly has us read slowly.
    let (send, lines) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut page = first;
        while let Some(lines) = page {
            if send.send(Ok(lines)).await.is_err() {
                return;
            }
            page = match export.page().await {
                Ok(page) => page,
                Err(_) => {
                    // Cut off, so that it does not look whole.
                    send.send(Err(io::Error::other("an export broke off"))).await.ok();
                    return;
                }
            };
        }
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::new(Lines(lines))).into_response())
}

/// An export on its way: each page is asked for anew, by whoever may still ask.
struct Export {
    app: App,
    caller: Caller,
    system: bool,
    /// The last event that was written, and the last of all when it began.
    last: Option<(i64, Hash, i64)>,
}

impl Export {
    /// The next lines; `None`: that was all.
    async fn page(&mut self) -> directory::Result<Option<Bytes>> {
        let (system, after) = (self.system, self.last.map(|(sequence, _, _)| sequence));
        let read = move |tx: &mut Tx<'_>, actor: &Actor| audit::export(tx, actor, system, after, LINES);
        let (head, events) = self.app.directory.report(self.caller.clone(), read).await?;
        let (_, mut previous, until) = self.last.unwrap_or((0, head.pruned_hash.unwrap_or(Hash::NONE), head.sequence));
        let mut bytes = Vec::new();
        for told in events.iter().filter(|told| told.sequence <= until) {
            let line = super::write(head.environment, previous, told);
            bytes.extend(line.map_err(|error| directory::Error::Internal(error.to_string()))?);
            previous = told.hash;
            self.last = Some((told.sequence, told.hash, until));
        }
        Ok(if bytes.is_empty() { None } else { Some(bytes.into()) })
    }
}

/// The lines as a body.
struct Lines(mpsc::Receiver<io::Result<Bytes>>);

impl Streamed for Lines {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.get_mut().0.poll_recv(context).map(|page| page.map(|page| page.map(Frame::data)))
    }
}
