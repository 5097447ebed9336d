"""`butler doctor` as a person calls it, over a household that is well, one with oddities, and one where all is broken."""

from pathlib import Path

import pytest
from butler_process import butler, document
from free_ports import free_port


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert butler(home, "demo", "--date", "2026-11-24", "--folder", home / "demo").returncode == 0
    return home


def test_a_household_that_is_well_ends_with_0_and_names_what_could_not_be_read(home: Path) -> None:
    done = butler(home, "--config", home / "demo/butler.toml", "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ok       mail.home: Reached; it holds INBOX" in done.stdout
    assert "warning  mirror: calendar.family/family/broken.ics" in done.stdout
    assert "ok       state folder" in done.stdout


def test_quiet_shows_only_what_needs_attention(home: Path) -> None:
    done = butler(home, "-q", "--config", home / "demo/butler.toml", "doctor")
    assert "warning" in done.stdout
    assert "ok  " not in done.stdout


def test_the_document_says_the_same(home: Path) -> None:
    found = document(butler(home, "--config", home / "demo/butler.toml", "doctor", "--json"))
    assert list(found) == ["ok", "checks"]
    assert found["ok"] is True
    assert {tuple(check) for check in found["checks"]} == {("name", "level", "sentence", "advice")}
    assert {check["name"] for check in found["checks"]} >= {
        *("settings", "mail.home", "calendar.work", "notes.notes", "model", "state folder"),
        *("mirror", "clock", "time zone", "packaging"),
    }


def test_a_machine_whose_time_zone_is_not_known_counts_as_utc(tmp_path: Path) -> None:
    checks = document(butler(tmp_path, "doctor", "--json", TZ="Mars/Olympus"))["checks"]
    (zone,) = (check for check in checks if check["name"] == "time zone")
    assert zone["sentence"].endswith("UTC.")


def test_everything_that_is_broken_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environ = {
        "BUTLER_STATE_DIR": str(tmp_path / "file" / "below"),
        "BUTLER_MAIL__HOME__HOST": "127.0.0.1",
        "BUTLER_MAIL__HOME__PORT": str(free_port()),
        "BUTLER_MAIL__HOME__USER": "anna@berger.example",
        "BUTLER_MAIL__HOME__PASSWORD": "correct-horse",
        "BUTLER_CALENDAR__C__PATH": str(tmp_path / "gone"),
        "BUTLER_NOTES__N__PATH": str(tmp_path / "gone"),
        "BUTLER_MODEL__NAME": "q",
        "BUTLER_MODEL__URL": f"http://127.0.0.1:{free_port()}",
        "BUTLER_MODLE__NAME": "q",
    }
    done = butler(tmp_path, "doctor", "--json", **environ)
    assert (done.returncode, done.stderr) == (1, "")
    failed = {check["name"] for check in document(done)["checks"] if check["level"] == "failure"}
    assert failed == {"settings", "mail.home", "calendar.c", "notes.n", "model", "state folder"}
    assert "correct-horse" not in done.stdout
