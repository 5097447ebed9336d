"""The wheel holds all three packages with their data, nothing else, and imports from an environment without the sources."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("butler", "tools", "workflows")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("butler-*.whl")
    return found


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_owns_the_three_packages_and_no_more(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file() and '"' not in name}
    assert wanted - names(wheel) == set()
    assert {Path(name).suffix for name in names(wheel)} >= {".py", ".sql", ".md", ".toml", ".ics", ".typed"}


def test_the_wheel_holds_no_test_and_no_leftover(wheel: Path) -> None:
    unwanted = ("tests/", "__pycache__", "/test_", "conftest", ".env", ".pyc")
    assert [name for name in names(wheel) if any(part in name for part in unwanted)] == []


def test_the_wheel_must_not_be_uploaded(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        assert "Classifier: Private :: Do Not Upload" in archive.read(metadata).decode()


def test_everything_in_the_wheel_can_be_imported(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in names(wheel)
        if name.endswith(".py") and not name.endswith("__main__.py")
    )
    # `-S` leaves the editable installation out; what the butler depends on is put back behind the wheel.
    program = (
        "import importlib, sys; sys.path[:0] = sys.argv[1:3]; "
        "[importlib.import_module(name) for name in sys.argv[3:]]; import butler; print(butler.__file__)"
    )
    libraries = str(Path(pytest.__file__).parents[1])
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", program, str(tmp_path), libraries, *modules]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "butler" / "__init__.py")
