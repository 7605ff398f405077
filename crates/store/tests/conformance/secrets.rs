//! Secrets, revisions, publications and grants.

use super::{
    Place,
    rows::{
        NOW, bare, commit, grant, group, grouped, kept, publish, revision, row, rows, secret,
        settled, started,
    },
};
use crate::error::{Noun, StoreError};
use subrosa_domain::{
    Change, Disclosure, GroupId, Secret, SecretId, Sensitivity, Timestamp, Validity,
};

/// Every field comes back from every read, for a secret with everything set and for a bare draft.
pub(crate) async fn a_secret_reads_back_whole(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let draft = secret(tenant.id, 1, "draft");
    let mut full = Secret {
        description: Some("für alle\n".into()),
        sensitivity: Sensitivity::Financial,
        disclosure: Disclosure::UseOnly,
        validity: Validity {
            not_before: Some(Timestamp::from_micros(-1)),
            expires_on: Some(Timestamp::from_micros(i64::MAX)),
        },
        ..secret(tenant.id, 2, "Full_-9")
    };
    let mut changes = vec![Change::SecretInsert(draft.clone()), Change::SecretInsert(full.clone())];
    changes.extend(publish(&mut full, 1));
    store.commit(commit(tenant.id, changes)).await.unwrap();

    let view = store.tenant(tenant.id);
    for (secret, live) in [(&draft, None), (&full, Some(revision(&full, 1, 1)))] {
        let found = view.secret(secret.id).await.unwrap().map(row);
        assert_eq!(found.as_ref(), Some(secret));
        let found = view.secret_by_key(secret.group_id, &secret.key).await.unwrap().map(row);
        assert_eq!(found.as_ref(), Some(secret));
        let (found, revision) = view.live(secret.id).await.unwrap().unwrap();
        assert_eq!((&row(found), revision), (secret, live));
    }
    let found = view.secrets(GroupId::default_of(tenant.id), None, 10).await.unwrap();
    assert_eq!(rows(found), [full.clone(), draft]);
    let lower = "full_-9".parse().unwrap();
    assert!(view.secret_by_key(full.group_id, &lower).await.unwrap().is_none(), "keys keep case");
}

/// A key names one secret of its group; the same key in another group is another secret.
pub(crate) async fn a_key_is_taken_once_and_free_again_after_erasing(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let first = kept(&*store, tenant.id, 1, "K").await;
    let second = secret(tenant.id, 2, "K");
    let insert = || commit(tenant.id, vec![Change::SecretInsert(second.clone())]);
    let refused = store.commit(insert()).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Secret))), "{refused:?}");

    let other = group(tenant.id, 1, "prod");
    let elsewhere = grouped(&other, 3, "K");
    let changes = vec![Change::GroupInsert(other), Change::SecretInsert(elsewhere)];
    store.commit(commit(tenant.id, changes)).await.unwrap();
    store.commit(commit(tenant.id, vec![Change::SecretErase(first.id)])).await.unwrap();
    store.commit(insert()).await.unwrap();
}

/// An update made from an old reading is refused and changes nothing.
pub(crate) async fn updates_are_compare_and_set(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let read = kept(&*store, tenant.id, 1, "K").await;
    let update = |secret: &Secret, description: &str| {
        let mut secret = secret.clone();
        secret.touch(NOW);
        secret.description = Some(description.into());
        (secret.clone(), commit(tenant.id, vec![Change::SecretUpdate(secret)]))
    };
    let (first, change) = update(&read, "first");
    store.commit(change).await.unwrap();
    let (_, late) = update(&read, "late");
    let refused = store.commit(late).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let found = store.tenant(tenant.id).secret(read.id).await.unwrap().map(row);
    assert_eq!(found, Some(first.clone()));
    let mut skipped = first;
    skipped.row_version += 2;
    let refused = store.commit(commit(tenant.id, vec![Change::SecretUpdate(skipped)])).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

/// Two revisions of one number cannot be; nor one of a secret that is not there.
pub(crate) async fn a_revision_number_is_given_once(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let kept = kept(&*store, tenant.id, 1, "K").await;
    let mut again = revision(&kept, 1, 1);
    again.id = subrosa_domain::RevisionId::from_bytes([200; 16]);
    let refused = store.commit(commit(tenant.id, vec![Change::RevisionInsert(again)])).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::Revision))), "{refused:?}");
    let orphan = revision(&secret(tenant.id, 9, "L"), 1, 1);
    let refused = store.commit(commit(tenant.id, vec![Change::RevisionInsert(orphan)])).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

