//! No answer and no log holds a byte of what was sent: a canary in every field of every body, wrong in every way.
//!
//! Made from the API's own description, so a field that is added is in these tests at once.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::{Request, request::Builder};
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use subrosa_domain::audit::Surface;
use subrosa_testkit::{
    Actor, DEFAULT, Reply, TestServer,
    belongings::belongings,
    document::{Opens, Operation, example, kind, operations},
    id_of,
};

const CANARY: &str = "cAnArY7f3a91";

/// A canary among numbers; it fits no 32 bits.
const NUMBER: &str = "7317317317";

/// Where the offending bytes go in a body that is otherwise as it should be.
const HERE: &str = "\"@HERE@\"";

const MIB: usize = 1024 * 1024;

/// Everything the server logs, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// What every server of this process logs from here on, on every thread of it.
    fn capture() -> Self {
        static LOG: LazyLock<Log> = LazyLock::new(|| {
            let log = Log::default();
            let kept = log.clone();
            let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
            subscriber.with_writer(move || kept.clone()).init();
            log
        });
        LOG.clone()
    }

    #[track_caller]
    fn is_quiet(&self) {
        let log = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        assert!(!log.is_empty(), "a failure is logged");
        assert!(!holds_canary(&log), "the log has it");
    }
}

fn holds_canary(text: &str) -> bool {
    text.to_lowercase().contains(&CANARY.to_lowercase()) || text.contains(NUMBER)
}

#[track_caller]
fn quiet(reply: &Reply, what: &str) {
    let body = String::from_utf8_lossy(&reply.bytes);
    assert!(!holds_canary(&body), "{what}: {body}");
    assert!(!holds_canary(&format!("{:?}", reply.headers)), "{what}: {:?}", reply.headers);
    assert!(!reply.status.is_server_error(), "{what}: {body}");
}

/// A refusal that tells what is wrong and nothing of what was sent.
#[track_caller]
fn refused(reply: &Reply, what: &str) {
    quiet(reply, what);
    assert!([400, 413, 422].contains(&reply.status.as_u16()), "{what}: {}", reply.status);
    assert_eq!(reply.headers["content-type"], "application/problem+json", "{what}");
    assert!(reply.bytes.len() < 4_096, "{what}: {} bytes", reply.bytes.len());
}

/// Each field of a body: the body with [`HERE`] in the field's place, the field's schema, and how to say where it is.
fn fields(schema: &Value) -> Vec<(String, Value, String)> {
    let mut found = Vec::new();
    walk(schema, &|inner| inner, "", &mut found);
    found
}

fn walk(
    schema: &Value,
    around: &dyn Fn(Value) -> Value,
    pointer: &str,
    found: &mut Vec<(String, Value, String)>,
) {
    let marker: Value = serde_json::from_str(HERE).unwrap();
    if !pointer.is_empty() {
        found.push((around(marker).to_string(), schema.clone(), pointer.to_owned()));
    }
    match kind(schema) {
        "object" => {
            for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                let with = |inner: Value| {
                    let mut body = example(schema);
                    let members = body.as_object_mut().unwrap();
                    if name == "valueBase64" {
                        members.remove("value");
                    }
                    members.insert(name.clone(), inner);
                    around(body)
                };
                walk(member, &with, &format!("{pointer}/{name}"), found);
            }
        }
        "array" => {
            walk(&schema["items"], &|inner| around(json!([inner])), &format!("{pointer}/0"), found)
        }
        _ => {}
    }
}

/// Whether an object refuses members that it does not know. The others pass them over, which is no offence.
fn is_closed(schema: &Value) -> bool {
    schema["additionalProperties"] == false
}

/// Whether this is wrong in the bodies of the surface; else it may be accepted, and is not repeated either.
fn is_offence(operation: &Operation, offence: &str) -> bool {
    // A list of truefoundry's is asked for with a body, where any text is something to look for; and what a device says
    // of itself beyond its label is not looked at.
    let any_text =
        operation.surface() == Surface::Truefoundry || operation.opens == Opens::Everyone;
    offence != "overlong" || !any_text
}

/// Whether a page shows this parameter on purpose: the code that a person is about to approve.
fn is_shown(operation: &Operation, parameter: &str) -> bool {
    operation.path == "/device" && parameter == "code"
}

