//! A load of values: workers who write and read them over all three surfaces, and a look at every answer.
//!
//! What an answer does not exist to show must not be in it, and no answer may be kept by anyone on the way. A worker
//! goes on until the server is gone, so that a crash falls among requests.

use super::{
    acts::{Done, Worker},
    needle::{Marker, Needles, of_token},
};
use crate::served::Served;
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};
use tokio::{sync::Notify, task::JoinSet};

/// How often each kind of request was sent, and how often it was answered, with a value in it or without.
type Kinds = BTreeMap<(&'static str, bool), (u64, u64)>;

/// Callers at a time.
const WORKERS: usize = 16;

/// The tenants that have values.
pub(super) const TENANTS: [&str; 3] = ["default", "acme", "beta"];

/// How often a worker may find a connection gone, one time after another, before something is taken to be wrong.
const FAILURES_MAX: u32 = 50;

/// From how many operations on every kind of them must have succeeded.
const ALL_KINDS_FROM: u64 = 5_000;

/// What an answer exists to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shows {
    Nothing,
    Value,
    Token,
}

/// What comes after so many operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Then {
    /// Everybody stops, and hangs up.
    Rest,
    /// The server is killed among the requests of everybody, who go on until then.
    Kill,
}

/// The load as a whole: who works, and what was seen so far.
pub(crate) struct Load {
    /// What every value holds.
    pub(crate) marker: Marker,
    workers: Vec<Worker>,
    seen: Arc<Seen>,
}

/// What was seen of answers.
struct Seen {
    needles: Mutex<Arc<Needles>>,
    /// The marker as an answer that shows a value has it.
    marker: Needles,
    tokens: Mutex<Vec<String>>,
    left: AtomicU64,
    used_up: Notify,
    ending: AtomicBool,
    /// How many of each kind succeeded, and how many were refused.
    kinds: Mutex<Kinds>,
    shown: AtomicU64,
    /// Why requests were not answered, and how often.
    lost: Mutex<BTreeMap<String, u64>>,
    violation: Mutex<Option<String>>,
}

impl Load {
    /// The load that a seed means, for a server that is new.
    pub(crate) async fn begin(seed: u64, served: &Served) -> Self {
        let marker = Marker::of(seed);
        let mut admins = Vec::new();
        for tenant in TENANTS {
            admins.push(admin_of(served, tenant).await);
        }
        let worker = |number: usize| {
            let (tenant, admin) = (TENANTS[number % 3], &admins[number % 3]);
            Worker::new(seed, number, tenant, admin, marker.clone())
        };
        let workers = (0..WORKERS).map(worker).collect();
        let only = Needles::of([("a value", marker.as_str().as_bytes())]);
        let seen = Seen {
            needles: Mutex::new(Arc::new(only)),
            marker: Needles::of([("a value", marker.as_str().as_bytes())]),
            tokens: Mutex::new(admins),
            left: AtomicU64::new(0),
            used_up: Notify::new(),
            ending: AtomicBool::new(false),
            kinds: Mutex::default(),
            shown: AtomicU64::new(0),
            lost: Mutex::default(),
            violation: Mutex::new(None),
        };
        Self { marker, workers, seen: Arc::new(seen) }
    }

    /// Everything that must be nowhere: the marker, and the secret of every token there is so far.
    pub(crate) fn needles(&self) -> Needles {
        let tokens = self.seen.tokens.lock().expect("whole").clone();
        let tokens = tokens.iter().flat_map(|token| of_token(token).map(|part| ("a token", part)));
        let marker = ("a value", self.marker.as_str().as_bytes());
        Needles::of(std::iter::once(marker).chain(tokens))
    }

    /// Does so many operations. Gives the server back, unless it was killed.
    pub(crate) async fn run(
        &mut self,
        served: Served,
        operations: u64,
        then: Then,
    ) -> Option<Served> {
        *self.seen.needles.lock().expect("whole") = Arc::new(self.needles());
        self.seen.left.store(operations, Relaxed);
        self.seen.ending.store(false, Relaxed);
        // Nobody works yet: what the last run was told after it had heard enough is not about this one.
        let _ = self.seen.used_up.notified().now_or_never();
        let mut working = JoinSet::new();
        for mut worker in self.workers.drain(..) {
            worker.meets(&served);
            working.spawn(work(worker, Arc::clone(&self.seen), then));
        }
        let mut served = Some(served);
        self.seen.used_up.notified().await;
        if then == Then::Kill {
            self.seen.ending.store(true, Relaxed);
            served.take().expect("it runs").kill();
        }
        while let Some(worker) = working.join_next().await {
            let mut worker =
                worker.unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()));
            worker.leaves();
            self.workers.push(worker);
        }
        self.workers.sort_by_key(|worker| worker.number);
        served
    }

    /// What was wrong with an answer, if one was wrong.
    pub(crate) fn violation(&self) -> Option<String> {
        self.seen.violation.lock().expect("whole").clone()
    }

    /// How many of what there were: answers, of them refusals, of them values that were shown, and tokens.
    ///
    /// # Panics
    /// When a kind of operation never succeeded: then this was not the load that it is taken for.
    pub(crate) fn counts(&self) -> Vec<(u64, &'static str)> {
        let kinds = self.seen.kinds.lock().expect("whole");
        let (done, refused) = kinds
            .values()
            .fold((0, 0), |(done, refused), (one, other)| (done + one, refused + other));
        let lost = self.seen.lost.lock().expect("whole");
        if !lost.is_empty() {
            println!("without an answer, and asked again: {lost:?}");
        }
        let shown = self.seen.shown.load(Relaxed);
        assert!(shown > 0, "no value was ever shown");
        if done + refused >= ALL_KINDS_FROM {
            let never = |((name, offence), counts): (&(&'static str, bool), &(u64, u64))| {
                let count = if *offence { counts.1 } else { counts.0 };
                (count == 0).then_some(*name)
            };
            let never: Vec<&str> = kinds.iter().filter_map(never).collect();
            assert!(never.is_empty(), "these never went as they should: {never:?}");
        }
        let tokens = self.seen.tokens.lock().expect("whole").len() as u64;
        vec![
            (done + refused, "operations"),
            (refused, "refused"),
            (shown, "values shown"),
            (tokens, "tokens"),
        ]
    }
}

