"""Unit tests of rules in files: what holds, what does not, and what is no test."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from hookline.errors import Rejected
from hookline_collector.alerts.rule_tests import run_tests, values

PAGE = Path(__file__).parents[2] / "docs" / "alerts.md"
RULES = """
groups:
  - name: g
    interval: 10s
    rules:
      - alert: Slow
        span: execute_tool
        aggregate: p95
        over: 5m
        by: {tool: gen_ai.tool.name}
        above: 5s
        for: 1m
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.tool }} is slow"}
      - {alert: Queue, metric: queue, by: host, above: 4}
      - {alert: Dropped, metric: dropped, aggregate: sum, over: 5m, above: 0}
      - {alert: Route, metric: http.server.request.duration, aggregate: p95, over: 5m, at_least: 100, by: {route: http.route}, above: 300ms}
      - {alert: Errors, metric: requests, aggregate: share, match: {status: ["500"]}, over: 10m, above: 5}
      - {alert: High, metric: level, aggregate: share, match: {value: "> 5"}, over: 10m, above: 40}
      - {alert: Burn, metric: requests, match: {status: ["500"]}, burn_rate: {objective: 99, windows: [{long: 10m, short: 2m, factor: 5}]}}
      - {alert: Sql, sql: SELECT 1 AS value, above: 2, for: 30s}
      - {alert: Waits, session: permission_s, by: [session_id, project], above: 1m}
      - {alert: Again, session: failures_in_a_row, by: session_id, above: 2}
"""
TESTS = """
rule_files: [mine.yaml]
tests:
  - name: all of it
    input_series:
      - {series: 'queue{host="a"}', values: '1 2 3+1x5 _'}
      - {series: 'dropped', values: '7 7 7 9'}
      - {series: 'requests{status="200"}', values: '100+90x9', kind: counter}
      - {series: 'requests{status="500"}', values: '3 3 3 13+10x7', kind: counter}
      - {series: 'level', values: '1 9 1 9 1 9', kind: gauge}
    input_items:
      - {span: execute_tool Bash, at: 0m, every: 10s, count: 20, duration: 8s, attributes: {gen_ai.tool.name: Bash}}
      - {histogram: http.server.request.duration, every: 1m, count: 9, bounds: [0.1, 0.5], counts: [50, 20, 0], attributes: {http.route: /a}}
      - {histogram: http.server.request.duration, every: 1m, count: 9, bounds: [0.1, 0.5], counts: [50, 0, 0], attributes: {http.route: /b}}
      - {histogram: http.server.request.duration, every: 1m, count: 9, bounds: [0.1, 0.5], counts: [9, 1, 0], attributes: {http.route: /c}}
    input_sessions:
      - {session: s1, seen: prompt, key: p1, attributes: {hookline.project.name: shop}}
      - {session: s1, seen: wait_started, at: 1m, key: c1, prompt: p1, reason: permission}
      - {session: s1, seen: tool_ended, at: 3m, key: c1, prompt: p1}
      - {session: s2, seen: tool_ended, at: 4m, every: 1s, count: 3, key: d, failed: true}
    input_answers:
      - {alert: Sql, at: 1m, rows: [{value: 1, queue: mail}, {value: 3, queue: post}]}
      - {alert: Sql, at: 3m, rows: []}
    alert_rule_test:
      - {eval_time: 1m59s, alertname: Waits}
      - {eval_time: 2m1s, alertname: Waits, exp_alerts: [{exp_labels: {session_id: s1, project: shop}}]}
      - {eval_time: 3m1s, alertname: Waits}
      - {eval_time: 4m1s, alertname: Again}
      - {eval_time: 4m3s, alertname: Again, exp_alerts: [{exp_labels: {session_id: s2}}]}
      - {eval_time: 1m20s, alertname: Sql}
      - {eval_time: 1m40s, alertname: Sql, exp_alerts: [{exp_labels: {queue: post}}]}
      - {eval_time: 3m10s, alertname: Sql}
      - {eval_time: 30s, alertname: Slow}
      - eval_time: 2m
        alertname: Slow
        exp_alerts:
          - {exp_labels: {severity: warning, tool: Bash}, exp_annotations: {summary: Bash is slow}}
      - {eval_time: 3m30s, alertname: Queue}
      - {eval_time: 4m30s, alertname: Queue, exp_alerts: [{exp_labels: {host: a}}]}
      - {eval_time: 30s, alertname: Route}
      - {eval_time: 2m30s, alertname: Route, exp_alerts: [{exp_labels: {route: /a}}]}
      - {eval_time: 2m30s, alertname: Errors}
      - {eval_time: 4m30s, alertname: Errors, exp_alerts: [{exp_labels: {}}]}
      - {eval_time: 3m30s, alertname: High, exp_alerts: [{exp_labels: {}}]}
      - {eval_time: 2m30s, alertname: Burn}
      - {eval_time: 6m30s, alertname: Burn, exp_alerts: [{exp_labels: {}}]}
      - {eval_time: 2m30s, alertname: Dropped}
      - {eval_time: 3m30s, alertname: Dropped, exp_alerts: [{exp_labels: {}}]}
