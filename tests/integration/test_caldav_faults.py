"""What a calendar server may do wrong, and the one sentence that comes of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from dav_servers import DavServer, dav_server, running
from free_ports import free_port
from scripted_dav import CAL, Ask, Reply, Script, calendar, multistatus, response, scripted, self_signed

from butler.core.accounts import CalendarAccount
from butler.core.calendar import RawObject
from butler.core.errors import SourceError
from butler.core.sources import Batch, Collection
from tools.calendar.caldav import CalDavSource

__all__ = ["dav_server"]

EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261124T080000Z\nEND:VEVENT\nEND:VCALENDAR\n"


def account(url: str, **fields: object) -> CalendarAccount:
    made = CalendarAccount("family", url=url, user="anna", password=lambda: "correct-horse", timeout=5)
    return replace(made, **fields)  # type: ignore[arg-type]


def failure(url: str, **fields: object) -> SourceError:
    source = CalDavSource(account(url, **fields))
    with pytest.raises(SourceError) as caught:
        source.collections()
    source.close()
    return caught.value


def failure_of(script: Script) -> SourceError:
    with scripted(script) as (url, _):
        return failure(url + CAL)


def batches(source: CalDavSource, cursor: str | None, known: dict[str, str] | None = None) -> list[Batch[RawObject]]:
    return list(source.changes(Collection("family"), cursor, lambda: known or {}))


@pytest.fixture
def radicale(dav_server: Callable[[str], DavServer]) -> DavServer:
    return dav_server("radicale")


def test_a_wrong_password_is_told_and_not_tried_again(radicale: DavServer) -> None:
    error = failure(radicale.url, password=lambda: "wrong")
    assert "refused the user or password" in error.sentence
    assert error.permanent


def test_a_server_that_is_down_can_be_tried_again() -> None:
    error = failure(f"http://127.0.0.1:{free_port()}/")
    assert "could not be reached" in error.sentence
    assert not error.permanent


def test_a_server_that_dies_between_two_readings_is_told_and_found_again(tmp_path: Path) -> None:
    with running("radicale", tmp_path / "radicale") as server:
        server.make_calendar("work")
        source = CalDavSource(account(server.url + server.home))
        assert [each.name for each in source.collections()] == ["family.work"]
        server.stop()
        with pytest.raises(SourceError, match="could not be reached"):
            source.collections()
        server.start()
        assert [each.name for each in source.collections()] == ["family.work"]
        source.close()


def test_an_unknown_host_is_told() -> None:
    error = failure("https://calendar.invalid/dav/")
    assert "calendar.invalid" in error.sentence
    assert not error.permanent


def test_a_server_that_hangs_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = failure(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.2)
    assert error.sentence == "The calendar server 127.0.0.1 did not answer in time."
    assert not error.permanent


def test_a_server_that_drips_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as dripping:

        def drip() -> None:
            connection, _ = dripping.accept()
            with connection, suppress(OSError):
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 100000\r\n\r\n")
                while True:
                    connection.sendall(b"<")
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        error = failure(f"http://127.0.0.1:{dripping.getsockname()[1]}/", timeout=0.2)
    assert error.sentence == "The calendar server 127.0.0.1 did not answer in time."


@pytest.mark.parametrize("heard", [0, 65_536])
def test_a_server_that_hangs_up_is_told(heard: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(heard)

        thread = threading.Thread(target=hang_up)
        thread.start()
        error = failure(f"http://127.0.0.1:{server.getsockname()[1]}/")
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert "could not be reached" in error.sentence
    assert not error.permanent


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with scripted(lambda _: multistatus(calendar()), self_signed(tmp_path)) as (url, asked):
        error = failure(url + CAL)
    assert "cannot be trusted" in error.sentence
    assert "ca_file" in error.advice
    assert error.permanent
    assert asked == []


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    with scripted(lambda _: multistatus(calendar()), self_signed(tmp_path, "DNS:elsewhere.example")) as (url, asked):
        error = failure(url + CAL, ca_file=tmp_path / "cert.pem")
    assert "cannot be trusted" in error.sentence
    assert asked == []


def test_a_certificate_of_the_owners_own_authority_is_accepted(tmp_path: Path) -> None:
    with scripted(lambda _: multistatus(calendar()), self_signed(tmp_path)) as (url, _):
        source = CalDavSource(account(url + CAL, ca_file=tmp_path / "cert.pem"))
        assert [each.name for each in source.collections()] == ["family"]
        source.close()


def test_plain_http_to_another_machine_is_refused() -> None:
    error = failure("http://calendar.example/dav/")
    assert "unprotected" in error.sentence
    assert error.permanent


@pytest.mark.parametrize("host", ["localhost", "[::1]", "127.0.0.2"])
def test_plain_http_to_this_machine_is_allowed(host: str) -> None:
    assert "unprotected" not in failure(f"http://{host}:{free_port()}/").sentence


@pytest.mark.parametrize(
    ("status", "words", "permanent"),
    [
        (401, "refused the user or password", True),
        (403, "does not let this user read", True),
        (404, "no calendar at the url", True),
        (405, "no calendar at the url", True),
        (429, "left alone", False),
        (418, "HTTP 418", True),
        (500, "HTTP 500", False),
        (503, "left alone", False),
    ],
)
def test_each_refusal_has_its_sentence(status: int, words: str, permanent: bool) -> None:
    error = failure_of(lambda _: Reply(status, "no"))
    assert words in error.sentence
    assert error.permanent == permanent


@pytest.mark.parametrize("body", ["<html><body>Please log in</body></html>", "<html", ""])
def test_a_captive_portal_is_recognised(body: str) -> None:
    error = failure_of(lambda _: Reply(200, body, {"Content-Type": "text/html; charset=utf-8"}))
    assert "web page" in error.sentence
    assert not error.permanent


@pytest.mark.parametrize(
    "reply",
    [Reply(200, "hello", {"Content-Type": "text/plain"}), Reply(207, "<other/>"), Reply(207, "<broken"), Reply(207, "")],
)
def test_what_is_not_a_caldav_server_is_recognised(reply: Reply) -> None:
    sentence = failure_of(lambda _: reply).sentence
    assert "is not a CalDAV server" in sentence or "cannot be read" in sentence


def test_a_place_without_calendars_is_told() -> None:
    error = failure_of(lambda ask: multistatus(response(ask.path, "<d:displayname>Files</d:displayname>")))
    assert "There is no calendar at" in error.sentence
    assert error.permanent


def test_a_redirect_to_another_host_is_refused_and_nothing_is_sent_there() -> None:
    with (
        scripted(lambda _: multistatus(calendar())) as (other, asked),
        scripted(lambda _: Reply(301, headers={"Location": other + CAL})) as (url, _),
    ):
        error = failure(url + CAL)
    assert "points to another host" in error.sentence
    assert error.permanent
    assert asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_on_the_same_host_is_followed_with_the_same_method(status: int) -> None:
    def script(ask: Ask) -> Reply:
        return multistatus(calendar()) if ask.path == CAL else Reply(status, headers={"Location": CAL})

    with scripted(script) as (url, asked):
        source = CalDavSource(account(url + "/.well-known/caldav"))
        assert len(source.collections()) == 1
        source.close()
    assert {ask.method for ask in asked} == {"PROPFIND"}


def test_redirects_in_circles_end() -> None:
    assert "in circles" in failure_of(lambda ask: Reply(302, headers={"Location": CAL})).sentence


def test_a_redirect_to_nowhere_is_told() -> None:
    assert "HTTP 302" in failure_of(lambda ask: Reply(302)).sentence


def test_a_listing_that_names_another_host_is_refused() -> None:
    error = failure_of(lambda _: multistatus(calendar("https://elsewhere.example/cal/")))
    assert "points to another host" in error.sentence


def test_proxies_and_netrc_of_the_environment_are_not_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login mallory password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with scripted(lambda _: multistatus(calendar())) as (url, asked):
        source = CalDavSource(account(url + CAL))
        source.collections()
        source.close()
    assert all("Authorization" not in ask.headers for ask in asked)


def test_discovery_goes_from_the_root_over_the_principal_to_the_home() -> None:
    def script(ask: Ask) -> Reply:
        if ask.path == "/":
            return multistatus(response("/", "<d:current-user-principal><d:href>/me/</d:href></d:current-user-principal>"))
        if ask.path == "/me/":
            return multistatus(response("/me/", "<c:calendar-home-set><d:href>/home/</d:href></c:calendar-home-set>"))
        return multistatus(response("/home/", "<d:resourcetype><d:collection/></d:resourcetype>"), work)

    work = calendar("/home/work/", "<d:sync-token>1</d:sync-token>")
    with scripted(script) as (url, asked):
        source = CalDavSource(account(url))
        assert [each.name for each in source.collections()] == ["family.work"]
        source.collections()
        source.close()
    assert [(ask.path, ask.headers["Depth"]) for ask in asked] == [("/", "0"), ("/me/", "0"), ("/home/", "1"), ("/home/", "1")]


def test_a_calendar_of_journals_or_contacts_is_left_out() -> None:
    def components(name: str) -> str:
        return f'<c:supported-calendar-component-set><c:comp name="{name}"/></c:supported-calendar-component-set>'

    def script(ask: Ask) -> Reply:
        if ask.headers["Depth"] == "0":
            return multistatus(response("/home/", "<d:resourcetype><d:collection/></d:resourcetype>"))
        return multistatus(
            calendar("/home/diary/", components("VJOURNAL")),
            calendar("/home/todo/", components("VTODO")),
            response("/home/people/", "<d:resourcetype><d:collection/></d:resourcetype>"),
        )

    with scripted(script) as (url, _):
        source = CalDavSource(account(url + "/home/"))
        assert [each.name for each in source.collections()] == ["family.todo"]
        source.close()


class Plain:
    """A server without sync tokens, with one object a number."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, str]] = {"1.ics": ('"a"', EVENT), "2.ics": ('"b"', EVENT)}
        self.calendar = "<s:getctag>7</s:getctag>"
        self.broken: set[str] = set()

    def __call__(self, ask: Ask) -> Reply:
        if ask.method == "PROPFIND" and ask.headers["Depth"] == "0":
            return multistatus(calendar(CAL, self.calendar))
        if ask.method == "PROPFIND":
            tags = [(key, f"<d:getetag>{etag}</d:getetag>" if etag else "") for key, (etag, _) in self.objects.items()]
            return multistatus(calendar(CAL), *(response(CAL + key, tag + "<d:resourcetype/>") for key, tag in tags))
        if "sync-collection" in ask.body:
            return Reply(403, "<d:error xmlns:d='DAV:'><d:valid-sync-token/></d:error>")
        wanted = {key: each for key, each in self.objects.items() if CAL + key in ask.body}
        if self.broken & wanted.keys():
            return Reply(207, "<broken \x00")
        return multistatus(
            *(
                response(CAL + key, f"<d:getetag>{etag}</d:getetag><c:calendar-data>{text}</c:calendar-data>")
                for key, (etag, text) in wanted.items()
            )
        )


