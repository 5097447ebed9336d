"""Backups are whole while others write; what is restored is checked, and nothing is done twice after it."""

from __future__ import annotations

import io
import re
import shutil
import stat
import subprocess
import tarfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from butler_process import butler, document
from daemon_process import DaemonProcess, until, write_settings
from memory_hands import Household, draft, send

from butler.backup import back_up
from butler.core.access import Entrance
from butler.core.errors import ButlerError, StateError, UsageError
from butler.restore import restore
from butler.sealing import Seal
from butler.store.database import read_only
from butler.store.truth import Truth

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NOTHING = ["backup.tar.gz", "state"]
age = pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed here")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with one run and an old version of a note."""
    folder = tmp_path / "state"
    (folder / "kept" / "notes").mkdir(parents=True)
    (folder / "kept" / "notes" / "0a1b").write_text("as it was")
    truth = Truth.open(folder / "butler.db")
    truth.runs.start("briefing", "2026-11-24", NOW)
    truth.close()
    return folder


def names(folder: Path) -> list[str]:
    """What lies in a folder, without what SQLite keeps beside a file in use."""
    return sorted(file.name for file in folder.iterdir() if not file.name.endswith(("-wal", "-shm")))


def work_on(state: Path, name: str = "sync") -> None:
    """Add a run to a state."""
    truth = Truth.open(state / "butler.db")
    truth.runs.finish(truth.runs.start(name, "", NOW).id, NOW)
    truth.close()


def runs_of(state: Path) -> list[str]:
    truth = Truth.open(state / "butler.db")
    try:
        assert truth.journal.verify() == []
        return sorted(run.workflow for run in truth.runs.recent())
    finally:
        truth.close()