"""


def written(folder: Path, tests: str) -> Path:
    """Write rules and tests; return the file of tests."""
    (folder / "mine.yaml").write_text(RULES)
    path = folder / "tests.yaml"
    path.write_text(tests)
    return path


def test_expectations_that_hold(tmp_path: Path) -> None:
    """Of series, of items, before and after `for`; a counter counts by its increase."""
    count, failures = run_tests(written(tmp_path, TESTS))
    assert [str(failure) for failure in failures] == []
    assert count == 21


def test_expectations_that_do_not_hold_are_told_with_what_was_found(tmp_path: Path) -> None:
    """Both sides stand there."""
    _, failures = run_tests(written(tmp_path, TESTS.replace("Bash is slow}}", "Bash is quick}}")))
    (failure,) = failures
    assert str(failure).splitlines() == [
        "all of it: Slow at 2m",
        "  expected:",
        "    {alertname=Slow, severity=warning, tool=Bash} summary: Bash is quick",
        "  found:",
        "    {alertname=Slow, severity=warning, tool=Bash} summary: Bash is slow",
    ]


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("- 1", "not a file of tests"),
        ("rule_files: [none.yaml]\ntests: []", "cannot be read"),
        ("rule_files: [mine.yaml]\ntests: [{alert_rule_test: [{eval_time: 1m, alertname: Nobody}]}]", "no rule is called 'Nobody'"),
        ("rule_files: [mine.yaml]\ntests: [{input_sessions: [{session: s, seen: nothing}]}]", "is not a valid ObservationKind"),
        (
            "rule_files: [mine.yaml]\ntests: [{input_series: [{series: x, values: 1x}], alert_rule_test: [{eval_time: 1m, alertname: Queue}]}]",
            "no value",
        ),
    ],
)
def test_what_is_no_test_is_told(tmp_path: Path, tests: str, told: str) -> None:
    """With the reason."""
    with pytest.raises(Rejected, match=told):
        run_tests(written(tmp_path, tests))


def test_values_are_written_as_promtool_writes_them() -> None:
    """Steps, gaps, repetitions."""
    assert values("1 2+2x3 _ _x2 5x1 stale -1.5") == [1, 2, 4, 6, 8, None, None, None, 5, 5, None, -1.5]


def test_the_example_of_the_page_holds(tmp_path: Path) -> None:
    """The rule at its top and the test of it, as somebody copies them."""
    page = PAGE.read_text()
    for name, begins in (("tools.yaml", "    groups:"), ("tests.yaml", "      rule_files:")):
        lines = page[page.index(f"\n{begins}") + 1 :].splitlines()
        until = next(at for at, line in enumerate(lines) if not line.startswith("    "))
        (tmp_path / name).write_text(textwrap.dedent("\n".join(lines[:until])) + "\n")
    assert run_tests(tmp_path / "tests.yaml") == (2, [])
