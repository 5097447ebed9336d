-- What a slot of something that arrived is about, where its name does not say that: a hook's, or a request for the night.
ALTER TABLE job_slot ADD COLUMN subject TEXT NOT NULL DEFAULT '';
