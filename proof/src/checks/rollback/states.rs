//! A store as it was at several times, and how something of an earlier one is put back into the last.

use rusqlite::Connection;
use serde_json::json;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};
use subrosa_domain::audit::Surface;
use subrosa_testkit::{
    Stopped, TestServer,
    belongings::{Ids, belongings},
};
use tempfile::TempDir;

/// The tenant that is deleted in the last state.
const GONE: &str = "gone";

/// Sealed, and no row that commits write by themselves: what a state is the sum of.
const NOT_ROWS: [&str; 2] = ["anchors", "audit_heads"];

/// States of one store, each a file with the checkpoint that was the last one then. The first is from before everything
/// was changed; the others are from before something was, one after the other.
pub(super) struct States {
    folder: TempDir,
    stopped: Option<Stopped>,
    tenants: u64,
    count: usize,
    /// A token that works in every state but the last.
    pub(super) revoked: String,
}

/// A row that differs between the first state and the last.
#[derive(Clone, Debug)]
pub(super) struct Row {
    table: String,
    /// Its key as a condition.
    key: String,
    /// Its tenant's slug.
    pub(super) tenant: String,
    what: &'static str,
}

impl Row {
    /// Whether both states have it, and not the same. A tenant's own row is looked at before anything of the tenant is
    /// shown: what is edited there has nobody shown anything.
    pub(super) fn is_changed(&self) -> bool {
        self.what == "changed" && self.table != "tenants"
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a row of {} that was {} since ({})", self.table, self.what, self.key)
    }
}

impl States {
    /// Makes tenants with something of every kind of row, and changes it all.
    pub(super) async fn make(tenants: u64, count: u64) -> Self {
        let server = TestServer::start().await;
        let mut all = Vec::new();
        for slug in (0..tenants).map(slug).chain([GONE.to_owned()]) {
            server.tenant(&slug).await;
            let ids = belongings(&server, &slug).await;
            all.push((slug, ids));
        }
        let revoked = server.admin("default").await.token().unwrap().to_owned();
        let mut states = Self {
            folder: tempfile::tempdir().unwrap(),
            stopped: None,
            tenants,
            count: usize::try_from(count).unwrap(),
            revoked,
        };
        states.stopped = Some(server.stop().await);
        states.keep(0);
        let server = states.starts().await;
        for (slug, ids) in &all {
            change(&server, slug, ids).await;
        }
        server.operator().delete(&format!("/v1/tenants/{GONE}")).await.expect(204);
        states.stops(server).await;
        for at in 1..states.count {
            states.keep(at);
            let server = states.starts().await;
            server.operator().keeps(&format!("SINCE_{at}"), "v").await;
            states.stops(server).await;
        }
        let server = states.starts().await;
        let mine = server.with_token(&states.revoked);
        mine.delete("/v1/tenants/default/tokens/current").await.expect(204);
        states.stops(server).await;
        states.keep(states.count);
        states
    }

    /// How many earlier states there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The slugs of the tenants that are there in the last state.
    pub(super) fn tenants(&self) -> Vec<String> {
        (0..self.tenants).map(slug).collect()
    }

    /// Serves what is there.
    pub(super) async fn starts(&mut self) -> TestServer {
        self.stopped.take().unwrap().start().await
    }

    /// Serves it no more.
    pub(super) async fn stops(&mut self, server: TestServer) {
        self.stopped = Some(server.stop().await);
    }

    /// What is there, while nobody serves it.
    pub(super) fn stopped(&self) -> &Stopped {
        self.stopped.as_ref().unwrap()
    }

    /// The store of a state.
    pub(super) fn store(&self, at: usize) -> PathBuf {
        self.folder.path().join(format!("{at}.db"))
    }

    /// The last checkpoint of a state.
    pub(super) fn checkpoint(&self, at: usize) -> Vec<u8> {
        fs::read(self.folder.path().join(format!("{at}.checkpoint"))).unwrap()
    }

    fn keep(&self, at: usize) {
        fs::copy(self.stopped().store_file(), self.store(at)).unwrap();
        // Where none is kept at all there is nothing to keep of it: what is put back then is found by nobody.
        let last = last_of(self.stopped()).map(|file| fs::read(file).unwrap());
        let kept = self.folder.path().join(format!("{at}.checkpoint"));
        fs::write(kept, last.unwrap_or_default()).unwrap();
    }

