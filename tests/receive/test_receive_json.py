"""OTLP/JSON becomes the protobuf that protobuf's own converter makes of it; what is wrong is said with its place."""

import base64
import json
import math
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.errors import Rejected, TooLarge
from hookline_collector.receive.json import to_protobuf
from hookline_collector.signal import Signal
from support.cases import with_each
from support.receiving.otlp import messages
from support.soaking import examples

HEX = {"traceId", "spanId", "parentSpanId"}


def as_otlp_json(value: Any) -> Any:
    """Return what OTLP/JSON makes of protobuf's JSON: ids in hex."""
    if isinstance(value, dict):
        return {key: base64.b64decode(each).hex() if key in HEX and isinstance(each, str) else as_otlp_json(each) for key, each in value.items()}
    return [as_otlp_json(each) for each in value] if isinstance(value, list) else value


def converted(signal: Signal, given: Any) -> Any:
    """Convert a value, as a sender would write it."""
    body = given if isinstance(given, bytes) else orjson.dumps(given)
    return signal.request_class.FromString(to_protobuf(signal, body, 10_000, 64))


@given(st.sampled_from(Signal), st.data())
@settings(max_examples=examples(150), deadline=None)
def test_every_request_survives_the_way_through_json(signal: Signal, data: st.DataObject) -> None:
    """All fields of all messages, with protobuf's converter as the other half."""
    message = data.draw(messages(signal))
    given = as_otlp_json(json_format.MessageToDict(message, use_integers_for_enums=True))
    assert converted(signal, given).SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


