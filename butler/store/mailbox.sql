-- name: next_id
-- The id of the next new mail.
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'mail'), 0) + 1;

-- name: same_identity
-- The mails of a source with some identities, given as a JSON list.
SELECT identity, id, content_hash FROM mail
WHERE source = ? AND identity IN (SELECT value FROM json_each(?));

-- name: add_mail
-- Keep a mail.
INSERT INTO mail (
    id, source, identity, content_hash, moment, sent, sender, thread, subject_key, loose, received, size, envelope, calendar
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_text
-- Keep a mail's texts and make them searchable.
INSERT INTO words (rowid, title, sender, recipient, copied, files, text, folded, marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_location
-- Note where a mail lies.
INSERT OR REPLACE INTO location (collection, key, mail, flags) VALUES (?, ?, ?, ?);

-- name: orphan_replaced
-- The mails that some keys of a folder, given as a JSON list, stand for so far may lose their last location.
INSERT OR IGNORE INTO orphan (mail)
SELECT mail FROM location WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: orphan_all
-- All mails of a folder may lose their last location.
INSERT OR IGNORE INTO orphan (mail) SELECT mail FROM location WHERE collection = ?;

-- name: delete_locations
-- Some keys of a folder, given as a JSON list, are gone.
DELETE FROM location WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: delete_all_locations
-- A folder is gone or void.
DELETE FROM location WHERE collection = ?;

-- name: set_flags
-- The flags of a mail changed.
UPDATE location SET flags = ? WHERE collection = ? AND key = ?;

-- name: mark_sent
-- Mails, given as a JSON list of ids, lie in a folder of sent mail.
UPDATE mail SET sent = 1 WHERE id IN (SELECT value FROM json_each(?)) AND sent = 0;

-- name: mark_all_sent
-- Work out anew which mails the owner wrote, with the owner's addresses as a JSON list.
UPDATE mail SET sent = sender IN (SELECT value FROM json_each(?)) OR EXISTS (
    SELECT 1 FROM location JOIN collection ON collection.id = location.collection
    WHERE location.mail = mail.id AND lower(collection.role) = '\sent'
);

-- name: add_recipients
-- Note to whom the sent ones of some mails, given as a JSON list of ids, went.
INSERT OR IGNORE INTO recipient (address, mail)
SELECT lower(json_extract(person.value, '$[1]')), mail.id
FROM mail, json_each(coalesce(json_extract(mail.envelope, '$.to'), '[]')) AS person
WHERE mail.sent = 1 AND mail.id IN (SELECT value FROM json_each(?1))
UNION
SELECT lower(json_extract(person.value, '$[1]')), mail.id
FROM mail, json_each(coalesce(json_extract(mail.envelope, '$.cc'), '[]')) AS person
WHERE mail.sent = 1 AND mail.id IN (SELECT value FROM json_each(?1));

-- name: delete_all_recipients
-- Forget to whom the owner wrote.
DELETE FROM recipient;

-- name: sent_ids
-- The mails that the owner wrote, as a JSON list of ids.
SELECT json_group_array(id) FROM mail WHERE sent = 1;

-- name: links
-- The threads of some numbers, given as a JSON list.
SELECT number, thread FROM thread_link WHERE number IN (SELECT value FROM json_each(?));

-- name: add_link
-- Note the thread of a number.
INSERT INTO thread_link (number, thread) VALUES (?, ?);

-- name: merge_mails
-- The mails of one thread (second) belong to another (first).
UPDATE mail SET thread = ? WHERE thread = ?;

-- name: merge_links
-- The numbers of one thread (second) belong to another (first).
UPDATE thread_link SET thread = ? WHERE thread = ?;

-- name: loose
-- Replies without references whose subjects' numbers are in a JSON list.
SELECT id, subject_key, moment, envelope FROM mail
WHERE loose = 1 AND subject_key IN (SELECT value FROM json_each(?)) ORDER BY moment DESC, id DESC LIMIT ?;

-- name: same_subject
-- Mails with a subject in a window of time before a mail, latest first; the index only knows subjects other than 0.
SELECT envelope, thread FROM mail
WHERE subject_key = ? AND subject_key <> 0 AND moment BETWEEN ? AND ? AND id <> ? ORDER BY moment DESC, id DESC LIMIT ?;

-- name: thread_of
-- The thread of a mail.
SELECT thread FROM mail WHERE id = ?;

-- name: any_orphan
-- Whether any mail lost a location.
SELECT EXISTS (SELECT 1 FROM orphan);

-- name: orphans
-- The mails that lost their last location.
SELECT mail.id, mail.thread FROM orphan JOIN mail ON mail.id = orphan.mail
WHERE NOT EXISTS (SELECT 1 FROM location WHERE location.mail = orphan.mail);

-- name: delete_mail
-- Forget a mail.
DELETE FROM mail WHERE id = ?;

-- name: delete_text
-- Forget a mail's texts.
DELETE FROM words WHERE rowid = ? * 4;

-- name: delete_recipients
-- Forget to whom a mail went.
DELETE FROM recipient WHERE mail = ?;

-- name: delete_links
-- Forget the numbers of a thread that has no mails left.
DELETE FROM thread_link WHERE thread = ?1 AND NOT EXISTS (SELECT 1 FROM mail WHERE mail.thread = ?1);

-- name: delete_orphans
-- All orphans are dealt with.
DELETE FROM orphan;
