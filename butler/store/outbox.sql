-- name: add_action
-- Keep a new action as held.
INSERT INTO action (key, kind, account, source, alternatives, about, expires, created, changed, status, hash, version, run)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 'held', ?9, 1, ?10) RETURNING id;

-- name: add_version
-- Keep a payload of an action, with what its checks found.
INSERT INTO action_version (action, version, hash, payload, findings, at) VALUES (?, ?, ?, ?, ?, ?);

-- name: change_action
-- Change an action, if it still is what it was; no row changed means that somebody else was first.
UPDATE action SET
    status = ?1, hash = ?2, version = ?3, attempts = ?4, begun = ?5, received = ?6, not_before = ?7, note = ?8,
    receipts = ?9, changed = ?10
WHERE id = ?11 AND status = ?12 AND hash = ?13 AND version = ?14 AND attempts = ?15 AND begun = ?16 AND received = ?17;

-- name: action
-- One action with its present payload.
SELECT
    id, key, alternatives, about, expires, created, changed, status, hash, version, attempts, not_before, note, begun,
    receipts, payload, findings
FROM action JOIN action_version USING (version, hash) WHERE action.id = ?1 AND action_version.action = ?1;

-- name: id_of_key
-- The action under an idempotency key.
SELECT id FROM action WHERE key = ?;

-- name: newest
-- The newest actions with a status before an id.
SELECT id FROM action INDEXED BY action_by_status WHERE status = ? AND id < ? ORDER BY id DESC LIMIT ?;

-- name: newest_of_kind
-- The newest actions of a kind with a status before an id; an empty account stands for all.
SELECT id FROM action INDEXED BY action_by_kind
WHERE status = ?1 AND id < ?2 AND kind = ?4 AND (?5 = '' OR account = ?5) ORDER BY id DESC LIMIT ?3;

-- name: newest_of_account
-- The newest actions of an account with a status before an id.
SELECT id FROM action INDEXED BY action_by_account
WHERE status = ?1 AND id < ?2 AND account = ?4 ORDER BY id DESC LIMIT ?3;

-- name: count
-- How many actions have a status; an empty kind or account stands for all.
SELECT count(*) FROM action WHERE status = ?1 AND (?2 = '' OR kind = ?2) AND (?3 = '' OR account = ?3);

-- name: of_source
-- The actions that were caused by a source, newest first.
SELECT id FROM action WHERE source = ?1 ORDER BY id DESC LIMIT ?2;

-- name: of_run
-- The actions that a run proposed, oldest first.
SELECT id FROM action INDEXED BY action_by_run
WHERE run = ?1 AND run <> '' ORDER BY id LIMIT ?2;

-- name: count_of_run
-- How many actions a run proposed.
SELECT count(*) FROM action INDEXED BY action_by_run WHERE run = ?1 AND run <> '';

-- name: open_of_source
-- The open actions of a kind that were caused by a source, oldest first.
SELECT id, alternatives FROM action
WHERE source = ? AND kind = ? AND status IN ('held', 'approved', 'executing') ORDER BY id;

-- name: held_alternatives
-- The held alternatives of a group.
SELECT id FROM action INDEXED BY action_alternatives
WHERE status = 'held' AND alternatives <> '' AND alternatives = ? ORDER BY id;

-- name: due
-- The approved actions that may be carried out by now, those put off last.
SELECT id FROM action INDEXED BY action_due WHERE status = 'approved' AND not_before <= ? ORDER BY not_before, id;

-- name: executing
-- The actions that somebody has claimed, oldest first.
SELECT id FROM action WHERE status = 'executing' ORDER BY id;

-- name: overdue
-- The held actions whose time went by.
SELECT id FROM action INDEXED BY action_overdue WHERE status = 'held' AND expires <> '' AND expires <= ? ORDER BY id;

-- name: add_decision
-- Keep a decision about one version of an action.
INSERT INTO decision (action, version, verb, hash, who, via, at, text, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: decisions
-- What was decided about an action, oldest first.
SELECT action, verb, hash, who, via, at, text, before, after FROM decision WHERE action = ? ORDER BY id;

-- name: decided_since
-- What was decided since a moment, oldest first.
SELECT action, verb, hash, who, via, at, text, before, after FROM decision WHERE at >= ? ORDER BY id;

-- name: approvals
-- How often one version of an action with one hash was approved.
SELECT count(*) FROM decision WHERE action = ? AND version = ? AND hash = ? AND verb = 'approve';

-- name: wishes
-- The latest wish for each held action, where nothing was decided since, oldest first.
SELECT decision.action, verb, decision.hash, who, via, at, text, before, after
FROM decision INDEXED BY decision_wish JOIN action ON action.id = decision.action
WHERE verb = 'respond' AND action.status = 'held' AND action.version = decision.version
    AND NOT EXISTS (SELECT 1 FROM decision AS later WHERE later.action = decision.action AND later.id > decision.id)
ORDER BY decision.id;

-- name: edits
-- The latest edits of actions of a kind, newest first.
SELECT decision.before, decision.after
FROM decision INDEXED BY decision_edit JOIN action ON action.id = decision.action
WHERE verb = 'edit' AND kind = ? ORDER BY decision.id DESC LIMIT ?;

-- name: versions
-- Every payload that an action had, oldest first.
SELECT payload FROM action_version WHERE action = ? ORDER BY version;

-- name: stopped
-- The sentence that says who stopped all effects; empty where nobody did.
SELECT stopped FROM switch WHERE one = 1;

-- name: stop
-- Stop all effects, or with an empty sentence let them go on.
UPDATE switch SET stopped = ? WHERE one = 1;
