"""What the APIs have in common: texts without what a client puts before them, and ids of calls that say which answer they are of."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

_LEADING_BLOCK = re.compile(r"\s*<([\w-]+)[^>]*>.*?</\1>", re.DOTALL)


def spoken(text: str) -> str:
    """Return a text without the tagged blocks that it begins with: the date, the environment, reminders."""
    while block := _LEADING_BLOCK.match(text):
        text = text[block.end() :]
    return text


def texts_of(content: Any) -> Iterator[str]:
    """Yield the texts of a message's content: it is one, or a list of blocks."""
    if isinstance(content, str):
        yield spoken(content)
    for block in content if isinstance(content, list) else ():
        if isinstance(block, Mapping) and isinstance(block.get("text"), str):
            yield spoken(block["text"])


def call_ids() -> Iterator[str]:
    """Return ids for the calls of one answer: they share their first part."""
    answer = uuid.uuid4().hex[:16]
    return (f"call_{answer}_{number}" for number in range(1_000))


def round_of(call_id: str) -> str:
    """Return the answer that a call is of."""
    return call_id.rpartition("_")[0]
