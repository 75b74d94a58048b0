//! What every route shares, whatever its dialect: the layer around each request, how a body's bytes are read, who calls.
//! Knows no dialect: answers with a body of their own are made by whoever is named in a parameter.

pub(crate) mod body_bytes;
pub(crate) mod client;
pub(crate) mod conditions;
pub(crate) mod headers;
pub(crate) mod health;
pub(crate) mod media_type;
pub(crate) mod origin;
pub(crate) mod panic;
pub(crate) mod request_id;
pub(crate) mod streams;
