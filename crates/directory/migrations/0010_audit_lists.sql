-- Whoever does half of all that is done has verbs of which there are few, or none: an index by actor alone reads half of all to
-- find that out. What an actor did of any kind is put together from its verbs, of which there are some dozens.
DROP INDEX audit_events_by_actor;
CREATE INDEX audit_events_by_actor ON audit_events (actor, chain, verb, at) WHERE chain IS NOT NULL;