    /// The last state again, without what came of an attack.
    pub(super) fn restore(&self) {
        self.put(self.count, self.count);
    }

    /// The store of one state and the last checkpoint of another.
    pub(super) fn put(&self, store: usize, checkpoint: usize) {
        fs::copy(self.store(store), self.stopped().store_file()).unwrap();
        if let Some(file) = last_of(self.stopped()) {
            fs::write(file, self.checkpoint(checkpoint)).unwrap();
        }
    }

    /// Where a state stands.
    pub(super) fn position(&self, at: usize) -> u64 {
        let conn = Connection::open(self.store(at)).unwrap();
        let found: i64 =
            conn.query_row("SELECT position FROM anchors", [], |row| row.get(0)).unwrap();
        found.unsigned_abs()
    }

    /// What is there and the first state, as two databases of one connection.
    fn both(&self) -> Connection {
        let conn = Connection::open(self.stopped().store_file()).unwrap();
        conn.execute("ATTACH ?1 AS earlier", [self.store(0).to_str().unwrap()]).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn
    }

    /// Sealed rows that differ between the first state and the last, by turns of every table and kind of difference.
    pub(super) fn differences(&self, most: usize) -> Vec<Row> {
        let conn = self.both();
        let mut found = Vec::new();
        for table in sealed(&conn) {
            let key = list(
                &conn,
                &format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"),
            );
            let tenant = if table == "tenants" { "id" } else { "tenant_id" };
            let same: Vec<String> = key.iter().map(|one| format!("o.{one} = r.{one}")).collect();
            let same = same.join(" AND ");
            let quoted: Vec<String> =
                key.iter().map(|one| format!("'{one} = ' || quote(r.{one})")).collect();
            let quoted = quoted.join(" || ' AND ' || ");
            for (what, of, other, differs) in [
                ("changed", "main", "earlier", "AND o.seal <> r.seal"),
                ("erased", "earlier", "main", ""),
                ("made", "main", "earlier", ""),
            ] {
                let not = if differs.is_empty() { "NOT" } else { "" };
                // A deleted tenant's rows are nobody's to look at: only its own row is.
                let sql = format!(
                    "SELECT {quoted}, t.slug FROM {of}.{table} r JOIN {of}.tenants t \
                     ON t.id = r.{tenant} WHERE {not} EXISTS \
                     (SELECT 1 FROM {other}.{table} o WHERE {same} {differs}) \
                     AND (t.slug <> '{GONE}' OR '{table}' = 'tenants')"
                );
                let mut statement = conn.prepare(&sql).unwrap();
                let row = |row: &rusqlite::Row<'_>| {
                    let (table, key, tenant) = (table.clone(), row.get(0)?, row.get(1)?);
                    Ok(Row { table, key, tenant, what })
                };
                let rows = statement.query_map([], row).unwrap();
                found.push(rows.map(Result::unwrap).collect::<Vec<Row>>());
            }
        }
        let longest = found.iter().map(Vec::len).max().unwrap_or(0);
        let turns =
            (0..longest).flat_map(|turn| found.iter().filter_map(move |rows| rows.get(turn)));
        turns.take(most).cloned().collect()
    }

    /// A row as it was in the first state, there or not.
    pub(super) fn put_back_row(&self, row: &Row) {
        put_back(&self.both(), &row.table, &row.key);
    }

    /// A row as it was in the first state, under the seal that it has now.
    pub(super) fn put_back_under_seal(&self, row: &Row) {
        let (conn, Row { table, key, .. }) = (self.both(), row);
        let find = format!("SELECT quote(seal) FROM main.{table} WHERE {key}");
        let seal: String = conn.query_row(&find, [], |row| row.get(0)).unwrap();
        put_back(&conn, table, key);
        conn.execute_batch(&format!("UPDATE main.{table} SET seal = {seal} WHERE {key}")).unwrap();
    }

    /// A tenant as it was in the first state, with everything that is kept of it.
    pub(super) fn put_back_tenant(&self, slug: &str) {
        let conn = self.both();
        let find = "SELECT quote(id) FROM earlier.tenants WHERE slug = ?1";
        let id: String = conn.query_row(find, [slug], |row| row.get(0)).unwrap();
        let of_tenants = "SELECT m.name FROM main.sqlite_master m WHERE m.type = 'table' AND EXISTS \
             (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'tenant_id')";
        for table in list(&conn, of_tenants) {
            put_back(&conn, &table, &format!("tenant_id = {id}"));
        }
        put_back(&conn, "tenants", &format!("id = {id}"));
    }

    /// The first state's rows of these tables.
    pub(super) fn put_back_tables(&self, tables: &[&str]) {
        let conn = self.both();
        for table in tables {
            put_back(&conn, table, "TRUE");
        }
    }

    /// What is there with these tables of the last state.
    pub(super) fn bring_forward(&self, tables: &[&str]) {
        let conn = Connection::open(self.stopped().store_file()).unwrap();
        let last = self.store(self.count);
        conn.execute("ATTACH ?1 AS earlier", [last.to_str().unwrap()]).unwrap();
        for table in tables {
            put_back(&conn, table, "TRUE");
        }
    }
}

