//! A root key that cannot be trusted: the server does not start, says what, why and what to do, and touches nothing.

use crate::harness::{Home, is_root, not_run, run};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::Path,
};

/// Something wrong with the key, how it is mended, and what the refusal says.
struct Fault {
    what: &'static str,
    make: fn(&Path),
    mend: fn(&Path),
    says: &'static [&'static str],
}

const KEPT: &str = "kept.key";

fn aside(key: &Path) {
    fs::rename(key, key.with_file_name(KEPT)).unwrap();
}

fn back(key: &Path) {
    let _ = fs::remove_file(key);
    fs::rename(key.with_file_name(KEPT), key).unwrap();
}

/// Puts other bytes in the key's place, with the mode of a key.
fn replaced(key: &Path, bytes: &[u8]) {
    aside(key);
    fs::write(key, bytes).unwrap();
    chmod(key, 0o600);
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const FAULTS: &[Fault] = &[
    Fault {
        what: "its group may read it",
        make: |key| chmod(key, 0o640),
        mend: |key| chmod(key, 0o600),
        says: &["mode 0640", "others on this machine", "chmod 600"],
    },
    Fault {
        what: "everyone may write it",
        make: |key| chmod(key, 0o602),
        mend: |key| chmod(key, 0o600),
        says: &["mode 0602", "others on this machine", "chmod 600"],
    },
    Fault {
        what: "it is a symbolic link",
        make: |key| {
            aside(key);
            symlink(key.with_file_name(KEPT), key).unwrap();
        },
        mend: back,
        says: &["symbolic link", "pointed elsewhere", "Name the file itself"],
    },
    Fault {
        what: "it is a byte short",
        make: |key| replaced(key, &[7; 31]),
        mend: back,
        says: &["31 bytes", "exactly 32", "from its copy"],
    },
    Fault {
        what: "it was written down as text",
        make: |key| replaced(key, &[b'a'; 65]),
        mend: back,
        says: &["65 bytes", "must not be edited", "from its copy"],
    },
    Fault {
        what: "it is empty",
        make: |key| replaced(key, b""),
        mend: back,
        says: &["is empty", "cut short", "from its copy"],
    },
    Fault {
        what: "it is a folder",
        make: |key| {
            aside(key);
            fs::create_dir(key).unwrap();
        },
        mend: |key| {
            fs::remove_dir(key).unwrap();
            back(key);
        },
        says: &["not a regular file", "Name the file"],
    },
    Fault {
        what: "it is missing although the store is there",
        make: aside,
        mend: back,
        says: &["is missing", "nothing that was stored can be read", "--root-key"],
    },
    Fault {
        what: "it is another key",
        make: |key| replaced(key, &[7; 32]),
        mend: back,
        says: &["not the one this data was made with", "Nothing was touched", "--root-key"],
    },
    Fault {
        what: "everyone may put another in its place",
        make: |key| chmod(key.parent().unwrap(), 0o777),
        mend: |key| chmod(key.parent().unwrap(), 0o700),
        says: &["writable by everyone", "in its place", "chmod o-w"],
    },
];

/// Sees the server refuse this key and leave the data as it is; sees it start once that is mended.
#[track_caller]
fn refused_and_mended(home: &Home, fault: &Fault) {
    let key = home.root_key();
    let before = home.image();
    (fault.make)(&key);
    let refused = run(&mut home.serving(&[])).refused(1, "root-key-refused");
    for part in fault.says.iter().copied().chain([key.parent().unwrap().to_str().unwrap()]) {
        assert!(refused.err.contains(part), "{}: {part} in {refused:?}", fault.what);
    }
    assert!(home.image() == before, "{}: the data changed", fault.what);
    (fault.mend)(&key);
    let server = home.serve();
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "kept", "{}", fault.what);
    server.stop();
}

fn home_with_a_secret() -> Home {
    let home = Home::new();
    let server = home.serve();
    home.with_value("kept", &["set", "A"]).done();
    server.stop();
    home
}

#[test]
fn a_key_that_cannot_be_trusted_is_refused_with_its_remedy_and_the_data_stays_as_it_is() {
    let home = home_with_a_secret();
    for fault in FAULTS {
        refused_and_mended(&home, fault);
    }
}

#[test]
fn a_key_of_another_user_is_refused() {
    if !is_root() {
        return not_run("custody: a key of another user", "giving a file away takes root");
    }
    let fault = Fault {
        what: "it belongs to another user",
        make: |key| chown(key, Some(65_534), None).unwrap(),
        mend: |key| chown(key, Some(0), None).unwrap(),
        says: &["belongs to", "65534"],
    };
    refused_and_mended(&home_with_a_secret(), &fault);
}

#[test]
fn a_key_inside_the_data_is_refused_however_it_got_there() {
    let home = home_with_a_secret();
    let inside = home.data().join("root.key");
    fs::copy(home.root_key(), &inside).unwrap();
    let before = home.image();
    let link = home.path().join("looks-outside");
    symlink(home.data(), &link).unwrap();
    for path in [inside.clone(), link.join("root.key"), home.data().join("new/root.key")] {
        let path = path.to_str().unwrap();
        let refused = run(&mut home.serving(&["--root-key", path])).refused(1, "root-key-refused");
        for part in ["inside the data folder", "every backup", "--root-key"] {
            assert!(refused.err.contains(part), "{path}: {part} in {refused:?}");
        }
        assert!(home.image() == before, "{path}: the data changed");
    }
    home.serve().stop();
    // A first start makes neither a key nor a store in such a place.
    let fresh = Home::new();
    let inside = fresh.data().join("root.key");
    run(&mut fresh.serving(&["--root-key", inside.to_str().unwrap()]))
        .refused(1, "root-key-refused");
    assert!(!inside.exists() && !fresh.data().join("store.db").exists());
}

#[test]
fn after_a_kill_a_wrong_key_still_changes_nothing_that_can_be_read() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("kept", &["set", "A"]).done();
    server.kill();
    for fault in FAULTS.iter().filter(|fault| !fault.what.contains("another key")) {
        let before = home.image();
        (fault.make)(&home.root_key());
        run(&mut home.serving(&[])).refused(1, "root-key-refused");
        assert!(home.image() == before, "{}: the data changed", fault.what);
        (fault.mend)(&home.root_key());
    }
    replaced(&home.root_key(), &[7; 32]);
    run(&mut home.serving(&[])).refused(1, "root-key-refused");
    back(&home.root_key());
    let _server = home.serve();
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "kept");
    home.subrosa(&["audit", "verify"]).done();
}

#[test]
fn a_key_on_the_same_disk_as_the_data_is_a_note_and_no_refusal() {
    let home = Home::new();
    let server = home.serve();
    assert!(server.welcome().starts_with("note: "), "{}", server.welcome());
    assert!(server.welcome().contains("same"), "{}", server.welcome());
}
