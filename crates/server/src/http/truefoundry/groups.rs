//! `secret-groups`: made, listed, shown, replaced and deleted. Never a value in an answer.

use super::{parse, views};
use crate::http::{
    answer,
    extract::{AtHome, Body, ByRole, Ids, Query, Window, parse_id},
    problem::{Answer, Refusal},
};
use subrosa_api::truefoundry::{
    groups::{CreateGroup, PutGroup, SecretGroup, UpdateGroup},
    page::{Data, Done, Listed, Pagination},
    reference,
};
use subrosa_app::groups::{CreateGroup as NewGroup, GroupItem, GroupQuery};
use subrosa_domain::policy::{AdminGroups, ReadSecrets, WriteSecrets};

/// Makes a group with its first secrets. Its maker is its administrator.
#[utoipa::path(post, path = "/api/svc/v1/secret-groups", tag = "truefoundry secret groups",
    security(("bearer" = ["secrets:write"])),
    request_body = CreateGroup, responses((status = 200, body = Data<SecretGroup>)))]
pub(crate) async fn secret_groups_create(
    AtHome(who): AtHome<WriteSecrets>,
    Body(body): Body<CreateGroup>,
) -> Answer {
    let tenant = who.tenant().await?;
    parse::integration_id(&body.integration_id, &tenant)?;
    let secret = |one: subrosa_api::truefoundry::groups::NewSecret| {
        Ok::<_, Refusal>((parse::key(&one.key)?, one.value.into_plaintext()))
    };
    let new = NewGroup {
        name: parse::group_name(&body.name, "/name")?,
        secrets: body.secrets.into_iter().map(secret).collect::<Result<_, _>>()?,
    };
    let made = who.app.create_group(&who.op, &who.permit, new).await.map_err(who.refusal())?;
    answer::json(&Data { data: views::group(&made, tenant.id) })
}

/// Makes the group that a manifest describes, or changes the one of its name. Values are left alone.
#[utoipa::path(put, path = "/api/svc/v1/secret-groups", tag = "truefoundry secret groups",
    security(("bearer" = ["secrets:write"])), extensions(("x-role" = json!("admin"))),
    request_body = PutGroup, responses((status = 200, body = Data<SecretGroup>)))]
pub(crate) async fn secret_groups_put(
    ByRole(who): ByRole<AdminGroups>,
    Body(body): Body<PutGroup>,
) -> Answer {
    let tenant = who.tenant().await?;
    let manifest = parse::manifest(&body.manifest, &tenant)?;
    let dry_run = body.dry_run.unwrap_or(false);
    let put = who.app.put_group(&who.op, &who.permit, &manifest, dry_run).await;
    answer::json(&Data { data: views::group(&put.map_err(who.refusal())?.after, tenant.id) })
}

/// The groups the caller may see.
#[utoipa::path(get, path = "/api/svc/v1/secret-groups", tag = "truefoundry secret groups",
    security(("bearer" = ["secrets:read"])), extensions(("x-role" = json!("viewer"))),
    params(("fqn" = Option<String>, Query), ("search" = Option<String>, Query),
        ("attributes" = Option<Vec<String>>, Query, description = "Accepted; answers are always whole.")),
    responses((status = 200, body = Listed<SecretGroup>)))]
pub(crate) async fn secret_groups_list(
    ByRole(who): ByRole<ReadSecrets>,
    query: Query,
    window: Window,
) -> Answer {
    let tenant = who.tenant().await?;
    let Window { limit, offset } = window;
    let pagination = |total| Pagination { total, offset, limit };
    let mut groups = GroupQuery { offset, limit, ..GroupQuery::default() };
    if let Some(fqn) = query.text("fqn")? {
        groups.name = reference::parse_group(tenant.slug.as_str(), fqn);
        // What names no group of the tenant is no group's: none, as for any other that is not there.
        if groups.name.is_none() {
            let none: Listed<SecretGroup> = Listed { data: Vec::new(), pagination: pagination(0) };
            return answer::json(&none);
        }
    }
    groups.search = query.text("search")?.map(str::to_owned);
    let found = who.app.list_groups(&who.permit, &groups).await.map_err(who.refusal())?;
    let data = found.items.iter().map(|view| views::group(view, tenant.id)).collect();
    answer::json(&Listed { data, pagination: pagination(found.total) })
}

/// One group.
#[utoipa::path(get, path = "/api/svc/v1/secret-groups/{group}", tag = "truefoundry secret groups",
    security(("bearer" = ["secrets:read"])), extensions(("x-role" = json!("viewer"))),
    responses((status = 200, body = Data<SecretGroup>)))]
pub(crate) async fn secret_groups_get(
    ByRole(who): ByRole<ReadSecrets>,
    Ids(group): Ids<String>,
) -> Answer {
    let id = parse_id(&group)?;
    let view = who.app.show_group(&who.permit, id).await.map_err(who.refusal())?;
    answer::json(&Data { data: views::group(&view, who.op.tenant_id) })
}

/// Replaces a group's set of secrets: a changed value is a new version, what is not named is deleted.
#[utoipa::path(put, path = "/api/svc/v1/secret-groups/{group}", tag = "truefoundry secret groups",
    security(("bearer" = ["secrets:write"])), extensions(("x-role" = json!("editor"))),
    request_body = UpdateGroup, responses((status = 200, body = Data<SecretGroup>)))]
pub(crate) async fn secret_groups_update(
    ByRole(who): ByRole<WriteSecrets>,
    Ids(group): Ids<String>,
    Body(body): Body<UpdateGroup>,
) -> Answer {
    let id = parse_id(&group)?;
    let item = |one: subrosa_api::truefoundry::groups::UpdatedSecret| {
        let value = one.value.map(subrosa_api::SecretValue::into_plaintext);
        Ok::<_, Refusal>(GroupItem::new(parse::key(&one.key)?, value))
    };
    let items = body.secrets.into_iter().map(item).collect::<Result<_, _>>()?;
    let view = who.app.replace_secrets(&who.op, &who.permit, id, items).await;
    answer::json(&Data { data: views::group(&view.map_err(who.refusal())?, who.op.tenant_id) })
}

/// Deletes a group with everything in it.
#[utoipa::path(delete, path = "/api/svc/v1/secret-groups/{group}", tag = "truefoundry secret groups",
    security(("bearer" = ["secrets:write"])), extensions(("x-role" = json!("admin"))),
    params(("forceDelete" = Option<bool>, Query,
        description = "Accepted; the store of values is this server's own, and never in the way.")),
    responses((status = 200, body = Done)))]
pub(crate) async fn secret_groups_delete(
    ByRole(who): ByRole<AdminGroups>,
    Ids(group): Ids<String>,
) -> Answer {
    let id = parse_id(&group)?;
    who.app.delete_group(&who.op, &who.permit, id).await.map_err(who.refusal())?;
    answer::json(&Done {})
}
