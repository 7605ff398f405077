//! Paging: how far a list goes and where it goes on.

use crate::{error::AppError, limits};

/// Part of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// The elements, in the list's order.
    pub items: Vec<T>,
    /// Whether there is more after the last of them.
    pub more: bool,
    /// How many there are in all, where that is known.
    pub total: Option<u64>,
}

/// How much of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub enum PageRequest<C> {
    /// All of it, as one snapshot, if it is not longer than [`limits::LIST_MAX`].
    Whole,
    /// At most `size` elements, after the one at the cursor.
    Part {
        /// How many, 1 to [`limits::PAGE_MAX`].
        size: u32,
        /// The last element of the page before.
        after: Option<C>,
    },
}

impl<C: Copy> PageRequest<C> {
    /// How many rows to read: one more than is answered, so that `more` needs no count.
    pub(crate) fn limit(&self) -> u32 {
        match self {
            Self::Whole => limits::LIST_MAX + 1,
            Self::Part { size, .. } => (*size).clamp(1, limits::PAGE_MAX) + 1,
        }
    }

    /// Where to go on.
    pub(crate) fn after(&self) -> Option<C> {
        match self {
            Self::Whole => None,
            Self::Part { after, .. } => *after,
        }
    }

    /// How many there are of a list that has no counter, told from `all` of it as far as anyone counts: up to
    /// [`limits::LIST_MAX`]. A whole list is answered without a total, and is not read twice for it.
    pub(crate) async fn total_by<T, E>(
        &self,
        all: impl Future<Output = Result<Vec<T>, E>>,
    ) -> Result<Option<u64>, E> {
        match self {
            Self::Whole => Ok(None),
            Self::Part { .. } => {
                let count = u64::try_from(all.await?.len()).ok();
                Ok(count.filter(|count| *count <= u64::from(limits::LIST_MAX)))
            }
        }
    }

    /// Makes the page out of what was read with [`Self::limit`].
    pub(crate) fn page<T>(
        &self,
        mut rows: Vec<T>,
        total: Option<u64>,
    ) -> Result<Page<T>, AppError> {
        let wanted = usize::try_from(self.limit() - 1).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        if more && matches!(self, Self::Whole) {
            return Err(AppError::UsePaging);
        }
        rows.truncate(wanted);
        Ok(Page { items: rows, more, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_list_is_answered_up_to_its_limit_and_refused_beyond() {
        let whole = PageRequest::<u32>::Whole;
        assert!(whole.page(vec![0; 10_000], None).is_ok_and(|page| !page.more));
        assert!(matches!(whole.page(vec![0; 10_001], None), Err(AppError::UsePaging)));
    }

    #[test]
    fn a_part_says_whether_there_is_more() {
        let part = PageRequest::<u32>::Part { size: 2, after: None };
        assert_eq!(part.limit(), 3);
        let page = part.page(vec![1, 2, 3], Some(9)).unwrap();
        assert_eq!((page.items, page.more, page.total), (vec![1, 2], true, Some(9)));
        assert!(!part.page(vec![1, 2], None).unwrap().more);
    }
}
