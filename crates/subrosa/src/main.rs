//! The binary: `subrosa serve`, and every command of the command line.
//!
//! It parses, hardens its own process, and hands over. It must never hold a rule of its own, and its memory is freed
//! through `allocator`, which wipes it: copies of values that libraries leave behind do not outlive their buffers.

mod allocator;
mod audit_file;
mod hygiene;
mod restore;
mod serve;
mod serve_args;

use clap::{Parser, Subcommand, error::ErrorKind};
use restore::RestoreArgs;
use serve_args::ServeArgs;
use std::{alloc::System, process::ExitCode, sync::atomic::Ordering};
use subrosa_cli::Globals;
use subrosa_plant::planted;

#[global_allocator]
static ALLOCATOR: allocator::Wiping<System> = allocator::Wiping(System);

/// Keep secrets, use them without showing them, and have every use on record.
#[derive(Parser, Debug)]
#[command(name = "subrosa", version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start the server
    Serve(ServeArgs),
    /// Go on from an older copy of the store
    Restore(RestoreArgs),
    #[command(flatten)]
    Other(subrosa_cli::Command),
}

fn main() -> ExitCode {
    if planted!("no-wipe-on-free") {
        allocator::LEAVES.store(true, Ordering::Relaxed);
    }
    let Arguments { globals, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    match command {
        Command::Serve(args) => serve::serve(args, &globals),
        Command::Restore(args) => restore::restore(args, &globals),
        Command::Other(command) => {
            hygiene::hide_memory();
            match command.export_file() {
                Some(file) => subrosa_cli::report_export(&globals, audit_file::check(&file)),
                None => subrosa_cli::run(globals, command),
            }
        }
    }
}

/// Answers what could not be parsed: help and version on stdout, a refusal on stderr with exit code 2.
fn refuse(error: &clap::Error) -> ExitCode {
    let wants_text = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if !wants_text && std::env::args_os().any(|argument| argument == "--json") {
        return subrosa_cli::usage(
            error.kind().as_str().unwrap_or("the command line is not valid"),
        );
    }
    // If the terminal is gone there is nobody left to tell.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Arguments, ErrorKind> {
        Arguments::try_parse_from(line.split(' ')).map_err(|error| error.kind())
    }

    #[test]
    fn the_command_line_has_no_clash_in_it() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_that_every_command_has_may_stand_before_or_after_the_verb() {
        for line in [
            "subrosa --data /d --tenant acme --json get A",
            "subrosa get A --data /d --tenant acme --json",
            "subrosa audit --tenant acme verify --data /d --json",
        ] {
            let globals = parse(line).unwrap().globals;
            assert_eq!(globals.data, Some("/d".into()), "{line}");
            assert_eq!(globals.tenant.as_deref(), Some("acme"), "{line}");
            assert!(globals.json, "{line}");
        }
    }

    #[test]
    fn every_documented_command_parses() {
        for line in [
            "subrosa serve --data /d --listen 127.0.0.1:1 --store sqlite:/x --root-key /k --log-level debug",
            "subrosa restore --accept-rollback --data /d --checkpoint-dir /c",
            "subrosa tenant create acme",
            "subrosa tenant list --json",
            "subrosa tenant show acme",
            "subrosa tenant delete acme --confirm=acme",
            "subrosa token create --tenant t --name n --preset reader --scope a:b --scope c:d --expires-days 7",
            "subrosa token list",
            "subrosa token rotate ci --never-expires",
            "subrosa token revoke ci --yes",
            "subrosa set A --use-only --sensitivity phi --expires-on 2030-01-01T00:00:00Z --file f",
            "subrosa get A",
            "subrosa ls A*",
            "subrosa show A",
            "subrosa publish A --note n",
            "subrosa rollback A --to 1 --yes",
            "subrosa history A",
            "subrosa rm A --yes",
            "subrosa run --only A,B -- env -i",
            "subrosa device approve BCDF-GHJK --tenant t --yes",
            "subrosa device deny bcdfghjk",
            "subrosa login --server http://127.0.0.1:7420 --tenant t --preset reader",
            "subrosa logout",
            "subrosa key rotate --tenant t",
            "subrosa audit list --tenant t",
            "subrosa audit verify --tenant t --deep",
            "subrosa audit export --out f",
            "subrosa audit verify --export f --key k",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
        assert_eq!(parse("subrosa run").unwrap_err(), ErrorKind::MissingRequiredArgument);
        assert!(parse("subrosa token create --name n --expires-days 0").is_err());
    }

    #[test]
    fn a_value_as_an_argument_is_caught_for_its_own_refusal() {
        for line in
            ["subrosa set A=v", "subrosa set A v", "subrosa set A --value v", "subrosa publish A v"]
        {
            assert!(parse(line).is_ok(), "{line}");
        }
    }
}
