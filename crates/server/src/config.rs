//! What the operator chose: flags beat the environment, which beats the configuration file, which beats the defaults.
//! Knows nothing of what is done with it.

mod mail;

use crate::webhooks::Reach;
use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use directory::hashing::Costs;
use directory::sessions::Lifetimes;
use mail::FileMail;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use mail::{Destination, MailFlags, Mailing, Security, Smtp};

/// Where everything is kept unless told otherwise, seen from where the command runs.
pub(crate) const FOLDER: &str = "rolebook-data";
const DATABASE: &str = "sqlite:./rolebook-data/rolebook.db";
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// What every command can be told. Values are never shown in the help: an address may hold a password.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Flags {
    /// The database: sqlite:PATH or postgres://USER@HOST/NAME [default: sqlite:./rolebook-data/rolebook.db].
    /// An address with a password belongs in the variable or the file, not on the command line
    #[arg(long, global = true, value_name = "ADDRESS", env = "ROLEBOOK_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// A configuration file (TOML) with the keys database, keys, listen, public_url, log, log_format,
    /// lifetimes, mail, hashing, webhooks
    #[arg(long, global = true, value_name = "FILE", env = "ROLEBOOK_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
    /// The keys file [default: rolebook.keys beside the SQLite file, else in ./rolebook-data]
    #[arg(long, global = true, value_name = "FILE", env = "ROLEBOOK_KEYS", hide_env_values = true)]
    pub(crate) keys: Option<PathBuf>,
    /// What to log: error, warn, info, debug or trace [default: info while serving, else warn]
    #[arg(long, global = true, value_name = "LEVEL", env = "ROLEBOOK_LOG", hide_env_values = true)]
    pub(crate) log: Option<String>,
    /// How to log, on stderr [default: text]
    #[arg(long, global = true, value_name = "FORMAT", env = "ROLEBOOK_LOG_FORMAT", hide_env_values = true)]
    pub(crate) log_format: Option<LogFormat>,
    /// Memory for hashing one password, in KiB; `rolebook tune-hashing` says what this machine bears [default: 19456]
    #[arg(long, global = true, value_name = "KIB", env = "ROLEBOOK_HASHING_MEMORY", hide_env_values = true)]
    pub(crate) hashing_memory: Option<u32>,
    /// Passes over that memory [default: 2]
    #[arg(long, global = true, value_name = "NUMBER", env = "ROLEBOOK_HASHING_PASSES", hide_env_values = true)]
    pub(crate) hashing_passes: Option<u32>,
}

/// What serving can be told besides.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ServeFlags {
    /// Where to listen; port 0: any free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT", env = "ROLEBOOK_LISTEN", hide_env_values = true)]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) public: PublicFlag,
    /// How long a v1 session lasts, such as 30d, 12h, 15m, 90s [default: 30d]
    #[arg(long, value_name = "SPAN", env = "ROLEBOOK_V1_SESSION", value_parser = span, hide_env_values = true)]
    pub(crate) v1_session: Option<Duration>,
    /// How long a v2 access token lasts [default: 1h]
    #[arg(long, value_name = "SPAN", env = "ROLEBOOK_ACCESS", value_parser = span, hide_env_values = true)]
    pub(crate) access: Option<Duration>,
    /// How long a v2 refresh token lasts [default: 30d]
    #[arg(long, value_name = "SPAN", env = "ROLEBOOK_REFRESH", value_parser = span, hide_env_values = true)]
    pub(crate) refresh: Option<Duration>,
    #[command(flatten)]
    pub(crate) mail: MailFlags,
    /// Lets webhooks reach private, loopback and link-local addresses too: for receivers in networks of one's own
    #[arg(long, env = "ROLEBOOK_WEBHOOK_ALLOW_PRIVATE", hide_env_values = true)]
    pub(crate) webhook_allow_private: bool,
    /// Append the signed checkpoints of the audit trail to this file, best kept on another machine
    #[arg(long, value_name = "FILE", env = "ROLEBOOK_AUDIT_CHECKPOINTS", hide_env_values = true)]
    pub(crate) audit_checkpoints: Option<PathBuf>,
}

