"""Who is what to whom, and anniversaries, in the ways in which programs write them into vCards. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from butler.core.contacts import Relation, YearDay
from butler.core.text import one_line
from tools.contacts.days import read_day
from tools.contacts.lines import Property
from tools.contacts.values import Reading

_OWN: Mapping[str, str] = {
    "X-SPOUSE": "spouse",
    "X-EVOLUTION-SPOUSE": "spouse",
    "X-KADDRESSBOOK-X-SPOUSESNAME": "spouse",
    "X-MANAGER": "manager",
    "X-EVOLUTION-MANAGER": "manager",
    "X-KADDRESSBOOK-X-MANAGERSNAME": "manager",
    "X-MS-MANAGER": "manager",
    "X-ASSISTANT": "assistant",
    "X-EVOLUTION-ASSISTANT": "assistant",
    "X-KADDRESSBOOK-X-ASSISTANTSNAME": "assistant",
    "X-MS-ASSISTANT": "assistant",
    "X-MS-SPOUSE": "spouse",
    "X-CHILD": "child",
    "X-MS-CHILD": "child",
    "X-PARTNER": "partner",
}
_ANNIVERSARIES = (
    *("ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-KADDRESSBOOK-X-ANNIVERSARY", "X-MS-ANNIVERSARY"),
)
_ANDROID = "vnd.android.cursor.item/"
_OF_ANDROID = (
    *("", "assistant", "brother", "child", "domestic partner", "father", "friend", "manager", "mother", "parent", "partner"),
    *("referred by", "relative", "sister", "spouse"),
)
_ANDROID_ANNIVERSARY = "1"
_LONGEST = 200


def relations(reading: Reading) -> list[Relation]:
    """Who is what to the contact, in the order of the card."""
    found = [Relation(one_line(kind, 40), one_line(who, _LONGEST)) for kind, who in _relations(reading)]
    return list(dict.fromkeys(each for each in found if each.who))


def anniversary(reading: Reading) -> YearDay | None:
    """The first anniversary that is a day."""
    return next((day for text in _anniversaries(reading) if (day := read_day(text))), None)


def nicknames_of_android(reading: Reading) -> list[str]:
    """The nicknames that Android keeps under a name of its own."""
    return [name for kind, name, *_ in _of_android(reading) if kind == "nickname"]


def _relations(reading: Reading) -> Iterator[tuple[str, str]]:
    for each in reading.all("RELATED"):
        yield reading.label(each) or "related", _who(each)
    for each in reading.all("X-ABRELATEDNAMES", "X-RELATION", "X-RELATED"):
        yield reading.label(each) or "related", each.text
    for name, kind in _OWN.items():
        for each in reading.all(name):
            yield kind, each.text
    for kind, who, number, own in _of_android(reading):
        if kind == "relation":
            named = _OF_ANDROID[int(number)] if number.isdecimal() and int(number) < len(_OF_ANDROID) else ""
            yield named or own or "related", who


def _who(found: Property) -> str:
    text = found.text.strip()
    return text.removeprefix("mailto:") if text.lower().startswith("mailto:") else text


def _anniversaries(reading: Reading) -> Iterator[str]:
    for each in reading.all(*_ANNIVERSARIES):
        yield each.text
    for each in reading.all("X-ABDATE"):
        if reading.label(each) == "anniversary":
            yield each.text
    for kind, day, number, _own in _of_android(reading):
        if kind == "contact_event" and number == _ANDROID_ANNIVERSARY:
            yield day


def _of_android(reading: Reading) -> Iterator[tuple[str, str, str, str]]:
    """What Android keeps under a name of its own: its kind, value, number of what it means, and a label."""
    for each in reading.all("X-ANDROID-CUSTOM"):
        kind, value, number, own, *_ = [*each.parts(";"), "", "", "", ""]
        if kind.startswith(_ANDROID):
            yield kind.removeprefix(_ANDROID), value, number, own
