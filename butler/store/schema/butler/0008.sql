-- Connections that are under way: written down before they are made, and turned into a line of the journal when they end.
-- So what a process that was killed had open is still known. Times are UTC; `process` is the one that made the connection.

CREATE TABLE connection (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    process TEXT NOT NULL,
    began TEXT NOT NULL,
    purpose TEXT NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    addresses TEXT NOT NULL
) STRICT;
