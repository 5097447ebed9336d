"""The nodes of an exam: the briefing's judging and the drafting's drafts over the mails that it is about, and what was said.

What is asked about is decided on the other side, which keeps it as `exam` before the run begins: `mails` are the references of
those to judge, `drafts` of those to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from butler.core.context import Context
from butler.core.mail import Mail
from workflows.briefing.asking import worth_asking
from workflows.briefing.gather import gather
from workflows.briefing.judge import Judging, Verdict, judge, received_case, sent_case
from workflows.briefing.sections.reply import pending
from workflows.briefing.values import Gathered, Judgement, SentJudgement
from workflows.briefing.view import View
from workflows.draft_reply import drafting
from workflows.draft_reply.checks import REPAIRS
from workflows.draft_reply.drafting import Draft
from workflows.draft_reply.gather import gather as gather_reply
from workflows.pages.chain import State
from workflows.pages.nodes import RESULT, sync

EXAM, JUDGED, WORTH = "exam", "judging", "worth"
_BROKE = "It broke."


class Nodes:
    """The nodes of one run, in their order; each may be run again over what the run's memory kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory
        wanted = context.memory.kept(EXAM) or {}
        self._mails = frozenset(wanted.get("mails", ()))
        self._drafts = tuple(wanted.get("drafts", ()))

    @property
    def order(self) -> Mapping[str, Callable[[State], State]]:
        """The nodes by name, in their order."""
        return {"sync": self.sync, "judge": self.judge, "draft": self.draft, "report": self.report}

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date, once a run."""
        sync(self._context)
        return {"stage": "sync"}

    def judge(self, _state: State) -> State:
        """Judge all mails of the exam as a briefing does."""
        if self._memory.kept(JUDGED) is None:
            gathered = self._gathered()
            self._memory.keep(WORTH, len(_worth(gathered, self._context)))
            judged = judge(self._context, gathered)
            self._memory.keep(JUDGED, judged.model_dump(mode="json"))
        return {"stage": "judge"}

    def draft(self, _state: State) -> State:
        """Answer the mails of which a draft is wanted, where there is a model that can be asked."""
        judging = Judging.model_validate(self._memory.kept(JUDGED))
        for one in self._answerable(judging):
            if self._memory.kept(_stage(one.ref)) is None:
                # What breaks on one mail ends in its own run, and the others are drafted all the same.
                with self._context.judging(one.ref):
                    self._memory.keep(_stage(one.ref), _drafted(self._context, one))
        return {"stage": "draft"}

    def report(self, _state: State) -> State:
        """Keep what was said of each mail."""
        judging = Judging.model_validate(self._memory.kept(JUDGED))
        gathered = self._gathered()
        view = View(gathered, judging.judged, self._context.owner, self._context.options)
        needing = {one.ref for one in pending(view)}
        said = [self._received(one, needing) for one in judging.judged.received]
        said += [self._sent(one) for one in judging.judged.sent]
        passed = self._mails - {one["id"] for one in said}
        # What comes over a list or back from a server is never judged: nothing is wanted of it.
        said += [{"id": ref, "label": "none"} for ref in sorted(passed)]
        refs = [one.ref for one in self._answerable(judging)]
        drafts = [{"id": ref, **(self._memory.kept(_stage(ref)) or {"left": _BROKE})} for ref in refs]
        self._memory.keep(RESULT, {"mails": said, "drafts": drafts, "away": self._away(judging)})
        return {"stage": "report"}

    def _gathered(self) -> Gathered:
        return gather(self._context, (), self._mails)

    def _answerable(self, judging: Judging) -> Iterator[Judgement]:
        """The mails of which a draft is wanted, as far as the product would draft one: those that were seen to ask."""
        if self._context.model is None or self._away(judging):
            return
        asking = {one.ref: one for one in judging.judged.received if one.label == "reply"}
        yield from (asking[ref] for ref in self._drafts if ref in asking)

    def _away(self, judging: Judging) -> str:
        """Why no model was there that could be asked, at any mail."""
        received, sent = judging.judged.received, judging.judged.sent
        refs = [*(one.ref for one in received), *(one.ref for one in sent)]
        verdicts = (Verdict.model_validate(kept) for ref in refs if (kept := self._memory.kept(f"judged:{ref}")))
        return next((each.failure for each in verdicts if each.failure and not each.digest), "")

    def _received(self, one: Judgement, needing: set[str]) -> dict[str, Any]:
        days = [due.day.isoformat() for due in ((one.due,) if one.due else ()) + one.also]
        said = {"label": one.label, "needs": one.ref in needing, "quote": one.quote, "summary": one.summary, "days": days}
        return {"id": one.ref, **said, **self._put(one.ref)}

    def _sent(self, one: SentJudgement) -> dict[str, Any]:
        promises = [{"quote": each.quote, "day": each.due.day.isoformat() if each.due else None} for each in one.promises]
        return {"id": one.ref, "label": "promise" if promises else "none", "promises": promises, **self._put(one.ref)}

    def _put(self, ref: str) -> dict[str, Any]:
        """What is known of the asking of one mail."""
        kept = self._memory.kept(f"judged:{ref}")
        if kept is None:
            return {}
        verdict = Verdict.model_validate(kept)
        dropped = [claim.reason for claim in verdict.dropped]
        return {"put": True, "answered": not verdict.failure, "dropped": dropped, "failure": verdict.failure}


def _worth(gathered: Gathered, context: Context) -> Sequence[Any]:
    """What the model is going to be asked about."""
    received = [received_case(mail, context.owner, gathered) for mail in gathered.candidates]
    sent = [sent_case(mail, context.owner) for mail in gathered.sent]
    return worth_asking(received, sent, gathered, context.owner)


def _stage(ref: str) -> str:
    return f"drafted:{ref}"


def _drafted(context: Context, judgement: Judgement) -> dict[str, Any]:
    """The draft of one mail, or why there is none."""
    mail: Mail = context.reads.mail(judgement.ref)
    case = gather_reply(context, mail, judgement)
    made = case if isinstance(case, str) else drafting.draft(context, case)
    if not isinstance(made, Draft):
        return {"left": made if isinstance(made, str) else made.reason}
    checks = [finding.check for finding in made.findings]
    warned = [finding.check for finding in made.findings if finding.warning and finding.check in REPAIRS]
    return {"body": made.body, "warned": warned, "skeleton": "skeleton" in checks}
