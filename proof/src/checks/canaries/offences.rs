//! Requests with a value in them that must be refused, each in a way of its own, and connections cut in the middle.

use super::{
    acts::{Done, Worker},
    load::Shows,
};
use crate::wire::{Reply, Wire};
use http_body_util::Full;
use hyper::{Request, body::Bytes};
use serde_json::json;
use std::io;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UnixStream},
};

/// One byte more than a value may have, or a body.
const VALUE_MAX: usize = 64 * 1024;
const BODY_MAX: usize = 1024 * 1024;

/// Sends something that is wrong.
pub(super) async fn commits(worker: &mut Worker) -> io::Result<Option<Done>> {
    match worker.dice.below(24) {
        0..13 => wrong_body(worker).await,
        13 => wrong_text(worker).await,
        14 => cut_body(worker).await,
        15..18 => wrong_path(worker).await,
        18..20 => wrong_credential(worker).await,
        20 => too_much(worker).await,
        21 => wrong_kind(worker).await,
        _ => cut_connection(worker).await,
    }
}

/// A body that is JSON, and wrong.
async fn wrong_body(worker: &mut Worker) -> io::Result<Option<Done>> {
    let (value, tenant) = (worker.value(), worker.tenant);
    let (secrets, secret) = (format!("/v1/tenants/{tenant}/secrets"), worker.some_secret());
    let names = format!("/api/{tenant}/secrets/REFUSED");
    let svc = "/api/svc/v1";
    let deep = (0..40).fold(json!(value), |inner, _| json!([inner]));
    let (kind, method, path, body) = match worker.dice.below(19) {
        0 => ("an array for a value", "POST", secrets, json!({ "key": value, "value": [value] })),
        1 => (
            "a key that is none",
            "POST",
            secrets,
            json!({ "key": format!("{value} "), "value": value }),
        ),
        2 => (
            "an unknown member",
            "POST",
            secrets,
            json!({ "key": "B", "value": value, &value: value }),
        ),
        3 => (
            "an unknown tier",
            "POST",
            secrets,
            json!({ "key": "B", "value": value, "sensitivity": value }),
        ),
        4 => ("no base64", "POST", secrets, json!({ "key": "B", "valueBase64": value + "!" })),
        5 => (
            "two values",
            "POST",
            secrets,
            json!({ "key": "B", "value": value, "valueBase64": value }),
        ),
        6 => ("an array", "POST", secrets, json!([value])),
        7 => ("a text", "POST", secrets, json!(value)),
        8 => ("too deep", "POST", secrets, json!({ "key": "B", "value": deep })),
        9 => ("a lower tier", "PATCH", secret, json!({ "sensitivity": "LOW", "value": value })),
        10 => ("a wrong date", "PATCH", secret, json!({ "expiresOn": value, "value": value })),
        11 => ("a wrong disclosure", "PATCH", secret, json!({ "disclosure": value })),
        12 => {
            ("a wrong publish", "POST", secret + ":publish", json!({ "value": { &value: value } }))
        }
        13 => ("a wrong rollback", "POST", secret + ":rollback", json!({ "revisionId": value })),
        14 => ("a wrong put", "PUT", names, json!({ "value": value, "expiresOn": value })),
        15 => ("a put of a number", "PUT", names, json!({ "value": [value] })),
        16 => {
            let body = json!({ "name": "wrong", "integrationId": value,
                "secrets": [{ "key": "K", "value": value }] });
            ("a wrong group", "POST", format!("{svc}/secret-groups"), body)
        }
        17 => {
            let body = json!({ "manifest": { "type": value, "name": value } });
            ("a wrong manifest", "PUT", format!("{svc}/apply"), body)
        }
        _ => {
            let body = json!({ "scopes": [value], "name": "n" });
            ("wrong scopes", "POST", format!("/v1/tenants/{tenant}/tokens:generate"), body)
        }
    };
    let reply = worker.wires().admin.send(method, &path, Some(&body)).await?;
    Ok(done(kind, reply))
}

/// What is no JSON.
async fn wrong_text(worker: &mut Worker) -> io::Result<Option<Done>> {
    let value = worker.value();
    let path = format!("/v1/tenants/{}/secrets", worker.tenant);
    let text = match worker.dice.below(4) {
        0 => value,
        1 => format!("{{\"key\":\"B\",\"value\":\"{value}\",\"value\":\"{value}\"}}"),
        2 => format!("{{\"key\":\"B\",\"value\":\"{value}"),
        _ => format!("{{\"key\":\"B\",\"value\":\"{value}\\ud800\"}}"),
    };
    raw(&worker.wires().operator, "no JSON", &path, "application/json", text).await
}

