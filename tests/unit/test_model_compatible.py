"""What OpenAI-compatible servers leave out of a piece, or say with null, costs no answer."""

from __future__ import annotations

import pytest

from butler.model.compatiblestream import Heard
from butler.model.compatiblewire import Piece, Refusal

SAID = '{"choices": [{"delta": {"content": "yes"}, "finish_reason": "stop"}]}'


@pytest.mark.parametrize(
    "between",
    [
        '{"choices": [{"delta": null}]}',
        '{"choices": null, "usage": null}',
        '{"choices": [], "timings": {}}',
        '{"choices": [{"delta": {"content": null}}]}',
    ],
)
def test_a_piece_without_words_is_passed_over(between: str) -> None:
    heard = Heard(100, None)
    for piece in (between, SAID, between, '{"choices": null, "usage": {"prompt_tokens": 7, "completion_tokens": null}}'):
        heard.take(Piece.model_validate_json(piece))
    reply = heard.reply()
    assert (reply.content, reply.finished, reply.tokens_in, reply.tokens_out) == ("yes", True, 7, 0)


def test_an_error_without_words_is_one_all_the_same() -> None:
    assert Refusal.model_validate_json('{"error": {"code": null, "message": null}}').sentence == ""
