//! Principals, tokens, their last uses and their activities.

use super::{
    Place,
    rows::{
        NOW, activity, commit, kept, key_id, principal, revoked, row, rows, settled, started, token,
    },
};
use crate::error::{Noun, StoreError};
use std::time::Duration;
use subrosa_domain::{
    Change, Identity, LastUse, Principal, PrincipalKind, RowSeal, ScopeSet, SecretId, TenantId,
    Token, TokenHash, TokenId, TokenKind,
};

/// Every kind of token.
const KINDS: [TokenKind; 7] = [
    TokenKind::User,
    TokenKind::Cli,
    TokenKind::System,
    TokenKind::ServiceAccount,
    TokenKind::VirtualAccount,
    TokenKind::Personal,
    TokenKind::ApiKey,
];

/// A token is found by its key id, with its principal. After a rotation only the new key id finds it.
pub(crate) async fn a_token_is_found_with_its_principal(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let user = principal(tenant.id, 1, PrincipalKind::User, "operator");
    let minted = Token { expires_at: Some(NOW), ..token(&user, 1, TokenKind::Cli) };
    let orphan = commit(tenant.id, vec![Change::TokenInsert(minted.clone())]);
    let refused = store.commit(orphan).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "no principal yet: {refused:?}");
    let changes = vec![Change::PrincipalInsert(user.clone()), Change::TokenInsert(minted.clone())];
    store.commit(commit(tenant.id, changes)).await.unwrap();

    let (found, of) = store.token_by_key_id(&minted.key_id).await.unwrap().unwrap();
    assert_eq!((row(found), row(of)), (minted.clone(), user.clone()));
    assert!(store.token_by_key_id(&key_id(2)).await.unwrap().is_none());
    let view = store.tenant(tenant.id);
    assert_eq!(view.token(minted.id).await.unwrap().map(row), Some(minted.clone()));

    let rotated = Token {
        key_id: key_id(2),
        hash: TokenHash { digest: [6; 32], pepper_version: 2 },
        row_version: 2,
        seal: RowSeal([6; 32]),
        ..minted.clone()
    };
    let rotate = || commit(tenant.id, vec![Change::TokenUpdate(rotated.clone())]);
    store.commit(rotate()).await.unwrap();
    let again = store.commit(rotate()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert!(store.token_by_key_id(&minted.key_id).await.unwrap().is_none());
    let (found, _) = store.token_by_key_id(&key_id(2)).await.unwrap().unwrap();
    assert_eq!(row(found), rotated);

    let copy = Token { key_id: key_id(2), ..token(&user, 3, TokenKind::Cli) };
    let refused = store.commit(commit(tenant.id, vec![Change::TokenInsert(copy)])).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Token))), "{refused:?}");
}

/// A name is one living principal's of its kind; revoked, it frees the name and still lists.
pub(crate) async fn names_of_the_living_are_unique(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let kind = PrincipalKind::ServiceAccount;
    let first = principal(tenant.id, 1, kind, "ci");
    let second = principal(tenant.id, 2, kind, "ci");
    let insert = |p: &Principal| commit(tenant.id, vec![Change::PrincipalInsert(p.clone())]);
    store.commit(insert(&first)).await.unwrap();
    store.commit(insert(&principal(tenant.id, 9, PrincipalKind::User, "ci"))).await.unwrap();
    let refused = store.commit(insert(&second)).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Principal))), "{refused:?}");

    let ended = revoked(&first);
    let end = || commit(tenant.id, vec![Change::PrincipalUpdate(ended.clone())]);
    store.commit(end()).await.unwrap();
    let again = store.commit(end()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    let view = store.tenant(tenant.id);
    assert!(view.principal_by_name(kind, "ci").await.unwrap().is_none());
    store.commit(insert(&second)).await.unwrap();
    let found = view.principal_by_name(kind, "ci").await.unwrap().map(row);
    assert_eq!(found, Some(second.clone()));
    assert_eq!(view.principal(first.id).await.unwrap().map(row), Some(ended.clone()));
    let page = rows(view.principals(kind, Some(second.id), 5).await.unwrap());
    assert_eq!(page, [ended]);
    let page = rows(view.principals(kind, None, 1).await.unwrap());
    assert_eq!(page, [second]);
}

