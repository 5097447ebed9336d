"""Who gets into the page: nobody without a session, no form but its own, no name but ours; and what browsers are told."""

import datetime as dt
import json
import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from page_client import ADDRESS, FIREFOX, PageClient, page_client
from page_household import PageHousehold
from page_household import page_household as page_household_fixture
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from butler.core.access import LINK_LASTS, Entrance
from butler.store.truth import Truth
from butler.web import guard
from butler.web.routes import LARGEST_FORM

page_household = page_household_fixture

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
OPEN = {"/healthz", "/metrics", "/hooks/{name}", "/login", "/static"}
"""The routes that answer to nobody in particular; a new one among them is to be thought about here."""
OURS = re.compile(r"(?i)anna|rachel|harbour|nordwind|berger|planting|data-held|csrf")
"""Words of the household's mails and of the pages that show them."""
PROMISED = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer, same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
FORM = "application/x-www-form-urlencoded"
SECURE = Entrance(frozenset({"butler.example"}), "https://butler.example")


@pytest.fixture
def page(page_household: PageHousehold) -> Iterator[PageClient]:
    with page_client(page_household.state, raises=False) as client:
        yield client


@pytest.fixture
def nobody(page_household: PageHousehold) -> Iterator[PageClient]:
    with page_client(page_household.state, logged_in=False, raises=False) as client:
        client.follow_redirects = False
        yield client


@contextmanager
def truth_of(household: PageHousehold) -> Iterator[Truth]:
    truth = Truth.open(household.state / "butler.db")
    try:
        yield truth
    finally:
        truth.close()


def journal_of(household: PageHousehold, count: int) -> list[tuple[str, str]]:
    with truth_of(household) as truth:
        return [(line.what, json.dumps(dict(line.facts))) for line in reversed(truth.journal.lines(limit=count))]


def paths(client: PageClient) -> list[str]:
    """A path for each route that the application has."""
    app = client.app
    assert isinstance(app, Starlette)
    found = [route.path for route in app.routes if isinstance(route, Route | Mount)]
    assert len(found) == len(app.routes) > 8
    return found


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path) + ("/butler.css" if path == "/static" else "")


class Asked:
    """What came back to a request that was put straight to the application, path and all as it stands here."""

    def __init__(self, client: PageClient, method: str, path: str, **headers: str) -> None:
        self.status, self.headers, self.body = 0, dict[str, str](), b""
        sent = {"host": "127.0.0.1:8026", "accept": "text/html", **{name.replace("_", "-"): headers[name] for name in headers}}
        target, _, query = path.partition("?")
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": target,
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8026),
            "state": {},
        }
        self._received = False
        assert client.portal is not None
        client.portal.call(self._ask, client.app)

    async def _ask(self, app: Any) -> None:
        try:
            await app(self._scope, self._receive, self._send)
        except ZeroDivisionError:
            pass

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._received:
            return {"type": "http.disconnect"}
        self._received = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")

    def is_refused(self) -> bool:
        """Whether it is a 401, or leads to the log-in, and shows nothing."""
        leads = self.status == 303 and self.headers["location"].startswith("/login")
        return (leads or self.status == 401) and not OURS.search(self.body.decode())


def test_nobody_gets_anything_of_any_route_by_any_method(nobody: PageClient) -> None:
    for path in paths(nobody):
        for method in METHODS:
            for more in ({}, {"accept": "*/*"}, {"butler_part": "1"}, {"cookie": "butler-8026=x"}, {"origin": ADDRESS}):
                asked = Asked(nobody, method, filled(path), **more)
                assert path in OPEN or asked.is_refused(), (method, path, more, asked.status)
                if path != "/static":
                    assert not OURS.search(asked.body.decode()), (method, path, more)


def test_nobody_is_led_to_the_login_only_from_a_page_and_never_a_script(nobody: PageClient) -> None:
    assert Asked(nobody, "GET", "/").headers["location"] == "/login"
    assert Asked(nobody, "GET", "/ask?page=2&x=%C3%A4").headers["location"] == "/login?next=/ask%3Fpage%3D2%26x%3D%25C3%25A4"
    for method, more in (("GET", {"butler_part": "1"}), ("GET", {"accept": "text/event-stream"}), ("POST", {})):
        assert Asked(nobody, method, "/ask", **more).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "//",
        "//ask",
        "/ask/",
        "/ASK",
        "/static/../ask",
        "/static/%2e%2e/ask",
        "/static//ask",
        "/healthz/",
        "/healthz/../ask",
        "/hooks/../ask",
        "/login/../ask",
        "/login/",
        "/loginx",
        "/metrics/x",
        "/ask;/static/x",
        "/ask\n/static/x",
        "x@evil.example/static/x",
        "/ask#/static/x",
        "*",
        "",
    ],
)
def test_no_way_of_writing_a_path_leads_past_the_guard(nobody: PageClient, path: str) -> None:
    asked = Asked(nobody, "GET", path)
    assert asked.status in {303, 401, 404, 405}
    assert not OURS.search(asked.body.decode())


