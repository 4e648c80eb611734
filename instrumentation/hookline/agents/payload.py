"""Typed reading of a JSON payload that may hold anything.

A getter returns the value when it has the type asked for, and the empty value of that type otherwise: a payload of a newer or a
broken client costs a field, never the event. Duplicate keys: the last one counts. NaN and infinities are no numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from hookline.privacy.redact import clean_name, valid

MAX_NAME: Final = 256
MAX_PATH: Final = 4_096

Json = Mapping[str, Any]


def text(source: Json, key: str, max_chars: int = MAX_NAME) -> str:
    """Return a string, cut; a number or anything else counts as nothing."""
    value = source.get(key)
    if not isinstance(value, str):
        return ""
    return (
        valid(value) if len(value) <= max_chars else valid(clean_name(value[: 4 * max_chars], max_chars))
    )  # half a secret is one that no pattern knows


def long_text(source: Json, key: str) -> str:
    """Return a string of any length."""
    value = source.get(key)
    return value if isinstance(value, str) else ""


def flag(source: Json, key: str) -> bool | None:
    """Return a boolean, None for anything else."""
    value = source.get(key)
    return value if isinstance(value, bool) else None


def number(source: Json, key: str) -> float | None:
    """Return a finite number."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def integer(source: Json, key: str, most: int = 2**53) -> int | None:
    """Return a number from 0 to `most` without its fraction."""
    value = number(source, key)
    return int(value) if value is not None and 0 <= value <= most else None


def member(source: Json, key: str) -> Json:
    """Return an object; an empty one for anything else."""
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def members(source: Json, key: str, most: int = 10_000) -> list[Json]:
    """Return the objects of a list."""
    value = source.get(key)
    return [item for item in value[:most] if isinstance(item, dict)] if isinstance(value, list) else []
