//! Tenant keys: rotation, the rewrap that follows it, and the end of retired versions.

mod destroy;
mod rewrap;
mod rotate;

use crate::{
    app::App,
    context::{Op, Origin},
};
use std::sync::Arc;
use subrosa_domain::{TenantId, audit::Resource, audit::ResourceKind, policy::Caller};

/// One version of a tenant's key as an event's resource.
fn key_named(tenant: TenantId, version: u32) -> Resource {
    Resource::named(ResourceKind::Key, tenant.as_bytes(), &format!("v{version}"))
}

impl App {
    /// An operation of the server itself, for the keeping of a tenant's keys.
    fn keeping(&self, tenant_id: TenantId) -> Op {
        let origin = Origin::system(&*self.ids, self.clock.now());
        Op { origin, caller: Arc::new(Caller::system()), tenant_id }
    }
}
