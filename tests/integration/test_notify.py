"""Notices as they arrive: real children, apprise, and a small HTTP server that they are sent to."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from daemon_process import until
from http_sink import Sink, http_sink
from quiet_time import since

from butler import notify
from butler.children import Child, Ended
from butler.core.errors import SourceError
from butler.notify import Notices
from butler.settings import Places, read
from butler.settings.notices import NoticesPart
from butler.settings.secrets import Password
from butler.store.truth import Truth

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ENVIRON = {"PATH": "/usr/bin", "HOME": "/nonexistent", "https_proxy": "http://127.0.0.1:1"}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with http_sink() as found:
        yield found


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    found = Truth.open(tmp_path / "butler.db")
    yield found
    found.close()


def part(*urls: str, **more: Any) -> NoticesPart:
    return NoticesPart(urls=Password("value", (" ".join(urls),)), **more)


def run(truth: Truth, settings: NoticesPart, use: Callable[[Notices], Awaitable[None]], now: datetime = NOW) -> None:
    """Use notices in a loop, with a pause between messages that is over at once."""

    async def ask(wanted: Callable[[Truth], Any]) -> Any:
        return wanted(truth)

    async def main() -> None:
        await use(Notices(settings, ZoneInfo("UTC"), lambda: now, ask, ENVIRON, every=0.01))

    asyncio.run(main())


def test_a_notice_arrives_once_also_over_a_restart(truth: Truth, sink: Sink) -> None:
    async def tell(notices: Notices) -> None:
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        notices.tell("source gone", "home cannot be reached.", "home", "See http://evil.example/x")
        await notices.look()
        await notices.look()

    for _ in range(2):
        run(truth, part(sink.url("/")), tell)
    assert sink.messages() == ["Your briefing is ready.\nhome cannot be reached. See http //evil[.]example/x"]


def test_a_source_that_is_back_after_a_restart_is_told_of(truth: Truth, sink: Sink) -> None:
    async def went(notices: Notices) -> None:
        notices.tell("source gone", "home cannot be reached.", "home", "No route")
        await notices.look()

    async def came(notices: Notices) -> None:
        assert await notices.gone() == {"home": "No route"}
        notices.tell("source back", "home is back.", "home")
        await notices.look()

    run(truth, part(sink.url("/"), words=False), went)
    run(truth, part(sink.url("/"), words=False), came)
    assert sink.messages() == ["home cannot be reached.", "home is back."]


def test_what_nobody_took_is_logged_without_its_address_and_sent_later(
    truth: Truth, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.orders["/secret-token"] = 500

    async def tell(notices: Notices) -> None:
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        with pytest.raises(SourceError, match="None of the addresses"):
            await notices.look()
        sink.orders.clear()
        await asyncio.sleep(0.05)
        await notices.look()

    with caplog.at_level(logging.DEBUG):
        run(truth, part(sink.url("/secret-token")), tell)
    assert sink.messages("/secret-token") == ["Your briefing is ready."]
    assert "secret-token" not in caplog.text


def test_what_arrived_at_one_address_is_sent_again_only_to_the_others(truth: Truth, sink: Sink) -> None:
    sink.orders["/lame"] = 503

    async def tell(notices: Notices) -> None:
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        await notices.look()
        sink.orders.clear()
        await asyncio.sleep(0.05)
        await notices.look()

    run(truth, part(sink.url("/"), sink.url("/lame"), "nonsense"), tell)
    assert (len(sink.messages()), len(sink.messages("/lame"))) == (1, 1)


def test_an_address_that_hangs_is_given_up_at_the_deadline_and_the_others_have_it(
    truth: Truth, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.orders["/slow"] = "hang"
    began: list[float] = []

    class Loaded(Child):
        """Its time begins when it is at work: on a busy machine it loads apprise for longer than the deadline is."""

        async def ended(self, within: float | None = None) -> Ended | None:
            if within is not None:
                await asyncio.to_thread(until, lambda: sink.came)
                began.append(time.monotonic())
            return await super().ended(within)

    monkeypatch.setattr(notify, "Child", Loaded)

    async def tell(notices: Notices) -> None:
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        await notices.look()

    run(truth, part(sink.url("/"), sink.url("/slow"), deadline=2.5), tell)
    assert since(*began) < 5
    assert sink.messages() == ["Your briefing is ready."]
    assert truth.notices.waiting() == []


def test_a_redirect_is_not_followed(truth: Truth, sink: Sink) -> None:
    sink.orders["/"] = 302

    async def tell(notices: Notices) -> None:
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        with pytest.raises(SourceError):
            await notices.look()

    run(truth, part(sink.url("/")), tell)
    assert sink.came == []


def test_without_an_address_the_log_has_it_and_nothing_waits(truth: Truth, caplog: pytest.LogCaptureFixture) -> None:
    async def tell(notices: Notices) -> None:
        notices.tell("missed", "briefing 2026-11-23 was missed.", "briefing 2026-11-23")
        await notices.look()

    with caplog.at_level(logging.INFO):
        run(truth, NoticesPart(), tell)
    assert "briefing 2026-11-23 was missed." in caplog.text
    assert truth.notices.waiting() == []


def test_quiet_hours_only_put_off(truth: Truth, sink: Sink) -> None:
    async def tell(notices: Notices) -> None:
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        await notices.look()

    quiet = part(sink.url("/"), quiet=("08:00-10:00",))
    run(truth, quiet, tell)
    assert sink.came == []
    run(truth, quiet, tell, NOW + timedelta(hours=1))
    assert len(sink.messages()) == 1


def test_its_loop_goes_on_whatever_fails(truth: Truth, sink: Sink, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "urls"
    caplog.set_level(logging.WARNING, logger="butler.notify")

    async def tell(notices: Notices) -> None:
        working = asyncio.ensure_future(notices.work())
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        await asyncio.to_thread(until, lambda: "notices cannot be kept or sent" in caplog.text)
        file.write_text(f"{sink.url('/')}\n")
        file.chmod(0o600)
        await asyncio.to_thread(until, lambda: sink.came)
        assert not working.done()
        working.cancel()
        await notices.close()
        await asyncio.gather(working, return_exceptions=True)

    run(truth, NoticesPart.model_construct(**(part().__dict__ | {"urls": Password("file", (str(file),))})), tell)
    assert sink.messages() == ["Your briefing is ready."]


def test_what_is_being_sent_at_the_end_arrives_and_is_noted_and_what_is_new_is_kept(
    truth: Truth, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It arrives within a moment of a busy machine, too.
    monkeypatch.setattr(notify, "_LAST", 30.0)

    async def end(notices: Notices) -> None:
        working = asyncio.ensure_future(notices.work())
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        await asyncio.to_thread(until, lambda: sink.came)
        notices.tell("missed", "sync was missed.", "sync")
        working.cancel()
        await notices.close()
        await asyncio.gather(working, return_exceptions=True)

    run(truth, part(sink.url("/")), end)
    assert sink.messages() == ["Your briefing is ready."]
    assert [notice.sentence for notice in truth.notices.waiting()] == ["sync was missed."]


def test_what_hangs_at_the_end_is_given_up_and_told_next_time(
    truth: Truth, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.orders["/"] = "hang"
    # The least of four seconds, so that the rest of them is for what else a busy machine does.
    assert notify._LAST <= 2.5
    monkeypatch.setattr(notify, "_LAST", 0.5)

    async def end(notices: Notices) -> None:
        working = asyncio.ensure_future(notices.work())
        notices.tell("briefing", "Your briefing is ready.", "2026-11-24")
        assert await asyncio.to_thread(sink.hanging.wait, 60)
        working.cancel()
        began = time.monotonic()
        await notices.close()
        assert since(began) < 4
        await asyncio.gather(working, return_exceptions=True)

    run(truth, part(sink.url("/")), end)
    assert [notice.kind for notice in truth.notices.waiting()] == ["briefing"]


def test_the_addresses_may_come_from_a_file_a_command_or_a_credential(tmp_path: Path) -> None:
    secret = tmp_path / "butler_notices__urls"
    secret.write_text("json://a.example/token\nntfys://b.example/topic\n")
    secret.chmod(0o600)
    config = tmp_path / "butler.toml"
    ways = {
        f'urls_file = "{secret}"': {},
        f'urls_command = "head -1 {secret}"': {},
        "": {"CREDENTIALS_DIRECTORY": str(tmp_path)},
        "words = false": {"BUTLER_NOTICES__URLS": "json://a.example/token"},
    }
    for line, environ in ways.items():
        config.write_text(f"[notices]\n{line}\n")
        loaded = read(Places({"HOME": str(tmp_path), **environ}, config=config, folder=tmp_path))
        assert loaded.problems == ()
        assert loaded.settings.notices.urls().startswith("json://a.example/token")
        assert "token" not in repr(loaded.settings)