@given(st.sampled_from(Signal), st.data())
@settings(max_examples=examples(150), deadline=None)
def test_damaged_json_is_converted_or_rejected(signal: Signal, data: st.DataObject) -> None:
    """A value anywhere replaced by another kind: never anything but Rejected, and then with a place."""
    given = as_otlp_json(json_format.MessageToDict(data.draw(messages(signal)), use_integers_for_enums=True))
    damage = data.draw(ANYTHING)
    target = given
    while isinstance(target, dict | list) and target:
        key = data.draw(st.sampled_from(sorted(target))) if isinstance(target, dict) else data.draw(st.integers(0, len(target) - 1))
        if data.draw(st.booleans()) or not isinstance(target[key], dict | list):
            target[key] = damage
            break
        target = target[key]
    try:
        converted(signal, given)
    except Rejected as rejected:
        assert "resource" in str(rejected)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def span(**fields: Any) -> Any:
    """Convert a request of one span and return the span."""
    return converted(Signal.TRACES, {"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}).resource_spans[0].scope_spans[0].spans[0]


def value_of(value: Any) -> Any:
    """Convert one attribute's value."""
    return span(attributes=[{"key": "k", "value": value}]).attributes[0].value


def test_the_differences_from_protobufs_json() -> None:
    """Hex ids in either case, enums as integers, 64-bit numbers as strings or numbers, null as absent, unknown keys ignored."""
    found = span(
        traceId="5B8EFFF798038103D269B633813FC60C",
        spanId="eee19b7ec3c1b174",
        kind=2,
        startTimeUnixNano="1544712660000000000",
        endTimeUnixNano=1544712661000000000,
        name=None,
        droppedAttributesCount="3",
        someday={"a": [1, {"b": 2}]},
        trace_state="snake_case is unknown",
    )
    assert (found.trace_id.hex(), found.span_id.hex()) == ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174")
    assert (found.kind, found.start_time_unix_nano, found.end_time_unix_nano) == (2, 1544712660000000000, 1544712661000000000)
    assert (found.name, found.dropped_attributes_count, found.trace_state) == ("", 3, "")


@with_each(
    "given, kind, expected",
    [
        ({"stringValue": "ünï\0"}, "string_value", "ünï\0"),
        ({"boolValue": False}, "bool_value", False),
        ({"intValue": "-9223372036854775808"}, "int_value", -(2**63)),
        ({"intValue": 9223372036854775807}, "int_value", 2**63 - 1),
        ({"intValue": 1e3}, "int_value", 1000),
        ({"intValue": 5.0}, "int_value", 5),
        ({"doubleValue": 1}, "double_value", 1.0),
        ({"doubleValue": "2.5e-3"}, "double_value", 0.0025),
        ({"doubleValue": "Infinity"}, "double_value", math.inf),
        ({"doubleValue": "-Infinity"}, "double_value", -math.inf),
        ({"bytesValue": "+/8="}, "bytes_value", b"\xfb\xff"),
        ({"bytesValue": "-_8"}, "bytes_value", b"\xfb\xff"),
        ({"bytesValue": ""}, "bytes_value", b""),
        ({}, None, None),
        ({"stringValue": None}, None, None),
    ],
)
def test_each_kind_of_value(given: dict[str, Any], kind: str | None, expected: Any) -> None:
    """Presence is kept: an empty string is not an absent value."""
    found = value_of(given)
    assert found.WhichOneof("value") == kind
    assert kind is None or getattr(found, kind) == expected


def test_not_a_number() -> None:
    """NaN comes as a string."""
    assert math.isnan(value_of({"doubleValue": "NaN"}).double_value)


@with_each(
    "field, value, why",
    [
        ("traceId", "xyz", "traceId: an id is written in hex digits"),
        ("traceId", "abc", "traceId: an id is written in hex digits"),
        ("traceId", 5, "traceId: a string is needed, not a number"),
        ("kind", "SPAN_KIND_SERVER", "kind: enums are integers in OTLP/JSON, not names"),
        ("kind", 2**31, "kind: the integer 2147483648 is out of range"),
        ("name", 5, "name: a string is needed, not a number"),
        ("startTimeUnixNano", "soon", "startTimeUnixNano: an integer is needed, not a string"),
        ("startTimeUnixNano", "-1", "startTimeUnixNano: the integer -1 is out of range"),
        ("startTimeUnixNano", 1.5, "startTimeUnixNano: an integer is needed, not a number"),
        ("startTimeUnixNano", True, "startTimeUnixNano: an integer is needed, not a boolean"),
        ("startTimeUnixNano", "9" * 5000, "startTimeUnixNano: an integer is needed, not a string"),
        ("startTimeUnixNano", "١", "startTimeUnixNano: an integer is needed, not a string"),
        ("attributes", {}, "attributes: a list is needed, not an object"),
        ("attributes", [None], "attributes[0]: an object is needed, not null"),
        ("attributes", [{"key": "a"}, {"value": {"intValue": []}}], "attributes[1].value.intValue: an integer is needed, not a list"),
        ("attributes", [{"value": {"bytesValue": "*"}}], "attributes[0].value.bytesValue: bytes are written in base64"),
        ("attributes", [{"value": {"boolValue": "true"}}], "attributes[0].value.boolValue: true or false is needed, not a string"),
        ("attributes", [{"value": {"doubleValue": "1_0"}}], "attributes[0].value.doubleValue: a number is needed, not a string"),
        ("status", [], "status: an object is needed, not a list"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(field: str, value: Any, why: str) -> None:
    """A developer finds the spot in the body without guessing."""
    with pytest.raises(Rejected) as rejected:
        span(**{field: value})
    assert str(rejected.value) == f"the body is not OTLP/JSON: resourceSpans[0].scopeSpans[0].spans[0].{why}"


def test_limits_hold_before_anything_is_made() -> None:
    """Values are counted, strings aside; nesting is bounded as in protobuf."""
    text = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": '{[,"\\' * 5_000}}]}]}]}).encode()
    assert converted(Signal.LOGS, text).resource_logs[0].scope_logs[0].log_records[0].body.string_value == '{[,"\\' * 5_000
    with pytest.raises(TooLarge, match="more than 10000 JSON values"):
        converted(Signal.LOGS, b'{"resourceLogs":[' + b"{}," * 10_000 + b"{}]}")
    nested: dict[str, Any] = {"intValue": 1}
    for _ in range(29):
        nested = {"arrayValue": {"values": [nested]}}
    assert value_of(nested).HasField("array_value")
    with pytest.raises(TooLarge, match="nested too deep"):
        value_of({"arrayValue": {"values": [nested]}})
    with pytest.raises(Rejected):
        converted(Signal.LOGS, b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}")


def test_an_id_of_the_wrong_length_is_converted_as_it_is() -> None:
    """It makes a span to be rejected alone, later, and not a request that is wrong."""
    assert span(traceId="ab").trace_id == b"\xab"
