//! `authorize`: who may do what in one group.

use crate::{
    NOBODY,
    cast::{
        account, asks_for, authorize_at, faults, listed_in, makes, member, names_of, outsider,
        people,
    },
};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, Reply, TestServer, id_of, shape};

/// What an answer says: `ana@acme.dev viewer`, sorted; roles given in another way than by the list in brackets.
fn said(reply: &Reply) -> Vec<String> {
    let answer = reply.expect(200);
    let all = answer["data"].as_array().unwrap();
    assert_eq!(answer["pagination"]["total"], all.len());
    let say = |one: &Value| {
        let slug = one["subject"]["subjectSlug"].as_str().unwrap();
        let role = one["roleId"].as_str().unwrap().strip_prefix("secret-group-").unwrap();
        if one["isCollaborator"] == true {
            format!("{slug} {role}")
        } else {
            format!("[{slug} {role}]")
        }
    };
    let mut all: Vec<String> = all.iter().map(say).collect();
    all.sort();
    all
}

async fn gives(who: &Actor, group: &str, named: &[(&str, &str)]) -> Reply {
    who.post(&authorize_at(group), json!({ "collaborators": people(named) })).await
}

async fn takes(who: &Actor, group: &str, subjects: &[&str]) -> Reply {
    let body = json!({ "subjects": subjects }).to_string().into_bytes();
    who.send(Method::DELETE, &authorize_at(group), Some(body)).await
}

#[tokio::test]
async fn roles_are_given_changed_and_taken_one_by_one_and_others_keep_theirs() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "prod", &[]).await);
    let (ana, ben) = ("user:ana@acme.dev", "user:ben@acme.dev");
    let own = "operator admin".to_owned();
    let given = gives(&admin, &group, &[(ana, "viewer"), (ben, "editor")]).await;
    assert_eq!(said(&given), ["ana@acme.dev viewer", "ben@acme.dev editor", &own]);
    let given = gives(&admin, &group, &[(ana, "editor")]).await;
    assert_eq!(said(&given), ["ana@acme.dev editor", "ben@acme.dev editor", &own]);
    let given = gives(&admin, &group, &[(ana, "viewer")]).await;
    assert_eq!(said(&given)[0], "ana@acme.dev viewer", "a role is lowered as well as raised");
    let given = gives(&admin, &group, &[(ana, "viewer"), ("user:ANA@acme.dev", "admin")]).await;
    assert_eq!(said(&given)[0], "ana@acme.dev admin", "of two for one, the higher");
    let taken = takes(&admin, &group, &[ben, ben]).await;
    assert_eq!(said(&taken), ["ana@acme.dev admin", &own]);
    let shown = admin.get(&authorize_at(&group)).await;
    assert_eq!(said(&shown), said(&taken));
    let shown = admin.get(&crate::cast::group_at(&group)).await.expect(200)["data"].clone();
    let listed = ["user:ana@acme.dev secret-group-admin", "user:operator secret-group-admin"];
    assert_eq!(listed_in(&shown), listed);
    let body = json!({ "collaborators": people(&[(ben, "admin")]) });
    let put = admin.puts(&authorize_at(&group), body).await;
    assert_eq!(said(&put), ["ben@acme.dev admin"]);
}

#[tokio::test]
async fn an_answer_has_every_member_and_says_which_way_a_role_was_given() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "prod", &[]).await);
    account(&server, &admin, "ci", &[("prod", "editor")]).await;
    let shown = admin.get(&authorize_at(&group)).await;
    assert_eq!(said(&shown), ["[ci editor]", "operator admin"]);
    let one = shown.json()["data"][0].clone();
    let expected = [
        "isCollaborator: boolean",
        "resourceId: string",
        "resourceType: string",
        "roleId: string",
        "subject: object",
    ];
    assert_eq!(shape(&one), expected);
    assert_eq!((&one["resourceId"], &one["resourceType"]), (&json!(group), &json!("secret-group")));
    let rows = server.rows();
    let kept = takes(&admin, &group, &["virtualaccount:ci"]).await;
    assert_eq!(
        said(&kept),
        ["[ci editor]", "operator admin"],
        "what its manifest gives is not this list's"
    );
    assert_eq!(server.rows(), rows);
    let page = admin.get(&format!("{}?limit=1&offset=1", authorize_at(&group))).await.expect(200);
    assert_eq!(page["pagination"], json!({ "total": 2, "offset": 1, "limit": 1 }));
    let refused = admin.get(&format!("{}?limit=0", authorize_at(&group))).await;
    assert_eq!(faults(&refused), ["limit"]);
}

