"""Requests whose items can be told apart: each span or log record carries a name that no other has."""

import time
from collections.abc import Iterable
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline_collector.signal import Signal

NOW_NS: Final = time.time_ns()  # what is older than the retention does not stay in a real store


def body(signal: Signal, names: Iterable[str], filler: int = 0) -> bytes:
    """Return a request with one item a name."""
    if signal is Signal.TRACES:
        traces = ExportTraceServiceRequest()
        scope = traces.resource_spans.add().scope_spans.add()
        for name in names:
            scope.spans.add(
                name=name, trace_id=b"t" * 16, span_id=b"s" * 8, trace_state="x" * filler, start_time_unix_nano=NOW_NS, end_time_unix_nano=NOW_NS
            )
        return traces.SerializeToString()
    logs = ExportLogsServiceRequest()
    records = logs.resource_logs.add().scope_logs.add()
    for name in names:
        records.log_records.add(event_name=name, time_unix_nano=NOW_NS).body.string_value = "x" * filler
    return logs.SerializeToString()


def names_in(signal: Signal, payload: bytes | bytearray) -> list[str]:
    """Return the names of a payload's items."""
    if signal is Signal.TRACES:
        traces = ExportTraceServiceRequest.FromString(bytes(payload))
        return [span.name for r in traces.resource_spans for s in r.scope_spans for span in s.spans]
    logs = ExportLogsServiceRequest.FromString(bytes(payload))
    return [record.event_name for r in logs.resource_logs for s in r.scope_logs for record in s.log_records]
