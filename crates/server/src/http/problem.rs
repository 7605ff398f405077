//! The one place where a refusal becomes a status and a body, for every surface.
//!
//! The match is exhaustive on purpose: a new error asks for its status here. A 5xx says what did not happen and no
//! more; its cause goes to the log once, with the request's id.

use super::limiter::RetryAfter;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use std::{error::Error, sync::Arc};
use subrosa_api::{Code, Problem, strict::BodyFault};
use subrosa_app::{AppError, FieldFault, Origin};
use subrosa_domain::{
    RequestId, RuleBroken, ScopeSet,
    audit::Surface,
    policy::{Caller, Denied},
};

/// Why a request was not answered with what it asked for.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The use-case said so.
    App(Arc<AppError>, ScopeSet),
    /// The body cannot be read.
    Body(BodyFault),
    /// Something at the edge, which its code says all of.
    Code(Code),
    /// Scopes that are not in the catalogue, where they were named; only names that look like scopes are repeated.
    UnknownScopes {
        /// A JSON pointer into the body.
        pointer: &'static str,
        /// The names that may be repeated.
        shown: Vec<String>,
    },
    /// Too much of what is limited, and how long to wait.
    TooMany(RetryAfter),
}

/// What a handler answers.
pub(crate) type Answer = Result<Response, Refusal>;

impl Refusal {
    pub(crate) const fn code(code: Code) -> Self {
        Self::Code(code)
    }

    /// A use-case's refusal, with what the caller may do, which a missing scope's answer names.
    pub(crate) fn of(caller: &Caller) -> impl Fn(AppError) -> Self + use<> {
        let granted = caller.scopes;
        move |error| Self::App(Arc::new(error), granted)
    }

    /// The refusal on its way to the edge, which knows the request's id.
    pub(crate) fn stashed(self) -> Response {
        self.into_response()
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::App(Arc::new(error), ScopeSet::NONE)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(self);
        response
    }
}

/// The refusal in a response, if it is one.
pub(super) fn take(response: &mut Response) -> Option<Refusal> {
    response.extensions_mut().remove()
}

/// The answer to a refused request.
pub(super) fn render(refusal: &Refusal, origin: &Origin) -> Response {
    let problem = as_spoken(problem(refusal, origin.request_id), origin);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        report(refusal, &problem, origin.request_id);
    }
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/problem+json");
    headers.insert(header::CONTENT_TYPE, json);
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if let Refusal::TooMany(wait) = refusal {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.secs()));
    }
    response
}

/// The problem as the request's surface speaks of it: on truefoundry, what is well formed and not acceptable is 422.
fn as_spoken(problem: Problem, origin: &Origin) -> Problem {
    let invalid = problem.code == Code::InvalidRequest.name();
    if !invalid || origin.surface != Surface::Truefoundry {
        return problem;
    }
    // Its clients show the message and nothing else, so the first fault is in it: our own words, as they all are.
    let first = problem.errors.iter().flatten().next();
    let said = first.map(|(place, faults)| format!("{place} {}", faults.join("; ")));
    let said = said.unwrap_or_else(|| Code::Unprocessable.detail().to_owned());
    let errors = problem.errors;
    Problem { errors, ..Problem::with_detail(Code::Unprocessable, origin.request_id, said) }
}

/// The problem a refusal is.
pub(super) fn problem(refusal: &Refusal, request: RequestId) -> Problem {
    match refusal {
        Refusal::App(error, granted) => of_app(error, *granted, request),
        Refusal::Body(fault) => Problem::of_body(fault, request),
        Refusal::Code(code) => Problem::new(*code, request),
        Refusal::UnknownScopes { pointer, shown } => unknown_scopes(pointer, shown, request),
        Refusal::TooMany(_) => Problem::new(Code::TooManyRequests, request),
    }
}

