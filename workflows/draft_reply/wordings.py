"""What code itself writes into a reply, in the language of the mail: greetings, closings, days, and offers of free times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from butler.core.daynames import MONTHS, WEEKDAYS
from butler.core.dayplan import Span

ROOM = "[…]"
"""Where the owner's own answer belongs."""

_FAMILIAR: Mapping[str, str] = {
    "en": "Hi {name},",
    "de": "Hallo {name},",
    "fr": "Bonjour {name},",
    "es": "Hola {name}:",
    "it": "Ciao {name},",
    "nl": "Hallo {name},",
    "pl": "Cześć {name},",
    "pt": "Olá {name},",
}
_NEUTRAL: Mapping[str, str] = {
    "en": "Dear {name},",
    "de": "Guten Tag {name},",
    "fr": "Bonjour {name},",
    "es": "Hola {name}:",
    "it": "Buongiorno {name},",
    "nl": "Beste {name},",
    "pl": "Dzień dobry,",
    "pt": "Olá {name},",
}
_NAMELESS: Mapping[str, str] = {
    "en": "Hello,",
    "de": "Guten Tag,",
    "fr": "Bonjour,",
    "es": "Hola:",
    "it": "Buongiorno,",
    "nl": "Goedendag,",
    "pl": "Dzień dobry,",
    "pt": "Olá,",
}
_CLOSINGS: Mapping[str, str] = {
    "en": "Best regards,",
    "de": "Viele Grüße",
    "fr": "Bien cordialement,",
    "es": "Un saludo,",
    "it": "Un saluto,",
    "nl": "Hartelijke groet,",
    "pl": "Pozdrawiam",
    "pt": "Cumprimentos,",
}
_OFFERS: Mapping[str, str] = {
    "en": "These times would suit me:",
    "de": "Zu diesen Zeiten passt es mir:",
    "fr": "Voici quand je suis libre :",
    "es": "Estas horas me vienen bien:",
    "it": "Questi orari mi vanno bene:",
    "nl": "Deze tijden komen mij uit:",
    "pl": "Odpowiadają mi te terminy:",
    "pt": "Estes horários servem-me:",
}
_DAY: Mapping[str, str] = {
    "en": "{Weekday} {day} {Month}",
    "de": "{Weekday}, {day}. {Month}",
    "fr": "{weekday} {day} {month}",
    "es": "{weekday} {day} de {month}",
    "it": "{weekday} {day} {month}",
    "nl": "{weekday} {day} {month}",
    "pl": "{weekday}, {day} {month}",
    "pt": "{weekday}, {day} de {month}",
}
_POLISH_MONTHS = "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"


def greeting(language: str, name: str, *, familiar: bool) -> str:
    """A greeting; without a name one that needs none."""
    table = _NAMELESS if not name else _FAMILIAR if familiar else _NEUTRAL
    return table[language].format(name=name)


def closing(language: str) -> str:
    """What stands above the owner's name."""
    return _CLOSINGS[language]


def offers(language: str, slots: Sequence[Span], zone: ZoneInfo) -> str:
    """A paragraph that offers free times, one a line; empty without any."""
    lines = [f"- {slot_words(language, slot, zone)}" for slot in slots]
    return "\n".join((_OFFERS[language], *lines)) if lines else ""


def is_offers(paragraph: str) -> bool:
    """Whether `offers` wrote a paragraph."""
    return paragraph.partition("\n")[0] in _OFFERS.values()


def slot_words(language: str, slot: Span, zone: ZoneInfo) -> str:
    """A free time as the mail's language writes it, in the owner's zone."""
    start, end = slot.start.astimezone(zone), slot.end.astimezone(zone)
    clock = " Uhr" if language == "de" else ""
    return f"{day_words(language, start.date())}, {start:%H:%M}–{end:%H:%M}{clock}"


def day_words(language: str, day: dt.date) -> str:
    """A day with its weekday, as the language writes it; the year is left away."""
    weekday = WEEKDAYS[language].split(" ")[day.weekday()].partition("|")[0]
    months = _POLISH_MONTHS if language == "pl" else MONTHS[language]
    month = months.split(" ")[day.month - 1].partition("|")[0]
    return _DAY[language].format(
        weekday=weekday, Weekday=weekday.capitalize(), month=month, Month=month.capitalize(), day=day.day
    )
