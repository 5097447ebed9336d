"""Settings: which place wins, what is refused and in which words, and what comes of them."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import tzlocal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from butler.core.accounts import CalendarAccount, MailAccount, ModelHost, NotesFolder
from butler.core.errors import EXIT_CONFIGURATION, SettingsError
from butler.core.owner import BriefingOptions
from butler.settings import Loaded, Places, Settings, read
from butler.settings.accounts import CalendarPart, MailPart, NotesPart
from butler.settings.load import load
from butler.settings.values import ModelPart, ModelServerPart

Read = Callable[..., Loaded]


@pytest.fixture
def look(tmp_path: Path) -> Read:
    """Reads settings from a folder of its own, with nothing of this machine in the environment."""

    def look(
        toml: str = "", env: str = "", environ: Mapping[str, str] | None = None, overrides: Mapping[Any, Any] | None = None
    ) -> Loaded:
        given = {"HOME": str(tmp_path), **(environ or {})}
        if toml:
            (tmp_path / "butler.toml").write_text(toml)
        if env:
            (tmp_path / ".env").write_text(env)
        config = tmp_path / "butler.toml" if toml else None
        return read(Places(environ=given, overrides=overrides or {}, config=config, folder=tmp_path))

    return look


MAIL = {
    "BUTLER_MAIL__HOME__HOST": "imap.berger.example",
    "BUTLER_MAIL__HOME__USER": "anna@berger.example",
    "BUTLER_MAIL__HOME__PASSWORD": "hunter2",
}


def test_nothing_set_is_no_problem(look: Read, tmp_path: Path) -> None:
    loaded = look()
    assert loaded.problems == ()
    assert loaded.settings.accounts() == ()
    assert loaded.settings.model_host() is None
    assert loaded.settings.state_dir == tmp_path / ".local/state/butler"
    assert loaded.settings.briefing_folder() == tmp_path / ".local/state/butler/briefings"


def test_each_place_wins_over_those_after_it(look: Read, tmp_path: Path) -> None:
    secrets = tmp_path / "credentials"
    secrets.mkdir()
    (secrets / "butler_model__name").write_text("from-credentials\n")
    (secrets / "butler_model__name").chmod(0o400)
    places = {
        "toml": '[model]\nname = "from-toml"\n',
        "environ": {"CREDENTIALS_DIRECTORY": str(secrets)},
    }
    assert look(toml='[model]\nname = "from-toml"').settings.model.name == "from-toml"
    assert look(**places).settings.model.name == "from-credentials"
    assert look(**places, env="BUTLER_MODEL__NAME=from-env-file").settings.model.name == "from-env-file"
    environ = {"CREDENTIALS_DIRECTORY": str(secrets), "BUTLER_MODEL__NAME": "from-environment"}
    assert look(environ=environ).settings.model.name == "from-environment"
    assert look(environ=environ, overrides={("model", "name"): "from-options"}).settings.model.name == "from-options"


def test_an_account_may_be_put_together_from_several_places(look: Read) -> None:
    toml = '[mail.home]\nhost = "imap.berger.example"\nuser = "anna@berger.example"\ntimeout = 5\n'
    loaded = look(toml=toml, environ={"BUTLER_MAIL__HOME__PASSWORD": "hunter2", "BUTLER_MAIL__HOME__TIMEOUT": "7.5"})
    (account,) = loaded.settings.accounts()
    assert isinstance(account, MailAccount)
    assert (account.host, account.timeout, account.password()) == ("imap.berger.example", 7.5, "hunter2")


def test_names_in_the_environment_may_be_in_any_case_and_account_names_become_small(look: Read) -> None:
    loaded = look(environ={"butler_notes__MyNotes__path": "/srv/notes"})
    (notes,) = loaded.settings.accounts()
    state = loaded.settings.state_dir
    assert notes == NotesFolder(
        "mynotes", Path("/srv/notes"), kept=state / "kept/mynotes", without=(state, state / "briefings")
    )


def test_an_empty_variable_counts_as_not_set(look: Read) -> None:
    assert look(toml='[model]\nname = "q"', environ={"BUTLER_MODEL__NAME": ""}).settings.model.name == "q"


def test_lists_are_written_with_commas_or_as_json(look: Read) -> None:
    commas = look(environ={**MAIL, "BUTLER_MAIL__HOME__FOLDERS": "INBOX, \\Sent ,"}).settings
    as_json = look(environ={**MAIL, "BUTLER_MAIL__HOME__FOLDERS": '["INBOX", "Work, old"]'}).settings
    assert commas.mail["home"].folders == ("INBOX", "\\Sent")
    assert as_json.mail["home"].folders == ("INBOX", "Work, old")
    (problem,) = look(environ={**MAIL, "BUTLER_MAIL__HOME__FOLDERS": "[INBOX"}).problems
    assert "words parted by commas" in problem


def test_relative_paths_start_where_they_are_written(look: Read, tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    (home / "butler.toml").write_text(
        '[notes.a]\npath = "a"\n[mail.m]\npath = "~/mail"\n[owner]\naddresses = ["anna@berger.example"]'
    )
    (here / ".env").write_text("BUTLER_NOTES__B__PATH=b\n")
    environ = {"HOME": str(tmp_path / "elsewhere"), "BUTLER_NOTES__C__PATH": "c"}
    overrides: dict[tuple[str, ...], str] = {("notes", "d", "path"): "d"}
    loaded = read(Places(environ=environ, overrides=overrides, config=home / "butler.toml", folder=here))
    assert loaded.problems == ()
    paths = {name: part.path for name, part in loaded.settings.notes.items()}
    assert paths == {"a": home / "a", "b": here / "b", "c": tmp_path / "elsewhere" / "c", "d": here / "d"}
    assert loaded.settings.mail["m"].path == Path("~/mail").expanduser()


def test_the_state_folder_is_systemds_else_the_xdg_one(look: Read) -> None:
    assert look(environ={"STATE_DIRECTORY": "/var/lib/butler:/var/lib/more"}).settings.state_dir == Path("/var/lib/butler")
    assert look(environ={"XDG_STATE_HOME": "/srv/state"}).settings.state_dir == Path("/srv/state/butler")
    assert look(environ={"XDG_STATE_HOME": "/srv/state", "BUTLER_STATE_DIR": "/x"}).settings.state_dir == Path("/x")


def test_the_usual_file_is_found_in_the_configuration_folder(tmp_path: Path) -> None:
    file = tmp_path / "xdg" / "butler" / "butler.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[owner]\nname = "Anna Berger"\n')
    loaded = read(Places(environ={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}, folder=tmp_path))
    assert (loaded.settings.owner.name, loaded.files) == ("Anna Berger", (file,))


def test_the_owners_addresses_are_the_mail_users_unless_they_are_set(look: Read) -> None:
    assert look(environ=MAIL).settings.addresses() == {"anna@berger.example"}
    given = {**MAIL, "BUTLER_OWNER__ADDRESSES": "Anna@Nordwind.example"}
    assert look(environ=given).settings.person().addresses == {"anna@nordwind.example"}
    (problem,) = look(environ={**MAIL, "BUTLER_MAIL__HOME__USER": "anna"}).problems
    assert "Set owner.addresses" in problem


@pytest.mark.parametrize(("tls", "port"), [("implicit", 993), ("starttls", 143)])
def test_the_port_follows_from_tls(look: Read, tls: str, port: int) -> None:
    (account,) = look(environ={**MAIL, "BUTLER_MAIL__HOME__TLS": tls}).settings.accounts()
    assert isinstance(account, MailAccount)
    assert account.port == port


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("HTTP://Attic.lan:11434/", "http://attic.lan:11434"),
        ("http://attic.lan:80", "http://attic.lan"),
        ("https://attic.lan:443/Ollama//", "https://attic.lan/Ollama"),
        ("http://[FE80::1]:11434", "http://[fe80::1]:11434"),
    ],
)
def test_the_address_of_a_models_server_is_written_in_one_way_for_what_is_pinned_is_known_by_it(written: str, url: str) -> None:
    host = ModelPart(url=written, servers={"attic": ModelServerPart(url=written)}).host()
    assert [server.url for server in host.servers()] == [url, url]


def test_the_defaults_are_those_of_the_core() -> None:
    assert BriefingOptions() == Settings(state_dir=Path("/s")).briefing.options()
    assert ModelHost() == ModelPart().host()
    assert NotesPart(path=Path("/n")).account("n") == NotesFolder("n", Path("/n"))
    mail = MailPart(path=Path("/m")).account("m")
    calendar = CalendarPart(path=Path("/c")).account("c")
    for made, default in ((mail, MailAccount("m", path=Path("/m"))), (calendar, CalendarAccount("c", path=Path("/c")))):
        names = [each.name for each in fields(default) if each.name != "password"]
        assert [getattr(made, name) for name in names] == [getattr(default, name) for name in names]


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"BUTLER_MAIL__HOME__HOTS": "x"}, "Did you mean BUTLER_MAIL__HOME__HOST?"),
        ({"BUTLER_MODEL__NMAE": "x"}, "Did you mean BUTLER_MODEL__NAME?"),
        ({"BUTLER_QUITE_OTHER": "x"}, "is no setting. Remove it"),
        ({"BUTLER_MAIL": "x"}, "BUTLER_MAIL in the environment stands for a group"),
        (
            {"BUTLER_MODEL__CONTEXT": "many"},
            "in the environment must be a whole number. Left out, it is 8192.",
        ),
        ({"BUTLER_MODEL__CONTEXT": "1"}, "must be at least 2048"),
        ({"BUTLER_MODEL__ENABLED": "perhaps"}, "must be true or false"),
        ({"BUTLER_MODEL__DEADLINE": "0"}, "must be more than 0"),
        ({"BUTLER_MODEL__URL": "localhost"}, "url is not an address"),
        ({"BUTLER_OWNER__TIMEZONE": "Europe/Berln"}, "Did you mean Europe/Berlin?"),
        ({"BUTLER_OWNER__TIMEZONE": "../../etc/passwd"}, "There is no time zone"),
        ({"BUTLER_OWNER__TIMEZONE": "qqqqqq"}, "Use a name such as Europe/Berlin"),
        ({**MAIL, "BUTLER_MAIL__HOME__TLS": "none", "BUTLER_MAIL__HOME__HOST": "127.0.0.1", "BUTLER_X": "1"}, "BUTLER_X in"),
        ({**MAIL, "BUTLER_MAIL__HOME__PASSWORD": ""}, "It has no password"),
        ({**MAIL, "BUTLER_MAIL__HOME__USER": ""}, "It has no user"),
        ({"BUTLER_OWNER__LANGUAGE": "german"}, "must match ^[a-z]{2}$"),
        ({"BUTLER_BRIEFING__DAY_START": "19"}, "has no hours"),
        ({"BUTLER_MAIL__HOME__PORT": "993"}, "Set host for an IMAP server, or path for a Maildir"),
        ({**MAIL, "BUTLER_MAIL__HOME__PATH": "/m"}, "both host and path"),
        ({**MAIL, "BUTLER_MAIL__HOME__HOST": "imaps://imap.berger.example"}, "not the name of a server"),
        ({**MAIL, "BUTLER_MAIL__HOME__HOST": "imap.berger.example:993"}, "not the name of a server"),
        ({**MAIL, "BUTLER_MAIL__HOME__TLS": "none"}, "in the clear"),
        ({**MAIL, "BUTLER_MAIL__HOME__TLS": "ssl"}, "must be 'implicit', 'starttls' or 'none'"),
        ({"BUTLER_CALENDAR__C__USER": "anna"}, "Set url for a CalDAV server"),
        ({"BUTLER_CALENDAR__C__URL": "https://c.example/", "BUTLER_CALENDAR__C__PATH": "/c"}, "both url and path"),
        ({"BUTLER_CALENDAR__C__URL": "http://c.example/"}, "Use https"),
        ({"BUTLER_CALENDAR__C__URL": "https://anna:hunter2@c.example/"}, "Set them by themselves"),
        ({"BUTLER_CALENDAR__C__URL": "https://c.example/", "BUTLER_CALENDAR__C__PASSWORD": "hunter2"}, "no user"),
        ({"BUTLER_CALENDAR__C__URL": "https://c.example:port/"}, "url is not an address"),
        ({"BUTLER_NOTES__N__PATTERNS": "*.md"}, "notes.n.path is needed"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(look: Read, environ: dict[str, str], words: str) -> None:
    problems = look(environ=environ).problems
    assert any(words in problem for problem in problems), problems
    assert not any(problem.endswith("..") for problem in problems)
    assert "hunter2" not in "".join(problems)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("not toml", "is not valid TOML"),
        ("[mail.home]\n", "mail.home in"),
        ("mail = 3\n", "stands for a group"),
        ('[mail.Home]\nhost = "x"\n', "only small letters"),
        ("[model]\nname = 3\n", "model.name in"),
        ("[model.name]\nx = 1\n", "must be text"),
        ('[mail.home]\nuser = "anna"\n[mail.home.host]\nx = 1\n', "mail.home.host in"),
        ("[owner]\naddresses = 3\n", "must be a list"),
        ("[mail.home]\npassword = 3\n", "must be text"),
        ("[mail.home]\npassword_command = 3\n", "must be a command line"),
        ('[modle]\nname = "q"\n', "Did you mean model.name?"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_as_it_stands_there(look: Read, toml: str, words: str) -> None:
    problems = look(toml=toml).problems
    assert any(words in problem and "butler.toml" in problem for problem in problems), problems


def test_all_problems_are_told_at_once_and_the_rest_can_be_used(look: Read) -> None:
    loaded = look(
        toml='[mail.good]\npath = "mail"\n[mail.bad]\nuser = "x"\n[notes.n]\npath = "notes"\n',
        env="no assignment\nBUTLER_MODEL__CONTEXT=few\n",
        environ={"BUTLER_OWNER__TIMEZONE": "Mars/Olympus", "BUTLER_OWNER__ADDRESSES": "anna@berger.example"},
    )
    assert len(loaded.problems) == 4
    assert [account.name for account in loaded.settings.accounts()] == ["good", "n"]
    assert loaded.settings.model.context == 8192


def test_a_line_that_sets_nothing_is_told_although_the_command_line_silences_libraries(look: Read) -> None:
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.CRITICAL + 1)
    try:
        (problem,) = look(env="no assignment\n").problems
    finally:
        root.setLevel(level)
    assert "line 1 is not of the form NAME=value" in problem


def test_without_an_address_of_the_owner_the_rest_can_still_be_used(look: Read) -> None:
    loaded = look(toml='[mail.m]\npath = "mail"\n[notes.n]\npath = "notes"\n')
    assert len(loaded.problems) == 1
    assert [account.name for account in loaded.settings.accounts()] == ["n"]


def test_load_raises_one_error_with_all_problems(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "BUTLER_A": "1", "BUTLER_B": "2"}
    with pytest.raises(SettingsError, match="2 settings need attention") as caught:
        load(Places(environ=environ, folder=tmp_path))
    assert caught.value.exit_code == EXIT_CONFIGURATION
    assert len(caught.value.problems) == 2
    assert load(Places(environ={"HOME": str(tmp_path)}, folder=tmp_path)).mail == {}


@pytest.mark.parametrize("where", ["config", "env_file"])
def test_a_file_that_is_named_must_be_there(tmp_path: Path, where: str) -> None:
    named: dict[str, Any] = {where: tmp_path / "nowhere"}
    (problem,) = read(Places(environ={"HOME": str(tmp_path)}, folder=tmp_path, **named)).problems
    assert "cannot be read: No such file" in problem


@pytest.mark.parametrize("name", ["butler.toml", ".env"])
def test_a_file_that_others_may_write_is_refused(look: Read, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    (tmp_path / name).chmod(0o666)
    (problem,) = read(Places(environ={"HOME": str(tmp_path)}, folder=tmp_path, config=tmp_path / name)).problems[:1]
    assert "can be changed by other users" in problem


@pytest.mark.parametrize("content", [b"\xff\xfe", b'name = "\xff"'])
def test_a_file_that_is_not_text_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "butler.toml").write_bytes(content)
    (tmp_path / ".env").write_bytes(content)
    problems = read(Places(environ={"HOME": str(tmp_path)}, folder=tmp_path, config=tmp_path / "butler.toml")).problems
    assert len([problem for problem in problems if "not UTF-8" in problem]) == 2


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "[::1]", "LOCALHOST."])
def test_a_server_on_this_machine_may_speak_in_the_clear(look: Read, host: str) -> None:
    url = f"http://{f'[{host}]' if host == '::1' else host}:5232/"
    environ = {**MAIL, "BUTLER_MAIL__HOME__TLS": "none", "BUTLER_MAIL__HOME__HOST": host.strip("[]").rstrip(".")}
    assert look(environ={**environ, "BUTLER_CALENDAR__C__URL": url}).problems == ()


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    (problem,) = read(Places(environ={"HOME": str(tmp_path)}, folder=tmp_path, config=tmp_path)).problems
    assert "is not a file" in problem


def test_variables_of_the_tests_are_not_settings(look: Read) -> None:
    assert look(environ={"BUTLER_TEST_OLLAMA": "http://127.0.0.1:11434"}).problems == ()


def test_settings_made_by_code_read_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUTLER_MODEL__NAME", "from-environment")
    assert Settings(state_dir=Path("/s")).model.name == ""


def test_the_time_zone_of_the_machine_is_the_default(look: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    tzlocal.reload_localzone()
    try:
        assert look().settings.person().zone.key == "Asia/Tokyo"
    finally:
        monkeypatch.undo()
        tzlocal.reload_localzone()


_NAME = st.text("ABCDEFGHIJ_ 0é.", min_size=1, max_size=20)


@given(st.dictionaries(_NAME.map("BUTLER_".__add__), st.text(st.characters(exclude_characters="\0"), max_size=20)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_no_environment_breaks_the_reading(environ: dict[str, str]) -> None:
    loaded = read(Places(environ={"HOME": "/nowhere", **environ}, folder=Path("/nowhere")))
    assert loaded.settings.state_dir == Path("/nowhere/.local/state/butler")
    assert len(loaded.problems) <= sum(1 for name in environ if environ[name])


def test_places_are_those_of_the_process_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    places = Places()
    assert places.folder == tmp_path
    assert places.environ == dict(os.environ)
