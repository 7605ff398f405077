#![allow(
    clippy::all,
    clippy::unwrap_used,
    missing_docs,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::allow_attributes
)]
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};
use subrosa_domain::audit::*;
use subrosa_domain::*;
use subrosa_store::{conformance::toys::*, *};

struct Sealer;
impl ChainSealer for Sealer {
    fn link(&self, _: u32, seq: u64, _: &[u8; 32], _: &[u8]) -> [u8; 32] {
        let mut h = [0; 32];
        h[..8].copy_from_slice(&seq.to_be_bytes());
        h
    }
    fn seal_head(&self, _: &ChainHead) -> RowSeal {
        RowSeal([1; 32])
    }
    fn head_holds(&self, _: &ChainHead) -> bool {
        true
    }
}
fn event(tenant_id: TenantId, n: u32) -> AuditEvent {
    let mut id = [7; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    AuditEvent {
        id: EventId::from_bytes(id),
        tenant_id,
        time: Timestamp::from_micros(n.into()),
        surface: Surface::V1,
        actor: Actor {
            kind: ActorKind::User,
            id: "0190aaaa-0000-7000-8000-000000000000".into(),
            token: Some(TokenId::from_bytes([1; 16])),
            tool: None,
        },
        action: AuditAction::SecretReveal,
        resource: Resource {
            kind: ResourceKind::Secret,
            id: Some(id),
            key: Some("STRIPE_API_KEY".into()),
        },
        revision: Some(1),
        tier: Some(Sensitivity::Phi),
        decision: Decision::Allowed,
        reason: None,
        count: 1,
        first_time: None,
        request_id: Some(RequestId::from_bytes(id)),
        detail: None,
    }
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let dir = tempfile::tempdir_in(std::env::args().nth(1).unwrap()).unwrap();
    let t = Instant::now();
    let store = Arc::new(
        SqliteStore::open(SqliteOptions {
            path: dir.path().join("x.db"),
            lane: 1,
            readers: 2,
            clock: Arc::new(TestClock::default()),
            ids: Arc::new(CountingIds::default()),
        })
        .unwrap(),
    );
    println!("open {:?}", t.elapsed());
    // fdatasync
    {
        use std::io::{Seek, Write};
        let mut f = std::fs::File::create(dir.path().join("f")).unwrap();
        f.write_all(&vec![0; 4096]).unwrap();
        f.sync_all().unwrap();
        let t = Instant::now();
        let mut n = 0;
        while t.elapsed().as_millis() < 1000 {
            f.rewind().unwrap();
            f.write_all(&vec![n as u8; 4096]).unwrap();
            f.sync_data().unwrap();
            n += 1;
        }
        println!("fdatasync/s {n}");
    }
    let rt =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let tenant = TenantId::from_bytes([1; 16]);
    rt.block_on(async {
        store.seal_with(Arc::new(Sealer)).await.unwrap();
        let row = Tenant {
            id: tenant,
            slug: "acme".parse().unwrap(),
            name: "".into(),
            state: TenantState::Active,
            created_by: "x".into(),
            created_at: Timestamp::EPOCH,
            modified_at: Timestamp::EPOCH,
            row_version: 1,
            seal: RowSeal([1; 32]),
        };
        let key = TenantKey {
            tenant_id: tenant,
            version: 1,
            state: KeyState::Active,
            wrapped: [1; 76].into(),
            created_at: Timestamp::EPOCH,
            retired_at: None,
        };
        store
            .commit(Commit {
                tenant_id: tenant,
                changes: vec![Change::TenantInsert(row), Change::TenantKeyInsert(key)],
                events: vec![],
            })
            .await
            .unwrap();
        let next = Arc::new(AtomicU32::new(0));
        for (what, callers) in [("create", 64), ("read", 64), ("read", 64)] {
            let (t, c, from) = (Instant::now(), cpu(), next.load(Ordering::SeqCst));
            let tasks: Vec<_> = (0..callers)
                .map(|_| {
                    let (store, next) = (store.clone(), next.clone());
                    tokio::spawn(async move {
                        while t.elapsed().as_secs() < 4 {
                            let n = next.fetch_add(1, Ordering::SeqCst);
                            let mut id = [2; 16];
                            id[..4].copy_from_slice(&n.to_be_bytes());
                            match what {
                                "reveal" => {
                                    store
                                        .commit(Commit {
                                            tenant_id: tenant,
                                            changes: vec![],
                                            events: vec![event(tenant, n)],
                                        })
                                        .await
                                        .unwrap();
                                }
                                "read" => {
                                    store
                                        .tenant(tenant)
                                        .live(SecretId::from_bytes(id))
                                        .await
                                        .unwrap();
                                }
                                _ => {
                                    let mut s = Secret {
                                        id: SecretId::from_bytes(id),
                                        tenant_id: tenant,
                                        group_id: GroupId::default_of(tenant),
                                        key: format!("KEY_{n}").parse().unwrap(),
                                        description: None,
                                        sensitivity: Sensitivity::Standard,
                                        disclosure: Disclosure::Readable,
                                        validity: Validity::ALWAYS,
                                        published: None,
                                        latest_version: 0,
                                        created_by: "0190aaaa-0000-7000-8000-000000000000".into(),
                                        created_at: Timestamp::EPOCH,
                                        modified_at: Timestamp::EPOCH,
                                        last_used_at: None,
                                        row_version: 1,
                                        seal: RowSeal([1; 32]),
                                    };
                                    let r = Revision {
                                        id: RevisionId::from_bytes(id),
                                        tenant_id: tenant,
                                        secret_id: s.id,
                                        version: 1,
                                        sensitivity: Sensitivity::Standard,
                                        note: None,
                                        created_by: "0190aaaa".into(),
                                        created_at: Timestamp::EPOCH,
                                        sealed: Some(Sealed {
                                            value: vec![1; 120].into(),
                                            wrap: Wrap {
                                                key_version: 1,
                                                block: vec![2; 100].into(),
                                            },
                                        }),
                                    };
                                    let p = s.point_at(&r, "0190aaaa", Timestamp::EPOCH);
                                    store
                                        .commit(Commit {
                                            tenant_id: tenant,
                                            changes: vec![
                                                Change::SecretInsert(s),
                                                Change::RevisionInsert(r),
                                                Change::PublicationInsert(p),
                                            ],
                                            events: vec![event(tenant, n)],
                                        })
                                        .await
                                        .unwrap();
                                }
                            }
                        }
                    })
                })
                .collect();
            for t in tasks {
                t.await.unwrap();
            }
            let n = next.load(Ordering::SeqCst) - from;
            println!(
                "{what:7} {callers:4} callers: {:8.0}/s  {:.1} us cpu each",
                n as f64 / t.elapsed().as_secs_f64(),
                (cpu() - c) * 1e6 / n as f64
            );
        }
        store.close().await.unwrap();
    });
    let t = Instant::now();
    let _s = SqliteStore::open(SqliteOptions {
        path: dir.path().join("x.db"),
        lane: 1,
        readers: 2,
        clock: Arc::new(TestClock::default()),
        ids: Arc::new(CountingIds::default()),
    })
    .unwrap();
    println!(
        "reopen {:?}, {} MiB",
        t.elapsed(),
        std::fs::metadata(dir.path().join("x.db")).unwrap().len() >> 20
    );
}
