"""Each of the doctor's checks alone: what it calls ok, what a warning, what a failure, and what it advises."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler import doctor
from butler.checkup import Check, check_model
from butler.core.accounts import CalendarAccount, ModelHost, NotesFolder
from butler.core.errors import SettingsError
from butler.core.jailing import DEGRADED
from butler.core.models import ModelIdentity, ModelPin
from butler.core.owner import BriefingOptions, Owner
from butler.core.pins import KeptPin
from butler.doctor import check_jail, examine
from butler.house import Deeds
from butler.model import ModelReport, Problem
from butler.sandbox.jail import Support
from butler.sandbox.profiles import PROFILES
from butler.settings import Loaded, Places, Settings, read
from butler.settings.web import WebPart
from butler.store.mirror import Mirror

NOW = dt.datetime(2027, 1, 1, 7, tzinfo=dt.UTC)
OWNER = Owner("Anna Berger", frozenset(), ZoneInfo("Europe/Berlin"))


def loaded(*problems: str, **model: str | bool) -> Loaded:
    places = Places(environ={"HOME": "/nowhere", **{f"BUTLER_MODEL__{name}": str(value) for name, value in model.items()}})
    return Loaded(read(places).settings, problems, ())


def levels(checks: Iterator[Check]) -> list[tuple[str, str]]:
    return [(check.name, check.level) for check in checks]


def silent(host: ModelHost) -> ModelReport:
    return ModelReport(host.url, host.name, problems=(Problem("failure", "Nobody is there.", "Start it."),))


def answering(host: ModelHost) -> ModelReport:
    return ModelReport(
        host.url, "q:latest", reachable=True, version="0.31.2", present=True, digest="ab" * 32, context_length=32768
    )


def test_everything_is_checked_even_when_everything_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    deeds = Deeds(OWNER, (NotesFolder("n", tmp_path / "gone"),), BriefingOptions(), tmp_path / "file" / "below")
    checks = list(examine(loaded("model.x is no setting.", name="q"), deeds, dt.datetime(1970, 1, 1, tzinfo=dt.UTC), silent))
    assert {check.name for check in checks if check.level == "failure"} == {
        *("settings", "notes.n", "model", "state folder", "clock")
    }
    assert {check.name for check in checks} >= {"mirror", "time zone", "packaging"}
    assert all(check.sentence.endswith(".") for check in checks)


def test_problems_of_the_settings_are_failures_and_none_is_ok() -> None:
    assert levels(doctor.check_settings(loaded("a.", "b."))) == [("settings", "failure")] * 2
    assert levels(doctor.check_settings(loaded())) == [("settings", "ok")]


def test_a_page_without_tls_is_a_warning_and_one_that_cannot_be_served_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(doctor.check_page(WebPart())) == []
    (here,) = doctor.check_page(WebPart(port=8642))
    assert (here.level, here.sentence) == ("ok", "The page is at http://127.0.0.1:8642.")
    (socket,) = doctor.check_page(WebPart(socket=Path("/run/butler/page.sock")))
    assert (socket.level, socket.sentence) == ("ok", "The page is at /run/butler/page.sock.")
    (lan,) = doctor.check_page(WebPart(port=8642, listen="0.0.0.0", hosts=("butler.lan",)))
    assert (lan.level, "nothing says that a proxy speaks TLS" in lan.sentence) == ("warning", True)
    monkeypatch.setattr(doctor, "_PAGE_NEEDS", ("starlette", "nosuchpackage"))
    (missing,) = doctor.check_page(WebPart(port=8642))
    assert (missing.level, missing.sentence) == ("failure", "The page needs nosuchpackage.")


def test_settings_that_others_may_read_are_a_warning(tmp_path: Path) -> None:
    open_file, private = tmp_path / "open", tmp_path / "private"
    for file, mode in ((open_file, 0o644), (private, 0o600)):
        file.write_text("")
        file.chmod(mode)
    (check,) = doctor.check_files([open_file, private, tmp_path / "gone"])
    assert (check.level, check.advice) == ("warning", f"If a password stands in it, run `chmod 600 {open_file}`.")


def test_sources_are_reached_or_not(tmp_path: Path) -> None:
    for name in ("notes", "calendar"):
        (tmp_path / name).mkdir()
    accounts = (
        NotesFolder("n", tmp_path / "notes"),
        CalendarAccount("c", path=tmp_path / "calendar"),
        CalendarAccount("gone", path=tmp_path / "gone"),
    )
    checks = list(doctor.check_sources(Deeds(OWNER, accounts, BriefingOptions(), tmp_path / "state")))
    assert [(check.name, check.level) for check in checks] == [
        *(("notes.n", "ok"), ("calendar.c", "ok"), ("calendar.gone", "failure"))
    ]
    assert "it holds n." in checks[0].sentence
    assert checks[2].advice
    assert levels(doctor.check_sources(Deeds(OWNER, (), BriefingOptions(), tmp_path))) == [("sources", "warning")]


def test_a_model_that_can_be_used_is_named() -> None:
    (check,) = check_model(loaded(name="q"), answering)
    assert check.level == "ok"
    assert check.sentence.startswith(
        "q:latest (abababababab) on Ollama 0.31.2 at http://127.0.0.1:11434, context 8192 of 32768"
    )


def test_a_model_that_is_missing_is_a_failure_only_when_one_was_chosen() -> None:
    assert levels(check_model(loaded(name="q"), silent)) == [("model", "failure")]
    assert levels(check_model(loaded(), silent)) == [("model", "warning")]
    (check,) = check_model(loaded(), silent)
    assert check.advice.endswith("To do without one, set model.enabled to false.")
    assert levels(check_model(loaded(name="q", enabled=False), silent)) == [("model", "ok")]


def test_a_model_that_is_not_what_was_pinned_is_a_failure_that_says_what_to_do() -> None:
    identity = ModelIdentity("q:latest", "ab" * 32, server="ollama 0.31.2")
    kept = KeptPin(ModelPin("http://127.0.0.1:11434", "q", identity), dt.datetime(2026, 11, 20, tzinfo=dt.UTC), "first use")
    (well,) = check_model(loaded(name="q"), answering, [kept])
    assert (well.level, well.sentence.endswith("pinned since 2026-11-20.")) == ("ok", True)
    other = replace(kept, pin=replace(kept.pin, identity=replace(identity, digest="cd" * 32)))
    (moved,) = check_model(loaded(name="q"), answering, [other])
    assert (moved.level, moved.sentence.startswith("q is not what was pinned")) == ("failure", True)
    assert "`butler model accept`" in moved.advice


def test_a_copy_that_was_gone_back_to_is_what_is_looked_at() -> None:
    identity = ModelIdentity("q:latest", "ab" * 32, server="ollama 0.31.2")
    pin = ModelPin("http://127.0.0.1:11434", "q", identity, "butler/q:abababababab")
    asked: list[str] = []

    def look(host: ModelHost) -> ModelReport:
        asked.append(host.name)
        return answering(host)

    kept = KeptPin(pin, dt.datetime(2026, 11, 20, tzinfo=dt.UTC), "gone back")
    assert levels(check_model(loaded(name="q"), look, [kept])) == [("model", "ok")]
    assert asked == ["butler/q:abababababab"]


def test_models_of_other_roles_are_looked_at_and_one_that_makes_vectors_need_not_chat() -> None:
    def look(host: ModelHost) -> ModelReport:
        report = replace(answering(host), name=f"{host.name}:latest")
        if host.name == "e":
            return replace(report, problems=(Problem("failure", "e:latest cannot chat.", "Set model.name to a chat model."),))
        return report if host.name == "q" else silent(host)

    found = levels(check_model(loaded(name="q", write="w", embed="e"), look))
    assert found == [("model", "ok"), ("model w", "failure"), ("model e", "ok")]


def test_a_server_without_digests_is_called_unpinned() -> None:
    def look(host: ModelHost) -> ModelReport:
        return replace(answering(host), digest="", stand_in="unpinned:1", api="openai", version="llama.cpp b6543")

    (check,) = check_model(loaded(name="q"), look)
    assert (check.level, "unpinned" in check.sentence) == ("ok", True)


def test_a_model_far_away_is_a_warning_without_encryption() -> None:
    far = loaded(name="q", url="http://gpu.berger.example:11434")
    assert levels(check_model(far, answering)) == [("model", "ok"), ("model", "warning")]
    assert levels(check_model(loaded(name="q", url="https://gpu.berger.example"), answering)) == [("model", "ok")]


def test_an_impossible_model_server_is_a_failure() -> None:
    def impossible(host: ModelHost) -> ModelReport:
        raise SettingsError(("model.url is no address.",))

    assert levels(check_model(loaded(name="q"), impossible)) == [("model", "failure")]


def test_the_state_folder_is_made_and_is_private(tmp_path: Path) -> None:
    (check,) = doctor.check_state(tmp_path / "state")
    assert check.level == "ok"
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("least", "level"), [("_LITTLE_SPACE", "warning"), ("_NO_SPACE", "failure")])
def test_too_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: str, level: str) -> None:
    monkeypatch.setattr(doctor, least, 10**18)
    assert levels(doctor.check_state(tmp_path)) == [("state folder", level)]


def test_a_mirror_that_was_never_made_is_no_failure(tmp_path: Path) -> None:
    deeds = Deeds(OWNER, (), BriefingOptions(), tmp_path)
    assert levels(doctor.check_mirror(deeds)) == [("mirror", "ok")]
    assert not (tmp_path / "mirror.db").exists()


def test_a_damaged_mirror_is_a_warning_because_it_is_rebuilt(tmp_path: Path) -> None:
    (tmp_path / "mirror.db").write_bytes(b"no database at all" * 1000)
    checks = list(doctor.check_mirror(Deeds(OWNER, (), BriefingOptions(), tmp_path)))
    assert [check.level for check in checks] == ["warning", "ok"]
    assert "rebuilt" in checks[0].sentence


def test_what_is_set_aside_is_named_and_what_is_too_much_is_counted(tmp_path: Path) -> None:
    with closing(Mirror.open(tmp_path / "mirror.db", "Europe/Berlin")) as mirror:
        place = mirror.collection(mirror.source("mail", "home"), "INBOX", "").place
        with mirror.writing() as writing:
            for key in range(7):
                writing.set_aside(place, str(key), "ab" * 32, NOW)
    checks = list(doctor.check_mirror(Deeds(OWNER, (), BriefingOptions(), tmp_path)))
    assert [check.level for check in checks] == ["warning"] * 6
    assert checks[0].sentence == "mail.home/INBOX/0 was too much for the parser and is set aside."
    assert checks[-1].sentence == "2 more could not be read well."


def test_a_document_that_is_set_aside_is_named_as_the_settings_call_its_folder(tmp_path: Path) -> None:
    with closing(Mirror.open(tmp_path / "mirror.db", "Europe/Berlin")) as mirror:
        for name in ("papers", "vault"):
            place = mirror.collection(mirror.source("notes", name), name, "").place
            with mirror.writing() as writing:
                writing.set_aside(place, "1", "ab" * 32, NOW)
    accounts = (NotesFolder("papers", tmp_path, documents=True), NotesFolder("vault", tmp_path))
    papers, vault = doctor.check_mirror(Deeds(OWNER, accounts, BriefingOptions(), tmp_path))
    assert papers.sentence.startswith("documents.papers/papers/1 ")
    assert vault.sentence.startswith("notes.vault/vault/1 ")


def test_a_source_with_nothing_in_it_is_a_warning_and_one_with_much_is_cut_short(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for number in range(7):
        (tmp_path / "many" / f"list-{number}").mkdir(parents=True)
        (tmp_path / "many" / f"list-{number}" / "a.ics").write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    accounts = (
        CalendarAccount("filtered", path=tmp_path / "many", collections=("elsewhere",)),
        CalendarAccount("many", path=tmp_path / "many"),
    )
    filtered, many = doctor.check_sources(Deeds(OWNER, accounts, BriefingOptions(), tmp_path / "state"))
    assert filtered.level != "ok"
    assert (many.level, many.sentence.endswith("list-4 and 2 more.")) == ("ok", True)


def test_a_mirror_that_cannot_be_opened_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "mirror.db").mkdir()
    assert levels(doctor.check_mirror(Deeds(OWNER, (), BriefingOptions(), tmp_path))) == [("mirror", "failure")]


def test_a_clock_before_the_installation_is_a_failure() -> None:
    assert doctor.check_clock(NOW, NOW.timestamp() - 1).level == "ok"
    check = doctor.check_clock(NOW, NOW.timestamp() + 86400)
    assert (check.level, bool(check.advice)) == ("failure", True)


def test_packages_of_others_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(doctor.check_packaging()) == [("packaging", "ok")]
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"workflows": ["butler", "llama-index-workflows"]})
    (check,) = doctor.check_packaging()
    assert check.level == "failure"
    assert "pip uninstall llama-index-workflows" in check.advice


def test_a_package_from_elsewhere_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("json",))
    (check,) = doctor.check_packaging()
    assert (check.level, "PYTHONSAFEPATH=1" in check.advice) == ("failure", True)


def test_a_shared_python_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", "/usr")
    monkeypatch.setattr("sys.base_prefix", "/usr")
    assert levels(doctor.check_packaging()) == [("packaging", "warning")]


def test_settings_of_code_are_enough_for_the_doctor() -> None:
    assert Settings(state_dir=Path("/s")).model.host() == ModelHost()


def test_what_the_kernel_enforces_is_told_for_each_role() -> None:
    checks = list(check_jail("enforced", Support(7, seccomp=True, machine="x86_64")))
    assert [check.name for check in checks] == [f"jail {role}" for role in PROFILES]
    assert {check.level for check in checks} == {"ok"}
    assert checks[0].sentence == (
        "Confined: files, TCP ports, signals and abstract sockets, "
        "system calls by a list of those that are allowed (Landlock 7)."
    )


def test_an_old_kernel_confines_by_its_filter_what_landlock_does_not() -> None:
    told = list(check_jail("enforced", Support(2, seccomp=True, machine="aarch64")))[-1]
    assert (told.level, told.name) == ("ok", "jail notice")
    assert told.sentence == "Confined: files, system calls by a list of those that are refused (Landlock 2)."


def test_a_kernel_that_cannot_confine_is_a_failure_and_a_warning_where_the_settings_do_without() -> None:
    kernel = Support(0, seccomp=False, machine="riscv64")
    failure, *_ = check_jail("enforced", kernel)
    assert failure.level == "failure"
    assert "it has no Landlock (Linux 5.13 or newer, switched on) and filters for system calls on riscv64." in failure.sentence
    assert 'set sandbox to "degraded"' in failure.advice
    degraded = list(check_jail("degraded", kernel))
    assert {check.level for check in degraded} == {"warning"}
    assert degraded[0].sentence == DEGRADED


def test_degraded_settings_are_warned_of_even_where_all_is_enforced() -> None:
    first, *roles = check_jail("degraded", Support(7, seccomp=True, machine="x86_64"))
    assert (first.level, first.sentence) == ("warning", DEGRADED)
    assert {check.level for check in roles} == {"ok"}
    assert list(doctor.shortened([first, *roles])) == [first, *roles]


def test_roles_that_are_all_confined_are_one_line_and_others_are_not() -> None:
    around = [Check("settings", "ok", "Well."), Check("mail.jail", "ok", "Reached.")]
    roles = list(check_jail("enforced", Support(2, seccomp=True, machine="x86_64")))
    one = Check("jail", "ok", f"All {len(PROFILES)} roles of workers are confined; `--json` tells what holds each.")
    assert list(doctor.shortened([around[0], *roles, around[1]])) == [around[0], one, around[1]]
    unlike = [*roles[:-1], Check("jail notice", "warning", "Not confined: files (Landlock none).")]
    assert list(doctor.shortened(unlike)) == unlike
    nothing = list(check_jail("enforced", Support(0, seccomp=False, machine="riscv64")))
    assert list(doctor.shortened(nothing)) == nothing
    assert nothing[1].sentence == "Not confined: files and system calls (Landlock none)."
