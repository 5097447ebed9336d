-- name: keep
-- Keep an exam that was taken.
INSERT INTO exam (at, kind, version, quick, model, digest, server, options, total, card) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: all
-- The exams of a kind, newest first.
SELECT id, at, kind, version, quick, model, digest, server, options, total, card FROM exam
WHERE kind = ? ORDER BY id DESC LIMIT ?;

-- name: totals
-- The total of the newest exam of a kind and version that each model took; whole ones count before quick ones.
SELECT digest, model, quick, total FROM exam WHERE kind = ? AND version = ? ORDER BY quick DESC, id;
