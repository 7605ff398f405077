//! What this engine alone has to stand: a full disk, a foreign lock, damage, tampering, old and new schemas.

mod states;
mod suite;

use super::{SqliteOptions, SqliteStore, migrations, writer, writer::Work};
use crate::{
    conformance::{
        LANE,
        commits::together,
        rows::{
            NOW, binding, chain, commit, deleted, deployment, event, group, grouped, kept,
            principal, publish, record, row, rows, secret, service_key, settled, signing_key,
            token,
        },
        tenants::furnished,
        toys::{CountingIds, TestClock, ToySealer},
    },
    error::StoreError,
    port::{ChangeListener, KeptCheckpoint, Result, Store},
};
use rusqlite::Connection;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};
use subrosa_domain::{
    Change, ChangeRef, Commit, Disclosure, Identity, LastUse, MemberSource, PrincipalKind,
    Revision, Role, SealedRow, Sensitivity, TenantId, TokenKind, Unverified,
    audit::{AuditAction, AuditEvent, Note, Resource, ResourceKind},
};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("subrosa.db")
    }

    fn open(&self) -> Result<SqliteStore> {
        SqliteStore::open(SqliteOptions {
            path: self.path(),
            lane: LANE,
            readers: 2,
            clock: Arc::new(TestClock::default()),
            ids: Arc::new(CountingIds::default()),
        })
    }

    async fn started(&self) -> SqliteStore {
        let store = self.open().unwrap();
        store.seal_with(Arc::new(ToySealer)).await.unwrap();
        store
    }
}

/// Has the committer do something to its own connection.
async fn inspect(
    store: &SqliteStore,
    look: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
) -> Result<()> {
    let look = move |conn: &Connection| look(conn).map_err(super::sql::failed);
    store.work(Work::Inspect(Box::new(look))).await.map(|_| ())
}

/// Holds the committer up until told to let it go: what does so, what tells that it is held, and what lets it go.
fn held_up(
    store: &SqliteStore,
) -> (impl Future<Output = Result<()>>, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (release, held) = mpsc::channel::<()>();
    let (taken, begun) = mpsc::channel::<()>();
    let block = inspect(store, move |_| {
        let _ = taken.send(());
        let _ = held.recv();
        Ok(())
    });
    (block, begun, release)
}

async fn run(store: &SqliteStore, sql: &'static str) {
    inspect(store, move |conn| conn.execute_batch(sql)).await.unwrap();
}

/// A commit of 64 KiB with its event.
fn heavy(tenant: TenantId, n: u32) -> Commit {
    let mut row = secret(tenant, n, &format!("K{n}"));
    let mut changes = vec![Change::SecretInsert(row.clone())];
    changes.extend(publish(&mut row, 1).map(|change| match change {
        Change::RevisionInsert(Revision {
            sealed: Some(mut sealed),
            id,
            version,
            tenant_id,
            ..
        }) => {
            sealed.value = vec![0x5E; 65_536].into();
            let bare = crate::conformance::rows::revision(&row, version, 1);
            Change::RevisionInsert(Revision { sealed: Some(sealed), id, tenant_id, ..bare })
        }
        other => other,
    }));
    Commit { tenant_id: tenant, changes, events: vec![event(tenant, n)] }
}

#[tokio::test]
async fn a_full_disk_fails_commits_whole_and_writing_resumes_when_there_is_room() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    inspect(&store, |conn| {
        let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        conn.query_row(&format!("PRAGMA max_page_count = {}", pages + 60), [], |_| Ok(()))
    })
    .await
    .unwrap();

    let outcomes = together((0..12).map(|n| store.commit(heavy(tenant, n))).collect()).await;
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!(failed > 0, "60 pages do not hold 12 times 64 KiB");
    for (n, outcome) in (0..).zip(&outcomes) {
        assert!(matches!(outcome, Ok(_) | Err(StoreError::Unavailable(_))), "{outcome:?}");
        let found = store.tenant(tenant).live(secret(tenant, n, "K").id).await.unwrap();
        assert_eq!(found.is_some(), outcome.is_ok(), "commit {n} is whole or not there");
    }
    assert_eq!(chain(&store, tenant).await.len(), 12 - failed);

    run(&store, "PRAGMA max_page_count = 1073741823").await;
    for (n, outcome) in (0..).zip(outcomes) {
        if outcome.is_err() {
            store.commit(heavy(tenant, n)).await.unwrap();
        }
    }
    assert_eq!(chain(&store, tenant).await.len(), 12);
    assert_eq!(store.tenant(tenant).counted().await.unwrap().secrets, 12);
}

