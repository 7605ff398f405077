//! `role-bindings` and `authorize`: who may do what in groups.

use super::{parse, views};
use crate::http::{
    answer,
    extract::{AtHome, Body, ByRole, Ids, Query, Window, parse_id},
    problem::{Answer, Refusal},
};
use subrosa_api::{
    Code,
    truefoundry::{
        page::{Data, Done, Listed, page_of},
        roles::{
            self, Authorization, Authorize, BindingManifest, PutBinding, RoleBinding, Unauthorize,
        },
        virtual_accounts::Exists,
    },
};
use subrosa_app::{AppError, groups::RoleChange, role_bindings::BindingManifest as Manifest};
use subrosa_domain::{
    GroupId, Tenant,
    policy::{AdminGroups, AdminTenant, ReadSecrets},
};

/// The tenant's role bindings.
#[utoipa::path(get, path = "/api/svc/v1/role-bindings", tag = "truefoundry roles",
    security(("bearer" = ["tenant:admin"])), responses((status = 200, body = Listed<RoleBinding>)))]
pub(crate) async fn role_bindings_list(AtHome(who): AtHome<AdminTenant>, window: Window) -> Answer {
    let all = who.app.list_bindings(&who.permit).await.map_err(who.refusal())?;
    let shown: Vec<RoleBinding> = all.iter().filter_map(views::binding).collect();
    answer::json(&page_of(shown, window.offset, window.limit))
}

/// Makes a role binding, or replaces the one of that name.
#[utoipa::path(put, path = "/api/svc/v1/role-bindings", tag = "truefoundry roles",
    security(("bearer" = ["tenant:admin"])),
    request_body = PutBinding, responses((status = 200, body = Data<RoleBinding>)))]
pub(crate) async fn role_bindings_put(
    AtHome(who): AtHome<AdminTenant>,
    Body(body): Body<PutBinding>,
) -> Answer {
    put(who, body).await
}

/// The same under the name that some clients use.
#[utoipa::path(post, path = "/api/svc/v1/role-bindings/inline", tag = "truefoundry roles",
    security(("bearer" = ["tenant:admin"])),
    request_body = PutBinding, responses((status = 200, body = Data<RoleBinding>)))]
pub(crate) async fn role_bindings_inline(
    AtHome(who): AtHome<AdminTenant>,
    Body(body): Body<PutBinding>,
) -> Answer {
    put(who, body).await
}

async fn put(who: crate::http::extract::Home<AdminTenant>, body: PutBinding) -> Answer {
    let tenant = who.tenant().await?;
    let manifest = manifest(&body.manifest, &tenant)?;
    let dry_run = body.dry_run.unwrap_or(false);
    let put = who.app.put_binding(&who.op, &who.permit, &manifest, dry_run).await;
    let (_, after) = put.map_err(who.refusal())?;
    let data = views::binding(&after).ok_or(Refusal::code(Code::Internal))?;
    answer::json(&Data { data })
}

/// Whether there is a role binding of this name.
#[utoipa::path(get, path = "/api/svc/v1/role-bindings/exists", tag = "truefoundry roles",
    security(("bearer" = ["tenant:admin"])), params(("name" = Option<String>, Query)),
    responses((status = 200, body = Exists)))]
pub(crate) async fn role_bindings_exists(AtHome(who): AtHome<AdminTenant>, query: Query) -> Answer {
    let name = query.text("name")?.unwrap_or_default();
    let found = who.app.find_binding(&who.permit, name).await.map_err(who.refusal())?;
    answer::json(&Exists { exists: found.is_some() })
}

/// One role binding.
#[utoipa::path(get, path = "/api/svc/v1/role-bindings/{binding}", tag = "truefoundry roles",
    security(("bearer" = ["tenant:admin"])), responses((status = 200, body = Data<RoleBinding>)))]
pub(crate) async fn role_bindings_get(
    AtHome(who): AtHome<AdminTenant>,
    Ids(binding): Ids<String>,
) -> Answer {
    let id = parse_id(&binding)?;
    let found = who.app.show_binding(&who.permit, id).await.map_err(who.refusal())?;
    let data = views::binding(&found).ok_or(Refusal::code(Code::Internal))?;
    answer::json(&Data { data })
}

/// Takes back all that a role binding gives.
#[utoipa::path(delete, path = "/api/svc/v1/role-bindings/{binding}", tag = "truefoundry roles",
    security(("bearer" = ["tenant:admin"])), responses((status = 200, body = Done)))]
pub(crate) async fn role_bindings_delete(
    AtHome(who): AtHome<AdminTenant>,
    Ids(binding): Ids<String>,
) -> Answer {
    let id = parse_id(&binding)?;
    who.app.delete_binding(&who.op, &who.permit, id).await.map_err(who.refusal())?;
    answer::json(&Done {})
}

/// Who may do what in a group, by whichever way.
#[utoipa::path(get, path = "/api/svc/v1/authorize/{resourceType}/{group}", tag = "truefoundry roles",
    security(("bearer" = ["secrets:read"])), extensions(("x-role" = json!("viewer"))),
    responses((status = 200, body = Listed<Authorization>)))]
