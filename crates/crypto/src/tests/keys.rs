//! From custody to a tenant's keys: they come back after a restart, and from nothing but their own rows and salt.

use super::support::{DEPLOYMENT, Home, NOW, OTHER, TENANT, binding, fixed, leave};
use crate::{KeyError, Keyring};
use subrosa_domain::{DeploymentId, KeyState, TenantKey};
use subrosa_plaintext::Plaintext;

async fn started(home: &Home) -> Keyring {
    Keyring::create(DEPLOYMENT, home.custody(DEPLOYMENT), NOW).await.unwrap().0
}

async fn refusal(keyring: &Keyring, rows: &[TenantKey]) -> KeyError {
    keyring.unlock(TENANT, rows).await.err().unwrap()
}

#[tokio::test]
async fn a_value_sealed_before_a_restart_opens_after_it() {
    let home = Home::new(&fixed("root"));
    let (keyring, service) =
        Keyring::create(DEPLOYMENT, home.custody(DEPLOYMENT), NOW).await.unwrap();
    let row = keyring.create_tenant_key(TENANT, 1, NOW).await.unwrap();
    assert_eq!((row.tenant_id, row.version, row.state), (TENANT, 1, KeyState::Active));
    let keys = keyring.unlock(TENANT, std::slice::from_ref(&row)).await.unwrap();
    let sealed = keys.seal(&binding(), &Plaintext::from_vec(b"v".to_vec())).unwrap();
    drop((keyring, keys));

    let again = Keyring::open(DEPLOYMENT, home.custody(DEPLOYMENT), &[service]).await.unwrap();
    let keys = again.unlock(TENANT, &[row]).await.unwrap();
    let value = keys.open(&binding(), &sealed, &leave(&binding())).unwrap();
    assert_eq!(value.expose(), b"v");
}

#[tokio::test]
async fn a_rotated_tenant_unlocks_every_version_that_is_not_destroyed() {
    let home = Home::new(&fixed("root"));
    let keyring = started(&home).await;
    let mut old = keyring.create_tenant_key(TENANT, 1, NOW).await.unwrap();
    let keys = keyring.unlock(TENANT, std::slice::from_ref(&old)).await.unwrap();
    let sealed = keys.seal(&binding(), &Plaintext::from_vec(b"v".to_vec())).unwrap();
    let new = keyring.create_tenant_key(TENANT, 2, NOW).await.unwrap();
    let both = [old.clone(), new.clone()];
    assert!(matches!(refusal(&keyring, &both).await, KeyError::NotOneActive(2)));

    old.state = KeyState::DecryptOnly;
    let keys = keyring.unlock(TENANT, &[old.clone(), new.clone()]).await.unwrap();
    assert_eq!(keys.active_version(), 2);
    assert!(keys.open(&binding(), &sealed, &leave(&binding())).is_ok());
    assert!(matches!(
        refusal(&keyring, std::slice::from_ref(&old)).await,
        KeyError::NotOneActive(0)
    ));

    old.state = KeyState::Destroyed;
    old.wrapped = Box::default();
    let keys = keyring.unlock(TENANT, &[old, new]).await.unwrap();
    assert!(keys.open(&binding(), &sealed, &leave(&binding())).is_err());
}

