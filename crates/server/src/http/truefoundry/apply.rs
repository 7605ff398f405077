//! `apply` and `delete`: manifests of any type. Which type it is decides what it takes, so each goes the way its own
//! route goes.

use super::{parse, roles, views, virtual_accounts};
use crate::http::{
    answer,
    extract::{AtHome, Body, Home},
    problem::{Answer, Refusal},
};
use subrosa_api::{
    Code,
    truefoundry::{
        manifests::{Applied, AppliedData, Apply, Delete, Manifest, ShownManifest},
        page::Done,
    },
};
use subrosa_app::AppError;
use subrosa_domain::policy::{
    self, Action, AdminGroups, AdminTenant, Authenticated, Permit, WriteTokens,
};

/// Makes what a manifest describes, or changes it.
#[utoipa::path(put, path = "/api/svc/v1/apply", tag = "truefoundry manifests",
    security(("bearer" = [])), extensions(("x-role" = json!("by manifest"))),
    request_body = Apply, responses((status = 200, body = Applied)))]
pub(crate) async fn manifests_apply(
    AtHome(who): AtHome<Authenticated>,
    Body(body): Body<Apply>,
) -> Answer {
    let tenant = who.tenant().await?;
    let dry_run = body.dry_run.unwrap_or(false);
    let applied = match body.manifest {
        Manifest::Group(body) => {
            let permit = by_role(&who)?;
            let manifest = parse::manifest(&body, &tenant)?;
            let put = who.app.put_group(&who.op, &permit, &manifest, dry_run).await;
            let put = put.map_err(who.refusal())?;
            let before = put.before.map(|view| views::group(&view, tenant.id).manifest);
            let after = views::group(&put.after, tenant.id);
            Applied::new(before.map(ShownManifest::Group), AppliedData::Group(Box::new(after)))
        }
        Manifest::Account(body) => {
            let permit = permit::<WriteTokens>(&who)?;
            let manifest = virtual_accounts::manifest(&body, &tenant)?;
            let put = who.app.put_virtual_account(&who.op, &permit, &manifest, dry_run).await;
            let put = put.map_err(who.refusal())?;
            let now = who.op.now();
            let before = put.before.and_then(|view| views::account(&view, now).manifest);
            let after = views::account(&put.view, now);
            Applied::new(before.map(ShownManifest::Account), AppliedData::Account(Box::new(after)))
        }
        Manifest::Binding(body) => {
            let permit = permit::<AdminTenant>(&who)?;
            let manifest = roles::manifest(&body, &tenant)?;
            let put = who.app.put_binding(&who.op, &permit, &manifest, dry_run).await;
            let (before, after) = put.map_err(who.refusal())?;
            let shown = |row: &subrosa_domain::RoleBinding| {
                views::binding(row).ok_or(Refusal::code(Code::Internal))
            };
            let before = before.as_ref().map(shown).transpose()?;
            let before = before.map(|binding| ShownManifest::Binding(binding.manifest));
            Applied::new(before, AppliedData::Binding(Box::new(shown(&after)?)))
        }
    };
    answer::json(&applied)
}

/// Deletes what a manifest describes.
#[utoipa::path(post, path = "/api/svc/v1/delete", tag = "truefoundry manifests",
    security(("bearer" = [])), extensions(("x-role" = json!("by manifest"))),
    request_body = Delete, responses((status = 200, body = Done)))]
pub(crate) async fn manifests_delete(
    AtHome(who): AtHome<Authenticated>,
    Body(body): Body<Delete>,
) -> Answer {
    let tenant = who.tenant().await?;
    match body.manifest {
        Manifest::Group(body) => {
            let permit = by_role(&who)?;
            let name = parse::manifest(&body, &tenant)?.name;
            who.app.delete_group_named(&who.op, &permit, &name).await
        }
        Manifest::Account(body) => {
            let permit = permit::<WriteTokens>(&who)?;
            who.app.delete_virtual_account_named(&who.op, &permit, &body.name).await
        }
        Manifest::Binding(body) => {
            let permit = permit::<AdminTenant>(&who)?;
            match who.app.find_binding(&permit, &body.name).await {
                Ok(Some(found)) => who.app.delete_binding(&who.op, &permit, found.id).await,
                Ok(None) => return Err(Refusal::code(Code::NotFound)),
                Err(error) => Err(error),
            }
        }
    }
    .map_err(who.refusal())?;
    answer::json(&Done {})
}

/// What must be applied before what. Nothing here depends on anything, so there is no such list: the command line then
/// applies manifests in the order it has them.
#[utoipa::path(post, path = "/api/svc/v1/dependency-tree", tag = "truefoundry manifests",
    security(("bearer" = [])), responses((status = 404, description = "Always.")))]
pub(crate) async fn dependency_tree(AtHome(_who): AtHome<Authenticated>) -> Answer {
    Err(Refusal::code(Code::NotFound))
}

/// Leave to do what a manifest's type takes. A refusal is on record as any other.
fn permit<A: Action>(who: &Home<Authenticated>) -> Result<Permit<A>, Refusal> {
    let judged = policy::authorize(&who.op.caller, who.op.tenant_id);
    judged.map_err(|denied| refused(who, denied))
}

fn by_role(who: &Home<Authenticated>) -> Result<Permit<AdminGroups>, Refusal> {
    let judged = policy::authorize_by_role(&who.op.caller, who.op.tenant_id);
    judged.map_err(|denied| refused(who, denied))
}

fn refused(who: &Home<Authenticated>, denied: policy::Denied) -> Refusal {
    who.refusal()(AppError::from(denied))
}
