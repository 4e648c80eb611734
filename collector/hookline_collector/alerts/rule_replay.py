"""A rule over what was: the same source, state machine and moments as live, with a clock that jumps from one to the next.

Used by tests of rules and by the backtest. What arrives comes in order of its moments, and is looked at as live: a moment after it arrived, and when
time alone may change something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hookline_collector.alerts.alert import AlertTransition
from hookline_collector.alerts.alert_engine import DEBOUNCE_NS
from hookline_collector.alerts.baseline import BaselineTable
from hookline_collector.alerts.item_reading import MeasuredItem
from hookline_collector.alerts.item_source import ItemSource
from hookline_collector.alerts.reading import MeasureSource
from hookline_collector.alerts.rule import AlertRule
from hookline_collector.alerts.rule_run import PastLimit, RuleRun
from hookline_collector.alerts.session_source import REBUILD_NS, SessionSource
from hookline_collector.alerts.session_watch import SessionWatch
from hookline_collector.alerts.sql_source import VALUE, SqlSource
from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.requests_made import RequestPrice, unpriced
from hookline_collector.signals.observations import Observation
from hookline_collector.store.rows import Rows

MAX_WINDOW_NS = 8 * 86_400 * 1_000_000_000
MAX_SESSIONS = 10_000
IDLE_AFTER_S = 300.0


def _nothing(_: int) -> None:
    """Prepare nothing for a look."""


class RuleReplay:
    """One rule from a moment on; `prepare` is told of each look before it."""

    def __init__(self, rule: AlertRule, source: MeasureSource, begin_ns: int, prepare: Callable[[int], None] = _nothing) -> None:
        self.run = RuleRun(rule, source)
        self._prepare = prepare
        self._due_ns: int | None = begin_ns
        self.transitions: list[AlertTransition] = []

    def arrive(self, at_ns: int, deliver: Callable[[], None], debounce_ns: int = DEBOUNCE_NS) -> None:
        """Let something arrive at its own time."""
        self.advance(at_ns)
        deliver()
        soon_ns = at_ns + debounce_ns
        self._due_ns = soon_ns if self._due_ns is None else min(self._due_ns, soon_ns)

    def advance(self, to_ns: int) -> None:
        """Look at the rule at each moment at which it is due, up to one."""
        while self._due_ns is not None and self._due_ns <= to_ns:
            self.look(self._due_ns)

    def look(self, now_ns: int) -> None:
        """Look at the rule at a moment."""
        self._prepare(now_ns)
        try:
            self.transitions += self.run.evaluate(now_ns)
        except PastLimit as why:
            self.transitions += why.transitions
        next_ns = self.run.next_ns(now_ns)
        self._due_ns = None if next_ns is None else max(next_ns, now_ns + 1)


class ItemReplay(RuleReplay):
    """A rule over metrics, spans or records. What the window missed before the beginning is held to be nothing."""

    def __init__(self, rule: AlertRule, begin_ns: int, baselines: BaselineTable | None = None) -> None:
        self._source = ItemSource(rule, begin_ns - MAX_WINDOW_NS, baselines)
        super().__init__(rule, self._source, begin_ns)

    def feed(self, item: MeasuredItem) -> None:
        """Let an item arrive at its own time."""
        self.arrive(item.at_ns, lambda: self._source.add(item, item.at_ns))


class SessionReplay(RuleReplay):
    """A rule over sessions: live sessions of its own, which see what was seen of them when it was told."""

    def __init__(self, rule: AlertRule, begin_ns: int, idle_after_s: float = IDLE_AFTER_S, price: RequestPrice = unpriced) -> None:
        self._now_ns = begin_ns
        self._live = LiveSessions(MAX_SESSIONS, idle_after_s, lambda: self._now_ns, price=price)
        self._watch = SessionWatch(self._live, lambda: self._now_ns)
        super().__init__(rule, SessionSource(rule, begin_ns - REBUILD_NS, self._watch.views, self._watch.streak_of), begin_ns, self._see)

    def feed(self, seen: Sequence[Observation], at_ns: int) -> None:
        """Let something be told of sessions."""

        def deliver() -> None:
            self._now_ns = at_ns
            self._live.add(seen)

        self.arrive(at_ns, deliver)

    def _see(self, now_ns: int) -> None:
        self._now_ns = now_ns
        self._watch.begin_look()


class SqlReplay(RuleReplay):
    """A rule by SQL over answers."""

    def __init__(self, rule: AlertRule, begin_ns: int) -> None:
        self._source = SqlSource(rule)
        super().__init__(rule, self._source, begin_ns)

    def feed(self, rows: Rows, at_ns: int) -> None:
        """Let the store answer. Raises Rejected where the answer is not what a rule can use."""
        self.arrive(at_ns, lambda: self._source.take(rows, at_ns), 0)
        self.advance(at_ns)


def rows_of(found: Sequence[Mapping[str, Any]]) -> Rows:
    """Return rows that somebody wrote as the store answers them."""
    columns = tuple(dict.fromkeys(name for row in found for name in row)) or (VALUE,)
    return Rows(columns, ("",) * len(columns), tuple(tuple(row.get(name, "") for name in columns) for row in found))
