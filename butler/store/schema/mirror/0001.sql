-- The mirror: all of it can be had again from the sources, so a change to this schema needs no migration; the file is rebuilt.

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- `as_of` is when the source was last read whole, in seconds.
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'failed',
    as_of INTEGER,
    error TEXT,
    UNIQUE (kind, name)
) STRICT;

-- `token` is the state in which the collection was last read to its end, `cursor` where to go on.
CREATE TABLE collection (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT '',
    token TEXT NOT NULL DEFAULT '',
    cursor TEXT,
    UNIQUE (source, name)
) STRICT;

-- An id is never used twice, for the first mail of a thread gives the thread its number.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES source (id),
    identity TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    moment INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    sender TEXT NOT NULL,
    thread INTEGER NOT NULL,
    subject_key INTEGER NOT NULL,
    loose INTEGER NOT NULL,
    received INTEGER NOT NULL,
    size INTEGER NOT NULL,
    envelope TEXT NOT NULL,
    calendar TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX mail_by_identity ON mail (identity, source);
CREATE INDEX mail_by_moment ON mail (sent, moment);
CREATE INDEX mail_by_thread ON mail (thread, moment);
CREATE INDEX mail_by_sender ON mail (sender, sent);
CREATE INDEX mail_by_subject ON mail (subject_key, moment) WHERE subject_key <> 0;
CREATE INDEX mail_loose ON mail (subject_key) WHERE loose = 1;

-- Where a mail lies; the same mail may lie in several folders.
CREATE TABLE location (
    collection INTEGER NOT NULL REFERENCES collection (id),
    key TEXT NOT NULL,
    mail INTEGER NOT NULL,
    flags TEXT NOT NULL,
    PRIMARY KEY (collection, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX location_by_mail ON location (mail);

-- Mails that lost a location and are deleted at the end of a sync if it was their last one.
CREATE TABLE orphan (mail INTEGER PRIMARY KEY) STRICT;

-- The number of every Message-ID seen in a mail or referred to by one, and the thread it belongs to.
CREATE TABLE thread_link (number INTEGER PRIMARY KEY, thread INTEGER NOT NULL) STRICT;
CREATE INDEX thread_link_by_thread ON thread_link (thread);

-- To whom the owner wrote.
CREATE TABLE recipient (address TEXT NOT NULL, mail INTEGER NOT NULL, PRIMARY KEY (address, mail)) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_by_mail ON recipient (mail);

-- `expand_after` is the day from which on the object is to be expanded anew, NULL when never; `content` is compressed.
CREATE TABLE object (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collection (id),
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    expand_after TEXT,
    content BLOB NOT NULL,
    UNIQUE (collection, key)
) STRICT;
CREATE INDEX object_to_expand ON object (collection, expand_after) WHERE expand_after IS NOT NULL;

-- `starts` and `ends` are seconds (days begin at midnight in the owner's zone); `long` is 1 above 32 days.
CREATE TABLE occurrence (
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL REFERENCES object (id),
    uid TEXT NOT NULL,
    recurrence_id TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    long INTEGER NOT NULL,
    value TEXT NOT NULL
) STRICT;
CREATE INDEX occurrence_by_object ON occurrence (object);
CREATE INDEX occurrence_by_start ON occurrence (long, starts);
CREATE INDEX occurrence_by_uid ON occurrence (uid);

CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL REFERENCES object (id),
    uid TEXT NOT NULL,
    open INTEGER NOT NULL,
    due INTEGER,
    value TEXT NOT NULL
) STRICT;
CREATE INDEX task_by_object ON task (object);
CREATE INDEX task_by_due ON task (open, due);
CREATE INDEX task_by_uid ON task (uid);

CREATE TABLE note (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collection (id),
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    modified INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    UNIQUE (collection, key)
) STRICT;
CREATE INDEX note_by_modified ON note (modified);

-- A file of vCards; most hold one.
CREATE TABLE card (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collection (id),
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (collection, key)
) STRICT;

-- `name` is in small letters, for the order; `value` is the whole of it, postal addresses included.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY,
    card INTEGER NOT NULL REFERENCES card (id),
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    is_group INTEGER NOT NULL,
    value TEXT NOT NULL
) STRICT;
CREATE INDEX contact_by_card ON contact (card);
CREATE INDEX contact_by_uid ON contact (uid);

CREATE TABLE contact_address (
    address TEXT NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (address, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_address_by_contact ON contact_address (contact);

-- `day` is month * 100 + day of a birthday or an anniversary.
CREATE TABLE contact_day (day INTEGER NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (day, contact)) STRICT, WITHOUT ROWID;
CREATE INDEX contact_day_by_contact ON contact_day (contact);

-- What could not be read well, one row a sentence.
CREATE TABLE problem (
    collection INTEGER NOT NULL REFERENCES collection (id),
    key TEXT NOT NULL,
    place INTEGER NOT NULL,
    sentence TEXT NOT NULL,
    PRIMARY KEY (collection, key, place)
) STRICT, WITHOUT ROWID;

-- What twice killed the process that parses; not tried again while its bytes are the same.
CREATE TABLE quarantine (
    collection INTEGER NOT NULL REFERENCES collection (id),
    key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (collection, key)
) STRICT, WITHOUT ROWID;

-- The words of everything that can be found, so that what is found of different kinds can be compared: a mail's row is its id
-- times 4, a note's that and 1, a calendar object's that and 2, a contact's that and 3. The texts of mails and notes themselves live here alone, so that
-- nothing is stored twice. `folded` are spellings of words of the text that the tokenizer does not fold, and pairs of letters of
-- scripts without blanks; `marks` are words of our own, by which kind, time and attachments are found.
CREATE VIRTUAL TABLE words USING fts5 (
    title, sender, recipient, copied, place, files, text, folded, marks,
    prefix = '1 2', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);

-- Segments are made large in memory and merged only by crisis: half the time of a first sync (measured).
INSERT INTO words (words, rank) VALUES ('hashsize', 16000000);
INSERT INTO words (words, rank) VALUES ('automerge', 0);

-- What code found in a mail, by a key of all that it depends on; `used` is the day (as an ordinal) on which it last was.
CREATE TABLE recalled (key TEXT PRIMARY KEY, value TEXT NOT NULL, used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX recalled_by_use ON recalled (used);
