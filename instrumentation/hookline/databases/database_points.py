"""A figure as a point of a metric, before it is OTLP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from hookline.contract.databases import DATABASE_METRICS
from hookline.databases.statement_growth import CounterTable
from hookline.records import Attributes, LogRecord

NO_ATTRIBUTES: Attributes = {}


class DatabasePoint(NamedTuple):
    """A value of a metric of the contract; a sum's value is its growth."""

    name: str
    value: float
    attributes: Attributes = NO_ATTRIBUTES


class DatabaseOut(Protocol):
    """Where records and points of one database go."""

    def events(self, records: Iterable[LogRecord]) -> None:
        """Send log events."""

    def points(self, points: Iterable[DatabasePoint], since_ns: int) -> None:
        """Send points; sums are about the time from then until now."""


class ReadingPoints:
    """Collects points of one reading; counters go in as totals and come out as growth."""

    def __init__(self, table: CounterTable) -> None:
        self._table = table
        self.points: list[DatabasePoint] = []

    def gauge(self, name: str, value: float | None, attributes: Attributes = NO_ATTRIBUTES) -> None:
        """Add what there is now; nothing where the server does not say."""
        if value is not None:
            self.points.append(DatabasePoint(name, value, attributes))

    def total(self, name: str, value: float | None, attributes: Attributes = NO_ATTRIBUTES) -> float | None:
        """Add what a counter grew by; return it, None for the first reading. Counters that stand still are not told, but for a first zero."""
        if value is None:
            return None
        grown = self._table.growth((name, *sorted(attributes.items())), float(value))
        if grown is not None and (grown or name in _ALWAYS):
            self.points.append(DatabasePoint(name, grown, attributes))
        return grown


_ALWAYS = frozenset(name for name, metric in DATABASE_METRICS.items() if metric.kind == "sum" and len(metric.attributes) <= 1)
"""Counters with few series: a zero is told too, so that nobody takes silence for health."""