@pytest.fixture
def plain() -> Iterator[tuple[Plain, CalDavSource, list[Ask]]]:
    server = Plain()
    with scripted(server) as (url, asked):
        source = CalDavSource(account(url + CAL))
        yield server, source, asked
        source.close()


def test_without_sync_tokens_etags_are_compared(plain: tuple[Plain, CalDavSource, list[Ask]]) -> None:
    server, source, _ = plain
    assert [each.token for each in source.collections()] == ["list 7"]
    first = batches(source, None)
    assert [raw.key for raw in first[0].added] == ["1.ics", "2.ics"]
    assert first[0].cursor == "list 7"
    server.objects = {"1.ics": ('"a"', EVENT), "3.ics": ('"c"', EVENT)}
    later = batches(source, "list 6", {"1.ics": '"a"', "2.ics": '"b"'})
    assert [raw.key for raw in later[0].added] == ["3.ics"]
    assert later[0].removed == ["2.ics"]


def test_ctags_are_asked_for_only_where_there_are_no_sync_tokens(plain: tuple[Plain, CalDavSource, list[Ask]]) -> None:
    server, source, asked = plain
    server.calendar = "<d:sync-token>new</d:sync-token>"
    source.collections()
    assert [("getctag" in ask.body) for ask in asked] == [False]
    server.calendar = "<s:getctag>7</s:getctag>"
    source.collections()
    source.collections()
    assert [("getctag" in ask.body) for ask in asked] == [False, False, True, True]


