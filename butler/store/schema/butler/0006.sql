-- The page: who is logged in, links that let somebody in once, and the passphrase. Of each token only the SHA-256 is kept.

CREATE TABLE web_session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    began TEXT NOT NULL,
    seen TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('link', 'passphrase')),
    browser TEXT NOT NULL
) STRICT;

-- A link that was used stays until it is tried again or too old, so that this can be told.
CREATE TABLE web_link (
    token TEXT PRIMARY KEY,
    made TEXT NOT NULL,
    expires TEXT NOT NULL,
    used TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- One row: the hash of the passphrase (empty: there is none), since when, and the tries that were wrong in a row.
CREATE TABLE web_passphrase (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    hash TEXT NOT NULL DEFAULT '',
    since TEXT NOT NULL DEFAULT '',
    wrong INTEGER NOT NULL DEFAULT 0,
    last TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO web_passphrase (id) VALUES (1);
