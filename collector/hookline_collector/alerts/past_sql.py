"""A statement as it would have been answered at a moment of the past: its clock stands still there, and what came later is left out.

`now()`, `now64()`, `today()` and `yesterday()` become that moment; each table and view that is read is hidden behind one of the same name that ends
there. Whatever else a statement reads cannot be taken back, and such a statement is refused. Rows are those of now: a call that was running then has
the end that it came to.
"""

from __future__ import annotations

import re
from typing import Final

from hookline.errors import Rejected
from hookline_collector.alerts.measure_sql import moment

TIMES: Final = {
    "otel_traces": "Timestamp",
    "otel_logs": "Timestamp",
    "otel_metrics_gauge": "TimeUnix",
    "otel_metrics_sum": "TimeUnix",
    "otel_metrics_histogram": "TimeUnix",
    "otel_metrics_exponential_histogram": "TimeUnix",
    "otel_metrics_summary": "TimeUnix",
    "tool_calls": "requested",
    "turns": "started",
    "activity": "started",
    "usage": "time",
    "usage_limits": "started",
    "sessions": "started",
    "alerts": "changed",
}
"""What can be read as of a moment, and the column that says since when a row is there."""
_TOKEN = re.compile(
    r"(?P<quiet>'(?:[^'\\]|\\.|'')*'|--[^\n]*|/\*.*?\*/)|(?P<clock>\b(?:now|now64|today|yesterday)\s*\(\s*\d*\s*\))"
    r"|(?P<read>\b(?:from|join)\s+(?P<name>[`\"\w.]+)(?P<call>\s*\()?)|(?P<made>\b(?P<cte>\w+)\s+as\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_LEADING = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_NUMBERS: Final = frozenset({"numbers", "zeros", "values", "generate_series"})


def as_of(sql: str, at_ns: int) -> str:
    """Return the statement as of a moment. Raises Rejected for one that reads what cannot be taken back."""
    read = _tables(sql)
    still = _TOKEN.sub(lambda found: _clock(found["clock"], at_ns) if found["clock"] else found[0], sql)
    if not read:
        return still
    hidden = ", ".join(f"{name} AS (SELECT * FROM {name} WHERE {TIMES[name]} <= {moment(at_ns)})" for name in sorted(read))  # noqa: S608 - names of ours
    body = still[_LEADING.match(still).end() :]  # type: ignore[union-attr]
    return f"WITH {hidden}, {body[4:].lstrip()}" if re.match(r"with\b", body, re.IGNORECASE) else f"WITH {hidden} {body}"


def _tables(sql: str) -> set[str]:
    made = {found["cte"] for found in _TOKEN.finditer(sql) if found["made"]}
    read = set()
    for found in _TOKEN.finditer(sql):
        if not found["read"] or found["name"] in made or (found["call"] and found["name"].lower() in _NUMBERS):
            continue
        name = found["name"].strip('`"')
        if name.lower() == "select" or not name:
            continue
        if found["call"] or name not in TIMES:
            raise Rejected(f"the statement reads {name}, of which nobody knows how it was: a backtest can read {', '.join(sorted(TIMES))}")
        read.add(name)
    return read


def _clock(word: str, at_ns: int) -> str:
    name = word.partition("(")[0].strip().lower()
    ways = {"now": "toDateTime({})", "now64": "{}", "today": "toDate({})", "yesterday": "(toDate({}) - 1)"}
    return ways[name].format(moment(at_ns))
