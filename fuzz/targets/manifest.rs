//! Manifests of groups: what is taken has the name it says, and nobody who was not listed.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::{
    strict,
    truefoundry::groups::{GroupManifest, PutGroup},
};
use subrosa_domain::{RowSeal, Tenant, TenantId, TenantState, Timestamp};
use subrosa_server::http::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(body) = strict::from_slice::<PutGroup>(data) else { return };
    let Ok(slug) = "acme".parse() else { return };
    let tenant = Tenant {
        id: TenantId::from_bytes([1; 16]),
        slug,
        name: "".into(),
        state: TenantState::Active,
        created_by: "".into(),
        created_at: Timestamp::EPOCH,
        modified_at: Timestamp::EPOCH,
        row_version: 1,
        seal: RowSeal::UNSEALED,
    };
    let Some((name, listed)) = fuzz::manifest(&body.manifest, &tenant) else { return };
    assert_eq!(name, body.manifest.name);
    assert_eq!(body.manifest.kind, GroupManifest::TYPE);
    assert_eq!(listed, body.manifest.collaborators.map(|all| all.len()));
}
