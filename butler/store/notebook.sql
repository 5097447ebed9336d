-- name: note_ids
-- The numbers of some notes, their keys given as a JSON list.
SELECT id FROM note WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: all_note_ids
-- The numbers of all notes of a root.
SELECT id FROM note WHERE collection = ?;

-- name: add_note
-- Keep a note.
INSERT INTO note (collection, key, version, modified, content_hash) VALUES (?, ?, ?, ?, ?) RETURNING id;

-- name: add_note_text
-- Keep a note's text and make it searchable.
INSERT INTO note_text (rowid, path, text) VALUES (?, ?, ?);

-- name: delete_note
-- Forget a note.
DELETE FROM note WHERE id = ?;

-- name: delete_note_text
-- Forget a note's text.
DELETE FROM note_text WHERE rowid = ?;
