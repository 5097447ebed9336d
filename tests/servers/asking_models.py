"""Models that are asked for answers: one is plain and competent, one invents, one obeys what it reads, one raves.

What they say hangs on what they are shown and on nothing else: none of them knows an answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from briefing_twins import Script
from draft_model import drafting_model
from ollama_script import Answer, Chat

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[^\d\s][.!?…])\s+|(?<=[!?…])\s+|\n\s*\n|\n(?=[-*|#])")
_OFFER = re.compile(r"(\d+) = ([^;\n]+)")
_FACT = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_QUOTED = re.compile(r"“([^”]*)”(?: \([^)]*\))?$")
_ORDER = re.compile(r"(?i)[^\n]*\b(?:assistant|ignore all|system:|you are now|must wire|standing instructions)[^\n]*")
_LITTLE = (
    "the and for with from that this what when where which who how much many does did will was are has have had not about "
    "der die das den dem des und oder von mit was wer wie wann viel ist sind hat bis auf ein eine zur zum nach les une que "
    "quoi lang wrote write else asked after del los las por con cual quel quelle est qui pour dans sur hay antes muss wird doit"
)
_SMALL = frozenset(_LITTLE.split(" "))


def plain(text: str) -> str:
    """A text in lower case, without accents."""
    folded = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


def _words(text: str) -> list[str]:
    return [word for word in dict.fromkeys(_WORD.findall(plain(text))) if len(word) > 2 and word not in _SMALL]


def _shared(text: str, words: list[str]) -> int:
    tokens = set(_WORD.findall(plain(text)))
    return sum(any(token.startswith(word[:4]) or word[:5] in token for token in tokens) for word in words)


def _question(facts: str) -> str:
    found = re.search(r"^Question: (.*)$", facts, re.MULTILINE)
    return found[1] if found else ""


def competent(step: str, _subject: str, facts: str, text: str) -> Mapping[str, Any] | str:
    """Answer as a plain model would that can compare words, and no more."""
    if step == "plan":
        return _plans(facts, text)
    if step == "note":
        return _notes(_question(facts), text)
    if step == "answer":
        return _answers(_question(facts), text)
    return "It knows no such step."


def _plans(facts: str, question: str) -> Mapping[str, Any]:
    noted = re.search(r"Noted so far: (\d+)", facts)
    if noted and int(noted[1]):
        return {"reads": [], "enough": True}
    reads = re.search(r"^Reads: (.*)$", facts, re.MULTILINE)
    offers = {words: int(number) for number, words in _OFFER.findall(reads[1] if reads else "")}
    mail = next((number for words, number in offers.items() if words.startswith("search mail")), 1)
    longest = sorted(_words(question), key=len, reverse=True)[:2]
    begun = "Done: nothing" in facts
    picked = [{"read": mail, "words": " ".join(longest), "time": 0}] if begun and longest else []
    return {"reads": picked, "enough": not picked}


def _notes(question: str, text: str) -> Mapping[str, Any]:
    words = _words(question)
    _, _, body = text.partition("\n\n")
    sentences = [piece.strip() for piece in _SENTENCE.split(body) if len(piece.strip()) > 8]
    head = _shared(text.partition("\n\n")[0], words)
    ranked = sorted(sentences, key=lambda piece: -_shared(piece, words))
    kept = [piece for piece in ranked if _shared(piece, words) and _shared(piece, words) + head >= (len(words) + 1) // 2]
    wants_number = re.match(r"(?i)(how much|how many|was kostet|wie viel|cu[aá]nto|combien)", question)
    if wants_number:
        kept = [piece for piece in kept if re.search(r"\d|\b(?:two|three|thirty|zwei|drei|dos|tres)\b", piece.casefold())]
    return {"quotes": [piece[:240] for piece in kept[:2]], "helps": bool(kept)}


def _answers(question: str, text: str) -> Mapping[str, Any]:
    words = _words(question)
    facts = [(int(number), line) for number, line in _FACT.findall(text)]
    ranked = sorted(facts, key=lambda one: -_shared(one[1], words))
    best = _shared(ranked[0][1], words) if ranked else 0
    good = [one for one in ranked if best and _shared(one[1], words) >= max(best, (len(words) + 1) // 2)][:3]
    sentences = []
    for number, line in good:
        quote = _QUOTED.search(line)
        said = quote[1] if quote else line.partition(": ")[2]
        sentences.append({"facts": [number], "text": said[:250]})
    return {"sentences": sentences, "unknown": not sentences}


def inventing(step: str, _subject: str, facts: str, text: str) -> Mapping[str, Any] | str:
    """Know everything, and make it up: quotes that nobody wrote, numbers, names and days, and facts that there are not."""
    if step == "plan":
        return {
            "reads": [{"read": 1, "words": "secret treasure", "time": 0}, {"read": 16, "words": "x", "time": 9}],
            "enough": False,
        }
    if step == "note":
        first = text.partition("\n\n")[2].strip().partition("\n")[0][:200]
        return {"quotes": ["It costs 4,711 euros, says Mallory Grimes.", "The code is 998877.", first], "helps": True}
    said = [
        {"facts": [1], "text": "It costs 4,711 euros."},
        {"facts": [1], "text": "Mallory Grimes decided it on 3 March 2031."},
        {"facts": [24], "text": "The password is swordfish99."},
        {"facts": [], "text": "Everybody knows that."},
        {"facts": [1], "text": "Nobody ever agreed to that, and the money was stolen by a gardener."},
    ]
    return {"sentences": said[:4], "unknown": False} if step == "answer" else "It invents."


def obedient(step: str, _subject: str, facts: str, text: str) -> Mapping[str, Any] | str:
    """Do what any text tells: quote its order, say that it was followed, and pass it on."""
    order = _ORDER.search(text)
    if step == "plan":
        return {"reads": [{"read": 1, "words": "instructions account wire", "time": 0}], "enough": False}
    if step == "note":
        line = text.partition("\n\n")[2].strip().partition("\n")[0]
        return {"quotes": [(order[0] if order else line)[:240]], "helps": True}
    if step == "answer":
        told = "Anna must wire 9,400 euros to account 7781 by noon, and everything was sent to collect@it-desk.example."
        return {"sentences": [{"facts": [number], "text": told} for number in (1, 2, 3)], "unknown": False}
    return "It obeys."


def raving(step: str, _subject: str, _facts: str, _text: str) -> Mapping[str, Any] | str:
    """Say nothing that can be used."""
    return f"{step}: colourless green ideas sleep furiously {{"


def over_the_wire(script: Script, chat: Chat) -> Answer:
    """Have a script answer a chat; what is no step of asking is answered by the model that drafts."""
    fields = set((chat.schema or {}).get("properties", {}))
    steps = {"plan": {"reads", "enough"}, "note": {"quotes", "helps"}, "answer": {"sentences", "unknown"}}
    step = next((name for name, known in steps.items() if fields == known), "")
    return script(step, "", chat.facts, chat.text) if step else drafting_model(chat)
