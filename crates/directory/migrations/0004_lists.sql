-- What pages of many users stand on: an index for each way to walk through them, and one for what they contain.

-- The account's e-mail and username, folded, so that searching and ordering by them looks at users alone.
ALTER TABLE users ADD COLUMN email_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN username_folded TEXT NOT NULL DEFAULT '';
UPDATE users SET
    email_folded = COALESCE((SELECT a.email_folded FROM accounts a WHERE a.id = users.account_id), ''),
    username_folded = COALESCE((SELECT a.username_folded FROM accounts a WHERE a.id = users.account_id), '');

-- The last sign-in here, or refresh of one; 0: never.
ALTER TABLE users ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0;

-- Ways to walk for the orders that people look at. By first name and by the last change is sorted: each index costs every
-- change of a user some twentieth.
CREATE INDEX users_by_name ON users (environment_id, name, account_id);
CREATE INDEX users_by_last_name ON users (environment_id, last_name, account_id);
CREATE INDEX users_by_email ON users (environment_id, email_folded, account_id);

-- Few among many.
CREATE INDEX users_administrators_by_age ON users (environment_id, created_at, account_id) WHERE administrator;
CREATE INDEX users_inactive_by_age ON users (environment_id, created_at, account_id) WHERE NOT active;
CREATE INDEX users_pending_by_age ON users (environment_id, created_at, account_id) WHERE pending;

-- When the user came to be here, which never changes: a group's users in that order are one stretch of an index.
ALTER TABLE user_groups ADD COLUMN user_created_at BIGINT NOT NULL DEFAULT 0;
UPDATE user_groups SET user_created_at = COALESCE((SELECT u.created_at FROM users u
    WHERE u.environment_id = user_groups.environment_id AND u.account_id = user_groups.account_id), 0);
DROP INDEX user_groups_by_group;
CREATE INDEX user_groups_by_group ON user_groups (environment_id, group_id, user_created_at, account_id);

/* SEARCH INDEX */