pub(crate) async fn authorize_get(
    ByRole(who): ByRole<ReadSecrets>,
    Ids((kind, group)): Ids<(String, String)>,
    window: Window,
) -> Answer {
    let id = group_id(&kind, &group)?;
    let all = who.app.group_roles(&who.permit, id).await.map_err(who.refusal())?;
    let shown = all.iter().map(|one| views::authorization(one, id)).collect();
    answer::json(&page_of(shown, window.offset, window.limit))
}

/// Gives roles in a group to those that are named; others keep theirs.
#[utoipa::path(post, path = "/api/svc/v1/authorize/{resourceType}/{group}", tag = "truefoundry roles",
    security(("bearer" = ["secrets:write"])), extensions(("x-role" = json!("admin"))),
    request_body = Authorize, responses((status = 200, body = Listed<Authorization>)))]
pub(crate) async fn authorize_give(
    ByRole(who): ByRole<AdminGroups>,
    Ids((kind, group)): Ids<(String, String)>,
    Body(body): Body<Authorize>,
) -> Answer {
    let id = group_id(&kind, &group)?;
    let named = parse::collaborators(&body.collaborators, "/collaborators")?;
    changed(who, id, RoleChange::Give(named)).await
}

/// Replaces a group's own list of who may do what.
#[utoipa::path(put, path = "/api/svc/v1/authorize/{resourceType}/{group}", tag = "truefoundry roles",
    security(("bearer" = ["secrets:write"])), extensions(("x-role" = json!("admin"))),
    request_body = Authorize, responses((status = 200, body = Listed<Authorization>)))]
pub(crate) async fn authorize_replace(
    ByRole(who): ByRole<AdminGroups>,
    Ids((kind, group)): Ids<(String, String)>,
    Body(body): Body<Authorize>,
) -> Answer {
    let id = group_id(&kind, &group)?;
    let named = parse::collaborators(&body.collaborators, "/collaborators")?;
    changed(who, id, RoleChange::Replace(named)).await
}

/// Takes those that are named off a group's own list.
#[utoipa::path(delete, path = "/api/svc/v1/authorize/{resourceType}/{group}", tag = "truefoundry roles",
    security(("bearer" = ["secrets:write"])), extensions(("x-role" = json!("admin"))),
    request_body = Unauthorize, responses((status = 200, body = Listed<Authorization>)))]
pub(crate) async fn authorize_take(
    ByRole(who): ByRole<AdminGroups>,
    Ids((kind, group)): Ids<(String, String)>,
    Body(body): Body<Unauthorize>,
) -> Answer {
    let id = group_id(&kind, &group)?;
    let named = body.subjects.iter().map(|text| parse::subject_ref(text, "/subjects"));
    changed(who, id, RoleChange::Take(named.collect::<Result<_, _>>()?)).await
}

async fn changed(
    who: crate::http::extract::Home<AdminGroups>,
    id: GroupId,
    change: RoleChange,
) -> Answer {
    let all = who.app.change_roles(&who.op, &who.permit, id, &change).await;
    let all = all.map_err(who.refusal())?;
    let shown: Vec<Authorization> = all.iter().map(|one| views::authorization(one, id)).collect();
    let length = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    answer::json(&page_of(shown, 0, length))
}

/// The group a path names: the one type of resource that has roles here.
fn group_id(kind: &str, group: &str) -> Result<GroupId, Refusal> {
    if kind == roles::RESOURCE { parse_id(group) } else { Err(Refusal::code(Code::NotFound)) }
}

/// A manifest in our own terms.
pub(super) fn manifest(body: &BindingManifest, tenant: &Tenant) -> Result<Manifest, Refusal> {
    if body.kind != BindingManifest::TYPE {
        return Err(AppError::invalid("/manifest/type", "must be role-binding").into());
    }
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = (3..=66).contains(&body.name.len())
        && body.name.bytes().all(inner)
        && body.name.starts_with(|c: char| c.is_ascii_lowercase())
        && !body.name.ends_with('-');
    if !fits {
        let message = "must be 3 to 66 lower-case letters, digits or '-', from a letter to no '-'";
        return Err(AppError::invalid("/manifest/name", message).into());
    }
    let subjects = body.subjects.iter();
    let subjects = subjects
        .map(|one| parse::subject_parts(&one.kind, &one.name, "/manifest/subjects"))
        .collect::<Result<_, _>>()?;
    let permission = |one: &subrosa_api::truefoundry::roles::BoundPermission| {
        let place = "/manifest/permissions";
        let group = parse::resource(&one.resource_type, &one.resource_fqn, tenant, place)?;
        Ok::<_, Refusal>((group, parse::role(&one.role, place)?))
    };
    Ok(Manifest {
        name: body.name.clone(),
        subjects,
        permissions: body.permissions.iter().map(permission).collect::<Result<_, _>>()?,
        text: serde_json::to_string(body)
            .map_err(|_| AppError::Internal("a manifest cannot be written"))?,
    })
}
