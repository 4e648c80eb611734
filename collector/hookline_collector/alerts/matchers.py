"""One condition on one attribute or label. In rules it is written as the value itself, a list of values, or an operator and a value:

    status: error            equal (also to a number or a flag that reads the same)
    tool: [Bash, Edit]       one of these
    tool: "=~ mcp__.*"       the whole value matches a regular expression; !~ where it must not
    tool: "!= Bash"          anything else, also nothing at all
    duration_s: "> 5"        a number that is larger; >=, <, <= likewise

An attribute that is not there reads as an empty text, as a label does in Prometheus. Routes, silences and inhibitions write the same conditions on
labels as Alertmanager does (`notification.plan.label_matchers`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

MAX_PATTERN = 500
_OPERATOR = re.compile(r"(=~|!~|!=|>=|<=|>|<)\s*(.*)", re.DOTALL)
_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
}


@dataclass(frozen=True)
class Matcher:
    """One condition on one attribute; `values` are the texts, or the one pattern or number of the operator."""

    name: str
    operator: str
    values: tuple[str, ...]

    def matches(self, value: object) -> bool:
        """Whether a value passes; None is a value that is not there."""
        return self._test(value)

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{', '.join(map(quoted, self.values))}"

    @cached_property
    def _test(self) -> Callable[[object], bool]:
        if self.operator == "=":
            wanted = frozenset(self.values)
            return lambda value: text_of(value) in wanted
        if self.operator == "!=":
            return lambda value: text_of(value) != self.values[0]
        if self.operator in _NUMBERS:
            compare, limit = _NUMBERS[self.operator], float(self.values[0])
            return lambda value: (number := number_of(value)) is not None and compare(number, limit)
        pattern, wants = re.compile(self.values[0], re.DOTALL), self.operator == "=~"
        return lambda value: (pattern.fullmatch(text_of(value)) is not None) is wants


def matcher_of(name: str, written: str | list[str]) -> Matcher:
    """Return the matcher that somebody wrote. Raises ValueError with what is wrong."""
    if isinstance(written, list):
        return Matcher(name, "=", tuple(written))
    found = _OPERATOR.fullmatch(written)
    if found is None:
        return Matcher(name, "=", (written,))
    operator, value = found[1], found[2].strip()
    if operator in _NUMBERS and number_of(value) is None:
        raise ValueError(f"{operator} needs a number, not {value!r}")
    if operator in ("=~", "!~"):
        check_pattern(value)
    return Matcher(name, operator, (value,))


def quoted(value: str) -> str:
    """Return a value between double quotes, as Go writes it."""
    told = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{told}"'


def check_pattern(pattern: str) -> None:
    """Raise ValueError with what is wrong with a pattern."""
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a pattern may have {MAX_PATTERN} characters")
    if re.search(r"[*+}]\)*[*+{]", pattern):
        raise ValueError("a repetition of a repetition can take for ever: write the pattern without it")
    try:
        re.compile(pattern)
    except re.error as why:
        raise ValueError(f"not a regular expression: {why}") from None


def text_of(value: object) -> str:
    """Return a value as it is written in a rule or a label: flags in small letters, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def number_of(value: object) -> float | None:
    """Return a value as a number; None where it is none."""
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None