/// A text that may hold a password.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(String);

impl std::str::FromStr for Hidden {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Hidden, Self::Err> {
        Ok(Hidden(text.to_owned()))
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// What goes into links.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PublicFlag {
    /// Where people reach this server, for the links in mails [default: http://ADDR:PORT of --listen]
    #[arg(long, value_name = "URL", env = "ROLEBOOK_PUBLIC_URL", hide_env_values = true)]
    pub(crate) public_url: Option<String>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The configuration file. A mistyped key must not pass silently.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Option<String>,
    keys: Option<PathBuf>,
    listen: Option<String>,
    public_url: Option<String>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    #[serde(default)]
    lifetimes: FileLifetimes,
    #[serde(default)]
    mail: FileMail,
    #[serde(default)]
    hashing: FileHashing,
    #[serde(default)]
    webhooks: FileWebhooks,
    #[serde(default)]
    audit: FileAudit,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLifetimes {
    v1_session: Option<String>,
    access: Option<String>,
    refresh: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileHashing {
    memory: Option<u32>,
    passes: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWebhooks {
    allow_private: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAudit {
    checkpoints: Option<PathBuf>,
}

/// Everything, settled.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The database's address; may hold a password, so it is shown with its user and password left out.
    pub(crate) database: String,
    /// It was not chosen: the default folder may be made.
    pub(crate) database_is_default: bool,
    /// The keys file, if one was named.
    pub(crate) keys: Option<PathBuf>,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where people reach this server, if it was said, without a trailing slash.
    pub(crate) public_url: Option<String>,
    /// What to log, if it was said.
    pub(crate) log: Option<String>,
    /// How to log.
    pub(crate) log_format: LogFormat,
    /// How long sessions last.
    pub(crate) lifetimes: Lifetimes,
    /// How mails are sent; `None`: they wait in the outbox.
    pub(crate) mail: Option<Mailing>,
    /// What hashing a password costs.
    pub(crate) hashing: Costs,
    /// How far webhooks reach.
    pub(crate) webhooks: Reach,
    /// Where checkpoints of the audit trail are kept beside the database.
    pub(crate) audit_checkpoints: Option<PathBuf>,
}

impl Settings {
    /// Settles what was said where. The parser has put flags before the environment already.
    ///
    /// # Errors
    /// A file that is missing, broken or has unknown keys; values that cannot be.
    pub(crate) fn settle(flags: Flags, serve: ServeFlags) -> anyhow::Result<Settings> {
        // An empty variable is how many service managers write an absent one.
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        let named = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
        let file = match named(flags.config) {
            Some(path) => read(&path)?,
            None => File::default(),
        };
        let default = Lifetimes::default();
        let lifetime = |flag: Option<Duration>, text: Option<String>, default, name| match (flag, text) {
            (Some(flag), _) => Ok(flag),
            (None, Some(text)) => {
                span(&text).map_err(|why| anyhow!("lifetimes.{name} in the configuration file: {why}"))
            }
            (None, None) => Ok(default),
        };
        let database = said(flags.database).or(said(file.database));
        Ok(Settings {
            database_is_default: database.is_none(),
            database: database.unwrap_or_else(|| DATABASE.to_owned()),
            keys: named(flags.keys).or(named(file.keys)),
            listen: match (serve.listen, said(file.listen)) {
                (Some(listen), _) => listen,
                (None, Some(text)) => text.parse().map_err(|_| {
                    anyhow!("listen in the configuration file must be an address and a port, such as 127.0.0.1:8080")
                })?,
                (None, None) => LISTEN,
            },
            public_url: said(serve.public.public_url).or(said(file.public_url)).map(public_url).transpose()?,
            log: said(flags.log).or(said(file.log)),
            log_format: flags.log_format.or(file.log_format).unwrap_or(LogFormat::Text),
            lifetimes: Lifetimes {
                single: lifetime(serve.v1_session, file.lifetimes.v1_session, default.single, "v1_session")?,
                access: lifetime(serve.access, file.lifetimes.access, default.access, "access")?,
                refresh: lifetime(serve.refresh, file.lifetimes.refresh, default.refresh, "refresh")?,
            },
            mail: Mailing::settle(serve.mail, file.mail)?,
            webhooks: match serve.webhook_allow_private || file.webhooks.allow_private.unwrap_or(false) {
                true => Reach::Everywhere,
                false => Reach::Public,
            },
            audit_checkpoints: named(serve.audit_checkpoints).or(named(file.audit.checkpoints)),
            hashing: {
                let standard = Costs::standard();
                let memory = flags.hashing_memory.or(file.hashing.memory).unwrap_or(standard.memory());
                let passes = flags.hashing_passes.or(file.hashing.passes).unwrap_or(standard.passes());
                Costs::new(memory, passes).map_err(|why| anyhow!("hashing: {why}"))?
            },
        })
    }

    /// Where people reach a server that listens here.
    pub(crate) fn public_url_at(&self, listening: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{listening}"))
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration file {}", path.display()))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        anyhow!("the configuration file {}, line {line}: {}", path.display(), error.message())
    })
}

fn public_url(text: String) -> anyhow::Result<String> {
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.contains(['?', '#', '@']) || !host.chars().all(|c| c.is_ascii_graphic()) {
        bail!("the public URL must be http:// or https:// and a host, such as https://id.example.com");
    }
    Ok(url.to_owned())
}

/// A time span such as `30d`, `12h`, `15m` or `90s`; from a minute to ten years.
fn span(text: &str) -> Result<Duration, String> {
    let expected = || "expected a number and s, m, h or d, such as 30d, from 60s to 3650d".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| expected())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return Err(expected()),
    };
    let span = number.checked_mul(seconds).ok_or_else(expected)?;
    match (60..=3650 * 24 * 3600).contains(&span) {
        true => Ok(Duration::from_secs(span)),
        false => Err(expected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(file: &str, flags: Flags, serve: ServeFlags) -> anyhow::Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rolebook.toml");
        std::fs::write(&path, file).unwrap();
        Settings::settle(Flags { config: Some(path), ..flags }, serve)
    }

    #[test]
    fn the_file_beats_the_defaults_and_flags_beat_the_file() {
        let file = "database = \"sqlite:a.db\"\nlisten = \"127.0.0.1:1\"\nlog_format = \"json\"\n\
                    public_url = \"https://id.example.com/\"\n[lifetimes]\naccess = \"15m\"\n";
        let from_file = settled(file, Flags::default(), ServeFlags::default()).unwrap();
        assert_eq!(from_file.database, "sqlite:a.db");
        assert!(!from_file.database_is_default);
        assert_eq!(from_file.listen.port(), 1);
        assert_eq!(from_file.log_format, LogFormat::Json);
        assert_eq!(from_file.public_url_at(LISTEN), "https://id.example.com");
        assert_eq!(from_file.lifetimes.access, Duration::from_secs(900));
        assert_eq!(from_file.lifetimes.single, Lifetimes::default().single);

        let flags = Flags { database: Some("sqlite:b.db".to_owned()), ..Flags::default() };
        let serve = ServeFlags { access: Some(Duration::from_secs(60)), listen: Some(LISTEN), ..ServeFlags::default() };
        let from_flags = settled(file, flags, serve).unwrap();
        assert_eq!(from_flags.database, "sqlite:b.db");
        assert_eq!(from_flags.listen, LISTEN);
        assert_eq!(from_flags.lifetimes.access, Duration::from_secs(60));
    }

    #[test]
    fn hashing_costs_are_bounded_below_and_above() {
        let file = "[hashing]\nmemory = 65536\npasses = 3\n";
        let from_file = settled(file, Flags::default(), ServeFlags::default()).unwrap().hashing;
        assert_eq!((from_file.memory(), from_file.passes()), (65_536, 3));
        let flags = Flags { hashing_passes: Some(4), ..Flags::default() };
        let from_flags = settled(file, flags, ServeFlags::default()).unwrap().hashing;
        assert_eq!((from_flags.memory(), from_flags.passes()), (65_536, 4));
        assert_eq!(settled("", Flags::default(), ServeFlags::default()).unwrap().hashing, Costs::standard());
        for weak in ["memory = 19455", "passes = 1", "memory = 7168\npasses = 4", "memory = 2000000"] {
            let refused = settled(&format!("[hashing]\n{weak}\n"), Flags::default(), ServeFlags::default());
            assert!(refused.unwrap_err().to_string().starts_with("hashing: "), "{weak}");
        }
    }

    #[test]
    fn nothing_said_is_the_default_and_an_empty_value_is_nothing() {
        let empty = Flags { database: Some(String::new()), ..Flags::default() };
        let settings = Settings::settle(empty, ServeFlags::default()).unwrap();
        assert_eq!(settings.database, DATABASE);
        assert!(settings.database_is_default);
        assert_eq!(settings.public_url_at(settings.listen), "http://127.0.0.1:8080");
    }

    #[test]
    fn mails_are_said_by_the_file_or_by_flags_and_nothing_shows_the_password() {
        let file = "[mail]\nurl = \"smtp://ada:s3cret@a.example\"\nfrom = \"a@example.com\"\n";
        let host = |settings: &Settings| match &settings.mail.as_ref().unwrap().to {
            Destination::Smtp(smtp) => smtp.host.clone(),
            Destination::Folder(folder) => folder.display().to_string(),
        };
        let from_file = settled(file, Flags::default(), ServeFlags::default()).unwrap();
        assert_eq!(host(&from_file), "a.example");
        let mail = MailFlags { mail: Some("smtp://ada:s3cret@b.example".parse().unwrap()), mail_from: None };
        let serve = ServeFlags { mail, ..ServeFlags::default() };
        let shown = format!("{serve:?}");
        let from_flags = settled(file, Flags::default(), serve).unwrap();
        assert_eq!(host(&from_flags), "b.example");
        assert_eq!(from_flags.mail.as_ref().unwrap().from.email.to_string(), "a@example.com");
        assert!(!format!("{shown} {from_file:?} {from_flags:?}").contains("s3cret"));
        let refused = |file| settled(file, Flags::default(), ServeFlags::default()).unwrap_err().to_string();
        let unknown = refused("[mail]\nuser = \"s3cret\"\n");
        assert!(unknown.contains("line 2") && unknown.contains("`user`") && !unknown.contains("s3cret"), "{unknown}");
        assert!(!refused("[mail]\nurl = \"ada:s3cret@h\"\n").contains("s3cret"));
    }

    #[test]
    fn broken_files_are_refused_with_the_line_and_the_key() {
        let refused = |file| settled(file, Flags::default(), ServeFlags::default()).unwrap_err().to_string();
        let unknown = refused("log = \"info\"\ndatabse = \"x\"\n");
        assert!(unknown.contains("line 2") && unknown.contains("`databse`"), "{unknown}");
        assert!(refused("[lifetimes]\naccess = \"soon\"\n").contains("lifetimes.access"));
        assert!(refused("listen = \"somewhere\"\n").contains("listen"));
        assert!(refused("public_url = \"id.example.com\"\n").contains("https://"));
        assert!(refused("log = \n").contains("line 1"));
    }

    #[test]
    fn checkpoints_go_where_the_flag_or_the_file_says() {
        let file = "[audit]\ncheckpoints = \"a.ndjson\"\n";
        let from_file = settled(file, Flags::default(), ServeFlags::default()).unwrap();
        assert_eq!(from_file.audit_checkpoints, Some("a.ndjson".into()));
        let serve = ServeFlags { audit_checkpoints: Some("b.ndjson".into()), ..ServeFlags::default() };
        assert_eq!(settled(file, Flags::default(), serve).unwrap().audit_checkpoints, Some("b.ndjson".into()));
        assert_eq!(settled("", Flags::default(), ServeFlags::default()).unwrap().audit_checkpoints, None);
    }

    #[test]
    fn spans_are_numbers_with_a_unit() {
        assert_eq!(span("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(span("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "30", "d", "-1d", "59s", "3651d", "99999999999999999999d", "1w", "1é"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
