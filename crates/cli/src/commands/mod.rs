//! The commands, one file each. Each declares its flags and does its one thing.

mod audit_export;
mod audit_list;
mod audit_verify;
mod device_approve;
mod device_code;
mod device_deny;
mod get;
mod history;
mod key_rotate;
mod login;
mod logout;
mod ls;
mod publish;
mod restore;
mod rm;
mod rollback;
mod run;
mod set;
mod show;
mod tenant_create;
mod tenant_delete;
mod tenant_list;
mod tenant_show;
mod token_create;
mod token_list;
mod token_revoke;
mod token_rotate;
mod token_shown;

pub use audit_verify::{ExportChecked, ExportFile, report_export};
pub use restore::{Restored, report_restored};

use crate::{exit::Exit, failure::Failure, globals::Globals, output::Output, session::Session};
use clap::Subcommand;

/// Every command but `serve`.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// A call to a server
    #[command(flatten)]
    Call(Call),
    /// Sign in to a server by a code that somebody approves, and stay signed in
    Login(login::Args),
    /// Revoke the token that `login` got, and forget it
    Logout(logout::Args),
}

/// The commands that call a server as whoever the flags, the environment or the login say.
#[derive(Subcommand, Debug)]
pub enum Call {
    /// Create a secret, or publish a new value of one
    Set(set::Args),
    /// Print a secret's value
    Get(get::Args),
    /// List secrets, without values
    Ls(ls::Args),
    /// Show a secret, without its value
    Show(show::Args),
    /// Publish a new value of a secret
    Publish(publish::Args),
    /// Make an older value of a secret live again
    Rollback(rollback::Args),
    /// List a secret's revisions, without values
    History(history::Args),
    /// Delete a secret
    Rm(rm::Args),
    /// Start a program with secrets in its environment
    Run(run::Args),
    /// Make, list and delete tenants
    #[command(subcommand)]
    Tenant(Tenant),
    /// Mint, list, rotate and revoke API tokens
    #[command(subcommand)]
    Token(Token),
    /// Approve and deny devices that sign in
    #[command(subcommand)]
    Device(Device),
    /// Rotate encryption keys
    #[command(subcommand)]
    Key(Key),
    /// Read and verify the audit log
    #[command(subcommand)]
    Audit(Audit),
}

/// `subrosa tenant`.
#[derive(Subcommand, Debug)]
pub enum Tenant {
    /// Make a tenant
    Create(tenant_create::Args),
    /// List tenants
    List(tenant_list::Args),
    /// Show a tenant
    Show(tenant_show::Args),
    /// Delete a tenant and destroy its keys, and with them every value it has
    Delete(tenant_delete::Args),
}

/// `subrosa token`.
#[derive(Subcommand, Debug)]
pub enum Token {
    /// Mint a token; it is shown once
    Create(token_create::Args),
    /// List tokens
    List(token_list::Args),
    /// Give a token a new secret; the old one is dead at once
    Rotate(token_rotate::Args),
    /// Revoke a token, for good
    Revoke(token_revoke::Args),
}

/// `subrosa device`.
#[derive(Subcommand, Debug)]
pub enum Device {
    /// Let a device have the token it asks for; it will speak for you
    Approve(device_approve::Args),
    /// Let a device have nothing
    Deny(device_deny::Args),
}

/// `subrosa key`.
#[derive(Subcommand, Debug)]
pub enum Key {
    /// Make a new version of the tenant's key
    Rotate(key_rotate::Args),
}

/// `subrosa audit`.
#[derive(Subcommand, Debug)]
pub enum Audit {
    /// List events, newest first
    List(audit_list::Args),
    /// Write a tenant's log to a file that can be checked without a server
    Export(audit_export::Args),
    /// Check that no event was changed, moved or removed
    Verify(audit_verify::Args),
}

impl Command {
    /// The export that is to be checked without a server, if that is the command. What checks it is not in this room.
    #[must_use]
    pub fn export_file(&self) -> Option<ExportFile> {
        match self {
            Self::Call(Call::Audit(Audit::Verify(args))) => args.export_file(),
            _ => None,
        }
    }
}

impl Call {
    /// Refuses a value or token typed as an argument, before anything else is done or asked.
    fn refuse_arguments(&self) -> Result<(), Failure> {
        match self {
            Self::Set(args) => args.refuse_arguments(),
            Self::Publish(args) => args.refuse_arguments(),
            Self::Token(Token::Rotate(args)) => token_shown::refuse_whole(&args.token),
            Self::Token(Token::Revoke(args)) => token_shown::refuse_whole(&args.token),
            _ => Ok(()),
        }
    }

    /// A failure before the command began: `run` has one exit code for all of its own.
    fn failed_to_begin(&self, failure: Failure) -> Failure {
        match self {
            Self::Run(_) => failure.exiting(Exit::NotStarted),
            _ => failure,
        }
    }
}

/// Runs a command.
pub(crate) fn run(command: Command, globals: &Globals, output: Output) -> Result<Exit, Failure> {
    match command {
        Command::Call(call) => {
            call.refuse_arguments()?;
            let session =
                Session::open(globals, output).map_err(|failure| call.failed_to_begin(failure))?;
            run_call(call, &session)
        }
        Command::Login(args) => login::run(args, globals, output).map(|()| Exit::Done),
        Command::Logout(args) => logout::run(&args, globals, output).map(|()| Exit::Done),
    }
}

fn run_call(call: Call, session: &Session) -> Result<Exit, Failure> {
    match call {
        Call::Set(args) => set::run(&args, session),
        Call::Get(args) => get::run(args, session),
        Call::Ls(args) => ls::run(&args, session),
        Call::Show(args) => show::run(&args, session),
        Call::Publish(args) => publish::run(args, session),
        Call::Rollback(args) => rollback::run(&args, session),
        Call::History(args) => history::run(&args, session),
        Call::Rm(args) => rm::run(&args, session),
        Call::Run(args) => run::run(&args, session),
        Call::Tenant(Tenant::Create(args)) => tenant_create::run(args, session),
        Call::Tenant(Tenant::List(args)) => tenant_list::run(&args, session),
        Call::Tenant(Tenant::Show(args)) => tenant_show::run(&args, session),
        Call::Tenant(Tenant::Delete(args)) => tenant_delete::run(&args, session),
        Call::Token(Token::Create(args)) => token_create::run(args, session),
        Call::Token(Token::List(args)) => token_list::run(&args, session),
        Call::Token(Token::Rotate(args)) => token_rotate::run(&args, session),
        Call::Token(Token::Revoke(args)) => token_revoke::run(&args, session),
        Call::Device(Device::Approve(args)) => device_approve::run(&args, session),
        Call::Device(Device::Deny(args)) => device_deny::run(&args, session),
        Call::Key(Key::Rotate(args)) => key_rotate::run(&args, session),
        Call::Audit(Audit::List(args)) => audit_list::run(args, session),
        Call::Audit(Audit::Export(args)) => audit_export::run(&args, session),
        Call::Audit(Audit::Verify(args)) => return audit_verify::run(&args, session),
    }?;
    Ok(Exit::Done)
}
