"""Passwords: fetched when needed, from private files and commands, and never shown."""

import os
import sys
from pathlib import Path

import pytest

from butler.core.errors import SourceError
from butler.settings import Places, read
from butler.settings.secrets import Password, password_of

SECRET = "correct-horse"


def private(path: Path, content: str = f"{SECRET}\n", mode: int = 0o600) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def account(tmp_path: Path, **environ: str) -> tuple[Password, tuple[str, ...]]:
    names = {f"BUTLER_MAIL__HOME__{name}": value for name, value in environ.items()}
    given = {"HOME": str(tmp_path), **names, "BUTLER_MAIL__HOME__HOST": "imap.berger.example"}
    given["BUTLER_MAIL__HOME__USER"] = "anna@berger.example"
    loaded = read(Places(environ=given, folder=tmp_path))
    part = loaded.settings.mail.get("home")
    return part.password if part else Password(), loaded.problems


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_gives_the_password_without_its_line_end(tmp_path: Path, mode: int) -> None:
    password, problems = account(tmp_path, PASSWORD_FILE=str(private(tmp_path / "secret", mode=mode)))
    assert (password(), problems) == (SECRET, ())


def test_a_relative_file_lies_in_the_home_folder(tmp_path: Path) -> None:
    private(tmp_path / "secret")
    assert account(tmp_path, PASSWORD_FILE="secret")[0]() == SECRET


def test_the_file_is_read_when_the_password_is_needed(tmp_path: Path) -> None:
    file = private(tmp_path / "secret")
    password, _ = account(tmp_path, PASSWORD_FILE=str(file))
    private(file, "rotated")
    assert password() == "rotated"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    _, (problem,) = account(tmp_path, PASSWORD_FILE=str(private(tmp_path / "secret", mode=mode)))
    assert "can be read or changed by others. Run `chmod 600" in problem


def test_a_file_that_becomes_readable_for_others_is_refused_when_it_is_read(tmp_path: Path) -> None:
    file = private(tmp_path / "secret")
    password, _ = account(tmp_path, PASSWORD_FILE=str(file))
    file.chmod(0o644)
    with pytest.raises(SourceError, match="chmod 600") as caught:
        password()
    assert caught.value.permanent


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(private(tmp_path / "secret"))
    _, (problem,) = account(tmp_path, PASSWORD_FILE=str(tmp_path / "link"))
    assert "is a link" in problem


def test_a_file_that_is_missing_or_no_file_or_no_text_is_a_problem(tmp_path: Path) -> None:
    assert "cannot be read" in account(tmp_path, PASSWORD_FILE="nowhere")[1][0]
    (tmp_path / "folder").mkdir(mode=0o700)
    assert "is not a file" in account(tmp_path, PASSWORD_FILE="folder")[1][0]
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is not a file" in account(tmp_path, PASSWORD_FILE="pipe")[1][0]
    private(tmp_path / "bytes").write_bytes(b"\xff")
    assert "does not hold text" in account(tmp_path, PASSWORD_FILE="bytes")[1][0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(private(tmp_path / "secret"), 65534, 65534)
    assert "belongs to another user" in account(tmp_path, PASSWORD_FILE="secret")[1][0]


@pytest.mark.parametrize("name", ["butler_mail__home__password", "BUTLER_MAIL__HOME__PASSWORD"])
def test_a_credential_of_systemd_gives_the_password(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    private(folder / name, mode=0o440)
    private(folder / "of-another-service")
    environ = {"CREDENTIALS_DIRECTORY": str(folder), "HOME": str(tmp_path)}
    environ |= {"BUTLER_MAIL__HOME__HOST": "imap.berger.example", "BUTLER_MAIL__HOME__USER": "anna@berger.example"}
    loaded = read(Places(environ=environ, folder=tmp_path))
    assert loaded.problems == ()
    assert loaded.settings.mail["home"].password() == SECRET


def test_credentials_that_are_wrong_are_problems(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    private(folder / "butler_mail__home__pasword")
    private(folder / "butler_model__name", mode=0o644)
    problems = read(Places(environ={"CREDENTIALS_DIRECTORY": str(folder), "HOME": str(tmp_path)}, folder=tmp_path)).problems
    assert "Did you mean BUTLER_MAIL__HOME__PASSWORD?" in problems[0]
    assert "can be read or changed by others" in problems[1]
    missing = {"CREDENTIALS_DIRECTORY": str(tmp_path / "nowhere"), "HOME": str(tmp_path)}
    assert "cannot be read" in read(Places(environ=missing, folder=tmp_path)).problems[0]


def test_a_command_prints_the_password_on_its_first_line(tmp_path: Path) -> None:
    command = f"{sys.executable} -c 'print(\"{SECRET}\\nuser: anna\")'"
    password, problems = account(tmp_path, PASSWORD_COMMAND=command)
    assert (password(), problems) == (SECRET, ())


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    password, _ = account(tmp_path, PASSWORD_COMMAND="echo $HOME; touch gone")
    assert password() == "$HOME; touch gone"


@pytest.mark.parametrize(
    ("command", "words"),
    [("false", "ended with exit code 1"), ("true", "printed nothing"), ("/nowhere/pass", "could not be started")],
)
def test_a_command_that_fails_says_so_without_its_arguments(tmp_path: Path, command: str, words: str) -> None:
    password, _ = account(tmp_path, PASSWORD_COMMAND=f"{command} {SECRET}")
    with pytest.raises(SourceError, match=words) as caught:
        password()
    assert SECRET not in str(caught.value)


def test_a_command_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("butler.settings.secrets._COMMAND_SECONDS", 0.05)
    with pytest.raises(SourceError, match="did not answer"):
        password_of("password_command", ["sleep", "10"])()


def test_an_empty_command_is_a_problem(tmp_path: Path) -> None:
    assert "Name a program" in account(tmp_path, PASSWORD_COMMAND="''  ''".replace("'", " "))[1][0]


def test_two_forms_in_one_place_are_a_problem_and_in_two_places_the_first_wins(tmp_path: Path) -> None:
    private(tmp_path / "secret")
    _, problems = account(tmp_path, PASSWORD="x", PASSWORD_FILE="secret")
    assert "is given as well. Keep one of them." in problems[0]
    (tmp_path / ".env").write_text("BUTLER_MAIL__HOME__PASSWORD=from-env-file\n")
    password, problems = account(tmp_path, PASSWORD_FILE="secret")
    assert (password(), problems) == (SECRET, ())


def test_a_password_is_in_no_text(tmp_path: Path) -> None:
    password, _ = account(tmp_path, PASSWORD=SECRET)
    environ = {"HOME": str(tmp_path), "BUTLER_MAIL__HOME__PASSWORD": SECRET, "BUTLER_MAIL__HOME__PORT": "x"}
    loaded = read(Places(environ=environ, folder=tmp_path))
    shown = f"{password} {password!r} {loaded} {loaded.settings!r} {loaded.problems} {loaded.settings.accounts()}"
    assert SECRET not in shown
    assert password() == SECRET


def test_no_password_is_the_empty_one() -> None:
    assert Password()() == ""
    assert Password().problem() is None
