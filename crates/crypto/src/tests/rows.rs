//! A row is believed with its own seal alone.

use super::support::{NOW, OTHER, TENANT, fixed, key, keyring};
use crate::{Keyring, service_keys::Version};
use subrosa_domain::{RowSeal, SealedRow, Tenant, TenantState, Unverified};

fn tenant() -> Tenant {
    Tenant {
        id: TENANT,
        slug: "acme".parse().unwrap(),
        name: "Acme".into(),
        state: TenantState::Deleted,
        created_by: "ana".into(),
        created_at: NOW,
        modified_at: NOW,
        row_version: 4,
        seal: RowSeal::UNSEALED,
    }
}

fn sealed(keyring: &Keyring) -> Tenant {
    let mut row = tenant();
    keyring.seal_row(&mut row);
    row
}

fn believed(keyring: &Keyring, row: Tenant) -> Result<(), ()> {
    keyring.verify(Unverified::new(row)).map(drop).map_err(drop)
}

#[test]
fn a_sealed_row_is_believed_and_an_edited_one_is_not() {
    let keyring = keyring("service");
    assert_eq!(believed(&keyring, sealed(&keyring)), Ok(()));
    assert_eq!(believed(&keyring, tenant()), Err(()), "unsealed");
    let edited = |edit: fn(&mut Tenant)| {
        let mut row = sealed(&keyring);
        edit(&mut row);
        assert_eq!(believed(&keyring, row), Err(()));
    };
    edited(|row| row.state = TenantState::Active);
    edited(|row| row.row_version -= 1);
    edited(|row| row.slug = "other".parse().unwrap());
    edited(|row| row.id = OTHER);
    for at in 0..32 {
        let mut row = sealed(&keyring);
        let mut seal = *row.seal();
        seal.0[at] ^= 1;
        row.set_seal(seal);
        assert_eq!(believed(&keyring, row), Err(()), "byte {at}");
    }
}

#[test]
fn a_seal_of_another_key_or_another_tenants_key_is_no_seal() {
    let (ours, theirs) = (keyring("service"), keyring("another service"));
    assert_eq!(believed(&ours, sealed(&theirs)), Err(()));
    let mut row = tenant();
    row.set_seal(RowSeal(ours.service.active.seal_row(OTHER, &row.seal_input())));
    assert_eq!(believed(&ours, row), Err(()));
}

#[test]
fn a_row_sealed_before_the_service_key_was_replaced_is_still_believed() {
    let old = keyring("service");
    let mut new = keyring("next service");
    new.service.retired.push(Version::new(0, &key("service")));
    assert_eq!(believed(&new, sealed(&old)), Ok(()));
    assert_ne!(sealed(&new).seal(), sealed(&old).seal());
    assert_ne!(fixed::<32>("service"), fixed::<32>("next service"));
}
