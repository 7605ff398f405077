//! The wall between tenants: a foreign id is as good as absent, to reads and to commits alike.

use super::{
    LANE, Place,
    rows::{
        activity, binding, chain, commit, event, grant, group, grouped, kept, key, principal,
        publish, reader, record, revision, row, rows, settled, signing_key, started, token,
    },
};
use crate::error::StoreError;
use subrosa_domain::{
    Change, Group, GroupId, Identity, KeyState, MemberSource, Principal, PrincipalKind, Role,
    RoleBinding, Secret, TenantId, Timestamp, TokenKind, Wrap,
};

/// Their group, in which `user` has a role by their binding.
fn roles(user: &Principal) -> Group {
    let mut group = group(user.tenant_id, 1, "prod");
    let by = MemberSource::Binding(binding(user.tenant_id, 1, "devs").id);
    group.give(by, [(user.id, Role::Admin)]);
    group
}

/// With the ids of another tenant's rows in hand, every read of one's own view finds nothing.
pub(crate) async fn no_read_sees_another_tenants_rows(place: &dyn Place) {
    let store = started(place).await;
    let (theirs, ours) = (settled(&*store, 1).await, settled(&*store, 2).await);
    let secret = kept(&*store, theirs.id, 1, "K").await;
    let identity = Identity { issuer: "https://issuer.example".into(), subject: "1".into() };
    let user = Principal {
        identity: Some(identity.clone()),
        ..principal(theirs.id, 1, PrincipalKind::User, "ana")
    };
    let token = token(&user, 1, TokenKind::ApiKey);
    let (prod, binding) = (roles(&user), binding(theirs.id, 1, "devs"));
    let changes = vec![
        Change::GrantInsert(grant(&secret, "agent")),
        Change::PrincipalInsert(user.clone()),
        Change::TokenInsert(token.clone()),
        Change::Activities(vec![activity(&token, 1)]),
        Change::GroupInsert(prod.clone()),
        Change::BindingInsert(binding.clone()),
        Change::SigningKeyInsert(signing_key(theirs.id, 1, 1)),
        Change::LastUses(vec![reader(&secret, "user:ana", 0)]),
    ];
    store.commit(commit(theirs.id, changes)).await.unwrap();
    store.commit(record(theirs.id, vec![event(theirs.id, 1)])).await.unwrap();
    let agent = "agent".parse().unwrap();
    let revision = revision(&secret, 1, 1);

    for (tenant, sees) in [(theirs.id, true), (ours.id, false), (TenantId::SYSTEM, false)] {
        let view = store.tenant(tenant);
        let group = GroupId::default_of(theirs.id);
        let seen = [
            view.secret(secret.id).await.unwrap().is_some(),
            view.secret_by_key(group, &secret.key).await.unwrap().is_some(),
            !view.secrets(group, None, 9).await.unwrap().is_empty(),
            view.live(secret.id).await.unwrap().is_some(),
            view.revision(secret.id, revision.id).await.unwrap().is_some(),
            !view.revisions(secret.id, None, 9).await.unwrap().is_empty(),
            !view.publications(secret.id, None, 9).await.unwrap().is_empty(),
            !view.to_rewrap(9, None, 9).await.unwrap().is_empty(),
            !view.grants(secret.id, None, 9).await.unwrap().is_empty(),
            view.grant(secret.id, &agent).await.unwrap().is_some(),
            view.principal(user.id).await.unwrap().is_some(),
            view.principal_by_name(user.kind, &user.name).await.unwrap().is_some(),
            !view.principals(user.kind, None, 9).await.unwrap().is_empty(),
            view.token(token.id).await.unwrap().is_some(),
            !view.tokens(&[token.kind], None, 9).await.unwrap().is_empty(),
            !view.tokens_of(user.id).await.unwrap().is_empty(),
            !view.activities(&[token.id], None, 9).await.unwrap().is_empty(),
            !view.events(None, 9).await.unwrap().is_empty(),
            !view.events_from(LANE, 1, 9).await.unwrap().is_empty(),
            view.heads().await.unwrap().iter().any(|head| head.seq > 0),
            !view.checkpoints(LANE, 0, 9).await.unwrap().is_empty(),
            view.counted().await.unwrap().secrets > 0,
            !view.group_secrets(group, 0, 9).await.unwrap().is_empty(),
            !view.group_lives(group, 0, 9).await.unwrap().is_empty(),
            !view.readers(group, Timestamp::EPOCH).await.unwrap().is_empty(),
            view.readers_of(secret.id, Timestamp::EPOCH).await.unwrap() > 0,
            view.group(prod.id).await.unwrap().is_some(),
            view.group_by_name(&prod.name).await.unwrap().is_some(),
            !view.groups(None, None, 9).await.unwrap().is_empty(),
            !view.groups(Some(user.id), None, 9).await.unwrap().is_empty(),
            !view.groups_bound(binding.id).await.unwrap().is_empty(),
            !view.groups_holding("k").await.unwrap().is_empty(),
            !view.secret_counts().await.unwrap().is_empty(),
            view.binding(binding.id).await.unwrap().is_some(),
            view.binding_by_name(&binding.name).await.unwrap().is_some(),
            !view.bindings(None, 9).await.unwrap().is_empty(),
            !view.signing_keys().await.unwrap().is_empty(),
            view.principal_by_identity(&identity).await.unwrap().is_some(),
            view.token_by_name(token.kind, &token.name).await.unwrap().is_some(),
        ];
        assert_eq!(seen, [sees; 39]);
    }
}

