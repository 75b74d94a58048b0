-- Answers to calls that may be repeated, for a day: a repeated call gets the first one's answer and changes nothing.

CREATE TABLE answers (
    -- A digest of who called, which route, and the key that the call carried.
    key BYTEA PRIMARY KEY,
    -- A digest of the body: the same key with another body is a mistake of the caller's.
    body BYTEA NOT NULL,
    -- The answer, encrypted with the server's keys.
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX answers_by_age ON answers (created_at);
