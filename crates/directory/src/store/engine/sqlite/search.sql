-- A number for every user, which is what the index knows it by. The upper part is the millisecond when the user came to be
-- here, so that numbers go by age; the lower 16 bits tell those of one millisecond apart.
CREATE TABLE user_places (
    place INTEGER PRIMARY KEY,
    environment_id INTEGER NOT NULL,
    account_id BLOB NOT NULL,
    UNIQUE (environment_id, account_id)
);
INSERT INTO user_places (place, environment_id, account_id)
    SELECT created_at / 1000 * 65536 + row_number() OVER (PARTITION BY created_at / 1000) - 1, environment_id, account_id
    FROM users ORDER BY 1;

-- Places whose users' texts the index does not show yet, with those that it shows; NULL: none. Emptied at the end of each
-- group of writes.
CREATE TABLE user_unsought (place INTEGER PRIMARY KEY, environment_id INTEGER NOT NULL, texts TEXT);
INSERT INTO user_unsought (place, environment_id, texts) SELECT place, environment_id, NULL FROM user_places;

-- It keeps nothing of a user but the places of grams: what goes is told to it by name.
CREATE VIRTUAL TABLE user_search USING fts5 (grams, content='', detail=none, columnsize=0, tokenize='ascii');

CREATE TRIGGER user_places_begin AFTER INSERT ON users BEGIN
    INSERT INTO user_places (place, environment_id, account_id) VALUES (
        COALESCE((SELECT max(place) + 1 FROM user_places
                  WHERE place BETWEEN new.created_at / 1000 * 65536 AND new.created_at / 1000 * 65536 + 65535),
                 new.created_at / 1000 * 65536),
        new.environment_id, new.account_id);
    INSERT OR IGNORE INTO user_unsought (place, environment_id, texts)
        SELECT place, new.environment_id, NULL FROM user_places
        WHERE environment_id = new.environment_id AND account_id = new.account_id;
END;
CREATE TRIGGER user_places_change AFTER UPDATE OF sought, email_folded, username_folded ON users
WHEN new.sought <> old.sought OR new.email_folded <> old.email_folded OR new.username_folded <> old.username_folded BEGIN
    INSERT OR IGNORE INTO user_unsought (place, environment_id, texts)
        SELECT place, old.environment_id,
               old.sought || char(10) || old.email_folded || char(10) || old.username_folded
        FROM user_places WHERE environment_id = old.environment_id AND account_id = old.account_id;
END;
CREATE TRIGGER user_places_end AFTER DELETE ON users BEGIN
    INSERT OR IGNORE INTO user_unsought (place, environment_id, texts)
        SELECT place, old.environment_id,
               old.sought || char(10) || old.email_folded || char(10) || old.username_folded
        FROM user_places WHERE environment_id = old.environment_id AND account_id = old.account_id;
    DELETE FROM user_places WHERE environment_id = old.environment_id AND account_id = old.account_id;
END;
