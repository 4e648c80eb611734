"""When something happened by the clock of the client itself, which some write into their hooks' payloads.

It is the moment before the client started the hook, a program; on a busy machine that takes seconds. Both clocks are the same machine's: what the
payload says counts where it lies a little before the moment at which the hook wrote it down.
"""

from __future__ import annotations

from typing import Final

from hookline.agents.payload import Json, number, text
from hookline.system.clock import NS_PER_S, parse_iso

MAX_HOOK_NS: Final = 30 * NS_PER_S  # so much later than it happened an event may be kept


def told_ns(payload: Json) -> int | None:
    """Return the moment that a payload names, in Unix ns: as ISO 8601, or in milliseconds."""
    given = number(payload, "timestamp")
    return parse_iso(text(payload, "timestamp")) if given is None else int(given) * 1_000_000


def happened_ns(payload: Json, kept_ns: int) -> int:
    """Return when an event happened by the client's clock; when the hook kept it, where the client says nothing that can be."""
    at_ns = told_ns(payload)
    return at_ns if at_ns is not None and 0 <= kept_ns - at_ns <= MAX_HOOK_NS else kept_ns
