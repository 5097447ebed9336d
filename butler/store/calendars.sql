-- name: object_ids
-- The numbers of some objects, their keys given as a JSON list.
SELECT id FROM object WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: all_object_ids
-- The numbers of all objects of a calendar.
SELECT id FROM object WHERE collection = ?;

-- name: add_object
-- Keep a calendar object.
INSERT INTO object (collection, key, version, expand_after, content) VALUES (?, ?, ?, ?, ?) RETURNING id;

-- name: delete_object
-- Forget an object.
DELETE FROM object WHERE id = ?;

-- name: add_occurrence
-- Keep an occurrence.
INSERT INTO occurrence (object, uid, recurrence_id, starts, ends, long, value) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: add_event_text
-- Make an object's events searchable, all occurrences of one summary as one.
INSERT INTO words (rowid, title, sender, recipient, place, text, folded, marks) VALUES (? * 4 + 2, ?, ?, ?, ?, ?, ?, ?);

-- name: delete_event_text
-- Forget the searchable words of an object.
DELETE FROM words WHERE rowid = ? * 4 + 2;

-- name: delete_occurrences
-- Forget the occurrences of an object.
DELETE FROM occurrence WHERE object = ?;

-- name: add_task
-- Keep a task.
INSERT INTO task (object, uid, open, due, value) VALUES (?, ?, ?, ?, ?);

-- name: delete_tasks
-- Forget the tasks of an object.
DELETE FROM task WHERE object = ?;

-- name: to_expand
-- The objects of a calendar whose occurrences end too soon for a day, or were worked out when the clock was far ahead.
SELECT key, version, content FROM object WHERE collection = ?1 AND expand_after <= ?2
UNION ALL SELECT key, version, content FROM object WHERE collection = ?1 AND expand_after > ?3 LIMIT ?4;

-- name: expand_all
-- Have every object expanded anew.
UPDATE object SET expand_after = '';
