-- name: model
-- The model of the vectors, how long they are, and which files hold them.
SELECT digest, dims, generation FROM model;

-- name: set_model
-- Say which model they are of.
INSERT OR REPLACE INTO model (id, digest, dims, generation) VALUES (1, ?, ?, ?);

-- name: forget_vectors
-- Count no vector any more.
DELETE FROM vector;

-- name: forget_passages
-- Forget what the mirror held.
DELETE FROM passage;

-- name: add_passage
-- Note a passage of a thing.
INSERT INTO passage (thing, piece, hash) VALUES (?, ?, ?);

-- name: add_vector
-- Count a vector.
INSERT INTO vector (place, hash) VALUES (?, ?);

-- name: vectors
-- How many rows of the files count.
SELECT coalesce(max(place) + 1, 0) FROM vector;

-- name: missing
-- Passages without a vector, the latest things first; those that were refused are left out.
SELECT thing, piece, hash FROM passage
WHERE hash NOT IN (SELECT hash FROM vector) AND hash NOT IN (SELECT hash FROM refused) ORDER BY thing DESC, piece LIMIT ?;

-- name: missing_count
-- How many passages have no vector and were not refused.
SELECT count(DISTINCT hash) FROM passage
WHERE hash NOT IN (SELECT hash FROM vector) AND hash NOT IN (SELECT hash FROM refused);

-- name: refuse
-- Note that a model made no vector of a passage.
INSERT OR REPLACE INTO refused (hash, digest) VALUES (?, ?);

-- name: forget_refused
-- Forget what was refused by other models than one, or is gone.
DELETE FROM refused WHERE digest <> ? OR hash NOT IN (SELECT hash FROM passage);

-- name: refused_count
-- How many passages were refused.
SELECT count(*) FROM refused WHERE hash IN (SELECT hash FROM passage);

-- name: standing_for
-- Of some things, given as a JSON list: where each of their vectors is.
SELECT vector.place, passage.thing FROM json_each(?) AS asked JOIN passage ON passage.thing = asked.value
JOIN vector ON vector.hash = passage.hash;

-- name: hash_at
-- Of which text a vector is.
SELECT hash FROM vector WHERE place = ?;

-- name: kept
-- Vectors that stand for something, in their order.
SELECT place, hash FROM vector WHERE hash IN (SELECT hash FROM passage) ORDER BY place;

-- name: standing_of
-- For vectors at some places, given as a JSON list: what each stands for, where that is something.
SELECT vector.place, passage.thing FROM json_each(?) AS asked JOIN vector ON vector.place = asked.value
JOIN passage ON passage.hash = vector.hash;
