//! Whether every reveal that was answered is on record: the counts of the audit log, read as any auditor reads them.

use crate::{
    failure::{Failure, Result},
    process::Server,
    stock::{Stock, slug},
    wire::{self, Ask},
};
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as the log writes it.
#[expect(clippy::disallowed_methods, reason = "what is measured runs by the system's clock")]
pub(crate) fn now() -> Result<u128> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())
}

/// How many reveals the log has of every tenant since `from`, and in how many events.
pub(crate) fn since(server: &Server, stock: &Stock, from: u128) -> Result<(u64, u64)> {
    let mut line = wire::tcp(server.address)?;
    let (mut reveals, mut events) = (0, 0);
    for (tenant, token) in stock.admins.iter().enumerate() {
        let path = format!("/v1/tenants/{}/auditEvents", slug(tenant));
        let mut next = String::new();
        loop {
            let query = format!("?action=secret.reveal&from={from}&pageSize=1000{next}");
            let path = format!("{path}{query}");
            let page = line.ask(&Ask { method: "GET", path: &path, token, body: "" })?;
            for event in page.get("items").and_then(Value::as_array).into_iter().flatten() {
                events += 1;
                let count = event.get("count").and_then(Value::as_u64);
                reveals += count.ok_or_else(|| Failure::new("an event without a count"))?;
            }
            match page.get("nextPageToken").and_then(Value::as_str) {
                Some(token) => next = format!("&pageToken={token}"),
                None => break,
            }
        }
    }
    Ok((reveals, events))
}
