-- name: head
-- The number and the hash of the last line.
SELECT seq, hash FROM journal_head WHERE one = 1;

-- name: add_line
-- Add a line.
INSERT INTO journal (seq, at, what, subject, facts, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: move_head
-- Name the new last line, if the old one still is what was read.
UPDATE journal_head SET seq = ?1 + 1, hash = ?2 WHERE one = 1 AND seq = ?1;

-- name: lines
-- Some lines after a number, oldest first.
SELECT seq, at, what, subject, facts, previous, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?;

-- name: latest_lines
-- The latest lines before a number, newest first.
SELECT seq, at, what, subject, facts, previous, hash FROM journal WHERE seq < ? ORDER BY seq DESC LIMIT ?;

-- name: lines_about
-- All lines about one thing, oldest first.
SELECT seq, at, what, subject, facts, previous, hash FROM journal WHERE subject = ? ORDER BY seq;

-- name: some
-- The latest lines from a number (?2) to before another (?1), newest first.
SELECT seq, at, what, subject, facts, previous, hash FROM journal
WHERE seq < ?1 AND seq >= ?2 ORDER BY seq DESC LIMIT ?3;

-- name: some_of_what
-- Those of them that tell of one thing that happened (?4).
SELECT seq, at, what, subject, facts, previous, hash FROM journal INDEXED BY journal_by_what
WHERE seq < ?1 AND seq >= ?2 AND what = ?4 ORDER BY seq DESC LIMIT ?3;

-- name: some_about
-- Those of them that are about one subject (?4).
SELECT seq, at, what, subject, facts, previous, hash FROM journal INDEXED BY journal_by_subject
WHERE seq < ?1 AND seq >= ?2 AND subject = ?4 ORDER BY seq DESC LIMIT ?3;

-- name: span
-- The first and the last line from a time (?1) to before another (?2).
SELECT min(seq), max(seq) FROM journal INDEXED BY journal_by_time WHERE at >= ?1 AND at < ?2;

-- name: kinds
-- All things that ever happened, each once; one step of the index for each.
WITH RECURSIVE kind (what) AS (
    SELECT min(what) FROM journal
    UNION ALL
    SELECT (SELECT min(journal.what) FROM journal WHERE journal.what > kind.what) FROM kind WHERE kind.what IS NOT NULL
)
SELECT what FROM kind WHERE what IS NOT NULL;