/// Tokens list newest first, by the kinds asked for, and by whom they speak for.
pub(crate) async fn tokens_list_by_kind_and_by_principal(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let (ana, ci) = (
        principal(tenant.id, 1, PrincipalKind::User, "ana"),
        principal(tenant.id, 2, PrincipalKind::ServiceAccount, "ci"),
    );
    let mut changes =
        vec![Change::PrincipalInsert(ana.clone()), Change::PrincipalInsert(ci.clone())];
    for (n, kind) in (1..).zip(KINDS) {
        let whose = if kind == TokenKind::ServiceAccount { &ci } else { &ana };
        changes.push(Change::TokenInsert(token(whose, n, kind)));
    }
    store.commit(commit(tenant.id, changes)).await.unwrap();

    let view = store.tenant(tenant.id);
    let ids = |page| rows::<Token>(page).into_iter().map(|t| t.id).collect::<Vec<_>>();
    let n = |n| token(&ana, n, TokenKind::User).id;
    // Every choice of kinds, one bit for each.
    for asked in 0_u32..128 {
        let chosen = |n: &u32| asked & (1 << (n - 1)) != 0;
        let kinds: Vec<_> =
            (1..).zip(KINDS).filter(|(n, _)| chosen(n)).map(|(_, kind)| kind).collect();
        let expected: Vec<_> = (1..=7).rev().filter(chosen).map(n).collect();
        assert_eq!(ids(view.tokens(&kinds, None, 10).await.unwrap()), expected, "{kinds:?}");
        let older: Vec<_> = expected.into_iter().filter(|id| *id < n(6)).take(2).collect();
        assert_eq!(ids(view.tokens(&kinds, Some(n(6)), 2).await.unwrap()), older, "{kinds:?}");
    }
    let of_ana = [7, 6, 5, 3, 2, 1].map(n);
    assert_eq!(ids(view.tokens_of(ana.id).await.unwrap()), of_ana);
    assert_eq!(ids(view.tokens_of(ci.id).await.unwrap()), [n(4)]);
}

/// A living API key's name is its own in the tenant, a living personal token's among its principal's; revoked, a token
/// frees its name, which is found as the next one's. Other kinds share names, and the newest is found.
pub(crate) async fn a_tokens_name_is_free_again_after_its_revocation(place: &dyn Place) {
    let store = started(place).await;
    let (tenant, other) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let view = store.tenant(tenant);
    let (ana, ben) = (
        principal(tenant, 1, PrincipalKind::User, "ana"),
        principal(tenant, 2, PrincipalKind::User, "ben"),
    );
    let eve = principal(other, 1, PrincipalKind::User, "eve");
    for user in [&ana, &ben, &eve] {
        let insert = vec![Change::PrincipalInsert(user.clone())];
        store.commit(commit(user.tenant_id, insert)).await.unwrap();
    }
    let named = |of: &Principal, n, kind| Token { name: "deploy".into(), ..token(of, n, kind) };
    let insert = async |t: &Token| {
        store.commit(commit(t.tenant_id, vec![Change::TokenInsert(t.clone())])).await
    };
    let found = async |kind| view.token_by_name(kind, "deploy").await.unwrap().map(row);
    let taken = |outcome| matches!(outcome, Err(StoreError::Exists(Noun::Token)));

    for (n, kind) in [(10, TokenKind::ApiKey), (20, TokenKind::Personal)] {
        assert_eq!(found(kind).await, None);
        let first = named(&ana, n, kind);
        insert(&first).await.unwrap();
        insert(&named(&eve, n + 1, kind)).await.unwrap();
        assert!(taken(insert(&named(&ana, n + 2, kind)).await));
        let bens = insert(&named(&ben, n + 3, kind)).await;
        assert_eq!(taken(bens), kind == TokenKind::ApiKey);
        if kind == TokenKind::ApiKey {
            assert_eq!(found(kind).await, Some(first.clone()));
        }
        // Off, or past its end, it is still the one of that name.
        let off = Token { disabled_at: Some(NOW), expires_at: Some(NOW), row_version: 2, ..first };
        store.commit(commit(tenant, vec![Change::TokenUpdate(off.clone())])).await.unwrap();
        assert!(taken(insert(&named(&ana, n + 4, kind)).await));
        let ended = Token { revoked_at: Some(NOW), row_version: 3, ..off };
        store.commit(commit(tenant, vec![Change::TokenUpdate(ended)])).await.unwrap();
        assert_eq!(found(kind).await.is_some(), kind == TokenKind::Personal, "ben's is there");
        let next = named(&ana, n + 5, kind);
        insert(&next).await.unwrap();
        assert_eq!(found(kind).await, Some(next.clone()));
        // Nor does a change of its name come to one that another has.
        let elsewhere = Token { name: "build".into(), ..named(&ana, n + 6, kind) };
        insert(&elsewhere).await.unwrap();
        let renamed = Token { name: "deploy".into(), row_version: 2, ..elsewhere };
        let refused = store.commit(commit(tenant, vec![Change::TokenUpdate(renamed)])).await;
        assert!(matches!(refused, Err(StoreError::Exists(Noun::Token))), "{refused:?}");
    }
    for n in [31, 32] {
        insert(&named(&ana, n, TokenKind::User)).await.unwrap();
    }
    let newest = named(&ana, 32, TokenKind::User);
    assert_eq!(found(TokenKind::User).await, Some(newest.clone()));
    let ended = Token { revoked_at: Some(NOW), row_version: 2, ..newest };
    store.commit(commit(tenant, vec![Change::TokenUpdate(ended)])).await.unwrap();
    assert_eq!(found(TokenKind::User).await, Some(named(&ana, 31, TokenKind::User)));
    assert_eq!(found(TokenKind::Cli).await, None);
}

