"""Ids that follow from what a span is, so that a replay gives the same spans and hooks need no shared memory."""

from functools import lru_cache
from hashlib import sha256
from typing import Final

KNOWN: Final = 1_024  # ids that are not worked out again: each event names its turn's


@lru_cache(KNOWN)
def trace_id(agent: str, session_id: str, prompt_id: str) -> int:
    """Return the id of a prompt's trace: 128 bit, never 0."""
    return int.from_bytes(_digest("trace", agent, session_id, prompt_id)[:16]) or 1


@lru_cache(KNOWN)
def span_id(*parts: str) -> int:
    """Return the id of the span that these parts name: 64 bit, never 0."""
    return int.from_bytes(_digest(*parts)[:8]) or 1


def _digest(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode("utf-8", "replace")).digest()
