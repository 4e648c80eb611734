"""OTLP/JSON to protobuf, driven by tables made from the descriptors.

OTLP/JSON is proto3 JSON with four differences: trace and span ids are hex, enums are integers only, keys are lowerCamelCase
only, unknown keys are ignored. protobuf's json_format knows nothing of that and takes 86 µs a span. Here each message type
has a table `JSON key → (field, reader of its value)`; one walk turns the parsed JSON into keyword arguments, and protobuf's
constructor makes messages of them in C.

What is wrong is said with its place: `resourceSpans[0].scopeSpans[0].spans[3].traceId: ...`. Objects, lists and elements are
counted on the raw bytes before anything is made of them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from hookline.errors import Rejected, TooLarge
from hookline_collector.signal import Signal

Reader = Callable[[Any, int], Any]  # (JSON value, levels of messages left) → what protobuf's constructor takes
Table = dict[str, tuple[str, Reader]]

_HEX_FIELDS = frozenset({"trace_id", "span_id", "parent_span_id"})
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_DIGITS = re.compile(r"-?[0-9]+")
_INTEGERS = {"INT32": (-(2**31), 2**31), "UINT32": (0, 2**32), "INT64": (-(2**63), 2**63), "UINT64": (0, 2**64)}
_ALIASES = {"SINT32": "INT32", "SFIXED32": "INT32", "ENUM": "INT32", "FIXED32": "UINT32", "SINT64": "INT64", "SFIXED64": "INT64", "FIXED64": "UINT64"}


class _Wrong(Exception):
    """A value that does not fit. `steps` lead to it, innermost first."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.steps: list[str] = []

    def place(self) -> str:
        return "".join(reversed(self.steps)).removeprefix(".") or "the body"


def to_protobuf(signal: Signal, body: bytes, max_messages: int, max_depth: int) -> bytes:
    """Return the request as protobuf. Raises Rejected for what is not OTLP/JSON, TooLarge past the limits."""
    check_size(body, max_messages)
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as why:
        raise Rejected(f"the body is not JSON: {why.msg} at line {why.lineno}, column {why.colno}") from None
    try:
        arguments = _read_message(_table(signal), parsed, max_depth + 1)
    except _Wrong as wrong:
        raise Rejected(f"the body is not OTLP/JSON: {wrong.place()}: {wrong}") from None
    serialized: bytes = signal.request_class(**arguments).SerializeToString()
    return serialized


def check_size(body: bytes, max_messages: int) -> None:
    """Raise TooLarge when the body holds more values than the limit. Strings are looked into only when in doubt."""
    if _values(body) > max_messages and _values(_STRINGS.sub(b"", body)) > max_messages:
        raise TooLarge(f"the body holds more than {max_messages} JSON values; send smaller batches or raise limits.max_messages")


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b"{") + body.count(b"[")


def _read_message(table: Table, value: Any, levels: int) -> dict[str, Any]:
    if type(value) is not dict:
        raise _Wrong(f"an object is needed, not {_kind(value)}")
    if not levels:
        raise TooLarge("messages are nested too deep; flatten the values or raise limits.max_depth")
    found = {}
    for key, given in value.items():
        row = table.get(key)
        if row is None or given is None:
            continue
        try:
            found[row[0]] = row[1](given, levels - 1)
        except _Wrong as wrong:
            wrong.steps.append(f".{key}")
            raise
    return found


def _read_list(reader: Reader, value: Any, levels: int) -> list[Any]:
    if type(value) is not list:
        raise _Wrong(f"a list is needed, not {_kind(value)}")
    found: list[Any] = []
    try:
        for element in value:
            found.append(reader(element, levels))
    except _Wrong as wrong:
        wrong.steps.append(f"[{len(found)}]")
        raise
    return found


def _read_string(value: Any, _: int) -> str:
    if type(value) is not str:
        raise _Wrong(f"a string is needed, not {_kind(value)}")
    return value


def _read_bool(value: Any, _: int) -> bool:
    if type(value) is not bool:
        raise _Wrong(f"true or false is needed, not {_kind(value)}")
    return value


def _read_integer(low: int, high: int, value: Any, _: int) -> int:
    """Read an integer, as a number or as a decimal string; 1.0 and 1e3 are integers too."""
    if type(value) is int:
        number = value
    elif (type(value) is str and len(value) < 25 and _DIGITS.fullmatch(value)) or (type(value) is float and value.is_integer()):
        number = int(value)
    else:
        raise _Wrong(f"an integer is needed, not {_kind(value)}")
    if not low <= number < high:
        raise _Wrong(f"the integer {number} is out of range")
    return number


def _read_enum(value: Any, levels: int) -> int:
    if type(value) is str:
        raise _Wrong("enums are integers in OTLP/JSON, not names")
    return _read_integer(*_INTEGERS["INT32"], value, levels)


def _read_double(value: Any, _: int) -> float:
    """Read a double, as a number or as a string such as "NaN" and "-Infinity"."""
    if type(value) in (int, float):
        return float(value)
    try:
        if type(value) is str and value == value.strip() and "_" not in value:
            return float(value)
    except ValueError:
        pass
    raise _Wrong(f"a number is needed, not {_kind(value)}")


def _read_hex(value: Any, _: int) -> bytes:
    try:
        return binascii.unhexlify(_read_string(value, 0))
    except ValueError:
        raise _Wrong("an id is written in hex digits") from None


def _read_base64(value: Any, _: int) -> bytes:
    """Read base64 in either alphabet, padded or not."""
    text = _read_string(value, 0).translate(_STANDARD_ALPHABET).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise _Wrong("bytes are written in base64") from None


_STANDARD_ALPHABET = str.maketrans("-_", "+/")
_READERS: dict[str, Reader] = {"STRING": _read_string, "BOOL": _read_bool, "ENUM": _read_enum, "DOUBLE": _read_double, "FLOAT": _read_double}
_TYPE_NAMES: dict[int, str] = {
    getattr(FieldDescriptor, name): name.removeprefix("TYPE_") for name in dir(FieldDescriptor) if name.startswith("TYPE_")
}


def _kind(value: Any) -> str:
    names = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object", type(None): "null"}
    return names[type(value)]


@cache
def _table(signal: Signal) -> Table:
    return _table_of(signal.request_class.DESCRIPTOR, {})


def _table_of(message: Descriptor, known: dict[str, Table]) -> Table:
    """Return the table of a message type; types that hold themselves (AnyValue) share one table."""
    if message.full_name not in known:
        table = known[message.full_name] = {}
        for field in message.fields:
            reader = _reader_of(field, known)
            table[field.json_name] = (field.name, partial(_read_list, reader) if field.is_repeated else reader)
    return known[message.full_name]


def _reader_of(field: FieldDescriptor, known: dict[str, Table]) -> Reader:
    if field.message_type is not None:
        return partial(_read_message, _table_of(field.message_type, known))
    name = _TYPE_NAMES[field.type]
    if name == "BYTES":
        return _read_hex if field.name in _HEX_FIELDS else _read_base64
    return _READERS.get(name) or partial(_read_integer, *_INTEGERS[_ALIASES.get(name, name)])