/// The deleted tenant's slug.
pub(super) const fn gone() -> &'static str {
    GONE
}

/// The file of the last checkpoint, if one was ever kept.
pub(super) fn last_of(stopped: &Stopped) -> Option<PathBuf> {
    let folder = stopped.data().parent().unwrap().join("state");
    folder.is_dir().then(|| stopped.checkpoint_file())
}

/// A file's bytes.
pub(super) fn bytes(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap()
}

fn slug(number: u64) -> String {
    format!("acme{number}")
}

fn sealed(conn: &Connection) -> Vec<String> {
    let sql = "SELECT m.name FROM main.sqlite_master m WHERE m.type = 'table' AND EXISTS \
         (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'seal') ORDER BY m.name";
    list(conn, sql).into_iter().filter(|table| !NOT_ROWS.contains(&table.as_str())).collect()
}

fn list(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    let found = statement.query_map([], |row| row.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}

fn put_back(conn: &Connection, table: &str, condition: &str) {
    // A number that rows of all tenants share is somebody else's by now, and decides nothing.
    let own = format!(
        "SELECT name FROM pragma_table_info('{table}') WHERE NOT (name = 'seq' AND pk = 1)"
    );
    let own = list(conn, &own).join(", ");
    let sql = format!(
        "DELETE FROM main.{table} WHERE {condition}; \
         INSERT INTO main.{table} ({own}) SELECT {own} FROM earlier.{table} WHERE {condition};"
    );
    conn.execute_batch(&sql).expect(&sql);
}

/// Changes, erases and makes something of every kind that can be.
async fn change(server: &TestServer, slug: &str, ids: &Ids) {
    let (operator, admin) = (server.operator(), server.admin(slug).await);
    let v1 = |path: &str| ids.fill(Surface::V1, &format!("/v1/tenants/{{tenant}}/{path}"));
    let post = async |path: &str, body| operator.post(&v1(path), body).await;
    post("secrets/{secret}:publish", json!({ "value": "second" })).await.expect(200);
    post("secrets", json!({ "key": "NEW", "value": "v" })).await.expect(201);
    operator.delete(&v1("secrets/{secret}/grants/agent")).await.expect(204);
    operator.put(&v1("secrets/{secret}/grants/another")).await.expect(200);
    operator.delete(&v1("serviceAccounts/{account}")).await.expect(204);
    let walletcrew = |path: &str| ids.fill(Surface::Walletcrew, &format!("/api/{{tenant}}/{path}"));
    admin.delete(&walletcrew("secrets/{key}")).await.expect(204);
    admin.delete(&walletcrew("admin/apiKeys/{keyName}")).await.expect(204);
    let truefoundry = |path: &str| ids.fill(Surface::Truefoundry, &format!("/api/svc/v1/{path}"));
    admin.delete(&truefoundry("role-bindings/{binding}")).await.expect(200);
    admin.delete(&truefoundry("virtual-accounts/{account}")).await.expect(200);
    let account = json!({ "manifest": { "type": "virtual-account", "name": "another" } });
    admin.puts(&truefoundry("virtual-accounts"), account).await.expect(200);
}