def rewritten(file: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    """Change the members of a backup."""
    with tarfile.open(file) as archive:
        members = [(entry.name, archive.extractfile(entry).read()) for entry in archive]  # type: ignore[union-attr]
    with tarfile.open(file, "w:gz") as archive:
        for name, content in members:
            if (changed := change(name, content)) is not None:
                entry = tarfile.TarInfo(changed[0])
                entry.size = len(changed[1])
                archive.addfile(entry, io.BytesIO(changed[1]))


def test_a_backup_is_one_private_file_with_all_that_cannot_be_had_again(state: Path, tmp_path: Path) -> None:
    (state / "mirror.db").write_text("a cache")
    (tmp_path / "butler.toml").write_text("# mine")
    target = tmp_path / "backup.tar.gz"
    manifest = back_up(state, target, NOW, {"butler.toml": tmp_path / "butler.toml"})
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with tarfile.open(target) as archive:
        assert archive.getnames() == ["manifest.json", "butler.db", "kept/notes/0a1b", "settings/butler.toml"]
    assert manifest.journal == 1
    assert names(tmp_path) == ["backup.tar.gz", "butler.toml", "state"]
    assert names(state) == ["butler.db", "kept", "mirror.db"]


def test_a_backup_is_of_one_moment_while_another_writes_without_waiting(state: Path, tmp_path: Path) -> None:
    over = threading.Event()
    written: list[str] = []
    failed: list[Exception] = []

    def write() -> None:
        truth = Truth.open(state / "butler.db")
        try:
            while not over.is_set():
                written.append(truth.runs.start("sync", f"{len(written)}", NOW).id)
        except ButlerError as error:
            failed.append(error)
        finally:
            truth.close()

    thread = threading.Thread(target=write)
    thread.start()
    counts = []
    for number in range(8):
        target = tmp_path / f"{number}.tar.gz"
        manifest = back_up(state, target, NOW)
        copied = tmp_path / f"restored{number}"
        copied.mkdir()
        restore(target, copied, NOW)
        # Each run is one line of the journal: neither is there without the other.
        counts.append(len(read_only(copied / "butler.db", lambda own: own.rows("SELECT id FROM run"))))
        assert counts[-1] == manifest.journal
        # It goes on beside each of them, however slow the disk is.
        until(lambda: len(written) > counts[-1] or failed)
    over.set()
    thread.join()
    assert failed == []
    assert counts == sorted(set(counts))


def test_a_backup_that_fails_leaves_nothing_and_the_old_file_as_it_was(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    target.write_text("the old one")
    (state / "butler.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StateError, match="not a database"):
        back_up(state, target, NOW)
    assert target.read_text() == "the old one"
    assert names(tmp_path) == NOTHING
    with pytest.raises(StateError, match="nothing to back up"):
        back_up(tmp_path, target, NOW)


def test_what_is_restored_is_what_was_backed_up_and_the_old_state_is_kept_aside(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    (tmp_path / "butler.toml").write_text("# mine")
    back_up(state, target, NOW, {"butler.toml": tmp_path / "butler.toml"})
    work_on(state)
    (state / "checkpoints.db").write_text("of runs that will not have been")
    (state / "checkpoints").mkdir()
    (state / "checkpoints" / "checkpoints.db").write_text("of a newer butler's")
    (state / "kept" / "notes" / "0a1b").unlink()
    done = restore(target, state, NOW, force=True)
    assert runs_of(state) == ["briefing"]
    assert (state / "kept" / "notes" / "0a1b").read_text() == "as it was"
    assert done.aside is not None
    assert runs_of(done.aside) == ["briefing", "sync"]
    assert names(done.aside) == ["butler.db", "checkpoints", "checkpoints.db"]
    assert not (state / "checkpoints").exists()
    assert done.settings is not None
    assert (done.settings / "butler.toml").read_text() == "# mine"
    truth = Truth.open(state / "butler.db")
    assert [run.state for run in truth.runs.recent()] == ["abandoned"]
    assert [line.what for line in truth.journal.lines()] == ["run ended", "restored", "run started"]
    truth.close()


def test_nobody_is_logged_in_by_what_a_backup_knew(state: Path, tmp_path: Path) -> None:
    truth = Truth.open(state / "butler.db")
    token = truth.access.enter_by_link(truth.access.new_link(NOW), "Firefox", NOW)
    link = truth.access.new_link(NOW)
    truth.close()
    back_up(state, tmp_path / "backup.tar.gz", NOW)
    restore(tmp_path / "backup.tar.gz", state, NOW)
    truth = Truth.open(state / "butler.db")
    assert truth.access.session(token, Entrance(), NOW) is None
    assert truth.access.look_at_link(link, NOW) == "This link is not one of those that let in."
    truth.close()


def test_a_state_that_knows_more_is_replaced_only_by_force(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    back_up(state, target, NOW)
    restore(target, state, NOW)
    with pytest.raises(UsageError, match=r"would be lost.*--force"):
        restore(target, state, NOW)
    assert len(list(state.glob("before-restore-*"))) == 1
    assert list(state.glob("restore-*")) == []


def test_a_damaged_state_needs_no_force(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    back_up(state, target, NOW)
    (state / "butler.db").write_bytes(b"\xa5" * 50_000)
    done = restore(target, state, NOW)
    assert runs_of(state) == ["briefing"]
    assert done.aside is not None
    assert (done.aside / "butler.db").read_bytes() == b"\xa5" * 50_000


def changed_content(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content[:-1] + b"X" if name == "butler.db" else content


def left_out(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name == "kept/notes/0a1b" else (name, content)


def renamed(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("kept/notes/0a1b", "../../evil"), content.replace(b"kept/notes/0a1b", b"../../evil")


def no_manifest(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name == "manifest.json" else (name, content)


def of_the_future(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b'"format": 1', b'"format": 2')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed_content, "is not what was backed up"),
        (left_out, r"lacks kept/notes/0a1b"),
        (renamed, "is not the name of a file"),
        (no_manifest, "has no manifest"),
        (of_the_future, "newer butler"),
    ],
)
def test_a_backup_that_somebody_changed_is_refused_and_nothing_touched(
    state: Path, tmp_path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], words: str
) -> None:
    target = tmp_path / "backup.tar.gz"
    back_up(state, target, NOW)
    rewritten(target, change)
    work_on(state)
    with pytest.raises(StateError, match=words):
        restore(target, state, NOW, force=True)
    assert runs_of(state) == ["briefing", "sync"]
    assert names(state) == ["butler.db", "kept"]
    assert names(tmp_path) == NOTHING


def test_a_backup_that_is_cut_off_or_flipped_anywhere_is_refused(state: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    back_up(state, target, NOW)
    whole = target.read_bytes()
    broken = [whole[:size] for size in range(0, len(whole) - 600, 397)]
    broken += [whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :] for place in range(20, len(whole) - 600, 397)]
    for content in broken:
        target.write_bytes(content)
        with pytest.raises(StateError):
            restore(target, state, NOW, force=True)
    assert names(state) == ["butler.db", "kept"]


def test_a_journal_that_was_changed_before_it_was_backed_up_is_found(state: Path, tmp_path: Path) -> None:
    truth = Truth.open(state / "butler.db")
    truth._database.run("DROP TRIGGER journal_keeps")
    truth._database.run("UPDATE journal SET what = 'nothing'")
    truth.close()
    back_up(state, tmp_path / "backup.tar.gz", NOW)
    with pytest.raises(StateError, match=r"journal in the backup is not whole: Line 1"):
        restore(tmp_path / "backup.tar.gz", state, NOW, force=True)


def test_a_backup_of_a_newer_schema_is_refused(state: Path, tmp_path: Path) -> None:
    digest = ""

    def newer(name: str, content: bytes) -> tuple[str, bytes]:
        nonlocal digest
        if name == "butler.db":
            # The schema's version in the file's head.
            content = content[:60] + (99).to_bytes(4, "big") + content[64:]
            digest = sha256(content).hexdigest()
        return name, content

    def fitting(name: str, content: bytes) -> tuple[str, bytes]:
        return name, content.replace(manifest.files["butler.db"].sha256.encode(), digest.encode())

    manifest = back_up(state, tmp_path / "backup.tar.gz", NOW)
    rewritten(tmp_path / "backup.tar.gz", newer)
    rewritten(tmp_path / "backup.tar.gz", fitting)
    with pytest.raises(StateError, match="newer butler"):
        restore(tmp_path / "backup.tar.gz", state, NOW, force=True)


def test_what_was_approved_is_looked_for_in_the_world_and_never_done_twice(tmp_path: Path) -> None:
    """Between the backup and now all of it was done; a mail that was sent cannot be looked for."""
    folder = tmp_path / "state"
    folder.mkdir()
    house = Household(folder)
    drafted, sent, late = (house.approved(*each) for each in ((draft("a"), "a"), (send("b"), "b"), (draft("c"), "c")))
    kept = house.outbox.get(late)
    house.outbox.change(kept, replace(kept, status="executing", attempts=1), house.clock(), "claimed", attempt=1)
    back_up(folder, tmp_path / "backup.tar.gz", NOW)
    house.run()
    before = list(house.world.performed)
    assert len(before) == 4
    house.close()
    assert restore(tmp_path / "backup.tar.gz", folder, NOW, force=True).looked_at == 3
    house.open()
    house.run()
    assert house.world.performed == before
    assert [house.outbox.get(number).status for number in (drafted, sent, late)] == ["done", "uncertain", "done"]
    assert house.truth.journal.verify() == []
    house.close()


def test_what_was_approved_and_not_done_yet_is_done_once(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    house = Household(folder)
    number = house.approved(draft("a"), "a")
    back_up(folder, tmp_path / "backup.tar.gz", NOW)
    house.close()
    restore(tmp_path / "backup.tar.gz", folder, NOW)
    house.open()
    for _ in range(3):
        house.run()
        house.clock.now += timedelta(hours=1)
    assert house.outbox.get(number).status == "done"
    assert len(house.world.performed) == 1
    house.close()


@age
def test_an_encrypted_backup_shows_nothing_and_needs_its_key(state: Path, tmp_path: Path) -> None:
    keys = [tmp_path / "key", tmp_path / "other"]
    for key in keys:
        subprocess.run(["age-keygen", "-o", key], capture_output=True, check=True)
    recipient = re.findall(r"age1\w+", keys[0].read_text())[0]
    target = tmp_path / "backup.age"
    back_up(state, target, NOW, seal=Seal(recipient))
    assert target.read_bytes().startswith(b"age-encryption.org/")
    assert b"manifest" not in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(StateError, match="no identity matched"):
        restore(target, state, NOW, identity=keys[1])
    restore(target, state, NOW, identity=keys[0])
    assert runs_of(state) == ["briefing"]
    whole = target.read_bytes()
    target.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StateError):
        restore(target, state, NOW, force=True, identity=keys[0])
    with pytest.raises(StateError, match="could not be encrypted"):
        back_up(state, tmp_path / "another.age", NOW, seal=Seal("age1nonsense"))
    assert not list(tmp_path.glob("*another*"))


def test_the_commands_back_up_beside_a_daemon_and_restore_only_without_it(tmp_path: Path) -> None:
    write_settings(tmp_path)
    base = ("--config", tmp_path / "butler.toml")
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        done = butler(tmp_path, *base, "backup", "b.tar.gz", "--settings", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert set(document(done)["files"]) == {"butler.db", "settings/butler.toml"}
        again = butler(tmp_path, *base, "backup", "b.tar.gz")
        assert (again.returncode, "--force" in again.stderr) == (2, True)
        refused = butler(tmp_path, *base, "restore", "b.tar.gz")
        assert (refused.returncode, "runs already" in refused.stderr) == (75, True)
        daemon.end()
    told = butler(tmp_path, *base, "restore", "b.tar.gz", "--force")
    assert (told.returncode, "is as it was on 20" in told.stderr) == (0, True)
    missing = butler(tmp_path, *base, "restore", "nothing.tar.gz")
    assert (missing.returncode, "cannot be used" in missing.stderr) == (1, True)
