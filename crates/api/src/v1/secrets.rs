//! Secrets: the object, which never carries a value, and the requests that write and reveal one.

use super::{
    double_option,
    words::{Disclosure, Sensitivity},
};
use crate::{EpochMillis, Problem, SecretBase64, SecretValue, secret_value::WireValue, text};
use serde::{Deserialize, Serialize};
use subrosa_domain::{self as domain, KeyName, SecretId, audit::Reason};
use utoipa::ToSchema;
use uuid::Uuid;

/// A secret's metadata.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    /// Never reused.
    pub id: Uuid,
    /// Unique in the tenant, case-sensitive, never renamed.
    pub key: String,
    /// For people, and for agents that may use it.
    pub description: Option<String>,
    /// Only rises.
    pub sensitivity: Sensitivity,
    /// Whether the value may be read back.
    pub disclosure: Disclosure,
    /// Before this it resolves nowhere.
    pub not_before: Option<EpochMillis>,
    /// From this on it resolves nowhere.
    pub expires_on: Option<EpochMillis>,
    /// The live revision; null for a draft.
    pub published_revision_id: Option<Uuid>,
    /// Its number; null for a draft.
    pub published_version: Option<u64>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: EpochMillis,
    /// When it last changed.
    pub modified_at: EpochMillis,
    /// When it was last revealed or used.
    pub last_used_at: Option<EpochMillis>,
}

impl From<&domain::Secret> for Secret {
    fn from(secret: &domain::Secret) -> Self {
        Self {
            id: secret.id.uuid(),
            key: secret.key.to_string(),
            description: secret.description.as_deref().map(str::to_owned),
            sensitivity: secret.sensitivity.into(),
            disclosure: secret.disclosure.into(),
            not_before: secret.validity.not_before.map(Into::into),
            expires_on: secret.validity.expires_on.map(Into::into),
            published_revision_id: secret.published.map(|live| live.revision_id.uuid()),
            published_version: secret.published.map(|live| live.version),
            created_by: secret.created_by.to_string(),
            created_at: secret.created_at.into(),
            modified_at: secret.modified_at.into(),
            last_used_at: secret.last_used_at.map(Into::into),
        }
    }
}

/// The body of POST `secrets`: a secret and its revision 1. Exactly one of `value` and `valueBase64`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSecret {
    /// Its key.
    #[serde(with = "text")]
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,127}$")]
    pub key: KeyName,
    /// The value as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SecretValue>,
    /// The value as bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_base64: Option<SecretBase64>,
    /// For people, and for agents that may use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// STANDARD unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// Why revision 1 was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// USE_ONLY unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<Disclosure>,
    /// No earlier bound unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<EpochMillis>,
    /// No end unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<EpochMillis>,
}

/// The body of PATCH `secrets/{id}`. What is absent stays as it is.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatchSecret {
    /// Null leaves it as it is, like absence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// May only rise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// USE_ONLY becomes READABLE only together with a new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<Disclosure>,
    /// Null clears it.
    #[serde(with = "double_option", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EpochMillis>)]
    pub not_before: Option<Option<EpochMillis>>,
    /// Null clears it.
    #[serde(with = "double_option", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EpochMillis>)]
    pub expires_on: Option<Option<EpochMillis>>,
    /// A new value as text, published in the same step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SecretValue>,
    /// A new value as bytes, published in the same step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_base64: Option<SecretBase64>,
    /// Why the new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The body of `secrets/{id}:reveal`; may be left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reveal {
    /// Why, for the audit.
    #[serde(with = "text::optional", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 256)]
    pub reason: Option<Reason>,
}

/// The body of the batch `secrets:reveal`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevealBatch {
    /// Which secrets, 1,000 at most.
    #[schema(max_items = 1000)]
    pub items: Vec<RevealItem>,
    /// Why, for the audit.
    #[serde(with = "text::optional", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 256)]
    pub reason: Option<Reason>,
}

/// One secret of a batch: exactly one of `id` and `key`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevealItem {
    /// By id.
    #[serde(with = "text::optional", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub id: Option<SecretId>,
    /// By key.
    #[serde(with = "text::optional", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub key: Option<KeyName>,
}

/// The answer of `secrets/{id}:reveal`. Exactly one of `value` and `valueBase64` is present.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Revealed {
    /// The secret's id.
    pub secret_id: Uuid,
    /// Its key.
    pub key: String,
    /// The revision's number.
    pub version: u64,
    /// The value, when it is UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SecretValue>,
    /// The value, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_base64: Option<SecretBase64>,
}

impl Revealed {
    /// The answer for a value, in the member its bytes call for.
    #[must_use]
    pub fn new(secret_id: Uuid, key: String, version: u64, value: WireValue) -> Self {
        let (value, value_base64) = value.into_members();
        Self { secret_id, key, version, value, value_base64 }
    }
}

/// The answer of the batch: an item for each one asked for, in that order.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevealedBatch {
    /// In the order of the request.
    pub items: Vec<RevealedItem>,
}

/// One answer of a batch: a value, or `problem` and what the request named it by.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevealedItem {
    /// The secret's id; absent in a refusal of one that was named by key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its key; absent in a refusal of one that was named by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The revision's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The value, when it is UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SecretValue>,
    /// The value, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_base64: Option<SecretBase64>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

impl RevealedItem {
    /// An item with its value.
    #[must_use]
    pub fn value(id: Uuid, key: String, version: u64, value: WireValue) -> Self {
        let (value, value_base64) = value.into_members();
        let (id, key, version) = (Some(id), Some(key), Some(version));
        Self { id, key, version, value, value_base64, problem: None }
    }

    /// An item that was refused, named as `item` named it.
    #[must_use]
    pub fn refused(item: &RevealItem, problem: Problem) -> Self {
        Self {
            id: item.id.map(SecretId::uuid),
            key: item.key.as_ref().map(KeyName::to_string),
            problem: Some(problem),
            ..Self::default()
        }
    }
}
