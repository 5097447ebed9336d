-- Jobs: what became of each of their times. Times are UTC and of one width, so that they compare as text; an empty time is none.

-- A daily job's slot is its local date, so that no date has two; a job that is done over and over has one slot, named ''.
-- `begun` is the number of the journal's last line when it was claimed: what is known to have happened since cannot depend on
-- clocks that are set meanwhile.
CREATE TABLE job_slot (
    job TEXT NOT NULL,
    slot TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'claimed', 'ran', 'failed', 'missed', 'skipped')),
    due_at TEXT NOT NULL,
    claimed_at TEXT NOT NULL DEFAULT '',
    begun INTEGER NOT NULL DEFAULT 0,
    ended_at TEXT NOT NULL DEFAULT '',
    retry_at TEXT NOT NULL DEFAULT '',
    run TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job, slot)
) STRICT, WITHOUT ROWID;

-- How often each job failed in a row, and whether its owner was told.
CREATE TABLE job_streak (
    job TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    told INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
