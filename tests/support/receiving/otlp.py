"""Strategies: any OTLP request that protobuf can hold, made from the descriptors."""

import math
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import strategies as st

from hookline_collector.signal import Signal

_ID_LENGTHS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
_PROFILES_ONLY = {"key_strindex", "string_value_strindex"}
_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_ENUM: st.integers(0, 3),
}

strange = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        [b"\x8a\x00", b"\x8a\x80\x00", b"\x92\x80\x80\x00", b"\x0a\x80\x00", b"\x0b\x0c", b"\x13\x0a\x00\x14", b"\x0a\x00" * 3, b"\xfa\x07\x01x"]
    ),
)
"""Bytes that stand in no good request: overlong tags and lengths, groups, unknown fields."""


@st.composite
def messages(draw: st.DrawFn, signal: Signal) -> Any:
    """Draw a request: few elements a list, values of every kind, nesting a few levels deep."""
    message = signal.request_class()
    _fill(draw, message, 9)
    return message


def _fill(draw: st.DrawFn, message: Any, levels: int) -> None:
    descriptor: Descriptor = message.DESCRIPTOR
    for field in descriptor.fields:
        if field.name in _PROFILES_ONLY or (field.message_type is not None and not levels):
            continue
        if field.is_repeated:
            for _ in range(draw(st.integers(0, 2))):
                _add(draw, message, field, levels)
        elif draw(st.booleans()):
            _set(draw, message, field, levels)


def _add(draw: st.DrawFn, message: Any, field: FieldDescriptor, levels: int) -> None:
    values = getattr(message, field.name)
    if field.message_type is not None:
        _fill(draw, values.add(), levels - 1)
    else:
        values.append(draw(_scalars(field)))


def _set(draw: st.DrawFn, message: Any, field: FieldDescriptor, levels: int) -> None:
    if field.message_type is not None:
        value = getattr(message, field.name)
        value.SetInParent()
        _fill(draw, value, levels - 1)
    else:
        setattr(message, field.name, draw(_scalars(field)))


def _scalars(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.name in _ID_LENGTHS:
        return st.binary(min_size=_ID_LENGTHS[field.name], max_size=_ID_LENGTHS[field.name])
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING:
        return st.binary(max_size=6) if field.type == FieldDescriptor.TYPE_BYTES else st.text(max_size=6)
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    if kind == FieldDescriptor.CPPTYPE_DOUBLE:
        return st.floats().map(lambda drawn: drawn if drawn == drawn else math.nan)  # JSON has one NaN, doubles have many
    return _INTEGERS[kind]
