//! The `truefoundry` clients, as published: the SDK 0.6.0, method by method, and the `tfy` command line 0.17.5.
//!
//! The SDK is driven by the Python beside this, which only calls and compares; everything it says is counted here.

mod cli;
mod sdk;

use super::{
    Stop,
    server::{self, Server},
    transcript::{Tally, Transcript},
    venv,
};
use serde_json::json;
use std::path::Path;

/// The clients, and what the driver checks a signature with.
const PACKAGES: [&str; 3] = ["truefoundry-sdk==0.6.0", "truefoundry==0.17.5", "pyjwt[crypto]"];
const TENANT: &str = "acme";
const VALUES: [&str; 6] = [
    "canary-value-one-7Q2m",
    "canary-value-two-9Xk4",
    "canary-value-three-3Lp8",
    "canary-value-four-5Tz1",
    "canary-value-five-8Nw6",
    "canary-value-six-2Hd9",
];

/// Installs the clients, starts a server, runs every check and counts them.
pub(super) fn run(root: &Path) -> Result<Tally, Stop> {
    let folder = tempfile::Builder::new().prefix("sr-tf-").tempdir().map_err(Stop::broken)?;
    let programs = venv::with(folder.path(), &PACKAGES)?;
    let binary = server::build(root)?;
    for name in ["home", "keys", "client"] {
        std::fs::create_dir(folder.path().join(name)).map_err(Stop::broken)?;
    }
    let mut server = Server::start(&binary, folder.path())?;
    let mut transcript = Transcript::watching(&VALUES);
    // With one tenant alone the server knows which one a login is about.
    server.operator(&["tenant", "create", TENANT])?;
    server.operator(&["tenant", "delete", "default", "--confirm", "default"])?;
    let admin = server.mint(TENANT, "conformance", Some("admin"))?;
    if let Err(stop) = cli::run(&mut transcript, &server, &programs, folder.path(), &admin) {
        transcript.check("every step of the command line could be made", false);
        transcript.not_run("the rest of the command line", &transcript.redacted(stop.why()));
    }
    server.operator(&["tenant", "create", "other"])?;
    let tokens = sdk::Tokens {
        foreign: server.mint("other", "foreign", Some("admin"))?,
        bare: server.mint(TENANT, "bare", None)?,
        admin,
    };
    transcript.watch(tokens.all());
    sdk::run(&mut transcript, &server, &programs, folder.path(), &tokens)?;
    let code = server.stop()?;
    transcript.equal("the server ends cleanly when asked", &json!(code), 0);
    transcript.look(&server.log());
    transcript.no_value_was_seen();
    Ok(transcript.tally())
}
