//! How fast Rolebook is on this machine, each number beside what the machine can do at most, measured in the same run. Drives
//! the release binary from outside, over loopback; from inside it knows only the texts of the store's statements.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a workshop's tool talks to whoever runs it")]

mod bare;
mod cluster;
mod growth;
mod http;
mod load;
mod machine;
mod people;
mod process;
mod raw;
mod receiver;
mod report;
mod rows;
mod server;
mod spread;
mod unaudited;
mod wrk;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// The server's allocator too: a ceiling must not be lower for another one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the server beside this program; `cargo xtask bench` builds both.
#[derive(Parser)]
#[command(name = "cargo xtask bench", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
enum Command {
    /// The bare server, in a process of its own
    #[command(hide = true)]
    Bare { answer: PathBuf },
}

/// What to measure.
#[derive(Clone, clap::Args)]
struct Options {
    /// The database engine
    #[arg(long, value_enum, default_value = "sqlite")]
    engine: Engine,
    /// How many users to make first
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1000..=rows::MOST_USERS))]
    users: u64,
    /// For how long each side of a row is measured, in three rounds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=30))]
    seconds: u64,
    /// Only these rows
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Name>,
    /// The server's log level, if not its own default
    #[arg(long)]
    log: Option<String>,
    /// One JSON document instead of a table
    #[arg(long)]
    json: bool,
    /// Write docs/performance/ENGINE.md too
    #[arg(long)]
    write: bool,
    /// The rows that depend on the number of users at 1,000 to 1,000,000 of them, written to docs/performance/growth.*
    #[arg(long)]
    growth: bool,
    /// The same users in 10 environments and in 10,000, written to docs/performance/environments.md
    #[arg(long, conflicts_with = "growth")]
    environments: bool,
    /// With --growth: at 10,000,000 users too, which takes half an hour and ten gigabytes; else: the trail with 10,000,000
    /// events instead of 1,000,000, which takes minutes and as much room
    #[arg(long)]
    large: bool,
    /// The checkout
    #[arg(long, hide = true, default_value = ".")]
    top: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    fn text(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }

    /// The file of an embedded database.
    fn file(url: &str) -> &str {
        url.strip_prefix("sqlite:").unwrap_or(url)
    }
}

/// The rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    Start,
    Memory,
    Read,
    Check,
    Lists,
    Pages,
    Modify,
    Create,
    Past,
    Password,
    SignIn,
    Mixed,
    Storm,
    Audit,
    Trail,
    Webhooks,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Name::Start => "start",
            Name::Memory => "memory",
            Name::Read => "read",
            Name::Check => "check",
            Name::Lists => "lists",
            Name::Pages => "pages",
            Name::Modify => "modify",
            Name::Create => "create",
            Name::Past => "past",
            Name::Password => "password",
            Name::SignIn => "sign-in",
            Name::Mixed => "mixed",
            Name::Storm => "storm",
            Name::Audit => "audit",
            Name::Trail => "trail",
            Name::Webhooks => "webhooks",
        }
    }
}

impl Options {
    fn wants(&self, name: Name) -> bool {
        self.only.is_empty() || self.only.contains(&name)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let done = match &arguments.command {
            Some(Command::Bare { answer }) => runtime.block_on(bare::serve(answer)),
            None => runtime.block_on(async {
                tokio::select! {
                    done = Box::pin(run(&arguments.options)) => done,
                    stopped = told_to_stop() => stopped,
                }
            }),
        };
        // A round that was cut off is not waited for.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Ends, with an error, when somebody loses patience: what we started ends with us, and our folder goes.
async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    anyhow::bail!("stopped")
}

async fn run(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("rolebook-bench-").tempdir()?;
    if options.environments {
        eprintln!("    written: {}", spread::run(options, folder.path()).await?.display());
        return Ok(());
    }
    if options.growth {
        for file in growth::run(options, folder.path()).await? {
            eprintln!("    written: {}", file.display());
        }
        return Ok(());
    }
    let machine = machine::Machine::look(folder.path())?;
    let rows = rows::measure(options, folder.path()).await?;
    let report = report::Report {
        date: machine::today(),
        commit: machine::commit(&options.top),
        engine: options.engine.text(),
        users: options.users,
        seconds: options.seconds,
        log: options.log.clone().unwrap_or_else(|| "as it comes".to_owned()),
        machine,
        rows,
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("\n{}", report.table());
    }
    if options.write {
        eprintln!("    written: {}", report.write(&options.top)?.display());
    }
    Ok(())
}
