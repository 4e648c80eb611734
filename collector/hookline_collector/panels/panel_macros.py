"""The macros and variables of a panel's statement, expanded as Grafana's ClickHouse plugin documents them, with the filters' values bound.

What stands in strings and comments is left alone: a statement of ours has neither macro nor variable there, so older versions of the plugin, which
expand them there too, make the same of it.

    $__fromTime, $__toTime                 toDateTime(SECONDS); with _ms fromUnixTimestamp64Milli(MILLISECONDS)
    $__timeFilter(c), $__timeFilter_ms(c)  c >= from AND c <= to
    $__dateFilter(d)                       d >= toDate('2026-03-10') AND d <= toDate('2026-03-11')
    $__dateTimeFilter(d, c), $__dt(d, c)   both, each in parentheses
    $__timeInterval(c), ..._ms(c)          toStartOfInterval(toDateTime(c), INTERVAL n second)
    $__interval_s                          n
    $__conditionalAll(condition, $v)       the condition; 1=1 while all values of v are chosen
    $v, ${v}, ${v:singlequote}             the chosen values, separated by commas
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hookline.errors import Rejected

_PIECE: Final = re.compile(
    r"""(?P<quoted>'(?:[^'\\]|\\.|'')*'|`[^`]*`|"[^"]*")|(?P<comment>--[^\n]*|/\*.*?\*/)"""
    r"""|(?P<macro>\$__\w+)|(?P<variable>\$\{(?P<braced>\w+)(?::(?P<form>\w+))?\}|\$(?P<plain>\w+))|(?P<other>[^'`"$/-]+|.)""",
    re.DOTALL,
)
_NAME: Final = re.compile(r"\$\{?(\w+)")
FORMS: Final = (None, "singlequote", "sqlstring")
"""How a variable may be written: these name the same values, and each is bound."""


