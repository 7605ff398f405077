//! The API's description: it is what is in the tree, it is whole, and values appear in it where they may.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use std::{collections::BTreeSet, fs, path::PathBuf};
use subrosa_domain::audit::Surface;
use subrosa_server::http::openapi;
use subrosa_testkit::document::operations;

fn in_the_tree() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json")
}

#[test]
fn the_description_in_the_tree_is_that_of_the_routes() {
    let made = format!("{:#}\n", openapi::document());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(in_the_tree(), &made).unwrap();
    }
    let kept = fs::read_to_string(in_the_tree()).unwrap_or_default();
    let same = kept == made;
    let first = kept.lines().zip(made.lines()).position(|(kept, made)| kept != made);
    assert!(
        same,
        "openapi.json differs from line {} on. If the routes are right, make it anew:\n\
         UPDATE_OPENAPI=1 cargo test -p subrosa-server --test openapi",
        first.map_or(0, |line| line + 1),
    );
}

#[test]
fn it_is_openapi_3_1_and_every_operation_says_what_it_answers_and_refuses() {
    let document = openapi::document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(!path.contains('~'), "{path}: the internal spelling of a verb");
        for (method, operation) in methods.as_object().unwrap() {
            let what = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{what}: {id} twice");
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{what}");
            let responses = operation["responses"].as_object().unwrap();
            // The published client takes 404 there for "apply it all", and answers nothing else any better.
            let never = path == "/api/svc/v1/dependency-tree";
            assert!(responses.keys().any(|status| status.starts_with('2')) != never, "{what}");
            assert_eq!(responses["default"]["$ref"], "#/components/responses/Problem", "{what}");
            let security = operation["security"].as_array().unwrap_or_else(|| panic!("{what}"));
            for scheme in security.iter().flat_map(|way| way.as_object().unwrap().keys()) {
                let schemes = &document["components"]["securitySchemes"];
                assert!(schemes[scheme]["description"].is_string(), "{what}: {scheme}");
                assert!(responses.contains_key("401") && responses.contains_key("403"), "{what}");
            }
            let described: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let named: BTreeSet<&str> =
                path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
            assert_eq!(described, named, "{what}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = openapi::document();
    let mut references = Vec::new();
    collect(&document, "$ref", &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// Every value kept under `name` anywhere below.
fn collect(value: &Value, name: &str, found: &mut Vec<Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name).cloned());
            members.values().for_each(|member| collect(member, name, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, name, found)),
        _ => {}
    }
}

#[test]
fn every_custom_verb_is_described() {
    let verbs: BTreeSet<String> = operations()
        .iter()
        .filter_map(|one| one.path.rsplit_once(':'))
        .map(|(_, verb)| verb.to_owned())
        .collect();
    let source = include_str!("../src/http/verbs.rs");
    let table = source.split("const VERBS").nth(1).unwrap().split(';').nth(1).unwrap();
    let known: BTreeSet<String> = table.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(known.len() >= 6, "{known:?}");
    assert_eq!(verbs, known);
}

#[test]
fn bodies_are_closed_but_those_of_clients_that_send_more_than_is_read() {
    for operation in operations() {
        if let Some(body) = &operation.body {
            let open = operation.surface() == Surface::Truefoundry;
            assert_eq!(body["additionalProperties"] != false, open, "{}", operation.name());
        }
    }
}

/// The schemas an answer can hold, by following references from it.
fn reached(document: &Value, from: &Value, seen: &mut BTreeSet<String>) {
    let mut references = Vec::new();
    collect(from, "$ref", &mut references);
    for reference in references {
        let reference = reference.as_str().unwrap().to_owned();
        if seen.insert(reference.clone()) {
            let schema = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
            reached(document, &schema.clone(), seen);
        }
    }
}

/// Members that carry a value or a token, of one answer: by their format and by their names.
fn carried(document: &Value, answer: &Value) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    reached(document, answer, &mut seen);
    let mut carried = BTreeSet::new();
    let whole = |kind: &Value| {
        let schema = kind["schema"].to_string();
        ["SecretValue", "ShownToken", "BareValue"].iter().any(|one| schema.contains(one))
    };
    if answer["content"].as_object().is_some_and(|kinds| kinds.values().any(whole)) {
        carried.insert("(the whole body)".to_owned());
    }
    let schemas = seen.iter().filter_map(|one| document.pointer(one.strip_prefix('#')?));
    for schema in schemas.chain([answer]) {
        let mut properties = Vec::new();
        collect(schema, "properties", &mut properties);
        for (name, member) in properties.iter().flat_map(|one| one.as_object().unwrap()) {
            let text = member.to_string();
            let by_format = ["\"password\"", "\"byte\""].iter().any(|format| text.contains(format));
            let by_schema =
                ["SecretValue", "SecretBase64", "ShownToken"].iter().any(|one| text.contains(one));
            let by_name = ["value", "valueBase64", "secret", "plaintext", "password"]
                .contains(&name.as_str());
            if by_format || by_schema || by_name {
                carried.insert(name.clone());
            }
        }
    }
    carried
}

#[test]
fn values_and_tokens_are_in_the_answers_that_exist_to_show_them_and_in_no_other() {
    let document = openapi::document();
    let mut shown = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let members = carried(&document, answer);
                if !members.is_empty() {
                    let members: Vec<String> = members.into_iter().collect();
                    shown.insert(format!("{status} {method} {path}: {}", members.join(" ")));
                }
            }
        }
    }
    // Those of groups have the members and never a value in them: they are null.
    let expected = [
        "200 get /api/svc/v1/personal-access-tokens/{token}: token",
        "200 get /api/svc/v1/secret-groups/{group}: value valueBase64",
        "200 get /api/svc/v1/secret-groups: value valueBase64",
        "200 get /api/svc/v1/secrets/{secret}: data value valueBase64",
        "200 get /api/svc/v1/virtual-accounts/{account}/token: token",
        "200 get /api/{tenant}/secrets/{key}: (the whole body)",
        "200 get /v1/deviceAuthorizations/{deviceCode}: apiKey",
        "200 post /api/svc/v1/oauth2/device-authorize: deviceCode",
        "200 post /api/svc/v1/personal-access-tokens/for-user: token",
        "200 post /api/svc/v1/personal-access-tokens: token",
        "200 post /api/svc/v1/secret-groups: value valueBase64",
        "200 post /api/svc/v1/secrets: data value valueBase64",
        "200 post /api/svc/v1/virtual-accounts/{account}/regenerate-token: token",
        "200 post /v1/tenants/{tenant}/secrets/{secret}:reveal: value valueBase64",
        "200 post /v1/tenants/{tenant}/secrets:reveal: value valueBase64",
        "200 post /v1/tenants/{tenant}/serviceAccounts/{account}:rotate: token",
        "200 post /v1/tenants/{tenant}/tokens/{token}:rotate: token",
        "200 put /api/svc/v1/apply: value valueBase64",
        "200 put /api/svc/v1/secret-groups/{group}: value valueBase64",
        "200 put /api/svc/v1/secret-groups: value valueBase64",
        "200 put /api/svc/v1/virtual-accounts: token",
        "201 post /api/svc/v1/oauth2/token: accessToken",
        "201 post /api/{tenant}/admin/apiKeys: token",
        "201 post /v1/deviceAuthorizations: deviceCode",
        "201 post /v1/tenants/{tenant}/serviceAccounts: token",
        "201 post /v1/tenants/{tenant}/tokens:generate: token",
    ];
    assert_eq!(shown.into_iter().collect::<Vec<_>>(), expected);
}
