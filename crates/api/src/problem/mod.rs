//! The one error body, which every client of every surface can read.
//!
//! Its members are RFC 9457's, and beside them those that the three surfaces' own clients look for. `type` is a name,
//! not an address: `urn:subrosa:problem:<code>`, because a self-hosted server cannot promise that some host answers.
//! The page for a code is `docs/reference/errors/<code>.md`.
//!
//! No member may ever hold a byte of the request but names of scopes in their fixed alphabet.

mod code;

pub use code::Code;

use crate::strict::BodyFault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use subrosa_domain::{RequestId, Scope, ScopeSet};
use utoipa::ToSchema;

/// A refusal or failure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:subrosa:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of problem, for people; the same for every problem of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, for people.
    pub detail: String,
    /// `urn:uuid:<request id>`, also in the header `X-Request-Id`.
    pub instance: String,
    /// What kind of problem, for programs.
    pub code: String,
    /// The HTTP status again, under the name another surface's clients read.
    pub status_code: u16,
    /// The detail again, under the name another surface's clients read.
    pub message: String,
    /// What is wrong with the request, by JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<BTreeMap<String, Vec<String>>>,
    /// `insufficient_scope` when a scope is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The first missing scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<String>,
    /// The scopes the caller has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<Vec<String>>,
    /// Every missing scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
}

impl Problem {
    /// A problem of this code, in its own words.
    #[must_use]
    pub fn new(code: Code, request: RequestId) -> Self {
        Self::with_detail(code, request, code.detail())
    }

    /// A problem of this code, in other words. `detail` is written by us: it never quotes the request.
    #[must_use]
    pub fn with_detail(code: Code, request: RequestId, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            kind: format!("urn:subrosa:problem:{}", code.name()),
            title: code.title().to_owned(),
            status: code.status(),
            message: detail.clone(),
            detail,
            instance: format!("urn:uuid:{request}"),
            code: code.name().to_owned(),
            status_code: code.status(),
            errors: None,
            error: None,
            required: None,
            granted: None,
            missing: None,
        }
    }

    /// A body that could not be read.
    #[must_use]
    pub fn of_body(fault: &BodyFault, request: RequestId) -> Self {
        let mut problem = Self::new(fault.code(), request);
        if let Some((pointer, message)) = fault.place() {
            problem.errors = Some(BTreeMap::from([(pointer, vec![message])]));
        }
        problem
    }

    /// A request that is well formed and wrong at `pointer`. `message` completes "must be …" or stands alone; it never
    /// quotes the request.
    #[must_use]
    pub fn at(code: Code, request: RequestId, pointer: &str, message: &str) -> Self {
        let mut problem = Self::new(code, request);
        problem.errors = Some(BTreeMap::from([(pointer.to_owned(), vec![message.to_owned()])]));
        problem
    }

    /// A caller without a scope. `missing` is not empty; its first, in catalogue order, is the one required.
    #[must_use]
    pub fn missing_scope(request: RequestId, missing: ScopeSet, granted: ScopeSet) -> Self {
        let missing: Vec<String> = crate::v1::tokens::names(missing);
        let mut problem = Self::new(Code::MissingScope, request);
        problem.error = Some("insufficient_scope".to_owned());
        problem.required = missing.first().cloned();
        problem.granted = Some(granted.iter().map(Scope::name).map(str::to_owned).collect());
        problem.missing = Some(missing);
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_is_named_first_in_catalogue_order() {
        let missing = [Scope::AUDIT_READ, Scope::SECRETS_READ].into_iter().collect();
        let granted = [Scope::KEYS_READ].into_iter().collect();
        let problem = Problem::missing_scope(RequestId::from_bytes([1; 16]), missing, granted);
        assert_eq!(problem.status, 403);
        assert_eq!(problem.error.as_deref(), Some("insufficient_scope"));
        assert_eq!(problem.required.as_deref(), Some("secrets:read"));
        assert_eq!(problem.granted.unwrap(), ["keys:read"]);
        assert_eq!(problem.missing.unwrap(), ["secrets:read", "audit:read"]);
    }

    #[test]
    fn alike_problems_differ_in_their_instance_alone() {
        let mut one = Problem::new(Code::NotFound, RequestId::from_bytes([1; 16]));
        let other = Problem::new(Code::NotFound, RequestId::from_bytes([2; 16]));
        assert_ne!(one, other);
        one.instance.clone_from(&other.instance);
        assert_eq!(one, other);
        assert_eq!(other.instance, "urn:uuid:02020202-0202-0202-0202-020202020202");
    }
}
