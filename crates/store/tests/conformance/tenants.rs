//! Tenants: their slugs, their lists, their counters and their end.

use super::{
    Place,
    rows::{
        activity, bare, binding, chain, commit, deleted, deployment, event, grant, group, grouped,
        kept, key, principal, publish, reader, record, revision, row, rows, secret, service_key,
        settled, signing_key, started, tenant, token,
    },
};
use crate::{
    error::{Noun, StoreError},
    port::{Counted, Store},
};
use subrosa_domain::{
    Change, GroupId, KeyState, MemberSource, PrincipalKind, Role, Tenant, TenantId, Timestamp,
    TokenKind,
};

/// A second tenant of the same slug is refused until the first is deleted; then the slug names the second.
pub(crate) async fn a_slug_is_taken_while_its_tenant_lives(place: &dyn Place) {
    let store = started(place).await;
    let first = settled(&*store, 1).await;
    let second = Tenant { slug: first.slug.clone(), ..tenant(2) };
    let insert = || commit(second.id, vec![Change::TenantInsert(second.clone())]);

    let refused = store.commit(insert()).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Tenant))), "{refused:?}");
    let found = store.tenant_by_slug(&first.slug).await.unwrap().map(row);
    assert_eq!(found, Some(first.clone()));

    let gone = deleted(&first);
    let erase = vec![Change::TenantUpdate(gone.clone()), Change::TenantErase(first.id)];
    store.commit(commit(first.id, erase)).await.unwrap();
    assert!(store.tenant_by_slug(&first.slug).await.unwrap().is_none());
    assert_eq!(store.tenant(first.id).tenant().await.unwrap().map(row), Some(gone));
    assert_eq!(store.deleted_tenants(None, 10).await.unwrap(), [first.id]);
    assert!(store.deleted_tenants(Some(first.id), 10).await.unwrap().is_empty());

    store.commit(insert()).await.unwrap();
    let found = store.tenant_by_slug(&first.slug).await.unwrap().map(row);
    assert_eq!(found.map(|t| t.id), Some(second.id));
}

/// Living tenants list newest first, a page at a time.
pub(crate) async fn tenants_page_newest_first(place: &dyn Place) {
    let store = started(place).await;
    for n in 1..=5 {
        settled(&*store, n).await;
    }
    store
        .commit(commit(tenant(3).id, vec![Change::TenantUpdate(deleted(&tenant(3)))]))
        .await
        .unwrap();
    let ids = |page: Vec<_>| rows::<Tenant>(page).into_iter().map(|t| t.id).collect::<Vec<_>>();
    let first = ids(store.tenants(None, 2).await.unwrap());
    assert_eq!(first, [tenant(5).id, tenant(4).id]);
    let second = ids(store.tenants(first.last().copied(), 2).await.unwrap());
    assert_eq!(second, [tenant(2).id, tenant(1).id]);
    assert!(store.tenants(second.last().copied(), 2).await.unwrap().is_empty());
}

/// A tenant with something of everything under it, as many tests want one.
pub(crate) async fn furnished(store: &dyn Store, n: u32) -> Tenant {
    let tenant = settled(store, n).await;
    let secret = kept(store, tenant.id, n, "K").await;
    let account = principal(tenant.id, n, PrincipalKind::ServiceAccount, "ci");
    let token = token(&account, n, TokenKind::ServiceAccount);
    let mut prod = group(tenant.id, n, "prod");
    let by = MemberSource::Binding(binding(tenant.id, n, "devs").id);
    prod.give(by, [(account.id, Role::Editor)]);
    let changes = vec![
        Change::GrantInsert(grant(&secret, "agent")),
        Change::PrincipalInsert(account),
        Change::TokenInsert(token.clone()),
        Change::Activities(vec![activity(&token, 1)]),
        Change::SecretInsert(grouped(&prod, n + 50, "K")),
    ];
    let roles = vec![
        Change::GroupInsert(prod),
        Change::BindingInsert(binding(tenant.id, n, "devs")),
        Change::SigningKeyInsert(signing_key(tenant.id, n, 1)),
        Change::LastUses(vec![reader(&secret, "user:ana", 0)]),
    ];
    store.commit(commit(tenant.id, roles)).await.unwrap();
    store.commit(commit(tenant.id, changes)).await.unwrap();
    store.commit(record(tenant.id, vec![event(tenant.id, 1)])).await.unwrap();
    tenant
}

