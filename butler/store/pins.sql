-- name: pins
-- All pins, each with the copy of what is pinned and what is seen instead.
SELECT url, name, pin.model, digest, pin.template, pin.server, used, since, how, coalesce(alias, ''), before,
    changed, seen_model, seen_digest, seen_template, seen_server
FROM model_pin AS pin LEFT JOIN model_copy USING (url, name, digest) ORDER BY name, url;

-- name: pin
-- The pin of a model on a server, in the same columns.
SELECT url, name, pin.model, digest, pin.template, pin.server, used, since, how, coalesce(alias, ''), before,
    changed, seen_model, seen_digest, seen_template, seen_server
FROM model_pin AS pin LEFT JOIN model_copy USING (url, name, digest) WHERE url = ? AND name = ?;

-- name: first
-- Pin what is seen where nothing is pinned; what is stays as it is.
INSERT INTO model_pin (url, name, model, digest, template, server, since, how) VALUES (?, ?, ?, ?, ?, ?, ?, 'first use')
ON CONFLICT DO NOTHING;

-- name: repin
-- Pin something else, by its owner's word.
INSERT INTO model_pin (url, name, model, digest, template, server, used, since, how, before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET model = excluded.model, digest = excluded.digest, template = excluded.template,
    server = excluded.server, used = excluded.used, since = excluded.since, how = excluded.how, before = excluded.before,
    changed = '', seen_model = '', seen_digest = '', seen_template = '', seen_server = '';

-- name: change
-- Note what is seen in the place of what is pinned.
UPDATE model_pin SET changed = ?3, seen_model = ?4, seen_digest = ?5, seen_template = ?6, seen_server = ?7
WHERE url = ?1 AND name = ?2;

-- name: forget
-- Forget a pin.
DELETE FROM model_pin WHERE url = ? AND name = ?;

-- name: copies
-- The copies of a model on a server, the latest first.
SELECT url, name, model, digest, template, server, alias, made FROM model_copy
WHERE url = ? AND name = ? AND alias <> '' ORDER BY made DESC;

-- name: copy
-- Note a copy, or that it could not be made.
INSERT INTO model_copy (url, name, digest, model, template, server, alias, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET alias = excluded.alias, made = excluded.made;

-- name: uncopied
-- The pins of which there is no copy, and none was tried since.
SELECT url, name FROM model_pin AS pin WHERE used = '' AND digest <> '' AND NOT EXISTS (
    SELECT 1 FROM model_copy WHERE model_copy.url = pin.url AND model_copy.name = pin.name AND model_copy.digest = pin.digest
        AND (alias <> '' OR made > ?)
);

-- name: drop_copy
-- Forget a copy that was removed.
DELETE FROM model_copy WHERE url = ? AND name = ? AND alias = ?;
