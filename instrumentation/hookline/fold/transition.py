"""One step in the making: the session's copy, the rules, and the spans that came of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from hookline.fold.model import OpenSession
from hookline.records import SpanRecord
from hookline.system.clock import NS_PER_S


@dataclass(frozen=True, slots=True)
class FoldRules:
    """The times by which things that no event closes are closed or forgotten."""

    turn_timeout_s: float = 6 * 3600.0  # a turn without any event for this long is over
    continue_s: float = 900.0  # a turn that has ended is remembered this long: a Stop hook may keep it going
    late_s: float = 60.0  # a subagent that has ended waits this long for its call, and a call this long for its request
    beside_s: float = 600.0  # what a rule closed is remembered this long: its own end, or who saw it, may come late
    failed_s: float = 60.0  # a turn whose last request failed, and of which nothing more was heard for this long, failed
    thinking_s: float = 120.0  # an agent that was heard of this long before its process was seen to end had worked until then
    orphan_s: float = 2.0  # the end of a call waits this long for its request
    switch_s: float = 60.0  # a session's end in favour of another waits this long for the other's start

    @property
    def turn_timeout_ns(self) -> int:
        """`turn_timeout_s` in nanoseconds."""
        return int(self.turn_timeout_s * NS_PER_S)

    @property
    def continue_ns(self) -> int:
        """`continue_s` in nanoseconds."""
        return int(self.continue_s * NS_PER_S)

    @property
    def late_ns(self) -> int:
        """`late_s` in nanoseconds."""
        return int(self.late_s * NS_PER_S)

    @property
    def beside_ns(self) -> int:
        """`beside_s` in nanoseconds."""
        return int(self.beside_s * NS_PER_S)

    @property
    def failed_ns(self) -> int:
        """`failed_s` in nanoseconds."""
        return int(self.failed_s * NS_PER_S)

    @property
    def thinking_ns(self) -> int:
        """`thinking_s` in nanoseconds."""
        return int(self.thinking_s * NS_PER_S)

    @property
    def orphan_ns(self) -> int:
        """`orphan_s` in nanoseconds."""
        return int(self.orphan_s * NS_PER_S)

    @property
    def switch_ns(self) -> int:
        """`switch_s` in nanoseconds."""
        return int(self.switch_s * NS_PER_S)


@dataclass(slots=True)
class Transition:
    """The session being changed, the rules, and the spans finished in this step."""

    session: OpenSession
    rules: FoldRules
    spans: list[SpanRecord] = field(default_factory=list)
