//! Role bindings: roles for several principals in several groups, given and taken back together under one name.
//!
//! What a binding gives stands in the groups' own rows, which alone decide; the binding's row remembers what was asked
//! for, so that it can be told and taken back.

use crate::{
    app::App,
    context::Op,
    error::AppError,
    groups::{SubjectRef, check_members, is_race},
    limits,
    secrets::Tries,
};
use subrosa_domain::{
    BindingId, Change, Group, GroupName, MemberSource, PrincipalId, Role, RoleBinding, RowSeal,
    audit::{AuditAction, AuditEvent, Resource, ResourceKind},
    policy::{AdminTenant, Permit},
};

/// What a role binding is to give.
#[derive(Clone, Debug)]
pub struct BindingManifest {
    /// Its name, unique in the tenant.
    pub name: String,
    /// To whom.
    pub subjects: Vec<SubjectRef>,
    /// Which role in which group.
    pub permissions: Vec<(GroupName, Role)>,
    /// The whole of it in the words of the surface that made it, to be told again.
    pub text: String,
}

/// What a commit needs.
#[derive(Default)]
struct Plan {
    changes: Vec<Change>,
    events: Vec<AuditEvent>,
}

impl App {
    /// Makes a role binding, or replaces the one of that name. Answers it as it was and as it is.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a group that is not there, the group `default` and subjects that cannot be; faults of
    /// the store.
    pub async fn put_binding(
        &self,
        op: &Op,
        permit: &Permit<AdminTenant>,
        manifest: &BindingManifest,
        dry_run: bool,
    ) -> Result<(Option<RoleBinding>, RoleBinding), AppError> {
        let mut tries = Tries::default();
        loop {
            match self.try_put_binding(op, permit, manifest, dry_run).await {
                Err(error) if is_race(&error) && tries.again() => {}
                Err(AppError::Exists(_)) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_put_binding(
        &self,
        op: &Op,
        permit: &Permit<AdminTenant>,
        manifest: &BindingManifest,
        dry_run: bool,
    ) -> Result<(Option<RoleBinding>, RoleBinding), AppError> {
        let tenant = permit.tenant_id();
        let before = self.tenant(tenant).binding_by_name(&manifest.name).await?;
        let before = before.map(|row| self.verified(row)).transpose()?;
        let mut binding = before.clone().unwrap_or_else(|| RoleBinding {
            id: BindingId::fresh(&*self.ids),
            tenant_id: tenant,
            name: manifest.name.as_str().into(),
            manifest: Box::default(),
            created_by: (&*op.caller.name).into(),
            created_at: op.now(),
            modified_at: op.now(),
            row_version: 0,
            seal: RowSeal::UNSEALED,
        });
        binding.manifest = manifest.text.as_str().into();
        binding.modified_at = op.now();
        binding.row_version += 1;
        let binding = self.sealed(binding);
        let subjects: Vec<&SubjectRef> = manifest.subjects.iter().collect();
        let resolved = self.resolve(op, &subjects).await?;
        let mut plan = Plan { changes: resolved.changes, events: resolved.events };
        self.plan_groups(op, &binding, &resolved.ids, &manifest.permissions, &mut plan).await?;
        if !dry_run {
            plan.changes.push(match &before {
                Some(_) => Change::BindingUpdate(binding.clone()),
                None => Change::BindingInsert(binding.clone()),
            });
            plan.events.push(self.binding_event(op, AuditAction::RoleBindingPut, &binding));
            self.commit(tenant, plan.changes, plan.events).await?;
        }
        Ok((before, binding))
    }

    /// Takes back all a binding gives, and the binding.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn delete_binding(
        &self,
        op: &Op,
        permit: &Permit<AdminTenant>,
        id: BindingId,
    ) -> Result<(), AppError> {
        let mut tries = Tries::default();
        loop {
            let mut binding = self.show_binding(permit, id).await?;
            let mut plan = Plan::default();
            self.plan_groups(op, &binding, &[], &[], &mut plan).await?;
            // Changed first, which fails if somebody else did since: a group it gained meanwhile would keep its roles.
            binding.modified_at = op.now();
            binding.row_version += 1;
            let binding = self.sealed(binding);
            plan.changes.push(Change::BindingUpdate(binding.clone()));
            plan.changes.push(Change::BindingErase(id));
            plan.events.push(self.binding_event(op, AuditAction::RoleBindingDelete, &binding));
            match self.commit(permit.tenant_id(), plan.changes, plan.events).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done.map(|_| ()),
            }
        }
    }

    /// One role binding.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn show_binding(
        &self,
        permit: &Permit<AdminTenant>,
        id: BindingId,
    ) -> Result<RoleBinding, AppError> {
        let found = self.tenant(permit.tenant_id()).binding(id).await?;
        self.verified(found.ok_or(AppError::NOT_FOUND)?)
    }

    /// The role binding of this name, if there is one.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn find_binding(
        &self,
        permit: &Permit<AdminTenant>,
        name: &str,
    ) -> Result<Option<RoleBinding>, AppError> {
        let found = self.tenant(permit.tenant_id()).binding_by_name(name).await?;
        found.map(|row| self.verified(row)).transpose()
    }

    /// Every role binding of the tenant, oldest first.
    ///
    /// # Errors
    /// [`AppError::UsePaging`] beyond [`limits::LIST_MAX`]; faults of the store.
    pub async fn list_bindings(
        &self,
        permit: &Permit<AdminTenant>,
    ) -> Result<Vec<RoleBinding>, AppError> {
        let rows = self.tenant(permit.tenant_id()).bindings(None, limits::COUNT_MAX).await?;
        if rows.len() > limits::LIST_MAX as usize {
            return Err(AppError::UsePaging);
        }
        self.all_verified(rows)
    }

    /// The groups a binding touches, as they are to be.
    async fn plan_groups(
        &self,
        op: &Op,
        binding: &RoleBinding,
        subjects: &[PrincipalId],
        permissions: &[(GroupName, Role)],
        plan: &mut Plan,
    ) -> Result<(), AppError> {
        let bound = self.tenant(op.tenant_id).groups_bound(binding.id).await?;
        let mut groups = self.all_verified(bound)?;
        for (name, _) in permissions {
            if groups.iter().all(|group| group.name != *name) {
                let found = self.group_named(op.tenant_id, name).await?;
                groups.push(found.ok_or_else(|| {
                    let message = "must name groups that are there, and not default";
                    AppError::invalid("/manifest/permissions", message)
                })?);
            }
        }
        let source = MemberSource::Binding(binding.id);
        for mut group in groups {
            let before = group.members().to_vec();
            let roles = permissions.iter().filter(|(name, _)| *name == group.name);
            let roles: Vec<_> =
                roles.flat_map(|(_, role)| subjects.iter().map(|id| (*id, *role))).collect();
            group.give(source, roles);
            if group.members() == before {
                continue;
            }
            check_members(&group)?;
            group.touch(op.now());
            let group: Group = self.sealed(group);
            plan.events.push(self.group_event(op, AuditAction::GroupRoles, &group));
            plan.changes.push(Change::GroupUpdate(group));
        }
        Ok(())
    }

    fn binding_event(&self, op: &Op, action: AuditAction, binding: &RoleBinding) -> AuditEvent {
        let id = binding.id.as_bytes();
        let about = Resource::named(ResourceKind::RoleBinding, id, &binding.name);
        op.event(&*self.ids, action, about)
    }
}
