//! A door for the fuzzer, in builds with the feature `fuzz` alone: what the parsers of this room make of outside bytes,
//! in a form that can be compared. It must never answer a request.

use super::{
    TrustedProxies, answer,
    device::page,
    extract::{Paging, Query, Window},
    path,
    truefoundry::parse,
    v1::{audit, revisions, tokens},
    verbs, walletcrew,
};
use http::{HeaderMap, Uri};
use std::net::IpAddr;
use subrosa_api::truefoundry::groups::GroupManifest;
use subrosa_app::devices::DeviceAsked;
use subrosa_domain::{Tenant, Timestamp};

/// The path that the router is given for an address, and how the document spells it; `None` for one that is refused.
#[must_use]
pub fn routed(uri: &Uri) -> Option<(String, String)> {
    let inside =
        path::is_canonical(uri).then(|| verbs::rewrite(uri).unwrap_or_else(|| uri.clone()))?;
    let public = verbs::public(inside.path());
    Some((inside.path().to_owned(), public))
}

/// The parameter `name` of a query; an error where it is there twice.
///
/// # Errors
/// When it is there twice.
pub fn parameter(uri: &Uri, name: &'static str) -> Result<Option<String>, &'static str> {
    let query = Query::of(uri).map_err(|_| "no query")?;
    query.text(name).map(|text| text.map(str::to_owned)).map_err(|_| "twice")
}

/// How many a query asks for on a page, and the cursor it goes on from, as each list that can read it writes it.
#[must_use]
pub fn page(uri: &Uri) -> Option<(u32, Vec<String>)> {
    let paging = Paging::of(&Query::of(uri).ok()?).ok()?;
    let subrosa_app::PageRequest::Part { size, .. } = paging.part(|_| Some(())).ok()? else {
        return None;
    };
    let numbers = paging.part(revisions::number_cursor).ok().and_then(after);
    let requests = paging.part(tokens::request_cursor).ok().and_then(after);
    let events = paging.part(audit::event_cursor).ok().and_then(after);
    let written = [
        numbers.map(|number| number.to_be_bytes().to_vec()),
        requests.map(|id| id.as_bytes().to_vec()),
        events.map(|at| [&at.lane.to_be_bytes()[..], &at.seq.to_be_bytes()].concat()),
    ];
    Some((size, written.into_iter().flatten().map(|bytes| answer::page_token(&bytes)).collect()))
}

fn after<C>(page: subrosa_app::PageRequest<C>) -> Option<C> {
    match page {
        subrosa_app::PageRequest::Part { after, .. } => after,
        subrosa_app::PageRequest::Whole => None,
    }
}

/// The limit and the offset that a query asks for.
#[must_use]
pub fn window(uri: &Uri) -> Option<(u32, u32)> {
    let window = Window::of(&Query::of(uri).ok()?).ok()?;
    Some((window.limit, window.offset))
}

/// Whether a query of the audit log can be read.
#[must_use]
pub fn is_audit_query(uri: &Uri) -> bool {
    Query::of(uri).is_ok_and(|query| audit::filter(&query).is_ok())
}

/// Whom a request of `peer` with these headers comes from.
#[must_use]
pub fn client(proxies: &TrustedProxies, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    proxies.client(peer, headers)
}

/// Whether these headers ask for plain text rather than JSON.
#[must_use]
pub fn prefers_text(headers: &HeaderMap) -> bool {
    walletcrew::prefers_text(headers)
}

/// The page that a form is answered with when its code stands for `asked`.
#[must_use]
pub fn answered(form: &[u8], asked: &DeviceAsked) -> String {
    page::answered(form, asked)
}

/// The name of the group that a manifest describes, and how many collaborators it has; `None` for one that is refused.
#[must_use]
pub fn manifest(body: &GroupManifest, tenant: &Tenant) -> Option<(String, Option<usize>)> {
    let manifest = parse::manifest(body, tenant).ok()?;
    Some((manifest.name.to_string(), manifest.collaborators.map(|all| all.len())))
}

/// The moment at which something ends that lives until a date or a moment.
#[must_use]
pub fn end(text: &str) -> Option<Timestamp> {
    parse::end(text, "/end").ok()
}