def test_every_answer_tells_browsers_the_same_errors_included(page: PageClient) -> None:
    def broken(_request: Request) -> Response:
        raise ZeroDivisionError

    app = page.app
    assert isinstance(app, Starlette)
    app.router.routes.append(Route("/broken", broken))
    cookie = f"butler-8026={page.cookies['butler-8026']}"
    seen = set()
    for path in [*paths(page), "/nowhere", "/static/nowhere"]:
        for method in ("GET", "POST", "DELETE"):
            for more in ({"cookie": cookie}, {}, {"cookie": cookie, "host": "evil.example"}):
                asked = Asked(page, method, filled(path), **more)
                seen.add(asked.status)
                wanted = dict(PROMISED)
                if path == "/static" and asked.status == 200:
                    wanted["cache-control"] = "public, max-age=31536000, immutable"
                assert wanted.items() <= asked.headers.items(), (method, path)
                assert "strict-transport-security" not in asked.headers
                assert "server" not in asked.headers
    assert {200, 303, 400, 401, 403, 404, 405, 500} <= seen


def test_what_no_route_answers_is_a_page_for_its_owner(page: PageClient) -> None:
    answer = page.get("/nowhere")
    assert (answer.status_code, "There is no such page." in answer.text) == (404, True)
    assert "/logout" in answer.text
    answer = page.fill("/search")
    assert (answer.status_code, sorted(answer.headers["allow"].split(", "))) == (405, ["GET", "HEAD"])


def test_a_change_needs_the_token_of_its_own_session(page: PageClient, page_household: PageHousehold) -> None:
    with page_client(page_household.state) as other:
        for csrf in ("", "x", "é", other.csrf, page.csrf[:-1], page.csrf.upper(), page.cookies["butler-8026"]):
            answer = page.post("/logout", data={"csrf": csrf}, headers={"Origin": ADDRESS}, follow_redirects=False)
            assert answer.status_code == 403, csrf
        answer = page.post("/logout", data={"other": "1"}, headers={"Origin": ADDRESS}, follow_redirects=False)
        assert (answer.status_code, "another session" in answer.text) == (403, True)
    assert page.get("/access").status_code == 200
    assert page.fill("/logout").status_code == 303
    assert "compare_digest" in guard.Guard._doubted.__code__.co_names


def test_a_change_is_believed_only_from_our_own_page(page: PageClient) -> None:
    strange = ("null", "http://evil.example", "http://127.0.0.1:8027", "https://127.0.0.1:8026", "http://localhost:8026", "x")
    for origin in strange[:3] + strange[4:]:
        answer = page.post("/logout", data={"csrf": page.csrf}, headers={"Origin": origin}, follow_redirects=False)
        assert (answer.status_code, "not sent by a page" in answer.text) == (403, True), origin
    assert page.post("/logout", data={"csrf": page.csrf}, follow_redirects=False).status_code == 403
    for more in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = page.post("/logout", data={"csrf": page.csrf}, headers={"Origin": ADDRESS, **more}, follow_redirects=False)
        assert answer.status_code == 403
    assert page.get("/access").status_code == 200


def test_a_login_from_elsewhere_is_not_believed_either(nobody: PageClient, page_household: PageHousehold) -> None:
    with truth_of(page_household) as truth:
        key = truth.access.new_link(page_household.now)
    assert nobody.post("/login", data={"key": key}, headers={"Origin": "http://evil.example"}).status_code == 403
    assert nobody.post("/login", data={"key": key}).status_code == 403
    assert nobody.fill("/login", key=key).status_code == 303


