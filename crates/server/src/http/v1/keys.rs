//! `keys:rotate`: a new version of the tenant's key.

use crate::http::{answer, extract::Admitted, problem::Answer};
use subrosa_api::v1::keys::KeyRotated;
use subrosa_domain::policy::AdminTenant;

/// Rotates the tenant's key. Values are not touched; their keys are rewrapped in the background.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/keys/~rotate", tag = "keys",
    security(("bearer" = ["tenant:admin"])), responses((status = 200, body = KeyRotated)))]
pub(crate) async fn keys_rotate(who: Admitted<AdminTenant>) -> Answer {
    let key = who.app.rotate_tenant_key(&who.op, &who.permit).await.map_err(who.refusal())?;
    answer::json(&KeyRotated { version: key.version, created_at: key.created_at.into() })
}
