//! What use-cases answer, in the shapes of this surface.

use subrosa_api::{
    IsoTime,
    truefoundry::{
        groups::{Collaborator, GroupManifest, SecretGroup},
        reference,
        roles::{self, Authorization, BindingManifest, RoleBinding},
        secrets::Secret,
        subject::{self, Subject},
        virtual_accounts::{AccountManifest, Jwt, RoleWithResource, VirtualAccount},
    },
};
use subrosa_app::{
    groups::{Collaborator as Member, GroupView, ShownSecret, Subject as Known},
    virtual_accounts::AccountView,
};
use subrosa_domain::{
    self as domain, GroupId, IntegrationId, PrincipalKind, TenantId, Timestamp, Token, TokenKind,
};

/// A group.
pub(super) fn group(view: &GroupView, tenant: TenantId) -> SecretGroup {
    let slug = view.tenant.as_str();
    let own = view.collaborators.iter().filter(|one| one.own);
    let secrets = view.secrets.iter();
    SecretGroup {
        id: view.id.to_string(),
        fqn: reference::group(slug, &view.name),
        name: view.name.to_string(),
        tenant_name: slug.to_owned(),
        account_id: tenant.to_string(),
        integration_id: IntegrationId::built_in(tenant).to_string(),
        manifest: GroupManifest::new(slug, &view.name, own.map(collaborator).collect()),
        associated_secrets: secrets.map(|one| Secret::of_group(one, slug, &view.name)).collect(),
        created_by_subject: view
            .creator
            .as_ref()
            .map_or_else(|| Subject::by_name(&view.created_by), known),
        created_by: view.created_by.to_string(),
        created_at: view.created_at.into(),
        updated_at: view.modified_at.into(),
    }
}

fn collaborator(member: &Member) -> Collaborator {
    Collaborator {
        subject: subject::text(member.subject.kind, &member.subject.name),
        role_id: roles::id(member.role).to_owned(),
    }
}

fn known(subject: &Known) -> Subject {
    Subject::new(&subject.id.to_string(), subject.kind, &subject.name)
}

/// A secret, with its value if the use-case gave it.
pub(super) fn secret(shown: ShownSecret) -> Secret {
    let ShownSecret { secret, tenant, group, value, readers } = shown;
    Secret::shown(&secret, tenant.as_str(), &group, value.map(Into::into), readers)
}

/// Somebody's role in a group.
pub(super) fn authorization(member: &Member, group: GroupId) -> Authorization {
    Authorization {
        subject: known(&member.subject),
        role_id: roles::id(member.role),
        resource_type: roles::RESOURCE,
        resource_id: group.to_string(),
        is_collaborator: member.own,
    }
}

/// A virtual account.
pub(super) fn account(view: &AccountView, now: Timestamp) -> VirtualAccount {
    let account = &view.account;
    let current = view.current(now);
    let manifest = account.manifest.as_deref();
    VirtualAccount {
        id: account.id.to_string(),
        kind: AccountManifest::TYPE,
        tenant_name: view.tenant.to_string(),
        account_id: account.tenant_id.to_string(),
        manifest: manifest.and_then(|text| serde_json::from_str(text).ok()),
        name: account.name.to_string(),
        jwt_id: current.map(|token| token.id.to_string()),
        jwts: view.tokens.iter().map(jwt).collect(),
        created_by_subject: Subject::by_name(&account.created_by),
        created_by: account.created_by.to_string(),
        created_at: account.created_at.into(),
        updated_at: account.modified_at.into(),
        last_accessed_at: view
            .tokens
            .iter()
            .filter_map(|one| one.last_used_at)
            .max()
            .map(Into::into),
        is_expired: current.is_none(),
        roles_with_resource: view.roles.iter().map(role).collect(),
    }
}

fn role((group, _, role): &(GroupId, domain::GroupName, domain::Role)) -> RoleWithResource {
    RoleWithResource {
        role_id: roles::id(*role),
        role_name: roles::id(*role),
        resource_type: roles::RESOURCE,
        resource_id: group.to_string(),
    }
}

/// A personal access token in the shape of a virtual account, as the published API lists them.
pub(super) fn personal_token(token: &Token, tenant: &str, now: Timestamp) -> VirtualAccount {
    VirtualAccount {
        id: token.id.to_string(),
        kind: "personal-access-token",
        tenant_name: tenant.to_owned(),
        account_id: token.tenant_id.to_string(),
        manifest: None,
        name: token.name.to_string(),
        jwt_id: Some(token.id.to_string()),
        jwts: vec![jwt(token)],
        created_by_subject: Subject::by_name(&token.created_by),
        created_by: token.created_by.to_string(),
        created_at: token.created_at.into(),
        updated_at: token.modified_at.into(),
        last_accessed_at: token.last_used_at.map(Into::into),
        is_expired: !token.works_at(now),
        roles_with_resource: Vec::new(),
    }
}

fn jwt(token: &Token) -> Jwt {
    let (kind, token_type) = match token.kind {
        TokenKind::VirtualAccount => (PrincipalKind::VirtualAccount, "jwt"),
        _ => (PrincipalKind::User, "opaque"),
    };
    let never = Timestamp::from_micros(i64::MAX);
    Jwt {
        id: token.id.to_string(),
        subject_type: subject::word(kind),
        subject_id: token.principal_id.to_string(),
        token_type,
        expiry: IsoTime::from(token.expires_at.unwrap_or(never)),
        created_at: token.created_at.into(),
        updated_at: token.modified_at.into(),
    }
}

/// A role binding, if its manifest can be read.
pub(super) fn binding(binding: &domain::RoleBinding) -> Option<RoleBinding> {
    let manifest: BindingManifest = serde_json::from_str(&binding.manifest).ok()?;
    Some(RoleBinding {
        id: binding.id.to_string(),
        name: binding.name.to_string(),
        account_id: binding.tenant_id.to_string(),
        manifest,
        created_by_subject: Subject::by_name(&binding.created_by),
        created_at: binding.created_at.into(),
        updated_at: binding.modified_at.into(),
    })
}