fn of_app(error: &AppError, granted: ScopeSet, request: RequestId) -> Problem {
    let plain = |code| Problem::new(code, request);
    match error {
        AppError::Unauthenticated => plain(Code::Unauthenticated),
        AppError::Denied(denied) => of_denied(*denied, granted, request),
        AppError::Widens { missing, granted, required: _ } => {
            Problem::missing_scope(request, *missing, *granted)
        }
        AppError::Outlives => plain(Code::BeyondMinter),
        AppError::OperatorOnly => operator_only(granted, request),
        AppError::Invalid(faults) => of_faults(faults, request),
        AppError::Broken(RuleBroken::SensitivityLowered) => {
            Problem::at(Code::SensitivityLowered, request, "/sensitivity", "only rises")
        }
        AppError::Broken(RuleBroken::Disclosed) => {
            Problem::at(Code::NewValueNeeded, request, "/disclosure", "takes a new value")
        }
        AppError::Broken(RuleBroken::EmptyWindow) => {
            Problem::at(Code::InvalidRequest, request, "/expiresOn", "must be after notBefore")
        }
        AppError::ValueTooLarge => plain(Code::ValueTooLarge),
        AppError::BatchTooLarge => plain(Code::BatchTooLarge),
        AppError::UsePaging => plain(Code::UsePaging),
        AppError::Exists(_) => plain(Code::Exists),
        AppError::Revoked | AppError::Conflict => plain(Code::Conflict),
        AppError::ByPersonalToken => plain(Code::ByPersonalToken),
        AppError::Contended | AppError::Busy => plain(Code::Busy),
        AppError::AuditUnavailable(_) => plain(Code::AuditUnavailable),
        AppError::SetBack => plain(Code::StoreSetBack),
        AppError::StoreUnavailable(_) => plain(Code::StoreUnavailable),
        AppError::KeyUnavailable(_) | AppError::IssuerUnavailable => plain(Code::KeyUnavailable),
        AppError::Integrity => plain(Code::Integrity),
        AppError::Internal(_) => plain(Code::Internal),
    }
}

fn of_denied(denied: Denied, granted: ScopeSet, request: RequestId) -> Problem {
    match denied {
        Denied::NotFound => Problem::new(Code::NotFound, request),
        Denied::UseOnly => Problem::new(Code::UseOnly, request),
        Denied::MissingRole(_) => Problem::new(Code::MissingRole, request),
        Denied::MissingScope(scope) => {
            Problem::missing_scope(request, [scope].into_iter().collect(), granted)
        }
    }
}

/// Tenants are the operator's. The scope named here is one that no token can hold.
fn operator_only(granted: ScopeSet, request: RequestId) -> Problem {
    let mut problem = Problem::missing_scope(request, ScopeSet::NONE, granted);
    problem.required = Some("tenants:write".to_owned());
    problem.missing = Some(vec!["tenants:write".to_owned()]);
    problem
}

fn of_faults(faults: &[FieldFault], request: RequestId) -> Problem {
    let mut problem = Problem::new(Code::InvalidRequest, request);
    let errors = problem.errors.get_or_insert_default();
    for fault in faults {
        errors.entry(fault.pointer.to_string()).or_default().push(fault.message.to_string());
    }
    problem
}

fn unknown_scopes(pointer: &str, names: &[String], request: RequestId) -> Problem {
    let said = if names.is_empty() {
        "has names that are not in the catalogue".to_owned()
    } else {
        format!("not in the catalogue: {}", names.join(", "))
    };
    Problem::at(Code::UnknownScopes, request, pointer, &said)
}

fn report(refusal: &Refusal, problem: &Problem, request: RequestId) {
    let cause: Option<&dyn Error> = match refusal {
        Refusal::App(error, _) => Some(&**error),
        Refusal::Body(fault) => Some(fault),
        Refusal::Code(_) | Refusal::UnknownScopes { .. } | Refusal::TooMany(_) => None,
    };
    let mut chain = Vec::new();
    let mut next = cause;
    while let Some(error) = next {
        chain.push(error.to_string());
        next = error.source();
    }
    tracing::error!(code = problem.code, %request, cause = chain.join(": "), "a request failed");
}
