"""What answers read of rollups, and what of the rows behind them.

A view that joins both is planned anew for each question, which takes ten times as long as reading a day of ten databases. So the questions are flat:
when the rollups end is read once for all statements (`RollupEnds`), and each statement reads the rollup up to there and single rows from there
on. An end that is a minute old is as good as the newest: what is rolled up stays, and so do the rows.

Statements that do not need each other are asked side by side. The rows of whole hours and minutes (SETTLED) are kept as long as the ends that they
were read with: an open page, and the next database that somebody looks at, ask for the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hookline_collector.api.asked_lately import Lately, Row, ask
from hookline_collector.api.questions import Reading
from hookline_collector.rollups.rolled_until import rolled_until, rolled_until_asked

HOUR_S, MINUTE_S = 3_600, 60
LEAST_HOURS = 2
KNOWN_FOR_S = 60.0
SETTLED = frozenset(
    {
        *(
            "database_sessions",
            "database_class_hours",
            "statement_load_hours",
            "database_statement_hours",
            "database_relation_hours",
            "database_gauges",
        ),
        *("service_durations", "service_statements", "service_runtime"),
    }
)
MOST_SETTLED = 40
StatementAsked = tuple[str, Mapping[str, Any]]
"""The name of a statement, and what it binds."""


@dataclass(frozen=True, slots=True)
class ReadRange:
    """From when until when a table is read, in whole seconds; one without length is not read."""

    since: int
    until: int

    @property
    def bound(self) -> Row:
        """What a statement binds."""
        return {"since": self.since, "until": self.until}

    def before(self, end: int) -> ReadRange:
        """Return what lies before a moment."""
        return ReadRange(self.since, min(self.until, end))

    def behind(self, end: int) -> ReadRange:
        """Return what lies behind it."""
        return ReadRange(max(self.since, end), self.until)

    def hours(self, end: int) -> ReadRange:
        """Return the whole hours of it before a moment; none, at its beginning, where they are too few to be worth a statement of their own."""
        first, last = -(-self.since // HOUR_S) * HOUR_S, min(self.until, end) // HOUR_S * HOUR_S
        return ReadRange(first, last) if last - first >= LEAST_HOURS * HOUR_S else ReadRange(self.since, self.since)

    def __bool__(self) -> bool:
        return self.since < self.until


@dataclass(frozen=True, slots=True)
class Ends:
    """When what was worked out ends, in seconds; 0 where nothing was."""

    by_word: Mapping[str, int] = field(default_factory=dict)
    settled: dict[Any, list[Row]] = field(default_factory=dict, compare=False)

    def of(self, word: str) -> int:
        """Return the end of `metrics`, or of one of `rollups.database_rollups.TABLES`."""
        return self.by_word.get(word, 0)


class RollupEnds:
    """Knows where the rollups end, and asks now and then."""

    def __init__(self) -> None:
        self._known = Ends()
        self._until_s = 0.0

    async def read(self, reading: Reading) -> Ends:
        """Return the ends as they are, or were a minute ago."""
        now_s = time.monotonic()
        if now_s >= self._until_s:
            answer = await reading.ask(rolled_until_asked(), {})
            self._known, self._until_s = Ends(rolled_until(answer)), now_s + KNOWN_FOR_S
        return self._known


def asked_of(asked: Lately) -> ReadRange:
    """Return the period that a question names."""
    bound = asked.bound
    return ReadRange(bound["since"], bound["until"])


def of_metrics(asked: Lately, ends: Ends) -> Row:
    """Return what statements about metrics bind: hours or minutes up to where they are worked out, and single points from there on."""
    bound = asked.bound
    source = "otel_metrics_1h" if bound["step"] >= HOUR_S else "otel_metrics_minutes"
    return bound | {"source": source, "worked_until": max(bound["since"], ends.of("metrics"))}


def rolled_and_told(asked: Lately, ends: Ends) -> tuple[ReadRange, ReadRange]:
    """Return the hours or minutes of metrics that are worked out, from the beginning of the first on, and what lies behind them."""
    bound = of_metrics(asked, ends)
    step, worked_until = bound["step"], bound["worked_until"]
    return ReadRange(bound["since"] // step * step, min(bound["until"], worked_until)), ReadRange(worked_until, bound["until"])


def metric_parts(name: str, asked: Lately, ends: Ends, **bound: Any) -> list[StatementAsked]:
    """Return a statement about metrics for what is worked out, and the one for what is not, the older first."""
    rolled, told = rolled_and_told(asked, ends)
    parts: tuple[tuple[str, ReadRange, Row], ...] = ((name, rolled, {"source": of_metrics(asked, ends)["source"]}), (f"{name}_told", told, {}))
    return [(each, bound | stretch.bound | more) for each, stretch, more in parts if stretch]


async def side_by_side(reading: Reading, parts: Iterable[StatementAsked]) -> list[list[Row]]:
    """Return the rows of each statement, in their order."""
    return list(await asyncio.gather(*(ask(reading, name, bound) for name, bound in parts)))


async def all_rows(reading: Reading, parts: Iterable[StatementAsked], ends: Ends) -> list[Row]:
    """Return the rows of all statements together."""
    return [row for rows in await asyncio.gather(*(_rows(reading, name, bound, ends) for name, bound in parts)) for row in rows]


async def _rows(reading: Reading, name: str, bound: Mapping[str, Any], ends: Ends) -> list[Row]:
    """Return the rows of a statement, those of whole hours from memory where they were asked for lately; nobody changes them."""
    if name not in SETTLED:
        return await ask(reading, name, bound)
    key = (name, *sorted(bound.items()))
    if key not in ends.settled:
        rows = await ask(reading, name, bound)
        while len(ends.settled) >= MOST_SETTLED:
            del ends.settled[next(iter(ends.settled))]
        ends.settled[key] = rows
    return ends.settled[key]
