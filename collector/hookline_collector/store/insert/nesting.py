"""Arrays and key-value lists in attributes and bodies become JSON text before ClickHouse reads them.

AnyValue is recursive and ClickHouse's Protobuf reader refuses recursion, so nested values are made texts here, at any depth.
Most requests have none or only one in the resource (a command's arguments), and Python must not walk every attribute of every
span. So a value is found in the bytes: each stands as field 2 of a KeyValue (a log's body as field 5 of its record), so its tag, a
length and the tag of an array (5) or of a list (6) follow each other, and the two lengths agree. Only the resources, scopes, spans,
records and metrics that hold such a place are written anew, spans and records mostly without being parsed; every other byte is passed on
as it is. A place that is none, such as bytes of an id that look alike, costs one parse, and no copy. An encoder that writes values in
a way that the pattern misses (none does) finds them stored as base64, not lost.

The text is what the exporter writes: keys sorted, bytes as base64, whole floats without a fraction, no value as null.
"""

import base64
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from hookline_collector.signal import Signal
from hookline_collector.wire.protobuf import fields, framed, head, read_varint

_NESTED = rb"[\x80-\xff]{0,4}[\x00-\x7f][\x2a\x32]"
_PLACES = (re.compile(rb"\x12" + _NESTED),)
_PLACES_IN_LOGS = (*_PLACES, re.compile(rb"\x2a" + _NESTED))  # one search a byte: for either of two at once it takes three times as long
_KEY_TAG, _VALUE_TAG, _ANY_VALUE, _STRING = 0x0A, 0x12, 2, 1
_WINDOW_BYTES, _LOOK_AHEAD_BYTES = 1 << 20, 8
_MAX_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Shape:
    """How to go down a message: into the fields of `children`, or, with `flatten`, by parsing it whole; `attributes` is the field that holds them."""

    children: Mapping[int, "Shape"] = field(default_factory=dict)
    message: type[Any] | None = None
    attributes: int = 0
    flatten: Callable[[Any], None] = lambda message: None


def flatten(signal: Signal, payload: bytes) -> bytes:
    """Return requests laid end to end with every array and key-value list as JSON text; the same object when there is none.

    Bytes that are no such requests come back as they are: it is for ClickHouse to refuse them.
    """
    patterns = _PLACES_IN_LOGS if signal is Signal.LOGS else _PLACES
    places = sorted({at for at in _look_alikes(payload, patterns) if _agrees(payload, at + 1)})
    if not places:
        return payload
    try:
        written = _rewritten(payload, 0, len(payload), _SHAPES[signal], places)
    except (DecodeError, IndexError, ValueError, RecursionError):
        return payload
    return payload if written is None else written


def _look_alikes(data: bytes, patterns: Iterable[re.Pattern[bytes]]) -> Iterator[int]:
    """Yield where the patterns match, a window at a time: one long search would keep other threads from running.

    A search goes on behind what matched, a quarter faster than one that only looks ahead. Within a match another can begin at its last two
    bytes only, as those before them are no tags. A place may come twice.
    """
    for pattern in patterns:
        for start in range(0, len(data), _WINDOW_BYTES):
            for match in pattern.finditer(data, start, start + _WINDOW_BYTES + _LOOK_AHEAD_BYTES):
                at, end = match.span()
                if at < start + _WINDOW_BYTES:
                    yield at
                    for inside in (end - 2, end - 1):
                        if data[inside] == data[at] and pattern.match(data, inside):
                            yield inside


def _rewritten(data: bytes, start: int, end: int, shape: Shape, places: list[int]) -> bytes | None:
    """Return the message in data[start:end], which holds one of the places, with its nested values as texts; None where it has none after all."""
    if shape.message is not None:
        if shape.attributes:
            with suppress(DecodeError, IndexError, ValueError):  # a look-alike in something odd: to parse it says what it is
                if (spliced := _spliced(data, start, end, shape.attributes, places)) is not None:
                    return spliced
        message = shape.message.FromString(data[start:end])
        shape.flatten(message)
        written: bytes = message.SerializeToString()
        return None if written == data[start:end] else written
    pieces: list[bytes | memoryview] = []
    view, copied, place = memoryview(data), start, bisect_left(places, start)
    for number, at, begin, stop in fields(data, start, end):
        while place < len(places) and places[place] < begin:
            place += 1
        if place == len(places) or places[place] >= end:
            break
        child = shape.children.get(number)
        if child is not None and places[place] < stop:
            new = _rewritten(data, begin, stop, child, places)
            if new is not None:
                pieces += (view[copied:at], head(number, len(new)), new)
                copied = stop
    return b"".join([*pieces, view[copied:end]]) if pieces else None


