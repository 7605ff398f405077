//! Every field of a body, and what cannot stand there; each offence holds the canary.

use serde_json::{Value, json};
use subrosa_testkit::{
    Surface,
    document::{Opens, Operation, example, kind},
};

/// The marker that must come back from nowhere.
pub(super) const CANARY: &str = "cAnArY7f3a91";

/// A canary among numbers; it fits no 32 bits.
pub(super) const NUMBER: &str = "7317317317";

/// Where the offending bytes go in a body that is otherwise as it should be.
pub(super) const HERE: &str = "\"@HERE@\"";

pub(super) fn holds_canary(text: &str) -> bool {
    text.to_lowercase().contains(&CANARY.to_lowercase()) || text.contains(NUMBER)
}

/// Each field of a body: the body with [`HERE`] in the field's place, the field's schema, and how to say where it is.
pub(super) fn fields(schema: &Value) -> Vec<(String, Value, String)> {
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
    let marker: Value = serde_json::from_str(HERE).expect("text");
    if !pointer.is_empty() {
        found.push((around(marker).to_string(), schema.clone(), pointer.to_owned()));
    }
    match kind(schema) {
        "object" => {
            for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                let with = |inner: Value| {
                    let mut body = example(schema);
                    let members = body.as_object_mut().expect("an object");
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
            walk(&schema["items"], &|inner| around(json!([inner])), &format!("{pointer}/0"), found);
        }
        _ => {}
    }
}

/// Whether an object refuses members that it does not know. The others pass them over, which is no offence.
pub(super) fn is_closed(schema: &Value) -> bool {
    schema["additionalProperties"] == false
}

/// Whether this is wrong in the bodies of the surface; else it may be accepted, and is not repeated either.
pub(super) fn is_offence(operation: &Operation, offence: &str) -> bool {
    // A list of truefoundry's is asked for with a body, where any text is something to look for; and what a device says
    // of itself beyond its label is not looked at.
    let any_text =
        operation.surface() == Surface::Truefoundry || operation.opens == Opens::Everyone;
    offence != "overlong" || !any_text
}

/// What cannot stand where `schema` is described. `@NAME@` is the field's own name.
pub(super) fn offences(schema: &Value) -> Vec<(&'static str, Vec<u8>)> {
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
        ("400,000 deep", nested(400_000).into_bytes()),
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
            all.push(("an unknown member", format!("{{\"{CANARY}\":\"{CANARY}\"}}").into_bytes()));
        }
        "array" => {
            all.push(("a wrong element", format!("[{{\"{CANARY}\":[{NUMBER}]}}]").into_bytes()));
        }
        _ => {}
    }
    if schema["enum"].is_array() || schema["pattern"].is_string() || is_formatted {
        all.push(("no such word", quoted(&format!("{CANARY}!"))));
    }
    all
}

/// Bodies that are wrong as a whole, made from one that fits.
pub(super) fn wholes(schema: &Value) -> Vec<String> {
    let whole = example(schema).to_string();
    let opened = whole.trim_end_matches('}');
    let comma = if opened.len() > 1 { "," } else { "" };
    let mut all = vec![
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
    if is_closed(schema) {
        all.push(format!("{{\"{CANARY}\":1}}"));
        all.push(format!("{opened}{comma}\"{CANARY}\":\"{CANARY}\"}}"));
    }
    all.extend((1..whole.len()).map(|cut| whole[..cut].to_owned()));
    all
}
