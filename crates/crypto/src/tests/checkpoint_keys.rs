//! A deployment signs its notes twice, and the key that whoever checks has noted says what must be there.

use super::{
    chain::event,
    checkpoint::{Line, export, head, walk},
    support::{DEPLOYMENT, NOW, OTHER, TENANT, key, keyring},
};
use crate::{
    Keyring,
    checkpoint::{Checkpoint, CheckpointKey, LaneEnd, NotSigned},
    export_lines::{self, ExportFault},
    link, service_keys,
    verify::Fault,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use subrosa_domain::{
    DeploymentId,
    audit::{GENESIS, StateSealer},
};

/// A keyring that signs with both, or with Ed25519 alone: what builds with and without the feature make of one key.
fn signing(service: &str, twice: bool) -> Keyring {
    let mut keyring = keyring(service);
    keyring.service.active = service_keys::Version::signing(1, &key(service), twice);
    keyring
}

fn own(keyring: &Keyring) -> CheckpointKey {
    keyring.checkpoint_keys().remove(0)
}

fn note(keyring: &Keyring) -> String {
    keyring.note_head(&head(keyring, 2, 41, [5; 32])).0.into()
}

/// The text of a note with its empty line, and its signature lines.
fn taken_apart(note: &str) -> (String, Vec<String>) {
    let (text, lines) = note.rsplit_once("\n\n").unwrap();
    (format!("{text}\n\n"), lines.lines().map(|line| format!("{line}\n")).collect())
}

#[test]
fn what_a_build_signs_with_is_what_it_was_built_for() {
    let lines = taken_apart(&note(&keyring("service"))).1.len();
    assert_eq!(lines, if cfg!(feature = "ml-dsa") { 2 } else { 1 });
}

#[test]
fn a_note_that_was_signed_twice_is_opened_by_who_knows_both_keys_and_by_who_knows_one() {
    let (twice, once) = (signing("service", true), signing("service", false));
    let (note, earlier) = (note(&twice), note(&once));
    assert!(own(&once).is_within(&own(&twice)) && !own(&twice).is_within(&own(&once)));
    let read = Checkpoint::open(&note, &own(&twice)).unwrap();
    assert_eq!(Checkpoint::open(&note, &own(&once)), Ok(read.clone()), "a build without it");
    assert_eq!(Checkpoint::open_earlier(&note, &own(&twice)), Ok(read.clone()));
    assert_eq!(Checkpoint::open(&earlier, &own(&once)), Ok(read.clone()));
    assert_eq!(Checkpoint::open_earlier(&earlier, &own(&twice)), Ok(read), "from before");
}

#[test]
fn who_knows_the_second_key_refuses_a_note_whose_second_line_is_not_its_own() {
    let (twice, once) = (signing("service", true), signing("service", false));
    let (both, first) = (own(&twice), own(&once));
    let (text, lines) = taken_apart(&note(&twice));
    let foreign = {
        let mut foreign = signing("another service", true);
        foreign.deployment = DeploymentId::from_bytes([0xd1; 16]);
        taken_apart(&note(&foreign)).1
    };
    let replaced = taken_apart(&note(&signing("another service", true))).1;
    let again = taken_apart(&note(&twice)).1;
    let of = |parts: &[&str]| format!("{text}{}", parts.concat());
    for (what, note) in [
        ("missing", of(&[&lines[0]])),
        ("another deployment's", of(&[&lines[0], &foreign[1]])),
        ("by another key of this name", of(&[&lines[0], &replaced[1]])),
    ] {
        assert_eq!(Checkpoint::open(&note, &both), Err(NotSigned), "{what}");
        assert!(Checkpoint::open(&note, &first).is_ok(), "{what}: it has no say in that");
        let earlier = Checkpoint::open_earlier(&note, &both);
        assert_eq!(earlier.is_ok(), what == "missing", "{what}: only none is from before");
    }
    for (what, note) in [
        ("twice", of(&[&lines[0], &lines[1], &lines[1]])),
        ("and another as good", of(&[&lines[0], &lines[1], &again[1]])),
        ("first", of(&[&lines[1], &lines[0]])),
        ("alone", of(&[&lines[1]])),
    ] {
        assert_eq!(Checkpoint::open(&note, &both), Err(NotSigned), "{what}");
        assert_eq!(Checkpoint::open_earlier(&note, &both), Err(NotSigned), "{what}");
    }
    assert_ne!(lines[1], again[1], "they are hedged");
    for at in (0..60).chain((60..lines[1].len()).step_by(97)) {
        let mut damaged = lines[1].clone().into_bytes();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        let Ok(damaged) = String::from_utf8(damaged) else { continue };
        let note = of(&[&lines[0], &damaged]);
        assert_eq!(Checkpoint::open(&note, &both), Err(NotSigned), "damaged at {at}");
        assert_eq!(Checkpoint::open_earlier(&note, &both), Err(NotSigned), "damaged at {at}");
    }
    let elsewhere = of(&[&lines[0], &lines[1]]).replacen("\n41\n", "\n42\n", 1);
    assert_eq!(Checkpoint::open(&elsewhere, &both), Err(NotSigned), "of another place");
}

#[test]
fn lines_of_others_are_passed_over_where_they_are_lines_and_not_too_many() {
    let keyring = signing("service", true);
    let (key, note) = (own(&keyring), note(&keyring));
    let witness = "\u{2014} witness.example/w1 AAAAAAAAAAAA\n";
    assert!(Checkpoint::open(&format!("{note}{}", witness.repeat(14)), &key).is_ok());
    for more in [
        &witness.repeat(15),
        "\u{2014} witness.example/w1 AAAA\n",
        "\u{2014} witness.example/w1 !!!!!!!!\n",
        "\u{2014} witness+w1 AAAAAAAAAAAA\n",
        "\u{2014}  AAAAAAAAAAAA\n",
        "\u{2014} wit\tness AAAAAAAAAAAA\n",
        "witness.example/w1 AAAAAAAAAAAA\n",
        "\n",
        "\u{2014} witness.example/w1 AAAAAAAAAAAA",
    ] {
        assert!(Checkpoint::open(&format!("{note}{more}"), &key).is_err(), "{more:?}");
    }
}

#[test]
fn a_key_of_two_parts_is_two_verifier_keys_and_is_written_one_way() {
    let (twice, once) = (own(&signing("service", true)), own(&signing("service", false)));
    let text = twice.to_string();
    let (first, second) = text.split_once(' ').unwrap();
    assert_eq!(first, once.to_string());
    assert_eq!(text.parse(), Ok(twice.clone()));
    let replaced = own(&signing("another service", true)).to_string();
    let other = replaced.split_once(' ').unwrap().1;
    for bad in [
        second.to_owned(),
        format!("{second} {first}"),
        format!("{first} {first}"),
        format!("{first}  {second}"),
        format!("{text} "),
        format!("{text} {second}"),
        text.replacen(&DEPLOYMENT.uuid().to_string(), &OTHER.uuid().to_string(), 1),
    ] {
        assert_eq!(bad.parse::<CheckpointKey>(), Err(NotSigned), "{bad}");
    }
    let mixed: CheckpointKey = format!("{first} {other}").parse().unwrap();
    assert!(!mixed.is_within(&twice) && !twice.is_within(&mixed) && once.is_within(&mixed));
}

#[test]
fn an_export_may_begin_with_checkpoints_from_before_and_must_end_with_both_signatures() {
    let (twice, once) = (signing("service", true), signing("service", false));
    let (both, first) = (own(&twice), own(&once));
    let (whole, before) = (export(&twice), export(&once));
    let end = whole.len() - 1;
    assert!(walk(&both, &whole).is_ok() && walk(&first, &whole).is_ok());
    let mut since = before.clone();
    since[end] = whole[end].clone();
    assert!(walk(&both, &since).is_ok(), "the checkpoints are from before");
    let failed = walk(&both, &before).unwrap_err();
    assert_eq!(failed.2, Fault::Unsigned, "the end vouches for all of them");
    let at = whole.iter().position(|line| matches!(line, Line::Checkpoint(_))).unwrap();
    let mut damaged = whole.clone();
    let Line::Checkpoint(note) = &mut damaged[at] else { unreachable!() };
    let last = note.len() - 9;
    note.replace_range(last..=last, if note[last..].starts_with('A') { "B" } else { "A" });
    assert_eq!(walk(&both, &damaged).unwrap_err().2, Fault::Unsigned, "what is there must hold");
    assert!(walk(&first, &damaged).is_ok(), "it has no say in that");
}

#[test]
fn the_key_that_was_noted_says_what_a_file_must_be_signed_with() {
    let (twice, once) = (signing("service", true), signing("service", false));
    let (both, first) = (own(&twice), own(&once));
    let file = |key: &CheckpointKey, keyring: &Keyring| {
        let head = serde_json::json!({
            "schema": "subrosa.auditExport/v1", "tenant": TENANT.uuid().to_string(),
            "key": key.to_string(),
        });
        let canonical = event(TENANT, 1);
        let end =
            LaneEnd { lane: 0, seq: 1, link: link(0, 1, &GENESIS, &canonical), checkpoints: 0 };
        let hash: String = end.link.iter().map(|byte| format!("{byte:02x}")).collect();
        let event = STANDARD.encode(canonical);
        let event = serde_json::json!({ "event": event, "hash": hash, "lane": 0, "seq": 1 });
        let end = keyring.note_export(TENANT, &[end], NOW).0;
        format!("{head}\n{event}\n{}\n", serde_json::json!({ "end": end }))
    };
    let check = |file: &str, noted: Option<&CheckpointKey>| {
        export_lines::check(file.as_bytes(), noted).map(|(_, key)| key)
    };
    let (new, old) = (file(&both, &twice), file(&first, &once));
    assert_eq!(check(&new, None).unwrap(), both);
    assert_eq!(check(&new, Some(&both)).unwrap(), both);
    assert_eq!(check(&new, Some(&first)).unwrap(), first, "it was noted before");
    assert_eq!(check(&old, Some(&first)).unwrap(), first);
    assert!(matches!(check(&old, Some(&both)), Err(ExportFault::OtherKey)), "signed once");
    let stripped = file(&both, &once);
    assert!(matches!(check(&stripped, Some(&both)), Err(ExportFault::Broken(_))));
    assert!(matches!(check(&stripped, None), Err(ExportFault::Broken(_))));
}
