-- name: slot
-- One slot of a job.
SELECT job, slot, state, due_at, claimed_at, ended_at, retry_at, run, attempts, deaths, note, subject
FROM job_slot WHERE job = ? AND slot = ?;

-- name: claimed
-- The slots that a process works on, or did when it died.
SELECT job, slot, state, due_at, claimed_at, ended_at, retry_at, run, attempts, deaths, note, subject
FROM job_slot WHERE state = 'claimed' ORDER BY due_at, job, slot;

-- name: history
-- The slots that say what is due: open ones, those of the dates from ?1 to ?2, and each job's latest before.
SELECT job, slot, state, due_at, claimed_at, ended_at, retry_at, run, attempts, deaths, note, subject
FROM job_slot AS here
WHERE state IN ('due', 'claimed') OR retry_at <> '' OR slot = '' OR slot BETWEEN ?1 AND ?2
    OR slot = (SELECT max(slot) FROM job_slot AS there WHERE there.job = here.job AND there.slot < ?1)
ORDER BY job, slot;

-- name: make_due
-- Note that a slot's time has come, unless that is known, it is being worked on, or it is done; an empty slot is never done.
INSERT INTO job_slot (job, slot, state, due_at, subject) VALUES (?1, ?2, 'due', ?3, ?4)
ON CONFLICT (job, slot) DO UPDATE SET
    state = 'due', due_at = excluded.due_at, retry_at = '', note = '',
    attempts = CASE state WHEN 'failed' THEN attempts ELSE 0 END,
    deaths = CASE state WHEN 'failed' THEN deaths ELSE 0 END
WHERE state IN ('missed', 'skipped') OR (state = 'failed' AND (retry_at <> '' OR slot = '')) OR (state = 'ran' AND slot = '');

-- name: leave_out
-- Note that nothing is going to be done about a slot (missed or skipped), unless something was begun.
INSERT INTO job_slot (job, slot, state, due_at, ended_at, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (job, slot) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, note = excluded.note
WHERE state = 'due';

-- name: same_tonight
-- The request for the night that waits, or is tried again, for a job (?1) about a subject (?2).
SELECT job, slot, state, due_at, claimed_at, ended_at, retry_at, run, attempts, deaths, note, subject
FROM job_slot WHERE job = ?1 AND subject = ?2 AND (state = 'due' OR retry_at <> '')
ORDER BY due_at LIMIT 1;

-- name: named_tonight
-- The job of a request for the night that waits, or is tried again, by its name.
SELECT job FROM job_slot WHERE slot = ?1 AND job GLOB 'night:*' AND (state = 'due' OR retry_at <> '');

-- name: last_number
-- The highest number of a request for the night that is kept.
SELECT coalesce(max(CAST(substr(slot, 7) AS INTEGER)), 0) FROM job_slot WHERE job GLOB 'night:*';

-- name: take_back
-- Let a slot be that nobody works on.
UPDATE job_slot SET state = 'skipped', ended_at = ?3, retry_at = '', note = ?4
WHERE job = ?1 AND slot = ?2 AND (state = 'due' OR retry_at <> '');

-- name: claim
-- Begin with a slot, if it still is due; no row changed means that somebody else was first.
UPDATE job_slot SET
    state = 'claimed', claimed_at = ?3, ended_at = '', run = '', note = '', attempts = attempts + 1,
    begun = (SELECT seq FROM journal_head)
WHERE job = ?1 AND slot = ?2 AND state = 'due';

-- name: end
-- End a claim, if it still is the one that was made.
UPDATE job_slot SET state = ?1, ended_at = ?2, retry_at = ?3, run = ?4, note = ?5, attempts = ?6, deaths = ?7
WHERE job = ?8 AND slot = ?9 AND state = 'claimed' AND claimed_at = ?10 AND attempts = ?11;

-- name: well_ended_run
-- A run of a workflow that ended well since a slot was claimed.
SELECT run.id
FROM job_slot JOIN journal ON journal.seq > job_slot.begun JOIN run ON journal.subject = 'run:' || run.id
WHERE job_slot.job = ?1 AND job_slot.slot = ?2 AND journal.what = 'run ended'
    AND run.workflow = ?3 AND run.state = 'done' AND run.parent IS NULL
ORDER BY journal.seq DESC LIMIT 1;

-- name: streak
-- How often a job failed in a row, and whether its owner was told.
SELECT failures, told FROM job_streak WHERE job = ?;

-- name: keep_streak
-- Keep how often a job failed in a row.
INSERT INTO job_streak (job, failures, told) VALUES (?1, ?2, ?3)
ON CONFLICT (job) DO UPDATE SET failures = excluded.failures, told = excluded.told;

-- name: tell
-- Note that the owner was told of a streak, if nobody did.
UPDATE job_streak SET told = 1 WHERE job = ?1 AND told = 0 AND failures > 0;

-- name: prune
-- Forget closed slots that were due before a time, but never the latest of a job.
DELETE FROM job_slot
WHERE state NOT IN ('due', 'claimed') AND due_at < ?1
    AND slot <> (SELECT max(slot) FROM job_slot AS there WHERE there.job = job_slot.job);
