"""A rule over what was: the same source, state machine and moments as live, with a clock that jumps from one to the next.

Used by tests of rules and by the backtest. Items come in order of their times, and are looked at as live: a moment after they arrived, and when time
alone may change something.
"""

from __future__ import annotations

from hookline_collector.alerts.alert import AlertTransition
from hookline_collector.alerts.alert_engine import DEBOUNCE_NS
from hookline_collector.alerts.baseline import BaselineTable
from hookline_collector.alerts.item_reading import MeasuredItem
from hookline_collector.alerts.item_source import ItemSource
from hookline_collector.alerts.rule import AlertRule
from hookline_collector.alerts.rule_run import PastLimit, RuleRun


class RuleReplay:
    """One rule over items, from a moment on. What the window missed before that moment is held to be nothing."""

    def __init__(self, rule: AlertRule, begin_ns: int, baselines: BaselineTable | None = None) -> None:
        self._source = ItemSource(rule, begin_ns - MAX_WINDOW_NS, baselines)
        self.run = RuleRun(rule, self._source)
        self._due_ns: int | None = begin_ns
        self.transitions: list[AlertTransition] = []

    def feed(self, item: MeasuredItem) -> None:
        """Let an item arrive at its own time."""
        self.advance(item.at_ns)
        self._source.add(item, item.at_ns)
        soon_ns = item.at_ns + DEBOUNCE_NS
        self._due_ns = soon_ns if self._due_ns is None else min(self._due_ns, soon_ns)

    def advance(self, to_ns: int) -> None:
        """Look at the rule at each moment at which it is due, up to one."""
        while self._due_ns is not None and self._due_ns <= to_ns:
            now_ns = self._due_ns
            try:
                self.transitions += self.run.evaluate(now_ns)
            except PastLimit as why:
                self.transitions += why.transitions
            next_ns = self.run.next_ns(now_ns)
            self._due_ns = None if next_ns is None else max(next_ns, now_ns + 1)


MAX_WINDOW_NS = 8 * 86_400 * 1_000_000_000
