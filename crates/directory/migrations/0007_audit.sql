-- Audit events as chains: one for each environment and one for the system, in which each event's hash covers the one before.

-- The chain (the environment's id, 0 for the system), the place in it, and the hash: NULL for a moment, until it is chained.
ALTER TABLE audit_events ADD COLUMN chain BIGINT;
ALTER TABLE audit_events ADD COLUMN sequence BIGINT;
ALTER TABLE audit_events ADD COLUMN hash BYTEA;
-- What is personal stands in the hash as a salted digest. Erasing takes the salt and the text, and leaves the digest.
ALTER TABLE audit_events ADD COLUMN address_salt BYTEA;
ALTER TABLE audit_events ADD COLUMN address_digest BYTEA;
ALTER TABLE audit_events ADD COLUMN changes_salt BYTEA;
ALTER TABLE audit_events ADD COLUMN changes_digest BYTEA;

-- Each event is in the first two until it is chained, and in the others from then on: whoever makes a change waits for two.
DROP INDEX audit_events_by_environment;
DROP INDEX audit_events_by_subject;
CREATE INDEX audit_events_waiting ON audit_events (id) WHERE chain IS NULL;
CREATE INDEX audit_events_waiting_by_subject ON audit_events (environment_id, subject) WHERE chain IS NULL;
CREATE UNIQUE INDEX audit_events_chain ON audit_events (chain, sequence) WHERE chain IS NOT NULL;
CREATE INDEX audit_events_by_time ON audit_events (chain, at) WHERE chain IS NOT NULL;
-- By what erasing a person asks for too, in all chains at once.
CREATE INDEX audit_events_by_actor ON audit_events (actor, chain, at) WHERE chain IS NOT NULL;
CREATE INDEX audit_events_by_subject ON audit_events (subject, chain, at) WHERE chain IS NOT NULL;
CREATE INDEX audit_events_by_verb ON audit_events (chain, verb, at) WHERE chain IS NOT NULL;
CREATE INDEX audit_events_by_request ON audit_events (request, chain, at) WHERE chain IS NOT NULL;

-- How far each chain has come. Whoever makes one longer holds the row of the system's, so that nobody else does.
CREATE TABLE audit_heads (
    chain BIGINT PRIMARY KEY,
    -- The environment's UUID, which is needed here for longer than the environment lasts; NULL: the system.
    environment BYTEA,
    sequence BIGINT NOT NULL DEFAULT 0,
    -- NULL: nothing was chained yet.
    hash BYTEA,
    -- The last event that was removed because its time was over, and its hash.
    pruned_sequence BIGINT NOT NULL DEFAULT 0,
    pruned_hash BYTEA,
    -- The last event that a checkpoint covers, and when the next one is due; NULL: not before something new is chained.
    checkpointed BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT
);
CREATE INDEX audit_heads_due ON audit_heads (due_at) WHERE due_at IS NOT NULL;
INSERT INTO audit_heads (chain) VALUES (0);

-- What was signed: that a chain had this hash at this place. No references: they outlive what they tell of.
CREATE TABLE audit_checkpoints (
    chain BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    at BIGINT NOT NULL,
    -- The public key, and the signature.
    key BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    -- It stands in a file outside the database.
    shipped BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (chain, sequence)
) /* WITHOUT ROWID */;
CREATE INDEX audit_checkpoints_unshipped ON audit_checkpoints (chain, sequence) WHERE NOT shipped;

-- Of whom the audit events are being erased.
CREATE TABLE audit_erasures (
    account_id BYTEA PRIMARY KEY
) /* WITHOUT ROWID */;

-- For how many seconds audit events are kept; NULL: for ever.
ALTER TABLE environments ADD COLUMN audit_retention BIGINT;
CREATE INDEX environments_with_retention ON environments (id) WHERE audit_retention IS NOT NULL;
