//! `rolebook serve`: listens, opens the directory, says when it is ready, and stops when told to.

use super::open::{self, Opened, Opening};
use super::output;
use crate::app::{self, App};
use crate::checkpoints;
use crate::config::{Mailing, ServeFlags, Settings};
use crate::keys::{self, KeysFile};
use crate::mails::{self, Postman};
use crate::serve;
use crate::webhooks::{self, Courier, Reach};
use anyhow::{Context, bail};
use directory::audit;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serve the APIs until told to stop (SIGTERM, Ctrl-C).
///
/// Prints one line to stdout when it is ready; the log goes to stderr. Makes and migrates the database.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook serve --listen 127.0.0.1:8080 --public-url https://id.example.com")]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) flags: ServeFlags,
}

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let ready = Ready::prepare(settings)?;
    if ready.opened.ask(ready.opened.directory.is_empty())? {
        tracing::warn!("there is no environment yet, so nobody can sign in: run `rolebook init`");
    }
    let public_url = settings.public_url_at(ready.address);
    ready.serve(&public_url, settings.mail.clone(), settings.audit_checkpoints.clone(), settings.webhooks)
}

/// A server that could serve: its port is taken, its directory open.
pub(super) struct Ready {
    pub(super) opened: Opened,
    pub(super) address: SocketAddr,
    keys: KeysFile,
    listener: TcpListener,
}

impl Ready {
    /// Takes the port first: whoever cannot have it has touched nothing.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub(super) fn prepare(settings: &Settings) -> anyhow::Result<Ready> {
        // A bench asks for any free port; who means to be found does not.
        if !audit::KEPT && settings.listen.port() != 0 {
            bail!("this build keeps no audit trail: it is made to measure with, and serves nobody else");
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(cores)
            .thread_name("rolebook-serve")
            .enable_all()
            .build()?;
        let listener = listen(&runtime, settings.listen)?;
        let address = listener.local_addr()?;
        let directory = open::directory(settings, Opening::Make, &runtime, cores)?;
        Ok(Ready { opened: Opened { directory, runtime }, keys: open::keys_file(settings)?, address, listener })
    }

    /// Says that it listens, and serves, sends mails and calls webhooks until the process is told to stop.
    ///
    /// # Errors
    /// The system's, before it serves.
    pub(super) fn serve(
        self,
        public_url: &str,
        mail: Option<Mailing>,
        checkpoints: Option<PathBuf>,
        reach: Reach,
    ) -> anyhow::Result<()> {
        let Ready { opened: Opened { directory, runtime }, keys, address, listener } = self;
        if address.ip().is_unspecified() && public_url == format!("http://{address}") {
            tracing::warn!(
                public_url,
                "links in mails will lead nowhere: say with --public-url where people reach you"
            );
        }
        let stop = {
            let _inside = runtime.enter();
            serve::stop_signal().context("cannot listen for signals")?
        };
        let app = App::new(directory.clone(), public_url);
        let streams = app.streams.clone();
        let stop = async move {
            stop.await;
            // They would go on for as long as requests may.
            streams.end();
        };
        let service = app::service(app);
        runtime.spawn(serve::sweep_now_and_then(directory.clone()));
        runtime.spawn(serve::note_now_and_then(directory.clone()));
        runtime.spawn(serve::chain_now_and_then(directory.clone()));
        runtime.spawn(checkpoints::sign_and_ship(directory.clone(), checkpoints));
        runtime.spawn(keys::watch(keys, directory.effects().keys.clone()));
        let courier = Arc::new(Courier::new(reach));
        runtime.spawn(webhooks::deliver(directory.clone(), courier));
        match mail {
            Some(mailing) => {
                let postman = Arc::new(Postman::new(mailing, public_url));
                runtime.spawn(mails::deliver(directory.clone(), postman));
            }
            None => tracing::info!("mails wait in the outbox: say with --mail how they are sent"),
        }
        tracing::info!(%address, public_url, "listening");
        output::line(&format!("listening on http://{address}"))?;
        // On a thread of the runtime: the main thread would be one more with database connections of its own.
        runtime.block_on(async { tokio::spawn(serve::serve(listener, service, stop)).await })?;
        // Requests that did not finish in time, the sweeper, and mails under way: those are tried again.
        runtime.shutdown_timeout(Duration::from_secs(1));
        if let Err(error) = directory.close() {
            tracing::warn!(%error, "the database's log stays beside it");
        }
        tracing::info!("stopped");
        Ok(())
    }
}

fn listen(runtime: &tokio::runtime::Runtime, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let _inside = runtime.enter();
    match serve::listen(address) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let next = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(0));
            bail!("{address} is in use by another program: choose another with --listen, such as --listen {next}")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}")),
    }
}
