"""What the statements about services and databases bind of a period, and their rows as the API tells them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from hookline.system.clock import NS_PER_S
from hookline_collector.api.periods import lately
from hookline_collector.api.questions import Reading
from hookline_collector.api.stored_rows import rows_of
from hookline_collector.store.queries import load_query
from hookline_collector.work.period import Period

Row = dict[str, Any]
_HOURS_FROM_S = 36 * 3_600


@dataclass(frozen=True, slots=True)
class Lately:
    """A period as statements bind it."""

    period: Period

    @classmethod
    def of(cls, request: Request, timezone: str) -> Lately:
        """Return the period that a question names. Raises Rejected."""
        return cls(lately(request, timezone, time.time_ns()))

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.period.end_ns - self.period.start_ns) / NS_PER_S

    @property
    def bound(self) -> Row:
        """What the statements bind."""
        start_s, end_s = self.period.start_ns // NS_PER_S, -(-self.period.end_ns // NS_PER_S)
        return {
            "since": start_s,
            "until": end_s,
            "first_day": self.period.since,
            "last_day": self.period.until,
            "seconds": float(end_s - start_s),
            "step": 3_600 if self.seconds >= 6 * 3_600 else 60,
            "by_hours": int(self.seconds > _HOURS_FROM_S),
        }


async def ask(reading: Reading, name: str, bound: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a statement of the API."""
    return (await reading.ask(load_query(__package__, name), bound)).as_dicts()


async def ask_for(reading: Reading, record: type, name: str, bound: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a statement that tells all of a record, with its moments as the API tells them."""
    return rows_of(record, await reading.ask(load_query(__package__, name), bound))