/// Whatever may change of a token or a principal is what the last update said, and what may not is as it was.
pub(crate) async fn an_update_writes_everything_that_may_change(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let user = principal(tenant, 1, PrincipalKind::User, "ana");
    let minted = token(&user, 1, TokenKind::VirtualAccount);
    let changes = vec![Change::PrincipalInsert(user.clone()), Change::TokenInsert(minted.clone())];
    store.commit(commit(tenant, changes)).await.unwrap();
    let later = NOW.plus(Duration::from_secs(9));

    let full = Principal {
        name: "ana@acme.dev".into(),
        description: "a description".into(),
        scopes: ScopeSet::default(),
        identity: Some(identity("https://issuer.example", "1")),
        manifest: Some("a manifest".into()),
        modified_at: later,
        row_version: 2,
        seal: RowSeal([21; 32]),
        ..user
    };
    let bare = Principal { identity: None, manifest: None, row_version: 3, ..full.clone() };
    for user in [full, bare] {
        store.commit(commit(tenant, vec![Change::PrincipalUpdate(user.clone())])).await.unwrap();
        assert_eq!(view.principal(user.id).await.unwrap().map(row), Some(user));
    }

    let full = Token {
        key_id: key_id(9),
        hash: TokenHash::SIGNED,
        key_prefix: "tfy_9".into(),
        name: "another".into(),
        kind: TokenKind::Personal,
        scopes: ScopeSet::all(),
        modified_at: later,
        expires_at: Some(later),
        disabled_at: Some(NOW),
        row_version: 2,
        seal: RowSeal([22; 32]),
        ..minted
    };
    let bare = Token { expires_at: None, disabled_at: None, row_version: 3, ..full.clone() };
    for token in [full, bare] {
        store.commit(commit(tenant, vec![Change::TokenUpdate(token.clone())])).await.unwrap();
        assert_eq!(view.token(token.id).await.unwrap().map(row).as_ref(), Some(&token));
        let (found, _) = store.token_by_key_id(&token.key_id).await.unwrap().unwrap();
        assert_eq!(row(found), token);
    }
}

/// An identity is one principal's of the tenant, and a revoked one's is nobody else's either; who is revoked is not
/// found by it. The issuer and the subject count together, each whole.
pub(crate) async fn an_identity_is_one_principals_for_good(place: &dyn Place) {
    let store = started(place).await;
    let (tenant, other) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let view = store.tenant(tenant);
    let signed_in = |tenant, n: u32, identity: &Identity| Principal {
        identity: Some(identity.clone()),
        ..principal(tenant, n, PrincipalKind::User, &format!("user {n}"))
    };
    let insert = |p: &Principal| commit(p.tenant_id, vec![Change::PrincipalInsert(p.clone())]);
    let (one, same_subject, same_issuer) = (
        identity("https://a.example", "1"),
        identity("https://b.example", "1"),
        identity("https://a.example", "12"),
    );
    let first = signed_in(tenant, 1, &one);
    for (n, tenant, identity) in
        [(2, tenant, &same_subject), (3, tenant, &same_issuer), (4, other, &one)]
    {
        store.commit(insert(&signed_in(tenant, n, identity))).await.unwrap();
    }
    assert!(view.principal_by_identity(&one).await.unwrap().is_none());
    store.commit(insert(&first)).await.unwrap();
    for n in [5, 6] {
        store
            .commit(insert(&principal(tenant, n, PrincipalKind::User, &format!("u{n}"))))
            .await
            .unwrap();
    }
    let refused = store.commit(insert(&signed_in(tenant, 7, &one))).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Principal))), "{refused:?}");
    let taking = Principal { row_version: 2, ..signed_in(tenant, 5, &one) };
    let refused = store.commit(commit(tenant, vec![Change::PrincipalUpdate(taking)])).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Principal))), "{refused:?}");
    assert_eq!(view.principal_by_identity(&one).await.unwrap().map(row), Some(first.clone()));
    let swapped = identity("1", "https://a.example");
    assert!(view.principal_by_identity(&swapped).await.unwrap().is_none());

    store.commit(commit(tenant, vec![Change::PrincipalUpdate(revoked(&first))])).await.unwrap();
    assert!(view.principal_by_identity(&one).await.unwrap().is_none());
    let refused = store.commit(insert(&signed_in(tenant, 8, &one))).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Principal))), "{refused:?}");
}

