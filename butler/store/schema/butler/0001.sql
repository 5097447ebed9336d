-- The truth: what cannot be had again from a source. Times are ISO 8601 with an offset, values are JSON.

CREATE TABLE run (
    id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'abandoned')),
    started TEXT NOT NULL,
    ended TEXT,
    now TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT '',
    parent TEXT REFERENCES run (id)
) STRICT;
CREATE INDEX run_by_subject ON run (workflow, subject, state);
CREATE INDEX run_open ON run (state) WHERE state = 'running';
CREATE INDEX run_by_parent ON run (parent) WHERE parent IS NOT NULL;

CREATE TABLE run_value (
    run TEXT NOT NULL REFERENCES run (id),
    stage TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, stage)
) STRICT, WITHOUT ROWID;

-- A call may belong to no run (a check by the doctor), so `run` refers to nothing.
CREATE TABLE model_call (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    at TEXT NOT NULL,
    step TEXT NOT NULL,
    version TEXT NOT NULL,
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    server TEXT NOT NULL,
    cached INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'repaired', 'fallback')),
    attempts INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    seconds REAL NOT NULL,
    prompt TEXT NOT NULL,
    answer TEXT NOT NULL,
    error TEXT NOT NULL,
    UNIQUE (run, key)
) STRICT;
CREATE INDEX model_call_by_subject ON model_call (subject);

CREATE TABLE answer (
    key TEXT PRIMARY KEY,
    answer TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token_ratio (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    ratio REAL NOT NULL
) STRICT;
CREATE INDEX token_ratio_by_digest ON token_ratio (digest, id);

CREATE TABLE briefing (
    day TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    briefing TEXT NOT NULL,
    origins TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    path TEXT,
    written TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
