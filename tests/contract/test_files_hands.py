"""The hands of a notes folder: they do once what was asked, over what was known, and never outside the root."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import time
from hashlib import sha256
from pathlib import Path

import pytest

from butler.core.accounts import NotesFolder
from butler.core.effects import AddLine, DeleteObject, Effect, Hands, MoveFile, PutFile, Receipt, RestoreFile, Seen, TakeLine
from butler.core.errors import EffectError
from butler.core.payloads import FileAppend, FileMove, FileWrite
from tools.files import TOOL, places

_COARSE = 5
"""Linux' CLOCK_REALTIME_COARSE, by which it dates files."""


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Vault:
    """A folder with hands, and what lies around it."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.root = path / "vault"
        self.kept = path / "state" / "kept"
        (self.root / "sub").mkdir(parents=True, exist_ok=True)
        self.hands: Hands = TOOL.hands(NotesFolder("notes", self.root, read_only=read_only, kept=self.kept))

    def put(self, path: str, text: str) -> str:
        (self.root / path).write_text(text)
        return digest(text)

    def text(self, path: str) -> str:
        return (self.root / path).read_text()

    def carry_out(self, effect: Effect) -> Receipt:
        """As the executor does: look, act where it is open, and look again."""
        seen = self.hands.look(effect)
        assert seen.state == "open", seen
        receipt = self.hands.act(effect, seen)
        after = self.hands.look(effect)
        assert (after.state, after.receipt) == ("done", receipt)
        return receipt

    def names(self) -> list[str]:
        return sorted(str(file.relative_to(self.root)) for file in self.root.rglob("*") if file.is_file())


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


def write(path: str, content: str, before: str = "") -> PutFile:
    return PutFile(account="notes", path=path, content=content, before=before)


def add(path: str, content: str, before: str = "") -> PutFile:
    return PutFile(account="notes", path=path, content=content, before=before, append=True)


def move(path: str, target: str, before: str) -> MoveFile:
    return MoveFile(account="notes", path=path, target=target, before=before)


def test_a_new_file_is_written_and_taken_back(vault: Vault) -> None:
    receipt = vault.carry_out(write("sub/new.md", "Hello\n"))
    assert vault.text("sub/new.md") == "Hello\n"
    assert receipt.place == "notes/sub/new.md"
    assert stat.S_IMODE((vault.root / "sub/new.md").stat().st_mode) == 0o600
    assert receipt.undo is not None
    vault.carry_out(receipt.undo)
    assert vault.names() == []


def test_a_file_is_changed_and_its_old_version_put_back(vault: Vault) -> None:
    before = vault.put("a.md", "old\n")
    (vault.root / "a.md").chmod(0o644)
    receipt = vault.carry_out(write("a.md", "new\n", before))
    assert vault.text("a.md") == "new\n"
    (kept,) = vault.kept.iterdir()
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(vault.kept.stat().st_mode)) == (
        *("old\n", 0o600, 0o700),
    )
    assert receipt.undo == RestoreFile(account="notes", path="a.md", before=digest("new\n"), kept=before)
    vault.carry_out(receipt.undo)
    assert vault.text("a.md") == "old\n"
    assert stat.S_IMODE((vault.root / "a.md").stat().st_mode) == 0o644


def test_text_is_added_once_however_often_it_is_looked_at(vault: Vault) -> None:
    before = vault.put("a.md", "one\n")
    receipt = vault.carry_out(add("a.md", "two\n", before))
    assert vault.text("a.md") == "one\ntwo\n"
    assert vault.hands.look(add("a.md", "two\n", before)).receipt == receipt
    assert receipt.undo is not None
    vault.carry_out(receipt.undo)
    assert vault.text("a.md") == "one\n"
    vault.carry_out(add("new.md", "first\n"))
    assert vault.text("new.md") == "first\n"


def test_a_file_is_moved_and_moved_back(vault: Vault) -> None:
    before = vault.put("a.md", "text")
    receipt = vault.carry_out(move("a.md", "sub/b.md", before))
    assert vault.names() == ["sub/b.md"]
    assert receipt.undo is not None
    vault.carry_out(receipt.undo)
    assert vault.names() == ["a.md"]


def test_what_is_there_already_is_done_but_not_the_butlers_to_remove(vault: Vault) -> None:
    vault.put("a.md", "same")
    seen = vault.hands.look(write("a.md", "same"))
    assert seen.state == "done"
    assert seen.receipt is not None
    assert seen.receipt.undo is None


@pytest.mark.parametrize(
    ("effect", "state", "words"),
    [
        (write("a.md", "mine", digest("older")), "changed", "a.md was changed since."),
        (write("a.md", "mine"), "changed", "a.md was changed since."),
        (write("none.md", "mine", digest("older")), "gone", "none.md is not there any more."),
        (write("nowhere/a.md", "mine"), "gone", "The folder nowhere for nowhere/a.md does not exist. Make it first."),
        (add("a.md", "mine", digest("older")), "changed", "a.md was changed since."),
        (move("a.md", "c.md", digest("older")), "changed", "a.md was changed since."),
        (move("a.md", "b.md", digest("theirs")), "changed", "There is a file b.md already, and it is not written over."),
        (move("none.md", "c.md", digest("theirs")), "gone", "none.md is not there any more."),
        (move("a.md", "nowhere/c.md", digest("theirs")), "gone", "The folder nowhere does not exist. Make it first."),
        (
            RestoreFile(account="notes", path="a.md", before=digest("mine"), kept=digest("x")),
            "changed",
            "a.md was changed since.",
        ),
        (RestoreFile(account="notes", path="none.md", before=digest("mine"), kept=digest("x")), "gone", "not there any more"),
        (RestoreFile(account="notes", path="nowhere/a.md", before=digest("mine")), "done", ""),
    ],
)
def test_what_its_owner_changed_wins(vault: Vault, effect: Effect, state: str, words: str) -> None:
    vault.put("a.md", "theirs")
    vault.put("b.md", "others")
    seen = vault.hands.look(effect)
    assert seen.state == state
    assert words in seen.sentence
    if state != "done":
        with pytest.raises(EffectError) as told:
            vault.hands.act(effect, seen)
        assert told.value.permanent
    assert (vault.text("a.md"), vault.text("b.md"), vault.names()) == ("theirs", "others", ["a.md", "b.md"])


@pytest.mark.parametrize(
    "path",
    [
        *("../out.md", "/etc/passwd", "sub/../../out.md", "./a.md", "", "sub/", "sub//a.md", ".hidden.md", ".git/config"),
        *("sub/.obsidian/app.json", "a\0.md", "link/out.md", "link", "loop", "sub/link/out.md", "pipe", "sub", "secret.md"),
    ],
)
def test_no_path_leads_outside_or_to_what_is_no_plain_file(vault: Vault, path: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "out.md").write_text("secret")
    (vault.root / "link").symlink_to(outside)
    (vault.root / "sub" / "link").symlink_to(outside)
    (vault.root / "loop").symlink_to("loop")
    (vault.root / "secret.md").symlink_to(outside / "out.md")
    os.mkfifo(vault.root / "pipe")
    before = vault.put("a.md", "text")
    effects: list[Effect] = [write(path, "evil"), add(path, "evil", digest("secret")), move("a.md", path, before)]
    effects += [move(path, "b.md", digest("secret")), RestoreFile(account="notes", path=path, before=digest("secret"))]
    for effect in effects:
        with pytest.raises(EffectError) as told:
            vault.hands.look(effect)
        assert told.value.permanent
        with pytest.raises(EffectError):
            vault.hands.act(effect, open_to_it())
    assert (outside / "out.md").read_text() == "secret"
    assert [file.name for file in outside.iterdir()] == ["out.md"]
    assert vault.text("a.md") == "text"


def open_to_it() -> Seen:
    """What a look that came too early would have said."""
    return Seen(state="open")


def test_a_folder_that_becomes_a_link_after_the_look_is_not_entered(vault: Vault, tmp_path: Path) -> None:
    effect = write("sub/a.md", "text")
    seen = vault.hands.look(effect)
    (vault.root / "sub").rmdir()
    (tmp_path / "outside").mkdir()
    (vault.root / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(EffectError):
        vault.hands.act(effect, seen)
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_file_changed_between_look_and_act_is_left_alone(vault: Vault) -> None:
    before = vault.put("a.md", "old")
    for effect in (write("a.md", "new", before), add("a.md", "new", before), move("a.md", "b.md", before)):
        seen = vault.hands.look(effect)
        assert seen.state == "open"
        vault.put("a.md", "theirs")
        with pytest.raises(EffectError) as told:
            vault.hands.act(effect, seen)
        assert (told.value.held, vault.text("a.md")) == (True, "theirs")
        vault.put("a.md", "old")
    seen = vault.hands.look(write("c.md", "new"))
    vault.put("c.md", "theirs")
    with pytest.raises(EffectError):
        vault.hands.act(write("c.md", "new"), seen)
    assert vault.text("c.md") == "theirs"


def test_what_is_written_after_the_last_read_is_not_written_over(vault: Vault) -> None:
    vault.put("a.md", "old")
    with places.place_in(str(vault.root), "a.md") as place:
        found = place.read()
        assert found is not None
        # Before Linux 6.13 the time of a file goes by ticks: two writes within one are not told apart by it.
        while time.clock_gettime_ns(_COARSE) <= found.stamp[3]:
            time.sleep(0.001)
        vault.put("a.md", "new")
        assert not place.write(b"ours", found)
        assert not place.remove(found)
    assert (vault.text("a.md"), vault.names()) == ("new", ["a.md"])


def test_a_writer_at_the_same_moment_is_never_overwritten_unseen(vault: Vault) -> None:
    """Both try to make one new file; whoever is second is told so."""
    for number in range(50):
        path, won = f"race-{number}.md", threading.Event()

        def theirs(path: str = path, won: threading.Event = won) -> None:
            try:
                with open(vault.root / path, "x") as file:
                    file.write("theirs")
                won.set()
            except FileExistsError:
                pass

        other = threading.Thread(target=theirs)
        other.start()
        try:
            vault.hands.act(write(path, "ours"), open_to_it())
            ours = True
        except EffectError:
            ours = False
        other.join()
        assert ours != won.is_set()
        assert vault.text(path) == ("ours" if ours else "theirs")


def test_a_move_that_was_killed_between_its_two_halves_is_finished(vault: Vault) -> None:
    before = vault.put("a.md", "text")
    os.link(vault.root / "a.md", vault.root / "b.md")
    vault.carry_out(move("a.md", "b.md", before))
    assert vault.names() == ["b.md"]


def test_a_write_that_was_killed_leaves_nothing_in_the_way(vault: Vault) -> None:
    before = vault.put("a.md", "old")
    (vault.root / ".a.md.butler-part").write_text("half")
    vault.carry_out(write("a.md", "new", before))
    assert vault.names() == ["a.md"]


def test_a_write_of_which_the_answer_was_lost_can_still_be_taken_back(vault: Vault) -> None:
    before = vault.put("a.md", "old")
    for effect in (write("a.md", "new", before), write("n.md", "new")):
        receipt = vault.carry_out(effect)
        seen = vault.hands.look(effect)
        assert seen.receipt == receipt
        assert receipt.undo is not None


def test_a_read_only_folder_is_held_with_the_setting_to_change(tmp_path: Path) -> None:
    vault = Vault(tmp_path, read_only=True)
    for effect in (
        write("a.md", "x"),
        move("a.md", "b.md", digest("x")),
        RestoreFile(account="notes", path="a.md", before="x"),
    ):
        with pytest.raises(EffectError, match=r"read_only = false under \[notes.notes\]") as told:
            vault.hands.look(effect)
        assert (told.value.held, told.value.permanent) == (True, True)
        with pytest.raises(EffectError):
            vault.hands.act(effect, open_to_it())
    assert vault.names() == []


def test_a_missing_root_is_tried_again(tmp_path: Path) -> None:
    hands = TOOL.hands(NotesFolder("notes", tmp_path / "unmounted"))
    with pytest.raises(EffectError, match="cannot be read or written") as told:
        hands.look(write("a.md", "x"))
    assert not told.value.permanent


def test_without_a_place_for_old_versions_there_is_no_way_back(tmp_path: Path) -> None:
    hands = TOOL.hands(NotesFolder("notes", tmp_path))
    effect = write("a.md", "x")
    assert hands.act(effect, hands.look(effect)).undo is None
    hands.close()


def test_an_old_version_that_is_lost_is_told_and_nothing_changed(vault: Vault) -> None:
    before = vault.put("a.md", "old")
    undo = vault.carry_out(write("a.md", "new", before)).undo
    assert undo is not None
    (vault.kept / before).write_text("tampered")
    with pytest.raises(EffectError, match="not kept any more"):
        vault.hands.act(undo, vault.hands.look(undo))
    (vault.kept / before).unlink()
    with pytest.raises(EffectError, match="not kept any more"):
        vault.hands.act(undo, vault.hands.look(undo))
    assert vault.text("a.md") == "new"


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can mount a small disk.")
def test_a_full_disk_changes_nothing_and_is_tried_again(tmp_path: Path) -> None:
    disk = tmp_path / "vault"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("This machine does not let a test mount a small disk.")
    try:
        vault = Vault(tmp_path)
        before = vault.put("a.md", "old")
        effect = write("a.md", "x" * 100_000, before)
        with pytest.raises(EffectError, match="no room left") as told:
            vault.hands.act(effect, vault.hands.look(effect))
        assert (told.value.permanent, vault.text("a.md"), vault.names()) == (False, "old", ["a.md"])
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_huge_file_is_refused(vault: Vault) -> None:
    with open(vault.root / "big.md", "wb") as file:
        file.truncate(places._MOST_BYTES + 1)
    with pytest.raises(EffectError, match="is over 50 MB"):
        vault.hands.look(write("big.md", "x", digest("y")))


@pytest.mark.parametrize(
    "name", ["\u6f22" * 85, "x" * 255, "two\nlines", "\x1b[31m", "caf\u00e9", "cafe\u0301", "-rf", "a#L3", "%2e%2e"]
)
def test_a_name_of_any_signs_is_written_and_taken_back(vault: Vault, name: str) -> None:
    before = vault.put(name, "theirs")
    receipt = vault.carry_out(write(name, "ours", before))
    assert (vault.text(name), vault.names()) == ("ours", [name])
    assert receipt.undo is not None
    vault.carry_out(receipt.undo)
    assert vault.text(name) == "theirs"


def test_a_name_that_no_file_can_have_is_told(vault: Vault) -> None:
    with pytest.raises(EffectError, match="too long"):
        vault.hands.look(write("x" * 256, "text"))


def test_what_is_written_to_a_file_of_two_names_leaves_the_other_as_it_was(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.md").write_text("theirs")
    os.link(tmp_path / "elsewhere.md", vault.root / "a.md")
    vault.carry_out(write("a.md", "ours", digest("theirs")))
    assert (vault.text("a.md"), (tmp_path / "elsewhere.md").read_text()) == ("ours", "theirs")


def test_another_tools_effect_is_refused(vault: Vault) -> None:
    effect = DeleteObject(account="notes", calendar="c", uid="u", key="k", etag="e", before="b")
    for tried in (lambda: vault.hands.look(effect), lambda: vault.hands.act(effect, open_to_it())):
        with pytest.raises(EffectError, match=r"no hands for calendar.delete"):
            tried()


def test_only_what_can_be_done_over_a_changed_file_is_proposed_again(vault: Vault) -> None:
    vault.put("a.md", "theirs")
    effect = add("a.md", "more", digest("old"))
    seen = vault.hands.look(effect)
    adding = FileAppend(root="notes", path="a.md", text="more", before=digest("old"))
    assert TOOL.renewed(adding, effect, seen) == adding.model_copy(update={"before": digest("theirs")})
    moving = FileMove(root="notes", path="a.md", target="b.md", before=digest("old"))
    assert TOOL.renewed(moving, effect, seen) == moving.model_copy(update={"before": digest("theirs")})
    writing = FileWrite(root="notes", path="a.md", content="mine", before=digest("old"))
    assert TOOL.renewed(writing, effect, seen) is None
    gone = vault.hands.look(add("none.md", "more", digest("old")))
    assert TOOL.renewed(adding, effect, gone) is None


def line(text: str, path: str = "a.md") -> AddLine:
    return AddLine(account="notes", path=path, line=text, head="# Mine\n\n")


def test_a_line_is_added_once_and_taken_out_whatever_else_was_written(vault: Vault) -> None:
    receipt = vault.carry_out(line("- one"))
    vault.carry_out(line("- two"))
    assert vault.text("a.md") == "# Mine\n\n- one\n- two\n"
    vault.put("a.md", vault.text("a.md") + "mine, without a line break")
    assert vault.hands.look(line("- one")).state == "done"
    vault.carry_out(line("- three"))
    assert receipt.undo == TakeLine(account="notes", path="a.md", line="- one")
    vault.carry_out(receipt.undo)
    assert vault.text("a.md") == "# Mine\n\n- two\nmine, without a line break\n- three\n"


def test_a_line_is_another_than_one_that_holds_it_and_keeps_the_breaks_of_the_file(vault: Vault) -> None:
    (vault.root / "a.md").write_bytes(b"- one more\r\n- one\r\n- last\r\n")
    assert vault.hands.look(line("- on")).state == "open"
    vault.carry_out(TakeLine(account="notes", path="a.md", line="- one"))
    assert (vault.root / "a.md").read_bytes() == b"- one more\r\n- last\r\n"
    assert vault.hands.look(TakeLine(account="notes", path="none.md", line="x")).state == "done"


def test_a_line_that_was_changed_meanwhile_is_not_said_to_be_taken_out(vault: Vault) -> None:
    vault.carry_out(line("- level 3"))
    vault.put("a.md", vault.text("a.md").replace("3", "4"))
    seen = vault.hands.look(TakeLine(account="notes", path="a.md", line="- level 3"))
    assert seen.receipt is not None
    assert seen.receipt.sentence == "The line as it was written no longer stands in notes/a.md; all else there is as it was."
    assert "- level 4" in vault.text("a.md")


def test_a_line_goes_through_no_link_and_into_no_folder_that_is_not_there(vault: Vault, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("theirs\n")
    (vault.root / "link.md").symlink_to(outside)
    with pytest.raises(EffectError, match="follows no links"):
        vault.hands.look(line("- one", "link.md"))
    assert vault.hands.look(line("- one", "nowhere/a.md")).state == "gone"
    assert outside.read_text() == "theirs\n"


def test_lines_that_are_added_at_once_are_all_there(vault: Vault) -> None:
    vault.put("a.md", "# Mine\n")

    def write(number: int) -> None:
        effect = line(f"- {number}")
        for _ in range(20):
            try:
                vault.hands.act(effect, vault.hands.look(effect))
            except EffectError:
                continue
            return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(vault.text("a.md").splitlines()) == ["# Mine", "- 0", "- 1"]
