"""Which services called the statements of verdicts while each lasted: the agent beside a database cannot know, the services tell it themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hookline.contract.told_records import told
from hookline.system.clock import NS_PER_S, parse_iso
from hookline_collector.api.asked_lately import Lately, Row, ask
from hookline_collector.api.questions import Reading
from hookline_collector.api.rolled_up import MINUTE_S, Ends, asked_of

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class VerdictCaller:
    """A service that called a verdict's statements, how often and how long, in the minutes of the verdict that lie in the period."""

    service: str
    calls: int
    total_s: float


@dataclass(frozen=True, slots=True)
class _Carried:
    """A statement of a verdict, from the beginning of its first minute asked for to its last second."""

    verdict_id: str
    statement_hash: str
    begin: int
    end: int


async def with_callers(reading: Reading, asked: Lately, ends: Ends, verdicts: Sequence[Row]) -> list[Row]:
    """Return verdicts, as `StoredVerdict` has them, each with who called its statements, the longest first; one statement asks for all."""
    carried = [each for row in verdicts for each in _carried(row, asked)]
    called = defaultdict(list)
    if carried:
        for row in await ask(reading, "verdict_callers", _bound(carried, ends)):
            called[row["verdict_id"]].append(told(VerdictCaller(row["service"], row["calls"], row["total_s"])))
    return [{**row, "called_by": called[row["verdict_id"]]} for row in verdicts]


def _carried(verdict: Row, asked: Lately) -> Iterator[_Carried]:
    period = asked_of(asked)
    begin, end = (-(-(parse_iso(verdict[name]) or 0) // NS_PER_S) for name in ("started", "last"))
    begin = max(begin, period.since) // MINUTE_S * MINUTE_S
    for statement in dict.fromkeys(verdict["statement_hashes"]):
        yield _Carried(verdict["verdict_id"], statement, begin, min(end, period.until - 1))


def _bound(carried: Sequence[_Carried], ends: Ends) -> Row:
    since = min(each.begin for each in carried)
    days = {day for each in carried for day in range(each.begin // DAY_S, each.end // DAY_S + 1)}
    return {
        "verdicts": [each.verdict_id for each in carried],
        "hashes": [each.statement_hash for each in carried],
        "begins": [each.begin for each in carried],
        "ends": [each.end for each in carried],
        "days": [datetime.fromtimestamp(day * DAY_S, UTC).date() for day in sorted(days)],
        "since": since,
        "until": max(each.end for each in carried) // MINUTE_S * MINUTE_S + MINUTE_S,
        "worked_until": max(since, ends.of("metrics")),
    }
