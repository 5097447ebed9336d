-- The gate: actions with every payload they had, what was decided, and the journal. Times are UTC and of one width, so
-- that they compare as text; an empty time is none.

CREATE TABLE action (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    source TEXT NOT NULL,
    alternatives TEXT NOT NULL,
    about TEXT NOT NULL,
    expires TEXT NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN (
        'held', 'approved', 'executing', 'done', 'failed', 'uncertain', 'rejected', 'superseded', 'expired', 'undone'
    )),
    hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    begun INTEGER NOT NULL DEFAULT 0,
    receipts TEXT NOT NULL DEFAULT '[]',
    received INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX action_by_status ON action (status, id);
CREATE INDEX action_by_kind ON action (status, kind, id);
CREATE INDEX action_by_account ON action (status, account, id);
CREATE INDEX action_by_source ON action (source, kind);
CREATE INDEX action_due ON action (not_before, id) WHERE status = 'approved';
CREATE INDEX action_overdue ON action (expires) WHERE status = 'held' AND expires <> '';
CREATE INDEX action_alternatives ON action (alternatives) WHERE status = 'held' AND alternatives <> '';

CREATE TABLE action_version (
    action INTEGER NOT NULL REFERENCES action (id),
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    payload TEXT NOT NULL,
    findings TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (action, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    action INTEGER NOT NULL REFERENCES action (id),
    version INTEGER NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('approve', 'edit', 'respond', 'reject')),
    hash TEXT NOT NULL,
    who TEXT NOT NULL,
    via TEXT NOT NULL,
    at TEXT NOT NULL,
    text TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_action ON decision (action, id);
CREATE INDEX decision_wish ON decision (action) WHERE verb = 'respond';
CREATE INDEX decision_edit ON decision (id) WHERE verb = 'edit';

-- Whether the owner has stopped all effects; one row.
CREATE TABLE switch (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    stopped TEXT NOT NULL
) STRICT;
INSERT INTO switch (one, stopped) VALUES (1, '');

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    facts TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_subject ON journal (subject, seq);

-- The number and hash of the last line, so that it is seen when the end is cut off.
CREATE TABLE journal_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
INSERT INTO journal_head (one, seq, hash) VALUES (1, 0, '');

CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
BEGIN SELECT RAISE (ABORT, 'the journal is only added to'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal
BEGIN SELECT RAISE (ABORT, 'the journal is only added to'); END;
CREATE TRIGGER journal_head_goes_on BEFORE UPDATE ON journal_head WHEN NEW.seq <> OLD.seq + 1
BEGIN SELECT RAISE (ABORT, 'the journal is only added to'); END;
CREATE TRIGGER journal_head_stays BEFORE DELETE ON journal_head
BEGIN SELECT RAISE (ABORT, 'the journal is only added to'); END;
CREATE TRIGGER action_version_keeps BEFORE UPDATE ON action_version
BEGIN SELECT RAISE (ABORT, 'a payload that was shown is never changed'); END;
CREATE TRIGGER action_version_stays BEFORE DELETE ON action_version
BEGIN SELECT RAISE (ABORT, 'a payload that was shown is never removed'); END;
CREATE TRIGGER decision_keeps BEFORE UPDATE ON decision
BEGIN SELECT RAISE (ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
BEGIN SELECT RAISE (ABORT, 'a decision is never removed'); END;
