-- name: found
-- What code found under some keys (?1, a JSON list).
SELECT key, value FROM recalled WHERE key IN (SELECT value FROM json_each(?1));

-- name: keep
-- Keep what code found (?1, a JSON object by key), used on a day (?2).
INSERT OR REPLACE INTO recalled (key, value, used) SELECT key, value, ?2 FROM json_each(?1);

-- name: use
-- Note that some of it (?1, a JSON list of keys) was used on a day (?2), no oftener than it has to be.
UPDATE recalled SET used = ?2 WHERE used < ?2 - ?3 AND key IN (SELECT value FROM json_each(?1));

-- name: forget
-- Forget what was not used since a day.
DELETE FROM recalled WHERE used < ?;
