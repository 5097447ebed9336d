-- name: note
-- Note how a subject is now; where that is known nothing changes.
INSERT INTO notice (kind, subject, now, told, sentence, words, since) VALUES (?, ?, ?, '', ?, ?, ?)
ON CONFLICT (kind, subject) DO UPDATE SET now = excluded.now, sentence = excluded.sentence, words = excluded.words,
    since = excluded.since
WHERE notice.now <> excluded.now;

-- name: adopt
-- Note how a subject is when it is seen for the first time, as if its owner had been told.
INSERT INTO notice (kind, subject, now, told, sentence, words, since) VALUES (?1, ?2, ?3, ?3, '', '', ?4)
ON CONFLICT (kind, subject) DO NOTHING;

-- name: waiting_notices
-- What waits to be told, oldest first, and when something of each of those kinds was told last.
SELECT kind, subject, now, told, sentence, words, since,
    CASE kind WHEN 'held' THEN (SELECT max(told_at) FROM notice WHERE kind = 'held') ELSE told_at END
FROM notice WHERE now <> told ORDER BY since, kind, subject;

-- name: lasting
-- The subjects of a kind of which there is something to tell, and its words.
SELECT subject, words FROM notice WHERE kind = ? AND now <> '';

-- name: tell
-- Note that a state was told; no row changed means that it is another one by now, which is told next.
UPDATE notice SET told = ?3, told_at = ?4 WHERE kind = ?1 AND subject = ?2;

-- name: note_held
-- Note each action that is held and that nothing was noted of; one that is held anew is another, unless its owner edited it.
INSERT INTO notice (kind, subject, now, told, sentence, words, since)
SELECT 'held', id || '/' || version, 'so', '', kind, json_extract(about, '$.reason'), ?1 FROM action
WHERE status = 'held' AND NOT EXISTS (
    SELECT 1 FROM decision WHERE decision.action = action.id AND verb = 'edit' AND decision.version = action.version - 1
)
ON CONFLICT (kind, subject) DO NOTHING;

-- name: drop_decided
-- Tell nothing of actions that were decided before anybody was told of them.
DELETE FROM notice WHERE kind = 'held' AND now <> told AND NOT EXISTS (
    SELECT 1 FROM action WHERE status = 'held' AND id || '/' || version = notice.subject
);

-- name: latest_digest
-- The model that answered last, and its digest.
SELECT model, digest FROM model_call WHERE digest <> '' AND cached = 0 ORDER BY id DESC LIMIT 1;

-- name: is_chosen
-- Whether a digest is one that its owner chose to pin.
SELECT 1 FROM model_pin WHERE digest = ? AND how <> 'first use' LIMIT 1;

-- name: settle
-- Forget a subject, whether or not it was told of.
DELETE FROM notice WHERE kind = ? AND subject = ?;

-- name: settle_other
-- Forget a subject unless it is noted to be like this.
DELETE FROM notice WHERE kind = ? AND subject = ? AND now <> ?;

-- name: forget_notices
-- Forget what was told long ago of what comes only once; of the others, where all is well.
DELETE FROM notice WHERE since < ?1 AND (kind IN ('briefing', 'missed') OR (kind IN ('job', 'source') AND now = '')
    OR (kind = 'held' AND NOT EXISTS (
        SELECT 1 FROM action WHERE status = 'held' AND id || '/' || version = notice.subject
    )));