/// Erasing takes keys, secrets, principals and tokens; the row, the events and every other tenant stay.
pub(crate) async fn erasing_a_tenant_leaves_its_row_and_its_events(place: &dyn Place) {
    let store = started(place).await;
    let (gone, other) = (furnished(&*store, 1).await, furnished(&*store, 2).await);
    let erase = vec![Change::TenantUpdate(deleted(&gone)), Change::TenantErase(gone.id)];
    store.commit(commit(gone.id, erase)).await.unwrap();

    let view = store.tenant(gone.id);
    assert!(view.tenant().await.unwrap().is_some());
    assert_eq!(chain(&*store, gone.id).await, [event(gone.id, 1)]);
    assert_eq!(view.counted().await.unwrap(), Counted { events: 1, ..Counted::default() });
    assert!(view.keys().await.unwrap().is_empty());
    let secret = secret(gone.id, 1, "K");
    assert!(view.secret(secret.id).await.unwrap().is_none());
    assert!(view.revisions(secret.id, None, 10).await.unwrap().is_empty());
    assert!(view.publications(secret.id, None, 10).await.unwrap().is_empty());
    assert!(view.grants(secret.id, None, 10).await.unwrap().is_empty());
    let account = principal(gone.id, 1, PrincipalKind::ServiceAccount, "ci");
    assert!(view.principal(account.id).await.unwrap().is_none());
    let token = token(&account, 1, TokenKind::ServiceAccount);
    assert!(store.token_by_key_id(&token.key_id).await.unwrap().is_none());
    assert!(view.activities(&[token.id], None, 10).await.unwrap().is_empty());
    assert!(view.secret_counts().await.unwrap().is_empty());
    assert!(view.group(group(gone.id, 1, "prod").id).await.unwrap().is_none());
    assert!(view.groups(Some(account.id), None, 10).await.unwrap().is_empty());
    assert!(view.bindings(None, 10).await.unwrap().is_empty());
    assert!(view.signing_keys().await.unwrap().is_empty());
    assert_eq!(view.readers_of(secret.id, Timestamp::EPOCH).await.unwrap(), 0);

    let view = store.tenant(other.id);
    let account = principal(other.id, 2, PrincipalKind::ServiceAccount, "ci");
    let prod = rows(view.groups(Some(account.id), None, 10).await.unwrap());
    assert_eq!(prod.first().map(|group| group.role_of(account.id)), Some(Some(Role::Editor)));
    assert_eq!(view.groups_bound(binding(other.id, 2, "devs").id).await.unwrap().len(), 1);
    assert_eq!(rows(view.bindings(None, 10).await.unwrap()), [binding(other.id, 2, "devs")]);
    let found = rows(store.all_signing_keys(10).await.unwrap());
    assert_eq!(found, [signing_key(other.id, 2, 1)]);
    let secret = super::rows::secret(other.id, 2, "K");
    assert_eq!(view.readers_of(secret.id, Timestamp::EPOCH).await.unwrap(), 1);
    let kept = Counted { secrets: 1, tokens: 1, service_accounts: 1, events: 1 };
    assert_eq!(view.counted().await.unwrap(), kept);
    assert_eq!(view.keys().await.unwrap().len(), 1);
}

