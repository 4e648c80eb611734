"""A frozen record as the API tells it: by one rule, from its fields and the table of words (`fields.py`).

A field `since_ns` (Unix nanoseconds) whose word is a moment is told as `since`, in ISO 8601; a field `asleep_ns` is told as `asleep_s`, in seconds;
every other one as it is. Properties named in the record's `ALSO_TOLD` are told like fields; fields named in its `UNTOLD` stay inside. A name that
is not in the table is an error, found when the description of the API is made: at the start.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import repeat
from typing import Any

from hookline.contract.fields import FIELDS, ApiField, FieldUnit

Convert = Callable[[Any], Any]
_PLAIN = {str, int, float, bool, type(None)}


@dataclasses.dataclass(frozen=True, slots=True)
class ToldField:
    """One field as it is told: its word, the attribute it comes from, that one's type, and what makes the one of the other."""

    field: ApiField
    attribute: str
    type: Any
    convert: Convert | None = None


@cache
def told_fields(record: type) -> tuple[ToldField, ...]:
    """Return the fields of a record as they are told. Raises KeyError for one that the table does not know."""
    hints = typing.get_type_hints(record)
    own = [(each.name, hints[each.name]) for each in dataclasses.fields(record) if each.name not in getattr(record, "UNTOLD", ())]
    also = [(name, typing.get_type_hints(getattr(record, name).fget)["return"]) for name in getattr(record, "ALSO_TOLD", ())]
    return tuple(_told_field(name, kind) for name, kind in [*own, *also])


def names_of(record: type) -> tuple[str, ...]:
    """Return the names under which a record's fields are told, in order."""
    return tuple(told.field.name for told in told_fields(record))


def told(value: Any) -> Any:
    """Return a value ready for JSON: records as objects, in collections too."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in (tuple, list):
        return list(value) if _PLAIN.issuperset(map(type, value)) else [told(each) for each in value]
    if dataclasses.is_dataclass(kind):
        names, attributes, conversions = _plan(kind)
        return {
            name: convert(found) if convert else found if type(found) in _PLAIN else told(found)
            for name, convert, found in zip(names, conversions, map(getattr, repeat(value), attributes), strict=False)
        }
    if isinstance(value, Mapping):
        return {name: told(each) for name, each in value.items()}
    return value


@lru_cache(4_096)  # a stream tells the same moments again and again
def to_iso(time_ns: int | None) -> str | None:
    """Return Unix nanoseconds as a moment; None for 0, which is unknown."""
    if not time_ns:
        return None
    return datetime.fromtimestamp(time_ns // 1_000_000 / 1e3, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_moment(text: str | None) -> str | None:
    """Return a moment as the store writes it, with as many digits as the API has."""
    return f"{text.rstrip('Z')[:23]}Z" if text else None


def _told_field(name: str, kind: Any) -> ToldField:
    if not name.endswith("_ns"):
        return ToldField(FIELDS[name], name, kind)
    base = name.removesuffix("_ns")
    if base in FIELDS and FIELDS[base].unit is FieldUnit.MOMENT:
        return ToldField(FIELDS[base], name, kind, to_iso)
    return ToldField(FIELDS[f"{base}_s"], name, kind, _seconds)


def _seconds(time_ns: int) -> float:
    return time_ns / 1e9


@cache
def _plan(record: type) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Convert | None, ...]]:
    """Return the names of a record's fields, the attributes that they come from, and what converts them, where something does."""
    fields = told_fields(record)
    return tuple(each.field.name for each in fields), tuple(each.attribute for each in fields), tuple(each.convert for each in fields)