/// A commit of one tenant that names another's row, by id or as a whole, is refused, and the row is as it was.
pub(crate) async fn a_commit_cannot_write_another_tenants_rows(place: &dyn Place) {
    let store = started(place).await;
    let (theirs, ours) = (settled(&*store, 1).await, settled(&*store, 2).await);
    let secret = kept(&*store, theirs.id, 1, "K").await;
    let user = principal(theirs.id, 1, PrincipalKind::User, "ana");
    let (prod, binding, signer) =
        (roles(&user), binding(theirs.id, 1, "devs"), signing_key(theirs.id, 1, 1));
    let changes = vec![
        Change::GrantInsert(grant(&secret, "agent")),
        Change::PrincipalInsert(user.clone()),
        Change::GroupInsert(prod.clone()),
        Change::BindingInsert(binding.clone()),
        Change::SigningKeyInsert(signer.clone()),
    ];
    store.commit(commit(theirs.id, changes)).await.unwrap();
    let before = store.changes_after(0, 1_000).await.unwrap().len();

    let [update, insert, publication] = publish(&mut secret.clone(), 1);
    let live = revision(&secret, 1, 1);
    let wrap = live.sealed.clone().unwrap().wrap;
    let new = Wrap { key_version: 9, block: [0; 60].into() };
    let other_wrap = new.clone();
    let mut changed = prod.clone();
    changed.touch(Timestamp::EPOCH);
    let foreign = [
        update,
        insert,
        publication,
        Change::TenantUpdate(super::rows::deleted(&theirs)),
        Change::TenantErase(theirs.id),
        Change::TenantKeyUpdate(key(theirs.id, 1, KeyState::Destroyed)),
        Change::SecretErase(secret.id),
        Change::RevisionRewrap { secret_id: secret.id, revision_id: live.id, old: wrap, new },
        Change::GrantInsert(grant(&secret, "other")),
        Change::PrincipalUpdate(super::rows::revoked(&user)),
        Change::TokenInsert(token(&user, 1, TokenKind::User)),
        Change::GroupInsert(group(theirs.id, 2, "dev")),
        Change::GroupUpdate(changed),
        Change::GroupErase(prod.id, 1),
        Change::SecretInsert(grouped(&prod, 2, "L")),
        Change::SecretInsert(Secret { tenant_id: ours.id, ..grouped(&prod, 2, "L") }),
        Change::BindingInsert(super::rows::binding(theirs.id, 2, "ops")),
        Change::BindingUpdate(RoleBinding { row_version: 2, ..binding.clone() }),
        Change::BindingErase(binding.id),
        Change::SigningKeyInsert(signing_key(theirs.id, 2, 1)),
        Change::SigningKeyRewrap { id: signer.id, old: signer.seed.wrap.clone(), new: other_wrap },
    ];
    for change in foreign {
        let refused = store.commit(commit(ours.id, vec![change])).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let agent_id = "agent".parse().unwrap();
    let erase = Change::GrantErase { secret_id: secret.id, agent_id };
    store.commit(commit(ours.id, vec![erase])).await.unwrap();
    let mistaken = Secret { tenant_id: ours.id, ..secret.clone() };
    let uses = Change::LastUses(vec![reader(&mistaken, "user:eve", 0)]);
    store.commit(commit(ours.id, vec![uses])).await.unwrap();

    let view = store.tenant(theirs.id);
    assert_eq!(view.group(prod.id).await.unwrap().map(row), Some(prod.clone()));
    assert_eq!(rows(view.groups_bound(binding.id).await.unwrap()), [prod]);
    assert_eq!(rows(view.bindings(None, 9).await.unwrap()), [binding]);
    assert_eq!(rows(view.signing_keys().await.unwrap()), [signer]);
    assert_eq!(view.readers_of(secret.id, Timestamp::EPOCH).await.unwrap(), 0);
    assert_eq!(view.grants(secret.id, None, 9).await.unwrap().len(), 1, "the grant is still there");
    assert_eq!(view.live(secret.id).await.unwrap().unwrap().1, Some(live));
    assert_eq!(store.changes_after(0, 1_000).await.unwrap().len(), before);

    // A foreign parent is no parent.
    let mut ours_on_theirs = revision(&secret, 2, 1);
    ours_on_theirs.tenant_id = ours.id;
    let refused = store.commit(commit(ours.id, vec![Change::RevisionInsert(ours_on_theirs)])).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert!(chain(&*store, ours.id).await.is_empty());
}
