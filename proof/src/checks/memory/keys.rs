//! Every key of a store in the clear, by what docs/reference/key-format.md says and by no code of the product.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf, hmac,
};
use rusqlite::{Connection, OpenFlags};
use std::{collections::BTreeMap, fs, path::Path};

type Key = [u8; 32];

/// A key, and what it is.
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) key: Key,
}

/// Every key that follows from the root key, the salts and the rows; the root key itself is not among them.
pub(super) fn all(store: &Path, keys: &Path, root: &Key) -> Vec<Named> {
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let store = store.expect("the copy of a store");
    let deployment: Vec<u8> = row(&store, "SELECT id FROM deployment");
    let root_wrap = derived(root, &[0; 32], b"subrosa/1/root/wrap");
    let mut all = vec![Named { name: "the key that the root key wraps with", key: root_wrap }];

    let service = rows(&store, "SELECT version, wrapped, X'' FROM service_keys");
    for (version, wrapped, _) in service {
        let context = context(&deployment, "service", None, version);
        let key = unwrapped(&root_wrap, &context, &wrapped[1..]);
        let pepper = kdf108(&key, "subrosa/1/token-pepper", &[]);
        all.push(Named { name: "a service key", key });
        all.push(Named { name: "a token pepper", key: pepper });
    }
    let folder = keys.join("keystore").join(hyphenated(&deployment));
    let mut tenants = BTreeMap::new();
    let living = "SELECT version, wrapped, tenant_id FROM tenant_keys WHERE length(wrapped) > 0";
    for (version, wrapped, tenant) in rows(&store, living) {
        let salt = fs::read(folder.join(format!("{}.salt", hyphenated(&tenant)))).expect("a salt");
        let salt: Key = salt.try_into().expect("32 bytes");
        let context = context(&deployment, "tenant", Some(&tenant), version);
        let info = record("subrosa/1/shred", &[(1, &tenant), (2, &version.to_be_bytes())]);
        let shred = derived(&salt, &[0; 32], &info);
        let inner = opened(&shred, &context, &wrapped[1..]);
        let key = unwrapped(&root_wrap, &context, &inner);
        tenants.insert((tenant, version), key);
        all.push(Named { name: "a tenant key", key });
        all.push(Named { name: "a shred salt", key: salt });
        all.push(Named { name: "a key that a salt makes", key: shred });
    }
    all.extend(revisions(&store, &deployment, &tenants));
    all
}

/// The keys of every revision: the one that its wrap holds, the one that wrapped it, and the one its value is under.
fn revisions(
    store: &Connection,
    deployment: &[u8],
    tenants: &BTreeMap<(Vec<u8>, u64), Key>,
) -> Vec<Named> {
    let sql = "SELECT tenant_id, secret_id, id, key_version, version, sensitivity, wrap, value
        FROM revisions";
    let mut query = store.prepare(sql).expect("the schema");
    let read = query.query_map([], |row| {
        let ids: [Vec<u8>; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
        let numbers: [i64; 3] = [row.get(3)?, row.get(4)?, row.get(5)?];
        Ok((ids, numbers, row.get::<_, Vec<u8>>(6)?, row.get::<_, Vec<u8>>(7)?))
    });
    let mut all = Vec::new();
    for revision in read.expect("the schema") {
        let ([tenant, secret, id], numbers, wrap, value) = revision.expect("a row");
        let [version, revision, tier] =
            numbers.map(|number| u64::try_from(number).expect("a number"));
        let key = &tenants[&(tenant.clone(), version)];
        let (salt, sealed) = wrap[5..].split_at(16);
        let wrapping = kdf108(key, "subrosa/1/wrap", &[salt, &tenant].concat());
        let number = version.to_be_bytes();
        let aad = [(1, deployment), (2, &tenant), (3, &secret), (4, &id), (5, &number)];
        let key = opened(&wrapping, &record("subrosa/1/wrap", &aad), sealed);
        let key: Key = key.try_into().expect("32 bytes");
        let [one, revision, tier] = [1, revision, tier].map(u64::to_be_bytes);
        let aad: [(u8, &[u8]); 9] = [
            (1, &one),
            (2, &one),
            (3, deployment),
            (4, &tenant),
            (5, &secret),
            (6, &id),
            (7, &revision),
            (8, &tier),
            (9, &one),
        ];
        let info = [&b"subrosa/1/rev"[..], &record("subrosa/1/value", &aad)].concat();
        let salt: Key = value[4..36].try_into().expect("32 bytes");
        let value_key = derived(&key, &salt, &info);
        all.push(Named { name: "a value's key", key: value_key });
        all.push(Named { name: "a revision's key", key });
        all.push(Named { name: "a revision's wrapping key", key: wrapping });
    }
    all
}

fn context(deployment: &[u8], purpose: &str, tenant: Option<&[u8]>, version: u64) -> Vec<u8> {
    let number = version.to_be_bytes();
    let mut fields = vec![(1, deployment), (2, purpose.as_bytes())];
    fields.extend(tenant.map(|tenant| (3, tenant)));
    fields.push((4, &number));
    record("subrosa/1/key", &fields)
}

fn record(label: &str, fields: &[(u8, &[u8])]) -> Vec<u8> {
    let all = std::iter::once((0, label.as_bytes())).chain(fields.iter().copied());
    all.flat_map(|(tag, bytes)| {
        let length = u32::try_from(bytes.len()).expect("it is short").to_be_bytes();
        [&[tag], &length[..], bytes].concat()
    })
    .collect()
}

/// What a root key in a file wrapped.
fn unwrapped(root_wrap: &Key, context: &[u8], wrap: &[u8]) -> Key {
    opened(root_wrap, context, &wrap[1..]).try_into().expect("32 bytes")
}

/// `iv[12] ‖ ciphertext ‖ tag`, opened.
fn opened(key: &Key, aad: &[u8], sealed: &[u8]) -> Vec<u8> {
    let (iv, body) = sealed.split_at(12);
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes"));
    let nonce = Nonce::try_assume_unique_for_key(iv).expect("12 bytes");
    let mut body = body.to_vec();
    key.open_in_place(nonce, Aad::from(aad), &mut body).expect("as the format says").to_vec()
}

fn derived(key: &[u8], salt: &[u8], info: &[u8]) -> Key {
    struct Length;
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            32
        }
    }
    let mut out = [0; 32];
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, salt);
    let made = salt.extract(key).expand(&[info], Length).and_then(|okm| okm.fill(&mut out));
    made.expect("32 bytes");
    out
}

fn kdf108(key: &Key, label: &str, context: &[u8]) -> Key {
    let parts = [&1_u32.to_be_bytes(), label.as_bytes(), &[0], context, &256_u32.to_be_bytes()];
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &parts.concat());
    mac.as_ref().try_into().expect("32 bytes")
}

fn hyphenated(id: &[u8]) -> String {
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn row(store: &Connection, sql: &str) -> Vec<u8> {
    store.query_row(sql, [], |row| row.get(0)).expect("the schema")
}

fn rows(store: &Connection, sql: &str) -> Vec<(u64, Vec<u8>, Vec<u8>)> {
    let mut query = store.prepare(sql).expect("the schema");
    let read = query.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
    });
    let all = read.expect("the schema").map(|row| {
        let (version, wrapped, of) = row.expect("a row");
        (u64::try_from(version).expect("a version"), wrapped, of)
    });
    all.collect()
}