async fn work(mut worker: Worker, seen: Arc<Seen>, then: Then) -> Worker {
    let mut failures = 0;
    let needles = Arc::clone(&*seen.needles.lock().expect("whole"));
    loop {
        let took = seen.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        let violated = seen.violation.lock().expect("whole").is_some();
        if violated || !took {
            seen.used_up.notify_one();
        }
        if violated || (!took && then == Then::Rest) {
            return worker;
        }
        match worker.acts().await {
            Ok(Some(done)) => {
                failures = 0;
                if let Err(how) = seen.judge(&needles, &done) {
                    let mut violation = seen.violation.lock().expect("whole");
                    violation.get_or_insert(how);
                }
            }
            Ok(None) => {
                let mut kinds = seen.kinds.lock().expect("whole");
                kinds.entry(("a cut connection", true)).or_default().1 += 1;
            }
            Err(_) if seen.ending.load(Relaxed) => return worker,
            Err(fault) => {
                failures += 1;
                // It is one that is still to be done.
                seen.left.fetch_add(u64::from(took), Relaxed);
                *seen.lost.lock().expect("whole").entry(fault.to_string()).or_default() += 1;
                assert!(failures < FAILURES_MAX, "the server does not answer: {fault}");
            }
        }
    }
}

impl Seen {
    /// Whether an answer shows what it exists to show and nothing else.
    fn judge(&self, needles: &Needles, done: &Done) -> Result<(), String> {
        let Done { kind, offence, shows, reply } = done;
        let good = (200..300).contains(&reply.status);
        let failed = reply.status >= 500 && reply.status != 503;
        assert!(!failed, "{kind}: {}", String::from_utf8_lossy(&reply.bytes));
        {
            let mut kinds = self.kinds.lock().expect("whole");
            let count = kinds.entry((kind, *offence)).or_default();
            if good { count.0 += 1 } else { count.1 += 1 }
        }
        let kept = reply.headers.get("cache-control").is_none_or(|said| said != "no-store");
        // Headers that are too large are refused by the HTTP library itself, which says nothing that could be kept.
        if kept && !(reply.status == 431 && reply.bytes.is_empty()) {
            return Err(format!("{kind}: anyone on the way may keep the answer"));
        }
        let heads = reply.headers.iter().flat_map(|(_, text)| needles.found_in(text.as_bytes()));
        if let Some(what) = heads.into_iter().next() {
            return Err(format!("{kind}: a header of the answer has {what}"));
        }
        let value = self.marker.found_in(&reply.bytes);
        match (shows, good) {
            (Shows::Value, true) => {
                self.shown.fetch_add(u64::from(value.is_some()), Relaxed);
            }
            (Shows::Token, true) => {
                let mut tokens = self.tokens.lock().expect("whole");
                collect(&reply.json(), &mut tokens);
                if let Some(what) = value {
                    return Err(format!("{kind}: the answer has {what}"));
                }
            }
            _ => {
                if let Some(what) = needles.found_in(&reply.bytes) {
                    let text = String::from_utf8_lossy(&reply.bytes);
                    let text: String = text.chars().take(600).collect();
                    return Err(format!(
                        "{kind}: the answer, {}, has {what}: {text}",
                        reply.status
                    ));
                }
            }
        }
        Ok(())
    }
}

/// The tokens in an answer.
fn collect(answer: &Value, tokens: &mut Vec<String>) {
    for (name, member) in answer.as_object().into_iter().flatten() {
        match member {
            Value::String(text) if name == "token" => tokens.push(text.clone()),
            Value::Object(_) => collect(member, tokens),
            _ => {}
        }
    }
}

/// A token with which a worker may do everything in a tenant, which is made if it is not there.
async fn admin_of(served: &Served, tenant: &str) -> String {
    if tenant != "default" {
        let body = json!({ "slug": tenant });
        let made = served.operator().send("POST", "/v1/tenants", Some(&body)).await;
        made.expect("an answer").expect(201);
    }
    served.admin_of(tenant).await
}
