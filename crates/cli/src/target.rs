//! Where calls go, and as whom. In this order: a server that is named; a data directory that is named, and the socket
//! in it; the login that is kept; the socket in the user's own data directory.
//!
//! What is named on the command line or in the environment always wins, so that a kept login can stand in nobody's way;
//! the login wins over a socket that merely happens to be there, so that where a command goes does not depend on
//! whether a server runs here. Its token goes to its own server alone.

use crate::{
    exit::Exit,
    failure::Failure,
    globals::Globals,
    hidden,
    login::{self, Login},
    output::Output,
};
use std::{
    env,
    fs::File,
    io::{self, IsTerminal, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use subrosa_api::{
    PlainToken, TenantSlug,
    client::{Client, Server, Target},
};

/// The most bytes a token file may have: ten times what any token needs, far less than a wrong file would waste.
const MAX_TOKEN_FILE_BYTES: u64 = 4 * 1024;

/// A client, and what comes with it.
pub(crate) struct Chosen {
    pub(crate) client: Client,
    /// The tenant of the kept login, if that is who calls.
    pub(crate) kept: Option<TenantSlug>,
}

impl Chosen {
    fn by(target: Target, token: Option<PlainToken>) -> Self {
        Self { client: Client::new(target, token), kept: None }
    }

    fn signed_in(login: Login) -> Self {
        let kept = Some(login.tenant.clone());
        Self { client: login.into_client(), kept }
    }
}

/// The client that the flags, the environment and the kept login ask for.
pub(crate) fn choose(globals: &Globals, output: Output) -> Result<Chosen, Failure> {
    if let Some(server) = named_server(globals)? {
        private_enough(&server, globals)?;
        if let Some(token) = token_of_environment(output)? {
            return Ok(Chosen::by(Target::Server(server), Some(token)));
        }
        return match kept()?.filter(|login| login.server == server) {
            Some(login) => Ok(Chosen::signed_in(login)),
            None => Ok(Chosen::by(Target::Server(server), Some(ask_for_token()?))),
        };
    }
    if !outranks_login(globals)
        && let Some(login) = kept()?
    {
        private_enough(&login.server, globals)?;
        return Ok(Chosen::signed_in(login));
    }
    Ok(Chosen::by(Target::Socket(socket(globals)?), None))
}

/// The server that a flag or the environment names.
pub(crate) fn named_server(globals: &Globals) -> Result<Option<Server>, Failure> {
    let Some(server) = globals.server.as_ref().filter(|server| !server.is_empty()) else {
        return Ok(None);
    };
    server.parse().map(Some).map_err(|_| {
        let error = "--server must be http://HOST[:PORT] or https://HOST[:PORT], without a path";
        Failure::new(Exit::Usage, "server-malformed", error)
    })
}

/// Whether what is named keeps commands from using the login, though no server is named: a data directory, or a token
/// that is not the login's.
pub(crate) fn outranks_login(globals: &Globals) -> bool {
    let named = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    globals.names_data() || named("SUBROSA_TOKEN_FILE") || named("SUBROSA_TOKEN")
}

/// Refuses to send a token where it can be read on the way.
pub(crate) fn private_enough(server: &Server, globals: &Globals) -> Result<(), Failure> {
    if globals.insecure_http || !server.is_open_to_eavesdroppers() {
        return Ok(());
    }
    let error = format!("refusing to send a token to {server} without TLS");
    Err(Failure::new(Exit::Usage, "insecure-server", error)
        .help("use https://")
        .help("or, on a network where nobody else listens: --insecure-http"))
}

fn kept() -> Result<Option<Login>, Failure> {
    match login::place() {
        Some(place) => login::read(&place, login::SEEN_BY_NOBODY),
        None => Ok(None),
    }
}

fn socket(globals: &Globals) -> Result<PathBuf, Failure> {
    globals.data_dir().map(|data| data.join("subrosa.sock")).ok_or_else(|| {
        let error = "there is no home directory to look for the server's socket in";
        Failure::new(Exit::Usage, "no-data-directory", error).help("--data DIR")
    })
}

fn token_of_environment(output: Output) -> Result<Option<PlainToken>, Failure> {
    if let Some(path) = env::var_os("SUBROSA_TOKEN_FILE").filter(|path| !path.is_empty()) {
        return token_from_file(Path::new(&path), output).map(Some);
    }
    let token = env::var("SUBROSA_TOKEN").ok().filter(|token| !token.is_empty());
    Ok(token.map(PlainToken::new))
}

fn ask_for_token() -> Result<PlainToken, Failure> {
    let needed =
        Failure::new(Exit::NotLoggedIn, "token-needed", "there is no token to log in with")
            .help("put it in a file of mode 0600 and set SUBROSA_TOKEN_FILE")
            .help("or get one:                       subrosa login --server URL");
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(needed);
    }
    match hidden::ask("Token (hidden): ") {
        Ok(token) if !token.is_empty() => Ok(PlainToken::new(token)),
        _ => Err(needed),
    }
}

fn token_from_file(path: &Path, output: Output) -> Result<PlainToken, Failure> {
    let unreadable = || {
        let error = format!("the token file {} cannot be read", path.display());
        Failure::new(Exit::NotLoggedIn, "token-file-unreadable", error)
            .help("check SUBROSA_TOKEN_FILE")
    };
    let mut file = File::open(path).map_err(|_| unreadable())?;
    if is_open_to_others(&file) {
        output.note(format_args!(
            "the token file {} is readable by others (chmod 600 it)",
            path.display()
        ));
    }
    // Read into a buffer that never grows, so that no copy is left behind.
    let mut text = String::with_capacity(MAX_TOKEN_FILE_BYTES as usize + 1);
    file.by_ref().take(MAX_TOKEN_FILE_BYTES).read_to_string(&mut text).map_err(|_| unreadable())?;
    text.truncate(text.trim_end().len());
    if text.is_empty() { Err(unreadable()) } else { Ok(PlainToken::new(text)) }
}

fn is_open_to_others(file: &File) -> bool {
    file.metadata().is_ok_and(|data| data.permissions().mode() & 0o044 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, io::Write};

    const QUIET: bool = true;

    #[test]
    fn a_token_file_may_end_in_a_newline_and_must_hold_something() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        fs::write(&path, "\n").unwrap();
        assert_eq!(token_from_file(&path, Output::new(QUIET)).err().unwrap().exit.number(), 4);
        fs::write(&path, "sr_pat_x\r\n").unwrap();
        assert!(token_from_file(&path, Output::new(QUIET)).is_ok());
        let missing = dir.path().join("missing");
        assert_eq!(token_from_file(&missing, Output::new(QUIET)).err().unwrap().exit.number(), 4);
    }

    #[test]
    fn a_token_file_that_others_can_read_is_noticed() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"sr_pat_x").unwrap();
        for (mode, open) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(file.as_file()), open, "{mode:o}");
        }
    }

    #[test]
    fn plain_http_beyond_this_machine_is_refused() {
        let globals = Globals {
            data: None,
            server: Some("http://secrets.example".into()),
            insecure_http: false,
            tenant: None,
            json: false,
        };
        let failure = choose(&globals, Output::new(QUIET)).err().unwrap();
        assert_eq!((failure.exit.number(), &*failure.code), (2, "insecure-server"));
    }
}
