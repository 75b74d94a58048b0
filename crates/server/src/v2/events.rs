//! `/api/v2/events`: what happens in the environment, as server-sent events (HTML, section 9.2), and how an event is spelled, here
//! and to webhooks.

use super::auth::Asked;
use super::error::Error;
use super::wire::time;
use crate::app::App;
use crate::http::streams::Speaker;
use crate::query::query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use directory::Directory;
use directory::actor::{Actor, Caller};
use directory::clock::Time;
use directory::environments::Environment;
use directory::events::{self, Event, PING};
use directory::store::{Revision, Tx};
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const LAST_EVENT_ID: &str = "last-event-id";
/// How often to look for events, and whether the caller may still hear them.
const LOOK: Duration = Duration::from_millis(500);
/// After how much silence to say that there is nothing to say: proxies close what is silent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are said at once.
const PAGE: i64 = 100;

query! {
    /// The query of `GET /events`.
    pub(super) struct StreamEvents {
        /// Whether to wait for further events; with `false` the answer ends with the last that there is.
        follow: Optional<bool>,
    }
}

/// An event, as webhooks and the stream of events tell it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v2::Event)]
pub(super) struct EventAnswer<'a> {
    /// What happened, such as `user.created`.
    r#type: &'a str,
    /// When.
    timestamp: String,
    data: EventData<'a>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v2::EventData)]
pub(super) struct EventData<'a> {
    /// The environment's key.
    environment: &'a str,
    /// To whom or what it happened: an id.
    subject: &'a str,
    /// Who did it; empty: nobody who was signed in.
    actor: String,
    /// Before and after, by field; of secrets only that they changed.
    #[schema(value_type = std::collections::BTreeMap<String, Vec<serde_json::Value>>)]
    changes: &'a RawValue,
    /// Counts up within the environment: what has a lower one than what is known of the same subject is old.
    sequence: i64,
    /// As `min_revision` of a check, it makes the check see this.
    revision: i64,
}

/// Tells nothing.
#[derive(Serialize)]
struct Ping<'a> {
    r#type: &'a str,
    timestamp: String,
    data: PingData<'a>,
}

#[derive(Serialize)]
struct PingData<'a> {
    environment: &'a str,
}

/// An event as JSON.
pub(crate) fn spelled(environment: &Environment, event: &Event, revision: Revision) -> Vec<u8> {
    // What was erased is no JSON any more.
    let changes = serde_json::from_str(&event.changes).or_else(|_| serde_json::from_str("{}"));
    json(&EventAnswer {
        r#type: event.name,
        timestamp: time(event.at),
        data: EventData {
            environment: environment.key.as_str(),
            subject: &event.subject,
            actor: event.actor.map(|actor| actor.to_string()).unwrap_or_default(),
            changes: changes.unwrap_or(RawValue::NULL),
            sequence: event.sequence,
            revision: revision.0,
        },
    })
}

/// A ping as JSON.
pub(crate) fn ping(environment: &Environment, at: Time) -> Vec<u8> {
    json(&Ping { r#type: PING, timestamp: time(at), data: PingData { environment: environment.key.as_str() } })
}

fn json(told: &impl Serialize) -> Vec<u8> {
    // Texts and numbers: there is nothing in it that could not be written.
    serde_json::to_vec(told).unwrap_or_default()
}

/// `GET /events`.
pub(super) async fn stream(State(app): State<App>, headers: HeaderMap, asked: Asked) -> Result<Response, Error> {
    let StreamEvents { follow } = StreamEvents::read(asked.query.as_deref())?;
    let last = last_event_id(&headers)?;
    let caller = asked.caller;
    let latest = app.directory.report(caller.clone(), events::latest).await?;
    // One that is not reached yet is of a database that is no more: what happens now is all there is to tell.
    let after = last.map_or(latest, |last| last.min(latest));
    let Some((speaker, body)) = app.streams.open() else {
        let reason = "as many streams of events are open as there may be".to_owned();
        return Err(directory::Error::Unavailable(reason).into());
    };
    let end = if follow == Some(false) { Some(latest) } else { None };
    tokio::spawn(tell(app.directory, caller, after, end, speaker));
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

/// `Last-Event-ID`: the sequence of the last event that was heard, as the stream gave it.
fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Error> {
    const MALFORMED: Error =
        Error::Header("last_event_id", "Last-Event-ID takes the id of an event, as the stream gave it.");
    let mut values = headers.get_all(LAST_EVENT_ID).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| MALFORMED)?;
    match text.parse::<i64>() {
        Ok(sequence) if sequence >= 0 && values.next().is_none() => Ok(Some(sequence)),
        _ => Err(MALFORMED),
    }
}

/// Tells what happens behind this sequence, until nobody hears, the caller may not hear any more, or the end is reached.
async fn tell(directory: Directory, caller: Caller, mut after: i64, end: Option<i64>, mut speaker: Speaker) {
    let mut said_at = Instant::now();
    loop {
        let read = move |tx: &mut Tx<'_>, actor: &Actor| {
            Ok((events::after(tx, actor, after, PAGE)?, Arc::clone(actor.environment())))
        };
        let more = match directory.report(caller.clone(), read).await {
            Ok((page, environment)) => {
                let revision = directory.revision();
                let frames: Vec<u8> =
                    page.events.iter().flat_map(|event| frame(&environment, event, revision)).collect();
                after = page.up_to;
                if !frames.is_empty() {
                    if !speaker.say(frames).await {
                        return;
                    }
                    said_at = Instant::now();
                }
                page.more
            }
            // It has no answer at present, and may have one soon: nothing is lost by waiting.
            Err(directory::Error::Unavailable(_) | directory::Error::TooMany { .. }) => false,
            Err(_) => return,
        };
        if more {
            continue;
        }
        if end.is_some_and(|end| after >= end) {
            return;
        }
        if said_at.elapsed() >= HEARTBEAT {
            // An id alone is no event, and moves on from where the stream is resumed.
            if !speaker.say(format!(":\nid: {after}\n\n").into_bytes()).await {
                return;
            }
            said_at = Instant::now();
        }
        tokio::select! {
            () = speaker.over() => return,
            () = sleep(LOOK) => {}
        }
    }
}

fn frame(environment: &Environment, event: &Event, revision: Revision) -> Vec<u8> {
    let mut frame = format!("id: {}\nevent: {}\ndata: ", event.sequence, event.name).into_bytes();
    frame.extend(spelled(environment, event, revision));
    frame.extend(b"\n\n");
    frame
}
