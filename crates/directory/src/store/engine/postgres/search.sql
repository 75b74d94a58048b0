-- Every run of one, two and three characters within a text that is searched, of each user, as numbers: see search.rs.
CREATE TABLE user_grams (
    environment_id BIGINT NOT NULL,
    account_id BYTEA NOT NULL,
    -- The user's own, so that a search finds the oldest or newest without a look at the users.
    created_at BIGINT NOT NULL,
    grams BIGINT[] NOT NULL,
    PRIMARY KEY (environment_id, account_id),
    FOREIGN KEY (environment_id, account_id) REFERENCES users (environment_id, account_id) ON DELETE CASCADE
);
-- Numbers that look random are not packed in vain. Nor are the commonest of them looked for: without statistics the plan is
-- always the one that asks the index.
ALTER TABLE user_grams ALTER COLUMN grams SET STORAGE EXTERNAL, ALTER COLUMN grams SET STATISTICS 0;
