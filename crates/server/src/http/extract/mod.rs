//! What handlers are given instead of a raw request: who asks, with what permit, which ids, which body, which page.
//!
//! They run in the order of the decisions: credential, tenant, scope, and only then what the path and the body say.

mod admitted;
mod at_home;
mod body;
mod credential;
mod ids;
mod paging;
mod query;
mod refused;
mod seen;
mod window;

pub(crate) use admitted::{Admitted, Known, Operator};
pub(crate) use at_home::{AtHome, ByRole, Home};
pub(crate) use body::{ANYONE, Body, MaybeBody};
pub(crate) use ids::{Ids, parse_id};
pub(crate) use paging::Paging;
pub(crate) use query::Query;
pub(crate) use seen::Seen;
pub(crate) use window::Window;