#[tokio::test]
async fn a_foreign_lock_makes_the_store_unavailable_until_it_is_gone() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    let intruder = Connection::open(folder.path()).unwrap();
    intruder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writes = (0..4).map(|n| store.commit(record(tenant, vec![event(tenant, n)])));
    for outcome in together(writes.collect()).await {
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }
    assert!(store.tenant(tenant).tenant().await.unwrap().is_some(), "reads go on");
    intruder.execute_batch("ROLLBACK").unwrap();
    store.commit(record(tenant, vec![event(tenant, 9)])).await.unwrap();
    assert_eq!(chain(&store, tenant).await, [event(tenant, 9)]);
}

#[tokio::test]
async fn a_commit_that_cannot_be_made_durable_leaves_no_memory_of_itself() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    store.commit(record(tenant, vec![event(tenant, 1)])).await.unwrap();
    // A reference that is checked at COMMIT alone, and fails there.
    run(
        &store,
        "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER \
         REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);",
    )
    .await;
    let spoil = |conn: &Connection| conn.execute_batch("INSERT INTO child VALUES (7)");
    let (good, bad) =
        tokio::join!(store.commit(record(tenant, vec![event(tenant, 2)])), inspect(&store, spoil));
    assert!(matches!(bad, Err(StoreError::Unavailable(_))), "{bad:?}");
    let taken = usize::from(good.is_ok());
    store.commit(record(tenant, vec![event(tenant, 3)])).await.unwrap();
    assert_eq!(chain(&store, tenant).await.len(), 2 + taken, "no link is to what never was");
}

#[tokio::test]
async fn a_panic_answers_everyone_and_the_committer_goes_on() {
    struct Panics(AtomicBool);
    impl ChangeListener for Panics {
        fn changed(&self, _: &[ChangeRef]) {
            assert!(!self.0.swap(false, Ordering::SeqCst), "told to");
        }
    }
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    let outcome = inspect(&store, |_| panic!("told to")).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    store.listen(Arc::new(Panics(AtomicBool::new(true))));
    // The commit is durable and its caches were not told: nobody may be told that all is well.
    let outcome = store.commit(heavy(tenant, 1)).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    store.commit(heavy(tenant, 2)).await.unwrap();
    assert_eq!(chain(&store, tenant).await, [event(tenant, 1), event(tenant, 2)]);
    let read = store.readers.read(|_| -> Result<()> { panic!("told to") }).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(store.tenant(tenant).tenant().await.unwrap().is_some());
}

#[tokio::test]
async fn whoever_comes_to_a_full_queue_is_told_at_once() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let (block, begun, release) = held_up(&store);
    let crowd = async {
        begun.recv().unwrap();
        let idle = || commit(TenantId::SYSTEM, vec![]);
        let waiting: Vec<_> = (0..writer::QUEUE_MAX).map(|_| store.commit(idle())).collect();
        let all = together(waiting);
        let late = async {
            let late = store.commit(idle()).await;
            release.send(()).unwrap();
            late
        };
        tokio::join!(biased; all, late)
    };
    let (blocked, (all, late)) = tokio::join!(biased; block, crowd);
    blocked.unwrap();
    assert!(matches!(late, Err(StoreError::Busy)), "{late:?}");
    assert!(all.iter().all(Result::is_ok), "who was in the queue is served");
}

#[tokio::test]
async fn a_forged_or_missing_head_stops_its_own_chain_and_no_other() {
    for forgery in [
        "UPDATE audit_heads SET seq = seq - 1 WHERE tenant_id = X'00000001010101010101010101010101'",
        "DELETE FROM audit_heads WHERE tenant_id = X'00000001010101010101010101010101'",
    ] {
        let folder = Folder::empty();
        let store = folder.started().await;
        let (forged, other) = (settled(&store, 1).await.id, settled(&store, 2).await.id);
        for tenant in [forged, other] {
            store.commit(record(tenant, vec![event(tenant, 1), event(tenant, 2)])).await.unwrap();
        }
        run(&store, forgery).await;
        store.close().await.unwrap();
        let store = folder.started().await;
        let refused = store.commit(heavy(forged, 3)).await;
        assert!(matches!(refused, Err(StoreError::Corrupt("audit head"))), "{refused:?}");
        assert!(store.tenant(forged).secret(secret(forged, 3, "K").id).await.unwrap().is_none());

        // A commit that speaks in both chains fails in the forged one, and is taken back in the other.
        let before = store.changes_after(0, 1_000).await.unwrap();
        let mut both = heavy(other, 3);
        both.events.push(event(forged, 3));
        let refused = store.commit(both).await;
        assert!(matches!(refused, Err(StoreError::Corrupt("audit head"))), "{refused:?}");
        assert_eq!(store.changes_after(0, 1_000).await.unwrap(), before);
        store.commit(record(other, vec![event(other, 4)])).await.unwrap();
        let recorded: Vec<_> = chain(&store, other).await.iter().map(|event| event.id).collect();
        assert_eq!(recorded, [1, 2, 4].map(|n| event(other, n).id));
    }
}

