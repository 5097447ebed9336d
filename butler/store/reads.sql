-- name: received
-- Mails by others in a window of time that lie in a folder worth reading, newest first.
SELECT id FROM mail WHERE sent = 0 AND moment >= ? AND moment < ? AND EXISTS (
    SELECT 1 FROM location JOIN collection ON collection.id = location.collection
    WHERE location.mail = mail.id AND lower(collection.role) NOT IN ('\junk', '\trash', '\drafts')
        AND instr(location.flags, '\draft') = 0
) ORDER BY moment DESC, id DESC;

-- name: sent
-- Mails by the owner in a window of time that are no drafts, newest first.
SELECT id FROM mail WHERE sent = 1 AND moment >= ? AND moment < ? AND EXISTS (
    SELECT 1 FROM location JOIN collection ON collection.id = location.collection
    WHERE location.mail = mail.id AND lower(collection.role) <> '\drafts' AND instr(location.flags, '\draft') = 0
) ORDER BY moment DESC, id DESC;

-- name: in_threads
-- Mails of some threads, given as a JSON list, that are no drafts, oldest first.
SELECT id FROM mail WHERE thread IN (SELECT value FROM json_each(?)) AND EXISTS (
    SELECT 1 FROM location JOIN collection ON collection.id = location.collection
    WHERE location.mail = mail.id AND lower(collection.role) <> '\drafts' AND instr(location.flags, '\draft') = 0
) ORDER BY moment, id;

-- name: mail_by_identity
-- One mail that lies somewhere, by identity and account.
SELECT mail.id FROM mail JOIN source ON source.id = mail.source
WHERE mail.identity = ? AND source.name = ? AND EXISTS (SELECT 1 FROM location WHERE location.mail = mail.id);

-- name: mails
-- Mails with their texts, their ids given as a JSON list, in no order.
SELECT
    mail.id, source.name, mail.identity, mail.content_hash, mail.moment, mail.sent, mail.thread, mail.received, mail.size,
    mail.envelope, mail.calendar, words.text
FROM json_each(?) AS wanted
CROSS JOIN mail ON mail.id = wanted.value
CROSS JOIN words ON words.rowid = mail.id * 4
CROSS JOIN source ON source.id = mail.source;

-- name: locations
-- Where mails lie, their ids given as a JSON list, the best place of each first.
SELECT location.mail, collection.name, location.key, location.flags
FROM json_each(?) AS wanted
CROSS JOIN location ON location.mail = wanted.value
CROSS JOIN collection ON collection.id = location.collection
ORDER BY
    location.mail, lower(collection.role) IN ('\junk', '\trash', '\drafts'), upper(collection.name) <> 'INBOX',
    collection.name, location.key;

-- name: had_from
-- How many mails came from some addresses, given as a JSON list.
SELECT sender, count(*) FROM mail WHERE sent = 0 AND sender IN (SELECT value FROM json_each(?)) GROUP BY sender;

-- name: sent_to
-- How many mails went to some addresses, given as a JSON list.
SELECT address, count(*) FROM recipient WHERE address IN (SELECT value FROM json_each(?)) GROUP BY address;

-- name: occurrences
-- Occurrences that overlap a window (start, end), by start; the short ones can only start 32 days before it.
SELECT collection.name, found.value FROM (
    SELECT object, starts, ends, value FROM occurrence
    WHERE long = 0 AND starts > ?1 - 2764800 AND starts < ?2 AND ends > ?1
    UNION ALL
    SELECT object, starts, ends, value FROM occurrence WHERE long = 1 AND starts < ?2 AND ends > ?1
) AS found
JOIN object ON object.id = found.object JOIN collection ON collection.id = object.collection
ORDER BY found.starts, found.ends DESC, collection.name, found.value;

-- name: open_tasks
-- Open tasks by due date, those without one last.
SELECT collection.name, task.value
FROM task JOIN object ON object.id = task.object JOIN collection ON collection.id = object.collection
WHERE task.open = 1 ORDER BY task.due IS NULL, task.due, collection.name, task.uid;

-- name: file_keys
-- The numbers and paths of the notes and documents of roots that match a glob, newest first.
SELECT note.id, note.key
FROM note JOIN collection ON collection.id = note.collection JOIN source ON source.id = collection.source
WHERE source.name GLOB ? AND source.kind = 'notes' AND note.key GLOB ? ORDER BY note.modified DESC, note.key;

-- name: files
-- Notes and documents by their numbers, newest first.
SELECT source.name, note.key, note.modified, note.content_hash, words.text
FROM note CROSS JOIN words ON words.rowid = note.id * 4 + 1
JOIN collection ON collection.id = note.collection JOIN source ON source.id = collection.source
WHERE note.id IN (SELECT value FROM json_each(?))
ORDER BY note.modified DESC, note.key;