@dataclass(frozen=True, slots=True)
class PanelRange:
    """For which time a panel is asked, in Unix milliseconds, and how long an interval of it is."""

    from_ms: int
    to_ms: int
    interval_ms: int = 60_000

    @property
    def interval_s(self) -> int:
        """The interval in whole seconds, at least one."""
        return max(self.interval_ms // 1000, 1)


@dataclass(frozen=True, slots=True)
class BoundStatement:
    """A statement as the engine takes it, and the values of its parameters."""

    sql: str
    parameters: Mapping[str, str]


Chosen = Mapping[str, Sequence[str]]
"""The chosen values of each variable; all are chosen where there is none."""


def expand(statement: str, asked: PanelRange, chosen: Chosen) -> BoundStatement:
    """Return the statement with its macros expanded and its variables bound. Raises Rejected for a macro or form that is unknown."""
    expansion = _Expansion(asked, chosen)
    return BoundStatement(expansion.of(statement), expansion.parameters)


def macros_of(statement: str) -> frozenset[str]:
    """Return the names of the macros in a statement, without `$__`; those in strings and comments are none."""
    return frozenset(match["macro"][3:] for match in _PIECE.finditer(statement) if match["macro"])


def variables_of(statement: str) -> frozenset[str]:
    """Return the names of the variables in a statement."""
    return frozenset(match["braced"] or match["plain"] for match in _PIECE.finditer(statement) if match["variable"])


class _Expansion:
    """One expansion: what it has bound so far."""

    def __init__(self, asked: PanelRange, chosen: Chosen) -> None:
        self._asked = asked
        self._chosen = chosen
        self.parameters: dict[str, str] = {}

    def of(self, text: str) -> str:
        return "".join(self._pieces(text))

    def _pieces(self, text: str) -> Iterator[str]:
        at = 0
        while at < len(text):
            match = _PIECE.match(text, at)
            assert match is not None  # noqa: S101 - the last branch matches anything
            at = match.end()
            if match["macro"]:
                name = match["macro"][3:]
                arguments, at = _arguments(text, at) if _ARITY.get(name) else ((), at)
                yield self._macro(name, arguments)
            elif match["variable"]:
                yield self._values(match["braced"] or match["plain"], match["form"])
            else:
                yield match[0]

    def _macro(self, name: str, arguments: Sequence[str]) -> str:
        if name not in _ARITY:
            raise Rejected(f"the panel's statement has a macro that is not known here: $__{name}")
        if len(arguments) != _ARITY[name]:
            raise Rejected(f"$__{name} takes {_ARITY[name]} arguments, not {len(arguments)}")
        if name == "conditionalAll":
            return self._conditional(*arguments)
        return _MACROS[name](self._asked, *(self.of(argument) for argument in arguments))

    def _conditional(self, condition: str, variable: str) -> str:
        named = _NAME.match(variable.strip())
        if named is None:
            raise Rejected("the second argument of $__conditionalAll must be a variable")
        return self.of(condition) if self._chosen.get(named[1]) else "1=1"

    def _values(self, name: str, form: str | None) -> str:
        if form not in FORMS:
            raise Rejected(f"the variable ${{{name}:{form}}} has a form that is not known here")
        values = self._chosen.get(name)
        if not values:
            raise Rejected(f"the panel needs a value for the variable {name}")
        bound = {f"var_{name}_{number}": value for number, value in enumerate(values)}
        self.parameters |= bound
        return ", ".join(f"{{{parameter}:String}}" for parameter in bound)


def _arguments(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """Return the arguments of the call whose parenthesis opens at `at`, and where it ends; commas within parentheses and strings part none."""
    if text[at : at + 1] != "(":
        return (), at
    depth, begun, found = 0, at + 1, []
    while at < len(text):
        match = _PIECE.match(text, at)
        assert match is not None  # noqa: S101 - the last branch matches anything
        if match["other"] is None:
            at = match.end()
            continue
        for place, letter in enumerate(match[0], at):
            if letter == "(":
                depth += 1
            elif letter == ")":
                depth -= 1
            if (letter == "," and depth == 1) or depth == 0:
                found.append(text[begun:place].strip())
                begun = place + 1
            if depth == 0:
                return tuple(found), place + 1
        at = match.end()
    raise Rejected("the panel's statement has a macro without a closing parenthesis")


def _seconds(ms: int) -> str:
    return f"toDateTime({ms // 1000})"


def _millis(ms: int) -> str:
    return f"fromUnixTimestamp64Milli({ms})"


def _day(ms: int) -> str:
    return f"toDate('{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}')"


def _within(column: str, form: Callable[[int], str], asked: PanelRange) -> str:
    return f"{column} >= {form(asked.from_ms)} AND {column} <= {form(asked.to_ms)}"


_MACROS: Final[Mapping[str, Callable[..., str]]] = {
    "fromTime": lambda asked: _seconds(asked.from_ms),
    "toTime": lambda asked: _seconds(asked.to_ms),
    "fromTime_ms": lambda asked: _millis(asked.from_ms),
    "toTime_ms": lambda asked: _millis(asked.to_ms),
    "interval_s": lambda asked: str(asked.interval_s),
    "timeFilter": lambda asked, column: _within(column, _seconds, asked),
    "timeFilter_ms": lambda asked, column: _within(column, _millis, asked),
    "dateFilter": lambda asked, column: _within(column, _day, asked),
    "dateTimeFilter": lambda asked, day, column: f"({_within(day, _day, asked)}) AND ({_within(column, _seconds, asked)})",
    "dt": lambda asked, day, column: f"({_within(day, _day, asked)}) AND ({_within(column, _seconds, asked)})",
    "timeInterval": lambda asked, column: f"toStartOfInterval(toDateTime({column}), INTERVAL {asked.interval_s} second)",
    "timeInterval_ms": lambda asked, column: f"toStartOfInterval(toDateTime64({column}, 3), INTERVAL {max(asked.interval_ms, 1)} millisecond)",
}
_TWO: Final = ("dateTimeFilter", "dt", "conditionalAll")
_ARITY: Final[Mapping[str, int]] = {
    **{name: 0 if name.startswith(("from", "to", "interval")) else 2 if name in _TWO else 1 for name in _MACROS},
    "conditionalAll": 2,
}
MACROS: Final = frozenset(_ARITY)
"""The names of all macros that a statement of ours may use."""
