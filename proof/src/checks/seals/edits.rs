//! The edits. `{id}` is the row's own id, `{other}` that of another row of its kind that nobody edits, `{acme}` the
//! tenant `acme`'s, `{their}` the principal `operator`'s there, `{tenant}` the row's own tenant's, `{fresh}` one that
//! nothing has, and `{n}` a number that no other row has.

use super::cast::Noun::{self, *};

/// One way to edit a row of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edit {
    pub(super) noun: Noun,
    pub(super) what: &'static str,
    pub(super) sql: &'static str,
    /// Whether the row is asked for in the tenant `acme` afterwards.
    pub(super) moved: bool,
}

const fn edit(noun: Noun, what: &'static str, sql: &'static str) -> Edit {
    Edit { noun, what, sql, moved: false }
}

const fn moved(noun: Noun, what: &'static str, sql: &'static str) -> Edit {
    Edit { noun, what, sql, moved: true }
}

/// Every one.
pub(super) const EDITS: &[Edit] = &[
    edit(Secret, "a lower tier", "UPDATE secrets SET sensitivity = 1 WHERE id = {id}"),
    edit(Secret, "a higher tier", "UPDATE secrets SET sensitivity = 5 WHERE id = {id}"),
    edit(Value, "a lower tier, read", "UPDATE secrets SET sensitivity = 1 WHERE id = {id}"),
    edit(
        Value,
        "a value that may not be read",
        "UPDATE secrets SET disclosure = 3 - disclosure WHERE id = {id}",
    ),
    edit(Secret, "no beginning", "UPDATE secrets SET not_before = NULL WHERE id = {id}"),
    edit(Secret, "another beginning", "UPDATE secrets SET not_before = {n} WHERE id = {id}"),
    edit(Value, "no end", "UPDATE secrets SET expires_on = NULL WHERE id = {id}"),
    edit(Value, "a later end", "UPDATE secrets SET expires_on = expires_on + {n} WHERE id = {id}"),
    edit(
        Value,
        "an older revision live",
        "UPDATE secrets SET live_version = 1, live_revision_id = \
         (SELECT id FROM revisions WHERE secret_id = {id} AND version = 1) WHERE id = {id}",
    ),
    edit(Value, "another number live", "UPDATE secrets SET live_version = 1 WHERE id = {id}"),
    edit(
        Value,
        "another id live",
        "UPDATE secrets SET live_revision_id = randomblob(16) WHERE id = {id}",
    ),
    edit(Secret, "another tier live", "UPDATE secrets SET live_sensitivity = 1 WHERE id = {id}"),
    edit(
        Secret,
        "nothing live",
        "UPDATE secrets SET live_version = NULL, live_revision_id = NULL, live_sensitivity = NULL \
         WHERE id = {id}",
    ),
    edit(
        Secret,
        "half of a live pointer",
        "UPDATE secrets SET live_version = NULL WHERE id = {id}",
    ),
    edit(
        Secret,
        "another latest number",
        "UPDATE secrets SET latest_version = {n} WHERE id = {id}",
    ),
    edit(Value, "readable from the first", "UPDATE secrets SET readable_from = 0 WHERE id = {id}"),
    edit(Secret, "another key", "UPDATE secrets SET key = 'OTHER{n}' WHERE id = {id}"),
    edit(Secret, "a key that is none", "UPDATE secrets SET key = '/{n}' WHERE id = {id}"),
    edit(Secret, "another row version", "UPDATE secrets SET row_version = {n} WHERE id = {id}"),
    edit(Secret, "no seal", "UPDATE secrets SET seal = zeroblob(32) WHERE id = {id}"),
    edit(Secret, "a short seal", "UPDATE secrets SET seal = X'00' WHERE id = {id}"),
    edit(
        Secret,
        "another row's seal",
        "UPDATE secrets SET seal = (SELECT seal FROM secrets WHERE id = {other}) WHERE id = {id}",
    ),
    edit(Secret, "another group", "UPDATE secrets SET group_id = {acme} WHERE id = {id}"),
    edit(
        Value,
        "a live revision gone",
        "DELETE FROM revisions WHERE secret_id = {id} AND version = 2",
    ),
    edit(
        Value,
        "a live revision by another name",
        "UPDATE revisions SET id = randomblob(16) WHERE secret_id = {id} AND version = 2",
    ),
    edit(
        Value,
        "a live revision by another number",
        "UPDATE revisions SET version = {n} WHERE secret_id = {id} AND version = 2",
    ),
    moved(
        Secret,
        "another tenant",
        "UPDATE revisions SET tenant_id = {acme} WHERE secret_id = {id}; \
         UPDATE secrets SET tenant_id = {acme}, group_id = {acme} WHERE id = {id}",
    ),
    moved(
        Value,
        "another tenant, read",
        "UPDATE revisions SET tenant_id = {acme} WHERE secret_id = {id}; \
         UPDATE secrets SET tenant_id = {acme}, group_id = {acme} WHERE id = {id}",
    ),
    edit(
        Token,
        "more scopes",
        "UPDATE tokens SET scopes = 'secrets:read secrets:reveal' WHERE id = {id}",
    ),
    edit(Token, "fewer scopes", "UPDATE tokens SET scopes = '' WHERE id = {id}"),
    edit(Token, "scopes that are none", "UPDATE tokens SET scopes = 'all{n}' WHERE id = {id}"),
    edit(Token, "no end", "UPDATE tokens SET expires_at = NULL WHERE id = {id}"),
    edit(Token, "a later end", "UPDATE tokens SET expires_at = expires_at + {n} WHERE id = {id}"),
    edit(Token, "a revocation", "UPDATE tokens SET revoked_at = {n} WHERE id = {id}"),
    edit(
        RevokedToken,
        "a revocation undone",
        "UPDATE tokens SET revoked_at = NULL WHERE id = {id}",
    ),
    edit(Token, "switched off", "UPDATE tokens SET disabled_at = {n} WHERE id = {id}"),
    edit(Token, "another kind", "UPDATE tokens SET kind = 3 WHERE id = {id}"),
    edit(Token, "another digest", "UPDATE tokens SET digest = randomblob(32) WHERE id = {id}"),
    edit(
        Token,
        "another token's digest",
        "UPDATE tokens SET digest = (SELECT digest FROM tokens WHERE id = {other}) WHERE id = {id}",
    ),
    edit(Token, "a short digest", "UPDATE tokens SET digest = X'00' WHERE id = {id}"),
    edit(Token, "another pepper", "UPDATE tokens SET pepper_version = {n} WHERE id = {id}"),
    edit(
        Token,
        "another principal",
        "UPDATE tokens SET principal_id = (SELECT id FROM principals WHERE kind = 2 \
         AND tenant_id = {tenant} LIMIT 1) WHERE id = {id}",
    ),
    edit(Token, "another row version", "UPDATE tokens SET row_version = {n} WHERE id = {id}"),
    edit(Token, "no seal", "UPDATE tokens SET seal = zeroblob(32) WHERE id = {id}"),
    edit(
        Token,
        "another token's scopes and seal",
        "UPDATE tokens SET (scopes, seal) = (SELECT scopes, seal FROM tokens WHERE id = {other}) \
         WHERE id = {id}",
    ),
    edit(
        KnownToken,
        "another key id",
        "UPDATE tokens SET key_id = substr('K00000000000', 1, 12 - length('{n}')) || '{n}' \
         WHERE id = {id}",
    ),
    moved(
        Token,
        "another tenant",
        "UPDATE tokens SET tenant_id = {acme}, principal_id = {their} WHERE id = {id}",
    ),
    edit(Account, "more scopes", "UPDATE principals SET scopes = 'tenant:admin' WHERE id = {id}"),
    edit(
        Account,
        "scopes that are none",
        "UPDATE principals SET scopes = 'all{n}' WHERE id = {id}",
    ),
    edit(Account, "a revocation", "UPDATE principals SET state = 2 WHERE id = {id}"),
    edit(RevokedAccount, "a revocation undone", "UPDATE principals SET state = 1 WHERE id = {id}"),
    edit(Account, "another kind", "UPDATE principals SET kind = 1 WHERE id = {id}"),
    edit(Account, "a kind that is none", "UPDATE principals SET kind = 77 WHERE id = {id}"),
    edit(Account, "another name", "UPDATE principals SET name = 'root{n}' WHERE id = {id}"),
    edit(
        Account,
        "an identity",
        "UPDATE principals SET issuer = 'https://idp', subject = 's{n}' WHERE id = {id}",
    ),
    edit(Account, "half an identity", "UPDATE principals SET subject = 's{n}' WHERE id = {id}"),
    edit(Account, "a manifest", "UPDATE principals SET manifest = '{}' WHERE id = {id}"),
    edit(Account, "another row version", "UPDATE principals SET row_version = {n} WHERE id = {id}"),
    edit(Account, "no seal", "UPDATE principals SET seal = zeroblob(32) WHERE id = {id}"),
    edit(
        VirtualAccount,
        "more in its manifest",
        "UPDATE principals SET manifest = manifest || ' ' WHERE id = {id}",
    ),
    edit(VirtualAccount, "another name", "UPDATE principals SET name = 'root{n}' WHERE id = {id}"),
    edit(VirtualAccount, "no seal", "UPDATE principals SET seal = zeroblob(32) WHERE id = {id}"),
    edit(
        NamedAccount,
        "scopes, asked by name",
        "UPDATE principals SET scopes = 'tenant:admin' WHERE id = {id}",
    ),
    edit(
        Group,
        "another group's members",
        "UPDATE groups SET members = (SELECT members FROM groups WHERE id = {other}) WHERE id = {id}",
    ),
    edit(Group, "members that are none", "UPDATE groups SET members = X'FF' WHERE id = {id}"),
    edit(Group, "no members", "UPDATE groups SET members = X'' WHERE id = {id}"),
    edit(Group, "another name", "UPDATE groups SET name = 'other-{n}' WHERE id = {id}"),
    edit(Group, "another creator", "UPDATE groups SET creator = randomblob(16) WHERE id = {id}"),
    edit(Group, "another row version", "UPDATE groups SET row_version = {n} WHERE id = {id}"),
    edit(Group, "no seal", "UPDATE groups SET seal = zeroblob(32) WHERE id = {id}"),
    moved(Group, "another tenant", "UPDATE groups SET tenant_id = {acme} WHERE id = {id}"),
    edit(Binding, "another name", "UPDATE role_bindings SET name = 'other-{n}' WHERE id = {id}"),
    edit(
        Binding,
        "another manifest",
        "UPDATE role_bindings SET manifest = replace(manifest, 'viewer', 'admin') WHERE id = {id}",
    ),
    edit(
        Binding,
        "another row version",
        "UPDATE role_bindings SET row_version = {n} WHERE id = {id}",
    ),
    edit(Binding, "no seal", "UPDATE role_bindings SET seal = zeroblob(32) WHERE id = {id}"),
    moved(Binding, "another tenant", "UPDATE role_bindings SET tenant_id = {acme} WHERE id = {id}"),
    edit(Grant, "another agent", "UPDATE grants SET agent_id = 'other{n}' WHERE secret_id = {id}"),
    edit(Grant, "another id", "UPDATE grants SET id = randomblob(16) WHERE secret_id = {id}"),
    edit(Grant, "no seal", "UPDATE grants SET seal = zeroblob(32) WHERE secret_id = {id}"),
    edit(
        Ungranted,
        "made up",
        "INSERT INTO grants SELECT tenant_id, {id}, agent_id, id, created_by, created_at, seal \
         FROM grants WHERE secret_id = {other}",
    ),
    edit(
        MadeUp("secrets"),
        "a secret made up",
        "INSERT INTO secrets SELECT tenant_id, {id}, group_id, 'MADEUP{n}', sensitivity, disclosure, \
         not_before, expires_on, live_revision_id, live_version, live_sensitivity, latest_version, \
         readable_from, created_by, created_at, modified_at, row_version, seal, description \
         FROM secrets WHERE id = {other}",
    ),
    edit(
        MadeUp("secret-groups"),
        "a group made up",
        "INSERT INTO groups SELECT tenant_id, {id}, 'madeup-{n}', members, creator, created_by, \
         created_at, modified_at, row_version, seal FROM groups WHERE id = {other}",
    ),
    edit(
        MadeUp("virtual-accounts"),
        "an account made up",
        "INSERT INTO principals SELECT tenant_id, {id}, kind, 'madeup-{n}', description, scopes, state, \
         created_by, created_at, modified_at, revoked_at, row_version, seal, issuer, subject, manifest \
         FROM principals WHERE id = {other}",
    ),
    edit(
        MadeUp("tenants"),
        "a tenant made up",
        "INSERT INTO tenants SELECT {id}, 'madeup-{n}', name, state, created_by, created_at, \
         modified_at, row_version, seal FROM tenants WHERE id = {other}",
    ),
    // Whoever has a token of few scopes knows what another row's digest must be for it to pass.
    edit(
        MadeUpToken,
        "a token made up",
        "UPDATE tokens SET id = {fresh}, scopes = 'tenant:admin' WHERE id = {id}",
    ),
    edit(Tenant, "another slug", "UPDATE tenants SET slug = 'other-{n}' WHERE id = {id}"),
    edit(SameTenant, "another row version", "UPDATE tenants SET row_version = {n} WHERE id = {id}"),
    edit(SameTenant, "no seal", "UPDATE tenants SET seal = zeroblob(32) WHERE id = {id}"),
    edit(DeletedTenant, "a deletion undone", "UPDATE tenants SET state = 1 WHERE id = {id}"),
    edit(
        Keys,
        "an older key active",
        "UPDATE tenant_keys SET state = 7 WHERE tenant_id = {id} AND version = 2; \
         UPDATE tenant_keys SET state = 1 WHERE tenant_id = {id} AND version = 1; \
         UPDATE tenant_keys SET state = 2 WHERE tenant_id = {id} AND version = 2",
    ),
    edit(Keys, "no key active", "UPDATE tenant_keys SET state = 2 WHERE tenant_id = {id}"),
    edit(
        Keys,
        "another version's key",
        "UPDATE tenant_keys SET wrapped = (SELECT wrapped FROM tenant_keys WHERE tenant_id = {id} \
         AND version = 1) WHERE tenant_id = {id} AND version = 2",
    ),
    edit(
        Keys,
        "another tenant's key",
        "UPDATE tenant_keys SET wrapped = (SELECT wrapped FROM tenant_keys WHERE tenant_id = {acme} \
         AND version = 1) WHERE tenant_id = {id} AND version = 1",
    ),
    edit(
        SigningKey,
        "another public half",
        "UPDATE signing_keys SET public = randomblob(32) WHERE id = {id}",
    ),
    edit(
        SigningKey,
        "a short public half",
        "UPDATE signing_keys SET public = X'00' WHERE id = {id}",
    ),
    edit(SigningKey, "no seal", "UPDATE signing_keys SET seal = zeroblob(32) WHERE id = {id}"),
    edit(
        SigningKey,
        "another tenant",
        "UPDATE signing_keys SET tenant_id = {acme} WHERE id = {id}",
    ),
    edit(
        SigningSeed,
        "another seed",
        "UPDATE signing_keys SET value = randomblob(length(value)) WHERE id = {id}",
    ),
    edit(
        SigningSeed,
        "a secret's value for a seed",
        "UPDATE signing_keys SET (value, wrap) = (SELECT value, wrap FROM revisions LIMIT 1) \
         WHERE id = {id}",
    ),
];
