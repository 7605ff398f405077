//! Groups: secrets that belong together, and who may do what with them.
//!
//! Who has which role stands in the group's own sealed row, whichever way the role was given, so that one row decides
//! and one change replaces the whole of it. The group `default` has no row: there, scopes decide.

use crate::{
    audit::{Resource, ResourceKind},
    ids::{BindingId, GroupId, PrincipalId, TenantId},
    name::GroupName,
    row::{RowSeal, SealedRow},
    time::Timestamp,
    tlv::Tlv,
};
use subrosa_plant::planted;

/// What a principal may do in one group. Each role may do what those before it may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// See keys and metadata; never a value.
    Viewer,
    /// And read values, create, change and delete secrets.
    Editor,
    /// And decide who has which role, grant to agents, and delete the group.
    Admin,
}

/// How a role was given: each way replaces its own and leaves the others alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MemberSource {
    /// By the group's own list of collaborators.
    Collaborators,
    /// By the manifest of the virtual account that has it.
    Account,
    /// By a named role binding.
    Binding(BindingId),
}

/// One role of one principal in a group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Member {
    /// Who.
    pub principal_id: PrincipalId,
    /// By which way.
    pub source: MemberSource,
    /// Which role.
    pub role: Role,
}

/// A group of secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Never reused.
    pub id: GroupId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Unique in its tenant; never renamed.
    pub name: GroupName,
    /// Who may do what, in order, each principal once for each way.
    members: Vec<Member>,
    /// Who made it.
    pub creator: PrincipalId,
    /// The same, as people know them.
    pub created_by: Box<str>,
    /// When.
    pub created_at: Timestamp,
    /// When it, or the set of its secrets, last changed.
    pub modified_at: Timestamp,
    /// Rises by one with every change.
    pub row_version: u64,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

/// A role binding by name: roles for several principals in several groups, given and taken back together. What it gives
/// stands in the groups' rows; this row remembers what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleBinding {
    /// Never reused.
    pub id: BindingId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Unique in its tenant.
    pub name: Box<str>,
    /// What was asked for, in the words of the surface that asked.
    pub manifest: Box<str>,
    /// Who made it.
    pub created_by: Box<str>,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// Rises by one with every change.
    pub row_version: u64,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    /// The code in rows and seals. Never renumbered.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Viewer => 1,
            Self::Editor => 2,
            Self::Admin => 3,
        }
    }

    /// The role with this code, if this build knows it.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Viewer),
            2 => Some(Self::Editor),
            3 => Some(Self::Admin),
            _ => None,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// The role called this.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl Group {
    /// The name of the group that every tenant has and that no row stands for.
    pub const DEFAULT: &'static str = "default";

    /// A group of these parts, at its first version and not yet sealed.
    #[must_use]
    pub fn new(
        id: GroupId,
        tenant_id: TenantId,
        name: GroupName,
        creator: (PrincipalId, &str),
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            tenant_id,
            name,
            members: Vec::new(),
            creator: creator.0,
            created_by: creator.1.into(),
            created_at: now,
            modified_at: now,
            row_version: 1,
            seal: RowSeal::UNSEALED,
        }
    }

    /// Who may do what, in order.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The highest role a principal has here, by whichever way.
    #[must_use]
    pub fn role_of(&self, principal: PrincipalId) -> Option<Role> {
        let of = self.members.iter().filter(|member| member.principal_id == principal);
        of.map(|member| member.role).max()
    }

    /// Replaces what one way gives by `roles`; a principal named twice has the higher role.
    pub fn give(
        &mut self,
        source: MemberSource,
        roles: impl IntoIterator<Item = (PrincipalId, Role)>,
    ) {
        self.members.retain(|member| member.source != source);
        for (principal_id, role) in roles {
            self.give_one(Member { principal_id, source, role });
        }
    }

    /// Gives one principal a role by one way, if it has no higher one by it.
    pub fn give_one(&mut self, new: Member) {
        let same = |member: &&mut Member| {
            (member.principal_id, member.source) == (new.principal_id, new.source)
        };
        match self.members.iter_mut().find(same) {
            Some(member) => member.role = member.role.max(new.role),
            None => self.members.push(new),
        }
        self.members.sort_unstable();
    }

    /// Takes away what a principal has by one way.
    pub fn take(&mut self, source: MemberSource, principal: PrincipalId) {
        self.members.retain(|one| (one.principal_id, one.source) != (principal, source));
    }

    /// Marks the row as changed at `now`: every change starts here, once.
    pub fn touch(&mut self, now: Timestamp) {
        self.row_version += 1;
        self.modified_at = now;
    }

    /// The members as stores keep them; see [`Self::with_members`].
    #[must_use]
    pub fn encode_members(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.members.len() * 34);
        for member in &self.members {
            out.extend_from_slice(member.principal_id.as_bytes());
            out.push(member.role.code());
            match member.source {
                MemberSource::Collaborators => out.push(1),
                MemberSource::Account => out.push(2),
                MemberSource::Binding(id) => {
                    out.push(3);
                    out.extend_from_slice(id.as_bytes());
                }
            }
        }
        out
    }

    /// The group with the members that [`Self::encode_members`] wrote; `None` when it did not write these bytes.
    #[must_use]
    pub fn with_members(mut self, mut bytes: &[u8]) -> Option<Self> {
        while let Some((id, rest)) = bytes.split_first_chunk::<16>() {
            let ([role, source], rest) = rest.split_first_chunk::<2>()?;
            let (source, rest) = match source {
                1 => (MemberSource::Collaborators, rest),
                2 => (MemberSource::Account, rest),
                3 => {
                    let (id, rest) = rest.split_first_chunk::<16>()?;
                    (MemberSource::Binding(BindingId::from_bytes(*id)), rest)
                }
                _ => return None,
            };
            let (principal_id, role) = (PrincipalId::from_bytes(*id), Role::from_code(*role)?);
            self.members.push(Member { principal_id, source, role });
            bytes = rest;
        }
        (bytes.is_empty() && self.members.is_sorted()).then_some(self)
    }
}