/// A body that says it is something else.
async fn wrong_kind(worker: &mut Worker) -> io::Result<Option<Done>> {
    let value = worker.value();
    let path = format!("/v1/tenants/{}/secrets", worker.tenant);
    let kind = format!("text/{value}");
    raw(&worker.wires().operator, "another media type", &path, &kind, value).await
}

/// A value, or a body, that is too large.
async fn too_much(worker: &mut Worker) -> io::Result<Option<Done>> {
    let path = format!("/v1/tenants/{}/secrets", worker.tenant);
    let length = if worker.dice.below(8) == 0 { BODY_MAX } else { VALUE_MAX };
    let value = worker.marker.text(worker.number_now(), length + 1);
    let body = json!({ "key": "LARGE", "value": value });
    Ok(done("too large", worker.wires().operator.send("POST", &path, Some(&body)).await?))
}

/// The marker where a name belongs: nobody's, and none of what a server may repeat.
async fn wrong_path(worker: &mut Worker) -> io::Result<Option<Done>> {
    let (marker, tenant) = (worker.marker.as_str(), worker.tenant);
    let (kind, path) = match worker.dice.below(6) {
        0 => ("the path of a secret", format!("/v1/tenants/{tenant}/secrets/{marker}")),
        1 => ("the path of nothing", format!("/v1/tenants/{tenant}/{marker}?{marker}={marker}")),
        2 => ("the path of a name", format!("/api/{tenant}/secrets/{marker}")),
        3 => ("the path of a group", format!("/api/svc/v1/secret-groups/{marker}")),
        4 => ("a page of nothing", format!("/v1/tenants/{tenant}/secrets?pageToken={marker}")),
        _ => ("another's tenant", format!("/v1/tenants/{marker}/secrets")),
    };
    Ok(done(kind, worker.wires().admin.send("GET", &path, None).await?))
}

/// A value where a credential belongs.
async fn wrong_credential(worker: &mut Worker) -> io::Result<Option<Done>> {
    let value = worker.marker.text(worker.number_now(), 62);
    let tokens =
        [format!("Bearer sr_pat_{value}"), format!("Bearer {value}"), format!("{value} x")];
    let which = worker.dice.below(3) as usize;
    let request = Request::builder().uri(format!("/api/{}/secrets", worker.tenant));
    let request = request.header("host", "subrosa").header("authorization", &tokens[which]);
    let request = request.header("x-api-key", value).body(Full::new(Bytes::new()));
    let request = request.map_err(io::Error::other)?;
    Ok(done("a credential that is none", worker.wires().stranger.send_whole(request).await?))
}

/// A connection that is over in the middle of a body.
async fn cut_body(worker: &mut Worker) -> io::Result<Option<Done>> {
    let value = worker.value();
    let path = format!("/v1/tenants/{}/secrets", worker.tenant);
    let text = json!({ "key": "CUT", "value": value }).to_string();
    let end = worker.dice.below(text.len() as u64) as usize;
    raw(&worker.wires().operator, "half a body", &path, "application/json", text[..end].to_owned())
        .await
}

/// A connection that announces more than it sends, and ends.
async fn cut_connection(worker: &mut Worker) -> io::Result<Option<Done>> {
    let body = json!({ "key": "CUT", "value": worker.value() }).to_string();
    let (path, more) = (format!("/v1/tenants/{}/secrets", worker.tenant), body.len() + 40);
    let head = "host: subrosa\r\ncontent-type: application/json";
    let text = format!("POST {path} HTTP/1.1\r\n{head}\r\ncontent-length: {more}\r\n\r\n{body}");
    if worker.dice.below(2) == 0 {
        let mut stream = UnixStream::connect(&worker.wires().socket).await?;
        stream.write_all(text.as_bytes()).await?;
    } else {
        let mut stream = TcpStream::connect(worker.wires().address).await?;
        stream.write_all(text.as_bytes()).await?;
    }
    Ok(None)
}

async fn raw(
    wire: &Wire,
    what: &'static str,
    path: &str,
    kind: &str,
    body: String,
) -> io::Result<Option<Done>> {
    let request = Request::builder().method("POST").uri(path).header("host", "subrosa");
    let request = request.header("content-type", kind).body(Full::new(Bytes::from(body)));
    Ok(done(what, wire.send_whole(request.map_err(io::Error::other)?).await?))
}

fn done(kind: &'static str, reply: Reply) -> Option<Done> {
    Some(Done { kind, offence: true, shows: Shows::Nothing, reply })
}
