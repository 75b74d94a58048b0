//! Where the log goes: to stderr, one event a line, as text or JSON. What may stand in it is up to whoever writes it;
//! nobody writes secrets.

use crate::config::LogFormat;
use anyhow::anyhow;
use tracing::level_filters::LevelFilter;

/// Starts logging, and sends panics to the log too. Called once, before anything else happens.
///
/// # Errors
/// A level that is none.
pub(crate) fn start(level: &str, format: LogFormat) -> anyhow::Result<()> {
    let most: LevelFilter =
        level.parse().map_err(|_| anyhow!("\"{level}\" is no log level: choose error, warn, info, debug or trace"))?;
    let lines = tracing_subscriber::fmt().with_max_level(most).with_writer(std::io::stderr);
    // A second start can only come from another test in the same process; its log goes where the first one's does.
    match format {
        LogFormat::Text => lines.with_ansi(false).try_init().ok(),
        LogFormat::Json => lines.json().try_init().ok(),
    };
    crate::http::panic::log_panics();
    Ok(())
}
