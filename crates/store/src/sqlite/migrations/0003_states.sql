-- The states of sealed rows and of heads, and the checkpoints that were made of them.

ALTER TABLE audit_heads ADD COLUMN state BLOB;
-- The last event a checkpoint was made of, and when.
ALTER TABLE audit_heads ADD COLUMN noted_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit_heads ADD COLUMN noted_at INTEGER NOT NULL DEFAULT 0;

-- Where each lane stands over all tenants.
CREATE TABLE anchors (
    lane     INTEGER NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    state    BLOB    NOT NULL,
    at       INTEGER NOT NULL,
    seal     BLOB    NOT NULL
) STRICT;

CREATE TABLE anchor_checkpoints (
    lane     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    note     TEXT    NOT NULL,
    PRIMARY KEY (lane, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    tenant_id BLOB    NOT NULL,
    lane      INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    note      TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, lane, seq)
) STRICT, WITHOUT ROWID;
