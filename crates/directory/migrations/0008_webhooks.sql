-- Who is told of what happens, and what became of the telling. The audit trail is the outbox: a webhook has come to a place
-- in it, and whatever is behind that place waits.

CREATE TABLE webhooks (
    id BYTEA PRIMARY KEY,
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    url TEXT NOT NULL,
    -- One a line: '*', 'user.*' or 'user.created'.
    event_types TEXT NOT NULL,
    -- What signs; sealed for this webhook. The one before signs too, until then.
    sealed BYTEA NOT NULL,
    previous BYTEA,
    previous_until BIGINT,
    enabled BOOLEAN NOT NULL,
    -- Since when it is off because nothing but failures came of it.
    paused_at BIGINT,
    -- The sequence of the last event that deliveries were made of.
    cursor BIGINT NOT NULL,
    -- How many deliveries were ever made of it, and how many of them wait.
    last_number BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    -- Failures in a row, since when, and until when it is left alone for that.
    failures BIGINT NOT NULL DEFAULT 0,
    failing_since BIGINT,
    rest_until BIGINT NOT NULL DEFAULT 0,
    -- The node that delivers, and until when it is known to live.
    lease BYTEA,
    leased_until BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX webhooks_by_environment ON webhooks (environment_id, created_at, id);

CREATE TABLE deliveries (
    webhook_id BYTEA NOT NULL REFERENCES webhooks (id),
    -- Counts up within the webhook.
    number BIGINT NOT NULL,
    environment_id BIGINT NOT NULL,
    -- The event; NULL: a ping.
    sequence BIGINT,
    event_type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- From when on its tries are counted as old: what is redelivered begins anew.
    since BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- NULL: it is over.
    next_try_at BIGINT,
    tried_at BIGINT,
    -- What the receiver answered last, if it did.
    status BIGINT,
    -- Why the last try failed, or empty.
    trouble TEXT NOT NULL DEFAULT '',
    done_at BIGINT,
    PRIMARY KEY (webhook_id, number)
) /* WITHOUT ROWID */;
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_try_at, number) WHERE next_try_at IS NOT NULL;
CREATE INDEX deliveries_done ON deliveries (done_at) WHERE done_at IS NOT NULL;