#[tokio::test]
async fn somebody_always_administers_a_group() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "prod", &[]).await);
    let own = ["operator admin"];
    assert_eq!(said(&takes(&admin, &group, &["user:operator"]).await), own);
    assert_eq!(said(&gives(&admin, &group, &[("user:operator", "viewer")]).await), own);
    gives(&admin, &group, &[("user:ana@acme.dev", "admin")]).await.expect(200);
    let gone = takes(&admin, &group, &["user:operator"]).await;
    assert_eq!(said(&gone), ["ana@acme.dev admin"]);
    let back = takes(&admin, &group, &["user:ana@acme.dev"]).await;
    assert_eq!(said(&back), own);
}

#[tokio::test]
async fn naming_somebody_to_be_taken_off_makes_nobody_a_user() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "prod", &[]).await);
    gives(&admin, &group, &[("user:ana@acme.dev", "viewer")]).await.expect(200);
    takes(&admin, &group, &["user:ana@acme.dev", "user:nobody@acme.dev"]).await.expect(200);
    takes(&admin, &group, &["user:nobody@acme.dev"]).await.expect(200);
    let users = server.operator().events("action=user.create").await;
    let names: Vec<&Value> = users.iter().map(|event| &event["resource"]["key"]).collect();
    assert_eq!(names, ["ana@acme.dev"]);
    assert_eq!(takes(&admin, &group, &["team:ops"]).await.refused(422), "unprocessable");
}

#[tokio::test]
async fn an_administrator_of_one_group_is_nobody_in_another() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (mine, theirs) =
        (id_of(&makes(&admin, "mine", &[]).await), id_of(&makes(&admin, "theirs", &[]).await));
    gives(&admin, &mine, &[("user:eve@acme.dev", "admin")]).await.expect(200);
    let eve = member(&server, &admin, "eve@acme.dev").await;
    let rows = server.rows();
    assert_eq!(
        gives(&eve, &theirs, &[("user:eve@acme.dev", "admin")]).await.refused(404),
        "not-found"
    );
    assert_eq!(takes(&eve, &theirs, &["user:operator"]).await.refused(404), "not-found");
    assert_eq!(eve.get(&authorize_at(&theirs)).await.refused(404), "not-found");
    assert_eq!(server.rows(), rows);
    gives(&eve, &mine, &[("user:mate@acme.dev", "viewer")]).await.expect(200);
    let mate = member(&server, &admin, "mate@acme.dev").await;
    assert_eq!(names_of(&mate, "").await, ["mine"]);
    assert_eq!(
        gives(&mate, &mine, &[("user:mate@acme.dev", "admin")]).await.refused(403),
        "missing-role"
    );
    assert_eq!(asks_for(&eve, "new", &[]).await.refused(403), "missing-scope");
}

#[tokio::test]
async fn only_groups_have_roles() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "prod", &[]).await);
    outsider(&server, &admin, "ana@acme.dev").await;
    let body = json!({ "collaborators": people(&[("user:ana@acme.dev", "viewer")]) });
    for (kind, id) in [
        ("secret", &*group),
        ("cluster", &group),
        ("Secret-Group", &group),
        ("secret-group", NOBODY),
        ("secret-group", "prod"),
        ("secret-group", "default:prod"),
    ] {
        let at = format!("/api/svc/v1/authorize/{kind}/{id}");
        assert_eq!(admin.get(&at).await.refused(404), "not-found", "{kind} {id}");
        assert_eq!(admin.post(&at, body.clone()).await.refused(404), "not-found", "{kind} {id}");
    }
    for odd in [json!({}), json!({ "collaborators": null }), json!({ "collaborators": [{}] })] {
        let refused = admin.post(&authorize_at(&group), odd.clone()).await;
        assert_eq!(refused.refused(422), "unprocessable", "{odd}");
    }
}
