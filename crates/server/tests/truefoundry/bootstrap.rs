//! What the command line asks before anything else, and who it is told that it is.

use crate::{
    STORE,
    cast::{account, makes, member, service, shares},
    holders::personal,
    issuer::{Issuer, vouches},
};
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, TestServer, id_of, shape};

const BASE: &str = "/api/svc/v1";

/// Which tenant a host is for.
async fn tenant_of(server: &TestServer, query: &str) -> String {
    let answer = server.stranger().get(&format!("{BASE}/tenant-id{query}")).await.expect(200);
    assert_eq!(shape(&answer), ["auth_server_url: string", "tenantName: string"]);
    assert_eq!(answer["auth_server_url"], "", "signing in is this server's own business");
    answer["tenantName"].as_str().unwrap().to_owned()
}

async fn session(who: &Actor) -> Value {
    who.get(&format!("{BASE}/session")).await.expect(200)
}

#[tokio::test]
async fn anyone_is_told_which_versions_are_served() {
    let server = TestServer::start().await;
    let answer = server.stranger().get(&format!("{BASE}/min-cli-version")).await.expect(200);
    let expected = json!({ "minVersion": "0.0.1", "truefoundryCliMinVersion": "0.0.1",
        "useSFYServerAuthAPIs": true });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_host_is_for_the_configured_tenant_or_the_only_one_or_default() {
    let hosts = [("secrets.acme.dev", "acme"), ("10.0.0.1:8443", "globex")];
    let server = TestServer::start_hosting(&hosts).await;
    assert_eq!(tenant_of(&server, "").await, "default", "the only one there is");
    server.tenant("acme").await;
    server.operator().delete("/v1/tenants/default").await.expect(204);
    for query in ["", "?hostName=127.0.0.1%3A8080", "?hostName=globex.dev"] {
        assert_eq!(tenant_of(&server, query).await, "acme", "the only one by now: {query}");
    }
    server.tenant("initech").await;
    for query in ["", "?hostName=initech", "?hostName=initech.acme.dev", "?hostName=acme"] {
        assert_eq!(tenant_of(&server, query).await, "default", "which tells nothing: {query}");
    }
    for query in ["?hostName=secrets.acme.dev", "?hostName=Secrets.ACME.dev"] {
        assert_eq!(tenant_of(&server, query).await, "acme", "{query}");
    }
    assert_eq!(tenant_of(&server, "?hostName=10.0.0.1%3A8443").await, "globex");
    assert_eq!(tenant_of(&server, "?hostName=10.0.0.1").await, "default", "ports count");
    for name in ["host", "x-forwarded-host", "forwarded", "x-tenant"] {
        let request = Request::get(format!("{BASE}/tenant-id")).header(name, "secrets.acme.dev");
        let reply = server.stranger().send_whole(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.expect(200)["tenantName"], "default", "never by {name}");
    }
}

#[tokio::test]
async fn a_session_says_who_one_is_and_where() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let laptop = personal(&server, &admin, "laptop").await;
    let known = session(&laptop).await;
    assert_eq!(shape(&known), ["tenantInfo: object", "user: object"]);
    let expected = ["email: null", "subject: object", "subjectSlug: string", "tenantName: string"];
    assert_eq!(shape(&known["user"]), expected);
    assert_eq!(known, session(&admin).await, "a token is not a person");
    let named = [&known["user"]["tenantName"], &known["tenantInfo"]["tenantName"]];
    assert_eq!(named, ["default", "default"]);

    let group = id_of(&makes(&admin, "prod", &[]).await);
    shares(&admin, &group, &[("user:ana@acme.dev", "viewer")]).await;
    let ana = member(&server, &admin, "ana@acme.dev").await;
    let ci = account(&server, &admin, "ci", &[]).await;
    let bot = service(&server, "bot", &[]).await;
    for (who, kind, name, email) in [
        (&admin, "user", "operator", json!(null)),
        (&ana, "user", "ana@acme.dev", json!("ana@acme.dev")),
        (&ci, "virtualaccount", "ci", json!(null)),
        (&bot, "serviceaccount", "bot", json!(null)),
    ] {
        let user = session(who).await["user"].clone();
        let subject = &user["subject"];
        let said = [&subject["subjectType"], &subject["subjectSlug"], &user["subjectSlug"]];
        assert_eq!(said, [kind, name, name]);
        assert_eq!(user["email"], email);
        assert!(subject["subjectId"].as_str().unwrap().len() == 36);
    }
    for nobody in [server.stranger(), server.with_token("tfy_nonsense")] {
        let refused = nobody.get(&format!("{BASE}/session")).await.expect(401);
        assert!(refused["message"].is_string(), "which the command line shows");
    }
}

#[tokio::test]
async fn a_user_of_an_issuer_has_a_session_too() {
    let (server, issuer) = Issuer::trusted().await;
    let ana = issuer.signs_in(&server, vouches("corp", "u-1", "ana@acme.dev"));
    let user = session(&ana).await["user"].clone();
    assert_eq!(
        (&user["email"], &user["subjectSlug"]),
        (&json!("ana@acme.dev"), &json!("ana@acme.dev"))
    );
}

#[tokio::test]
async fn every_tenant_has_one_store_with_an_id_that_stays() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let nobody = server.token("default", &[]).await;
    let lists =
        async |who: &Actor, path: &str| who.get(&format!("{BASE}/{path}")).await.expect(200);
    let listed = lists(&nobody, "provider-integrations").await;
    assert_eq!(listed["pagination"], json!({ "total": 1, "offset": 0, "limit": 100 }));
    let store = &listed["data"][0];
    assert_eq!((&store["fqn"], &store["tenantName"]), (&json!(STORE), &json!("default")));
    assert_eq!(store["manifest"]["type"], "integration/secret-store/truefoundry/db");
    let accounts = lists(&nobody, "provider-accounts").await;
    let provider = &accounts["data"][0];
    assert_eq!(
        (&provider["provider"], &provider["integrations"][0]),
        (&json!("truefoundry"), store)
    );
    assert_eq!(store["providerAccountFqn"], provider["fqn"]);
    for path in ["provider-integrations", "provider-accounts"] {
        for (query, found) in
            [("?type=secret-store", 1), ("?type=docker-registry", 0), ("?offset=1", 0)]
        {
            let listed = lists(&nobody, &format!("{path}{query}")).await;
            assert_eq!(listed["data"].as_array().unwrap().len(), found, "{path}{query}");
        }
        server.stranger().get(&format!("{BASE}/{path}")).await.expect(401);
    }
    let there = lists(&server.admin("acme").await, "provider-integrations").await;
    assert_ne!(there["data"][0]["id"], store["id"]);
    assert_eq!(there["data"][0]["fqn"], "acme:truefoundry:subrosa:secret-store:built-in");
    let server = server.restart().await;
    let again = lists(&server.with_token(nobody.token().unwrap()), "provider-integrations").await;
    assert_eq!(again, listed);
}
