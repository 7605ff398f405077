//! Wraps that were moved, and then a rotation: what is moved is not wrapped anew where it is, and holds up nothing.

use super::{mutants::Donor, row::Row, world::World};
use crate::tamper;
use rusqlite::Connection;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use subrosa_testkit::{DEFAULT, TestServer};

/// Where the wraps come from. The rest of each row stays as it is.
const FROM: [Donor; 4] = [Donor::Revision, Donor::Secret, Donor::Tenant, Donor::Tier];

/// Moves a wrap into every second secret and rotates; says how many were moved, or what came of it that must not.
pub(super) async fn attack(world: &World, server: TestServer) -> Result<u64, String> {
    let stopped = server.stop().await;
    let conn = tamper::open(&stopped.store_file());
    let mut moved: BTreeMap<usize, Row> = BTreeMap::new();
    for victim in (0..world.rows.len()).step_by(2) {
        let from = world.donor(victim, FROM[victim / 2 % FROM.len()]);
        let own = world.rows[victim].clone();
        let row = Row { wrap: from.wrap, key_version: from.key_version, ..own };
        row.write(&conn);
        moved.insert(victim, row);
    }
    tamper::close(conn);
    let server = stopped.start().await;
    server.clock.advance(Duration::from_secs(1));
    let since = server.clock.millis() * 1_000;
    server.operator().post(&format!("{DEFAULT}/keys:rotate"), json!({})).await.expect(200);
    let rewrapped = server.app().rewrap_all().await;
    rewrapped.map_err(|error| format!("moved wraps held up the rewrap: {error}"))?;
    server.app().flush().await.expect("what is on record is written");
    let found = tamper::failures(&server.store_file(), since);
    let conn = Connection::open(server.store_file()).unwrap();
    for (secret, id) in world.ids.iter().enumerate() {
        let now = Row::read(&conn, *id, 2);
        let on_record = found.get(id).is_some_and(|found| found.by_server > 0);
        match moved.get(&secret) {
            Some(row) if now != *row => {
                return Err(format!("the wrap moved into secret {secret} was wrapped anew"));
            }
            Some(_) if !on_record => {
                return Err(format!("the wrap moved into secret {secret} is not on record"));
            }
            None if now.key_version != 3 => {
                return Err(format!("secret {secret}, which nobody touched, was not rewrapped"));
            }
            None if on_record => {
                return Err(format!("secret {secret}, which nobody touched, is on record"));
            }
            Some(_) | None => {}
        }
    }
    Ok(u64::try_from(moved.len()).unwrap())
}
