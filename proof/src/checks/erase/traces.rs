//! The bytes by which a tenant could be brought back, and where they are found.

use crate::served::{Home, Served};
use rusqlite::{Connection, params};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What there was of a tenant while it lived.
pub(super) struct Traces {
    /// Its wrapped keys, the wraps of its revisions and the starts of its values, each with a name.
    bytes: Vec<(String, Vec<u8>)>,
    salt: (PathBuf, Vec<u8>),
}

impl Traces {
    /// Those of a tenant, with its server not running.
    pub(super) fn of(home: &Home, slug: &str) -> Self {
        let conn = Connection::open(home.store()).expect("the store's file");
        let tenant: [u8; 16] = conn
            .query_row("SELECT id FROM tenants WHERE slug = ?1", params![slug], |row| row.get(0))
            .expect("the tenant");
        let mut bytes = Vec::new();
        for (what, sql) in [
            ("a wrapped key", "SELECT wrapped FROM tenant_keys WHERE tenant_id = ?1"),
            ("a wrap", "SELECT wrap FROM revisions WHERE tenant_id = ?1"),
            ("a value", "SELECT value FROM revisions WHERE tenant_id = ?1"),
        ] {
            let mut found = conn.prepare(sql).expect("a query");
            let found = found.query_map(params![tenant], |row| row.get::<_, Vec<u8>>(0));
            for (number, found) in found.expect("rows").enumerate() {
                // A part from its middle: a row can lie on two pages.
                let found = found.expect("bytes");
                bytes.push((format!("{what} ({number})"), found[8..40].to_vec()));
            }
        }
        let hex: String = tenant.iter().map(|byte| format!("{byte:02x}")).collect();
        let named = |file: &PathBuf| {
            file.file_name().is_some_and(|name| {
                name.to_string_lossy().replace('-', "") == format!("{hex}.salt")
            })
        };
        let path = files(&keys(home)).into_iter().find(named).expect("the tenant's salt");
        let salt = fs::read(&path).expect("the salt");
        Self { bytes, salt: (path, salt) }
    }

    pub(super) fn count(&self) -> u64 {
        self.bytes.len() as u64 + 1
    }

    /// What is found in the data folder.
    pub(super) fn in_data(&self, home: &Home) -> Option<String> {
        for file in files(&home.data) {
            let Ok(content) = fs::read(&file) else { continue };
            let found = self.bytes.iter().find(|(_, bytes)| contains(&content, bytes));
            if let Some((what, _)) = found {
                return Some(format!("{what} in {:?}", file.file_name()));
            }
        }
        None
    }

    /// Waits until nothing is found in the data folder, with a request now and then; what is still found when the log
    /// has had so long to be emptied.
    pub(super) async fn wait_until_gone(
        &self,
        home: &Home,
        served: &Served,
        limit: Duration,
    ) -> Option<String> {
        let start = Instant::now();
        loop {
            let found = self.in_data(home)?;
            if start.elapsed() > limit {
                return Some(found);
            }
            let _ = served.operator().send("GET", "/v1/tenants/kept/secrets", None).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Where the salt is still to be found, by its name or by its bytes.
    pub(super) fn salt_in(&self, home: &Home) -> Option<PathBuf> {
        let (path, salt) = &self.salt;
        let by_bytes =
            |file: &PathBuf| fs::read(file).is_ok_and(|content| contains(&content, salt));
        let mut all = files(&keys(home));
        all.extend(files(&home.data));
        all.into_iter().find(|file| file == path || by_bytes(file))
    }

    /// Puts the salt back where it was.
    pub(super) fn put_salt_back(&self, home: &Home) {
        use std::os::unix::fs::PermissionsExt;
        let (path, salt) = &self.salt;
        assert!(path.starts_with(home.path()), "a salt of this folder");
        fs::write(path, salt).expect("the salt");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
}

/// Where the root key and the salts are.
fn keys(home: &Home) -> PathBuf {
    home.path().join("keys")
}

/// Every file in a folder and those in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false if path.is_file() => all.push(path),
            false => {}
        }
    }
    all
}

fn contains(content: &[u8], bytes: &[u8]) -> bool {
    let first = bytes[0];
    let mut rest = content;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        if rest[at..].starts_with(bytes) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}
