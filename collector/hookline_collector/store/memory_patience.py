"""Patience where the engine is short of memory: a question waits for what else runs, and is asked again.

The engine's limit is one for merges, inserts and all statements at once, and it refuses whoever asks for more at the moment when it is reached, be it
the smallest question. It is over when a merge or a heavier statement ends, mostly within a second. A statement that reaches a limit of its own
would reach it again, and is told at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from hookline_collector.store.faults import ShortOfMemory

PAUSES_S: Sequence[float] = (0.1, 0.2, 0.4, 0.8, 1.6)
T = TypeVar("T")


def patiently(ask: Callable[[], T], pauses_s: Sequence[float] = PAUSES_S, sleep: Callable[[float], None] = time.sleep) -> T:
    """Ask, and ask again after each pause while the engine is short of memory. Raises what the last try raises. `ask` must change nothing."""
    for pause_s in pauses_s:
        try:
            return ask()
        except ShortOfMemory:
            sleep(pause_s)
    return ask()