/// What cannot stand where `schema` is described.
fn offences(schema: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let quoted = |text: &str| format!("\"{text}\"").into_bytes();
    let nested = |depth: usize| format!("{}\"{CANARY}\"{}", "[".repeat(depth), "]".repeat(depth));
    let kind = kind(schema);
    let mut all = vec![
        ("a huge number", NUMBER.repeat(4).into_bytes()),
        ("a fraction", format!("{NUMBER}.5").into_bytes()),
        ("bad UTF-8", [b"\"", CANARY.as_bytes(), b"\xff\""].concat()),
        ("half a surrogate", quoted(&format!("{CANARY}\\ud800"))),
        ("a raw control character", quoted(&format!("{CANARY}\n"))),
        ("no JSON", CANARY.as_bytes().to_vec()),
        ("half a string", format!("\"{CANARY}").into_bytes()),
        ("33 deep", nested(33).into_bytes()),
        ("500,000 deep", nested(400_000).into_bytes()),
        ("10,001 values", format!("[{}\"{CANARY}\"]", "0,".repeat(10_001)).into_bytes()),
        ("over a mebibyte", quoted(&CANARY.repeat(100_000))),
        ("a duplicate", format!("\"{CANARY}\",\"@NAME@\":\"{CANARY}\"").into_bytes()),
    ];
    let mut unless = |fits: &str, what: &'static str, text: String| {
        if kind != fits {
            all.push((what, text.into_bytes()));
        }
    };
    unless("string", "a string", format!("\"{CANARY}\""));
    unless("integer", "a number", NUMBER.to_owned());
    unless("boolean", "a truth", "true".to_owned());
    unless("array", "an array", format!("[\"{CANARY}\"]"));
    unless("object", "an object", format!("{{\"{CANARY}\":\"{CANARY}\"}}"));
    let is_formatted = ["uuid", "date-time"].iter().any(|format| schema["format"] == *format);
    match kind {
        "string" => all.push(("overlong", quoted(&CANARY.repeat(8_000)))),
        "object" if is_closed(schema) => {
            all.push(("an unknown member", format!("{{\"{CANARY}\":\"{CANARY}\"}}").into_bytes()))
        }
        "array" => {
            all.push(("a wrong element", format!("[{{\"{CANARY}\":[{NUMBER}]}}]").into_bytes()))
        }
        _ => {}
    }
    if schema["enum"].is_array() || schema["pattern"].is_string() || is_formatted {
        all.push(("no such word", quoted(&format!("{CANARY}!"))));
    }
    all
}

/// Nothing changed, nothing is on record, and nothing is logged, not even when the server itself fails.
async fn nothing_was_kept(server: &TestServer, rows: &[String], log: &Log) {
    // A value that was well asked for is no refusal, and leaves a note that it was read.
    let is_note = |row: &str| row.starts_with("secret_uses ") || row.starts_with("secret_readers ");
    let kept = |rows: &[String]| -> Vec<String> {
        rows.iter().filter(|row| !is_note(row)).cloned().collect()
    };
    assert_eq!(kept(&server.rows()), kept(rows), "a refusal changes nothing");
    let events = json!(server.operator().events("").await).to_string();
    assert!(!holds_canary(&events), "the audit log has it");
    let lock = server.locked();
    let body = json!({ "key": "L", "value": CANARY, "note": CANARY, "description": CANARY });
    let failed = server.operator().post(&format!("{DEFAULT}/secrets"), body).await;
    drop(lock);
    assert_eq!(failed.refused(503), "store-unavailable");
    assert!(!holds_canary(&failed.json().to_string()));
    log.is_quiet();
}

/// A request with the token of whoever sends it, if they have one.
fn authorized(request: Builder, who: &Actor) -> Builder {
    match who.token() {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    }
}

fn bodies() -> Vec<(Operation, Value)> {
    operations().into_iter().filter_map(|one| Some((one.clone(), one.body?))).collect()
}

