"""What the rules found in a mail before is found again, so that they read each mail once; what depends on the day is not kept.

A finding's key is made of all that it depends on: the mail as it was written, its owner, how well they know the author, and the
rules themselves. So a changed mail, setting or rule is read anew, and with and without what was kept the answers are the same.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

import butler.core
import tools.mail.reply
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.owner import Owner
from workflows.briefing.asking import needs_signs, signs
from workflows.briefing.cases import Case, R
from workflows.briefing.values import Judgement, SentJudgement

Known = tuple[int, int]
_CORE = ("daynames", "mail", "owner", "text", "timewords")
_TOOLS = ("footers", "history", "reply")
_LIBRARIES = ("dateparser", "mail-parser-reply")
_LONGEST = 20_000
"""Characters of a finding that is kept; a longer one is worked out again."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    received: Judgement | None = None
    sent: SentJudgement | None = None
    signs: tuple[bool, bool] | None = None


def cases(
    context: Context, mails: Sequence[Mail], known: Callable[[Mail], Known], judged: Callable[[Mail], Case[R]]
) -> list[Case[R]]:
    """Each mail with what was found in it before, or else with what is `judged` of it now, which is kept."""
    keys = {mail.ref: key(mail, context.owner, known(mail)) for mail in mails}
    before = context.found(list(keys.values()))
    found: list[Case[R]] = []
    new: dict[str, str] = {}
    for mail in mails:
        known_case: Case[R] | None = _recalled(mail, before.get(keys[mail.ref]), context.owner)
        if known_case is not None and (context.model is None or known_case.signs is not None or not needs_signs(known_case)):
            found.append(known_case)
            continue
        case, value = _written(known_case or judged(mail), signed=context.model is not None)
        new |= {keys[mail.ref]: value} if value else {}
        found.append(case)
    if new:
        context.keep_found(new)
    return found


def key(mail: Mail, owner: Owner, known: Known) -> str:
    """The key of what the rules find in a mail; only whether its author is known counts, not how well."""
    message = replace(mail.message, key="", flags=frozenset(), received=0, size=0, problems=())
    person = (owner.name, sorted(owner.addresses), owner.zone.key, owner.language)
    parts = (rules_version(), mail.ref, mail.when.isoformat(), mail.sent, person, (min(known[0], 2), min(known[1], 1)), message)
    return hashlib.sha256(repr(parts).encode(errors="backslashreplace")).hexdigest()


@cache
def rules_version() -> str:
    """A digest of the rules: of the code that they are, and of the versions of Python and of what else it stands on."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sources():
        digest.update(path.read_bytes())
    for name in _LIBRARIES:
        digest.update(_version(name).encode())
    return digest.hexdigest()


def sources() -> list[Path]:
    """The files of all code that the rules run through."""
    beside = sorted(Path(__file__).parent.glob("*.py"))
    core, mail = Path(butler.core.__path__[0]), Path(tools.mail.reply.__file__).parent
    found = (*(core / f"{name}.py" for name in _CORE), *(mail / f"{name}.py" for name in _TOOLS))
    return [*beside, *found]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _recalled(mail: Mail, value: str | None, owner: Owner) -> Case[R] | None:
    """The case of a mail by what was kept; None where that is nothing, or is of something else."""
    if value is None:
        return None
    try:
        kept = _Kept.model_validate_json(value)
    except ValidationError:
        return None
    rule: Judgement | SentJudgement | None = kept.sent if mail.sent else kept.received
    if rule is None or rule.ref != mail.ref:
        return None
    return Case(mail, None, rule, owner.zone, kept.signs)  # type: ignore[arg-type]


def _written(case: Case[R], *, signed: bool) -> tuple[Case[R], str]:
    """A case with its signs where they are needed, and what is kept of it; nothing of a mail that could not be read."""
    rule: Judgement | SentJudgement = case.rule
    if signed and needs_signs(case):
        case = replace(case, signs=signs(case))
    if isinstance(rule, Judgement) and rule.rule == "unreadable":
        return case, ""
    kept = _Kept(sent=rule, signs=case.signs) if isinstance(rule, SentJudgement) else _Kept(received=rule, signs=case.signs)
    value = kept.model_dump_json(exclude_defaults=True)
    return case, value if len(value) <= _LONGEST else ""
