-- Events that come together and that nobody looks for by what they are about share a row, which has the place of the
-- first: `canonical` and `hash` are theirs one after another, and `ends` says where each ends in `canonical`, as 32-bit
-- numbers, the most significant byte first. Null: the row is one event's.
ALTER TABLE audit_events ADD COLUMN ends BLOB;
