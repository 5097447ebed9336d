"""Pure values, errors and decisions: no I/O, no clock of its own, nothing of ours imported."""
