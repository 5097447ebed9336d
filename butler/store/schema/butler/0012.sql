-- Exams that a model took, newest last: `kind` is "shipped" or "own", `version` names the material and the steps, so that only
-- like exams are compared. Without a model, `digest` is empty: the rules took it. `card` is the score as JSON, without any text.

CREATE TABLE exam (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('shipped', 'own')),
    version TEXT NOT NULL,
    quick INTEGER NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    server TEXT NOT NULL,
    options TEXT NOT NULL,
    total REAL NOT NULL,
    card TEXT NOT NULL
) STRICT;
CREATE INDEX exam_by_digest ON exam (digest, kind, version);

-- How many seconds the answer took to begin, where that is known.
ALTER TABLE model_call ADD COLUMN first REAL;