/// The history reads backwards a page at a time; a rollback is a publication of an old number.
pub(crate) async fn versions_and_publications_page_newest_first(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let mut secret = kept(&*store, tenant.id, 1, "K").await;
    for _ in 2..=5 {
        store.commit(commit(tenant.id, publish(&mut secret, 1).to_vec())).await.unwrap();
    }
    secret.touch(NOW);
    let back = secret.point_at(&revision(&secret, 2, 1), "bo", NOW);
    let rollback =
        vec![Change::SecretUpdate(secret.clone()), Change::PublicationInsert(back.clone())];
    store.commit(commit(tenant.id, rollback)).await.unwrap();

    let view = store.tenant(tenant.id);
    let expected: Vec<_> = [5, 4, 3, 2, 1].map(|v| bare(revision(&secret, v, 1))).to_vec();
    let first = view.revisions(secret.id, None, 3).await.unwrap();
    assert_eq!(first, expected[..3]);
    let rest = view.revisions(secret.id, first.last().map(|r| r.version), 3).await.unwrap();
    assert_eq!(rest, expected[3..]);
    for revision in expected {
        let found = view.revision(secret.id, revision.id).await.unwrap();
        assert_eq!(found, Some(revision));
    }
    let first = view.publications(secret.id, None, 2).await.unwrap();
    assert_eq!(first[0], back);
    let versions = |page: &[subrosa_domain::Publication]| -> Vec<u64> {
        page.iter().map(|publication| publication.version).collect()
    };
    assert_eq!(versions(&first), [2, 5]);
    let rest = view.publications(secret.id, first.last().map(|p| p.row_version), 10).await.unwrap();
    assert_eq!(versions(&rest), [4, 3, 2, 1]);
    let (found, live) = view.live(secret.id).await.unwrap().unwrap();
    assert_eq!((row(found), live), (secret.clone(), Some(revision(&secret, 2, 1))));
}

/// A group lists newest first, a page at a time, without another group's.
pub(crate) async fn secrets_page_newest_first(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    for n in 1..=5 {
        let secret = secret(tenant.id, n, &format!("K{n}"));
        store.commit(commit(tenant.id, vec![Change::SecretInsert(secret)])).await.unwrap();
    }
    let prod = group(tenant.id, 1, "prod");
    let other = grouped(&prod, 6, "K6");
    let changes = vec![Change::GroupInsert(prod), Change::SecretInsert(other.clone())];
    store.commit(commit(tenant.id, changes)).await.unwrap();

    let view = store.tenant(tenant.id);
    let group = GroupId::default_of(tenant.id);
    let ids = |page| rows::<Secret>(page).into_iter().map(|s| s.id).collect::<Vec<_>>();
    let n = |n| secret(tenant.id, n, "K").id;
    let first: Vec<SecretId> = ids(view.secrets(group, None, 3).await.unwrap());
    assert_eq!(first, [n(5), n(4), n(3)]);
    let rest = ids(view.secrets(group, first.last().copied(), 3).await.unwrap());
    assert_eq!(rest, [n(2), n(1)]);
    assert_eq!(ids(view.secrets(other.group_id, None, 3).await.unwrap()), [n(6)]);
}

/// Revisions, publications and grants go with their secret; erasing it twice is refused.
pub(crate) async fn erasing_a_secret_takes_all_that_hangs_on_it(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let gone = kept(&*store, tenant.id, 1, "K").await;
    let other = kept(&*store, tenant.id, 2, "L").await;
    let granted = vec![
        Change::GrantInsert(grant(&gone, "agent")),
        Change::GrantInsert(grant(&other, "agent")),
    ];
    store.commit(commit(tenant.id, granted)).await.unwrap();
    store.commit(commit(tenant.id, vec![Change::SecretErase(gone.id)])).await.unwrap();

    let view = store.tenant(tenant.id);
    assert!(view.secret(gone.id).await.unwrap().is_none());
    assert!(view.live(gone.id).await.unwrap().is_none());
    assert!(view.revisions(gone.id, None, 10).await.unwrap().is_empty());
    assert!(view.publications(gone.id, None, 10).await.unwrap().is_empty());
    assert!(view.grants(gone.id, None, 10).await.unwrap().is_empty());
    let again = store.commit(commit(tenant.id, vec![Change::SecretErase(gone.id)])).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(view.grants(other.id, None, 10).await.unwrap().len(), 1);
    assert!(view.live(other.id).await.unwrap().unwrap().1.is_some());
}

/// Grants list in agent order; one agent has one; taking back what is not there is nothing.
pub(crate) async fn grants_are_given_listed_and_taken_back(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await;
    let on = kept(&*store, tenant.id, 1, "K").await;
    for agent in ["b", "a:1@x", "c"] {
        let insert = vec![Change::GrantInsert(grant(&on, agent))];
        store.commit(commit(tenant.id, insert)).await.unwrap();
    }
    let twice = store.commit(commit(tenant.id, vec![Change::GrantInsert(grant(&on, "b"))])).await;
    assert!(matches!(twice, Err(StoreError::Exists(Noun::Grant))), "{twice:?}");
    let nowhere = grant(&secret(tenant.id, 9, "L"), "b");
    let refused = store.commit(commit(tenant.id, vec![Change::GrantInsert(nowhere)])).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");

    let view = store.tenant(tenant.id);
    let first = rows(view.grants(on.id, None, 2).await.unwrap());
    assert_eq!(first, [grant(&on, "a:1@x"), grant(&on, "b")]);
    let rest = view.grants(on.id, Some(&first[1].agent_id), 2).await.unwrap();
    assert_eq!(rows(rest), [grant(&on, "c")]);

    let agent = "b".parse().unwrap();
    assert_eq!(view.grant(on.id, &agent).await.unwrap().map(row), Some(grant(&on, "b")));
    for _ in 0..2 {
        let erase = Change::GrantErase { secret_id: on.id, agent_id: agent.clone() };
        store.commit(commit(tenant.id, vec![erase])).await.unwrap();
        assert!(view.grant(on.id, &agent).await.unwrap().is_none());
    }
}