#[tokio::test]
async fn a_tenant_key_unlocks_from_its_own_row_salt_root_and_deployment_alone() {
    let (home, other) = (Home::new(&fixed("root")), Home::new(&fixed("another root")));
    let keyring = started(&home).await;
    let row = keyring.create_tenant_key(TENANT, 1, NOW).await.unwrap();
    let foreign = keyring.create_tenant_key(OTHER, 1, NOW).await.unwrap();
    assert_eq!(row.wrapped.len(), 1 + 12 + 61 + 16);
    for at in 0..row.wrapped.len() {
        let mut changed = row.clone();
        changed.wrapped[at] ^= 1;
        assert!(matches!(refusal(&keyring, &[changed]).await, KeyError::Integrity), "byte {at}");
        let cut = TenantKey { wrapped: row.wrapped[..at].into(), ..row.clone() };
        assert!(matches!(refusal(&keyring, &[cut]).await, KeyError::Integrity), "cut at {at}");
    }
    let renumbered = TenantKey { version: 2, ..row.clone() };
    assert!(matches!(refusal(&keyring, &[renumbered]).await, KeyError::Integrity));
    assert!(matches!(refusal(&keyring, std::slice::from_ref(&foreign)).await, KeyError::Integrity));
    let swapped = TenantKey { wrapped: foreign.wrapped, ..row.clone() };
    assert!(matches!(refusal(&keyring, &[swapped]).await, KeyError::Integrity));

    // The same salt under another root, and under another deployment's id.
    let salt = *home.custody(DEPLOYMENT).keystore.read(TENANT).unwrap().unwrap().expose();
    other.set_salt(DEPLOYMENT, TENANT, &salt);
    let stranger = started(&other).await;
    assert!(matches!(refusal(&stranger, std::slice::from_ref(&row)).await, KeyError::Integrity));
    let elsewhere = DeploymentId::from_bytes([1; 16]);
    home.set_salt(elsewhere, TENANT, &salt);
    let moved = Keyring::create(elsewhere, home.custody(elsewhere), NOW).await.unwrap().0;
    assert!(matches!(refusal(&moved, &[row]).await, KeyError::Integrity));
}

#[tokio::test]
async fn destroying_the_salt_erases_the_tenant_though_every_row_is_kept() {
    let home = Home::new(&fixed("root"));
    let keyring = started(&home).await;
    let row = keyring.create_tenant_key(TENANT, 1, NOW).await.unwrap();
    keyring.create_tenant_key(OTHER, 1, NOW).await.unwrap();
    keyring.shred(TENANT).unwrap();
    keyring.shred(TENANT).unwrap();
    assert_eq!(keyring.salted_tenants().unwrap(), [OTHER]);
    let refused = refusal(&keyring, std::slice::from_ref(&row)).await;
    assert!(matches!(refused, KeyError::Shredded(TENANT)));
    // A salt made afterwards brings nothing back, and a later version does not make one.
    let later = keyring.create_tenant_key(TENANT, 2, NOW).await.err().unwrap();
    assert!(matches!(later, KeyError::Shredded(TENANT)));
    keyring.create_tenant_key(TENANT, 1, NOW).await.unwrap();
    assert!(matches!(refusal(&keyring, &[row]).await, KeyError::Integrity));
}

#[tokio::test]
async fn a_service_key_opens_from_its_own_row_and_root_alone() {
    let home = Home::new(&fixed("root"));
    let custody = || home.custody(DEPLOYMENT);
    let (_, row) = Keyring::create(DEPLOYMENT, custody(), NOW).await.unwrap();
    assert_eq!(row.wrapped.len(), 62);
    let refused = async |row: &subrosa_domain::ServiceKey, deployment| {
        let rows = std::slice::from_ref(row);
        Keyring::open(deployment, custody(), rows).await.err().unwrap()
    };
    for at in 0..row.wrapped.len() {
        let mut changed = row.clone();
        changed.wrapped[at] ^= 1;
        assert!(matches!(refused(&changed, DEPLOYMENT).await, KeyError::Integrity), "byte {at}");
    }
    let mut renumbered = row.clone();
    renumbered.version = 2;
    assert!(matches!(refused(&renumbered, DEPLOYMENT).await, KeyError::Integrity));
    let elsewhere = DeploymentId::from_bytes([1; 16]);
    assert!(matches!(refused(&row, elsewhere).await, KeyError::Integrity));
    let mut retired = row.clone();
    retired.state = KeyState::DecryptOnly;
    assert!(matches!(refused(&retired, DEPLOYMENT).await, KeyError::NotOneActive(0)));
    let other = Home::new(&fixed("another root")).custody(DEPLOYMENT);
    let stranger = Keyring::open(DEPLOYMENT, other, &[row]).await.err().unwrap();
    assert!(matches!(stranger, KeyError::Integrity));
}
