"""Every prompt stays within its budget whatever script it is in, and a server that cuts without a word is noticed."""

from __future__ import annotations

import base64
import dataclasses
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from gateway_case import STEP, ask, gateway
from hypothesis import given
from hypothesis import strategies as st
from memory_book import MemoryBook
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.model.embedding import embed
from butler.model.prompts import DENSEST_RATE, fewest_tokens, room

_DRAWN = random.Random(7)
SCRIPTS = {
    "English": "Could you look at the roof before we order the slates? " * 700,
    "Chinese": "请在周五之前确认花园的报价，谢谢。" * 900,
    "Japanese": "金曜日までに庭の見積もりを確認してください。" * 700,
    "Thai": "กรุณายืนยันราคาสวนก่อนวันศุกร์" * 500,
    "emoji": "🌻🐝🏡👩‍🌾🍯" * 1_500,
    "base64": base64.b64encode(_DRAWN.randbytes(24_000)).decode(),
}
RATES = {"English": 4.2, "Chinese": 1.5, "Japanese": 1.4, "Thai": 1.2, "emoji": 0.4, "base64": 1.6}
"""Letters a token, about as tokenizers of today have them."""


@dataclass
class Tokenizing(ScriptedOllama):
    """A server that counts by letters, as one script has them; it counts `claims` of that, whatever it read."""

    letters: float = 4.0
    claims: float = 1.0

    def tokens(self, body: Mapping[str, Any]) -> int:
        system, *others = (str(message["content"]) for message in body["messages"])
        return int(self.claims * (len(system) / 4.0 + sum(len(content) for content in others) / self.letters)) + 10


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("rate", [None, 0.22], ids=["first", "learned from English"])
def test_what_a_server_takes_is_within_its_context_in_every_script(script: str, rate: float | None) -> None:
    book = MemoryBook(rate=rate)
    with Tokenizing(letters=RATES[script]) as server, gateway(server, book) as model:
        asked = ask(model, text=SCRIPTS[script])
        assert asked.answer is not None, asked.reason
        taken = server.chats[-1].body
        assert server.tokens(taken) <= taken["options"]["num_ctx"]
        assert taken["truncate"] is False
        assert len(server.chats) <= 4


@given(st.floats(0.0001, 50.0), st.integers(2_048, 131_072), st.integers(1, 900))
def test_no_rate_that_was_learned_lets_a_prompt_out_of_its_budget(rate: float, context: int, most: int) -> None:
    size = room(context, most, rate)
    assert size * min(rate, DENSEST_RATE) <= 8_000 - most + 1 or size == 0
    assert size * min(rate, DENSEST_RATE) <= max(0, context - most) + 1


@pytest.mark.parametrize("script", ["English", "Chinese", "Japanese", "emoji", "base64"])
def test_a_server_that_read_a_small_part_of_a_prompt_is_noticed_in_every_script(script: str) -> None:
    book = MemoryBook()
    with Tokenizing(letters=RATES[script], claims=0.1) as server, gateway(server, book) as model:
        asked = ask(model, text=SCRIPTS[script][:6_000])
    assert asked.answer is None
    assert "cut the prompt silently" in asked.reason
    assert book.learned == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_honest_count_is_never_taken_for_a_cut(script: str) -> None:
    text = SCRIPTS[script]
    assert 0.7 * fewest_tokens([{"role": "user", "content": text}]) <= math.ceil(len(text) / RATES[script])


@pytest.mark.parametrize(
    "text", ["=" * 4_000, "_" * 4_000, "a" * 4_000, "-- " * 2_000, "Donaudampfschifffahrtsgesellschaft " * 100]
)
def test_rulers_and_long_words_are_not_counted_as_if_drawn_by_chance(text: str) -> None:
    assert fewest_tokens([{"role": "user", "content": text}]) <= 100


def test_an_embedding_server_that_cuts_silently_is_noticed_and_an_honest_one_is_not() -> None:
    texts = ["Could you look at the roof before we order the slates? " * 20, "The bees are well."]
    for part in (1.0, 0.3):
        with ScriptedOllama(embeds_read=part) as server:
            host = ModelHost(url=server.url, name=server.models[0].name)
            if part == 1.0:
                assert embed(host, texts, 20.0)[1] >= sum(len(text.split()) for text in texts)
                continue
            with pytest.raises(ModelError, match="cut texts silently"):
                embed(host, texts, 20.0)


def test_a_step_that_leaves_no_room_is_refused_by_us() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        asked = model.ask(dataclasses.replace(STEP, prompt="word " * 20_000), subject="x", facts="f", text="t" * 400)
    assert asked.answer is None
    assert "that fit the model's context" in asked.reason
    assert server.chats == []
