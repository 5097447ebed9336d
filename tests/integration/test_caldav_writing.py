"""What a calendar server may do wrong while something is written to it, and what comes of it: one event, or a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from calendar_worlds import event
from scripted_dav import CAL, Ask, Reply, calendar, multistatus, response, scripted

from butler.core.accounts import CalendarAccount
from butler.core.effects import DeleteObject, PutObject, Receipt
from butler.core.errors import EffectError
from tools.calendar.caldav import CalDavSource
from tools.calendar.davshelf import DavShelf
from tools.calendar.hands import CalendarHands
from tools.calendar.writefaults import refused_write

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
NEW = PutObject(account="family", calendar="family", uid="new", after=event("new"))


@dataclass
class Server:
    """A calendar in memory: `says` answers a PUT or DELETE in its place, after it was carried out where `does`."""

    objects: dict[str, str] = field(default_factory=dict)
    says: Reply | None = None
    does: bool = False
    etags: bool = True
    rewrites: tuple[str, str] = ("", "")
    dav: str = ""
    asked: list[Ask] = field(default_factory=list)

    def __call__(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        if ask.method in {"PUT", "DELETE"}:
            if self.says is None or self.does:
                done = self._write(ask)
            return self.says or done
        headers = {"DAV": self.dav} if self.dav else {}
        if ask.method == "PROPFIND":
            return Reply(body=multistatus(calendar(CAL)).body, headers=headers)
        if "calendar-query" in ask.body:
            return Reply(501)
        wanted = {path: text for path, text in self.objects.items() if f"<d:href>{path}</d:href>" in ask.body}
        return multistatus(*(self._response(path) for path in wanted)) if wanted else multistatus(response("/x", "", "404 No"))

    def etag(self, path: str) -> str:
        return f'"{hash(self.objects[path])}"'

    def _response(self, path: str) -> str:
        tag = f"<d:getetag>{escape(self.etag(path))}</d:getetag>" if self.etags else ""
        return response(path, f"{tag}<c:calendar-data>{escape(self.objects[path])}</c:calendar-data>")

    def _write(self, ask: Ask) -> Reply:
        if not self._may(ask):
            return Reply(412)
        if ask.method == "DELETE":
            del self.objects[ask.path]
            return Reply(204)
        self.objects[ask.path] = ask.body.replace(*self.rewrites) if self.rewrites[0] else ask.body
        return Reply(201, headers={"ETag": self.etag(ask.path)} if self.etags else {})

    def _may(self, ask: Ask) -> bool:
        if "If-None-Match" in ask.headers:
            return ask.path not in self.objects
        wanted = ask.headers.get("If-Match", "")
        return ask.path in self.objects and wanted in {"", "*", self.etag(ask.path)}


@contextmanager
def writing(server: Server) -> Iterator[CalendarHands]:
    with scripted(server) as (url, _):
        account = CalendarAccount("family", url=url + CAL, user="anna", password=lambda: "correct-horse", timeout=5)
        hands = CalendarHands(account, DavShelf(account, lambda: NOW))
        try:
            yield hands
        finally:
            hands.close()


def made(server: Server, effect: PutObject = NEW) -> Receipt:
    with writing(server) as hands:
        return hands.act(effect, hands.look(effect))


def failure(server: Server, effect: PutObject = NEW) -> EffectError:
    with pytest.raises(EffectError) as caught:
        made(server, effect)
    return caught.value


@pytest.mark.parametrize(
    ("status", "words", "held", "uncertain"),
    [
        (401, "refused the user or password", True, False),
        (403, "does not let this user write", True, False),
        (404, "no longer there", True, False),
        (409, "collides", True, False),
        (412, "changed on the server meanwhile", True, False),
        (413, "HTTP 413", True, False),
        (423, "locked", False, False),
        (429, "left alone", False, False),
        (500, "HTTP 500", False, True),
        (502, "HTTP 502", False, True),
        (503, "left alone", False, False),
        (507, "no space left", True, False),
    ],
)
def test_each_refusal_is_told_apart(status: int, words: str, held: bool, uncertain: bool) -> None:
    server = Server(says=Reply(status))
    error = failure(server)
    assert words in error.sentence
    assert (error.held, error.uncertain) == (held, uncertain)
    assert server.objects == {}


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 24 Nov 2026 07:05:00 GMT", 300.0),
        ("Tue, 24 Nov 2020 07:05:00 GMT", 0.0),
        ("99999999", 86_400.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_time_gets_it(status: int, given: str, seconds: float | None) -> None:
    assert failure(Server(says=Reply(status, headers={"Retry-After": given}))).wait == seconds


def test_an_answer_that_was_lost_leaves_one_event_that_the_next_look_finds() -> None:
    server = Server(says=Reply(500), does=True)
    assert failure(server).uncertain
    with writing(server) as hands:
        assert hands.look(NEW).state == "done"
    assert len(server.objects) == 1


def test_an_answer_to_a_deletion_that_was_lost_is_found_as_done() -> None:
    server = Server({f"{CAL}a.ics": event("a")}, says=Reply(502), does=True)
    effect = DeleteObject(
        account="family", calendar="family", uid="a", key="a.ics", etag=server.etag(f"{CAL}a.ics"), before=event("a")
    )
    with writing(server) as hands:
        with pytest.raises(EffectError):
            hands.act(effect, hands.look(effect))
        assert hands.look(effect).state == "done"


def test_a_server_without_etags_is_written_to_by_the_text_that_is_there() -> None:
    server = Server({f"{CAL}a.ics": event("a")}, etags=False)
    change = PutObject(account="family", calendar="family", uid="a", key="a.ics", etag="sha-1", after=event("a", "Review"))
    change = change.model_copy(update={"before": event("a")})
    receipt = made(server, change)
    assert "Review" in server.objects[f"{CAL}a.ics"]
    assert receipt.answer == "HTTP 201"
    assert receipt.undo is not None
    assert server.asked[-2].headers["If-Match"] == "*"
    server.objects[f"{CAL}a.ics"] = event("a", "By somebody else")
    with writing(server) as hands:
        assert hands.look(receipt.undo).state == "changed"


def test_what_a_server_rewrites_is_told_and_still_found_as_done() -> None:
    server = Server(rewrites=("SUMMARY:Meeting\r\n", "SUMMARY:Meeting\r\nX-SERVER:7\r\nDTSTAMP:20990101T000000Z\r\n"))
    receipt = made(server)
    assert receipt.sentence == "It is in the calendar family. The calendar keeps it otherwise in: X-SERVER."
    with writing(server) as hands:
        assert hands.look(NEW).state == "done"


def test_the_receipt_has_the_servers_answer_and_the_new_version() -> None:
    server = Server()
    receipt = made(server)
    etag = server.etag(f"{CAL}new.ics")
    assert receipt.answer == f"HTTP 201, ETag {etag}"
    assert isinstance(receipt.undo, DeleteObject)
    assert (receipt.undo.etag, receipt.place) == (etag, "family/new.ics")


def test_a_new_event_is_only_made_where_none_is_and_a_change_only_over_its_version() -> None:
    server = Server()
    made(server)
    put = next(ask for ask in server.asked if ask.method == "PUT")
    assert put.headers["If-None-Match"] == "*"
    assert put.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "If-Match" not in put.headers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_on_the_same_host_is_followed_with_the_whole_event(status: int) -> None:
    server = Server()

    def script(ask: Ask) -> Reply:
        if ask.method == "PUT" and not ask.path.startswith(CAL + "moved"):
            return Reply(status, headers={"Location": f"{CAL}moved.ics"})
        return server(ask)

    with scripted(script) as (url, _):
        account = CalendarAccount("family", url=url + CAL, timeout=5)
        shelf = DavShelf(account)
        assert shelf.put("family", "new.ics", event("new"), "").startswith("HTTP 201")
        shelf.close()
    assert server.objects[f"{CAL}moved.ics"] == event("new")


def test_a_redirect_to_another_host_gets_neither_the_event_nor_the_password() -> None:
    with scripted(lambda _: Reply(201)) as (other, elsewhere):
        error = failure(Server(says=Reply(307, headers={"Location": other + CAL})))
    assert "points to another host" in error.sentence
    assert (error.held, error.uncertain) == (True, False)
    assert elsewhere == []


def test_a_web_page_in_place_of_an_answer_is_doubt_and_no_success() -> None:
    error = failure(Server(says=Reply(200, "<html>log in</html>", {"Content-Type": "text/html"})))
    assert "web page" in error.sentence
    assert error.uncertain


def test_a_server_that_cannot_be_reached_is_doubt_only_while_something_is_written() -> None:
    server = Server()
    with writing(server) as hands:
        seen = hands.look(NEW)
    with pytest.raises(EffectError, match="could not be reached") as caught:
        hands.act(NEW, seen)
    assert caught.value.uncertain
    with pytest.raises(EffectError, match="could not be reached") as caught:
        hands.look(NEW)
    assert not caught.value.uncertain
    hands.close()


def test_a_server_that_takes_it_but_does_not_show_it_is_doubt() -> None:
    assert failure(Server(says=Reply(201))).uncertain


def test_a_certificate_that_cannot_be_trusted_is_no_doubt() -> None:
    error = refused_write(OSError("CERTIFICATE_VERIFY_FAILED"), "cal.example", "family", now=NOW)
    assert (error.uncertain, error.held) == (False, True)


@pytest.mark.parametrize(
    ("header", "role"),
    [("1, 3, calendar-access, calendar-auto-schedule", "schedules"), ("1, 3, calendar-access", ""), ("", "")],
)
def test_a_server_that_schedules_by_itself_is_known_by_a_header_that_is_read_anyway(header: str, role: str) -> None:
    server = Server(dav=header)
    with scripted(server) as (url, asked):
        source = CalDavSource(CalendarAccount("family", url=url + CAL))
        assert [each.role for each in source.collections()] == [role]
        source.close()
    assert {ask.method for ask in asked} == {"PROPFIND"}
