"""Workers can be confined under the shipped unit, which filters system calls itself."""

import os
import re
import sys
from pathlib import Path

import pytest
from booted_systemd import Booted, drop_in, why_not
from daemon_process import until

from butler.install import UNIT, shipped
from butler.sandbox.jail import enforced, support
from butler.sandbox.profiles import PROFILES

REASON, IS_PACKAGE = why_not()
pytestmark = [
    pytest.mark.skipif(bool(REASON) and not (IS_PACKAGE and "CI" in os.environ), reason=REASON),
    pytest.mark.timeout(240),
]
PROGRAM = Path(__file__).resolve().parents[1] / "servers/jail_every_role.py"
ONCE = f"[Service]\nType=exec\nWatchdogSec=0\nRestart=no\nExecStart=\nExecStart={sys.executable} -B {PROGRAM}\n"
ROLE = re.compile(r"(\w+): (Confined: .*|.*Error.*)$", re.MULTILINE)


def test_every_role_is_confined_under_the_shipped_unit() -> None:
    settings = "/etc/systemd/system"
    files = {
        f"{settings}/{UNIT}": shipped(),
        f"{settings}/{UNIT}.d/20-test.conf": drop_in(),
        f"{settings}/{UNIT}.d/30-once.conf": ONCE,
    }
    with Booted(files) as booted:

        def roles() -> dict[str, str]:
            return dict(ROLE.findall(booted.run("journalctl", "--no-pager", "-o", "cat", "-u", "butler", check=False)))

        try:
            until(lambda: len(roles()) >= len(PROFILES), 30)
        except AssertionError:
            pytest.fail(booted.told())
        assert roles() == {name: str(enforced(profile, support())) for name, profile in PROFILES.items()}
