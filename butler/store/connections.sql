-- name: begin
-- Write down a connection that is about to be made.
INSERT INTO connection (process, began, purpose, host, port, addresses) VALUES (?, ?, ?, ?, ?, ?) RETURNING id;

-- name: end
-- Forget that it is under way, if it still is.
DELETE FROM connection WHERE id = ?;

-- name: open
-- All connections under way, oldest first.
SELECT id, process, began, purpose, host, port, addresses FROM connection ORDER BY id;

-- name: lines
-- The lines about connections after a number (?1), since a time (?2), oldest first.
SELECT seq, at, what, facts FROM journal INDEXED BY journal_by_what
WHERE what = ?3 AND seq > ?1 AND at >= ?2 ORDER BY seq LIMIT ?4;
