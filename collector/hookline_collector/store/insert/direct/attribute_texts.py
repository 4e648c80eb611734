"""Attributes as texts, as the views write them, and numbers that stand in texts, as the views read them.

What is odd is not guessed at: `Odd` is raised, and the views store the request.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable, Sequence

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Pairs = Sequence[tuple[str, str]]
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_MOMENT = re.compile(r"[1-8]\d{18}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,15}(\.\d{1,20})?(e-?\d{1,2})?", re.ASCII)
_MOST = 1e15
_LATEST_NS = 4_102_444_800_000_000_000  # 2100: past it, dates overflow
_PLAIN_DIGITS, _PLAIN_ZEROS = 21, 6  # doubles of more digits or zeros are written with an exponent


class Odd(Exception):
    """A request holds something of which Python and the views might not make the same."""


class Texts(dict[str, str]):
    """Attributes for looking up: of a key that is there twice the first, of one that is not the empty text."""

    def __missing__(self, key: str) -> str:
        return ""

    @classmethod
    def of(cls, *maps: Pairs) -> Texts:
        """Return one look-up of several maps; what stands in an earlier one counts."""
        found = cls()
        for pairs in reversed(maps):
            found.update(reversed(pairs))
        return found

    def first(self, *keys: str) -> str:
        """Return the first value that says something."""
        return next((value for key in keys if (value := self[key])), "")

    def whole(self, key: str) -> int:
        """Return a whole number, 0 where there is none. Raises Odd."""
        return whole(self[key])

    def moment(self, key: str) -> int:
        """Return a moment in nanoseconds as it stands in a text, 0 where there is none. Raises Odd."""
        value = self[key]
        return int(value) if _MOMENT.fullmatch(value) else whole(value)

    def decimal(self, key: str) -> float:
        """Return a number that is not negative, 0 where there is none. Raises Odd."""
        return decimal(self[key])


def whole(value: str) -> int:
    """Return a text's whole number, 0 of an empty one. Raises Odd for any other text."""
    if not value:
        return 0
    if not _WHOLE.fullmatch(value):
        raise Odd(value)
    return int(value)


def decimal(value: str) -> float:
    """Return a text's number that is not negative, 0 of an empty one. Raises Odd for any other text."""
    if not value:
        return 0.0
    if not _DECIMAL.fullmatch(value):
        raise Odd(value)
    return float(value)


def nanoseconds(of: Texts, key: str, otherwise: int) -> int:
    """Return a moment that stands in a text, not later than 2100; `otherwise` where there is none. Raises Odd."""
    found = of.moment(key)
    return min(found, _LATEST_NS) if found > 0 else otherwise


def bounded(of: Texts, key: str) -> float:
    """Return a number from 0 to 1e15, 0 where there is none. Raises Odd."""
    return min(of.decimal(key), _MOST)


def strings(attributes: Iterable[KeyValue]) -> list[tuple[str, str]]:
    """Return attributes as texts, in their order. Raises Odd."""
    return [(attribute.key, value_text(attribute.value)) for attribute in attributes]


def value_text(value: AnyValue) -> str:
    """Return a value as a text. Raises Odd for what should have been made JSON before."""
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return str(value.int_value)
        case "double_value":
            return double_text(value.double_value)
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case None:
            return ""
    raise Odd("a nested value")


def double_text(number: float) -> str:
    """Return a double as ClickHouse prints it: the fewest digits that are this number, with an exponent outside 1e-6 to 1e21."""
    if not math.isfinite(number):
        return "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"
    mantissa, _, exponent = repr(abs(number)).partition("e")
    sign = "-" if math.copysign(1, number) < 0 else ""
    before, _, after = mantissa.partition(".")
    digits = (before + after).lstrip("0")
    if not digits:
        return f"{sign}0"
    point = len(before) + int(exponent or 0) - (len(before + after) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= _PLAIN_DIGITS:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= _PLAIN_DIGITS:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -_PLAIN_ZEROS < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1}"


def moment_ns(nanoseconds: int) -> int:
    """Return a time, not later than 2100."""
    return min(nanoseconds, _LATEST_NS)
