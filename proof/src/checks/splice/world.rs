//! The secrets that are spliced: in two tenants, of every tier, with two revisions each, under two key versions.

use super::{
    mutants::{Donor, Mutant},
    row::Row,
};
use crate::tamper::{self, bytes_of};
use rusqlite::Connection;
use serde_json::json;
use subrosa_testkit::{Actor, Reply, TestServer, id_of};

const TIERS: [&str; 5] = ["STANDARD", "PII", "PHI", "FINANCIAL", "REGULATED"];

/// The secrets, by number. Those whose numbers differ by five are of one tier.
pub(super) struct World {
    names: Vec<String>,
    /// Their ids.
    pub(super) ids: Vec<[u8; 16]>,
    /// Their live values.
    pub(super) values: Vec<String>,
    /// Their live revisions as they should be.
    pub(super) rows: Vec<Row>,
    /// The same under the key version before.
    earlier: Vec<Row>,
    /// The revisions before them.
    first: Vec<Row>,
    /// The live revisions of as many secrets of another tenant.
    foreign: Vec<Row>,
}

/// Whoever reads, by every door.
pub(super) struct Readers {
    operator: Actor,
    holder: Actor,
}

impl World {
    pub(super) async fn make(server: TestServer, secrets: usize) -> (TestServer, Self) {
        server.tenant("acme").await;
        let operator = server.operator();
        let (mut names, mut values, mut foreign_names) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..secrets {
            for (tenant, names) in [("default", &mut names), ("acme", &mut foreign_names)] {
                let base = format!("/v1/tenants/{tenant}/secrets");
                let body = json!({ "key": format!("S{number}"), "disclosure": "READABLE",
                    "sensitivity": TIERS[number % 5], "value": value(tenant, number, 1) });
                let id = id_of(&operator.post(&base, body).await.expect(201));
                let body = json!({ "value": value(tenant, number, 2) });
                operator.post(&format!("{base}/{id}:publish"), body).await.expect(200);
                names.push(id);
            }
            values.push(value("default", number, 2));
        }
        let conn = Connection::open(server.store_file()).unwrap();
        let read = |names: &[String], version| -> Vec<Row> {
            names.iter().map(|id| Row::read(&conn, bytes_of(id), version)).collect()
        };
        let earlier = read(&names, 2);
        for tenant in ["default", "acme"] {
            let path = format!("/v1/tenants/{tenant}/keys:rotate");
            operator.post(&path, json!({})).await.expect(200);
        }
        server.app().rewrap_all().await.unwrap();
        let rows = read(&names, 2);
        assert!(rows.iter().all(|row| row.key_version == 2), "everything was rewrapped");
        let (first, foreign) = (read(&names, 1), read(&foreign_names, 2));
        let ids = names.iter().map(|id| bytes_of(id)).collect();
        drop(conn);
        (server, Self { names, ids, values, rows, earlier, first, foreign })
    }

    /// What a mutant of one secret's row is made of.
    pub(super) fn donor(&self, victim: usize, donor: Donor) -> Row {
        let beside = (victim + 5) % self.rows.len();
        match donor {
            Donor::Revision => self.first[victim].clone(),
            Donor::Secret => self.rows[beside].clone(),
            Donor::Tenant => self.foreign[victim].clone(),
            Donor::Tier => self.rows[(victim + 1) % self.rows.len()].clone(),
            Donor::Earlier => self.earlier[beside].clone(),
            Donor::OwnEarlier => self.earlier[victim].clone(),
        }
    }

    /// Puts every row as it should be and each mutant into one of its own, with nobody looking; says which is where.
    pub(super) async fn place(
        &self,
        server: TestServer,
        batch: &[Mutant],
        round: usize,
    ) -> (TestServer, Vec<(usize, Mutant)>) {
        let stopped = server.stop().await;
        let conn = tamper::open(&stopped.store_file());
        self.rows.iter().for_each(|row| row.write(&conn));
        let mut placed = Vec::new();
        for (at, mutant) in batch.iter().enumerate() {
            // Another secret, and with it another tier and another door, in every round; each once in a round.
            let victim = (at + round * 2) % (self.rows.len() - 1);
            if let Some(row) = mutant.of(&self.rows[victim], |donor| self.donor(victim, donor)) {
                row.write(&conn);
                placed.push((victim, *mutant));
            }
        }
        tamper::close(conn);
        (stopped.start().await, placed)
    }

    pub(super) async fn readers(&self, server: &TestServer) -> Readers {
        Readers { operator: server.operator(), holder: server.admin("default").await }
    }
}

impl Readers {
    /// Reads a secret by one door or another.
    pub(super) async fn read(
        &self,
        world: &World,
        secret: usize,
        door: usize,
    ) -> (&'static str, Reply) {
        let id = &world.names[secret];
        match door % 4 {
            0 => ("reveal", self.operator.reveals(id).await),
            1 => ("batch", self.operator.reveals_all(json!([{ "id": id }])).await),
            2 => ("walletcrew", self.holder.get(&format!("/api/default/secrets/S{secret}")).await),
            _ => ("truefoundry", self.holder.get(&format!("/api/svc/v1/secrets/{id}")).await),
        }
    }
}

/// A value: of one length, and found nowhere but in itself.
fn value(tenant: &str, number: usize, version: usize) -> String {
    format!("spliced {tenant:>7} {number:06} {version}")
}
