//! Which environment a call is about: `environmentId` in the query, or `_environmentId` in the body, or both when they mean
//! the same. Whether it exists and is the caller's, the directory says with the call itself.

use super::error::Refusal;
use crate::app::App;
use crate::body::{Optional, Reader, WireError};
use crate::json::Json;
use crate::query::query;
use directory::Error;
use directory::actor::Caller;
use directory::environments::EnvironmentName;

/// The body's name for it.
const KEY: &str = "_environmentId";

query! {
    /// The query of a call that has nothing but its environment to say.
    pub(super) struct Here {
        /// The environment's key or UUID.
        environment_id: Required<String> as "environmentId",
    }
}

impl Here {
    /// The caller in the environment that this query names.
    pub(super) async fn enter(app: &App, caller: &Caller, query: Option<String>) -> Result<Caller, Refusal> {
        let Here { environment_id } = after_credentials(app, caller, Here::read(query.as_deref())).await?;
        Ok(caller.in_environment(EnvironmentName::parse(&environment_id)))
    }
}

/// What was read; or what is wrong with it, but only to somebody: to nobody in particular we say that first.
pub(super) async fn after_credentials<T>(
    app: &App,
    caller: &Caller,
    read: Result<T, Vec<WireError>>,
) -> Result<T, Refusal> {
    match read {
        Ok(value) => Ok(value),
        Err(errors) => {
            app.directory.identify(caller.clone()).await?;
            Err(Refusal::fields(errors))
        }
    }
}

/// What a body says, if anything. Judged before all of its other fields, so their errors are left for later.
pub(super) fn in_body(body: &Json) -> Result<Option<String>, Refusal> {
    let mut reader = Reader::of_body(body).map_err(Refusal::fields)?;
    let named = reader.field::<Optional<String>>(KEY);
    let own: Vec<WireError> = reader.finish().into_iter().filter(|error| error.field == KEY).collect();
    match named {
        Some(named) => Ok(named),
        None => Err(Refusal::fields(own)),
    }
}

/// The caller in the environment that query and body name.
pub(super) async fn enter(
    app: &App,
    caller: &Caller,
    query: Option<String>,
    body: Option<String>,
) -> Result<Caller, Refusal> {
    let name = match (query, body) {
        (Some(query), Some(body)) if query != body => same(app, caller, &query, &body).await?,
        (Some(name), _) | (None, Some(name)) => EnvironmentName::parse(&name),
        (None, None) => {
            let sentence =
                "This field is required: the environment's key or UUID, here or as environmentId in the query.";
            return Err(Refusal::field(KEY, sentence));
        }
    };
    Ok(caller.in_environment(name))
}

/// Two texts that may be the key and the UUID of one environment. That of an environment which is not the caller's, or
/// unknown, is answered like any other pair that does not fit: otherwise strangers could match keys with UUIDs.
async fn same(app: &App, caller: &Caller, query: &str, body: &str) -> Result<EnvironmentName, Refusal> {
    let (first, second) = (EnvironmentName::parse(query), EnvironmentName::parse(body));
    let entering = caller.in_environment(first.clone());
    let fits = app.directory.read(entering, move |_, actor| Ok(second.names(actor.environment()))).await;
    match fits {
        Ok(true) => Ok(first),
        Ok(false) | Err(Error::Forbidden(_)) => {
            Err(Refusal::field(KEY, "This is not the environment that environmentId in the query names."))
        }
        Err(other) => Err(other.into()),
    }
}
