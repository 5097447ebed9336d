-- name: collections
-- All collections with what they are called.
SELECT collection.id, source.kind, source.name, collection.name, collection.role
FROM collection JOIN source ON source.id = collection.source ORDER BY source.kind, source.name, collection.name;

-- name: all
-- How many things there are.
SELECT (SELECT count(*) FROM mail) + (SELECT count(*) FROM note) + (SELECT count(*) FROM object)
    + (SELECT count(*) FROM contact);

-- name: holding
-- How many things hold something, up to a limit.
SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?);

-- name: lying
-- What lies in some collections, given as a JSON list, up to a limit.
SELECT location.mail * 4 FROM json_each(?1) AS place JOIN location ON location.collection = place.value
UNION ALL
SELECT note.id * 4 + 1 FROM json_each(?1) AS place JOIN note ON note.collection = place.value
UNION ALL
SELECT object.id * 4 + 2 FROM json_each(?1) AS place JOIN object ON object.collection = place.value
UNION ALL
SELECT contact.id * 4 + 3 FROM json_each(?1) AS place JOIN card ON card.collection = place.value
JOIN contact ON contact.card = card.id
LIMIT ?2;

-- name: matches
-- Things that match, are in a list of rows, lie in some collections and not in others (JSON lists; empty: any, any and none), and
-- are between two moments.
SELECT words.rowid FROM words
WHERE words MATCH ?1
    AND (?2 = '' OR +words.rowid IN (SELECT value FROM json_each(?2)))
    AND (?3 = '' OR CASE words.rowid & 3
        WHEN 0 THEN EXISTS (
            SELECT 1 FROM location WHERE mail = words.rowid >> 2 AND collection IN (SELECT value FROM json_each(?3))
        )
        WHEN 1 THEN (SELECT collection FROM note WHERE id = words.rowid >> 2) IN (SELECT value FROM json_each(?3))
        WHEN 2 THEN (SELECT collection FROM object WHERE id = words.rowid >> 2) IN (SELECT value FROM json_each(?3))
        ELSE (SELECT collection FROM card JOIN contact ON contact.card = card.id WHERE contact.id = words.rowid >> 2)
            IN (SELECT value FROM json_each(?3))
    END)
    AND (?4 = '' OR NOT CASE words.rowid & 3
        WHEN 0 THEN EXISTS (
            SELECT 1 FROM location WHERE mail = words.rowid >> 2 AND collection IN (SELECT value FROM json_each(?4))
        )
        WHEN 1 THEN (SELECT collection FROM note WHERE id = words.rowid >> 2) IN (SELECT value FROM json_each(?4))
        WHEN 2 THEN (SELECT collection FROM object WHERE id = words.rowid >> 2) IN (SELECT value FROM json_each(?4))
        ELSE (SELECT collection FROM card JOIN contact ON contact.card = card.id WHERE contact.id = words.rowid >> 2)
            IN (SELECT value FROM json_each(?4))
    END)
    AND (?5 IS NULL OR CASE words.rowid & 3
        WHEN 0 THEN (SELECT moment >= ?5 AND moment < ?6 FROM mail WHERE id = words.rowid >> 2)
        WHEN 1 THEN (SELECT modified >= ?5 AND modified < ?6 FROM note WHERE id = words.rowid >> 2)
        WHEN 2 THEN
            EXISTS (SELECT 1 FROM occurrence WHERE object = words.rowid >> 2 AND ends > ?5 AND starts < ?6)
            OR EXISTS (SELECT 1 FROM task WHERE object = words.rowid >> 2 AND due >= ?5 AND due < ?6)
        ELSE 0
    END)
LIMIT ?7;

-- name: ranked
-- The best of what matches and is in a list of rows (JSON; empty: of all), with what they are worth by their words: less is more.
-- Title and sender count most, then place and files, then text and who else it went to.
SELECT words.rowid, bm25(words, 4.0, 4.0, 1.0, 0.5, 3.0, 3.0, 1.0, 1.0, 0.0) AS score FROM words
WHERE words MATCH ?1 AND (?2 = '' OR +words.rowid IN (SELECT value FROM json_each(?2)))
ORDER BY score LIMIT ?3;