#[tokio::test]
async fn no_field_of_any_body_is_repeated_however_wrong_it_is() {
    let (log, server) = (Log::capture(), TestServer::start().await);
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let (ids, mut cases) = (belongings(&server, "default").await, 0);
    let rows = server.rows();
    for (operation, schema) in bodies() {
        let who = operation.master(&operator, &admin);
        for (body, field, pointer) in fields(&schema) {
            let (before, after) = body.split_once(HERE).unwrap();
            let name = pointer.rsplit('/').next().unwrap();
            for (offence, bytes) in offences(&field) {
                if offence == "a duplicate" && name == "0" {
                    continue;
                }
                let what = format!("{} {pointer}: {offence}", operation.name());
                let is_refused = is_offence(&operation, offence);
                let bytes = replaced(bytes, name);
                let body = [before.as_bytes(), &bytes, after.as_bytes()].concat();
                let reply =
                    who.send(operation.method.clone(), &operation.at(&ids), Some(body)).await;
                if is_refused {
                    refused(&reply, &what)
                } else {
                    quiet(&reply, &what)
                }
                cases += 1;
            }
        }
    }
    assert!(cases > 500, "{cases} cases");
    nothing_was_kept(&server, &rows, &log).await;
}

/// The offence with the field's own name in it, for the one that names it twice.
fn replaced(bytes: Vec<u8>, name: &str) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => text.replace("@NAME@", name).into_bytes(),
        Err(odd) => odd.into_bytes(),
    }
}

#[tokio::test]
async fn no_body_is_repeated_that_is_wrong_as_a_whole() {
    let (log, server) = (Log::capture(), TestServer::start().await);
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let ids = belongings(&server, "default").await;
    let rows = server.rows();
    for (operation, schema) in bodies() {
        let who = operation.master(&operator, &admin);
        let whole = example(&schema).to_string();
        let opened = whole.trim_end_matches('}');
        let comma = if opened.len() > 1 { "," } else { "" };
        let unknown =
            [format!("{{\"{CANARY}\":1}}"), format!("{opened}{comma}\"{CANARY}\":\"{CANARY}\"}}")];
        let offences = [
            format!("\"{CANARY}\""),
            format!("[\"{CANARY}\"]"),
            NUMBER.to_owned(),
            CANARY.to_owned(),
            format!("{{\"{CANARY}\":1,\"{CANARY}\":1}}"),
            format!("{opened}{comma}\"{CANARY}\":\"{CANARY}"),
            format!("{whole}{CANARY}"),
            format!("{whole}{{\"{CANARY}\":1}}"),
            format!("\u{feff}{opened}{comma}\"{CANARY}\":1}}"),
            format!("// {CANARY}\n{whole}"),
            format!("key={CANARY}"),
            format!("<a>{CANARY}</a>"),
        ];
        let unknown = unknown.into_iter().filter(|_| is_closed(&schema));
        for offence in offences.into_iter().chain(unknown) {
            let what = format!("{}: {offence}", operation.name());
            let body = Some(offence.into_bytes());
            let path = operation.at(&ids);
            refused(&who.send(operation.method.clone(), &path, body).await, &what);
        }
        for cut in 1..whole.len() {
            let what = format!("{} cut after {cut} bytes", operation.name());
            let body = Some(whole[..cut].to_owned().into_bytes());
            let path = operation.at(&ids);
            refused(&who.send(operation.method.clone(), &path, body).await, &what);
        }
        let path = operation.at(&ids);
        let typed = Request::builder().method(operation.method.clone()).uri(&path);
        let typed = typed.header("content-type", format!("text/{CANARY}"));
        let reply = who.send_whole(authorized(typed, who).body(Body::from(CANARY)).unwrap()).await;
        quiet(&reply, &operation.name());
        assert_eq!(reply.status, 415, "{}", operation.name());
    }
    nothing_was_kept(&server, &rows, &log).await;
}

