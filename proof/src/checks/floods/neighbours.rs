//! A noisy tenant, and somebody guessing at tokens from the same address: the quiet tenant beside them is answered.

use crate::{check::Context, served::Served, wire::Wire};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::timeout};

/// How long something may take before it is taken never to come.
const LIMIT: Duration = Duration::from_secs(60);

/// Connections of the noisy one.
const NOISY: usize = 64;

pub(super) async fn attack(context: &Context, served: &Served) -> Result<u64, String> {
    for slug in ["noisy", "quiet"] {
        let body = json!({ "slug": slug });
        let made = served.operator().send("POST", "/v1/tenants", Some(&body)).await;
        made.expect("an answer").expect(201);
    }
    let (noisy, quiet) = (served.admin_of("noisy").await, served.admin_of("quiet").await);
    let (mut noise, heard) = (JoinSet::new(), Arc::<Heard>::default());
    for at in 0..NOISY {
        let wrong = at % 4 == 0;
        let token = if wrong { "sr_pat_wrong" } else { noisy.as_str() };
        noise.spawn(makes_noise(Wire::tcp(served.address, Some(token)), at, Arc::clone(&heard)));
    }
    let quiet = served.with_token(&quiet);
    let turns = context.many(150, 300, 5_000);
    for turn in 0..turns {
        let body = json!({ "key": format!("K{turn}"), "value": "v", "disclosure": "READABLE" });
        let id = answered(&quiet, "/v1/tenants/quiet/secrets", &body, 201).await?;
        let reveal = format!("/v1/tenants/quiet/secrets/{id}:reveal");
        answered(&quiet, &reveal, &json!({}), 200).await?;
    }
    noise.shutdown().await;
    let heard = (heard.done.load(Relaxed), heard.told_to_wait.load(Relaxed));
    assert!(heard.0 > 0 && heard.1 > 0, "noise and guesses were answered: {heard:?}");
    Ok(turns * 2)
}

/// Asks for something, and must be answered; the id in the answer.
async fn answered(
    quiet: &Wire,
    path: &str,
    body: &serde_json::Value,
    status: u16,
) -> Result<String, String> {
    let reply = timeout(LIMIT, quiet.send("POST", path, Some(body))).await;
    let reply = reply.map_err(|_| format!("beside a noisy tenant {path} was not answered"))?;
    let reply = reply.map_err(|error| format!("beside a noisy tenant {path}: {error}"))?;
    if reply.status != status {
        return Err(format!("beside a noisy tenant {path} was answered {}", reply.status));
    }
    Ok(reply.json()["id"].as_str().unwrap_or_default().to_owned())
}

/// How often the noisy one wrote something, and whoever guesses was told to wait.
#[derive(Default)]
struct Heard {
    done: AtomicU64,
    told_to_wait: AtomicU64,
}

/// Writes, reads and lists as fast as it is answered, whatever the answers are.
async fn makes_noise(wire: Wire, at: usize, heard: Arc<Heard>) {
    let base = "/v1/tenants/noisy/secrets";
    for turn in 0_u64.. {
        let body = json!({ "key": format!("N{at}-{turn}"), "value": "x".repeat(1_000) });
        match wire.send("POST", base, Some(&body)).await.map(|reply| reply.status) {
            Ok(201) => heard.done.fetch_add(1, Relaxed),
            Ok(429) => heard.told_to_wait.fetch_add(1, Relaxed),
            _ => 0,
        };
        let _ = wire.send("GET", &format!("{base}?pageSize=100"), None).await;
    }
}
