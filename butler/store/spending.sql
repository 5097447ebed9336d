-- name: by_span
-- What model calls cost in each of some spans of time (?1, a JSON list of [from, to) as UTC text), by workflow; what belongs to
-- no run has none.
SELECT
    span.key, coalesce(run.workflow, ''), sum(CASE WHEN cached THEN 0 ELSE attempts END), sum(cached),
    sum(tokens_in), sum(tokens_out), sum(seconds)
FROM json_each(?1) AS span CROSS JOIN model_call INDEXED BY model_call_by_time LEFT JOIN run ON run.id = model_call.run
WHERE model_call.at >= json_extract(span.value, '$[0]') AND model_call.at < json_extract(span.value, '$[1]')
GROUP BY 1, 2;

-- name: by_part
-- What model calls cost in each of some spans of time (?1, as above), by workflow, model and step; and how many of them have no
-- count of tokens, because their server gave none or nothing came.
SELECT
    span.key, coalesce(run.workflow, ''), model_call.model, model_call.step, sum(CASE WHEN cached THEN 0 ELSE attempts END),
    sum(cached), sum(tokens_in), sum(tokens_out), sum(seconds), sum(cached = 0 AND attempts > 0 AND tokens_in = 0)
FROM json_each(?1) AS span CROSS JOIN model_call INDEXED BY model_call_by_time LEFT JOIN run ON run.id = model_call.run
WHERE model_call.at >= json_extract(span.value, '$[0]') AND model_call.at < json_extract(span.value, '$[1]')
GROUP BY 1, 2, 3, 4;

-- name: spared
-- The tokens, of questions and of answers, that came to nothing from a moment (?1) on because an answer was known before.
SELECT coalesce(sum(first.asked), 0), coalesce(sum(first.answered), 0)
FROM model_call AS again INDEXED BY model_call_by_time JOIN (
    SELECT key, max(tokens_in) AS asked, max(tokens_out) AS answered FROM model_call WHERE cached = 0 GROUP BY key
) AS first ON first.key = again.key
WHERE again.cached = 1 AND again.at >= ?1;

-- name: last_call
-- The number of the latest model call.
SELECT coalesce(max(id), 0) FROM model_call;

-- name: of_runs
-- What the model calls of some runs (?1, a JSON list of ids) and of the runs below them cost.
SELECT
    member.top, sum(CASE WHEN cached THEN 0 ELSE attempts END), sum(cached), sum(tokens_in), sum(tokens_out), sum(seconds)
FROM (
    SELECT value AS top, value AS id FROM json_each(?1)
    UNION ALL
    SELECT run.parent, run.id FROM json_each(?1) AS above JOIN run ON run.parent = above.value
) AS member JOIN model_call ON model_call.run = member.id
GROUP BY member.top;

-- name: below
-- How many runs each of some runs (?1, a JSON list of ids) started, and how many of them failed.
SELECT run.parent, count(*), sum(run.state = 'failed')
FROM json_each(?1) AS above JOIN run ON run.parent = above.value
GROUP BY run.parent;

-- name: calls
-- Some model calls of a run (?1) and of the runs below it after a number (?2), oldest first, without their texts.
SELECT
    model_call.id, model_call.run, at, step, version, subject, model, digest, cached, outcome, attempts, tokens_in, tokens_out,
    seconds, error
FROM model_call INDEXED BY sqlite_autoindex_model_call_1
WHERE run IN (SELECT ?1 UNION ALL SELECT id FROM run WHERE parent = ?1) AND model_call.id > ?2
ORDER BY model_call.id LIMIT ?3;

-- name: call
-- One model call of a run (?1), or of a run below it, by its number (?2).
SELECT
    run, at, step, version, subject, key, model, digest, server, cached, outcome, attempts, tokens_in, tokens_out,
    seconds, prompt, answer, error, first
FROM model_call
WHERE id = ?2 AND run IN (SELECT ?1 UNION ALL SELECT id FROM run WHERE parent = ?1);
