//! Answers around what was asked for: `{data}` and `{data, pagination}`.

use serde::Serialize;
use utoipa::ToSchema;

/// One thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Data<T> {
    /// It.
    pub data: T,
}

/// Part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    /// The elements, in the list's order. Empty past the end, which is how clients know that they are through.
    pub data: Vec<T>,
    /// Where in the list they are.
    pub pagination: Pagination,
}

/// Where in a list a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Pagination {
    /// How many elements there are in all.
    pub total: u64,
    /// How many were passed over.
    pub offset: u32,
    /// How many were asked for at most.
    pub limit: u32,
}

/// `{}`: done.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Done {}

/// The members of `all` on the page that `offset` and `limit` mean, for lists that are small.
#[must_use]
pub fn page_of<T>(all: Vec<T>, offset: u32, limit: u32) -> Listed<T> {
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let take = usize::try_from(limit).unwrap_or(usize::MAX);
    let data = all.into_iter().skip(skip).take(take).collect();
    Listed { data, pagination: Pagination { total, offset, limit } }
}