def test_a_cursor_that_is_still_the_token_asks_nothing(plain: tuple[Plain, CalDavSource, list[Ask]]) -> None:
    _, source, asked = plain
    (collection,) = source.collections()
    before = len(asked)
    assert list(source.changes(collection, "list 7", dict)) == []
    assert len(asked) == before


def test_a_server_without_any_tokens_still_works(plain: tuple[Plain, CalDavSource, list[Ask]]) -> None:
    server, source, _ = plain
    server.calendar = ""
    assert [each.token for each in source.collections()] == [""]
    assert [raw.version for raw in batches(source, None)[0].added] == ['"a"', '"b"']


def test_without_etags_the_version_is_drawn_from_the_content(plain: tuple[Plain, CalDavSource, list[Ask]]) -> None:
    server, source, _ = plain
    server.objects = {"1.ics": ("", EVENT), "2.ics": ("", EVENT + "\n")}
    versions = [raw.version for raw in batches(source, None)[0].added]
    assert len(set(versions)) == 2
    assert all(version.startswith("sha-") for version in versions)


def test_an_object_that_the_server_hands_over_broken_hides_no_other(plain: tuple[Plain, CalDavSource, list[Ask]]) -> None:
    server, source, _ = plain
    server.broken = {"1.ics"}
    found = {raw.key: raw.content for raw in batches(source, None)[0].added}
    assert found == {"1.ics": b"", "2.ics": EVENT.encode()}


