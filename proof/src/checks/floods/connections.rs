//! A thousand hostile connections at once: the server stays the size it is, answers everybody else, and forgets them.

use super::hostile::Hostile;
use crate::{check::Context, served::Served};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use std::{fs, time::Duration};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

/// How much the server may grow, in KiB.
const GROWS_BY_KIB: u64 = 64 * 1024;

/// How long something may take before it is taken never to come.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) async fn attack(context: &Context, served: &Served) -> Result<u64, String> {
    let many = context.many(400, 1_000, 4_000);
    let token = served.admin_of("default").await;
    let healthy = served.with_token(&token);
    let body = json!({ "key": "K", "value": "v", "disclosure": "READABLE" });
    let made = healthy.send("POST", "/v1/tenants/default/secrets", Some(&body)).await;
    let id = made.expect("an answer").expect(201)["id"].as_str().expect("an id").to_owned();
    let reveal = format!("/v1/tenants/default/secrets/{id}:reveal");
    let asks = async || {
        let nothing = json!({});
        let asked = healthy.send("POST", &reveal, Some(&nothing));
        matches!(timeout(LIMIT, asked).await, Ok(Ok(reply)) if reply.status == 200)
    };
    for _ in 0..200 {
        if !asks().await {
            return Err("somebody known is not answered even before the flood".to_owned());
        }
    }
    let (kib, files) = (resident_kib(served.pid()), open_files(served.pid()));
    let (mut flood, mut all) = (JoinSet::new(), files);
    for at in 0..many {
        let kind = Hostile::ALL[usize::try_from(at).unwrap() % Hostile::ALL.len()];
        all += usize::from(kind.is_held());
        flood.spawn(kind.goes_on(served.address));
    }
    let (mut most, mut held, mut calm) = (0, 0, 0);
    // Until it has grown no more for a while; each round asks, so that it is busy with others meanwhile.
    for _ in 0..2_000 {
        for _ in 0..5 {
            if !asks().await {
                return Err(format!(
                    "among {many} hostile connections one request was not answered"
                ));
            }
        }
        let now = resident_kib(served.pid());
        calm = if now > most { 0 } else { calm + 1 };
        most = most.max(now);
        held = held.max(open_files(served.pid()));
        if most > kib + GROWS_BY_KIB {
            return Err(format!(
                "{many} hostile connections made it grow from {kib} to {most} KiB"
            ));
        }
        if calm > 200 {
            break;
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert!(flood.try_join_next().is_none(), "every hostile connection was made");
    assert!(held >= all, "the server had {held} files open at most, where {all} were to be");
    flood.shutdown().await;
    // How long the server may take to see that all of them hung up.
    forgets(served, files, Duration::from_secs(context.many(3, 20, 20))).await?;
    println!("floods: grew from {kib} to {most} KiB");
    Ok(many)
}

/// Waits until no connection of the flood is open any more.
async fn forgets(served: &Served, before: usize, limit: Duration) -> Result<(), String> {
    let forgotten = async {
        while open_files(served.pid()) > before {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let now = || open_files(served.pid());
    timeout(limit, forgotten).await.map_err(|_| {
        format!("of the flood {} files are still open, and {before} were before", now())
    })
}

fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs").count()
}

/// As many files as this process may have, and who is started by it.
pub(super) fn allow_files() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("as many as allowed");
}
