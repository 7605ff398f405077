//! The page where a person approves a sign-in: a code, then what it stands for, then a token of one's own and a
//! decision.
//!
//! GET shows a form and looks nothing up. POST takes a token with every decision; it is not kept, and no cookie is set,
//! so another site has nothing to ride on; requests that come from one are refused all the same. Whatever is shown of a
//! device is escaped, and the policy lets no script run.

use super::{asked_by_guess, typed, was_right};
use crate::http::{
    Http,
    exchange::Exchange,
    extract::Query,
    problem::{Answer, Refusal},
};
use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use std::{fmt::Write, sync::Arc};
use subrosa_app::{App, AppError, devices::DeviceAsked};
use subrosa_domain::policy::{Caller, WriteTokens};
use subrosa_plant::planted;
use zeroize::Zeroizing;

/// A form of two short fields.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// Nothing but our own style, and forms that come back to us.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

const STYLE: &str = include_str!("page.css");

/// How events name what a form asks for.
const SUBMIT: &str = "POST /device";

/// What a form says.
#[derive(Default)]
struct Form {
    code: String,
    token: Zeroizing<String>,
    decision: String,
}

/// The page.
#[utoipa::path(get, path = "/device", tag = "sign-in", security(()), params(("code" = Option<String>, Query)),
    responses((status = 200, description = "A form.", content_type = "text/html")))]
pub(crate) async fn device_page(query: Query) -> Answer {
    let code = query.text("code")?.map(typed).unwrap_or_default();
    Ok(page(StatusCode::OK, &code_form(&code)))
}

/// Its style.
#[utoipa::path(get, path = "/device.css", tag = "sign-in", security(()),
    responses((status = 200, description = "A style sheet.", content_type = "text/css")))]
pub(crate) async fn device_style() -> Answer {
    let mut response = Response::new(Body::from(STYLE));
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

/// A form of the page, sent.
#[utoipa::path(post, path = "/device", tag = "sign-in", security(()),
    responses(
        (status = 200, description = "What became of it.", content_type = "text/html"),
        (status = 429, description = "Too many guesses.", content_type = "application/problem+json"),
        (status = "4XX", description = "Why nothing did.", content_type = "text/html"),
    ))]
pub(crate) async fn device_submit(
    State(http): State<Arc<Http>>,
    Extension(exchange): Extension<Arc<Exchange>>,
    request: Request,
) -> Answer {
    if !is_from_here(request.headers(), &http.public_url) {
        return Ok(page(StatusCode::FORBIDDEN, &note("This form was sent from another site.")));
    }
    let Some(form) = read(request).await else {
        return Ok(page(StatusCode::BAD_REQUEST, &note("The form could not be read.")));
    };
    exchange.carry_value();
    let code = typed(&form.code);
    let (shown, guess) = match asked_by_guess(&http, &exchange, &code) {
        Ok(asked) => asked,
        Err(Refusal::TooMany(wait)) => return Err(Refusal::TooMany(wait)),
        Err(_) => {
            let gone = note("No sign-in waits for this code. It may have expired.");
            return Ok(page(StatusCode::NOT_FOUND, &(gone + &code_form(""))));
        }
    };
    if form.decision.is_empty() {
        was_right(guess);
        return Ok(page(StatusCode::OK, &decision_form(&code, &shown)));
    }
    let decided = decide(&http.app, &exchange, &form, &code).await;
    match &decided {
        // A right code is anyone's to have, by beginning a sign-in; a wrong token with it is a guess all the same.
        Err(AppError::Unauthenticated) => http.app.record_stranger(&exchange.origin, SUBMIT),
        _ => was_right(guess),
    }
    match decided {
        Ok(words) => Ok(page(StatusCode::OK, &note(words))),
        Err(error) => match refusal(&error) {
            Some((status, words)) => {
                Ok(page(status, &(note(words) + &decision_form(&code, &shown))))
            }
            None => Err(error.into()),
        },
    }
}

async fn decide(
    app: &Arc<App>,
    exchange: &Exchange,
    form: &Form,
    code: &str,
) -> Result<&'static str, AppError> {
    let caller: Arc<Caller> = app.authenticate(&exchange.origin, form.token.trim()).await?;
    let origin = exchange.origin.clone();
    let (op, permit) = app.admit_at_home::<WriteTokens>(origin, caller, || SUBMIT.to_owned())?;
    match form.decision.as_str() {
        "approve" => {
            app.approve_device(&op, &permit, code).await?;
            Ok("Approved. The device gets its token now; you can close this page.")
        }
        "deny" => {
            app.deny_device(&op, &permit, code).await?;
            Ok("Denied. The device gets nothing; you can close this page.")
        }
        _ => Err(AppError::invalid("/decision", "must be approve or deny")),
    }
}

/// What a person can do something about, in a person's words.
fn refusal(error: &AppError) -> Option<(StatusCode, &'static str)> {
    Some(match error {
        AppError::Unauthenticated => (StatusCode::UNAUTHORIZED, "That token does not work."),
        AppError::ByPersonalToken => (
            StatusCode::BAD_REQUEST,
            "A personal access token makes none of its kind; use another.",
        ),
        AppError::Invalid(_) => (StatusCode::BAD_REQUEST, "Approve or deny."),
        AppError::Denied(subrosa_domain::policy::Denied::MissingScope(_)) => {
            (StatusCode::FORBIDDEN, "That token may not mint tokens: it lacks keys:write.")
        }
        AppError::Denied(_) => {
            (StatusCode::NOT_FOUND, "This sign-in is for another tenant, or over.")
        }
        _ => return None,
    })
}

