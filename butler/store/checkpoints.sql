-- name: threads
-- The names of all runs that something is kept of, in the file that LangGraph makes.
SELECT DISTINCT thread_id FROM checkpoints;
