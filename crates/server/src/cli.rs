//! The command line: what can be asked, and how an outcome becomes an exit code. Each command stands in a file of its own
//! below; none of them decides a rule, they call the directory's verbs as every API does.

mod audit;
mod database;
mod environment;
mod group;
mod init;
mod keys;
mod migrate;
mod open;
mod openapi;
mod outbox;
mod output;
mod password;
mod password_hash;
mod quickstart;
mod refusal;
mod serve;
mod token;
mod tune_hashing;
mod user;

use crate::config::{Flags, ServeFlags, Settings};
use crate::logs;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Who your users are, where they belong, and what they may do.
#[derive(Parser)]
#[command(
    name = "rolebook",
    version,
    after_help = "Examples:\n  rolebook quickstart\n  rolebook serve --listen 127.0.0.1:8080 --public-url https://id.example.com"
)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Quickstart(quickstart::Quickstart),
    Serve(serve::Serve),
    Init(init::Init),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Group(group::Group),
    #[command(subcommand)]
    Environment(environment::Environment),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    Audit(audit::Audit),
    Outbox(outbox::Outbox),
    TuneHashing(tune_hashing::TuneHashing),
    Openapi(openapi::Openapi),
}

/// Whether a command is to print one JSON document instead of text.
#[derive(clap::Args)]
struct AsJson {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs what the process was asked, and says how it went: 0, 1 for a refusal or failure, 2 for a question that cannot be
/// understood.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&error),
    };
    match obey(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has read enough, as `head` does.
        Err(error) if output::is_unread(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn obey(Arguments { flags, command }: Arguments) -> anyhow::Result<()> {
    let serve = match &command {
        Command::Serve(serve) => serve.flags.clone(),
        Command::Quickstart(quickstart) => {
            ServeFlags { listen: quickstart.listen, mail: quickstart.mail.clone(), ..ServeFlags::default() }
        }
        Command::Outbox(outbox) => ServeFlags { public: outbox.public.clone(), ..ServeFlags::default() },
        _ => ServeFlags::default(),
    };
    let serves = matches!(command, Command::Serve(_) | Command::Quickstart(_));
    let settings = Settings::settle(flags, serve)?;
    // A server tells its story; a command speaks for itself, and its errors should stand alone on stderr.
    logs::start(settings.log.as_deref().unwrap_or(if serves { "info" } else { "warn" }), settings.log_format)?;
    match command {
        Command::Quickstart(_) => quickstart::run(&settings),
        Command::Serve(_) => serve::run(&settings),
        Command::Init(init) => init::run(&init, &settings),
        Command::Migrate(migrate) => migrate::run(&migrate, &settings),
        Command::User(user) => user::run(user, &settings),
        Command::Group(group) => group::run(group, &settings),
        Command::Environment(environment) => environment::run(environment, &settings),
        Command::Token(token) => token::run(token, &settings),
        Command::Keys(keys) => keys::run(keys, &settings),
        Command::Audit(audit) => audit::run(audit, &settings),
        Command::Outbox(outbox) => outbox::run(&outbox, &settings),
        Command::TuneHashing(tune) => tune_hashing::run(&tune, &settings),
        Command::Openapi(_) => openapi::run(),
    }
}

/// Help and version go to stdout as they are; a wrong question is one line on stderr like every other error.
fn misunderstood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Where nobody reads it there is nothing to add.
        error.print().ok();
        return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
    }
    let text = error.to_string();
    let sentence = text.split("\n\nUsage:").next().unwrap_or_default().split("\n\nFor more").next().unwrap_or_default();
    output::complain(&format!("{} (--help shows how)", sentence.trim_start_matches("error: ")));
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Every command that does something, with its path.
    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
        let path = format!("{path} {}", command.get_name());
        if !command.has_subcommands() {
            found.push((path.clone(), command.clone()));
        }
        for below in command.get_subcommands() {
            leaves(below, &path, found);
        }
    }

    #[test]
    fn every_command_has_help_with_an_example_of_itself() {
        let whole = Arguments::command();
        whole.clone().debug_assert();
        let mut found = Vec::new();
        leaves(&whole, "", &mut found);
        assert!(found.len() >= 18, "{}", found.len());
        for (path, command) in found {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Example:\n ") && help.contains(path.trim()), "{path}: {help}");
            assert!(command.get_about().is_some(), "{path}");
        }
    }

    #[test]
    fn no_flag_takes_a_secret_and_no_help_shows_a_value_of_the_environment() {
        let mut found = Vec::new();
        leaves(&Arguments::command(), "", &mut found);
        for (path, command) in found {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                let names_a_file = name.ends_with("_file");
                assert!(names_a_file || !name.contains("password") && !name.contains("secret"), "{path} {name}");
                assert!(argument.get_env().is_none() || argument.is_hide_env_values_set(), "{path} {name}");
            }
        }
    }
}
