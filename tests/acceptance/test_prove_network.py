"""In a network where every address answers and whatever is sent is seen: nothing is, but to the hosts of the settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from answering_net import NAME_SERVER

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may have a network of its own to look into"),
    pytest.mark.timeout(600),
]

DRIVER = Path(__file__).parents[1] / "servers" / "answering_day.py"
NAMES = {"mail.home.test", "model.home.test"}
TEMPTING = {
    "LANGSMITH_TRACING": "true",
    "LANGSMITH_API_KEY": "lsv2_pt_0123456789",
    "LANGSMITH_ENDPOINT": "https://langsmith.example",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGCHAIN_API_KEY": "ls__0123456789",
    "LANGCHAIN_ENDPOINT": "https://langchain.example",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel.example:4318",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OLLAMA_HOST": "http://ollama.example:11434",
    "HTTP_PROXY": "http://proxy.example:3128",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "ALL_PROXY": "socks5://proxy.example:1080",
    "http_proxy": "http://proxy.example:3128",
    "https_proxy": "http://proxy.example:3128",
    "all_proxy": "socks5://proxy.example:1080",
}
"""Variables that libraries follow, and that would send text of the owner's elsewhere."""
Seen = dict[str, Any]


@pytest.fixture(scope="module", params=[{}, TEMPTING], ids=["plain", "tempted"])
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    """What was seen of a demo, of a day of the daemon, and of what was done on purpose."""
    # Dovecot's processes have to reach what is in it, so it is not one of pytest's folders.
    with tempfile.TemporaryDirectory(prefix="butler-net-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        variables = [f"{name}={value}" for name, value in request.param.items()]
        # With processes of its own, too, so that none is left over.
        alone = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        command = [*alone, sys.executable, str(DRIVER), folder, *variables]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
        assert done.returncode == 0, done.stderr[-4000:]
        yield json.loads((Path(folder) / "seen.json").read_text())


def begun(packets: list[dict[str, Any]], kind: str = "tcp") -> set[tuple[str, int, int]]:
    """Where packets of a kind went to, with the ports that they came from."""
    return set(places(packets, kind))


def places(packets: list[dict[str, Any]], kind: str = "tcp") -> list[tuple[str, int, int]]:
    """The same for each packet; of TCP those are seen that begin a connection."""
    return [(each["address"], each["port"], each["source"]) for each in packets if each["kind"] == kind]


def test_what_is_done_on_purpose_is_seen(seen: Seen) -> None:
    control = seen["control"]
    assert control["lookups"] == ["tracing.example"]
    assert {(address, port) for address, port, _ in begun(control["packets"])} >= {("2001:db8::7", 4318)}
    assert any(port == 443 and address in control["found"] for address, port, _ in begun(control["packets"]))
    assert {(address, port) for address, port, _ in begun(control["packets"], "udp")} == {
        (NAME_SERVER, 53),
        ("192.0.2.9", 4317),
    }


def test_a_demo_talks_to_nobody(seen: Seen) -> None:
    demo = seen["demo"]
    assert demo["code"] == 0, demo["errors"]
    assert demo["packets"] == []
    assert demo["lookups"] == []


def test_all_that_a_day_brings_came(seen: Seen) -> None:
    day = seen["day"]
    assert day["problem"] == "", day["log"][-4000:]
    assert min(day["ran"].values()) >= 1, day["ran"]
    assert day["drafts"] > 0
    assert day["notices"] > 0
    assert day["gone"] == {}


def test_a_day_talks_to_nobody_but_the_hosts_of_the_settings(seen: Seen) -> None:
    day = seen["day"]
    assert set(day["lookups"]) == NAMES
    named = {(address, port) for address, port in day["named"]}
    assert {(address, port) for address, port, _ in begun(day["packets"])} == named
    assert {(address, port) for address, port, _ in begun(day["packets"], "udp")} == {(NAME_SERVER, 53)}
    assert {each["kind"] for each in day["packets"]} == {"tcp", "udp"}


def test_the_ledger_has_every_connection_that_was_seen_and_no_other(seen: Seen) -> None:
    day = seen["day"]
    # Ports on this side are used again over a day: each time is a connection of its own.
    written = Counter((each["address"], each["port"], each["local"]) for each in day["ledger"])
    assert written == Counter(places(day["packets"]))
    assert {each["purpose"] for each in day["ledger"]} == {"mail.home", "calendar.family", "model", "notices"}
    assert all(each["what"] == "connected" and each["trouble"] == "" for each in day["ledger"])
    assert all(each["sent"] > 0 and each["received"] > 0 for each in day["ledger"])
    assert {each["tls"] for each in day["ledger"] if each["purpose"] == "mail.home"} == {"TLSv1.3"}


def test_the_proof_agrees(seen: Seen) -> None:
    day = seen["day"]
    proved = day["prove"]
    assert (day["code"], proved["clean"]) == (0, True)
    assert proved["verdict"] == "Since yesterday the butler talked to 4 servers, and your settings name all of them."
    assert sum(each["times"] for each in proved["connections"]) == len(day["ledger"])
    assert sum(each["received"] for each in proved["connections"]) == sum(each["received"] for each in day["ledger"])
    assert proved["journal"]["whole"]
    assert proved["name_servers"] == [NAME_SERVER]


def test_while_it_lives_every_connection_of_a_process_stands_in_the_ledger(seen: Seen) -> None:
    living = seen["day"]["prove_living"]
    assert living["clean"]
    assert living["not_in_ledger"] == []
    assert any(each["connections"] for each in living["processes"] if each["confined"])
    # The ear, and whatever a run had open just then.
    assert "mail.home" in [each["purpose"] for each in living["open"]]
