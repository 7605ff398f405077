//! Integrations: the one store that every tenant has.

use super::{reference, subject::Subject};
use crate::IsoTime;
use serde::Serialize;
use subrosa_domain::{IntegrationId, Tenant};
use utoipa::ToSchema;

/// A store of values.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderIntegration {
    /// Its id: what a new group names.
    pub id: String,
    /// Its name.
    pub name: &'static str,
    /// Its full name.
    pub fqn: String,
    /// `secret-store`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is.
    pub manifest: StoreManifest,
    /// The account it belongs to.
    pub provider_account_fqn: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// Who made it.
    pub created_by_subject: Subject,
    /// When.
    pub created_at: IsoTime,
    /// When it last changed.
    pub updated_at: IsoTime,
}

/// An account with a provider of stores.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderAccount {
    /// Its id.
    pub id: String,
    /// Its full name.
    pub fqn: String,
    /// `truefoundry`: the store is this server's own.
    pub provider: &'static str,
    /// What it is.
    pub manifest: ProviderManifest,
    /// Its stores.
    pub integrations: Vec<ProviderIntegration>,
    /// Who made it.
    pub created_by_subject: Subject,
    /// The tenant's id.
    pub account_id: String,
    /// When.
    pub created_at: IsoTime,
    /// When it last changed.
    pub updated_at: IsoTime,
}

/// A store as a manifest has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoreManifest {
    /// `integration/secret-store/truefoundry/db`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// An account as a manifest has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProviderManifest {
    /// `provider-account/truefoundry`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its stores.
    pub integrations: Vec<StoreManifest>,
}

const STORE: StoreManifest =
    StoreManifest { kind: "integration/secret-store/truefoundry/db", name: reference::STORE };

impl ProviderIntegration {
    /// The type of every one there is.
    pub const TYPE: &'static str = "secret-store";

    /// The store that `tenant` has.
    #[must_use]
    pub fn built_in(tenant: &Tenant) -> Self {
        let slug = tenant.slug.as_str();
        Self {
            id: IntegrationId::built_in(tenant.id).to_string(),
            name: reference::STORE,
            fqn: reference::store(slug),
            kind: Self::TYPE,
            manifest: STORE,
            provider_account_fqn: reference::account(slug),
            tenant_name: slug.to_owned(),
            created_by_subject: Subject::by_name(&tenant.created_by),
            created_at: tenant.created_at.into(),
            updated_at: tenant.created_at.into(),
        }
    }
}

impl ProviderAccount {
    /// The account that `tenant`'s store belongs to.
    #[must_use]
    pub fn built_in(tenant: &Tenant) -> Self {
        let store = ProviderIntegration::built_in(tenant);
        Self {
            id: store.id.clone(),
            fqn: store.provider_account_fqn.clone(),
            provider: "truefoundry",
            manifest: ProviderManifest {
                kind: "provider-account/truefoundry",
                name: reference::ACCOUNT,
                integrations: vec![STORE],
            },
            created_by_subject: store.created_by_subject.clone(),
            account_id: tenant.id.to_string(),
            created_at: store.created_at,
            updated_at: store.updated_at,
            integrations: vec![store],
        }
    }
}
