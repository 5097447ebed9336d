-- name: forget_run_values
-- Drop what ended runs kept, should one have ended without doing so.
DELETE FROM run_value WHERE run IN (SELECT id FROM run WHERE ended < ?);

-- name: forget_prompts
-- Drop the words of old questions to the model and of their answers; what they cost is kept.
UPDATE model_call SET prompt = '', answer = '' WHERE at < ? AND (prompt <> '' OR answer <> '');

-- name: forget_answers
-- Drop old answers that were kept so that the same is not asked twice.
DELETE FROM answer WHERE at < ?;

-- name: line_hash
-- The hash of a line of the journal.
SELECT hash FROM journal WHERE seq = ?;

-- name: journal_end
-- The number and hash of the last line of the journal.
SELECT seq, hash FROM journal_head;
