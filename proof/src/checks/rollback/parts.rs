//! A row or a tenant that is put back: genuine, and not the latest. A deep verification says so, and says which of the
//! two it is.

use super::{
    ready,
    states::{Row, States, gone},
};
use serde_json::Value;
use subrosa_testkit::TestServer;

/// What keeps where all heads stand.
const ANCHORS: [&str; 2] = ["anchors", "anchor_checkpoints"];

/// Puts a row back.
pub(super) async fn row(states: &mut States, row: &Row) -> Result<(), String> {
    states.put_back_row(row);
    let server = states.starts().await;
    let found = verdict(&server, Some(&row.tenant)).await;
    states.stops(server).await;
    states.restore();
    expect(found, Verdict { rows: false, ..LATEST })?;
    if !row.is_changed() {
        return Ok(());
    }
    states.put_back_under_seal(row);
    let server = states.starts().await;
    let found = verdict(&server, Some(&row.tenant)).await;
    states.stops(server).await;
    states.restore();
    expect(found, Verdict { edited: 1, ..LATEST }).map_err(|how| format!("under its seal: {how}"))
}

/// Puts a tenant back, and then the anchor with it.
pub(super) async fn tenant(states: &mut States, slug: &str) -> Result<(), String> {
    states.put_back_tenant(slug);
    let server = states.starts().await;
    let (its, all) = (verdict(&server, Some(slug)).await, verdict(&server, None).await);
    states.stops(server).await;
    expect(its, Verdict { heads: false, ..LATEST })?;
    expect(all, Verdict { heads: false, ..LATEST })?;
    states.put_back_tables(&ANCHORS);
    let server = states.starts().await;
    let (status, _) = ready(&server).await;
    states.stops(server).await;
    states.restore();
    match status {
        503 => Ok(()),
        _ => Err("put back with the anchor, it was served".to_owned()),
    }
}

/// Puts back the tenant that was deleted.
pub(super) async fn deleted(states: &mut States) -> Result<(), String> {
    states.put_back_tenant(gone());
    let server = states.starts().await;
    let found = verdict(&server, None).await;
    states.stops(server).await;
    states.restore();
    expect(found, Verdict { heads: false, ..LATEST })
}

/// What a deep verification says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Verdict {
    /// The rows are the latest.
    pub(super) rows: bool,
    /// The heads are.
    pub(super) heads: bool,
    /// So many rows are named as edited.
    pub(super) edited: usize,
}

/// Of what nobody touched.
pub(super) const LATEST: Verdict = Verdict { rows: true, heads: true, edited: 0 };

/// What a deep verification says of a tenant or of the deployment.
pub(super) async fn verdict(server: &TestServer, tenant: Option<&str>) -> Result<Verdict, String> {
    let of = tenant.map_or_else(|| "/v1".to_owned(), |slug| format!("/v1/tenants/{slug}"));
    let reply = server.operator().get(&format!("{of}/auditEvents:verify?deep=true")).await;
    let answer = reply.json();
    let states = &answer["states"];
    let edited = states["edited"].as_array().map_or(0, Vec::len);
    let found = Verdict { rows: states["rows"] == true, heads: states["heads"] == true, edited };
    let intact = found == LATEST && answer["fault"] == Value::Null;
    if reply.status != 200 || answer["intact"] != intact {
        return Err(format!("was answered {} {answer}", reply.status));
    }
    Ok(found)
}

fn expect(found: Result<Verdict, String>, what: Verdict) -> Result<(), String> {
    match found? {
        found if found == what => Ok(()),
        found => Err(format!("is called {found:?}")),
    }
}
