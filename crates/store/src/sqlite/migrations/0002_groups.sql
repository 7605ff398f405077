-- Groups and the roles in them, role bindings, signing keys, identities of issuers, and who reads what. The group
-- `default` of a tenant has no row; its secrets have the tenant's own id as their group.

CREATE TABLE groups (
    tenant_id   BLOB    NOT NULL REFERENCES tenants (id),
    id          BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    members     BLOB    NOT NULL,
    creator     BLOB    NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    row_version INTEGER NOT NULL,
    seal        BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
) STRICT, WITHOUT ROWID;

-- In which groups a principal has a role, and by which binding. An aid for finding groups, rewritten with the group's
-- row: what it says is believed no more than a filter is, for the sealed row has the members.
CREATE TABLE group_members (
    tenant_id    BLOB    NOT NULL,
    group_id     BLOB    NOT NULL,
    principal_id BLOB    NOT NULL,
    source       INTEGER NOT NULL,
    binding_id   BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, group_id, principal_id, source, binding_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_members_by_principal ON group_members (tenant_id, principal_id, group_id);
CREATE INDEX group_members_by_binding ON group_members (tenant_id, binding_id, group_id) WHERE source = 3;

CREATE TABLE role_bindings (
    tenant_id   BLOB    NOT NULL REFERENCES tenants (id),
    id          BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    manifest    TEXT    NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    row_version INTEGER NOT NULL,
    seal        BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
) STRICT, WITHOUT ROWID;

-- `value` is the sealed seed, as a revision's is. A key is asked for before its tenant is known.
CREATE TABLE signing_keys (
    tenant_id   BLOB    NOT NULL REFERENCES tenants (id),
    id          BLOB    NOT NULL UNIQUE,
    public      BLOB    NOT NULL,
    key_version INTEGER NOT NULL,
    wrap        BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    seal        BLOB    NOT NULL,
    value       BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- An identity is one principal's for good: once it is revoked, nobody else signs in by the same.
ALTER TABLE principals ADD COLUMN issuer TEXT;
ALTER TABLE principals ADD COLUMN subject TEXT;
ALTER TABLE principals ADD COLUMN manifest TEXT;
CREATE UNIQUE INDEX principals_identity ON principals (tenant_id, issuer, subject) WHERE issuer IS NOT NULL;

ALTER TABLE tokens ADD COLUMN disabled_at INTEGER;

-- API keys are known by their names in a tenant, personal tokens by theirs among their principal's.
CREATE UNIQUE INDEX tokens_living_api_key ON tokens (tenant_id, name) WHERE revoked_at IS NULL AND kind = 7;
CREATE UNIQUE INDEX tokens_living_personal ON tokens (tenant_id, principal_id, name)
    WHERE revoked_at IS NULL AND kind IN (6, 8);

-- Who revealed or used a secret, and when last.
CREATE TABLE secret_readers (
    tenant_id BLOB    NOT NULL,
    secret_id BLOB    NOT NULL,
    actor     TEXT    NOT NULL,
    used_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, secret_id, actor)
) STRICT, WITHOUT ROWID;

CREATE INDEX secret_readers_by_time ON secret_readers (used_at);
