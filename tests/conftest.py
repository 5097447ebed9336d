"""How the tests run on somebody's own machine, which may be busy: slowness is measured by the benchmark alone."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

if not os.environ.get("CI"):
    # With CI set, Hypothesis has a profile of its own, which does the same and repeats its examples.
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # What a shell starts in the background ignores Ctrl-C, and so would all that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST = (
    "test_jobs_machine",
    "test_bad_input",
    "test_daemon_endurance",
    "test_daemon_runs",
    "test_executor_kills",
    "test_hostile_world",
    "test_gate_machine",
    "test_sync_machine",
    "test_page_everywhere",
    "test_page_browser",
    "test_mail_cuts",
    "test_caldav_cuts",
    "test_bad_state",
    "test_canaries",
    "test_booted_service",
    "test_daemon_night",
    "test_prove_network",
)
"""The files that take longest, which begin first: so no process is left with a long one when the others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; all else keeps its place."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))
