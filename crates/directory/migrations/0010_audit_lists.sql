-- Lists of the audit trail, by whatever is asked. In all of these the sequence stands last: read backwards they are in the order of
-- the lists, so that nothing is sorted before the first page is found.

-- Whoever does half of all that is done has verbs of which there are few, or none: an index by actor alone reads half of all to
-- find that out. What an actor did of any kind is put together from its verbs, of which there are some dozens.
DROP INDEX audit_events_by_actor;
CREATE INDEX audit_events_by_actor ON audit_events (actor, chain, verb, at, sequence) WHERE chain IS NOT NULL;
DROP INDEX audit_events_by_subject;
CREATE INDEX audit_events_by_subject ON audit_events (subject, chain, at, sequence) WHERE chain IS NOT NULL;
DROP INDEX audit_events_by_verb;
CREATE INDEX audit_events_by_verb ON audit_events (chain, verb, at, sequence) WHERE chain IS NOT NULL;
-- By time alone, for whoever asks by nothing else and says so (sequence IS NOT NULL, which is true of every chained event): who asks
-- for a year of what hardly ever happens must not be led through the year.
DROP INDEX audit_events_by_time;
CREATE INDEX audit_events_by_time ON audit_events (chain, at, sequence) WHERE sequence IS NOT NULL;
