"""What the fold hands to the exporter: spans and log records as plain values.

Ids are integers as the SDK's SpanContext wants them (trace 128 bit, span 64 bit, never 0). Times are Unix nanoseconds.
Attribute values are what OTLP takes: str, bool, int, float or a tuple of one of them. `service` is the agent's name, and so
`service.name` of the resource that the exporter makes; the rest of that is the relay's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

AttributeValue = str | bool | int | float | tuple[str, ...]
Attributes = Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class SpanRecord:
    """One finished span, kind INTERNAL. `error` is the status message of a failed one, None for a status Unset."""

    trace_id: int
    span_id: int
    parent_id: int | None
    name: str
    start_ns: int
    end_ns: int
    attributes: Attributes
    error: str | None = None
    service: str = ""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One log event, sent at once. `uid` also stands in its attributes as log.record.uid."""

    uid: str
    event_name: str
    time_ns: int
    attributes: Attributes
    trace_id: int = 0
    span_id: int = 0
    body: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class FoldStep:
    """What one event made of the fold: finished spans, log records, and the uids of events that no open span needs any longer.

    The relay may remove the spool files of `released` when everything emitted up to and with this step was accepted.
    """

    spans: tuple[SpanRecord, ...] = ()
    logs: tuple[LogRecord, ...] = ()
    released: tuple[str, ...] = field(default=())
