//! Tenant keys: rotation, the rewrap that follows it, and the end of retired versions.

mod destroy;
mod rewrap;
mod rotate;

use subrosa_domain::{TenantId, audit::Resource, audit::ResourceKind};

/// One version of a tenant's key as an event's resource.
fn key_named(tenant: TenantId, version: u32) -> Resource {
    Resource::named(ResourceKind::Key, tenant.as_bytes(), &format!("v{version}"))
}