-- name: notes
-- Notes changed since a time, newest first.
SELECT source.name, note.key, note.modified, note.content_hash, words.text
FROM note CROSS JOIN words ON words.rowid = note.id * 4 + 1
JOIN collection ON collection.id = note.collection JOIN source ON source.id = collection.source
WHERE note.modified >= ? AND collection.role <> 'documents' ORDER BY note.modified DESC, note.key;

-- name: show_event
-- The earliest occurrence of an event of a calendar, or with a recurrence id that one.
SELECT collection.name, occurrence.value
FROM occurrence JOIN object ON object.id = occurrence.object JOIN collection ON collection.id = object.collection
WHERE occurrence.uid = ?1 AND collection.name = ?2 AND (?3 = '' OR occurrence.recurrence_id = ?3)
ORDER BY occurrence.starts LIMIT 1;

-- name: show_task
-- A task of a calendar.
SELECT collection.name, task.value
FROM task JOIN object ON object.id = task.object JOIN collection ON collection.id = object.collection
WHERE task.uid = ? AND collection.name = ? LIMIT 1;

-- name: show_file
-- A note of a root.
SELECT source.name, note.key, note.modified, note.content_hash, words.text
FROM note CROSS JOIN words ON words.rowid = note.id * 4 + 1
JOIN collection ON collection.id = note.collection JOIN source ON source.id = collection.source
WHERE note.key = ? AND source.name = ? LIMIT 1;

-- name: letters_to
-- The owner's latest mails to some addresses, given as a JSON list, that are no drafts, newest first.
SELECT DISTINCT mail.id, mail.moment FROM recipient JOIN mail ON mail.id = recipient.mail
WHERE recipient.address IN (SELECT value FROM json_each(?)) AND mail.sent = 1 AND EXISTS (
    SELECT 1 FROM location JOIN collection ON collection.id = location.collection
    WHERE location.mail = mail.id AND lower(collection.role) <> '\drafts' AND instr(location.flags, '\draft') = 0
) ORDER BY mail.moment DESC, mail.id DESC LIMIT ?;

-- name: letters_from
-- The latest mails from an address that lie in a folder worth reading, newest first.
SELECT mail.id, mail.moment FROM mail WHERE mail.sender = ? AND mail.sent = 0 AND EXISTS (
    SELECT 1 FROM location JOIN collection ON collection.id = location.collection
    WHERE location.mail = mail.id AND lower(collection.role) NOT IN ('\junk', '\trash', '\drafts')
        AND instr(location.flags, '\draft') = 0
) ORDER BY mail.moment DESC, mail.id DESC LIMIT ?;

-- name: notes_about
-- Notes that match, best first.
SELECT source.name, note.key, note.modified, note.content_hash, words.text
FROM words JOIN note ON note.id = words.rowid >> 2
JOIN collection ON collection.id = note.collection JOIN source ON source.id = collection.source
WHERE words MATCH ? AND collection.role <> 'documents' ORDER BY words.rank, note.key LIMIT ?;

-- name: places
-- Where a mail of an account lies, by its identity, the best place first.
SELECT collection.name, collection.role, location.key, coalesce(collection.cursor, '')
FROM mail JOIN source ON source.id = mail.source
JOIN location ON location.mail = mail.id JOIN collection ON collection.id = location.collection
WHERE mail.identity = ? AND source.name = ?
ORDER BY
    lower(collection.role) IN ('\junk', '\trash', '\drafts'), upper(collection.name) <> 'INBOX', collection.name,
    location.key;

-- name: object_of_event
-- The object that holds an event, by its UID and, unless that is empty, its calendar.
SELECT source.name, collection.name, object.key, object.version, object.content, collection.role
FROM occurrence JOIN object ON object.id = occurrence.object
JOIN collection ON collection.id = object.collection JOIN source ON source.id = collection.source
WHERE occurrence.uid = ?1 AND (?2 = '' OR collection.name = ?2) ORDER BY collection.name, object.key LIMIT 1;

-- name: object_of_task
-- The object that holds a task, by its UID and, unless that is empty, its calendar.
SELECT source.name, collection.name, object.key, object.version, object.content, collection.role
FROM task JOIN object ON object.id = task.object
JOIN collection ON collection.id = object.collection JOIN source ON source.id = collection.source
WHERE task.uid = ?1 AND (?2 = '' OR collection.name = ?2) ORDER BY collection.name, object.key LIMIT 1;

-- name: calendars
-- All calendar collections with their accounts and roles.
SELECT source.name, collection.name, collection.role FROM collection JOIN source ON source.id = collection.source
WHERE source.kind = 'calendar' ORDER BY source.name, collection.name;

-- name: folders_by_role
-- The names of the mail folders that have a role, whatever its case.
SELECT DISTINCT collection.name FROM collection JOIN source ON source.id = collection.source
WHERE source.kind = 'mail' AND lower(collection.role) = lower(?);
