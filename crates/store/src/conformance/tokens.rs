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
    Change, LastUse, Principal, PrincipalKind, RowSeal, SecretId, TenantId, Token, TokenHash,
    TokenId, TokenKind,
};

/// A token is found by its key id, with its principal. After a rotation only the new key id finds it.
pub async fn a_token_is_found_with_its_principal(place: &dyn Place) {
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
pub async fn names_of_the_living_are_unique(place: &dyn Place) {
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
pub async fn tokens_list_by_kind_and_by_principal(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let (ana, ci) = (
        principal(tenant.id, 1, PrincipalKind::User, "ana"),
        principal(tenant.id, 2, PrincipalKind::ServiceAccount, "ci"),
    );
    let mut changes =
        vec![Change::PrincipalInsert(ana.clone()), Change::PrincipalInsert(ci.clone())];
    let kinds = [TokenKind::User, TokenKind::Cli, TokenKind::System, TokenKind::ServiceAccount];
    for (n, kind) in (1..).zip(kinds) {
        let whose = if kind == TokenKind::ServiceAccount { &ci } else { &ana };
        changes.push(Change::TokenInsert(token(whose, n, kind)));
    }
    store.commit(commit(tenant.id, changes)).await.unwrap();

    let view = store.tenant(tenant.id);
    let ids = |page| rows::<Token>(page).into_iter().map(|t| t.id).collect::<Vec<_>>();
    let n = |n| token(&ana, n, TokenKind::User).id;
    assert_eq!(ids(view.tokens(&kinds, None, 10).await.unwrap()), [n(4), n(3), n(2), n(1)]);
    assert_eq!(ids(view.tokens(&kinds, Some(n(3)), 1).await.unwrap()), [n(2)]);
    let some = [TokenKind::System, TokenKind::User];
    assert_eq!(ids(view.tokens(&some, None, 10).await.unwrap()), [n(3), n(1)]);
    assert!(view.tokens(&[], None, 10).await.unwrap().is_empty());
    assert_eq!(ids(view.tokens_of(ana.id).await.unwrap()), [n(3), n(2), n(1)]);
    assert_eq!(ids(view.tokens_of(ci.id).await.unwrap()), [n(4)]);
}

/// Uses may arrive late and out of order: the latest stands. Those of lost tokens and secrets are passed over.
pub async fn later_uses_win_and_lost_rows_are_passed_over(place: &dyn Place) {
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
pub async fn activities_page_newest_first_over_tokens(place: &dyn Place) {
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
