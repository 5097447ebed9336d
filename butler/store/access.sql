-- name: open_session
-- Let somebody in.
INSERT INTO web_session (token, began, seen, way, browser) VALUES (?1, ?2, ?2, ?3, ?4) RETURNING id;

-- name: session
-- Who has a token.
SELECT id, began, seen, way, browser FROM web_session WHERE token = ?;

-- name: session_of_id
-- A session by its number.
SELECT id, began, seen, way, browser FROM web_session WHERE id = ?;

-- name: sessions
-- All sessions, latest seen first.
SELECT id, began, seen, way, browser FROM web_session ORDER BY seen DESC, id DESC;

-- name: touch_session
-- Note when a session was seen.
UPDATE web_session SET seen = ? WHERE id = ?;

-- name: end_session
-- End a session; no row changed means that it had ended.
DELETE FROM web_session WHERE id = ?;

-- name: drop_old_sessions
-- Forget the sessions that began before a time.
DELETE FROM web_session WHERE began < ?;

-- name: add_link
-- Keep a link that lets somebody in once.
INSERT INTO web_link (token, made, expires) VALUES (?, ?, ?);

-- name: link
-- A link: until when it holds, and when it was used.
SELECT expires, used FROM web_link WHERE token = ?;

-- name: use_link
-- Use a link; no row changed means that somebody else was first.
UPDATE web_link SET used = ?2 WHERE token = ?1 AND used = '' AND expires > ?2;

-- name: drop_link
-- Forget a link.
DELETE FROM web_link WHERE token = ?;

-- name: drop_old_links
-- Forget the links that are long too old.
DELETE FROM web_link WHERE expires < ?;

-- name: drop_all_links
-- Forget all links.
DELETE FROM web_link;

-- name: passphrase
-- The passphrase's hash, and the tries that were wrong in a row.
SELECT hash, wrong, last FROM web_passphrase;

-- name: set_passphrase
-- Keep the hash of a passphrase; empty for none.
UPDATE web_passphrase SET hash = ?, since = ?, wrong = 0, last = '';

-- name: note_try
-- Note a try.
UPDATE web_passphrase SET wrong = ?, last = ?;
