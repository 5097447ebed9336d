"""Talks WebDAV through the caldav library's client: four readings, on one host, with every failure told as a SourceError."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml.sax.saxutils import escape

from butler.core.accounts import DavAccount
from butler.core.dialing import Dial
from butler.core.errors import SourceError
from tools.dav.faults import Answered, told
from tools.dav.speech import HEAD, Speech, quoted
from tools.lines import DIRECT

_D = "{DAV:}"
_CTAG = "{http://calendarserver.org/ns/}getctag"
_MOST_REDIRECTS = 4
_UNKNOWN_REPORT = 501
_CHANGED = (
    f'{HEAD}<d:sync-collection xmlns:d="DAV:"><d:sync-token>{{token}}</d:sync-token><d:sync-level>1</d:sync-level>'
    "<d:prop><d:getetag/></d:prop></d:sync-collection>"
)
_MEMBERS = f'{HEAD}<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/><d:resourcetype/></d:prop></d:propfind>'


class Refused(Exception):  # noqa: N818 - it is an answer, and no error of ours
    """The server refuses a request in a way that its sender has another way around."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One `response` of a multistatus: its path (decoded), and those of its properties that were asked for and are there.

    `is_wanted` says that it is a collection of the kind that is spoken of.
    """

    path: str
    missing: bool = False
    etag: str = ""
    title: str = ""
    sync_token: str = ""
    ctag: str = ""
    is_wanted: bool = False
    is_collection: bool = False
    components: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    principal: str = ""
    content: str | None = None


class Connection:
    """A client of one host; anything that points elsewhere is refused, proxies and .netrc are not looked at."""

    def __init__(self, account: DavAccount, speech: Speech, dial: Dial | None = None) -> None:
        self._account = account
        self.speech = speech
        self._dial = dial
        parts = urlsplit(account.url)
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._host = parts.hostname or ""
        self._features: set[str] = set()
        self._client: Any = None
        self.path = unquote(parts.path) or "/"
        self.shown = f"{self._origin}{self.path}"

    def describe(self, path: str, depth: int, *, ctag: bool = False) -> list[Resource]:
        """PROPFIND what a resource, or with depth 1 each of its members too, is; with its CTag only where wanted."""
        return self._resources(self._ask("PROPFIND", path, self.speech.describe(ctag=ctag), depth))

    def members(self, path: str) -> list[Resource]:
        """PROPFIND all members of a collection with their ETags."""
        found = self._resources(self._ask("PROPFIND", path, _MEMBERS, 1))
        if any(each.missing and each.path.rstrip("/") == path.rstrip("/") for each in found):
            # Xandikos tells so of a deleted collection, with a status that says success; it must not look like an empty one.
            raise told(Answered(404), self._host, self._account.name, self.speech.noun)
        return found

    def changed(self, path: str, token: str) -> tuple[list[Resource], str, bool]:
        """REPORT what changed since a token: resources, the new token, and whether there is more; raises Refused."""
        tree = self._ask("REPORT", path, _CHANGED.format(token=escape(token)), 0, refusable=True)
        found = [each for each in self._resources(tree) if each.path != path]
        more = any("507" in (each.findtext(f"{_D}status") or "") for each in tree.iterfind(f"{_D}response"))
        new_token = tree.findtext(f"{_D}sync-token") or ""
        if not new_token:
            raise Refused
        return found, new_token, more

    def contents(self, path: str, wanted: Sequence[Resource]) -> list[Resource]:
        """REPORT the content of some members; raises Refused where the answer cannot be read."""
        body = self.speech.multiget(each.path for each in wanted)
        return self._resources(self._ask("REPORT", path, body, None, refusable=True))

    @property
    def features(self) -> frozenset[str]:
        """What the server said so far that it can do."""
        return frozenset(self._features)

    def send(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> Any:
        """Send one request, following redirects on the same host; raises Answered, SourceError or the library's failures."""
        client = self._connected()
        target = quoted(path)
        for _ in range(_MOST_REDIRECTS):
            try:
                answer = client.request(self._origin + target, method, body, headers)
            except Answered as answered:
                if not answered.location:
                    raise
                target = self._same_host(urljoin(self._origin + target, answered.location))
                continue
            self._features.update(word.strip().lower() for word in str(answer.headers.get("DAV", ""))[:2000].split(","))
            return answer
        raise SourceError(f"The {self.speech.noun} server {self._host} sends requests round in circles.", permanent=True)

    def found(self, path: str, body: str) -> list[Resource]:
        """REPORT the members of a collection that a query of the caller's describes; raises Refused."""
        return self._resources(self._ask("REPORT", path, body, 1, refusable=True))

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _ask(self, method: str, path: str, body: str, depth: int | None, *, refusable: bool = False) -> Any:
        """Send one request and hand back the root of the multistatus."""
        try:
            answer = self.send(method, path, body, {} if depth is None else {"Depth": str(depth)})
            return self._multistatus(answer, refusable=refusable)
        except Answered as answered:
            if (
                refusable
                and answered.status not in {401, 404}
                and (answered.status < 500 or answered.status == _UNKNOWN_REPORT)
            ):
                raise Refused from answered
            raise told(answered, self._host, self._account.name, self.speech.noun) from answered
        except failures() as error:
            if refusable and isinstance(error, SyntaxError):
                raise Refused from error
            self.close()
            raise told(error, self._host, self._account.name, self.speech.noun) from error

    def _multistatus(self, answer: Any, *, refusable: bool) -> Any:
        tree = answer.tree
        if tree is not None and tree.tag != f"{_D}multistatus":
            tree = tree.find(f"{_D}multistatus")
        if tree is not None:
            return tree
        if refusable:
            raise Refused
        url = f"the url of the {self.speech.noun} {self._account.name!r}"
        raise SourceError(
            f"What answers at {self._host} is not a {self.speech.protocol} server.",
            advice=f"Check {url}, and whether the network asks you to log in.",
        )

    def _connected(self) -> Any:
        if self._client is None:
            parts = urlsplit(self._account.url)
            if parts.scheme != "https" and self._account.login == "xoauth2":
                raise SourceError(
                    f"The {self.speech.noun} {self._account.name!r} would send its access token unprotected.",
                    permanent=True,
                    advice="Use a url that begins with https://.",
                )
            if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(self._host)):
                raise SourceError(
                    f"The {self.speech.noun} {self._account.name!r} would send its password unprotected.",
                    permanent=True,
                    advice="Use a url that begins with https://; plain http is for this machine's own servers.",
                )
            from tools.dav.client import client

            self._client = client(self._account, self._origin + quoted(self.path), self._dial or DIRECT, self.speech.noun)
        return self._client

    def _same_host(self, url: str) -> str:
        if urlsplit(url)._replace(path="", query="", fragment="").geturl() != self._origin:
            raise SourceError(
                f"The {self.speech.noun} server {self._host} points to another host, {urlsplit(url).netloc!r}.",
                permanent=True,
                advice=f"If that is right, make it the url of the {self.speech.noun} {self._account.name!r}.",
            )
        return urlsplit(url).path or "/"

    def _resources(self, tree: Any) -> list[Resource]:
        return [found for each in tree.iterfind(f"{_D}response") if (found := self._resource(each)) is not None]

    def _resource(self, response: Any) -> Resource | None:
        href = (response.findtext(f"{_D}href") or "").strip()
        status = response.findtext(f"{_D}status") or ""
        if not href or "507" in status:
            return None
        path = unquote(self._same_host(urljoin(self._origin, href)))
        properties = {
            child.tag: child
            for propstat in response.iterfind(f"{_D}propstat")
            if " 200" in (propstat.findtext(f"{_D}status") or " 200")
            for prop in propstat.iterfind(f"{_D}prop")
            for child in prop
        }
        return self._described(path, "404" in status or "410" in status, properties)

    def _described(self, path: str, missing: bool, properties: dict[str, Any]) -> Resource:
        def text(tag: str) -> str:
            found = properties.get(tag)
            return (found.text or "").strip() if found is not None else ""

        def below(tag: str, kind: str) -> list[Any]:
            found = properties.get(tag)
            return list(found.iterfind(kind)) if found is not None else []

        def paths(tag: str) -> tuple[str, ...]:
            hrefs = [(each.text or "").strip() for each in below(tag, f"{_D}href")]
            return tuple(unquote(self._same_host(urljoin(self._origin, href))) for href in hrefs if href)

        content = properties.get(self.speech.tag(self.speech.data))
        return Resource(
            path,
            missing,
            etag=text(f"{_D}getetag"),
            title=text(f"{_D}displayname"),
            sync_token=text(f"{_D}sync-token"),
            ctag=text(_CTAG),
            is_wanted=bool(below(f"{_D}resourcetype", self.speech.tag(self.speech.kind))),
            is_collection=bool(below(f"{_D}resourcetype", f"{_D}collection")),
            components=self._components(below),
            homes=paths(self.speech.tag(self.speech.home)),
            principal=next(iter(paths(f"{_D}current-user-principal")), ""),
            content=(content.text or "") if content is not None else None,
        )

    def _components(self, below: Callable[[str, str], list[Any]]) -> tuple[str, ...]:
        listed = below(self.speech.tag("supported-calendar-component-set"), self.speech.tag("comp"))
        return tuple(each.get("name", "") for each in listed)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def failures() -> tuple[type[Exception], ...]:
    """What a request may raise beside Answered and SourceError."""
    from tools.dav.client import FAILURES

    return FAILURES
