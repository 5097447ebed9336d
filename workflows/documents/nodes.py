"""The nodes of a new document: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from butler.core.actions import Action
from butler.core.context import Context
from butler.core.documents import Document
from butler.core.errors import UsageError
from butler.core.refs import parse_ref
from workflows.documents.filing import filed, noted, place_for
from workflows.documents.reading import Read, read
from workflows.pages.chain import State
from workflows.pages.nodes import RESULT

GONE = "It is not there any more, or in no folder of the settings."
OWN = "It is the note that news of documents are added to."
NO_INBOX = "There is no folder of notes that may be written to."
NO_PLACE = "No folder is named like what stands in it."
OUTSIDE = "It lies in no folder of notes that may be written to, so that it cannot be moved."


class Nodes:
    """The nodes of one run over the document that its subject names."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory

    @property
    def order(self) -> Mapping[str, Callable[[State], State]]:
        """The nodes by name, in their order."""
        return {"read": self.read, "propose": self.propose}

    def read(self, _state: State) -> State:
        """Read the document and keep what it says; the mirror is not needed for that."""
        ref = self._context.subject
        if self._memory.kept("read") is None:
            document = None if ref == self._context.inbox else self._document(ref)
            found = None if document is None else _read(self._context, document)
            kept = {"read": found.model_dump(mode="json") if found else None, "sha256": document.sha256 if document else ""}
            self._memory.keep("read", kept)
        return {"found": [ref], "stage": "read"}

    def propose(self, _state: State) -> State:
        """Put the entry of the inbox note and the move before the gate, and say what came of both."""
        ref = self._context.subject
        proposed: list[dict[str, object]] = []
        left: list[dict[str, str]] = []
        for outcome in self._actions():
            if isinstance(outcome, str):
                left.append({"ref": ref, "reason": outcome})
                continue
            kept = self._context.propose(outcome)
            if kept.action.key == outcome.key:
                proposed.append({"id": kept.id, "kind": outcome.kind})
            else:
                left.append({"ref": ref, "reason": f"Action {kept.id} for the same document is to be decided first."})
        found = self._found()
        due = found.due.day.isoformat() if found and found.due else None
        result = {"document": ref, "summarised_by": "model" if found and found.step else "rules", "due": due}
        self._memory.keep(RESULT, {**result, "proposed": proposed, "left": left})
        return {"stage": "propose"}

    def _document(self, ref: str) -> Document | None:
        if parse_ref(ref).kind != "file":
            raise UsageError(f"{ref} is no file.", advice="Name a file of a watched folder, such as file:scans/letter.pdf.")
        return self._context.document(ref)

    def _found(self) -> Read | None:
        kept = (self._memory.kept("read") or {})["read"]
        return Read.model_validate(kept) if kept else None

    def _actions(self) -> Iterator[Action | str]:
        """What is proposed, or why not; a document that changed meanwhile is proposed as it is now."""
        context, found = self._context, self._found()
        document = self._document(context.subject) if found else None
        if found is None or document is None:
            yield OWN if context.subject == context.inbox else GONE
            return
        # The first bytes of the hash: the same document in another version is news again.
        key = f"document|{document.ref.partition(':')[2]}|{(self._memory.kept('read') or {})['sha256'][:16]}"
        yield noted(document, found, _inbox(context), context.day, key) if context.inbox else NO_INBOX
        if not document.root:
            yield OUTSIDE
            return
        folder = place_for(document, found)
        yield filed(document, found, folder, key) if folder else NO_PLACE


def _read(context: Context, document: Document) -> Read:
    if not document.text.strip():
        return Read(summary=document.problem, quotes=(), reason=document.problem)
    return read(context, document)


def _inbox(context: Context) -> Document:
    """The inbox note as it is, or as one that is still to be made."""
    ref = parse_ref(context.inbox)
    new = Document(context.inbox, ref.place, ref.key, context.now, "", "")
    there = context.document(context.inbox)
    return new if there is None else replace(there, root=ref.place, path=ref.key)
