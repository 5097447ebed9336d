-- name: begin
-- Begin a conversation.
INSERT INTO conversation (title, started, updated) VALUES (?1, ?2, ?2) RETURNING id;

-- name: touch
-- Note that something was asked in a conversation; no row changed means that there is none.
UPDATE conversation SET updated = ? WHERE id = ?;

-- name: add_turn
-- Keep a question.
INSERT INTO turn (conversation, question, state, asked) VALUES (?, ?, 'asked', ?) RETURNING id;

-- name: runs
-- Note which run answers a question.
UPDATE turn SET run = ? WHERE id = ? AND state = 'asked';

-- name: end_turn
-- End a question that waits for its answer; no row changed means that it had ended before, or was deleted.
UPDATE turn SET state = ?, ended = ?, answer = ?, note = ? WHERE id = ? AND state = 'asked';

-- name: ask_again
-- Let a question that was not answered wait for its answer again.
UPDATE turn SET state = 'asked', ended = '', note = '', asked = ? WHERE id = ? AND state IN ('failed', 'cancelled');

-- name: turn
-- One question.
SELECT id, conversation, question, state, asked, ended, run, answer, note FROM turn WHERE id = ?;

-- name: turns
-- The questions of a conversation, oldest first.
SELECT id, conversation, question, state, asked, ended, run, answer, note FROM turn WHERE conversation = ? ORDER BY id;

-- name: last_turns
-- The latest answered questions of a conversation before one of them, newest first.
SELECT id, conversation, question, state, asked, ended, run, answer, note FROM turn
WHERE conversation = ? AND id < ? AND state = 'answered' ORDER BY id DESC LIMIT ?;

-- name: open_turns
-- The questions that wait for their answers, oldest first.
SELECT id, conversation, question, state, asked, ended, run, answer, note FROM turn WHERE state = 'asked' ORDER BY id;

-- name: conversation
-- One conversation.
SELECT id, title, started, updated, (SELECT count(*) FROM turn WHERE turn.conversation = conversation.id)
FROM conversation WHERE id = ?;

-- name: conversations
-- The latest conversations after the first so many, newest first.
SELECT id, title, started, updated, (SELECT count(*) FROM turn WHERE turn.conversation = conversation.id)
FROM conversation ORDER BY updated DESC, id DESC LIMIT ? OFFSET ?;

-- name: count
-- How many conversations there are.
SELECT count(*) FROM conversation;

-- name: add_line
-- Keep a line that is told while a question is answered.
INSERT INTO turn_line (turn, line) SELECT id, ?2 FROM turn WHERE id = ?1 AND state = 'asked';

-- name: lines
-- What was told so far, oldest first.
SELECT line FROM turn_line WHERE turn = ? ORDER BY id;

-- name: last_line
-- The number of the line that was told last of all.
SELECT coalesce(max(id), 0) FROM turn_line;

-- name: forget_lines
-- Drop what was told while a question was answered.
DELETE FROM turn_line WHERE turn = ?;

-- name: every_conversation
-- All conversations.
SELECT id FROM conversation ORDER BY id;

-- name: outlived
-- The conversations in which nothing was asked since a time.
SELECT id FROM conversation WHERE updated < ? ORDER BY id;

-- name: turn_runs
-- The runs that answered in a conversation.
SELECT run FROM turn WHERE conversation = ? AND run <> '';

-- name: delete_lines
-- Delete what was told in a conversation.
DELETE FROM turn_line WHERE turn IN (SELECT id FROM turn WHERE conversation = ?);

-- name: delete_turns
-- Delete the questions of a conversation.
DELETE FROM turn WHERE conversation = ?;

-- name: delete_conversation
-- Delete a conversation; no row changed means that there is none.
DELETE FROM conversation WHERE id = ?;

-- name: delete_answers
-- Delete the answers of the model that a run was given, so that none is given again.
DELETE FROM answer WHERE key IN (SELECT key FROM model_call WHERE run = ?1 OR run IN (SELECT id FROM run WHERE parent = ?1));

-- name: delete_words
-- Delete the words of a run's questions to the model; what they cost is kept.
UPDATE model_call SET prompt = '', answer = '', error = '' WHERE run = ?1 OR run IN (SELECT id FROM run WHERE parent = ?1);

-- name: delete_values
-- Delete what a run has kept.
DELETE FROM run_value WHERE run = ?1 OR run IN (SELECT id FROM run WHERE parent = ?1);
