//! The calls, by noun. Everything that goes into a path is a parsed name, a UUID or encoded here.

use super::{
    error::ClientError,
    wire::{Client, NOTHING},
};
use crate::v1::{
    Page,
    audit::{AuditEvent, AuditExport, AuditPart, AuditVerification},
    devices::{DeviceApproved, DeviceAsked, DeviceStarted, StartDevice},
    keys::KeyRotated,
    revisions::{Publish, Revision, Rollback},
    secrets::{CreateSecret, PatchSecret, Reveal, RevealBatch, Revealed, RevealedBatch, Secret},
    tenants::{CreateTenant, Tenant},
    tokens::{CurrentToken, GenerateToken, RotateToken, Token, TokenGenerated},
};
use http::Method;
use serde::de::DeserializeOwned;
use std::fmt::Write;
use subrosa_domain::{KeyName, TenantSlug};
use subrosa_plaintext::PlainToken;
use uuid::Uuid;

type Result<T> = std::result::Result<T, ClientError>;

/// How many items a page has: enough that most lists are one, few enough to stay far below every limit.
const PAGE_SIZE: usize = 1_000;

/// Which events of a log.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Not before this, in milliseconds since the epoch.
    pub from: Option<i64>,
    /// Before this.
    pub to: Option<i64>,
    /// This action alone, as `secret.reveal`.
    pub action: Option<String>,
    /// What was done to this alone.
    pub resource_id: Option<Uuid>,
    /// ALLOWED, DENIED or FAILED alone.
    pub decision: Option<String>,
}

/// Which log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditLog {
    /// The deployment's own: tenants made and erased, strangers refused. The operator's alone.
    Deployment,
    /// A tenant's.
    Tenant(TenantSlug),
}

impl AuditLog {
    fn path(&self) -> String {
        match self {
            Self::Deployment => "/v1/auditEvents".to_owned(),
            Self::Tenant(tenant) => format!("/v1/tenants/{tenant}/auditEvents"),
        }
    }
}

impl std::fmt::Display for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deployment => f.write_str("the deployment"),
            Self::Tenant(tenant) => write!(f, "tenant {tenant}"),
        }
    }
}

