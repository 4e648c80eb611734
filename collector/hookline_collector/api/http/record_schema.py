"""JSON Schema of the frozen records that the API answers with, made from their types and the table of words, so that it cannot drift."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime
from enum import Enum
from typing import Any

from hookline.contract.fields import FieldUnit
from hookline.contract.told_records import ToldField, told_fields

Schema = dict[str, Any]
_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}
_MEASURED = {FieldUnit.SECONDS, FieldUnit.TOKENS, FieldUnit.BYTES, FieldUnit.USD, FieldUnit.PERCENT}


def schema_of(kind: Any, found: dict[str, Schema]) -> Schema:
    """Return the schema of a type; records go into `found` by name and are referred to."""
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, found)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [schema_of(argument, found) for argument in arguments]}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    return _collection(kind, origin, arguments, found)


def _collection(kind: Any, origin: Any, arguments: tuple[Any, ...], found: dict[str, Schema]) -> Schema:
    base = origin or kind
    if isinstance(base, type) and issubclass(base, typing.Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1], found) if arguments else {}}
    if isinstance(base, type) and issubclass(base, list | tuple | typing.Sequence):
        return {"type": "array", "items": schema_of(arguments[0], found) if arguments else {}}
    raise TypeError(f"the API has no schema for {kind}")


def _record(kind: type, found: dict[str, Schema]) -> Schema:
    if kind.__name__ not in found:
        found[kind.__name__] = {}
        properties = {told.field.name: _property(told, found) for told in told_fields(kind)}
        text = (kind.__doc__ or "").strip().partition("\n")[0]
        found[kind.__name__] = {"type": "object", "description": text, "properties": properties, "required": list(properties)}
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _property(told: ToldField, found: dict[str, Schema]) -> Schema:
    """Return the schema of one field: its type, with what the table says of it."""
    field = told.field
    schema = {"type": ["string", "null"], "format": "date-time"} if field.unit is FieldUnit.MOMENT else _typed(told, found)
    unit = {"x-unit": field.unit.value} if field.unit in _MEASURED else {}
    return schema if "$ref" in schema else {**schema, "description": field.meaning, **unit}


def _typed(told: ToldField, found: dict[str, Schema]) -> Schema:
    return {"type": "number"} if told.convert else schema_of(told.type, found)