-- name: metas
-- Of some things (a JSON list): when each is, nearest to a moment and within two others, and whether it lies where little is worth.
SELECT
    wanted.value,
    CASE wanted.value & 3
        WHEN 0 THEN (SELECT moment FROM mail WHERE mail.id = wanted.value >> 2)
        WHEN 1 THEN (SELECT modified FROM note WHERE note.id = wanted.value >> 2)
        WHEN 3 THEN NULL
        ELSE coalesce(
            (
                SELECT starts FROM occurrence WHERE object = wanted.value >> 2 AND (?3 IS NULL OR (ends > ?3 AND starts < ?4))
                ORDER BY ends <= ?2, abs(starts - ?2) LIMIT 1
            ),
            (SELECT due FROM task WHERE object = wanted.value >> 2 AND due IS NOT NULL ORDER BY open DESC, due LIMIT 1)
        )
    END,
    wanted.value & 3 = 0 AND NOT EXISTS (
        SELECT 1 FROM location JOIN collection ON collection.id = location.collection
        WHERE location.mail = wanted.value >> 2 AND lower(collection.role) NOT IN ('\junk', '\trash', '\drafts')
            AND instr(location.flags, '\draft') = 0
    )
FROM json_each(?1) AS wanted;

-- name: found_mails
-- Mails that lie somewhere, their ids given as a JSON list, each with the best place it lies in and its text.
SELECT wanted.value, source.name, mail.identity, mail.moment, mail.sent, mail.envelope, words.text, (
    SELECT collection.name FROM location JOIN collection ON collection.id = location.collection
    WHERE location.mail = mail.id
    ORDER BY lower(collection.role) IN ('\junk', '\trash', '\drafts'), upper(collection.name) <> 'INBOX', collection.name LIMIT 1
) AS folder
FROM json_each(?) AS wanted
CROSS JOIN mail ON mail.id = wanted.value
CROSS JOIN source ON source.id = mail.source
CROSS JOIN words ON words.rowid = mail.id * 4
WHERE folder IS NOT NULL;

-- name: found_notes
-- Notes and documents, their ids given as a JSON list.
SELECT wanted.value, source.name, note.key, note.modified, collection.role, words.text
FROM json_each(?) AS wanted
CROSS JOIN note ON note.id = wanted.value
CROSS JOIN collection ON collection.id = note.collection
CROSS JOIN source ON source.id = collection.source
CROSS JOIN words ON words.rowid = note.id * 4 + 1;

-- name: found_events
-- The occurrences of objects, their ids given as a JSON list, that are nearest to a moment and within two others, if any are.
SELECT wanted.value, collection.name, occurrence.value
FROM json_each(?1) AS wanted
CROSS JOIN occurrence ON occurrence.id = (
    SELECT id FROM occurrence WHERE object = wanted.value AND (?3 IS NULL OR (ends > ?3 AND starts < ?4))
    ORDER BY ends <= ?2, abs(starts - ?2) LIMIT 1
)
CROSS JOIN object ON object.id = occurrence.object
CROSS JOIN collection ON collection.id = object.collection;

-- name: found_tasks
-- The tasks of objects, their ids given as a JSON list.
SELECT wanted.value, collection.name, task.value
FROM json_each(?) AS wanted
CROSS JOIN task ON task.object = wanted.value
CROSS JOIN object ON object.id = task.object
CROSS JOIN collection ON collection.id = object.collection;

-- name: found_contacts
-- Contacts, their ids given as a JSON list.
SELECT wanted.value, collection.name, contact.value
FROM json_each(?) AS wanted
CROSS JOIN contact ON contact.id = wanted.value
CROSS JOIN card ON card.id = contact.card
CROSS JOIN collection ON collection.id = card.collection;

-- name: texts_of
-- The same of some things, given as a JSON list.
SELECT rowid, title, text FROM words WHERE rowid IN (SELECT value FROM json_each(?));
