//! A sync or a fold of the log fails, the server goes on, and then the power goes. What a failed sync was to make
//! durable never is, so a server that believed a later sync to have done it would lose what it acknowledged in between.

use super::{Found, stage::chains_hold};
use crate::check::Context;
use serde_json::json;
use subrosa_testkit::{
    DEFAULT, TestServer,
    faults::{Call, Failure, Fault, File, Plane, Point},
};

/// Where a sync is made, and where the log is emptied after an erasure.
const POINTS: [Point; 4] = [
    Point::new(Call::Truncate, File::Log),
    Point::new(Call::Sync, File::Log),
    Point::new(Call::Sync, File::Store),
    Point::new(Call::SyncFolder, File::Log),
];

pub(super) async fn attack(context: &Context, plane: &'static Plane) -> Found {
    let mut cuts = 0;
    for nth in 1..=context.many(3, 12, 60) {
        for point in POINTS {
            cut(plane, point, nth).await?;
            cuts += 1;
        }
    }
    Ok(cuts)
}

/// One life of a server, with the nth sync of a kind failing, and what is left of it.
async fn cut(plane: &'static Plane, point: Point, nth: u64) -> Result<(), String> {
    let told = |how: String| format!("after {point} failed at its call {nth}: {how}");
    let server = TestServer::start().await;
    let folder = server.data();
    plane.remember(&folder);
    let fault = Fault::Io;
    let arm = plane.fails(Failure { fault, folder, at: vec![point], nth, lasting: false });
    let operator = server.operator();
    let mut acknowledged = Vec::new();
    for step in 0..nth + 4 {
        let key = format!("K{step}");
        let body = json!({ "key": key, "value": key, "disclosure": "READABLE" });
        let reply = operator.post(&format!("{DEFAULT}/secrets"), body).await;
        if reply.status == 201 {
            acknowledged.push(key);
        }
        // An erasure folds the log back, which is when the database itself is written and synced.
        let passing = json!({ "key": format!("PASSING{step}"), "value": "v" });
        let made = operator.post(&format!("{DEFAULT}/secrets"), passing).await;
        if let Some(id) = made.json()["id"].as_str() {
            let _ = operator.delete(&format!("{DEFAULT}/secrets/{id}")).await;
        }
    }
    drop(arm);
    let before = server.deciding_rows();
    let image = server.image();
    plane.leave(&image.data());
    drop(server);
    let server = image.tries_to_start().await;
    let server = server.map_err(|(_, failure)| told(format!("it does not start: {failure}")))?;
    for key in acknowledged {
        let shown = server.operator().reveals_all(json!([{ "key": key }])).await.expect(200);
        if shown["items"][0]["value"] != key.as_str() {
            return Err(told(format!("{key} was acknowledged and is lost")));
        }
    }
    if server.deciding_rows() != before {
        return Err(told("the rows are not those that were there".to_owned()));
    }
    chains_hold(&server).await.map_err(told)
}
