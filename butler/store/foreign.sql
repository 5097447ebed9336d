-- name: tools
-- What is pinned of a server's tools.
SELECT tool, digest, offered FROM foreign_tool WHERE server = ?;

-- name: pin
-- Pin a tool that was never seen; one that was stays as it is.
INSERT INTO foreign_tool (server, tool, digest, seen) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- name: offer
-- Note that a tool is told of differently; no row where that is known.
UPDATE foreign_tool SET offered = ?3 WHERE server = ?1 AND tool = ?2 AND offered <> ?3;

-- name: take
-- Take what a tool is now as what it is.
UPDATE foreign_tool SET digest = offered, offered = '', seen = ?2 WHERE server = ?1 AND offered <> '';

-- name: all_offered
-- The tools of all servers that are told of differently.
SELECT server, tool FROM foreign_tool WHERE offered <> '' ORDER BY server, tool;
