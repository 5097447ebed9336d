-- name: card_ids
-- The numbers of some files of cards, their keys given as a JSON list.
SELECT id FROM card WHERE collection = ? AND key IN (SELECT value FROM json_each(?));

-- name: all_card_ids
-- The numbers of all files of cards of an address book.
SELECT id FROM card WHERE collection = ?;

-- name: contact_ids
-- The numbers of the contacts of some files, these given as a JSON list of numbers.
SELECT id FROM contact WHERE card IN (SELECT value FROM json_each(?));

-- name: add_card
-- Keep a file of cards.
INSERT INTO card (collection, key, version) VALUES (?, ?, ?) RETURNING id;

-- name: add_contact
-- Keep a contact.
INSERT INTO contact (card, uid, name, is_group, value) VALUES (?, ?, ?, ?, ?) RETURNING id;

-- name: add_contact_address
-- Keep an address by which a contact is found.
INSERT OR IGNORE INTO contact_address (address, contact) VALUES (?, ?);

-- name: add_contact_day
-- Keep a day of the year on which a contact has a birthday or an anniversary.
INSERT OR IGNORE INTO contact_day (day, contact) VALUES (?, ?);

-- name: add_contact_text
-- Make a contact searchable.
INSERT INTO words (rowid, title, text, folded, marks) VALUES (? * 4 + 3, ?, ?, ?, ?);

-- name: delete_card
-- Forget a file of cards.
DELETE FROM card WHERE id = ?;

-- name: delete_contact
-- Forget a contact.
DELETE FROM contact WHERE id = ?;

-- name: delete_contact_addresses
-- Forget the addresses of a contact.
DELETE FROM contact_address WHERE contact = ?;

-- name: delete_contact_days
-- Forget the days of a contact.
DELETE FROM contact_day WHERE contact = ?;

-- name: delete_contact_text
-- Forget the text of a contact.
DELETE FROM words WHERE rowid = ? * 4 + 3;

-- name: contacts
-- All contacts, by name.
SELECT collection.name, contact.value FROM contact JOIN card ON card.id = contact.card
JOIN collection ON collection.id = card.collection ORDER BY contact.name, contact.uid, contact.id LIMIT ?;

-- name: contact
-- A contact by its UID and address book.
SELECT collection.name, contact.value FROM contact JOIN card ON card.id = contact.card
JOIN collection ON collection.id = card.collection
WHERE contact.uid = ? AND collection.name = ? ORDER BY contact.id LIMIT 1;

-- name: contacts_at
-- The contacts, groups left out, that have one of some addresses, given as a JSON list in small letters.
SELECT DISTINCT collection.name, contact.value, contact.name, contact.id
FROM contact_address JOIN contact ON contact.id = contact_address.contact
JOIN card ON card.id = contact.card JOIN collection ON collection.id = card.collection
WHERE contact_address.address IN (SELECT value FROM json_each(?)) AND contact.is_group = 0
ORDER BY contact.name, contact.id LIMIT ?;

-- name: contacts_named
-- The contacts, groups left out, whose name or nickname matches, best first.
SELECT collection.name, contact.value FROM words JOIN contact ON contact.id = words.rowid >> 2
JOIN card ON card.id = contact.card JOIN collection ON collection.id = card.collection
WHERE words MATCH ? AND words.rowid & 3 = 3 AND contact.is_group = 0 ORDER BY words.rank, contact.name, contact.id LIMIT ?;

-- name: contacts_on
-- The contacts with a birthday or an anniversary on one of some days of the year (month * 100 + day), given as a JSON list.
SELECT DISTINCT collection.name, contact.value, contact.name, contact.id
FROM contact_day JOIN contact ON contact.id = contact_day.contact
JOIN card ON card.id = contact.card JOIN collection ON collection.id = card.collection
WHERE contact_day.day IN (SELECT value FROM json_each(?)) ORDER BY contact.name, contact.id LIMIT ?;
