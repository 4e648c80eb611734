"""Rules for tests, written as people write them."""

from __future__ import annotations

from textwrap import indent

from hookline_collector.alerts.rule import AlertRule
from hookline_collector.alerts.rule_files import read_rules

S = 1_000_000_000
MINUTE = 60 * S


def rule_of(text: str, group: str = "") -> AlertRule:
    """Return one rule: `text` holds its keys, a line each; `group` those of its group."""
    lines = ["groups:", "  - name: tests", *(f"    {line}" for line in group.splitlines()), "    rules:", "      - alert: Tested"]
    read = read_rules("tests.yaml", "\n".join([*lines, indent(text.strip(), " " * 8)]))
    assert not read.problems, [str(problem) for problem in read.problems]
    return read.rules[0]