#[tokio::test]
async fn no_query_path_or_header_is_repeated() {
    let (log, server) = (Log::capture(), TestServer::start().await);
    let admin = server.admin("default").await;
    let ids = belongings(&server, "default").await;
    let rows = server.rows();
    for operation in operations() {
        let reads = operation.method == http::Method::GET;
        if reads {
            let named = operation.query.iter().map(String::as_str).chain([CANARY]);
            for name in named.filter(|name| !is_shown(&operation, name)) {
                for value in [
                    CANARY,
                    &format!("{CANARY}%00%ff"),
                    &format!("{CANARY}&{name}={CANARY}"),
                    NUMBER,
                ] {
                    let path = format!("{}?{name}={value}", operation.at(&ids));
                    quiet(&admin.get(&path).await, &format!("{} {name}", operation.name()));
                }
            }
        }
        for place in operation.parameters() {
            let ids = ids.with(operation.surface(), place, CANARY);
            let named_by_caller = place == "agent" && operation.method == http::Method::PUT;
            if !named_by_caller {
                let reply = admin
                    .send(operation.method.clone(), &operation.at(&ids), Some(b"{}".to_vec()))
                    .await;
                quiet(&reply, &format!("{} at {place}", operation.name()));
            }
        }
        let bearer = format!("Bearer {CANARY}");
        let headers = [
            ("authorization", &*bearer),
            ("x-api-key", CANARY),
            ("x-request-id", CANARY),
            ("x-fruxon-actor", CANARY),
            ("accept", CANARY),
            ("cookie", CANARY),
            ("origin", CANARY),
        ];
        for (name, value) in headers {
            let request =
                Request::builder().method(operation.method.clone()).uri(operation.at(&ids));
            let request = request.header(name, value).body(Body::empty()).unwrap();
            quiet(
                &server.stranger().send_whole(request).await,
                &format!("{} {name}", operation.name()),
            );
        }
    }
    let token = admin.get(&format!("{DEFAULT}/tokens/current")).await.expect(200);
    let activity =
        admin.get(&format!("{DEFAULT}/tokens/{}/activity?pageSize=1000", id_of(&token))).await;
    quiet(&activity, "the token's activity");
    nothing_was_kept(&server, &rows, &log).await;
}

/// A body of `total` bytes in chunks of 16 KiB, and how many of them were read.
fn counted(total: usize) -> (Body, Arc<AtomicUsize>) {
    const CHUNK: usize = 16 * 1024;
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let chunks = (0..total / CHUNK).map(move |_| {
        counter.fetch_add(CHUNK, Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; CHUNK]))
    });
    (Body::from_stream(stream::iter(chunks)), read)
}

#[tokio::test]
async fn no_more_of_a_body_is_read_than_a_mebibyte_and_nothing_of_one_that_announces_more() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let ids = belongings(&server, "default").await;
    for (operation, _) in bodies() {
        let who = operation.master(&operator, &admin);
        let request = || {
            let request = Request::builder().method(operation.method.clone());
            authorized(request.uri(operation.at(&ids)), who)
        };
        let (body, read) = counted(64 * MIB);
        let reply = who.send_whole(request().body(body).unwrap()).await;
        assert_eq!(reply.refused(413), "body-too-large", "{}", operation.name());
        let read = read.load(Ordering::Relaxed);
        assert!(read <= MIB + 2 * 16 * 1024, "{}: {read} bytes read", operation.name());

        let (body, read) = counted(64 * MIB);
        let announced = request().header("content-length", 64 * MIB).body(body).unwrap();
        let reply = who.send_whole(announced).await;
        assert_eq!(reply.refused(413), "body-too-large", "{}", operation.name());
        assert_eq!(read.load(Ordering::Relaxed), 0, "{}", operation.name());

        // Of whom nobody asks who they are less is read.
        let most = if operation.opens == Opens::Everyone { 16 * 1024 } else { MIB };
        let (body, _) = counted(most);
        let reply = who.send_whole(request().body(body).unwrap()).await;
        assert_eq!(reply.refused(400), "malformed-json", "exactly as much as may be is read");
    }
}

#[tokio::test]
async fn who_may_not_ask_has_nothing_of_their_body_read() {
    let server = TestServer::start().await;
    let ids = belongings(&server, "default").await;
    let nobody = server.token("default", &[]).await;
    let closed = |one: &Operation| matches!(one.opens, Opens::Scope(_) | Opens::Operator);
    for (operation, _) in bodies().into_iter().filter(|(one, _)| closed(one)) {
        for (who, status) in [(server.stranger(), 401), (nobody.clone(), 403)] {
            let (body, read) = counted(MIB);
            let request = Request::builder().method(operation.method.clone());
            let request = authorized(request.uri(operation.at(&ids)), &who);
            let reply = who.send_whole(request.body(body).unwrap()).await;
            reply.expect(status);
            assert_eq!(read.load(Ordering::Relaxed), 0, "{}", operation.name());
        }
    }
}
