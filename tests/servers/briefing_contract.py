"""The JSON of a briefing as others rely on it, held key by key and by hand, without the butler's own models."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

SECTIONS = ["agenda", "conflicts", "reply", "deadlines", "promised", "waiting", "tasks", "birthdays", "reading", "changes"]
_REF = re.compile(r"mail:[^/]+/.+|event:[^/]+/[^/]+(/\d{8}(T\d{6}Z?)?)?|task:[^/]+/[^/]+|file:[^/]+/.+|contact:[^/]+/[^/]+")


def require_contract(found: Any) -> None:
    """Fail with what is wrong when a document is not a briefing."""
    problems = list(_problems(found))
    assert problems == []


def _problems(found: Any) -> Iterator[str]:
    yield from _shape(
        "briefing",
        found,
        {
            "date": str,
            "timezone": str,
            "generated_at": str,
            "composed_by": str,
            "model": (dict, type(None)),
            "sources": list,
            "sections": list,
            "dropped": list,
            "quiet": bool,
            "usage": dict,
        },
    )
    yield from _told(dt.date.fromisoformat(found["date"]).isoformat() == found["date"], "date")
    yield from _told(ZoneInfo(found["timezone"]).key == found["timezone"], "timezone")
    yield from _told(dt.datetime.fromisoformat(found["generated_at"]).utcoffset() is not None, "generated_at has no offset")
    yield from _told(found["composed_by"] in ("model", "rules"), f"composed_by {found['composed_by']}")
    yield from _told((found["composed_by"] == "model") == (found["model"] is not None), "model beside composed_by")
    if found["model"] is not None:
        yield from _shape("model", found["model"], {"name": str, "digest": str})
    for source in found["sources"]:
        yield from _source(source)
    names = [section["name"] for section in found["sections"]]
    yield from _told(names == [name for name in SECTIONS if name in names], f"sections {names}")
    for section in found["sections"]:
        yield from _section(section)
    for dropped in found["dropped"]:
        yield from _shape("dropped", dropped, {"text": str, "reason": str})
    yield from _usage(found["usage"])
    fresh = all(source["state"] == "fresh" for source in found["sources"])
    yield from _told(fresh or not found["quiet"], "quiet although a source was not fresh")


def _source(source: Any) -> Iterator[str]:
    keys = {"name": str, "kind": str, "state": str, "as_of": (str, type(None)), "error": (str, type(None))}
    yield from _shape("source", source, keys)
    yield from _told(source["kind"] in ("mail", "calendar", "notes", "contacts"), f"kind {source['kind']}")
    yield from _told(source["state"] in ("fresh", "stale", "failed"), f"state {source['state']}")
    yield from _told(source["name"].startswith(f"{source['kind']}."), f"source name {source['name']}")
    yield from _told((source["state"] == "fresh") == (source["error"] is None), f"error beside state of {source['name']}")
    if source["as_of"] is None:
        yield from _told(source["state"] == "failed", "as_of is missing")
    else:
        yield from _told(dt.datetime.fromisoformat(source["as_of"]).utcoffset() is not None, "as_of has no offset")
    if source["error"]:
        yield from _told("\n" not in source["error"] and source["error"].endswith("."), f"no sentence: {source['error']}")


def _section(section: Any) -> Iterator[str]:
    yield from _shape("section", section, {"name": str, "lines": list})
    yield from _told(section["lines"] != [], f"{section['name']} is empty")
    for line in section["lines"]:
        yield from _shape("line", line, {"text": str, "by": str, "evidence": list})
        yield from _told(line["text"].strip() != "" and "\n" not in line["text"], f"text {line['text']!r}")
        yield from _told(line["by"] in ("code", "model", "rules"), f"by {line['by']}")
        yield from _told(line["evidence"] != [], f"no evidence for {line['text']}")
        for evidence in line["evidence"]:
            yield from _shape("evidence", evidence, {"ref": str, "quote": (str, type(None))})
            yield from _told(_REF.fullmatch(evidence["ref"]) is not None, f"reference {evidence['ref']}")
            yield from _told(evidence["quote"] != "", f"empty quote of {evidence['ref']}")


def _usage(usage: Any) -> Iterator[str]:
    counts = ("model_calls", "cached", "tokens_in", "tokens_out")
    yield from _shape("usage", usage, {**dict.fromkeys(counts, int), "seconds": float})
    yield from _told(all(usage[name] >= 0 for name in counts), f"usage {usage}")


def _shape(what: str, found: Any, keys: dict[str, Any]) -> Iterator[str]:
    yield from _told(isinstance(found, dict) and list(found) == list(keys), f"keys of {what}: {list(found)}")
    for name, kind in keys.items():
        # To Python a bool is an int; to JSON it is not.
        right = isinstance(found[name], kind) and (kind is bool or not isinstance(found[name], bool))
        yield from _told(right, f"{what}.{name} is {found[name]!r}")


def _told(right: bool, problem: str) -> Iterator[str]:
    if not right:
        yield problem
