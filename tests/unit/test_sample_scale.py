import datetime as dt
import email
import email.policy
from collections import Counter
from pathlib import Path

from icalendar import Calendar

from butler.sample.maildir import deliver
from butler.sample.scale import RECENT, messages
from butler.sample.scale_events import events

DAY = dt.date(2026, 11, 24)
MONTH = dt.datetime(2026, 10, 25, 6, tzinfo=dt.UTC)


def test_exactly_as_many_mails_as_asked_for_all_parsable_and_different() -> None:
    made = list(messages(300, DAY, attachments=False))
    assert len(made) == 300
    parsed = [email.message_from_bytes(mail.content, policy=email.policy.default) for mail in made]
    assert len({str(mail["Message-ID"]) for mail in parsed}) == 300
    assert all(mail.get_body(("plain",)) and not mail.defects for mail in parsed)
    folders = Counter(mail.folder for mail in made)
    assert set(folders) == {"INBOX", "Sent", "Archive"}


def test_the_last_month_is_the_same_at_any_size() -> None:
    small, large = (
        {mail.name: mail.content for mail in messages(count, DAY, attachments=False) if mail.when >= MONTH}
        for count in (2 * RECENT, 2_000)
    )
    assert len(small) == RECENT
    assert small == large


def test_another_seed_makes_other_mails_and_the_same_seed_the_same() -> None:
    one, again, other = (list(messages(50, DAY, seed, attachments=False)) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_with_attachments_the_mean_size_is_about_what_was_asked_for() -> None:
    sizes = [len(mail.content) for mail in messages(1_000, DAY, mean_size=20_000)]
    assert 15_000 < sum(sizes) / len(sizes) < 25_000


def test_threads_refer_back_and_answers_alternate() -> None:
    made = [email.message_from_bytes(mail.content) for mail in messages(500, DAY, attachments=False)]
    ids = {mail["Message-ID"] for mail in made}
    replies = [mail for mail in made if mail["In-Reply-To"]]
    assert len(replies) > 100
    assert all(mail["In-Reply-To"] in ids for mail in replies)


def test_mails_are_delivered_once_and_renamed_when_their_flags_change(tmp_path: Path) -> None:
    made = list(messages(40, DAY, attachments=False))
    assert deliver(tmp_path, made) == 40
    assert deliver(tmp_path, made) == 40
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 40
    assert {int(path.stat().st_mtime) for path in files} == {int(mail.when.timestamp()) for mail in made}


def test_events_are_as_many_as_asked_for_and_one_in_twenty_recurs() -> None:
    made = list(events(1_000, DAY))
    assert len({event.name for event in made}) == 1_000
    assert sum(b"RRULE" in event.content for event in made) == 50
    assert all(Calendar.from_ical(event.content).walk("VEVENT") for event in made[::40])


def test_the_events_around_the_day_are_the_same_at_any_size() -> None:
    near = [{one.name: one.content for one in events(count, DAY) if one.name.startswith("near")} for count in (400, 1_000)]
    assert near[0] == near[1]
