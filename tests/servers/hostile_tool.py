"""A tool whose parse does what hostile input has been seen to do to parsers; for the worker process of the tests."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from memory_source import MemoryTool, message_of

from butler.core.mail import Message, RawMail
from butler.core.sources import Frame, Parsed, Raw


class HostileTool(MemoryTool):
    """Does what a mail's subject says."""

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        for raw in raws:
            assert isinstance(raw, RawMail)
            self._act(message_of(raw).subject)
        parsed = super().parse(raws, frame)
        # A tool promises that there are no lone surrogates in its texts; here is one that breaks its word.
        return [_broken(each) for each in parsed if getattr(each, "subject", "") != "swallow"]

    def _act(self, deed: str) -> None:
        if deed == "exit":
            os._exit(3)
        if deed == "spin":
            while True:
                pass
        if deed == "sleep":
            time.sleep(60)
        if deed == "eat":
            bytearray(8 << 30)
        if deed == "eat some":
            bytearray(128 << 20)
        if deed == "recurse":
            self._act(deed)
        if deed == "print":
            print("noise", file=sys.stderr)


def _broken(parsed: Parsed) -> Parsed:
    texts = {"surrogate": "\ud800", "swell": "x" * 5000}
    return replace(parsed, text=texts[parsed.subject]) if isinstance(parsed, Message) and parsed.subject in texts else parsed


TOOL = HostileTool()
