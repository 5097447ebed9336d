-- Passages of which a model made no vector although it was asked for each alone: it is not asked for them again.
CREATE TABLE refused (hash BLOB PRIMARY KEY, digest TEXT NOT NULL) STRICT, WITHOUT ROWID;
