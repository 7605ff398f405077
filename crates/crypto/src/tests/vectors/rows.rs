//! Row seals.

use super::{Case, Read, hold};
use crate::tests::support::{Home, NOW, OTHER, TENANT, fixed};
use subrosa_domain::{
    Grant, GrantId, RowSeal, SealedRow, SecretId, Tenant, TenantId, TenantState, Unverified,
    audit::{Resource, ResourceKind},
};

#[test]
fn row_seals_hold() {
    let tenant = Tenant {
        id: TENANT,
        slug: "acme".parse().unwrap(),
        name: "Acme".into(),
        state: TenantState::Active,
        created_by: "ana".into(),
        created_at: NOW,
        modified_at: NOW,
        row_version: 2,
        seal: RowSeal::UNSEALED,
    };
    let grant = Grant {
        id: GrantId::from_bytes(fixed("grant")),
        tenant_id: OTHER,
        secret_id: SecretId::from_bytes(fixed("secret")),
        agent_id: "agent-7".parse().unwrap(),
        created_by: "ana".into(),
        created_at: NOW,
        seal: RowSeal::UNSEALED,
    };
    let base = sealed("tenant", tenant);
    let mut cases = vec![base.clone(), sealed("grant", grant)];
    for field in ["input", "seal", "tenant", "service key"] {
        cases.push(base.but(&format!("{field} changed"), field, base.flipped(field, 9), "broken"));
    }
    cases.push(base.but("unsealed", "seal", "00".repeat(32), "broken"));
    let about = "Row seals. `input` is the canonical encoding of the fields that decide anything.";
    hold("row-seal.txt", about, &cases, outcome);
}

/// A row as an input and a seal, whatever it is a row of.
struct Raw {
    tenant: TenantId,
    input: Vec<u8>,
    seal: RowSeal,
}

impl SealedRow for Raw {
    fn resource(&self) -> Resource {
        Resource { kind: ResourceKind::Audit, id: None, key: None }
    }

    fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    fn seal_input(&self) -> Vec<u8> {
        self.input.clone()
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}

fn sealed(name: &str, mut row: impl SealedRow) -> Case {
    let service = fixed("service");
    Home::new(&fixed("root")).keyring(&service).seal_row(&mut row);
    Case::new(name)
        .hex("service key", &service)
        .hex("tenant", row.tenant_id().as_bytes())
        .hex("input", &row.seal_input())
        .hex("seal", &row.seal().0)
        .expect("holds")
}

fn outcome(case: &Read) -> &'static str {
    let row = Raw {
        tenant: TenantId::from_bytes(case.array("tenant")),
        input: case.bytes("input"),
        seal: RowSeal(case.array("seal")),
    };
    let keyring = Home::new(&fixed("root")).keyring(&case.array("service key"));
    if keyring.verify(Unverified::new(row)).is_ok() { "holds" } else { "broken" }
}