impl Client {
    /// Every tenant the caller may see.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        self.whole_list("/v1/tenants?", usize::MAX).await
    }

    /// One tenant.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn tenant(&self, tenant: &TenantSlug) -> Result<Tenant> {
        self.call(Method::GET, &format!("/v1/tenants/{tenant}"), NOTHING).await
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_tenant(&self, body: &CreateTenant) -> Result<Tenant> {
        self.call(Method::POST, "/v1/tenants", Some(body)).await
    }

    /// Deletes a tenant, its keys, and with them every value it has.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn delete_tenant(&self, tenant: &TenantSlug) -> Result<()> {
        self.tell(Method::DELETE, &format!("/v1/tenants/{tenant}")).await
    }

    /// Makes a new version of the tenant's key.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn rotate_key(&self, tenant: &TenantSlug) -> Result<KeyRotated> {
        self.call(Method::POST, &format!("/v1/tenants/{tenant}/keys:rotate"), NOTHING).await
    }

    /// Every secret, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn secrets(&self, tenant: &TenantSlug) -> Result<Vec<Secret>> {
        self.whole_list(&format!("/v1/tenants/{tenant}/secrets?"), usize::MAX).await
    }

    /// The secret with this key.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn secret_by_key(
        &self,
        tenant: &TenantSlug,
        key: &KeyName,
    ) -> Result<Option<Secret>> {
        let path = format!("/v1/tenants/{tenant}/secrets?key={key}");
        let found: Vec<Secret> = self.call(Method::GET, &path, NOTHING).await?;
        Ok(found.into_iter().find(|secret| secret.key == key.as_str()))
    }

    /// Makes a secret.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_secret(&self, tenant: &TenantSlug, body: &CreateSecret) -> Result<Secret> {
        self.call(Method::POST, &format!("/v1/tenants/{tenant}/secrets"), Some(body)).await
    }

    /// Changes a secret.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn patch_secret(
        &self,
        tenant: &TenantSlug,
        id: Uuid,
        body: &PatchSecret,
    ) -> Result<Secret> {
        self.call(Method::PATCH, &secret(tenant, id, ""), Some(body)).await
    }

    /// Publishes a new value.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn publish(&self, tenant: &TenantSlug, id: Uuid, body: &Publish) -> Result<Revision> {
        self.call(Method::POST, &secret(tenant, id, ":publish"), Some(body)).await
    }

    /// Makes an older revision live again.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn roll_back(
        &self,
        tenant: &TenantSlug,
        id: Uuid,
        body: &Rollback,
    ) -> Result<Revision> {
        self.call(Method::POST, &secret(tenant, id, ":rollback"), Some(body)).await
    }

    /// Deletes a secret.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn delete_secret(&self, tenant: &TenantSlug, id: Uuid) -> Result<()> {
        self.tell(Method::DELETE, &secret(tenant, id, "")).await
    }

    /// A secret's revisions, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn revisions(&self, tenant: &TenantSlug, id: Uuid) -> Result<Vec<Revision>> {
        self.whole_list(&secret(tenant, id, "/revisions?"), usize::MAX).await
    }

    /// A secret's live value.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn reveal(&self, tenant: &TenantSlug, id: Uuid, body: &Reveal) -> Result<Revealed> {
        self.call(Method::POST, &secret(tenant, id, ":reveal"), Some(body)).await
    }

    /// Many secrets' live values.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn reveal_batch(
        &self,
        tenant: &TenantSlug,
        body: &RevealBatch,
    ) -> Result<RevealedBatch> {
        let path = format!("/v1/tenants/{tenant}/secrets:reveal");
        self.call(Method::POST, &path, Some(body)).await
    }

    /// Every token, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn tokens(&self, tenant: &TenantSlug) -> Result<Vec<Token>> {
        self.whole_list(&format!("/v1/tenants/{tenant}/tokens?"), usize::MAX).await
    }

    /// Mints a token.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn generate_token(
        &self,
        tenant: &TenantSlug,
        body: &GenerateToken,
    ) -> Result<TokenGenerated> {
        self.call(Method::POST, &format!("/v1/tenants/{tenant}/tokens:generate"), Some(body)).await
    }

    /// Gives a token a new secret.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn rotate_token(
        &self,
        tenant: &TenantSlug,
        id: Uuid,
        body: &RotateToken,
    ) -> Result<TokenGenerated> {
        let path = format!("/v1/tenants/{tenant}/tokens/{id}:rotate");
        self.call(Method::POST, &path, Some(body)).await
    }

    /// Revokes a token, for good.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn revoke_token(&self, tenant: &TenantSlug, id: Uuid) -> Result<()> {
        self.tell(Method::DELETE, &format!("/v1/tenants/{tenant}/tokens/{id}")).await
    }

    /// The token that this client sends.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn current_token(&self, tenant: &TenantSlug) -> Result<CurrentToken> {
        self.call(Method::GET, &format!("/v1/tenants/{tenant}/tokens/current"), NOTHING).await
    }

    /// Revokes the token that this client sends, for good.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn revoke_current_token(&self, tenant: &TenantSlug) -> Result<()> {
        self.tell(Method::DELETE, &format!("/v1/tenants/{tenant}/tokens/current")).await
    }

    /// Begins a sign-in by device code.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn start_device(&self, body: &StartDevice) -> Result<DeviceStarted> {
        self.call(Method::POST, "/v1/deviceAuthorizations", Some(body)).await
    }

    /// What became of a sign-in that this device began; `None` while nobody decided.
    ///
    /// # Errors
    /// [`ClientError`]; a problem `device-over` once it is over.
    #[expect(
        clippy::disallowed_methods,
        reason = "EXIT-8: a device asks after its sign-in by the code it was given"
    )]
    pub async fn device_outcome(&self, code: &PlainToken) -> Result<Option<DeviceApproved>> {
        let path = format!("/v1/deviceAuthorizations/{}", encoded(code.expose()));
        self.call_if_ready(&path).await
    }

    /// What the code that a device shows stands for.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn device(&self, tenant: &TenantSlug, code: &str) -> Result<DeviceAsked> {
        self.call(Method::GET, &device(tenant, code, ""), NOTHING).await
    }

    /// Approves a sign-in: the device gets a token that speaks for the caller.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn approve_device(&self, tenant: &TenantSlug, code: &str) -> Result<DeviceAsked> {
        self.call(Method::POST, &device(tenant, code, ":approve"), NOTHING).await
    }

    /// Denies a sign-in: the device gets nothing.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn deny_device(&self, tenant: &TenantSlug, code: &str) -> Result<DeviceAsked> {
        self.call(Method::POST, &device(tenant, code, ":deny"), NOTHING).await
    }

    /// Events of the log, newest first, `limit` at most.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn audit_events(
        &self,
        log: &AuditLog,
        filter: &AuditFilter,
        limit: usize,
    ) -> Result<Vec<AuditEvent>> {
        let mut path = format!("{}?", log.path());
        let wanted = [
            ("from", filter.from.map(|from| from.to_string())),
            ("to", filter.to.map(|to| to.to_string())),
            ("action", filter.action.clone()),
            ("resourceId", filter.resource_id.map(|id| id.to_string())),
            ("decision", filter.decision.clone()),
        ];
        for (name, value) in wanted {
            if let Some(value) = value {
                let _ = write!(path, "{name}={}&", encoded(&value));
            }
        }
        self.whole_list(&path, limit).await
    }

    /// Checks the log's chain, and with `deep` that the rows there are are the latest.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn verify_audit(&self, log: &AuditLog, deep: bool) -> Result<AuditVerification> {
        let path = format!("{}:verify{}", log.path(), if deep { "?deep=true" } else { "" });
        self.call(Method::GET, &path, NOTHING).await
    }

    /// Where every lane of a tenant's log ends now, signed.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn begin_audit_export(&self, tenant: &TenantSlug) -> Result<AuditExport> {
        self.call(Method::GET, &format!("/v1/tenants/{tenant}/auditEvents:export"), NOTHING).await
    }

    /// The next events of a lane, as they are stored.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn audit_part(
        &self,
        tenant: &TenantSlug,
        lane: u32,
        after: u64,
    ) -> Result<AuditPart> {
        let path = format!("/v1/tenants/{tenant}/auditEvents:part?lane={lane}&after={after}");
        self.call(Method::GET, &path, NOTHING).await
    }

    /// A list, page after page, `limit` items at most. `path` ends where a query member may be added.
    async fn whole_list<T: DeserializeOwned>(&self, path: &str, limit: usize) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut next: Option<String> = None;
        while items.len() < limit {
            let size = PAGE_SIZE.min(limit - items.len());
            let after =
                next.map_or(String::new(), |token| format!("&pageToken={}", encoded(&token)));
            let path = format!("{path}pageSize={size}{after}");
            let page: Page<T> = self.call(Method::GET, &path, NOTHING).await?;
            items.extend(page.items);
            next = page.next_page_token;
            if next.is_none() {
                break;
            }
        }
        items.truncate(limit);
        Ok(items)
    }
}

fn secret(tenant: &TenantSlug, id: Uuid, rest: &str) -> String {
    format!("/v1/tenants/{tenant}/secrets/{id}{rest}")
}

fn device(tenant: &TenantSlug, code: &str, rest: &str) -> String {
    format!("/v1/tenants/{tenant}/devices/{}{rest}", encoded(code))
}

/// Percent-encoded for a query or a part of a path: everything but unreserved characters.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn nothing_in_a_query_value_can_end_it() {
        assert_eq!(encoded("a-Z_9.~"), "a-Z_9.~");
        assert_eq!(encoded("a&b=c #%ü"), "a%26b%3Dc%20%23%25%C3%BC");
    }
}
