-- name: note_ids
-- The numbers of some notes, their keys given as a JSON list.
SELECT id FROM note WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: all_note_ids
-- The numbers of all notes of a root.
SELECT id FROM note WHERE collection = ?;

-- name: add_note
-- Keep a note.
INSERT INTO note (collection, key, version, modified, content_hash) VALUES (?, ?, ?, ?, ?) RETURNING id;

-- name: role
-- The role of a root.
SELECT role FROM collection WHERE id = ?;

-- name: add_note_text
-- Keep a note's text and make it searchable.
INSERT INTO words (rowid, title, text, folded, marks) VALUES (? * 4 + 1, ?, ?, ?, ?);

-- name: delete_note
-- Forget a note.
DELETE FROM note WHERE id = ?;

-- name: delete_note_text
-- Forget a note's text.
DELETE FROM words WHERE rowid = ? * 4 + 1;
