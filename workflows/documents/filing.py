"""Where a document belongs, and what is added to the inbox note about it: pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from butler.core.actions import Action, Taint
from butler.core.daynames import unaccented
from butler.core.documents import Document
from butler.core.payloads import FileAppend, FileMove
from butler.core.text import markdown, one_line
from workflows.briefing.words import day_and_distance
from workflows.documents.reading import Read
from workflows.pages.topics import words_of

_YEAR = re.compile(r"(?:19|20)\d\d")
_STEM = 5
WORDS_OF_KIND = {
    "invoice": "invoice invoices bill bills rechnung rechnungen facture factures factura facturas fattura fatture facturen",
    "contract": "contract contracts vertrag verträge contrat contrats contrato contratos contratto contratti",
    "letter": "letter letters brief briefe post lettres cartas lettere brieven",
    "form": "form forms formular formulare formulaires formularios",
    "certificate": "certificate certificates urkunde urkunden zeugnis zeugnisse certificats",
    "manual": "manual manuals anleitung anleitungen handbuch handbücher manuels manuales",
    "receipt": "receipt receipts beleg belege quittung quittungen reçus recibos ricevute bonnen",
    "notes": "notes minutes notizen protokoll protokolle",
}


def place_for(document: Document, read: Read) -> str:
    """The folder of its root that a document belongs into, empty where none is named like what stands in it.

    The last part of the folder's name counts most: it has to be a word of the file's name, of its first lines or of the kind
    that the model saw. A folder of its year below goes before its parent.
    """
    said = words_of(f"{document.path.rpartition('/')[2]}\n{read.summary}\n{document.text[:2_000]}")
    kind = set(WORDS_OF_KIND.get(read.kind, "").split()) | ({read.kind} if read.kind not in {"", "other"} else set())
    year = str((read.due.day if read.due else document.modified.date()).year)
    scored = [(_score(folder, said, kind, year), folder) for folder in document.folders if folder != _parent(document.path)]
    best = max(scored, key=lambda pair: (pair[0], -len(pair[1]), pair[1]), default=(0, ""))
    return best[1] if best[0] > 0 else ""


def _score(folder: str, said: set[str], kind: set[str], year: str) -> int:
    parts = folder.split("/")
    years = [part for part in parts if _YEAR.fullmatch(part)]
    if years and years[-1] != year:
        return 0
    names = [part for part in parts if not _YEAR.fullmatch(part)]
    if not names:
        return 0
    own = words_of(names[-1])
    last = 4 * sum(any(_are_alike(word, other) for other in said) for word in own) + 3 * bool(own & kind)
    if not last:
        return 0
    above = sum(bool(words_of(name) & (said | kind)) for name in names[:-1])
    return 2 * (last + above) + bool(years)


def _are_alike(word: str, other: str) -> bool:
    """Whether two words are one in the singular and the plural."""
    short, long = sorted((unaccented(word), unaccented(other)), key=len)
    return long.startswith(short) and (len(long) == len(short) or (len(short) >= _STEM and len(long) - len(short) <= 2))


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def filed(document: Document, read: Read, folder: str, key: str) -> Action:
    """The action that moves a document inside its root."""
    name = document.path.rpartition("/")[2]
    move = FileMove(root=document.root, path=document.path, target=f"{folder}/{name}", before=document.sha256)
    return Action(
        move,
        f"{one_line(name, 80)} seems to belong into {one_line(folder, 120)}.",
        f"{key}|move",
        sources=(document.ref,),
        taint=(Taint(document.ref),),
        rule="folder named like it",
        step=read.step,
        digest=read.digest,
        workflow="documents",
    )


def noted(document: Document, read: Read, inbox: Document, day: dt.date, key: str) -> Action:
    """The action that adds an entry about a document to the inbox note."""
    text = "\n".join(_entry(document, read, day)) + "\n"
    before = "" if not inbox.text or inbox.text.endswith("\n") else "\n"
    return Action(
        FileAppend(root=inbox.root, path=inbox.path, text=f"{before}{text}", before=inbox.sha256),
        f"A new document: {one_line(document.path, 80)}.",
        f"{key}|note",
        sources=(document.ref,),
        taint=(Taint(document.ref),),
        rule="new document",
        step=read.step,
        digest=read.digest,
        workflow="documents",
    )


def _entry(document: Document, read: Read, day: dt.date) -> Iterator[str]:
    """The lines of the entry: what came, what it says in its own words, and by when."""
    box = "- [ ]" if read.due else "-"
    yield f"{box} {day.isoformat()} {markdown(document.path)}: {markdown(read.summary or document.problem)}"
    for quote in _unsaid(read):
        yield f"    > “{markdown(one_line(quote, 240))}”"
    if read.due:
        words = f" (“{markdown(one_line(read.due.words, 60))}”)" if read.due.words else ""
        yield f"    due {read.due.day.isoformat()}{words}: {day_and_distance(read.due.day, day, read.due.time)}"


def _unsaid(read: Read) -> Sequence[str]:
    """The evidence of a summary that the model made; first lines are their own."""
    return read.quotes if read.step else ()
