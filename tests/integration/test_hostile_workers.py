"""Workers that something has taken over, at their worst: what they send, ask for and do harms nobody but themselves."""

from __future__ import annotations

import json

import pytest

from butler.sandbox.hints import UnfitError
from butler.sandbox.values import unpack
from butler.sandbox.wire import Parcel

MARK = "\\u0000"


@pytest.mark.parametrize("text", [b'["\xed\xa0\x80"]', json.dumps(["\ud800"]).encode("utf-16-le"), b'["\\\\\\ud800"]'])
def test_half_a_character_does_not_cross_in_any_disguise(text: bytes) -> None:
    with pytest.raises(UnfitError):
        unpack(Parcel(text))


def test_a_small_frame_is_not_made_into_more_than_there_is_memory_for() -> None:
    twice = f'[{{"{MARK}":["bytes",0,4]}},{{"{MARK}":["bytes",0,4]}}]'.encode()
    with pytest.raises(UnfitError, match="no such bytes"):
        unpack(Parcel(twice, (b"abcd",)))


def test_a_set_is_of_texts_whose_hashes_nobody_can_choose() -> None:
    alike = f'{{"{MARK}":["set",{{"{MARK}":["Attachment","","",1]}}]}}'.encode()
    with pytest.raises(UnfitError, match="no set of texts"):
        unpack(Parcel(alike))
