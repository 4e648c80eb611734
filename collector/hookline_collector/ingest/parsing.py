"""Parsing a request with protobuf's own parser, nesting bounded.

The parser (upb) gives up past 100 levels of messages and lets nobody choose another number. So the body is parsed inside
`100 - max_depth` messages that wrap it, and the parser itself enforces our limit exactly. They are groups, which end with a tag: unlike
lengths, the bytes before and after the body are the same for every body, and nothing is worked out for each request.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from hookline.errors import Rejected, TooLarge
from hookline_collector.signal import Signal
from hookline_collector.wire.protobuf import head

PARSER_DEPTH = 100  # upb's kUpb_WireFormat_DefaultDepthLimit
_INNER = 1
_INNER_BEGIN, _INNER_END = bytes((_INNER << 3 | 3,)), bytes((_INNER << 3 | 4,))  # the tags of a group
_FIELDS = {Signal.TRACES: 2, Signal.LOGS: 3, Signal.METRICS: 4}


def parse(signal: Signal, body: bytes, max_depth: int) -> Any:
    """Return the parsed request. Raises Rejected for broken bytes, TooLarge for nesting deeper than `max_depth` messages."""
    wraps = PARSER_DEPTH - max_depth
    try:
        if wraps <= 0:
            return signal.request_class.FromString(body)
        message = _wrapper().FromString(_wrapped(signal, body, wraps))
    except DecodeError as why:
        raise _fault(signal, str(why), min(max_depth, PARSER_DEPTH)) from None
    for _ in range(wraps - 1):
        message = message.inner
    return getattr(message, signal.value)


def only_known(signal: Signal, message: Message) -> bool:
    """Whether the request holds nothing at its top level but its one repeated field, so that it can stand in the journal as it came."""
    return not len(UnknownFieldSet(message))


def _fault(signal: Signal, why: str, max_depth: int) -> Rejected:
    reason = why.rpartition(": ")[2]
    if "MaxDepth" in reason:
        return TooLarge(f"messages are nested deeper than {max_depth} levels; flatten the values or raise limits.max_depth")
    return Rejected(f"the body is not an Export{signal.value.capitalize()} request in protobuf: {reason}")


def _wrapped(signal: Signal, body: bytes, wraps: int) -> bytes:
    """Return the body as the one field of the innermost of so many messages."""
    return b"".join((_INNER_BEGIN * (wraps - 1), head(_FIELDS[signal], len(body)), body, _INNER_END * (wraps - 1)))


@cache
def _wrapper() -> Any:
    """Return the message type that holds itself or a request of one of the signals."""
    requests = {signal: signal.request_class.DESCRIPTOR for signal in Signal}
    file = descriptor_pb2.FileDescriptorProto(name="hookline/nested.proto", package="hookline", syntax="proto2")
    file.dependency.extend(d.file.name for d in requests.values())
    nested = file.message_type.add(name="Nested")
    kinds = descriptor_pb2.FieldDescriptorProto
    nested.field.add(name="inner", number=_INNER, type=kinds.TYPE_GROUP, label=kinds.LABEL_OPTIONAL, type_name=".hookline.Nested")
    for signal, descriptor in requests.items():
        type_name = f".{descriptor.full_name}"
        nested.field.add(name=signal.value, number=_FIELDS[signal], type=kinds.TYPE_MESSAGE, label=kinds.LABEL_OPTIONAL, type_name=type_name)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("hookline.Nested"))
