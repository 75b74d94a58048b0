//! What takes a mail away: a mail server, or a folder. Says whether it did, and why not in words that hold nothing of the
//! mail. Knows no letter.

use super::message::Parcel;
use super::smtp;
use crate::config::{Destination, Smtp};
use directory::mail::Fate;
use lettre::transport::smtp::client::TlsParameters;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long one mail may take, from the look-up of the server's name to its last word. Shorter than a mail is somebody's
/// once taken.
const PATIENCE: Duration = Duration::from_secs(120);

/// What takes mails away.
pub(super) enum Carrier {
    Folder(PathBuf),
    Server(Server),
}

/// A mail server, and what is needed to believe it.
pub(super) struct Server {
    pub(super) smtp: Smtp,
    /// Made for the first mail: it holds some hundred certificates, and most servers start long before they send one.
    pub(super) tls: OnceCell<TlsParameters>,
    /// How long one mail may take.
    pub(super) patience: Duration,
}

impl Carrier {
    pub(super) fn new(destination: Destination) -> Carrier {
        match destination {
            Destination::Folder(folder) => Carrier::Folder(folder),
            Destination::Smtp(smtp) => Carrier::Server(Server { smtp, tls: OnceCell::new(), patience: PATIENCE }),
        }
    }

    /// Hands a mail over. `key` is the mail's, the same at every try.
    pub(super) async fn carry(&self, parcel: Parcel, key: &str) -> Fate {
        match self {
            Carrier::Server(server) => smtp::send(server, &parcel).await,
            Carrier::Folder(folder) => {
                let file = folder.join(format!("{key}.eml"));
                let written = tokio::task::spawn_blocking(move || write(&file, &parcel.content)).await;
                match written {
                    Ok(Ok(())) => Fate::Sent,
                    Ok(Err(error)) => Fate::Failed(format!("cannot write to the folder: {}", error.kind())),
                    Err(_) => Fate::Failed("cannot write to the folder".to_owned()),
                }
            }
        }
    }
}

/// For its owner alone: the link in it is as good as a password.
fn write(file: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(content)
}
