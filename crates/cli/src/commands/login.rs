//! `subrosa login`: a code on this screen, approved by somebody who may, becomes a token that is kept for the commands
//! after it. The token is never shown.

use super::{device_code, logout, token_shown};
use crate::{
    exit::Exit,
    failure::Failure,
    globals::Globals,
    login::{self, Login},
    output::Output,
    session::{Session, slug},
    table::clean,
    target,
};
use serde::Serialize;
use std::{path::Path, time::Duration};
use subrosa_api::{
    Code, EpochMillis,
    client::{Client, ClientError, Server, Target, Unreachable},
    v1::{
        devices::{DeviceApproved, DeviceStarted, StartDevice},
        tokens::CurrentToken,
    },
};

/// Where `subrosa serve` listens unless told otherwise.
const SERVER: &str = "http://127.0.0.1:7420";

/// What is asked for unless said: to list, to read and to run, and no more.
const PRESET: &str = "reader";

/// The shortest and the longest that a server may have us wait between two questions, so that a faulty one gets neither
/// a flood nor a client that seems to hang.
const WAITS: [u64; 2] = [1, 30];

/// Characters of the machine's name that are told to whoever approves.
const LABEL_CHARS_MAX: usize = 64;

/// The flags of `login`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What to ask for: reader, observer, operator, developer, maintainer, admin, or another preset of tokens.
    /// The token can do no more than whoever approves
    #[arg(long, value_name = "NAME", default_value = PRESET)]
    preset: String,
}

/// A login as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    server: String,
    tenant: String,
    /// What the token may do; null when the server could not be asked.
    scopes: Option<Vec<String>>,
    expires_at: Option<EpochMillis>,
}

pub(super) fn run(args: Args, globals: &Globals, output: Output) -> Result<(), Failure> {
    let place = login::place().ok_or_else(|| {
        Failure::new(Exit::Usage, "no-home", "there is no home directory to keep a login in")
    })?;
    let server = server(globals, &place)?;
    target::private_enough(&server, globals)?;
    let tenant = globals.tenant.as_deref().filter(|tenant| !tenant.is_empty());
    let tenant = tenant.map(slug).transpose()?.map(|tenant| tenant.to_string());
    // Before anybody is asked to approve what could not be kept.
    login::make_room(&place)?;

    let session = Session::with(Client::new(Target::Server(server.clone()), None), output)?;
    let body = StartDevice {
        preset: Some(args.preset),
        client_type: Some("CLI".into()),
        client_name: Some("Subrosa CLI".into()),
        device_id: None,
        device_label: this_machine(),
        tenant,
    };
    let started = session.wait(session.client.start_device(&body))?;
    output.tell(instruction(&started, &server));
    let approved = session.wait(until_decided(&session.client, started, output))?;
    let login = Login {
        tenant: approved.tenant_slug.parse().map_err(|_| unintelligible())?,
        token: approved.api_key.into_token(),
        server,
    };
    finish(login, &place, globals, output)
}

/// The server to sign in to: the one named, else the one of the login that is kept, else the one on this machine.
fn server(globals: &Globals, place: &Path) -> Result<Server, Failure> {
    if let Some(server) = target::named_server(globals)? {
        return Ok(server);
    }
    // A login that cannot be read is about to be replaced.
    let kept = login::read(place, login::SEEN_BY_NOBODY).ok().flatten();
    kept.map_or_else(|| SERVER.parse().map_err(|_| unintelligible()), |login| Ok(login.server))
}

/// What this machine is called, for whoever approves.
fn this_machine() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let name: String = clean(&name).chars().take(LABEL_CHARS_MAX).collect();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn instruction(started: &DeviceStarted, server: &Server) -> String {
    let code = clean(&device_code::shown(&started.user_code));
    let minutes = started.expires_in_seconds.div_ceil(60);
    format!(
        "To sign in to {server}, open\n    {}\nand compare the code\n    {code}\n\
         or have somebody run  subrosa device approve {code}\n\
         Waiting, for {minutes} minutes at most …",
        clean(&started.verification_uri_complete)
    )
}

