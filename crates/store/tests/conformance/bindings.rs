//! Role bindings: their names and their lists.

use super::{
    Place,
    rows::{NOW, binding, commit, row, rows, settled, started},
};
use crate::error::{Noun, StoreError};
use subrosa_domain::{Change, RoleBinding, RowSeal};

/// A binding reads back whole, by id and by name, before and after an update; an update made from an old reading, or to
/// a name that another has, is refused; erased, it frees its name.
pub(crate) async fn a_binding_is_named_once_and_changed_as_it_was_read(place: &dyn Place) {
    let store = started(place).await;
    let (tenant, elsewhere) = (settled(&*store, 1).await.id, settled(&*store, 2).await.id);
    let view = store.tenant(tenant);
    let (first, second) = (binding(tenant, 1, "devs"), binding(tenant, 2, "devs"));
    let insert = |b: &RoleBinding| commit(b.tenant_id, vec![Change::BindingInsert(b.clone())]);
    let update = |b: &RoleBinding| commit(tenant, vec![Change::BindingUpdate(b.clone())]);
    store.commit(insert(&first)).await.unwrap();
    let refused = store.commit(insert(&second)).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::RoleBinding))), "{refused:?}");
    store.commit(insert(&binding(elsewhere, 3, "devs"))).await.unwrap();
    assert_eq!(view.binding(first.id).await.unwrap().map(row), Some(first.clone()));

    let renamed = RoleBinding {
        name: "ops".into(),
        manifest: "other words".into(),
        modified_at: NOW.plus(std::time::Duration::from_secs(1)),
        row_version: 2,
        seal: RowSeal([12; 32]),
        ..first.clone()
    };
    store.commit(update(&renamed)).await.unwrap();
    let late = store.commit(update(&renamed)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(view.binding(first.id).await.unwrap().map(row), Some(renamed.clone()));
    assert_eq!(view.binding_by_name("ops").await.unwrap().map(row), Some(renamed.clone()));
    assert!(view.binding_by_name("devs").await.unwrap().is_none());
    store.commit(insert(&second)).await.unwrap();
    let taken = RoleBinding { name: "devs".into(), row_version: 3, ..renamed };
    let refused = store.commit(update(&taken)).await;
    assert!(matches!(refused, Err(StoreError::Exists(Noun::RoleBinding))), "{refused:?}");

    let erase = || commit(tenant, vec![Change::BindingErase(first.id)]);
    store.commit(erase()).await.unwrap();
    let again = store.commit(erase()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert!(view.binding(first.id).await.unwrap().is_none());
    store.commit(insert(&binding(tenant, 4, "ops"))).await.unwrap();
}

/// Bindings list oldest first, a page at a time.
pub(crate) async fn bindings_page_oldest_first(place: &dyn Place) {
    let store = started(place).await;
    let tenant = settled(&*store, 1).await.id;
    let view = store.tenant(tenant);
    let n = |n: u32| binding(tenant, n, &format!("b{}", 9 - n));
    for made in [2, 4, 1, 3] {
        store.commit(commit(tenant, vec![Change::BindingInsert(n(made))])).await.unwrap();
    }
    let first = rows(view.bindings(None, 3).await.unwrap());
    assert_eq!(first, [n(1), n(2), n(3)]);
    let rest = view.bindings(first.last().map(|binding| binding.id), 3).await.unwrap();
    assert_eq!(rows(rest), [n(4)]);
}
