-- Notices: what is so of each subject, and what its owner was told last. It waits to be told while these differ.

CREATE TABLE notice (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    now TEXT NOT NULL,
    told TEXT NOT NULL,
    sentence TEXT NOT NULL,
    words TEXT NOT NULL,
    since TEXT NOT NULL,
    told_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_waiting ON notice (kind, subject) WHERE now <> told;
