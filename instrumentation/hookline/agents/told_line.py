"""What one line of a session file tells, in the words of hooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A payload as a hook would have sent it, and the time (Unix ns) at which it would have.

    With `beside: True` it only completes what was told: the end of a call that its turn did not wait for opens that turn no more.
    """

    time_ns: int
    payload: dict[str, Any]
