//! Custom verbs: `…/secrets/{id}:publish`.
//!
//! The router knows one parameter a segment, so a verb after a parameter does not route. The edge therefore rewrites
//! the last segment `x:verb` of a path to the two segments `x/~verb`, for the verbs of this table alone. No outside
//! path can name such a segment ([`path`](super::path) refuses `~`), and the same table turns the routes back into
//! their public spelling for the OpenAPI document.

use http::{Uri, uri::PathAndQuery};

/// Every custom verb of every surface.
const VERBS: [&str; 10] = [
    "approve", "deny", "export", "generate", "part", "publish", "reveal", "rollback", "rotate",
    "verify",
];

/// The internal spelling of a path that ends in a custom verb; `None` when it does not.
pub(super) fn rewrite(uri: &Uri) -> Option<Uri> {
    let (head, verb) = uri.path().rsplit_once(':')?;
    if !VERBS.contains(&verb) || head.ends_with('/') || names_an_agent(head) {
        return None;
    }
    let internal = match uri.query() {
        Some(query) => format!("{head}/~{verb}?{query}"),
        None => format!("{head}/~{verb}"),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(internal).ok();
    Uri::from_parts(parts).ok()
}

/// Whether the last segment is an agent's id: the one name in a path that may hold a colon of its own.
fn names_an_agent(head: &str) -> bool {
    head.rsplit('/').nth(1) == Some("grants")
}

/// The public spelling of a route.
pub(super) fn public(route: &str) -> String {
    route.replacen("/~", ":", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(path: &str) -> Option<String> {
        rewrite(&path.parse().unwrap()).map(|uri| uri.to_string())
    }

    #[test]
    fn the_last_literal_verb_is_rewritten_and_reads_back() {
        let cases = [
            ("/v1/tenants/a/secrets/x:publish", "/v1/tenants/a/secrets/x/~publish"),
            ("/v1/tenants/a/tokens:generate?a=b", "/v1/tenants/a/tokens/~generate?a=b"),
            ("/v1/tenants/a/secrets/x:y:reveal", "/v1/tenants/a/secrets/x:y/~reveal"),
        ];
        for (outside, inside) in cases {
            assert_eq!(rewritten(outside).as_deref(), Some(inside));
            assert_eq!(public(inside), outside);
        }
    }

    #[test]
    fn nothing_else_is_a_verb() {
        for path in [
            "/v1/tenants/a/secrets/x",
            "/v1/tenants/a/secrets/x:destroy",
            "/v1/tenants/a/secrets/x%3Apublish",
            "/v1/tenants/a/secrets/:publish",
            "/v1/tenants/a/secrets/x:publish/",
            "/v1/tenants/a:b/secrets",
            "/v1/tenants/a/secrets/x/grants/agent:publish",
        ] {
            assert_eq!(rewritten(path), None, "{path}");
        }
    }
}
