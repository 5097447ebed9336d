-- name: answer
-- The recorded answer under a cache key.
SELECT answer FROM answer WHERE key = ?;

-- name: record_call
-- Keep a model call, once for each run and key.
INSERT INTO model_call (
    run, key, at, step, version, subject, model, digest, server, cached, outcome, attempts, tokens_in, tokens_out,
    seconds, prompt, answer, error, first
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run, key) DO NOTHING;

-- name: keep_answer
-- Keep the answer of a call that had one; a later one takes its place.
INSERT INTO answer (key, answer, at) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, at = excluded.at;

-- name: calls_about
-- The model calls about one reference, newest first.
SELECT
    run, at, step, version, subject, key, model, digest, server, cached, outcome, attempts, tokens_in, tokens_out,
    seconds, prompt, answer, error, first
FROM model_call WHERE subject = ? ORDER BY id DESC LIMIT ?;

-- name: ratios
-- The latest token ratios seen with a digest.
SELECT ratio FROM token_ratio WHERE digest = ? ORDER BY id DESC LIMIT ?;

-- name: learn_ratio
-- Note a ratio of prompt tokens to prompt bytes.
INSERT INTO token_ratio (digest, ratio) VALUES (?, ?);

-- name: forget_ratios
-- Drop all but the latest ratios of a digest.
DELETE FROM token_ratio WHERE digest = ?1 AND id NOT IN (
    SELECT id FROM token_ratio WHERE digest = ?1 ORDER BY id DESC LIMIT ?2
);

-- name: start_run
-- Note that a run starts.
INSERT INTO run (id, workflow, subject, state, started, now, parent) VALUES (?, ?, ?, 'running', ?, ?, ?);

-- name: end_run
-- End a run that is still running; no row changed means that it had ended before.
UPDATE run SET state = ?, ended = ?, error = ? WHERE id = ? AND state = 'running';

-- name: run
-- One run.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run WHERE id = ?;

-- name: unfinished_run
-- The latest run of a workflow on a subject that has not ended.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run
WHERE workflow = ? AND subject = ? AND state = 'running' ORDER BY rowid DESC LIMIT 1;

-- name: running_runs
-- All runs that have not ended, oldest first.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run WHERE state = 'running' ORDER BY rowid;

-- name: recent_runs
-- The latest runs, newest first.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run ORDER BY rowid DESC LIMIT ?;

-- name: top_runs
-- The latest runs that no run started, before one of them (?1, or empty), newest first.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run
WHERE parent IS NULL AND rowid < coalesce((SELECT rowid FROM run WHERE id = ?1), 9223372036854775807) ORDER BY rowid DESC LIMIT ?2;

-- name: top_runs_of_workflow
-- Those of one workflow (?3), in one state (?4) or, where that is empty, in any.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run INDEXED BY run_top_by_workflow
WHERE parent IS NULL AND rowid < coalesce((SELECT rowid FROM run WHERE id = ?1), 9223372036854775807) AND workflow = ?3 AND (?4 = '' OR state = ?4)
ORDER BY rowid DESC LIMIT ?2;

-- name: top_runs_in_state
-- Those in one state (?3).
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run INDEXED BY run_top_by_state
WHERE parent IS NULL AND rowid < coalesce((SELECT rowid FROM run WHERE id = ?1), 9223372036854775807) AND state = ?3
ORDER BY rowid DESC LIMIT ?2;

-- name: top_workflows
-- The workflows that ran.
SELECT DISTINCT workflow FROM run INDEXED BY run_top_by_workflow WHERE parent IS NULL ORDER BY workflow;

-- name: some_runs_below
-- Some of the runs that a run (?1) started, after one of them (?2, or empty), oldest first.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run
WHERE parent = ?1 AND rowid > coalesce((SELECT rowid FROM run WHERE id = ?2), 0) ORDER BY rowid LIMIT ?3;

-- name: runs_below
-- The runs that a run started, oldest first.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run WHERE parent = ? ORDER BY rowid;

-- name: runs_named
-- The runs whose id begins so, at most two.
SELECT id, workflow, subject, state, started, ended, now, error, parent FROM run
WHERE substr(id, 1, ?2) = ?1 ORDER BY rowid DESC LIMIT 2;

-- name: calls_of
-- The model calls of a run, oldest first.
SELECT
    run, at, step, version, subject, key, model, digest, server, cached, outcome, attempts, tokens_in, tokens_out,
    seconds, prompt, answer, error, first
FROM model_call WHERE run = ? ORDER BY id;

-- name: keep_value
-- Keep an intermediate value of a run.
INSERT INTO run_value (run, stage, value) VALUES (?, ?, ?)
ON CONFLICT (run, stage) DO UPDATE SET value = excluded.value;

-- name: kept_value
-- An intermediate value of a run.
SELECT value FROM run_value WHERE run = ? AND stage = ?;

-- name: forget_values
-- Drop the intermediate values of a run.
DELETE FROM run_value WHERE run = ?;

-- name: usage
-- What the model calls of a run and of the runs below it cost.
SELECT
    coalesce(sum(CASE WHEN cached THEN 0 ELSE attempts END), 0), coalesce(sum(cached), 0),
    coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0), coalesce(sum(seconds), 0.0)
FROM model_call WHERE run = ?1 OR run IN (SELECT id FROM run WHERE parent = ?1);

-- name: keep_briefing
-- Keep the briefing of a day; a later one of the same day takes its place.
INSERT INTO briefing (day, run, briefing, origins, snapshot, path, written) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day) DO UPDATE SET run = excluded.run, briefing = excluded.briefing, origins = excluded.origins,
    snapshot = excluded.snapshot, path = excluded.path, written = excluded.written;

-- name: briefing
-- The briefing of a day.
SELECT run, briefing, origins, snapshot, path, written FROM briefing WHERE day = ?;

-- name: latest_day
-- The day of the latest briefing.
SELECT max(day) FROM briefing;

-- name: days_before
-- The latest days before a day that have a briefing, newest first.
SELECT day FROM briefing WHERE day < ? ORDER BY day DESC LIMIT ?;

-- name: day_after
-- The first day after a day that has a briefing.
SELECT min(day) FROM briefing WHERE day > ?;

-- name: snapshot_before
-- The snapshot kept with the latest briefing of an earlier day.
SELECT snapshot FROM briefing WHERE day < ? ORDER BY day DESC LIMIT 1;

-- name: remembered
-- The day of the latest briefing whose snapshot knew an occurrence, and what it knew of it.
SELECT briefing.day, event.value
FROM briefing, json_each(briefing.snapshot, '$.events') AS event
WHERE event.key = ?
ORDER BY briefing.day DESC LIMIT 1;

-- name: origins_of
-- Every origin that names a reference, or a part of what it names, newest day first.
SELECT briefing.day, origin.value
FROM briefing, json_each(briefing.origins) AS origin
WHERE EXISTS (
    SELECT 1 FROM json_each(origin.value, '$.refs') AS ref
    WHERE ref.value = ?1 OR substr(ref.value, 1, length(?1) + 1) IN (?1 || '/', ?1 || '#')
)
ORDER BY briefing.day DESC, origin.key;
