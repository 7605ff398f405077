//! Values and tokens are where they belong and nowhere else: not on the disk, not in a log, not in an answer that does
//! not exist to show them, through errors, crashes and restarts.

mod acts;
mod asks;
pub(crate) mod load;
pub(crate) mod needle;
mod offences;
mod places;

use crate::{
    check::{Check, Context, Outcome},
    dice, holds,
    served::{Home, Served},
    wire::Reply,
};
use load::{Load, TENANTS, Then};
use needle::Needles;
use nix::unistd::geteuid;

pub(crate) const CHECK: Check = Check {
    name: "canaries",
    holds: "no value and no token is on the disk, in a log or in an answer that does not show it",
    plants: &[
        "value-in-log",
        "value-in-error",
        "plaintext-column",
        "value-as-salt",
        "token-in-log",
        "token-in-row",
        "answers-kept",
    ],
    run,
};

/// How a server is started so that it says all it ever says, and refuses nobody for asking often.
pub(crate) const TALKATIVE: [&str; 4] =
    ["--log-level", "trace", "--unknown-credentials-per-second", "0"];

fn run(context: &Context) -> Outcome {
    if !geteuid().is_root() {
        return Outcome::NotRun("what a server has open is read by root".to_owned());
    }
    let seed = dice::seed();
    let home = Home::new(context.binary());
    let mut served = home.serve_with(&TALKATIVE);
    let mut load = context.block_on(Load::begin(seed, &served));
    places::prove(&home, &load.marker);
    let (crashes, operations) = (context.many(1, 6, 60), context.many(1_500, 101_000, 2_000_000));
    let mut searched = 0;
    for _ in 0..crashes {
        let working = load.run(served, operations.div_ceil(crashes + 1), Then::Kill);
        let crashed = context.block_on(working);
        assert!(crashed.is_none(), "it was killed");
        // What a crash leaves, before anyone tidies up.
        match nowhere(&load, &home, "after a crash") {
            Ok(bytes) => searched += bytes,
            Err(how) => return Outcome::Violated(format!("seed {seed}: {how}")),
        }
        served = home.serve_with(&TALKATIVE);
    }
    let rested = context.block_on(load.run(served, operations.div_ceil(crashes + 1), Then::Rest));
    let served = rested.expect("it was not killed");
    let needles = load.needles();
    let looked = context.block_on(everything_told(&needles, &served));
    let looked = match looked.and_then(|looked| {
        places::process(&needles, served.pid())?;
        Ok(looked)
    }) {
        Ok(looked) => looked,
        Err(how) => return Outcome::Violated(format!("seed {seed}: {how}")),
    };
    export(&home);
    served.stop();
    match nowhere(&load, &home, "after a stop") {
        Ok(bytes) => searched += bytes,
        Err(how) => return Outcome::Violated(format!("seed {seed}: {how}")),
    }
    holds!(searched > 0, "nothing was searched");
    let mut counts = load.counts();
    counts.extend([
        (crashes, "crashes"),
        (looked, "pages of events"),
        (searched >> 20, "MiB searched"),
    ]);
    Outcome::Held(counts)
}

/// Whether the answers so far and every file of the home are without what must be nowhere; how much that was.
fn nowhere(load: &Load, home: &Home, when: &str) -> Result<u64, String> {
    load.violation().map_or(Ok(()), Err)?;
    places::files(&load.needles(), home.path()).map_err(|how| format!("{when} {how}"))
}

/// Writes every tenant's events out, beside everything else that is searched.
fn export(home: &Home) {
    for tenant in TENANTS {
        let mut command = home.command();
        command.args(["audit", "export", "--tenant", tenant, "--out"]);
        command.arg(home.path().join(format!("{tenant}.export"))).arg("--data").arg(&home.data);
        let said = command.output().expect("the command line starts");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }
}

/// Reads everything that is told of what happened: every event, every token, every metric.
async fn everything_told(needles: &Needles, served: &Served) -> Result<u64, String> {
    let operator = served.operator();
    let mut pages = 0;
    for list in [
        "/v1/auditEvents",
        "/v1/tenants/default/auditEvents",
        "/v1/tenants/acme/auditEvents",
        "/v1/tenants/beta/auditEvents",
        "/v1/tenants/default/credentialAuditEvents",
        "/v1/tenants/default/tokens",
        "/v1/tenants/acme/secrets",
    ] {
        let look = |page: &Reply| match needles.found_in(&page.bytes) {
            Some(what) => Err(format!("{list} has {what}")),
            None => Ok(()),
        };
        pages += operator.pages(list, look).await?;
    }
    for path in ["/metrics", "/openapi.json", "/v1/auditEvents:verify", "/"] {
        let reply = operator.send("GET", path, None).await.expect("an answer");
        if let Some(what) = needles.found_in(&reply.bytes) {
            return Err(format!("{path} has {what}"));
        }
    }
    Ok(pages)
}
