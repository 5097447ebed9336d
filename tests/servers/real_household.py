"""The sample household on real servers: its mail in a Dovecot behind TLS, its calendars in a Radicale, its notes on disk."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from dav_servers import PASSWORD as DAV_PASSWORD
from dav_servers import USER as DAV_USER
from dav_servers import DavServer
from dovecot_server import PASSWORD, USER, Dovecot
from imapclient import IMAPClient

from butler.cli.opening import deeds
from butler.house import House
from butler.sample.days import Days
from butler.sample.household import ADDRESSES, Stage, mailbox, write_household
from butler.settings import Places, read

BERLIN = ZoneInfo("Europe/Berlin")
SECRETS = (PASSWORD, DAV_PASSWORD)
_FLAGS = {"S": "\\Seen", "R": "\\Answered", "D": "\\Draft"}
_SEED = 7


@dataclass(frozen=True)
class RealHousehold:
    """The servers, the day that the household is dated around, and the folder of what lies on disk."""

    folder: Path
    dovecot: Dovecot
    radicale: DavServer
    day: dt.date

    @property
    def contacts(self) -> Path:
        """The folder of contacts."""
        return self.folder / "contacts"

    @property
    def notes(self) -> Path:
        """The folder of notes."""
        return self.folder / "notes"

    def environ(self, **more: str) -> dict[str, str]:
        """All settings as environment variables, passwords too."""
        return {
            "BUTLER_OWNER__NAME": "Anna Berger",
            "BUTLER_OWNER__ADDRESSES": ",".join(sorted(ADDRESSES)),
            "BUTLER_OWNER__TIMEZONE": "Europe/Berlin",
            "BUTLER_MAIL__HOME__HOST": "localhost",
            "BUTLER_MAIL__HOME__PORT": str(self.dovecot.tls_port),
            "BUTLER_MAIL__HOME__USER": USER,
            "BUTLER_MAIL__HOME__PASSWORD": PASSWORD,
            "BUTLER_MAIL__HOME__CA_FILE": str(self.dovecot.ca_file),
            "BUTLER_CALENDAR__HOME__URL": f"{self.radicale.url}{self.radicale.home}",
            "BUTLER_CALENDAR__HOME__USER": DAV_USER,
            "BUTLER_CALENDAR__HOME__PASSWORD": DAV_PASSWORD,
            "BUTLER_CONTACTS__FRIENDS__PATH": str(self.contacts),
            "BUTLER_NOTES__NOTES__PATH": str(self.notes),
            **more,
        }

    def toml(self, folder: Path, model: str, url: str) -> Path:
        """Write the same as a butler.toml, with one password in a file and one told by a command."""
        (folder / "mail-password").write_text(f"{PASSWORD}\n")
        (folder / "mail-password").chmod(0o600)
        (folder / "calendar password.txt").write_text(f"{DAV_PASSWORD}\n")
        file = folder / "butler.toml"
        file.write_text(
            f"""
            [owner]
            name = "Anna Berger"
            addresses = {sorted(ADDRESSES)}
            timezone = "Europe/Berlin"
            [mail.home]
            host = "localhost"
            port = {self.dovecot.tls_port}
            user = "{USER}"
            password_file = "mail-password"
            ca_file = "{self.dovecot.ca_file}"
            [calendar.home]
            url = "{self.radicale.url}{self.radicale.home}"
            user = "{DAV_USER}"
            password_command = "cat '{folder}/calendar password.txt'"
            [contacts.friends]
            path = "{self.contacts}"
            [notes.notes]
            path = "{self.notes}"
            [model]
            name = "{model}"
            url = "{url}"
            [briefing]
            folder = "vault/Briefings"
            """
        )
        return file

    def advance(self, stage: Stage) -> dt.datetime:
        """Bring the servers to the morning of the day, or to the morning before; return that moment."""
        household = write_household(self.folder, self.day, _SEED, stage)
        self._append(household.now)
        for calendar in household.calendars:
            assert calendar.path is not None
            self._put(calendar.name, calendar.path)
        return household.now

    @contextmanager
    def mailbox(self) -> Iterator[IMAPClient]:
        """A log-in of the owner's own."""
        context = ssl.create_default_context(cafile=str(self.dovecot.ca_file))
        with IMAPClient("localhost", self.dovecot.tls_port, ssl_context=context) as client:
            client.login(USER, PASSWORD)
            yield client

    def on_the_server(self) -> Mapping[str, Mapping[int, list[bytes]]]:
        """The flags of every mail, by folder and UIDVALIDITY."""
        found: dict[str, Mapping[int, list[bytes]]] = {}
        with self.mailbox() as client:
            for _, _, name in client.list_folders():
                validity = client.select_folder(name, readonly=True)[b"UIDVALIDITY"]
                flags = client.get_flags(client.search("ALL"))
                found[f"{name} {validity}"] = {uid: sorted(set(each) - {b"\\Recent"}) for uid, each in flags.items()}
        return found

    def _append(self, until: dt.datetime) -> None:
        with self.mailbox() as client:
            begun: set[str] = set()
            for mail in mailbox(Days(self.day), _SEED, until):
                if mail.folder not in begun:
                    begun.add(mail.folder)
                    _empty(client, mail.folder)
                client.append(mail.folder, mail.content, [_FLAGS[flag] for flag in sorted(mail.flags)], mail.when)

    def _put(self, calendar: str, folder: Path) -> None:
        path = f"{self.radicale.home}{calendar}/"
        self.radicale.request("DELETE", path)
        self.radicale.make_calendar(calendar)
        for file in sorted(folder.glob("*.ics")):
            # What is no calendar, the server does not take.
            content = file.read_bytes().decode("utf-8", "replace")
            self.radicale.request("PUT", path + file.name, content, {"Content-Type": "text/calendar; charset=utf-8"})


def _empty(client: IMAPClient, folder: str) -> None:
    if not client.folder_exists(folder):
        client.create_folder(folder)
    client.select_folder(folder)
    client.delete_messages(client.search("ALL"))
    client.expunge()


def brief_by_rules(environ: Mapping[str, str], config: Path | None, now: dt.datetime) -> None:
    """Write a briefing as it was at another moment, in the state folder that the same settings name for the program."""
    loaded = read(Places(environ=environ, config=config))
    assert loaded.problems == ()
    with House(deeds(loaded.settings), lambda: now) as house:
        house.brief(now.date(), now, model=False)