def test_a_refused_token_leads_to_a_comparison(plain: tuple[Plain, CalDavSource, list[Ask]]) -> None:
    server, source, asked = plain
    server.calendar = "<d:sync-token>new</d:sync-token>"
    found = batches(source, "sync old", {"1.ics": '"a"', "9.ics": '"z"'})
    assert any("<d:sync-token>old</d:sync-token>" in ask.body for ask in asked)
    assert [raw.key for raw in found[0].added] == ["2.ics"]
    assert found[0].removed == ["9.ics"]
    assert found[0].cursor == "sync new"


def test_a_report_that_the_server_cut_short_is_asked_for_again_until_it_is_whole() -> None:
    def script(ask: Ask) -> Reply:
        if ask.method == "PROPFIND":
            return multistatus(calendar(CAL, "<d:sync-token>t3</d:sync-token>"))
        if "t1" in ask.body:
            return multistatus(
                response(CAL + "1.ics", "<d:getetag>x</d:getetag>"), response(CAL, status="507 Full"), token="t2"
            )
        if "t2" in ask.body:
            return multistatus(response(CAL + "1.ics", status="404 Gone"), response(CAL + "2.ics", status="404"), token="t3")
        raise AssertionError(ask)

    with scripted(script) as (url, _):
        source = CalDavSource(account(url + CAL))
        found = batches(source, "sync t1", {"1.ics": "w", "2.ics": "v"})
        source.close()
    assert [(list(each.added), each.removed, each.cursor) for each in found] == [([], ["1.ics", "2.ics"], "sync t3")]


def test_an_answer_cut_off_in_the_middle_of_a_reading_is_an_error_not_an_empty_calendar() -> None:
    def script(ask: Ask) -> Reply:
        if ask.method == "PROPFIND" and ask.headers["Depth"] == "1":
            return Reply(207, '<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response>')
        return multistatus(calendar(CAL))

    with scripted(script) as (url, _):
        source = CalDavSource(account(url + CAL))
        with pytest.raises(SourceError, match="cannot be read"):
            batches(source, None, {"1.ics": '"a"'})
        source.close()


def test_entities_in_an_answer_are_not_resolved(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden")
    entity = f'?><!DOCTYPE d [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'

    def script(ask: Ask) -> Reply:
        if ask.headers["Depth"] == "0":
            return multistatus(response("/home/", "<d:resourcetype><d:collection/></d:resourcetype>"))
        listing = multistatus(calendar("/home/ab&x;/", title="&x;"), calendar("/home/0123456789abcdef/", title="&x;"))
        return Reply(207, listing.body.replace("?>", entity, 1))

    with scripted(script) as (url, _):
        source = CalDavSource(account(url + "/home/"))
        names = [each.name for each in source.collections()]
        source.close()
    assert len(names) == 2
    assert "hidden" not in "".join(names)