/// Whether a form was sent from a page of ours, as far as the browser says. A proxy may have put another host into the
/// request than the one in the browser's address bar, which is the one people were told.
fn is_from_here(headers: &HeaderMap, public_url: &str) -> bool {
    let said = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let site = said(header::HeaderName::from_static("sec-fetch-site"));
    let same_site = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
    let is_ours = |origin: &str| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        let host = said(header::HOST);
        (host.is_some() && authority == host) || origin.eq_ignore_ascii_case(public_url)
    };
    same_site && said(header::ORIGIN).is_none_or(is_ours)
}

async fn read(request: Request) -> Option<Form> {
    let body = Limited::new(request.into_body(), FORM_BYTES_MAX);
    let arriving = tokio::time::timeout(std::time::Duration::from_secs(30), body.collect());
    Some(parse(&arriving.await.ok()?.ok()?.to_bytes()))
}

fn parse(bytes: &[u8]) -> Form {
    let mut form = Form::default();
    for (name, value) in form_urlencoded::parse(bytes) {
        match &*name {
            "code" => form.code = value.into_owned(),
            "token" => form.token = Zeroizing::new(value.into_owned()),
            "decision" => form.decision = value.into_owned(),
            _ => {}
        }
    }
    form
}

/// The page that a form is answered with when its code stands for something.
#[cfg(feature = "fuzz")]
pub(in crate::http) fn answered(form: &[u8], asked: &DeviceAsked) -> String {
    decision_form(&typed(&parse(form).code), asked)
}

fn page(status: StatusCode, inner: &str) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Sign in a device · Subrosa</title>\n\
         <link rel=\"stylesheet\" href=\"/device.css\">\n</head>\n<body>\n<main>\n\
         <h1>Sign in a device</h1>\n{inner}</main>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut put = |name, value| headers.insert(name, HeaderValue::from_static(value));
    put(header::CONTENT_TYPE, "text/html; charset=utf-8");
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    // Not `no-referrer`: with that, browsers say that this page's own form comes from nowhere.
    put(header::REFERRER_POLICY, "same-origin");
    put(header::X_FRAME_OPTIONS, "DENY");
    response
}

fn note(words: &str) -> String {
    format!("<p role=\"status\">{words}</p>\n")
}

fn code_form(code: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/device\">\n<label for=\"code\">The code your device shows</label>\n\
         <input id=\"code\" name=\"code\" value=\"{}\" required autocomplete=\"off\" autocapitalize=\"characters\" \
         spellcheck=\"false\">\n<button>Continue</button>\n</form>\n",
        escaped(code)
    )
}

fn decision_form(code: &str, asked: &DeviceAsked) -> String {
    let mut text = format!(
        "<p>A device that calls itself <strong>{}</strong> asks for a token",
        escaped(&asked.label)
    );
    if let Some(tenant) = &asked.tenant {
        // Nothing can fail in writing to text.
        let _ = write!(text, " of the tenant <strong>{}</strong>", escaped(tenant.as_str()));
    }
    let scopes = subrosa_api::v1::tokens::names(asked.scopes).join(", ");
    let _ = write!(
        text,
        ". It will speak for you.</p>\n<details><summary>What it asks for</summary><p>{}</p></details>\n\
         <p>Approve it only if the code <strong>{}</strong> is on a screen of yours now.</p>\n\
         <form method=\"post\" action=\"/device\">\n<input type=\"hidden\" name=\"code\" value=\"{}\">\n\
         <label for=\"token\">A token of yours that may mint tokens</label>\n\
         <input id=\"token\" name=\"token\" type=\"password\" required autocomplete=\"off\">\n\
         <button name=\"decision\" value=\"approve\">Approve</button>\n\
         <button name=\"decision\" value=\"deny\">Deny</button>\n</form>\n",
        escaped(&scopes),
        escaped(code),
        escaped(code)
    );
    text
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if planted!("fuzz-quote-unescaped") => out.push(c),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_says_of_itself_is_text_and_never_markup() {
        let hostile = "<script>alert(1)</script>\" onload='x' &amp;";
        let asked = DeviceAsked {
            label: hostile.into(),
            scopes: subrosa_domain::ScopeSet::NONE,
            tenant: None,
        };
        let html = decision_form(hostile, &asked);
        assert!(!html.contains("<script") && !html.contains("onload='"), "{html}");
        assert!(
            html.contains(
                "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;amp;"
            )
        );
    }

    #[test]
    fn forms_of_other_sites_are_told_by_what_the_browser_says() {
        let from = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_from_here(&headers, "https://secrets.acme.dev")
        };
        assert!(from(&[]));
        assert!(from(&[
            ("origin", "http://a:1"),
            ("host", "a:1"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(from(&[("origin", "https://secrets.acme.dev"), ("host", "a:1")]), "behind a proxy");
        assert!(!from(&[("origin", "http://b:1"), ("host", "a:1")]));
        assert!(!from(&[("origin", "http://secrets.acme.dev"), ("host", "a:1")]));
        assert!(!from(&[("origin", "http://a:1")]));
        assert!(!from(&[("origin", "a:1"), ("host", "a:1")]));
        assert!(!from(&[("origin", "null"), ("host", "a:1")]));
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(!from(&[("sec-fetch-site", "same-site")]));
    }
}