def _spliced(data: bytes, start: int, end: int, attributes: int, places: list[int]) -> bytes | None:
    """Return the message in data[start:end] with texts in place of its attributes' nested values; every other byte stays.

    None where a place lies elsewhere, or something before the last of them is not written as every encoder does: then the message has to be
    parsed, which takes twice as long.
    """
    pieces: list[bytes] = []
    copied = at = start
    index, last = bisect_left(places, start), bisect_left(places, end)
    while index < last:
        if at >= end:
            return None
        tag, length, begin = data[at], data[at + 1], at + 2
        if tag & 7 == 1:  # the times
            at += 9
            continue
        if length > 0x7F:
            length, begin = read_varint(data, at + 1)
        stop = begin + length if tag & 7 == 2 else begin
        if tag & 7 not in (0, 2) or tag > 0x7F or stop > end:
            return None
        if places[index] < stop:
            place = places[index]
            if tag >> 3 != attributes or (text := _nested_text(data, place, begin, stop)) is None:
                return None
            value = framed(_ANY_VALUE, framed(_STRING, text))
            pieces += (data[copied:at], head(attributes, place - begin + len(value)), data[begin:place], value)
            copied, index = stop, bisect_left(places, stop, index)
        at = stop
    return b"".join([*pieces, data[copied:end]])


def _nested_text(data: bytes, place: int, begin: int, stop: int) -> bytes | None:
    """Return a nested value's text; None where `place` is not that of an attribute's value: in data[begin:stop] after its key, at its end."""
    length, key = read_varint(data, begin + 1)
    value_length, value = read_varint(data, place + 1)
    if data[begin] != _KEY_TAG or data[place] != _VALUE_TAG or key + length != place or value + value_length != stop:
        return None
    return orjson.dumps(plain(AnyValue.FromString(data[value:stop])), option=orjson.OPT_SORT_KEYS)


def _agrees(data: bytes, at: int) -> bool:
    """Whether at `at` stands the length of a message that is exactly one length-delimited field."""
    try:
        length, inside = read_varint(data, at)
        inner, content = read_varint(data, inside + 1)
    except (IndexError, ValueError):  # the bytes end, or go on as no number does: an id, a text
        return False
    return content + inner == inside + length <= len(data)


def _flatten_attributes(attributes: Iterable[KeyValue]) -> None:
    for attribute in attributes:
        _flatten_value(attribute.value)


def _flatten_value(value: AnyValue) -> None:
    if value.HasField("array_value") or value.HasField("kvlist_value"):
        value.string_value = orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS).decode()


def plain(value: AnyValue) -> Any:
    """Return a value as JSON has it."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(element) for element in value.array_value.values]
    if kind == "kvlist_value":
        return {element.key: plain(element.value) for element in value.kvlist_value.values}
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    if kind == "double_value":
        number = value.double_value
        return int(number) if abs(number) < _MAX_EXACT and number.is_integer() else number
    return getattr(value, kind) if kind in ("string_value", "bool_value", "int_value") else None


def _flatten_holder(holder: Resource | InstrumentationScope) -> None:
    _flatten_attributes(holder.attributes)


def _flatten_span(span: Span) -> None:
    _flatten_attributes(span.attributes)
    for event in span.events:
        _flatten_attributes(event.attributes)
    for link in span.links:
        _flatten_attributes(link.attributes)


def _flatten_record(record: LogRecord) -> None:
    _flatten_attributes(record.attributes)
    _flatten_value(record.body)


def _flatten_metric(metric: Metric) -> None:
    kind = metric.WhichOneof("data")
    for point in getattr(metric, kind).data_points if kind else ():
        _flatten_attributes(point.attributes)
        for exemplar in getattr(point, "exemplars", ()):
            _flatten_attributes(exemplar.filtered_attributes)


def _request(message: type[Any], flatten_item: Callable[[Any], None], attributes: int = 0) -> Shape:
    item = Shape(message=message, flatten=flatten_item, attributes=attributes)
    scope = Shape(message=InstrumentationScope, flatten=_flatten_holder)
    resource = Shape(message=Resource, flatten=_flatten_holder)
    return Shape({1: Shape({1: resource, 2: Shape({1: scope, 2: item})})})


_SHAPES: dict[Signal, Shape] = {
    Signal.TRACES: _request(Span, _flatten_span, Span.ATTRIBUTES_FIELD_NUMBER),
    Signal.LOGS: _request(LogRecord, _flatten_record, LogRecord.ATTRIBUTES_FIELD_NUMBER),
    Signal.METRICS: _request(Metric, _flatten_metric),
}