def test_a_name_that_is_not_ours_is_refused_whoever_asks(page: PageClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example:8026", "", "localhost@evil.example", "butler.example"):
        for path in ("/", "/login", "/healthz", "/static/butler.css"):
            asked = Asked(page, "GET", path, host=host, cookie=f"butler-8026={page.cookies['butler-8026']}")
            assert (asked.status, OURS.search(asked.body.decode())) == (400, None)


def test_what_is_sent_is_a_form_and_not_too_long(page: PageClient, nobody: PageClient) -> None:
    headers = {"Origin": ADDRESS, "Content-Type": FORM}
    long = page.post("/logout", content=f"csrf={page.csrf}&text=" + "x" * LARGEST_FORM, headers=headers)
    assert (long.status_code, "more than can be sent" in long.text) == (400, True)
    assert nobody.post("/login", content="key=" + "x" * LARGEST_FORM, headers=headers).status_code == 400
    for odd in (f"csrf={page.csrf}" + "&a=b" * 3000, f"csrf={page.csrf}&text=%FF", b"\xff"):
        answer = page.post("/logout", content=odd, headers=headers)
        assert (answer.status_code, "is no form" in answer.text) == (400, True)
    for kind in ("text/plain", "application/json", "multipart/form-data; boundary=x", ""):
        answer = page.post("/logout", content=f"csrf={page.csrf}", headers={"Origin": ADDRESS, "Content-Type": kind})
        assert answer.status_code == 415
    assert page.get("/access").status_code == 200


def test_a_form_that_never_ends_is_given_up(page: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_PATIENCE", 0.05)

    class Endless(Asked):
        async def _receive(self) -> MutableMapping[str, Any]:
            import asyncio

            await asyncio.sleep(0.04)
            return {"type": "http.request", "body": b"x", "more_body": True}

    cookie = f"butler-8026={page.cookies['butler-8026']}"
    assert Endless(page, "POST", "/logout", cookie=cookie, origin=ADDRESS, content_type=FORM).status == 408


def test_looking_at_a_link_uses_nothing_up_and_pressing_its_button_lets_in_once(
    nobody: PageClient, page_household: PageHousehold
) -> None:
    with truth_of(page_household) as truth:
        key = truth.access.new_link(page_household.now)
    for _ in range(3):
        shown = nobody.get(f"/login?key={key}&next=/ask")
        assert (shown.status_code, f'value="{key}"' in shown.text) == (200, True)
        assert nobody.head(f"/login?key={key}").status_code == 200
    answer = nobody.fill("/login", key=key, next="/ask")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask")
    assert re.fullmatch(
        r"butler-8026=[\w-]{43}; HttpOnly; Max-Age=7776000; Path=/; SameSite=strict", answer.headers["set-cookie"]
    )
    assert nobody.get("/ask").status_code == 200
    assert nobody.get("/login?next=/access").headers["location"] == "/access"
    with page_client(page_household.state, logged_in=False) as other:
        again = other.fill("/login", key=key)
        assert (again.status_code, "was used already" in again.text) == (403, True)
        assert "set-cookie" not in again.headers
        assert "not one of those" in other.get(f"/login?key={key}").text
    assert [what for what, _ in journal_of(page_household, 2)] == ["logged in", "log-in refused"]
    assert not any(key in facts for _, facts in journal_of(page_household, 50))


def test_a_link_that_is_too_old_says_so_before_it_is_pressed(page_household: PageHousehold) -> None:
    with truth_of(page_household) as truth:
        key = truth.access.new_link(page_household.now - LINK_LASTS)
    with page_client(page_household.state, logged_in=False) as client:
        shown = client.get(f"/login?key={key}").text
        assert "This link is too old." in shown
        assert key not in shown
        assert client.fill("/login", key=key).status_code == 403


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", "/login?x", "", "ask", "/ä"],
)
def test_after_the_login_one_gets_to_a_page_of_ours_only(nobody: PageClient, page_household: PageHousehold, to: str) -> None:
    with truth_of(page_household) as truth:
        key = truth.access.new_link(page_household.now)
    assert 'name="next" value="/"' in nobody.get("/login", params={"key": key, "next": to}).text
    assert nobody.fill("/login", key=key, next=to).headers["location"] == "/"


def test_a_way_that_began_elsewhere_is_asked_for_anew_so_that_the_strict_cookie_comes_along(page: PageClient) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    page.cookies.clear()
    shown = page.get("/login?next=/ask", headers=elsewhere)
    assert shown.headers["refresh"] == "0; url=/ask"
    assert page.get("/login?next=//evil.example", headers=elsewhere).headers["refresh"] == "0; url=/"
    assert "refresh" not in page.get("/login?next=/ask", headers={"Sec-Fetch-Site": "same-origin"}).headers
    assert "refresh" not in page.get("/login?next=/ask&key=x", headers=elsewhere).headers


def test_a_cookie_is_worth_nothing_after_the_log_out(page: PageClient) -> None:
    cookie, csrf = page.cookies["butler-8026"], page.csrf
    left = page.fill("/logout")
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert re.search(r'butler-8026="?"?; .*Max-Age=0', left.headers["set-cookie"])
    replayed = f"butler-8026={cookie}"
    assert Asked(page, "GET", "/ask", cookie=replayed).is_refused()
    assert Asked(page, "POST", "/logout", cookie=replayed, origin=ADDRESS, content_type=FORM).status == 401
    assert csrf not in page.get("/login").text


def test_who_is_logged_in_is_shown_and_can_be_ended(page: PageClient, page_household: PageHousehold) -> None:
    with page_client(page_household.state) as second, page_client(page_household.state) as third:
        shown = page.get("/access").text
        assert shown.count("Firefox on Linux") >= 3
        assert shown.count("this one") == 1
        number = re.findall(r'name="session" value="(\d+)"', second.get("/access").text)
        assert page.fill("/access/end", session=max(number, key=int)).headers["location"] == "/access"
        assert third.get("/ask", follow_redirects=False).status_code == 303
        assert page.fill("/access/end-others").status_code == 303
        assert second.get("/ask", follow_redirects=False).status_code == 303
        for wrong in ("", "x", "-1", "99999999999999999999", "²"):
            assert page.fill("/access/end", session=wrong).status_code == 400
    assert page.fill("/logout", everywhere="1").status_code == 303
    assert page.get("/ask", follow_redirects=False).status_code == 303
    told = journal_of(page_household, 10)
    assert [what for what, _ in told].count("logged out") == 3
    assert "web 127.0.0.1, session 1, Firefox on Linux" in told[-1][1]


def test_sessions_outlive_the_daemon_and_end_when_their_time_went_by(page_household: PageHousehold) -> None:
    now = [page_household.now]
    with page_client(page_household.state, clock=lambda: now[0]) as client:
        cookie = f"butler-8026={client.cookies['butler-8026']}"
    with page_client(page_household.state, clock=lambda: now[0], logged_in=False) as client:
        for _ in range(3):
            now[0] += dt.timedelta(days=29)
            assert Asked(client, "GET", "/ask", cookie=cookie).status == 200
        now[0] += dt.timedelta(days=29)
        assert Asked(client, "GET", "/ask", cookie=cookie).is_refused()


def test_behind_a_proxy_with_tls_the_cookie_is_secure_and_bound_to_the_name(page_household: PageHousehold) -> None:
    with page_client(page_household.state, entrance=SECURE, address="https://butler.example") as client:
        assert list(client.cookies) == ["__Host-butler"]
        answer = client.get("/ask")
        assert (answer.status_code, answer.headers["strict-transport-security"]) == (200, "max-age=31536000")
        with truth_of(page_household) as truth:
            key = truth.access.new_link(page_household.now)
        assert client.fill("/login", key=key).headers["set-cookie"].endswith("Path=/; SameSite=strict; Secure")
        plain = {"Origin": "http://butler.example"}
        assert client.post("/logout", data={"csrf": client.csrf}, headers=plain).status_code == 403


def test_numbers_are_for_this_machine_and_its_owner(page_household: PageHousehold) -> None:
    entrance = Entrance(frozenset({"butler.lan"}))
    with page_client(page_household.state, entrance=entrance) as client:
        assert Asked(client, "GET", "/metrics").body == b"butler_alive 1\n"
        assert Asked(client, "GET", "/metrics", host="butler.lan").is_refused()
        assert client.get("/metrics", headers={"Host": "butler.lan"}, follow_redirects=False).status_code == 303
        assert json.loads(Asked(client, "GET", "/healthz").body) == {"alive": True, "dead": []}
        assert json.loads(Asked(client, "GET", "/healthz", host="butler.lan").body) == {"alive": True}


def test_a_stream_ends_with_its_session(
    page: PageClient, page_household: PageHousehold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_LOOK_AGAIN", 0.0)

    class Listening(Asked):
        async def _receive(self) -> MutableMapping[str, Any]:
            import asyncio

            await asyncio.sleep(20)
            return {"type": "http.disconnect"}

        async def _send(self, message: MutableMapping[str, Any]) -> None:
            await super()._send(message)
            if b"changed" in self.body:
                with truth_of(page_household) as truth:
                    truth.access.end_all("They were ended.", page_household.now)

        async def _ask(self, app: Any) -> None:
            with pytest.raises(OSError, match="the session ended"):
                await super()._ask(app)

    cookie = f"butler-8026={page.cookies['butler-8026']}"
    heard = Listening(page, "GET", "/live", cookie=cookie)
    assert (heard.status, heard.body.count(b"event: changed")) == (200, 1)


def test_a_database_that_cannot_be_read_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "butler.db").write_bytes(b"no database" * 1000)
    with page_client(tmp_path, logged_in=False) as client:
        asked = Asked(client, "GET", "/ask", cookie="butler-8026=x", user_agent=FIREFOX)
        assert (asked.status, b"is not a database" in asked.body) == (503, True)
        assert PROMISED.items() <= asked.headers.items()
