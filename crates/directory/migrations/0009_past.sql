-- What was, so that it can be asked: beside each table that says who somebody is and what they may do, one with its rows as
-- they stood until a moment. The change that ends a row puts it there, in its own transaction. A row holds from `since` on,
-- and no longer at `until`. No references: the past outlives what it tells of.

-- When what is here now began; 0 and NULL: before that was noted.
ALTER TABLE permissions ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE menus ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE user_menus ADD COLUMN since BIGINT NOT NULL DEFAULT 0;

-- Since when and by whose doing somebody administers; it was looked for among the events.
ALTER TABLE users ADD COLUMN administrator_since BIGINT;
ALTER TABLE users ADD COLUMN administrator_by BYTEA;
DROP INDEX audit_events_waiting_by_subject;

-- From when on the environment's past is known; NULL: from when this table was made.
ALTER TABLE environments ADD COLUMN past_since BIGINT;

-- A user with what is shown of its account. Never a hash or a seed. By account first: whoever is erased is found in all
-- environments at once.
CREATE TABLE users_past (
    environment_id BIGINT NOT NULL,
    account_id BYTEA NOT NULL,
    until BIGINT NOT NULL,
    email TEXT,
    username TEXT,
    reset_password BOOLEAN NOT NULL,
    reset_second_factor BOOLEAN NOT NULL,
    operator BOOLEAN NOT NULL,
    service BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    phone TEXT NOT NULL,
    language TEXT NOT NULL,
    locale TEXT NOT NULL,
    administrator BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    pending BOOLEAN NOT NULL,
    mfa BOOLEAN NOT NULL,
    external_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    administrator_since BIGINT,
    administrator_by BYTEA,
    PRIMARY KEY (account_id, environment_id, until)
) /* WITHOUT ROWID */;
CREATE INDEX users_past_by_end ON users_past (environment_id, until);
CREATE INDEX users_past_administrators ON users_past (environment_id, created_at, account_id) WHERE administrator;
CREATE INDEX users_past_operators ON users_past (environment_id, created_at, account_id) WHERE operator;

CREATE TABLE user_groups_past (
    environment_id BIGINT NOT NULL,
    account_id BYTEA NOT NULL,
    group_id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    since BIGINT,
    given_by BYTEA,
    expires_at BIGINT,
    user_created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, account_id, group_id, until)
) /* WITHOUT ROWID */;
CREATE INDEX user_groups_past_by_group ON user_groups_past (environment_id, group_id, user_created_at, account_id);
CREATE INDEX user_groups_past_by_end ON user_groups_past (environment_id, until);

CREATE TABLE user_menus_past (
    environment_id BIGINT NOT NULL,
    account_id BYTEA NOT NULL,
    menu_id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    since BIGINT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (environment_id, account_id, menu_id, until)
) /* WITHOUT ROWID */;
CREATE INDEX user_menus_past_by_end ON user_menus_past (environment_id, until);

-- What follows changes seldom, and is read as a whole.
CREATE TABLE environments_past (
    environment_id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (environment_id, until)
) /* WITHOUT ROWID */;

CREATE TABLE permissions_past (
    environment_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    since BIGINT NOT NULL,
    codename TEXT NOT NULL,
    PRIMARY KEY (environment_id, id, until)
) /* WITHOUT ROWID */;

CREATE TABLE groups_past (
    environment_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    since BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (environment_id, id, until)
) /* WITHOUT ROWID */;

CREATE TABLE menus_past (
    environment_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    since BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (environment_id, id, until)
) /* WITHOUT ROWID */;

CREATE TABLE group_permissions_past (
    environment_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    permission_id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    since BIGINT,
    given_by BYTEA,
    PRIMARY KEY (environment_id, group_id, permission_id, until)
) /* WITHOUT ROWID */;

CREATE TABLE group_contains_past (
    environment_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    contained_id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    since BIGINT,
    given_by BYTEA,
    PRIMARY KEY (environment_id, group_id, contained_id, until)
) /* WITHOUT ROWID */;

-- When something of the tables above changed: between two of these moments they are the same.
CREATE TABLE role_changes (
    environment_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, at)
) /* WITHOUT ROWID */;
