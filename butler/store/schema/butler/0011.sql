-- What was pinned of each model: at an address, under the name of the settings, this digest, template (SHA-256) and server. `used`
-- is the name that is asked for: empty for the same, else that of a copy. `before` is the digest that was pinned before. What is
-- seen instead stands beside it for as long as that is so; an empty `changed` is none. Times are UTC and of one width.

CREATE TABLE model_pin (
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    template TEXT NOT NULL,
    server TEXT NOT NULL,
    used TEXT NOT NULL DEFAULT '',
    since TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('first use', 'accepted', 'gone back')),
    before TEXT NOT NULL DEFAULT '',
    changed TEXT NOT NULL DEFAULT '',
    seen_model TEXT NOT NULL DEFAULT '',
    seen_digest TEXT NOT NULL DEFAULT '',
    seen_template TEXT NOT NULL DEFAULT '',
    seen_server TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (url, name)
) STRICT, WITHOUT ROWID;

-- The copies that the butler made of models on their servers, under names of its own. An empty alias is one that could not be
-- made, which is tried again after a while.
CREATE TABLE model_copy (
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    model TEXT NOT NULL,
    template TEXT NOT NULL,
    server TEXT NOT NULL,
    alias TEXT NOT NULL,
    made TEXT NOT NULL,
    PRIMARY KEY (url, name, digest)
) STRICT, WITHOUT ROWID;
