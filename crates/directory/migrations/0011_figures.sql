-- Who was here last, for the figures of the home page; who never was costs nothing.
CREATE INDEX users_by_last_seen ON users (environment_id, last_seen_at) WHERE last_seen_at > 0;