#[tokio::test]
async fn what_this_build_does_not_know_reads_as_the_strictest_or_not_at_all() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    let kept = kept(&store, tenant, 1, "K").await;
    let user = principal(tenant, 1, PrincipalKind::User, "ana");
    let token = token(&user, 1, TokenKind::User);
    let prod = group(tenant, 1, "prod");
    let changes = vec![
        Change::PrincipalInsert(user.clone()),
        Change::TokenInsert(token.clone()),
        Change::GroupInsert(prod.clone()),
    ];
    store.commit(commit(tenant, changes)).await.unwrap();
    run(&store, "UPDATE secrets SET sensitivity = 99, disclosure = 99").await;
    let view = store.tenant(tenant);
    let found = row(view.secret(kept.id).await.unwrap().unwrap());
    assert_eq!(found.sensitivity, Sensitivity::Regulated);
    assert_eq!(found.disclosure, Disclosure::UseOnly);

    run(&store, "UPDATE secrets SET live_version = NULL").await;
    let (damaged, _) = view.live(kept.id).await.unwrap().unwrap();
    assert!(is_unreadable(damaged));
    // A role that this build does not know, and half a member.
    for members in [
        "UPDATE groups SET members = X'000000010404040404040404040404040901'",
        "UPDATE groups SET members = X'00000001040404040404040404040404'",
    ] {
        run(&store, members).await;
        let damaged = view.group(prod.id).await.unwrap().unwrap();
        assert!(is_unreadable(damaged));
    }
    run(&store, "UPDATE principals SET issuer = 'https://issuer.example'").await;
    let damaged = view.principal(user.id).await.unwrap().unwrap();
    assert!(is_unreadable(damaged));
    run(&store, "UPDATE principals SET issuer = NULL, kind = 99").await;
    let damaged = view.principal(user.id).await.unwrap().unwrap();
    assert!(is_unreadable(damaged));
    run(&store, "UPDATE tokens SET scopes = 'secrets:everything'").await;
    let damaged = view.token(token.id).await.unwrap().unwrap();
    assert!(is_unreadable(damaged));
}

/// Whether a row that was read is believed under no key at all.
fn is_unreadable<R: SealedRow>(row: Unverified<R>) -> bool {
    row.verify(|_, _, _| true).is_err()
}

