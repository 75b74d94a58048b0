-- Groups within groups, memberships that end, and since when and by whose doing somebody has what.

-- Whoever is in the contained group is in the group too.
CREATE TABLE group_contains (
    environment_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    contained_id BIGINT NOT NULL,
    -- NULL here and below: from before this was noted; NULL for who: the command line.
    since BIGINT,
    given_by BYTEA,
    PRIMARY KEY (environment_id, group_id, contained_id),
    FOREIGN KEY (environment_id, group_id) REFERENCES groups (environment_id, id),
    FOREIGN KEY (environment_id, contained_id) REFERENCES groups (environment_id, id)
) /* WITHOUT ROWID */;
CREATE INDEX group_contains_by_contained ON group_contains (environment_id, contained_id, group_id);

ALTER TABLE group_permissions ADD COLUMN since BIGINT;
ALTER TABLE group_permissions ADD COLUMN given_by BYTEA;

ALTER TABLE user_groups ADD COLUMN since BIGINT;
ALTER TABLE user_groups ADD COLUMN given_by BYTEA;
-- From then on it no longer counts, whether or not the row is still there.
ALTER TABLE user_groups ADD COLUMN expires_at BIGINT;
CREATE INDEX user_groups_by_expiry ON user_groups (expires_at) WHERE expires_at IS NOT NULL;

CREATE INDEX audit_events_by_subject ON audit_events (environment_id, subject, id);