/// Whoever writes for a deleted tenant, or one that never was, is told that it changed; its events still go on record.
pub(crate) async fn a_deleted_tenant_takes_no_rows_but_still_has_events(place: &dyn Place) {
    let store = started(place).await;
    let gone = settled(&*store, 1).await;
    let erase = vec![Change::TenantUpdate(deleted(&gone)), Change::TenantErase(gone.id)];
    store.commit(commit(gone.id, erase)).await.unwrap();
    for id in [gone.id, tenant(2).id] {
        let changes = [
            Change::SecretInsert(secret(id, 1, "K")),
            Change::TenantKeyInsert(key(id, 2, KeyState::Active)),
            Change::PrincipalInsert(principal(id, 1, PrincipalKind::User, "ana")),
            Change::GroupInsert(group(id, 1, "prod")),
            Change::BindingInsert(binding(id, 1, "devs")),
            Change::SigningKeyInsert(signing_key(id, 1, 1)),
        ];
        for change in changes {
            let refused = store.commit(commit(id, vec![change])).await;
            assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        }
    }
    // The same within the commit that deletes.
    let other = settled(&*store, 3).await;
    let late =
        vec![Change::TenantUpdate(deleted(&other)), Change::SecretInsert(secret(other.id, 1, "K"))];
    let refused = store.commit(commit(other.id, late)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    // A deleted tenant does not come back.
    let revived = Tenant { row_version: 3, ..gone.clone() };
    let refused = store.commit(commit(gone.id, vec![Change::TenantUpdate(revived)])).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");

    store.commit(record(gone.id, vec![event(gone.id, 1)])).await.unwrap();
    assert_eq!(chain(&*store, gone.id).await, [event(gone.id, 1)]);
}

/// Counters rise and fall with the rows, and not with commits that fail.
pub(crate) async fn counters_follow_the_rows(place: &dyn Place) {
    let store = started(place).await;
    let tenant = furnished(&*store, 1).await;
    let view = store.tenant(tenant.id);
    let user = principal(tenant.id, 9, PrincipalKind::User, "ana");
    let changes = vec![
        Change::SecretInsert(secret(tenant.id, 2, "L")),
        Change::SecretInsert(grouped(&group(tenant.id, 1, "prod"), 5, "L")),
        Change::PrincipalInsert(user.clone()),
        Change::TokenInsert(token(&user, 2, TokenKind::User)),
    ];
    store.commit(commit(tenant.id, changes)).await.unwrap();
    let failing = vec![
        Change::SecretInsert(secret(tenant.id, 3, "M")),
        Change::SecretInsert(secret(tenant.id, 4, "M")),
    ];
    assert!(store.commit(commit(tenant.id, failing)).await.is_err());
    let counted = view.counted().await.unwrap();
    assert_eq!(counted, Counted { secrets: 2, tokens: 2, service_accounts: 1, events: 1 });

    for id in [secret(tenant.id, 1, "K").id, secret(tenant.id, 5, "L").id] {
        store.commit(commit(tenant.id, vec![Change::SecretErase(id)])).await.unwrap();
        assert_eq!(view.counted().await.unwrap().secrets, 1);
    }
    assert_eq!(store.tenant(TenantId::SYSTEM).counted().await.unwrap(), Counted::default());
}

/// Closed and opened again, the store holds what it held, and goes on where it was.
pub(crate) async fn everything_is_there_after_reopening(place: &dyn Place) {
    let store = started(place).await;
    let tenant = furnished(&*store, 1).await;
    store.close().await.unwrap();

    let store = started(place).await;
    assert_eq!(store.deployment().await.unwrap(), Some(deployment()));
    assert_eq!(store.service_keys().await.unwrap(), [service_key()]);
    let view = store.tenant(tenant.id);
    assert_eq!(view.tenant().await.unwrap().map(row), Some(tenant.clone()));
    assert_eq!(view.keys().await.unwrap(), [key(tenant.id, 1, KeyState::Active)]);
    let mut secret = secret(tenant.id, 1, "K");
    let _ = publish(&mut secret, 1);
    let (found, live) = view.live(secret.id).await.unwrap().unwrap();
    assert_eq!((row(found), live), (secret.clone(), Some(revision(&secret, 1, 1))));
    let found = view.secrets(GroupId::default_of(tenant.id), None, 10).await.unwrap();
    assert_eq!(rows(found), [secret.clone()]);
    let found = view.revision(secret.id, revision(&secret, 1, 1).id).await.unwrap();
    assert_eq!(found, Some(bare(revision(&secret, 1, 1))));
    store.commit(record(tenant.id, vec![event(tenant.id, 2)])).await.unwrap();
    assert_eq!(chain(&*store, tenant.id).await, [event(tenant.id, 1), event(tenant.id, 2)]);
}