/// Asks the server until somebody decided, or the code is no more.
async fn until_decided(
    client: &Client,
    started: DeviceStarted,
    output: Output,
) -> Result<DeviceApproved, Failure> {
    let code = started.device_code.into_token();
    let [shortest, longest] = WAITS;
    let seconds = started.poll_interval_seconds.clamp(shortest, longest);
    let (mut asked, mut told) = (0, false);
    // One question more than fits, so that it is the server that says that time is up.
    while asked <= started.expires_in_seconds.div_ceil(seconds) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        asked += 1;
        match client.device_outcome(&code).await {
            Ok(Some(approved)) => return Ok(approved),
            Ok(None) => {}
            Err(error) if passes(&error) => {
                if !told {
                    output.note(format_args!("{error}; still trying"));
                }
                told = true;
            }
            Err(error) => return Err(explained(error.into())),
        }
    }
    Err(explained(Failure::new(
        Exit::NotLoggedIn,
        Code::DeviceOver.name(),
        Code::DeviceOver.detail(),
    )))
}

/// Whether a failure may be over by the next question. The sign-in waits on the server meanwhile.
fn passes(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { why, .. } => {
            !matches!(why, Unreachable::Denied | Unreachable::Tls | Unreachable::NoTls)
        }
        ClientError::Problem(problem) => matches!(problem.status, 429 | 503),
        _ => false,
    }
}

fn explained(failure: Failure) -> Failure {
    if failure.code == Code::DeviceOver.name() {
        return failure.help("begin again, for a new code:      subrosa login");
    }
    failure
}

/// Keeps a login in the place of the one before, whose token is revoked.
fn finish(login: Login, place: &Path, globals: &Globals, output: Output) -> Result<(), Failure> {
    let before = login::read(place, login::CHANGED_BY_NOBODY).ok().flatten();
    if let Err(failure) = login::keep(place, &login) {
        // Nobody would ever use it.
        let _ = logout::revoke(login, globals, output);
        return Err(failure);
    }
    let (server, tenant) = (login.server.to_string(), login.tenant.clone());
    let session = Session::with(login.into_client(), output)?;
    let token = session.wait(session.client.current_token(&tenant)).ok();
    if output.json {
        let (scopes, expires_at) = match token {
            Some(token) => (Some(token.scopes), token.expires_at),
            None => (None, None),
        };
        let tenant = tenant.to_string();
        output.document("login", &LoggedIn { server, tenant, scopes, expires_at })?;
    } else {
        let about = token.map(|token| about(&token)).unwrap_or_default();
        output.done(format_args!("signed in to {server} · tenant {tenant}{about}"));
        output.note(format_args!(
            "kept in {}, for you alone; subrosa logout ends it",
            place.display()
        ));
        if target::outranks_login(globals) {
            output.note("SUBROSA_DATA or a token in the environment keeps commands from using it");
        }
    }
    if let Some(before) = before
        && let Err(left) = logout::revoke(before, globals, output)
    {
        logout::note_left("the token of the login before", &left, output);
    }
    Ok(())
}

fn about(token: &CurrentToken) -> String {
    let scopes = token_shown::scopes(&token.scopes);
    format!(" · {scopes} · {}", token_shown::expiry(token.expires_at))
}

fn unintelligible() -> Failure {
    ClientError::Unintelligible { status: 200 }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_api::PlainToken;

    #[test]
    fn what_the_server_says_cannot_drive_the_terminal_and_the_devices_own_code_is_not_shown() {
        let started = DeviceStarted {
            device_code: PlainToken::new("canary".into()).into(),
            user_code: "BCDFGHJK".into(),
            verification_uri: "http://s/device".into(),
            verification_uri_complete: "http://s/device?code=BCDFGHJK\x1b[2J".into(),
            expires_in_seconds: 600,
            poll_interval_seconds: 2,
        };
        let text = instruction(&started, &"http://127.0.0.1:7420".parse().unwrap());
        assert!(!text.contains('\x1b') && !text.contains("canary"), "{text}");
        assert!(text.contains("subrosa device approve BCDF-GHJK\n"), "{text}");
        assert!(text.contains("for 10 minutes at most"), "{text}");
    }

    #[test]
    fn only_what_may_be_over_by_the_next_question_is_waited_out() {
        let unreachable = |why| {
            let target = Target::Socket("/s".into());
            passes(&ClientError::Unreachable { target, why })
        };
        for why in [Unreachable::Refused, Unreachable::Broken, Unreachable::AnswerTimeout] {
            assert!(unreachable(why), "{why:?}");
        }
        assert!(!unreachable(Unreachable::Tls) && !unreachable(Unreachable::NoTls));
        assert!(!passes(&ClientError::Unintelligible { status: 200 }));
    }
}
