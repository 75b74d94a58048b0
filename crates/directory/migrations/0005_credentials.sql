-- What credentials need: policies of environments, where sessions are, links for more than invitations, mails that are retried.

-- NULL: as the server is set. Lifetimes in seconds.
ALTER TABLE environments ADD COLUMN password_minimum BIGINT;
ALTER TABLE environments ADD COLUMN session_idle BIGINT;
ALTER TABLE environments ADD COLUMN session_lifetime BIGINT;

-- The device as it names itself; where it was last seen, and when; when its owner last showed the password.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;
-- How long the password was that it was opened with: whether that will do is asked with every call. NULL: not known.
ALTER TABLE sessions ADD COLUMN password_length BIGINT;
UPDATE sessions SET seen_at = created_at;

ALTER TABLE api_tokens ADD COLUMN used_at BIGINT;

-- 'reset': choose another password; 'address': this address becomes the account's.
ALTER TABLE links ADD COLUMN email TEXT;

-- Most bearers have one of the two.
DROP INDEX bearers_by_session;
DROP INDEX bearers_by_token;
CREATE INDEX bearers_by_session ON bearers (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX bearers_by_token ON bearers (token_id) WHERE token_id IS NOT NULL;

-- When a mail is next tried; NULL: it was given up, and stays for the operator to see. Why the last try failed.
ALTER TABLE outbox ADD COLUMN next_try_at BIGINT DEFAULT 0;
ALTER TABLE outbox ADD COLUMN trouble TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_by_next_try ON outbox (next_try_at, id);

-- Users who are programs: few among many.
ALTER TABLE users ADD COLUMN service BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE users SET service = TRUE WHERE account_id IN (SELECT id FROM accounts WHERE service);
CREATE INDEX users_services ON users (environment_id, created_at, account_id) WHERE service;
