"""Works metrics out by minute and hour, an hour at a time, from the points that are stored.

An hour is worked out when it is over, and again when the store has more points of it than it was worked out from: points that came late, from
whoever and whichever collector. Working it out twice gives the same rows, and the newest version of a row counts, so nothing is counted twice after a
kill or by two collectors at once. An insert pays nothing for it. Where the store has fewer points than before, the retention took them: what
was worked out stays.

The hour after a late point follows, since a running total grows from its last point on. After a start, what was worked out in the last hour is
worked out again: a power cut or a kill may have kept the note of it and taken the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

import orjson

from hookline_collector.store.queries import load_query
from hookline_collector.store.rows import Rows

HOUR_S = 3600
GRACE_S = 360
"""How long points of an hour may be under way before it is worked out: they wait in the journal as long as nobody reads."""
MOST_HOURS = 48
"""In one go; after an upgrade a month of points waits."""


class RollupStore(Protocol):
    """The part of the store that is needed here."""

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Answer our own SQL."""

    def command(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Run our own statement."""

    def write(self, table: str, lines: bytes) -> None:
        """Insert rows as lines of JSON."""


class MetricRollups:
    """Rollups of one store. Calls block."""

    def __init__(self, store: RollupStore, now_s: Callable[[], float], most_hours: int = MOST_HOURS) -> None:
        self._store = store
        self._most_hours = most_hours
        self._now_s = now_s
        self._is_first = True

    def catch_up(self) -> int:
        """Work out hours that are over and stale, the oldest first; return how many. What fails, or is left, is worked out with the next call."""
        over = self._now_s() - HOUR_S - GRACE_S
        stale = {hour: points for hour, points in self._stale().items() if hour <= over}
        due = sorted(stale)[: self._most_hours]
        for hour in due:
            self._roll(hour, stale[hour])
        self._is_first = False
        return len(due)

    def _stale(self) -> dict[int, int]:
        """Return the stale hours, with how many points they have; also the one behind each that was worked out before."""
        days = [day for (day,) in self._ask("stale_days")]
        found = {hour: points for day in days for hour, points in self._ask("stale_hours", day=day, again=0)}
        if self._is_first:
            recent = {_day(self._now_s()), _day(self._now_s() - 24 * HOUR_S)}
            found |= {hour: points for day in recent for hour, points in self._ask("stale_hours", day=day, again=1)}
        behind = {hour + HOUR_S for hour in found} - found.keys()
        return found | self._known(behind)

    def _known(self, hours: set[int]) -> dict[int, int]:
        sql = "SELECT toUnixTimestamp(hour), points FROM metric_rollup_hours FINAL WHERE toUnixTimestamp(hour) IN {hours:Array(UInt32)}"
        return dict(self._store.query(sql, {"hours": sorted(hours)}).rows) if hours else {}

    def _roll(self, hour: int, points: int) -> None:
        """Write an hour's rows, and only then that it is worked out. Points that come meanwhile make it stale again.

        The note is an insert that the waterline waits for, so a waterline that has the note has the rows.
        """
        for name in ("roll_minutes", "roll_hours"):
            self._store.command(load_query(__package__, name), {"since": hour, "until": hour + HOUR_S})
        self._store.write("metric_rollup_hours", orjson.dumps({"hour": hour, "points": points}))

    def _ask(self, name: str, **values: object) -> Rows:
        return self._store.query(load_query(__package__, name), values)


def _day(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()
