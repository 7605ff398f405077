//! A tenant that was deleted: nothing of it opens again, in the server that did it, in one started on what is left, or
//! in one started on an older copy of the database; and a kill in the middle leaves it whole or gone.

mod kills;
mod traces;

use crate::{
    check::{Check, Context, Outcome},
    holds,
    served::{Home, Served},
    wire::Wire,
};
use serde_json::{Value, json};
use std::{fs, io, path::Path, time::Duration};
use traces::Traces;

pub(crate) const CHECK: Check = Check {
    name: "erase",
    holds: "nothing of a deleted tenant opens, live, in the log or from an older copy of the store",
    plants: &[
        "salt-kept",
        "sweep-skipped",
        "cache-kept-after-erase",
        "erase-unscrubbed",
        "delete-insecure",
    ],
    run,
};

/// A tenant, its secrets and a token of it.
struct Tenant {
    slug: String,
    token: String,
    secrets: Vec<String>,
}

fn run(context: &Context) -> Outcome {
    let home = Home::new(context.binary());
    let served = home.serve();
    let (gone, kept) = context.block_on(async {
        (Tenant::make(&served, "gone", 40).await, Tenant::make(&served, "kept", 5).await)
    });
    served.stop();
    let older = home.path().join("older.db");
    fs::copy(home.store(), &older).expect("a copy of the store");
    let traces = Traces::of(&home, &gone.slug);
    assert!(traces.in_data(&home).is_some() && traces.salt_in(&home).is_some(), "traces are found");

    let served = home.serve();
    let warm = context.block_on(gone.opened(&served));
    assert_eq!(warm, gone.secrets.len() * DOORS, "everything opens before the deletion");
    let live = context.block_on(async {
        gone.deletes(&served).await.expect("an answer").expect(204);
        gone.opened(&served).await
    });
    holds!(live == 0, "{live} values opened after the deletion was answered");
    let limit = Duration::from_secs(context.many(8, 20, 20));
    if let Some(trace) = context.block_on(traces.wait_until_gone(&home, &served, limit)) {
        return Outcome::Violated(format!("{trace} is still in the data folder"));
    }
    served.stop();
    let salt = traces.salt_in(&home);
    holds!(salt.is_none(), "the salt is still in {salt:?}");
    let left = traces.in_data(&home);
    holds!(left.is_none(), "{left:?} is still in the data folder of a server that ended");

    // What is left, read by a server that knows nothing.
    let served = home.serve();
    let cold = context.block_on(gone.opened(&served));
    holds!(cold == 0, "{cold} values opened after a start");
    served.stop();

    // The older copy, beside the same keystore, by somebody who goes on from it.
    let newer = home.path().join("newer.db");
    fs::rename(home.store(), &newer).expect("the newer store is put away");
    put_back(&home, &older);
    let served = home.serve();
    let (from_copy, others) =
        context.block_on(async { (gone.opened(&served).await, kept.opened(&served).await) });
    holds!(from_copy == 0, "{from_copy} values opened from an older copy");
    assert_eq!(others, kept.secrets.len() * DOORS, "what was not deleted opens from it");
    let rotated = context.block_on(gone.rotates(&served));
    holds!(rotated != 200, "a key of an older copy was given a new version");
    let from_copy = context.block_on(gone.opened(&served));
    holds!(from_copy == 0, "{from_copy} values opened from an older copy after a rotation");
    served.kill();
    // It is the salt that keeps them shut, and nothing else about the copy.
    traces.put_salt_back(&home);
    put_back(&home, &older);
    let served = home.serve();
    let with_salt = context.block_on(gone.opened(&served));
    served.kill();
    assert_eq!(with_salt, gone.secrets.len() * DOORS, "with its salt the copy opens");

    // As a kill between the commit and the end of the salt leaves it.
    put_back(&home, &newer);
    home.serve().stop();
    let salt = traces.salt_in(&home);
    holds!(salt.is_none(), "a start left the salt of a deleted tenant in {salt:?}");

    let opened = u64::try_from(warm).unwrap();
    let kills = context.many(3, 60, 400);
    match kills::attack(context, &home, kills) {
        Ok((inside, finished)) => Outcome::Held(vec![
            (opened, "values that opened before"),
            (traces.count(), "traces looked for"),
            (kills, "kills"),
            (inside, "of them before the answer"),
            (finished, "deletions that stood"),
        ]),
        Err(how) => Outcome::Violated(how),
    }
}

/// By how many doors each secret is read.
const DOORS: usize = 3;

impl Tenant {
    async fn make(served: &Served, slug: &str, secrets: usize) -> Self {
        let operator = served.operator();
        let post = async |path: String, body: Value| {
            operator.send("POST", &path, Some(&body)).await.expect("an answer").expect(201)
        };
        post("/v1/tenants".to_owned(), json!({ "slug": slug })).await;
        let base = format!("/v1/tenants/{slug}");
        let token = served.admin_of(slug).await;
        let mut ids = Vec::new();
        for number in 0..secrets {
            let body = json!({ "key": format!("E{number}"), "value": format!("erased {number}"),
                "disclosure": "READABLE" });
            let made = post(format!("{base}/secrets"), body).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        Self { slug: slug.to_owned(), token, secrets: ids }
    }

    /// How many values open, by every door: to the tenant's own token, and to the operator.
    async fn opened(&self, served: &Served) -> usize {
        let (holder, operator) = (served.with_token(&self.token), served.operator());
        let base = format!("/v1/tenants/{}", self.slug);
        let mut opened = 0;
        for (number, id) in self.secrets.iter().enumerate() {
            let reveal = format!("{base}/secrets/{id}:reveal");
            let by_name = format!("/api/{}/secrets/E{number}", self.slug);
            let value = format!("erased {number}");
            for reply in [
                holder.send("POST", &reveal, Some(&json!({}))).await,
                operator.send("POST", &reveal, Some(&json!({}))).await,
                holder.send("GET", &by_name, None).await,
            ] {
                let reply = reply.expect("an answer");
                opened += usize::from(String::from_utf8_lossy(&reply.bytes).contains(&value));
            }
        }
        opened
    }

    async fn deletes(&self, served: &Served) -> io::Result<crate::wire::Reply> {
        let operator: Wire = served.operator();
        operator.send("DELETE", &format!("/v1/tenants/{}", self.slug), None).await
    }

    async fn rotates(&self, served: &Served) -> u16 {
        let path = format!("/v1/tenants/{}/keys:rotate", self.slug);
        let reply = served.operator().send("POST", &path, Some(&json!({}))).await;
        reply.expect("an answer").status
    }
}

/// Puts a copy in the place of the store, and accepts that it is another than the last one.
fn put_back(home: &Home, copy: &Path) {
    for suffix in ["-wal", "-shm"] {
        let mut name = home.store().into_os_string();
        name.push(suffix);
        let _ = fs::remove_file(name);
    }
    fs::copy(copy, home.store()).expect("a copy of the store");
    home.accepts().expect("whoever has the folder may accept it");
}
