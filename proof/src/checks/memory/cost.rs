//! What wiping freed memory costs: a measurement, printed and never judged.
//!
//! The same requests to the binary as it is and to one whose allocator leaves what it frees, turn and turn about, so
//! that a busy machine is busy for both. Processor time is told beside throughput: others do not change it.

use crate::{
    check::Context,
    served::{Home, Served},
};
use serde_json::json;
use std::{fs, time::Instant};

/// Bytes of a value: an ordinary token of some other service.
const VALUE: usize = 40;

/// Callers at a time.
const CALLERS: usize = 8;

/// The fault that leaves memory as it is.
const LEAVES: &str = "no-wipe-on-free";

/// One turn of one server.
#[derive(Clone, Copy)]
struct Turn {
    /// Reveals in a second.
    rate: f64,
    /// Hundredths of a second of the processor's time for a thousand.
    ticks: f64,
}

/// The cost in per mille of throughput and of processor time, the median of the turns.
pub(super) fn measured(context: &Context) -> Vec<(u64, &'static str)> {
    let (rounds, requests) = (context.many(0, 7, 15), context.many(0, 750, 8_000));
    if rounds == 0 || std::env::var_os("SUBROSA_PLANT").is_some() {
        return Vec::new();
    }
    let (wiping_home, leaving_home) = (Home::new(context.binary()), Home::new(context.binary()));
    let wiping = wiping_home.serve();
    let leaving = leaving_home.serve_planted(LEAVES);
    let (mut slower, mut dearer) = (Vec::new(), Vec::new());
    let secrets = context.block_on(async { [secret(&wiping).await, secret(&leaving).await] });
    // The first round warms up both.
    for round in 0..=rounds {
        let with = context.block_on(turn(&wiping, &secrets[0], requests));
        let without = context.block_on(turn(&leaving, &secrets[1], requests));
        if round > 0 {
            slower.push(1.0 - with.rate / without.rate);
            dearer.push(with.ticks / without.ticks - 1.0);
        }
    }
    let (slower, dearer) = (median(slower), median(dearer));
    println!(
        "wiping what is freed costs {:.1} % of throughput and {:.1} % of processor time ({VALUE} B)",
        slower * 100.0,
        dearer * 100.0
    );
    vec![(rounds * requests * 2 * CALLERS as u64, "reveals measured")]
}

async fn turn(served: &Served, secret: &(String, String), requests: u64) -> Turn {
    let (token, path) = secret;
    let (before, start) = (ticks(served.pid()), Instant::now());
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (wire, path) = (served.with_token(token), path.clone());
        asking.spawn(async move {
            for _ in 0..requests {
                let reply = wire.send("POST", &path, Some(&json!({}))).await.expect("an answer");
                assert_eq!(reply.status, 200);
            }
        });
    }
    while let Some(done) = asking.join_next().await {
        done.expect("a caller's end");
    }
    let total = (requests * CALLERS as u64) as f64;
    let rate = total / start.elapsed().as_secs_f64();
    Turn { rate, ticks: (ticks(served.pid()) - before) * 1_000.0 / total }
}

/// A token, and where a secret of the usual size is revealed.
async fn secret(served: &Served) -> (String, String) {
    let (operator, at) = (served.operator(), "/v1/tenants/default");
    let body = json!({ "key": "K", "value": "v".repeat(VALUE), "disclosure": "READABLE" });
    let made = operator.send("POST", &format!("{at}/secrets"), Some(&body)).await;
    let id = made.expect("an answer").expect(201)["id"].as_str().expect("an id").to_owned();
    (served.admin_of("default").await, format!("{at}/secrets/{id}:reveal"))
}

/// The processor's time that a process took so far, in the system's ticks.
fn ticks(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let (_, after) = stat.rsplit_once(") ").expect("its name is in parentheses");
    let fields: Vec<&str> = after.split(' ').collect();
    let [user, system] = [11, 12].map(|at| fields[at].parse::<f64>().expect("a number"));
    user + system
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
