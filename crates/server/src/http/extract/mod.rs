//! What handlers are given instead of a raw request: who asks, with what permit, which ids, which body, which page.
//!
//! They run in the order of the decisions: credential, tenant, scope, and only then what the path and the body say.

mod admitted;
mod body;
mod credential;
mod ids;
mod paging;
mod query;

pub(crate) use admitted::{Admitted, Known, Operator};
pub(crate) use body::{Body, MaybeBody};
pub(crate) use ids::{Ids, parse_id};
pub(crate) use paging::Paging;
pub(crate) use query::Query;