impl SealedRow for Group {
    fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    fn seal_input(&self) -> Vec<u8> {
        let unsealed = planted!("group-seal-without-members");
        let members = if unsealed { Vec::new() } else { self.encode_members() };
        Tlv::new("subrosa/1/row/group")
            .bytes(1, self.id.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .text(3, self.name.as_str())
            .bytes(4, &members)
            .bytes(5, self.creator.as_bytes())
            .uint(6, self.row_version)
            .finish()
    }

    fn resource(&self) -> Resource {
        Resource::named(ResourceKind::Group, self.id.as_bytes(), self.name.as_str())
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}

impl SealedRow for RoleBinding {
    fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    fn seal_input(&self) -> Vec<u8> {
        Tlv::new("subrosa/1/row/role-binding")
            .bytes(1, self.id.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .text(3, &self.name)
            .text(4, &self.manifest)
            .uint(5, self.row_version)
            .finish()
    }

    fn resource(&self) -> Resource {
        Resource::named(ResourceKind::RoleBinding, self.id.as_bytes(), &self.name)
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: PrincipalId = PrincipalId::from_bytes([1; 16]);
    const BEN: PrincipalId = PrincipalId::from_bytes([2; 16]);
    const BINDING: MemberSource = MemberSource::Binding(BindingId::from_bytes([3; 16]));

    fn group() -> Group {
        let tenant = TenantId::from_bytes([9; 16]);
        let name = "prod".parse().unwrap();
        Group::new(GroupId::from_bytes([8; 16]), tenant, name, (ANA, "ana"), Timestamp::EPOCH)
    }

    #[test]
    fn the_highest_role_counts_and_each_way_replaces_its_own() {
        let mut group = group();
        group.give(MemberSource::Collaborators, [(ANA, Role::Viewer), (BEN, Role::Admin)]);
        group.give(BINDING, [(ANA, Role::Editor)]);
        assert_eq!(
            (group.role_of(ANA), group.role_of(BEN)),
            (Some(Role::Editor), Some(Role::Admin))
        );
        group.give(MemberSource::Collaborators, [(ANA, Role::Viewer), (ANA, Role::Viewer)]);
        assert_eq!((group.role_of(ANA), group.role_of(BEN)), (Some(Role::Editor), None));
        group.give(BINDING, []);
        assert_eq!(group.role_of(ANA), Some(Role::Viewer));
        group.take(MemberSource::Collaborators, ANA);
        assert_eq!(group.role_of(ANA), None);
    }

    #[test]
    fn members_read_back_whole_and_nothing_else_reads() {
        let mut full = group();
        full.give(MemberSource::Collaborators, [(ANA, Role::Viewer), (BEN, Role::Admin)]);
        full.give(MemberSource::Account, [(BEN, Role::Editor)]);
        full.give(BINDING, [(ANA, Role::Editor)]);
        let bytes = full.encode_members();
        assert_eq!(group().with_members(&bytes), Some(full));
        for end in 1..bytes.len() {
            let cut = group().with_members(&bytes[..end]);
            assert!(cut.is_none_or(|cut| cut.encode_members() == bytes[..end]), "cut at {end}");
        }
        let mut odd = bytes.clone();
        odd[16] = 4;
        assert_eq!(group().with_members(&odd), None, "a role of another build");
    }

    #[test]
    fn every_field_that_decides_is_in_the_seal() {
        let base = group();
        let changed: [fn(&mut Group); 6] = [
            |g| g.id = GroupId::from_bytes([7; 16]),
            |g| g.tenant_id = TenantId::from_bytes([7; 16]),
            |g| g.name = "dev".parse().unwrap(),
            |g| g.give(MemberSource::Account, [(ANA, Role::Viewer)]),
            |g| g.creator = BEN,
            |g| g.row_version += 1,
        ];
        for change in changed {
            let mut other = base.clone();
            change(&mut other);
            assert_ne!(other.seal_input(), base.seal_input());
        }
    }
}