#[tokio::test]
async fn the_files_are_their_owners_alone_whatever_they_were() {
    let folder = Folder::empty();
    fs::write(folder.path(), []).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let store = folder.started().await;
    settled(&store, 1).await;
    for suffix in ["", "-wal", "-shm"] {
        let file = folder.0.path().join(format!("subrosa.db{suffix}"));
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
}

#[tokio::test]
async fn erased_values_and_wraps_are_overwritten_in_every_file() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    store.commit(heavy(tenant, 1)).await.unwrap();
    let gone = secret(tenant, 1, "K1");
    let wrap = *crate::conformance::rows::revision(&gone, 1, 1).id.as_bytes();
    let holds = |needle: &[u8]| {
        ["", "-wal"].iter().any(|suffix| {
            let file = folder.0.path().join(format!("subrosa.db{suffix}"));
            let bytes = fs::read(file).unwrap_or_default();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    };
    let value = [0x5E; 64];
    assert!(holds(&value) && holds(&wrap), "the search finds what is there");
    store.commit(commit(tenant, vec![Change::SecretErase(gone.id)])).await.unwrap();
    // The log is emptied after the answer, as soon as nobody waits: give the committer occasions.
    for _ in 0..1_000 {
        if !holds(&value) {
            break;
        }
        run(&store, "SELECT 1").await;
    }
    assert!(!holds(&value) && !holds(&wrap));
}

/// The tables that have a column of this name, and how many rows of `id` each holds.
async fn rows_of(store: &SqliteStore, column: &'static str, id: [u8; 16]) -> Vec<(String, i64)> {
    let (send, found) = mpsc::channel();
    inspect(store, move |conn| {
        let tables = "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.name = ?1 ORDER BY m.name";
        let names = conn
            .prepare(tables)?
            .query_map([column], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        for name in names {
            let count = format!("SELECT COUNT(*) FROM {name} WHERE {column} = ?1");
            let rows = conn.query_row(&count, [id], |row| row.get(0))?;
            send.send((name, rows)).unwrap();
        }
        Ok(())
    })
    .await
    .unwrap();
    found.iter().collect()
}

/// A table that comes later and is forgotten where rows are erased is found here.
#[tokio::test]
async fn what_is_erased_is_gone_from_every_table() {
    const RECORD: [&str; 5] =
        ["audit_events", "audit_heads", "audit_subjects", "changes", "checkpoints"];
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = furnished(&store, 1).await;
    let account = principal(tenant.id, 1, PrincipalKind::ServiceAccount, "ci");
    let (erased, other) = (secret(tenant.id, 1, "K").id, secret(tenant.id, 51, "K").id);
    let uses = vec![
        LastUse::Secret(tenant.id, erased, NOW),
        LastUse::Token(tenant.id, token(&account, 1, TokenKind::User).id, NOW),
    ];
    store.commit(commit(tenant.id, vec![Change::LastUses(uses)])).await.unwrap();
    let about = AuditEvent {
        action: AuditAction::TokenMint,
        resource: Resource::named(ResourceKind::Token, &[7; 16], "T"),
        ..event(tenant.id, 2)
    };
    store.commit(record(tenant.id, vec![about])).await.unwrap();

    let before = rows_of(&store, "secret_id", *erased.as_bytes()).await;
    assert!(before.iter().all(|(_, rows)| *rows > 0), "nothing to see: {before:?}");
    let before = rows_of(&store, "tenant_id", *tenant.id.as_bytes()).await;
    assert!(before.iter().all(|(_, rows)| *rows > 0), "nothing to see: {before:?}");

    store.commit(commit(tenant.id, vec![Change::SecretErase(erased)])).await.unwrap();
    let after = rows_of(&store, "secret_id", *erased.as_bytes()).await;
    assert!(after.iter().all(|(_, rows)| *rows == 0), "{after:?}");
    assert!(store.tenant(tenant.id).secret(other).await.unwrap().is_some());

    let erase = vec![Change::TenantUpdate(deleted(&tenant)), Change::TenantErase(tenant.id)];
    store.commit(commit(tenant.id, erase)).await.unwrap();
    for (table, rows) in rows_of(&store, "tenant_id", *tenant.id.as_bytes()).await {
        assert_eq!(rows > 0, RECORD.contains(&&*table), "{table} has {rows} rows");
    }
}

#[tokio::test]
async fn a_newer_builds_database_is_refused_and_left_as_it_is() {
    let folder = Folder::empty();
    let store = folder.started().await;
    run(&store, "INSERT INTO migrations VALUES (9999, 0)").await;
    store.close().await.unwrap();
    let before = fs::read(folder.path()).unwrap();
    let refused = folder.open().map(|_| ());
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    assert_eq!(fs::read(folder.path()).unwrap(), before);
}

#[tokio::test]
async fn a_look_says_whose_store_it_is_and_leaves_every_file_as_it_was() {
    let folder = Folder::empty();
    assert!(SqliteStore::look(&folder.path()).unwrap().is_none());
    assert!(!folder.path().exists(), "a look makes no file");
    let store = folder.open().unwrap();
    let deployment = deployment();
    store.initialise(&deployment, &service_key()).await.unwrap();
    store.close().await.unwrap();
    let names = || {
        let found = fs::read_dir(folder.0.path()).unwrap();
        let mut names: Vec<_> = found.map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = (fs::read(folder.path()).unwrap(), names());
    assert_eq!(SqliteStore::look(&folder.path()).unwrap(), Some(deployment));
    assert!((fs::read(folder.path()).unwrap(), names()) == before);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let folder = Folder::empty();
    let before = vec![b'x'; 8_192];
    fs::write(folder.path(), &before).unwrap();
    let refused = folder.open().map(|_| ());
    assert!(matches!(refused, Err(StoreError::Corrupt("database"))), "{refused:?}");
    assert_eq!(fs::read(folder.path()).unwrap(), before);
}

/// A rewrap that passed over what it cannot read would leave it under a key that is then destroyed.
#[tokio::test]
async fn a_wrap_whose_key_version_is_no_number_of_one_is_still_to_be_rewrapped() {
    let folder = Folder::empty();
    let store = folder.started().await;
    let tenant = settled(&store, 1).await.id;
    for (n, name) in [(1, "K"), (2, "L")] {
        kept(&store, tenant, n, name).await;
    }
    let damaged = secret(tenant, 1, "K").id;
    run(
        &store,
        "UPDATE revisions SET key_version = -1 WHERE secret_id = (SELECT MIN(id) FROM secrets)",
    )
    .await;
    let items = store.tenant(tenant).to_rewrap(2, None, 9).await.unwrap();
    let seen: Vec<_> = items.iter().map(|item| (item.secret_id, item.wrap.key_version)).collect();
    assert_eq!(seen, [(damaged, 0), (secret(tenant, 2, "L").id, 1)]);
}

/// Each schema there ever was, with rows as it held them, is opened by this build and served. A new step adds a file
/// of rows to [`migrations::ROWS`].
#[tokio::test]
async fn every_earlier_schema_opens_with_its_rows() {
    for (version, rows) in (1..).zip(migrations::ROWS) {
        let folder = Folder::empty();
        let mut conn = Connection::open(folder.path()).unwrap();
        migrations::migrate_up_to(&mut conn, version).unwrap();
        conn.execute_batch(rows).unwrap();
        drop(conn);

        let store = folder.started().await;
        assert!(store.deployment().await.unwrap().is_some());
        let tenant =
            row(store.tenant_by_slug(&"tenant-1".parse().unwrap()).await.unwrap().unwrap());
        let id = secret(tenant.id, 1, "K").id;
        let (found, live) = store.tenant(tenant.id).live(id).await.unwrap().unwrap();
        let mut found = row(found);
        assert_eq!((found.sensitivity, found.latest_version), (Sensitivity::Phi, 1));
        assert_eq!(&*live.unwrap().sealed.unwrap().value, [0xCD], "schema {version}");
        let next = publish(&mut found, 1).to_vec();
        store.commit(commit(tenant.id, next)).await.unwrap();
        store.commit(record(tenant.id, vec![event(tenant.id, 1)])).await.unwrap();
        assert_eq!(store.tenant(tenant.id).counted().await.unwrap().secrets, 1);
        if version >= 2 {
            groups_are_as_schema_2_held_them(&store, tenant.id).await;
        }
        if version >= 3 {
            let note = |of: &str| Note(format!("a checkpoint of the {of}").into());
            let kept = store.checkpoint_at(1).await.unwrap();
            assert_eq!(kept, KeptCheckpoint::Kept(note("lane")));
            let kept = store.tenant(tenant.id).checkpoints(LANE, 0, 1).await.unwrap();
            assert_eq!(kept, [(1, note("chain"))]);
        }
        let later = group(tenant.id, 9, "later");
        let inside = grouped(&later, 9, "K");
        let changes = vec![Change::GroupInsert(later), Change::SecretInsert(inside)];
        store.commit(commit(tenant.id, changes)).await.unwrap();
    }
}

async fn groups_are_as_schema_2_held_them(store: &SqliteStore, tenant: TenantId) {
    let view = store.tenant(tenant);
    let identity =
        Identity { issuer: "https://issuer.example".into(), subject: "subject-1".into() };
    let ana = row(view.principal_by_identity(&identity).await.unwrap().unwrap());
    assert_eq!((&*ana.name, ana.manifest.as_deref()), ("ana@acme.dev", Some("a manifest")));
    let token = view.token_by_name(TokenKind::ApiKey, "token 1").await.unwrap().map(row).unwrap();
    assert_eq!((token.principal_id, token.disabled_at), (ana.id, Some(NOW)));

    let bound = binding(tenant, 1, "binding-1");
    let mut held = group(tenant, 1, "group-1");
    held.give(MemberSource::Collaborators, [(ana.id, Role::Admin)]);
    held.give(MemberSource::Binding(bound.id), [(ana.id, Role::Editor)]);
    assert_eq!(rows(view.groups(Some(ana.id), None, 9).await.unwrap()), [held.clone()]);
    assert_eq!(rows(view.groups_bound(bound.id).await.unwrap()), [held]);
    assert_eq!(rows(view.bindings(None, 9).await.unwrap()), [bound]);
    let signer = signing_key(tenant, 1, 1);
    let found = store.signing_key(signer.id).await.unwrap().map(row).unwrap();
    assert_eq!((found.public, &*found.seed.value), (signer.public, &[0xCD][..]));
    let reader = secret(tenant, 1, "K").id;
    assert_eq!(view.readers_of(reader, NOW).await.unwrap(), 1);
}
