-- What a server of the owner's choice told of each of its tools when that was first seen, as a SHA-256 (hex). `offered` is that
-- of what it tells since, where that is something else and its owner has not taken it; an empty one is none.

CREATE TABLE foreign_tool (
    server TEXT NOT NULL,
    tool TEXT NOT NULL,
    digest TEXT NOT NULL,
    seen TEXT NOT NULL,
    offered TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (server, tool)
) STRICT, WITHOUT ROWID;