fn identity(issuer: &str, subject: &str) -> Identity {
    Identity { issuer: issuer.into(), subject: subject.into() }
}

/// Uses may arrive late and out of order: the latest stands. Those of lost tokens and secrets are passed over.
pub(crate) async fn later_uses_win_and_lost_rows_are_passed_over(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let secret = kept(&*store, tenant.id, 1, "K").await;
    let user = principal(tenant.id, 1, PrincipalKind::User, "ana");
    let token = token(&user, 1, TokenKind::User);
    let changes = vec![Change::PrincipalInsert(user), Change::TokenInsert(token.clone())];
    store.commit(commit(tenant.id, changes)).await.unwrap();
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    for uses in [
        vec![
            LastUse::Token(tenant.id, token.id, at(5)),
            LastUse::Secret(tenant.id, SecretId::from_bytes([99; 16]), at(1)),
            LastUse::Secret(tenant.id, secret.id, at(4)),
        ],
        vec![
            LastUse::Token(tenant.id, TokenId::from_bytes([99; 16]), at(1)),
            LastUse::Token(tenant.id, token.id, at(3)),
            LastUse::Secret(tenant.id, secret.id, at(6)),
        ],
    ] {
        store.commit(commit(TenantId::SYSTEM, vec![Change::LastUses(uses)])).await.unwrap();
    }
    let view = store.tenant(tenant.id);
    let found = view.token(token.id).await.unwrap().map(row).unwrap();
    assert_eq!(found, Token { last_used_at: Some(at(5)), ..token });
    let found = view.secret(secret.id).await.unwrap().map(row).unwrap();
    assert_eq!(found.last_used_at, Some(at(6)));
    assert_eq!(found.row_version, secret.row_version, "a use is no change of the row");
}

/// Activities of several tokens read as one list, newest first; known ones and lost tokens' are passed over.
pub(crate) async fn activities_page_newest_first_over_tokens(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let user = principal(tenant.id, 1, PrincipalKind::User, "ana");
    let (a, b) = (token(&user, 1, TokenKind::User), token(&user, 2, TokenKind::User));
    let lost = token(&user, 3, TokenKind::User);
    let changes = vec![
        Change::PrincipalInsert(user),
        Change::TokenInsert(a.clone()),
        Change::TokenInsert(b.clone()),
    ];
    store.commit(commit(tenant.id, changes)).await.unwrap();
    let mixed = vec![
        activity(&a, 1),
        activity(&b, 2),
        activity(&lost, 3),
        activity(&a, 4),
        activity(&a, 4),
        activity(&b, 5),
    ];
    store.commit(commit(TenantId::SYSTEM, vec![Change::Activities(mixed)])).await.unwrap();

    let view = store.tenant(tenant.id);
    let both = [a.id, b.id];
    let first = view.activities(&both, None, 3).await.unwrap();
    assert_eq!(first, [activity(&b, 5), activity(&a, 4), activity(&b, 2)]);
    let rest = view.activities(&both, Some(first[2].id), 3).await.unwrap();
    assert_eq!(rest, [activity(&a, 1)]);
    assert_eq!(view.activities(&[a.id], None, 1).await.unwrap(), [activity(&a, 4)]);
    assert!(view.activities(&[lost.id], None, 3).await.unwrap().is_empty());
    assert!(view.activities(&[], None, 3).await.unwrap().is_empty());
}
