//! `subrosa logout`: the token that `login` got is revoked where that can be done, and forgotten in any case.

use crate::{
    exit::Exit,
    failure::Failure,
    globals::Globals,
    login::{self, Login},
    output::Output,
    session::Session,
    target,
};
use serde::Serialize;

/// The flags of `logout`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// What came of it.
#[derive(Serialize)]
struct LoggedOut {
    /// Where the login was; null when there was none to be read.
    server: Option<String>,
    tenant: Option<String>,
    /// Whether its token works no more.
    revoked: bool,
}

pub(super) fn run(_args: &Args, globals: &Globals, output: Output) -> Result<(), Failure> {
    let Some(place) = login::place() else { return nobody(output) };
    let (shown, left) = match login::read(&place, login::CHANGED_BY_NOBODY) {
        Ok(None) => return nobody(output),
        Ok(Some(login)) => {
            let (server, tenant) = (login.server.to_string(), login.tenant.to_string());
            let left = revoke(login, globals, output).err();
            let revoked = left.is_none();
            (LoggedOut { server: Some(server), tenant: Some(tenant), revoked }, left)
        }
        Err(refused) => {
            let shown = LoggedOut { server: None, tenant: None, revoked: false };
            (shown, Some(Failure { helps: vec![], ..refused }))
        }
    };
    login::forget(&place)?;
    if output.json {
        return output.document("logout", &shown);
    }
    match &shown.server {
        Some(server) => output.done(format_args!("signed out of {server}")),
        None => output.done("the login is forgotten"),
    }
    if let Some(left) = left {
        note_left("its token", &left, output);
    }
    Ok(())
}

fn nobody(output: Output) -> Result<(), Failure> {
    if output.json {
        let shown = LoggedOut { server: None, tenant: None, revoked: false };
        return output.document("logout", &shown);
    }
    output.note("nobody is signed in here");
    Ok(())
}

/// Revokes a login's token on its own server. One that works no more is as good as revoked.
pub(super) fn revoke(login: Login, globals: &Globals, output: Output) -> Result<(), Failure> {
    target::private_enough(&login.server, globals)?;
    let tenant = login.tenant.clone();
    let session = Session::with(login.into_client(), output)?;
    match session.wait(session.client.revoke_current_token(&tenant)) {
        Err(failure) if failure.exit == Exit::NotLoggedIn => Ok(()),
        revoked => revoked,
    }
}

/// Says that a token outlives its login, and how to end it.
pub(super) fn note_left(token: &str, left: &Failure, output: Output) {
    let why = &left.error;
    output.note(format_args!("{token} could not be revoked and works until it ends: {why}"));
    for help in &left.helps {
        output.note(help);
    }
}
