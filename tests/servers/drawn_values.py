"""Values of the core as Hypothesis draws them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from butler.core.calendar import Attendee, CalendarObject, Occurrence, RawObject, Task
from butler.core.mail import Address, Attachment, Message, RawMail, RawPart
from butler.core.notes import Note, RawNote
from butler.core.sources import Frame

BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), timezone(timedelta(hours=5, minutes=30))])
moments = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=zones).map(  # noqa: DTZ001 - zones are drawn
    # A time that a clock jumps over does not exist, so it cannot come back the same.
    lambda moment: moment.astimezone(UTC).astimezone(moment.tzinfo)
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.integers(0, 2**37)
days_or_moments = st.one_of(moments, st.dates())
flags = st.frozensets(st.sampled_from(["\\seen", "\\answered", "$label"]))
problems = st.lists(texts, max_size=2).map(tuple)
addresses = st.builds(Address, texts, texts)
attachments = st.lists(st.builds(Attachment, texts, texts, numbers), max_size=2).map(tuple)
attendees = st.builds(Attendee, texts, texts, st.sampled_from(["accepted", "declined", "needs-action"]))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=2).map(tuple)


parts = st.builds(RawPart, texts, texts, texts, st.binary(max_size=9), st.booleans())
raw_mails = st.builds(
    RawMail,
    texts,
    flags,
    numbers,
    numbers,
    st.binary(max_size=9),
    some(parts),
    attachments,
    maybe(st.binary(max_size=9)),
    problems,
)
messages = st.builds(
    Message,
    key=texts,
    flags=flags,
    received=numbers,
    size=numbers,
    message_id=texts,
    date=maybe(moments),
    subject=texts,
    sender=maybe(addresses),
    reply_to=some(addresses),
    to=some(addresses),
    cc=some(addresses),
    in_reply_to=texts,
    references=some(texts),
    list_id=texts,
    bulk=st.booleans(),
    bounce=st.booleans(),
    text=texts,
    html_only=st.booleans(),
    calendar=texts,
    attachments=attachments,
    problems=problems,
)
occurrences = st.builds(
    Occurrence,
    *(texts, texts, texts, days_or_moments, days_or_moments, texts, texts, st.just("confirmed"), st.booleans()),
    *(maybe(attendees), some(attendees), maybe(days_or_moments), texts),
)
tasks = st.builds(
    Task, texts, texts, maybe(days_or_moments), maybe(days_or_moments), st.booleans(), st.booleans(), numbers, numbers, texts
)
objects = st.builds(CalendarObject, texts, texts, some(occurrences), some(tasks), st.booleans(), problems)
raw_objects = st.builds(RawObject, texts, texts, st.binary(max_size=9))
raw_notes = st.builds(RawNote, texts, texts, numbers, st.binary(max_size=9), problems)
notes = st.builds(Note, texts, texts, numbers, texts, problems)
frames = st.builds(Frame, texts, st.dates(), st.dates(), numbers)
