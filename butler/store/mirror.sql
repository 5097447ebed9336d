-- name: setting
-- A value kept under a name.
SELECT value FROM setting WHERE name = ?;

-- name: keep_setting
-- Keep a value under a name.
INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: add_source
-- Remember a source by kind and name.
INSERT INTO source (kind, name) VALUES (?, ?) ON CONFLICT (kind, name) DO NOTHING;

-- name: source
-- A source by kind and name.
SELECT id, as_of FROM source WHERE kind = ? AND name = ?;

-- name: sources
-- All sources, in a steady order.
SELECT id, kind, name, state, as_of, error FROM source ORDER BY kind, name;

-- name: keep_state
-- Note how a source fared.
UPDATE source SET state = ?, as_of = ?, error = ? WHERE id = ?;

-- name: delete_source
-- Forget a source; its collections are forgotten before.
DELETE FROM source WHERE id = ?;

-- name: collections
-- The collections of a source.
SELECT id, name, role, token, cursor FROM collection WHERE source = ?;

-- name: add_collection
-- Remember a collection.
INSERT INTO collection (source, name, role) VALUES (?, ?, ?)
ON CONFLICT (source, name) DO UPDATE SET role = excluded.role;

-- name: collection
-- A collection by source and name.
SELECT id FROM collection WHERE source = ? AND name = ?;

-- name: keep_cursor
-- Note where to go on.
UPDATE collection SET cursor = ? WHERE id = ?;

-- name: keep_token
-- Note the state in which a collection was read to its end.
UPDATE collection SET token = ? WHERE id = ?;

-- name: delete_collection
-- Forget a collection that was emptied before.
DELETE FROM collection WHERE id = ?;

-- name: count_mail
-- How many locations of mails a source has outside some collections, given as a JSON list, up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM location WHERE collection IN (
        SELECT id FROM collection WHERE source = ? AND id NOT IN (SELECT value FROM json_each(?))
    ) LIMIT ?
);

-- name: count_calendar
-- How many objects a source has outside some collections, given as a JSON list, up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM object WHERE collection IN (
        SELECT id FROM collection WHERE source = ? AND id NOT IN (SELECT value FROM json_each(?))
    ) LIMIT ?
);

-- name: count_notes
-- How many notes a source has outside some collections, given as a JSON list, up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM note WHERE collection IN (
        SELECT id FROM collection WHERE source = ? AND id NOT IN (SELECT value FROM json_each(?))
    ) LIMIT ?
);

-- name: count_contacts
-- How many files of cards a source has outside some collections, given as a JSON list, up to a limit.
SELECT count(*) FROM (
    SELECT 1 FROM card WHERE collection IN (
        SELECT id FROM collection WHERE source = ? AND id NOT IN (SELECT value FROM json_each(?))
    ) LIMIT ?
);

-- name: present_mail
-- How many of some keys, given as a JSON list, a folder has.
SELECT count(*) FROM location WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: present_calendar
-- How many of some keys, given as a JSON list, a calendar has.
SELECT count(*) FROM object WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: present_notes
-- How many of some keys, given as a JSON list, a notes root has.
SELECT count(*) FROM note WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: present_contacts
-- How many of some keys, given as a JSON list, an address book has.
SELECT count(*) FROM card WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: known_mail
-- The keys of a folder and their flags.
SELECT key, flags FROM location WHERE collection = ?;

-- name: known_calendar
-- The keys of a calendar and their versions.
SELECT key, version FROM object WHERE collection = ?;

-- name: known_notes
-- The keys of a notes root and their versions.
SELECT key, version FROM note WHERE collection = ?;

-- name: known_contacts
-- The keys of an address book and their versions.
SELECT key, version FROM card WHERE collection = ?;

-- name: add_problem
-- Keep a sentence on something that could not be read well.
INSERT OR REPLACE INTO problem (collection, key, place, sentence) VALUES (?, ?, ?, ?);

-- name: delete_problems
-- Forget the sentences on some keys, given as a JSON list.
DELETE FROM problem WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: delete_all_problems
-- Forget the sentences on a collection.
DELETE FROM problem WHERE collection = ?;

-- name: problems
-- All sentences.
SELECT source.kind, source.name, collection.name, problem.key, problem.sentence
FROM problem JOIN collection ON collection.id = problem.collection JOIN source ON source.id = collection.source
ORDER BY source.kind, source.name, collection.name, problem.key, problem.place LIMIT ?;

-- name: quarantined
-- What is set aside in a source.
SELECT collection.name, quarantine.key, quarantine.sha256
FROM quarantine JOIN collection ON collection.id = quarantine.collection WHERE collection.source = ?;

-- name: add_quarantine
-- Set aside what twice killed the process that parses.
INSERT OR REPLACE INTO quarantine (collection, key, sha256, at) VALUES (?, ?, ?, ?);

-- name: delete_quarantined
-- Forget that some things of a collection were set aside.
DELETE FROM quarantine WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: delete_quarantine
-- Forget what was set aside in a collection.
DELETE FROM quarantine WHERE collection = ?;

-- name: last_thing
-- The highest row of the table of words.
SELECT max(rowid) FROM words;

-- name: texts
-- Of things of some rows the words that have a meaning.
SELECT rowid, title, text FROM words WHERE rowid >= ? AND rowid < ?;
