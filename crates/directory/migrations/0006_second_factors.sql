-- What proves an account's owner besides the password, and who is asked for it.

CREATE TABLE second_factors (
    id BYTEA PRIMARY KEY,
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    -- 'totp' or 'passkey'.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The seed, or the passkey's public half with its counter; sealed for this account.
    sealed BYTEA NOT NULL,
    -- What a passkey is found by.
    credential_id BYTEA UNIQUE,
    -- A TOTP counts once a code of it was shown.
    confirmed BOOLEAN NOT NULL,
    -- Enrolled by somebody who had proven the account's address.
    proven BOOLEAN NOT NULL,
    -- The newest step in time of which a code was used (RFC 6238, section 5.2).
    used_step BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    used_at BIGINT
) /* WITHOUT ROWID */;
CREATE INDEX second_factors_by_account ON second_factors (account_id, id);

-- Hashes of codes, each good once.
CREATE TABLE recovery_codes (
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    hash BYTEA NOT NULL,
    PRIMARY KEY (account_id, hash)
) /* WITHOUT ROWID */;

-- Challenges of passkeys that were answered, until they end: one counts once.
CREATE TABLE answered_challenges (
    hash BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX answered_challenges_by_expiry ON answered_challenges (expires_at);

-- Of whom a second factor is demanded: NULL, 'administrators' or 'everybody'; and of the members of a group.
ALTER TABLE environments ADD COLUMN second_factor TEXT;
ALTER TABLE groups ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;
