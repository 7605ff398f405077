//! The same with the program and its own checkpoint folder: put back, refused, accepted by its own command.

use crate::{
    check::Context,
    served::{Home, Served},
};
use serde_json::json;
use std::{fs, time::Duration};

const READY: &str = "/health/ready";

/// Puts back the store of a server that ran, and accepts it.
pub(super) fn round(context: &Context) -> Result<(), String> {
    let home = Home::new(context.binary());
    makes(context, &home.serve(), "earlier");
    let earlier = home.path().join("earlier.db");
    // The server that was dropped ended suddenly: the next one folds its log back, and ends as it should.
    home.serve().stop();
    fs::copy(home.store(), &earlier).unwrap();
    let server = home.serve();
    makes(context, &server, "later");
    server.stop();

    fs::copy(&earlier, home.store()).unwrap();
    let server = home.starts(&[]);
    let (status, reason) = asked(context, &server);
    if status != 503 || reason.matches(|one: char| one.is_ascii_digit()).count() < 2 {
        return Err(format!("the program is ready on an older store: {status} {reason}"));
    }
    server.stop();
    home.accepts()?;
    let server = home.serve();
    let operator = server.operator();
    let path = "/v1/auditEvents?action=rollback.accept";
    let events = context.block_on(operator.send("GET", path, None)).unwrap().expect(200);
    let accepted = events["items"].as_array().map_or(0, Vec::len);
    if accepted == 1 { Ok(()) } else { Err(format!("{accepted} acceptances on record")) }
}

fn makes(context: &Context, server: &Served, slug: &str) {
    let operator = server.operator();
    let body = json!({ "slug": slug });
    let made = context.block_on(operator.send("POST", "/v1/tenants", Some(&body)));
    made.unwrap().expect(201);
}

/// What the readiness page says once somebody answers.
fn asked(context: &Context, server: &Served) -> (u16, String) {
    let stranger = server.with_token("none");
    for _ in 0..3_000 {
        if let Ok(reply) = context.block_on(stranger.send("GET", READY, None)) {
            let reason = reply.json()["reason"].as_str().unwrap_or_default().to_owned();
            return (reply.status, reason);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("nobody answers");
}
