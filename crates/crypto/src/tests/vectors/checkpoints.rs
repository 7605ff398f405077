//! Keys of checkpoints, and notes as far as they are the same each time: to the end of the first signature.

use super::{Case, Read, hold};
use crate::{
    service_keys::Version,
    tests::support::{DEPLOYMENT, key},
};
use subrosa_domain::DeploymentId;
use subrosa_kms::KeyBytes;

const TEXT: &str = "origin\n41\nhash\nstate\ntime 1700000000000000\n";

#[test]
fn checkpoint_keys_hold() {
    let mut cases = vec![signed("once", 1), signed("twice", 2)];
    let base = cases[1].clone();
    for field in ["service key", "deployment", "text"] {
        let changed = base.flipped(field, 3);
        cases.push(base.but(&format!("another {field}"), field, changed, "does not sign"));
    }
    cases.push(base.but("once, with the key of twice", "signatures", 1, "does not sign"));
    let about = "Keys of checkpoints. `note` goes to the end of the first signature.";
    hold("checkpoint-key.txt", about, &cases, outcome);
}

fn signed(name: &str, signatures: u8) -> Case {
    let service = key("service");
    let (public, note) = made(&service, DEPLOYMENT, signatures, TEXT);
    Case::new(name)
        .hex("service key", service.expose())
        .hex("deployment", DEPLOYMENT.as_bytes())
        .with("signatures", signatures)
        .with("checkpoint key", public)
        .hex("text", TEXT.as_bytes())
        .hex("note", note.as_bytes())
        .expect("signs")
}

fn made(service: &KeyBytes, of: DeploymentId, signatures: u8, text: &str) -> (String, String) {
    let pair = Version::signing(1, service, signatures == 2).checkpoint;
    let note = pair.note(of, text);
    let first = note.find('\u{2014}').and_then(|at| Some(at + note[at..].find('\n')? + 1));
    (pair.key(of).to_string(), note[..first.unwrap()].to_owned())
}

fn outcome(case: &Read) -> &'static str {
    let service = KeyBytes::copy_from(&case.bytes("service key")).unwrap();
    let of = DeploymentId::from_bytes(case.array("deployment"));
    let Ok(text) = String::from_utf8(case.bytes("text")) else { return "no text" };
    let (public, note) = made(&service, of, case.number("signatures"), &text);
    let same = public == case.text("checkpoint key") && note.as_bytes() == case.bytes("note");
    if same { "signs" } else { "does not sign" }
}
