-- name: needs
-- The held actions of a kind, an account and a workflow (empty ones stand for all), some left out (a JSON array of their
-- ids), those of most need first: what is over
-- soon, the soonest first; then what somebody else waits for; then events and tasks; then the rest; of equals the newest.
SELECT id FROM action
WHERE
    status = 'held' AND (?1 = '' OR kind = ?1) AND (?2 = '' OR account = ?2)
    AND (?3 = '' OR CASE WHEN json_valid(about) THEN json_extract(about, '$.workflow') END = ?3)
    AND id NOT IN (SELECT value FROM json_each(?7))
ORDER BY
    CASE WHEN expires <> '' AND expires <= ?4 THEN expires ELSE '~' END,
    CASE
        WHEN kind IN ('mail.draft', 'mail.send', 'calendar.respond') THEN 0
        WHEN kind LIKE 'calendar.%' OR kind LIKE 'task.%' THEN 1
        ELSE 2
    END,
    id DESC
LIMIT ?5 OFFSET ?6;

-- name: tallies
-- How many actions are held, by kind, account and workflow.
SELECT kind, account, CASE WHEN json_valid(about) THEN json_extract(about, '$.workflow') ELSE '' END AS workflow, count(*)
FROM action WHERE status = 'held' GROUP BY kind, account, workflow ORDER BY kind, account, workflow;

-- name: last_decided
-- The actions that were decided about last, the last one first.
SELECT action FROM (SELECT action, id FROM decision ORDER BY id DESC LIMIT ?) GROUP BY action ORDER BY max(id) DESC;

-- name: in_short
-- The newest held actions in short: whose words the first of their sources holds is in the taint, [ref, by, foreign].
SELECT
    id, kind, run, source,
    CASE
        WHEN NOT json_valid(about) THEN ''
        WHEN json_extract(about, '$.taint[0][2]') THEN json_extract(about, '$.taint[0][1]')
        ELSE ''
    END
FROM action INDEXED BY action_by_status
WHERE status = 'held' AND (?2 = '' OR account = ?2) ORDER BY id DESC LIMIT ?1;

-- name: by_programs
-- How many actions other programs proposed since a moment, whatever became of them, and how many of theirs wait.
SELECT
    count(*) FILTER (WHERE created >= ?1),
    count(*) FILTER (WHERE status = 'held')
FROM action INDEXED BY action_by_run WHERE run <> '' AND run > ?2 || '-' AND run < ?2 || '.';
