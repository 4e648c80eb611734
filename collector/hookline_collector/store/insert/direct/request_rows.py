"""Rows of `requests_state` and `request_statements`: `requests_of_spans_mv`, `requests_of_logs_mv` and `request_statements_mv` in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hookline.contract.services import SLOW_REQUEST_RECORD
from hookline.system.clock import NS_PER_DAY
from hookline_collector.store.insert.direct.attribute_texts import Texts, bounded
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, date, float64, int64, moment, text, uint8

REQUESTS = RowLayout(
    "requests_state",
    {
        "day": date,
        "service": text,
        "request_id": text,
        "started": moment,
        "duration_ns": int64,
        "trace_id": text,
        "span_id": text,
        "route": text,
        "method": text,
        "status_code": text,
        "error_type": text,
        "is_failure": uint8,
        "has_span": uint8,
        "has_log": uint8,
        "version": text,
        "instance": text,
        "host": text,
        "reason": text,
        "threshold_s": float64,
        "first_byte_s": float64,
        "is_disconnected": uint8,
        "db_calls": int64,
        "db_s": float64,
        "loop_lag_s": float64,
        "gc_s": float64,
        "repeated_calls": int64,
        "repeated": text,
        "calls_left_out": int64,
        "calls": text,
    },
)
CALLED = RowLayout("request_statements", {"statement_hash": text, "day": date, "service": text, "request_id": text})
_HASH = re.compile('"hash": ?"([0-9a-zA-Z]{1,64})"')
_LONGEST_NS = 9_000_000_000_000_000_000
_LONGEST_S = 1e6


def request_rows_of_span(span: Values) -> Iterator[Values]:
    """Yield the request that a SERVER span is."""
    if span["SpanKind"] != "Server" or not span["SpanId"]:
        return
    of = Texts.of(span["SpanAttributes"])
    yield {
        **_shared(of, span, span["Timestamp"]),
        "duration_ns": min(span["Duration"], _LONGEST_NS),
        "route": of.first("http.route", "rpc.method") or span["SpanName"],
        "is_failure": int(span["StatusCode"] == "Error" or of["error.type"] != ""),
        "has_span": 1,
        "has_log": 0,
        "threshold_s": 0.0,
        "db_calls": 0,
        "db_s": 0.0,
        "loop_lag_s": 0.0,
        "gc_s": 0.0,
        "repeated_calls": 0,
        "repeated": "",
        "calls_left_out": 0,
        "calls": "",
    }


def request_rows_of_log(log: Values) -> Iterator[Values]:
    """Yield the request that a record of a slow or failed one tells of. Raises Odd."""
    if log["EventName"] != SLOW_REQUEST_RECORD or not log["SpanId"]:
        return
    of = Texts.of(log["LogAttributes"])
    duration_ns = int(min(bounded(of, "hookline.request.duration"), _LONGEST_S) * 1e9)
    yield {
        **_shared(of, log, max(log["Timestamp"] - duration_ns, 0)),
        "duration_ns": duration_ns,
        "route": of.first("http.route", "rpc.method"),
        "is_failure": int(of["error.type"] != "" or of["hookline.request.reason"] == "failed"),
        "has_span": 0,
        "has_log": 1,
        "threshold_s": bounded(of, "hookline.request.threshold"),
        "db_calls": of.whole("hookline.request.db.calls"),
        "db_s": bounded(of, "hookline.request.db.time"),
        "loop_lag_s": bounded(of, "hookline.request.loop_lag"),
        "gc_s": bounded(of, "hookline.request.gc_pause"),
        "repeated_calls": of.whole("hookline.request.repeated.most"),
        "repeated": of["hookline.request.repeated"],
        "calls_left_out": of.whole("hookline.request.calls_left_out"),
        "calls": of["hookline.request.calls"],
    }


def called_rows(log: Values) -> Iterator[Values]:
    """Yield which statements a slow or failed request called. Raises Odd."""
    for request in request_rows_of_log(log):
        for found in dict.fromkeys(_HASH.findall(request["calls"])):
            yield {"statement_hash": found, **{name: request[name] for name in ("day", "service", "request_id")}}


def _shared(of: Texts, row: Values, started: int) -> dict[str, object]:
    resource = Texts.of(row["ResourceAttributes"])
    return {
        "day": started // NS_PER_DAY,
        "service": row["ServiceName"],
        "request_id": f"{row['TraceId']}:{row['SpanId']}",
        "started": started,
        "trace_id": row["TraceId"],
        "span_id": row["SpanId"],
        "method": of.first("http.request.method", "rpc.system.name"),
        "status_code": of.first("http.response.status_code", "rpc.response.status_code"),
        "error_type": of["error.type"],
        "version": resource["service.version"],
        "instance": resource["service.instance.id"],
        "host": resource["host.name"],
        "reason": of["hookline.request.reason"],
        "first_byte_s": bounded(of, "hookline.request.first_byte"),
        "is_disconnected": int(of["hookline.request.disconnected"] == "true"),
    }
