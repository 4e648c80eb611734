"""Which statements' plans are asked for and when, and what is told of them. Pure: the clock is given.

Asked is for few: the statements that took most time since the last round, `A_ROUND` at most. One is asked for again after ten minutes, or after
one when its calls take half as long again as when it was asked for last: a plan that changed is looked for where its effect is felt. A plan is
told when it is new and, so that the store knows how long it was in use, once an hour; a change with both plans and what a call took before and since.

What was seen before a restart of the agent is not known here: of a change that happened meanwhile there is no event, only two plans in the store.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any, Final

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName, NamedGrowth, event, shown, text_of
from hookline.databases.statement_growth import StatementGrowth, StatementKey
from hookline.records import LogRecord
from hookline.sql.sql_plan import StatementPlan

A_ROUND: Final = 10
SLOWER: Final = 1.5
MAX_STATEMENTS: Final = 500
GENERIC: Final = "generic"


@dataclass(frozen=True, slots=True)
class PlanPace:
    """How long until a statement is asked for again, in seconds."""

    again_s: float = 600.0
    slower_s: float = 60.0
    """When its calls became slower."""
    refused_s: float = 3_600.0
    """When it could not be explained: its table is gone, its text was cut."""
    told_s: float = 3_600.0
    """Until a plan that stays is told again."""


@dataclass(slots=True)
class _Asked:
    plan: StatementPlan | None = None
    mean_ms: float = 0.0
    """Of the interval in which the plan was seen last."""
    grown_ms: float = 0.0
    """Execution time since it was asked for last."""
    latest_ms: float = 0.0
    asked_s: float = float("-inf")
    told_s: float = float("-inf")
    is_refused: bool = False

    def is_due(self, now_s: float, pace: PlanPace) -> bool:
        """Whether it is worth a question now."""
        passed_s = now_s - self.asked_s
        if self.is_refused:
            return passed_s >= pace.refused_s
        is_slower = self.plan is not None and self.latest_ms > SLOWER * self.mean_ms
        return passed_s >= (pace.slower_s if is_slower else pace.again_s)


@dataclass(slots=True)
class PlanBook:
    """The plans of one server's statements."""

    where: DatabaseName
    pace: PlanPace = field(default_factory=PlanPace)
    _asked: OrderedDict[StatementKey, _Asked] = field(default_factory=OrderedDict)

    def heard(self, growths: Iterable[StatementGrowth], authors: Mapping[int, frozenset[int]]) -> None:
        """Take note of what statements took in an interval. `authors` are the roles whose statements may be explained, by database."""
        for growth in growths:
            key, calls = growth.key, growth.calls
            if not key.toplevel or calls <= 0 or key.user_id not in authors.get(key.database_id, frozenset()):
                continue
            known = self._asked.setdefault(key, _Asked())
            self._asked.move_to_end(key)
            known.grown_ms += growth.exec_ms
            known.latest_ms = growth.exec_ms / calls
        while len(self._asked) > MAX_STATEMENTS:
            self._asked.popitem(last=False)

    def __contains__(self, key: object) -> bool:
        """Whether a statement is followed."""
        return key in self._asked

    def due(self, now_s: float) -> list[StatementKey]:
        """Return what is to be asked for in this round, that which took most time first."""
        ready = [
            (known.grown_ms, number, key)
            for number, (key, known) in enumerate(self._asked.items())
            if known.grown_ms and known.is_due(now_s, self.pace)
        ]
        return [key for _, _, key in nlargest(A_ROUND, ready, key=lambda each: each[:2])]

    def refused(self, key: StatementKey, now_s: float) -> None:
        """Take note that a statement could not be explained."""
        if (known := self._asked.get(key)) is not None:
            known.asked_s, known.is_refused, known.grown_ms = now_s, True, 0.0

    def saw(self, key: StatementKey, plan: StatementPlan, named: NamedGrowth, now_s: float, at_ns: int) -> list[LogRecord]:
        """Take a plan; return what is told of it."""
        known = self._asked.get(key)
        if known is None:
            return []
        before, mean_before = known.plan, known.mean_ms
        told: list[LogRecord] = []
        if before is not None and before.hash != plan.hash:
            told.append(self._change(named, before, plan, mean_before, known.latest_ms, at_ns))
        if before is None or before.hash != plan.hash or now_s - known.told_s >= self.pace.told_s:
            told.append(self._plan(named, plan, at_ns))
            known.told_s = now_s
        known.plan, known.mean_ms, known.asked_s, known.grown_ms, known.is_refused = plan, known.latest_ms, now_s, 0.0, False
        return told

    def _plan(self, named: NamedGrowth, plan: StatementPlan, at_ns: int) -> LogRecord:
        attributes = _of(named) | {
            names.QUERY_PLAN: plan.text,
            names.PLAN_HASH: plan.hash,
            names.PLAN_SOURCE: GENERIC,
            names.PLAN_COST: plan.cost,
        }
        return event(self.where, DatabaseEvent.QUERY_PLAN, at_ns, repr(named.growth.key), attributes)

    def _change(self, named: NamedGrowth, before: StatementPlan, plan: StatementPlan, mean_before_ms: float, mean_ms: float, at_ns: int) -> LogRecord:
        attributes = _of(named) | {
            names.PLAN_SOURCE: GENERIC,
            names.PLAN_HASH: plan.hash,
            names.PLAN_HASH_BEFORE: before.hash,
            names.PLAN_COST: plan.cost,
            names.PLAN_COST_BEFORE: before.cost,
            names.PLAN_MEAN: round(mean_ms, 4),
            names.PLAN_MEAN_BEFORE: round(mean_before_ms, 4),
            names.PLAN_RATIO: round(mean_ms / mean_before_ms, 3) if mean_before_ms else None,
            names.QUERY_PLAN: plan.text,
            names.QUERY_PLAN_BEFORE: before.text,
        }
        return event(self.where, DatabaseEvent.PLAN_CHANGE, at_ns, repr(named.growth.key), attributes)


def _of(named: NamedGrowth) -> dict[str, Any]:
    return {
        names.DB_NAMESPACE: named.database,
        names.PG_ROLE: shown(named.role),
        names.PG_QUERYID: str(named.growth.key.query_id),
        **text_of(named.text),
    }
