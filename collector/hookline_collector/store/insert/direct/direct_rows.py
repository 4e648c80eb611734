"""A small request as rows for each table: what the views would make of it, without an engine that plans them.

The engine plans every view of the chain anew for each insert, 60 to 110 ms of processor time however little it holds. For a request of up to
`LIMIT_BYTES` Python makes the rows itself. A larger one goes by the views, and so does one that holds anything odd (`Odd`): which way a
request goes depends on its bytes alone, so that a repeated token always meets the same tables by the same way. So neither the limit nor
what counts as odd may change without a thought for requests that are between journal and store while Hookline is upgraded.

`tests/store/test_direct_rows.py` holds both ways to the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from google.protobuf.message import DecodeError

from hookline.contract.databases import DatabaseEvent
from hookline.contract.services import SLOW_REQUEST_RECORD
from hookline.system.clock import NS_PER_DAY
from hookline_collector.signal import Signal
from hookline_collector.store.insert.direct.activity_rows import (
    ACTIVITY,
    PLACES,
    SUSPENDS,
    activity_rows_of_log,
    activity_rows_of_span,
    place_rows,
    suspend_rows,
)
from hookline_collector.store.insert.direct.agent_facts import LogFacts, SpanFacts, log_facts, span_facts
from hookline_collector.store.insert.direct.attribute_texts import Odd
from hookline_collector.store.insert.direct.call_rows import CALLS, call_rows_of_log, call_rows_of_span
from hookline_collector.store.insert.direct.database_rows import (
    LOCKS,
    PLANS,
    RELATIONS,
    SAMPLES,
    STATEMENTS,
    VERDICTS,
    is_told_elsewhere,
    lock_rows,
    plan_rows,
    relation_rows,
    sample_rows,
    statement_rows,
    verdict_rows,
)
from hookline_collector.store.insert.direct.log_rows import LOGS, log_rows
from hookline_collector.store.insert.direct.point_rows import POINTS, point_rows
from hookline_collector.store.insert.direct.request_rows import CALLED, REQUESTS, called_rows, request_rows_of_log, request_rows_of_span
from hookline_collector.store.insert.direct.row_binary import RowBatch, RowLayout, Values
from hookline_collector.store.insert.direct.session_rows import SESSIONS, session_row_of_log, session_row_of_span
from hookline_collector.store.insert.direct.span_rows import SPANS, TRACES, span_rows, trace_rows
from hookline_collector.store.insert.direct.usage_rows import LIMITS, USAGE, limit_rows, usage_rows

LIMIT_BYTES = 256 * 1024
MOST_DAYS = 16
"""Of a table's rows: each is a part."""
_TIMES = ("Timestamp", "TimeUnix", "time")
_OF_SERVICES = frozenset({*DatabaseEvent, SLOW_REQUEST_RECORD})
_Facts = TypeVar("_Facts", SpanFacts, LogFacts, Values)


def direct_rows(signal: Signal, payload: bytes) -> list[RowBatch] | None:
    """Return the rows for each table that gets any; None for a request that the views have to store."""
    if len(payload) > LIMIT_BYTES:
        return None
    try:
        found = _MAKERS[signal](signal.request_class.FromString(payload))
    except (DecodeError, Odd):
        return None
    if not all(_is_on_few_days(table) for table in found):
        return None
    return [table for table in found if table.rows]


def _is_on_few_days(table: RowBatch) -> bool:
    time = next((name for name in _TIMES if name in table.layout.columns), None)
    return time is None or len({row[time] // NS_PER_DAY for row in table.rows}) <= MOST_DAYS


def _of_traces(request: Any) -> list[RowBatch]:
    rows = list(span_rows(request))
    agents = [facts for row in rows if (facts := span_facts(row)) is not None]
    return [
        RowBatch(SPANS, rows),
        RowBatch(TRACES, trace_rows(rows)),
        _each(CALLS, agents, call_rows_of_span),
        _each(ACTIVITY, agents, activity_rows_of_span),
        RowBatch(SESSIONS, [session_row_of_span(facts) for facts in agents]),
        _each(REQUESTS, rows, request_rows_of_span),
    ]


def _of_logs(request: Any) -> list[RowBatch]:
    rows = list(log_rows(request))
    agents = [facts for row in rows if (facts := log_facts(row)) is not None]
    return [
        RowBatch(LOGS, [row for row in rows if not is_told_elsewhere(row)]),
        _each(CALLS, agents, call_rows_of_log),
        _each(ACTIVITY, agents, activity_rows_of_log),
        _each(PLACES, agents, place_rows),
        _each(SUSPENDS, agents, suspend_rows),
        RowBatch(SESSIONS, [session_row_of_log(facts) for facts in agents]),
        _each(USAGE, agents, usage_rows),
        _each(LIMITS, agents, limit_rows),
        *_of_services(rows),
    ]


def _of_services(rows: Sequence[Values]) -> list[RowBatch]:
    """Return what records tell of services and databases."""
    named = [row for row in rows if row["EventName"] in _OF_SERVICES]
    return [
        _each(REQUESTS, named, request_rows_of_log),
        _each(CALLED, named, called_rows),
        _each(SAMPLES, named, sample_rows),
        _each(LOCKS, named, lock_rows),
        _each(STATEMENTS, named, statement_rows),
        _each(PLANS, named, plan_rows),
        _each(RELATIONS, named, relation_rows),
        _each(VERDICTS, named, verdict_rows),
    ]


def _of_metrics(request: Any) -> list[RowBatch]:
    found: dict[str, list[Values]] = {kind: [] for kind in POINTS}
    for kind, row in point_rows(request):
        found[kind].append(row)
    return [RowBatch(POINTS[kind], rows) for kind, rows in found.items()]


def _each(layout: RowLayout, agents: Sequence[_Facts], rows: Callable[[_Facts], Iterator[Values]]) -> RowBatch:
    return RowBatch(layout, [row for facts in agents for row in rows(facts)])


_MAKERS: dict[Signal, Callable[[Any], list[RowBatch]]] = {Signal.TRACES: _of_traces, Signal.LOGS: _of_logs, Signal.METRICS: _of_metrics}
