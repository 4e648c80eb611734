"""The histories of the statements that matter, and what is told when one became slower.

Only statements that took a hundredth of the time that all took are followed, `MAX_FOLLOWED` at most: what is seen of a statement for the first time
has no past to be compared with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName, event
from hookline.databases.judging.fact_board import number_in
from hookline.records import LogRecord
from hookline.slowdowns.call_history import LEAST_SHARE, CallHistory, CallInterval, SlowerCalls

MAX_FOLLOWED = 200
CAUSES = ("rows", "blocks", "read_ms", "plan_ms")
_HIT, _READ = names.PG_BLOCKS[:2]
_NAMES = (names.STATEMENT_HASH, names.QUERY_SUMMARY, names.QUERY_TEXT, names.DB_NAMESPACE, names.PG_QUERYID, names.PG_ROLE)


@dataclass(slots=True)
class RegressionBook:
    """Follows the statements of one database. `hear` takes what is told of an interval."""

    where: DatabaseName
    _histories: dict[tuple[str, str, str], CallHistory] = field(default_factory=dict)

    def hear(self, records: Sequence[LogRecord]) -> list[LogRecord]:
        """Return an event for each statement that was found to be slower."""
        told = [record for record in records if record.event_name == DatabaseEvent.TOP_QUERY]
        whole = sum(number_in(record.attributes, names.PG_EXEC_MS) for record in told)
        return [found for record in told if (found := self._step(record, whole)) is not None]

    def _step(self, record: LogRecord, whole_ms: float) -> LogRecord | None:
        of = record.attributes
        if not of.get(names.STATEMENT_HASH) or of.get(names.STATEMENT_KNOWN) in {"reset", "evicted"}:
            return None
        exec_ms = number_in(of, names.PG_EXEC_MS)
        key = (str(of.get(names.DB_NAMESPACE, "")), str(of.get(names.PG_ROLE, "")), str(of.get(names.PG_QUERYID) or of[names.STATEMENT_HASH]))
        share = exec_ms / whole_ms if whole_ms else 0.0
        history = self._histories.get(key)
        if history is None:
            if share < LEAST_SHARE:
                return None
            while len(self._histories) >= MAX_FOLLOWED:
                del self._histories[next(iter(self._histories))]
            history = self._histories[key] = CallHistory(CAUSES)
        else:
            self._histories[key] = self._histories.pop(key)  # the one that was not called longest goes first
        blocks = number_in(of, _HIT) + number_in(of, _READ)
        calls, rows, read_ms, plan_ms = (number_in(of, name) for name in (names.PG_CALLS, names.PG_ROWS, names.STATEMENT_READ_MS, names.PG_PLAN_MS))
        interval = CallInterval(record.time_ns, calls, exec_ms, share, (rows, blocks, read_ms, plan_ms))
        slower = history.step(interval)
        return regression_record(self.where, slower, of, record.time_ns) if slower else None


def regression_record(where: DatabaseName, slower: SlowerCalls, of: Mapping[str, Any], at_ns: int) -> LogRecord:
    """Return what is told of a statement that became slower."""
    attributes: dict[str, Any] = {
        **{name: of[name] for name in _NAMES if name in of},
        names.REGRESSION_RATIO: round(slower.ratio, 3),
        names.REGRESSION_BEFORE_MS: round(slower.before_ms, 4),
        names.REGRESSION_AFTER_MS: round(slower.after_ms, 4),
        names.REGRESSION_SINCE: slower.since_ns,
        names.REGRESSION_P: float(f"{slower.p:.2g}"),
        names.REGRESSION_PARTS: json.dumps(slower.parts, separators=(",", ":")),
    }
    return event(where, DatabaseEvent.REGRESSION, at_ns, str(of.get(names.STATEMENT_HASH)), attributes)
