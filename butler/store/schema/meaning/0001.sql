-- Which vectors there are and which passages of what is mirrored they stand for. It can be built again at any time.

-- The one model whose vectors are kept: its digest, how many numbers they have, and which pair of files holds them.
CREATE TABLE model (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    digest TEXT NOT NULL,
    dims INTEGER NOT NULL,
    generation INTEGER NOT NULL
) STRICT;

-- A vector by the hash of its text; `place` counts the rows of the two files, from 0.
CREATE TABLE vector (place INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE) STRICT;

-- What the mirror held when it was last gone through: `thing` is a row of its table of words.
CREATE TABLE passage (
    thing INTEGER NOT NULL, piece INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (thing, piece)
) STRICT, WITHOUT ROWID;
CREATE INDEX passage_by_hash ON passage (hash);
