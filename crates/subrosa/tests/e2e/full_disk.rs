//! A disk that is really full: nothing half done, what needs no writing goes on, and service resumes by itself.

use crate::harness::{Door, Home, eventually, is_root, not_run, run};
use serde_json::json;
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A small disk of its own, gone when this is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m,mode=700", "subrosa-test"]).arg(at);
        (run(&mut mount).code == 0).then(|| Self(at.into()))
    }

    /// Writes a file until nothing more fits.
    fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        while file.write_all(&[0]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_writes_are_503_reads_go_on_and_service_resumes_when_there_is_space() {
    if !is_root() {
        return not_run("full_disk", "mounting a disk takes root");
    }
    let home = Home::new();
    let Some(disk) = Disk::mount(&home.data()) else {
        return not_run("full_disk", "a disk cannot be mounted here");
    };
    let server = home.serve();
    let door = Door::Socket(home.socket());
    home.with_value("plain", &["set", "PLAIN"]).done();
    home.with_value("strict", &["set", "STRICT", "--sensitivity", "pii"]).done();
    disk.fill();

    // What the store had set aside already may still take a few.
    let value = "x".repeat(60_000);
    let mut taken = Vec::new();
    let refused = eventually("a full disk", || {
        let key = format!("BIG_{}", taken.len());
        let body = json!({ "key": key, "value": value, "disclosure": "READABLE" });
        let answer = door.post("/v1/tenants/default/secrets", &body).unwrap();
        if answer.status == 201 {
            taken.push(key);
            return None;
        }
        Some((key, answer))
    });
    let (key, answer) = refused;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.json()["code"], "store-unavailable");
    let write = home.with_value(&value, &["publish", "PLAIN"]);
    assert_eq!(write.code, 8, "{write:?}");

    // STANDARD needs no record before it is read; the strict one does, and that cannot be made.
    assert_eq!(home.subrosa(&["get", "PLAIN"]).done().text(), "plain");
    eventually("no more room for records either", || {
        let read = home.subrosa(&["get", "STRICT"]);
        assert!(read.code != 0 || read.text() == "strict", "{read:?}");
        (read.code != 0).then(|| read.refused(9, "audit-unavailable"))
    });
    assert_eq!(home.subrosa(&["get", "PLAIN"]).done().text(), "plain");
    assert_eq!(door.get("/health/live").status, 200);

    disk.free();
    eventually("service again", || {
        (home.with_value("after", &["publish", "PLAIN"]).code == 0).then_some(())
    });
    assert_eq!(home.subrosa(&["get", "PLAIN"]).done().text(), "after");
    assert_eq!(home.subrosa(&["get", "STRICT"]).done().text(), "strict");
    assert_eq!(door.get("/health/ready").status, 200);
    // Nothing was half done: what was acknowledged is there, what was refused is not, and the log holds.
    let history = home.subrosa(&["history", "PLAIN", "--json"]).done().json();
    assert_eq!(history["items"].as_array().unwrap().len(), 2, "{history}");
    home.subrosa(&["get", &key]).refused(5, "secret-not-found");
    for key in &taken {
        assert_eq!(home.subrosa(&["get", key]).done().out.len(), value.len());
    }
    home.subrosa(&["audit", "verify"]).done();
    server.stop();
    let server = home.serve();
    assert_eq!(home.subrosa(&["get", "PLAIN"]).done().text(), "after");
    home.subrosa(&["audit", "verify"]).done();
    server.stop();
}
