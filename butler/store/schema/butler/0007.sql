-- What the page asks: what each day cost, what ran of one workflow or ended one way, the journal by day and by what happened,
-- and what a run proposed. Times of calls are UTC, so that they compare as text.

CREATE INDEX model_call_by_time ON model_call (at, run, cached, attempts, tokens_in, tokens_out, seconds);
CREATE INDEX run_top_by_workflow ON run (workflow) WHERE parent IS NULL;
CREATE INDEX run_top_by_state ON run (state) WHERE parent IS NULL;
CREATE INDEX journal_by_what ON journal (what, seq);
CREATE INDEX journal_by_time ON journal (at);

-- Indexes may not look into JSON.
ALTER TABLE action ADD COLUMN run TEXT NOT NULL DEFAULT '';
UPDATE action SET run = coalesce(json_extract(about, '$.run'), '') WHERE json_valid(about);
CREATE INDEX action_by_run ON action (run) WHERE run <> '';
