"""How late the machine is: how long it takes to start the smallest of programs, again and again while the play goes on.

A hook is a program that the client starts, so what a hook tells is late by about as much, once where something begins and once where it ends.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Pulse:
    """What was measured, in seconds."""

    beats: list[float] = field(default_factory=list)

    def worst_s(self) -> float:
        """Return the longest that it took, 0 when nothing was measured."""
        return max(self.beats, default=0.0)


@contextmanager
def open_pulse() -> Iterator[Pulse]:
    """Measure until the end."""
    pulse, stop = Pulse(), threading.Event()
    thread = threading.Thread(target=_beat, args=(pulse, stop), name="pulse", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        stop.set()
        thread.join()


def _beat(pulse: Pulse, stop: threading.Event) -> None:
    while not stop.wait(EVERY_S):
        begun = time.monotonic()
        subprocess.run(["sh", "-c", ":"], check=False)
        pulse.beats.append(time.monotonic() - begun)
