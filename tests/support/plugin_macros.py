"""What Grafana and its ClickHouse plugin make of a panel's statement, written from their documentation: variables in the text, then macros.

Not what Hookline runs (`panels.panel_macros` does): tests ask the endpoint with it what Grafana would ask, and compare the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from hookline_collector.panels.panel_macros import PanelRange

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)")
_CONDITIONAL = "$__conditionalAll("


def as_plugin(sql: str, asked: PanelRange, chosen: Mapping[str, Sequence[str]]) -> str:
    """Return the statement that reaches ClickHouse."""
    return _macros(_variables(_conditions(sql, chosen), chosen), asked)


def _conditions(sql: str, chosen: Mapping[str, Sequence[str]]) -> str:
    """The front end's macro, from the last to the first."""
    while (at := sql.rfind(_CONDITIONAL)) >= 0:
        arguments, end = _arguments(sql, at + len(_CONDITIONAL) - 1)
        condition, variable = arguments
        name = re.search(r"(?<=\$\{)\w+(?=\})|(?<=\$)\w+", variable)
        assert name is not None
        sql = sql[:at] + (condition if chosen.get(name[0]) else "1=1") + sql[end:]
    return sql


def _variables(sql: str, chosen: Mapping[str, Sequence[str]]) -> str:
    def value(match: re.Match[str]) -> str:
        values, form = chosen[match[1] or match[3]], match[2]
        if form == "singlequote":  # Grafana's own
            return ",".join("'" + each.replace("'", "\\'") + "'" for each in values)
        return values[0] if len(values) == 1 else "'" + "','".join(values) + "'"  # the plugin's: nothing escaped

    return _VARIABLE.sub(value, sql)


def _macros(sql: str, asked: PanelRange) -> str:
    seconds: Callable[[int], str] = lambda ms: f"toDateTime({ms // 1000})"  # noqa: E731
    millis: Callable[[int], str] = lambda ms: f"fromUnixTimestamp64Milli({ms})"  # noqa: E731
    day: Callable[[int], str] = lambda ms: f"toDate('{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}')"  # noqa: E731

    def within(column: str, form: Callable[[int], str]) -> str:
        return f"{column} >= {form(asked.from_ms)} AND {column} <= {form(asked.to_ms)}"

    step = max(asked.interval_ms // 1000, 1)
    calls: dict[str, Callable[..., str]] = {
        "timeFilter": lambda column: within(column, seconds),
        "timeFilter_ms": lambda column: within(column, millis),
        "dateFilter": lambda column: within(column, day),
        "dateTimeFilter": lambda d, t: f"({within(d, day)}) AND ({within(t, seconds)})",
        "dt": lambda d, t: f"({within(d, day)}) AND ({within(t, seconds)})",
        "timeInterval": lambda column: f"toStartOfInterval(toDateTime({column}), INTERVAL {step} second)",
        "timeInterval_ms": lambda column: f"toStartOfInterval(toDateTime64({column}, 3), INTERVAL {asked.interval_ms} millisecond)",
    }
    words = {
        "fromTime": seconds(asked.from_ms),
        "toTime": seconds(asked.to_ms),
        "fromTime_ms": millis(asked.from_ms),
        "toTime_ms": millis(asked.to_ms),
        "interval_s": str(step),
    }
    while found := re.search(r"\$__(\w+)", sql):
        name = found[1]
        if name in words:
            sql = sql[: found.start()] + words[name] + sql[found.end() :]
        else:
            arguments, end = _arguments(sql, found.end())
            sql = sql[: found.start()] + calls[name](*(each.strip() for each in arguments)) + sql[end:]
    return sql


def _arguments(sql: str, at: int) -> tuple[list[str], int]:
    """Parts between commas of the outermost parenthesis, and what comes behind it."""
    depth, begun, found = 0, at + 1, []
    for place in range(at, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[place], 0)
        if (sql[place] == "," and depth == 1) or depth == 0:
            found.append(sql[begun:place])
            begun = place + 1
        if depth == 0:
            return found, place + 1
    raise AssertionError(f"no end of the arguments: {sql[at:]}")
