
-- Every run of one, two and three characters within a line of what is searched, with the environment before it, so that an
-- environment's search reads nothing of another's. Dear, so that the planner never works it out where the index knows it.
CREATE FUNCTION user_grams(environment BIGINT, sought TEXT, email TEXT, username TEXT) RETURNS TEXT[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
BEGIN
    -- In this language the plan is kept; in plain SQL it would be made anew for each user that is written.
    RETURN (
        SELECT array_agg(environment || ' ' || substr(line, first, long))
        FROM unnest(string_to_array(sought || E'\n' || email || CASE username WHEN email THEN '' ELSE E'\n' || username END, E'\n')) AS line,
             generate_series(1, length(line)) AS first,
             generate_series(1, LEAST(3, length(line) - first + 1)) AS long);
END
$$;
-- Whoever searches reads the list of what is not in the index proper yet: it is kept short.
CREATE INDEX users_by_gram ON users USING gin (user_grams(environment_id, sought, email_folded, username_folded))
    WITH (gin_pending_list_limit = 2048);
