"""The settings of the page: where it is served, under which names, and what does not fit together."""

from pathlib import Path

import pytest

from butler.core.access import Entrance
from butler.settings import Places, read
from butler.settings.web import WebPart


def problems(tmp_path: Path, **environ: str) -> str:
    named = {f"BUTLER_WEB__{name.upper()}": value for name, value in environ.items()}
    return "\n".join(read(Places(environ={"HOME": str(tmp_path), **named}, folder=tmp_path)).problems)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("listen", "0.0.0.0", "On 0.0.0.0 others reach the page. Set url to the address under which you do, or hosts"),
        ("listen", "::", "On :: others reach the page."),
        ("listen", "192.168.1.7", "On 192.168.1.7 others reach the page."),
        ("listen", "eth0", "listen is to be an address of this machine, such as 127.0.0.1 or 0.0.0.0, not 'eth0'."),
        ("url", "https://butler.example/page", "url is to be an address such as https://butler.example"),
        ("url", "https://user@butler.example", "url is to be an address such as https://butler.example"),
        ("url", "ftp://butler.example", "url is to be an address such as https://butler.example"),
        ("url", "butler.example", "url is to be an address such as https://butler.example"),
        ("url", "https://[::1", "url is to be an address such as https://butler.example"),
        ("hosts", "http://butler.lan", "hosts are names without scheme and port, such as butler.lan"),
        ("hosts", "butler.lan:80", "hosts are names without scheme and port, such as butler.lan"),
        ("socket_group", "www-data", "socket_group is the group of the socket."),
    ],
)
def test_what_does_not_fit_together_is_refused_with_a_sentence(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    assert sentence in problems(tmp_path, port="8026", **{name: value})


def test_several_problems_are_told_together(tmp_path: Path) -> None:
    told = problems(tmp_path, listen="eth0", url="x", hosts="a b")
    assert all(name in told for name in ("listen is", "url is", "hosts are"))


@pytest.mark.parametrize(
    ("part", "address", "is_open"),
    [
        (WebPart(), "", False),
        (WebPart(port=8026), "http://127.0.0.1:8026", False),
        (WebPart(port=8026, listen="::1"), "http://[::1]:8026", False),
        (WebPart(port=8026, listen="127.0.0.2"), "http://127.0.0.2:8026", False),
        (WebPart(port=8026, listen="localhost"), "http://localhost:8026", False),
        (WebPart(port=8026, listen="0.0.0.0", hosts=("butler.lan",)), "http://butler.lan:8026", True),
        (WebPart(port=8026, listen="::", url="http://butler.lan:8026"), "http://butler.lan:8026", True),
        (WebPart(port=8026, listen="0.0.0.0", url="https://butler.example/"), "https://butler.example", False),
        (WebPart(socket=Path("/run/butler/page")), "", False),
        (WebPart(socket=Path("/run/butler/page"), url="https://butler.example"), "https://butler.example", False),
    ],
)
def test_the_page_knows_how_its_owner_reaches_it_and_whether_others_may_listen(
    part: WebPart, address: str, is_open: bool
) -> None:
    assert (part.address, part.is_open) == (address, is_open)
    assert part.is_on is (part != WebPart())


def test_the_entrance_knows_all_names_and_days() -> None:
    part = WebPart(port=1, listen="0.0.0.0", hosts=("Butler.LAN",), url="https://butler.example:444/", idle_days=1)
    assert part.entrance().hosts == {"0.0.0.0", "butler.lan", "butler.example"}
    assert part.entrance().url == "https://butler.example:444"
    assert (part.entrance().idle.days, part.entrance().longest.days) == (1, 90)
    assert WebPart().entrance() == Entrance(frozenset({"127.0.0.1"}))
