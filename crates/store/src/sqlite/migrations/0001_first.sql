-- Keys are tenant-first and time-ordered: ids are UUIDv7 in 16 bytes, so what is written together lies together and new
-- rows go to the end. Times are microseconds since the epoch. Codes are those of the domain.

CREATE TABLE deployment (
    one              INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id               BLOB    NOT NULL,
    root_fingerprint BLOB    NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE service_keys (
    version    INTEGER NOT NULL PRIMARY KEY,
    state      INTEGER NOT NULL,
    wrapped    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One row for the run that is open and for each that was not closed; a clean end takes its row away.
CREATE TABLE runs (
    run        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    lane       INTEGER NOT NULL,
    opened_at  INTEGER NOT NULL,
    flushed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tenants (
    id          BLOB    NOT NULL PRIMARY KEY,
    slug        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    state       INTEGER NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    row_version INTEGER NOT NULL,
    seal        BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tenants_living_slug ON tenants (slug) WHERE state = 1;
CREATE INDEX tenants_by_state ON tenants (state, id);

CREATE TABLE counters (
    tenant_id        BLOB    NOT NULL PRIMARY KEY,
    secrets          INTEGER NOT NULL,
    tokens           INTEGER NOT NULL,
    service_accounts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant_keys (
    tenant_id  BLOB    NOT NULL REFERENCES tenants (id),
    version    INTEGER NOT NULL,
    state      INTEGER NOT NULL,
    wrapped    BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (tenant_id, version)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX tenant_keys_active ON tenant_keys (tenant_id) WHERE state = 1;
CREATE INDEX tenant_keys_by_state ON tenant_keys (state, tenant_id, version);

CREATE TABLE principals (
    tenant_id   BLOB    NOT NULL REFERENCES tenants (id),
    id          BLOB    NOT NULL,
    kind        INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    scopes      TEXT    NOT NULL,
    state       INTEGER NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    revoked_at  INTEGER,
    row_version INTEGER NOT NULL,
    seal        BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX principals_living_name ON principals (tenant_id, kind, name) WHERE state = 1;

CREATE TABLE tokens (
    tenant_id      BLOB    NOT NULL REFERENCES tenants (id),
    id             BLOB    NOT NULL,
    key_id         TEXT    NOT NULL UNIQUE,
    digest         BLOB    NOT NULL,
    pepper_version INTEGER NOT NULL,
    key_prefix     TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    kind           INTEGER NOT NULL,
    scopes         TEXT    NOT NULL,
    principal_id   BLOB    NOT NULL,
    created_by     TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    modified_at    INTEGER NOT NULL,
    expires_at     INTEGER,
    revoked_at     INTEGER,
    row_version    INTEGER NOT NULL,
    seal           BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, principal_id) REFERENCES principals (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_principal ON tokens (tenant_id, principal_id, id);

CREATE TABLE token_uses (
    tenant_id BLOB    NOT NULL,
    token_id  BLOB    NOT NULL,
    used_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, token_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
    tenant_id             BLOB    NOT NULL REFERENCES tenants (id),
    id                    BLOB    NOT NULL,
    group_id              BLOB    NOT NULL,
    key                   TEXT    NOT NULL,
    sensitivity           INTEGER NOT NULL,
    disclosure            INTEGER NOT NULL,
    not_before            INTEGER,
    expires_on            INTEGER,
    live_revision_id      BLOB,
    live_version          INTEGER,
    live_sensitivity      INTEGER,
    latest_version        INTEGER NOT NULL,
    readable_from         INTEGER NOT NULL,
    created_by            TEXT    NOT NULL,
    created_at            INTEGER NOT NULL,
    modified_at           INTEGER NOT NULL,
    row_version           INTEGER NOT NULL,
    seal                  BLOB    NOT NULL,
    description           TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, group_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX secrets_by_group ON secrets (tenant_id, group_id, id);

CREATE TABLE secret_uses (
    tenant_id BLOB    NOT NULL,
    secret_id BLOB    NOT NULL,
    used_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, secret_id)
) STRICT, WITHOUT ROWID;

-- Not WITHOUT ROWID: values reach 64 KiB, and the value comes last so that reading the rest of a row leaves it alone.
CREATE TABLE revisions (
    seq         INTEGER NOT NULL PRIMARY KEY,
    tenant_id   BLOB    NOT NULL,
    secret_id   BLOB    NOT NULL,
    version     INTEGER NOT NULL,
    id          BLOB    NOT NULL,
    sensitivity INTEGER NOT NULL,
    key_version INTEGER NOT NULL,
    wrap        BLOB    NOT NULL,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    note        TEXT,
    value       BLOB    NOT NULL,
    UNIQUE (tenant_id, secret_id, version),
    FOREIGN KEY (tenant_id, secret_id) REFERENCES secrets (tenant_id, id)
) STRICT;

-- The id leads: ids of all tenants rise together, so the index grows at its end. It is unique for the planner's sake.
CREATE UNIQUE INDEX revisions_by_id ON revisions (id, tenant_id, secret_id);

CREATE TABLE publications (
    tenant_id    BLOB    NOT NULL,
    secret_id    BLOB    NOT NULL,
    row_version  INTEGER NOT NULL,
    revision_id  BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    published_by TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, secret_id, row_version),
    FOREIGN KEY (tenant_id, secret_id) REFERENCES secrets (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    tenant_id  BLOB    NOT NULL,
    secret_id  BLOB    NOT NULL,
    agent_id   TEXT    NOT NULL,
    id         BLOB    NOT NULL,
    created_by TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    seal       BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, secret_id, agent_id),
    FOREIGN KEY (tenant_id, secret_id) REFERENCES secrets (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- In the order of writing, which is nearly that of time: what is old lies at the front.
CREATE TABLE activities (
    seq        INTEGER NOT NULL PRIMARY KEY,
    tenant_id  BLOB    NOT NULL,
    token_id   BLOB    NOT NULL,
    id         BLOB    NOT NULL,
    at         INTEGER NOT NULL,
    method     TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    status     INTEGER NOT NULL,
    latency_ms INTEGER NOT NULL,
    remote_ip  TEXT,
    tool       TEXT,
    UNIQUE (tenant_id, token_id, id)
) STRICT;

-- No further index: one would cost more than the event. Filters walk the chain.
CREATE TABLE audit_events (
    tenant_id BLOB    NOT NULL,
    lane      INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    canonical BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, lane, seq)
) STRICT, WITHOUT ROWID;

-- Where the events about a thing are, but for reveals, uses and refusals, of which there are too many. An aid for views:
-- what it says is believed no more than a filter is, and the chain is whole without it.
CREATE TABLE audit_subjects (
    tenant_id   BLOB    NOT NULL,
    resource_id BLOB    NOT NULL,
    lane        INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, resource_id, lane, seq)
) STRICT, WITHOUT ROWID;

-- `run` is the run that wrote the head last: by it, a head knows whether a run ended badly since.
CREATE TABLE audit_heads (
    tenant_id BLOB    NOT NULL,
    lane      INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    seal      BLOB    NOT NULL,
    run       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, lane)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a place is never given twice, even after everything was pruned.
CREATE TABLE changes (
    seq       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB    NOT NULL,
    kind      INTEGER NOT NULL,
    id        BLOB    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
