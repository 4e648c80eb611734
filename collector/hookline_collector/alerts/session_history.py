"""What was told of sessions in a time, as a statement and as observations: in the order in which it was told, as far as the store knows that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hookline.contract.scopes import AGENT_SCOPE, COLLECTOR_SCOPE, HISTORY_SCOPE, NATIVE_SCOPE_PREFIXES, Source
from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.measure_sql import moment
from hookline_collector.signals.observations import Observation
from hookline_collector.signals.requests import of_log, of_span

LONGEST_NS: Final = 86_400 * NS_PER_S  # a span is looked for under its beginning
_SCOPES: Final = ", ".join(f"'{scope}'" for scope in (AGENT_SCOPE, HISTORY_SCOPE, COLLECTOR_SCOPE))
_NATIVE: Final = " OR ".join(f"startsWith(ScopeName, '{prefix}')" for prefix in NATIVE_SCOPE_PREFIXES)
_AGENTS: Final = f"(ScopeName IN ({_SCOPES}) OR {_NATIVE})"


def told_of_sessions(begin_ns: int, end_ns: int) -> str:
    """Return the statement: records at their times, spans at their ends."""
    logs = (
        "SELECT 0 AS is_span, if(EventName = '', LogAttributes['event.name'], EventName) AS name, toUnixTimestamp64Nano(Timestamp) AS start_ns,\n"
        "  start_ns AS end_ns, ScopeName AS scope, mapConcat(ResourceAttributes, LogAttributes) AS attributes\nFROM otel_logs\n"
        f"WHERE Timestamp > {moment(begin_ns)} AND Timestamp <= {moment(end_ns)} AND {_AGENTS} AND LogAttributes['session.id'] != ''"
    )
    spans = (
        "SELECT 1 AS is_span, SpanName AS name, toUnixTimestamp64Nano(Timestamp) AS start_ns, start_ns + toInt64(Duration) AS end_ns,\n"
        "  ScopeName AS scope, mapConcat(ResourceAttributes, SpanAttributes) AS attributes\nFROM otel_traces\n"
        f"WHERE Timestamp > {moment(begin_ns - LONGEST_NS)} AND Timestamp <= {moment(end_ns)} AND end_ns > {begin_ns} AND end_ns <= {end_ns}\n"
        f"  AND {_AGENTS} AND SpanAttributes['session.id'] != ''"
    )
    return f"SELECT * FROM ({logs}\nUNION ALL\n{spans})\nORDER BY end_ns"  # noqa: S608 - ours


def seen_in(row: Mapping[str, Any]) -> Iterator[Observation]:
    """Yield what a row says."""
    source = Source.of(str(row["scope"]))
    if source is None:
        return
    start_ns, end_ns = int(str(row["start_ns"])), int(str(row["end_ns"]))
    if int(str(row["is_span"])):
        yield from of_span(str(row["name"]), start_ns, end_ns, row["attributes"], source)
    else:
        yield from of_log(str(row["name"]), start_ns, row["attributes"], source)
