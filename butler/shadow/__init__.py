"""Runs of which nothing stays: a workflow that is tried, and the last days once more with another model."""
