"""Rule files: what is taken, and that everything wrong is told at once, with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alerts.making import MINUTE, S, rule_of
from hookline_collector.alerts.matchers import Matcher
from hookline_collector.alerts.quantities import duration_ns, duration_text, quantity
from hookline_collector.alerts.rule import (
    Aggregate,
    AlertRule,
    Baseline,
    BurnRate,
    BurnWindow,
    Condition,
    Forecast,
    ItemKind,
    ItemMeasure,
    NoData,
    SessionMeasure,
    SqlMeasure,
)
from hookline_collector.alerts.rule_fields import RULE, json_schema
from hookline_collector.alerts.rule_files import default_pack, read_files, read_rules
from support.cases import with_each

SCHEMA = Path(__file__).parents[2] / "collector/hookline_collector/alerts/rules.schema.json"

WHOLE = """
groups:
  - name: tools
    interval: 30s
    limit: 7
    labels: {team: us, severity: info}
    rules:
      - alert: Slow
        span: execute_tool
        filter:
          hookline.outcome: "!= success"
          status: [error, ok]
          duration_s: "> 5"
        aggregate: p95
        over: 10m
        by: {tool: gen_ai.tool.name}
        at_least: 20
        above: 500ms
        clear: 0.4
        no_data: keep
        for: 1m
        keep_firing_for: 2m30s
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.tool }}"}
"""


def test_a_rule_is_read_whole() -> None:
    """Each key says what it says, in any way in which people write a duration, a size or a number; a rule's labels win over its group's."""
    read = read_rules("mine.yaml", WHOLE)
    assert read.problems == ()
    (rule,) = read.rules
    assert rule == AlertRule(
        origin=rule.origin,
        measure=ItemMeasure(
            ItemKind.SPAN,
            "execute_tool",
            Aggregate.P95,
            10 * MINUTE,
            (Matcher("hookline.outcome", "!=", ("success",)), Matcher("status", "=", ("error", "ok")), Matcher("duration_s", ">", ("5",))),
            "duration_s",
            by=(("tool", "gen_ai.tool.name"),),
            at_least=20,
        ),
        condition=Condition(above=0.5, clear_above=0.4),
        for_ns=MINUTE,
        keep_firing_for_ns=150 * S,
        interval_ns=30 * S,
        limit=7,
        no_data=NoData.KEEP,
        labels={"team": "us", "severity": "warning"},
        annotations={"summary": "{{ $labels.tool }}"},
        line=8,
    )
    assert (rule.origin.group, rule.origin.name, rule.origin.file) == ("tools", "Slow", "mine.yaml")


def test_what_is_not_said_has_a_default() -> None:
    """Without a window, an aggregate, an interval."""
    assert rule_of("span: '*'\nabove: 1").measure == ItemMeasure(ItemKind.SPAN, "", Aggregate.COUNT, 5 * MINUTE, of="duration_s")
    assert rule_of("metric: x\nbelow: 1").measure == ItemMeasure(ItemKind.METRIC, "x", Aggregate.LAST, 5 * MINUTE, of="value")
    session = rule_of("session: permission_s\nabove: 30s")
    assert session.measure == SessionMeasure("permission_s", by=tuple((name, name) for name in ("session_id", "project", "agent", "host")))
    assert session.interval_ns == 15 * S
    assert rule_of("sql: SELECT 1 AS value\nequals: 1\non_arrival: true").measure == SqlMeasure("SELECT 1 AS value", True)


def test_conditions() -> None:
    """Above, below, outside, absent."""
    assert rule_of("metric: x\nbelow: 5\nclear: 8").condition == Condition(below=5.0, clear_below=8.0)
    outside = rule_of("metric: x\noutside: [1, 2GiB]").condition
    assert outside == Condition(below=1.0, above=2.0**31)
    assert [outside.is_breach(value, False) for value in (0.9, 1.0, 5.0, 2.0**31, 2.0**31 + 1)] == [True, False, False, False, True]
    assert rule_of("metric: x\nabsent: true").condition == Condition(absent=True)
    assert rule_of("metric: x\nforecast: {within: 1h}\nabove: 90%").outlook == Forecast(60 * MINUTE, 180 * MINUTE)
    assert rule_of("metric: x\nbaseline: {weeks: 3, as: deviations, least: 50ms}\nabove: 3").outlook == Baseline(3, "deviations", 0.05)
    burn = rule_of("span: '*'\nmatch: {status: error}\nburn_rate: {objective: 99%, windows: [{long: 1h, short: 5m, factor: 14}]}")
    assert burn.outlook == BurnRate(99.0, (BurnWindow(60 * MINUTE, 5 * MINUTE, 14.0),))
    assert isinstance(burn.measure, ItemMeasure)
    assert burn.measure.aggregate is Aggregate.SHARE


def test_every_problem_is_told_at_once_with_its_place() -> None:
    """A file with many mistakes is mended in one go."""
    text = """
groups:
  - name: a
    intervals: 10s
    rules:
      - alert: X
        span: "*"
        metric: y
        above: five
        for: soon
        labels: {9a: x, severity: "{{ $value }}"}
        annotations: {summary: "{{ foo"}
      - {alert: Y, session: permision_s}
      - {alert: Z, log: "*", aggregate: p95, above: 1, over: 30d}
  - name: a
    rules: {}
"""
    read = read_rules("f.yaml", text)
    assert read.groups == ()
    told = {(problem.line, problem.column, problem.key) for problem in read.problems}
    rules = "groups[0].rules"
    assert told == {
        (4, 16, "groups[0].intervals"),
        (7, 15, f"{rules}[0].span"),
        (9, 16, f"{rules}[0].above"),
        (10, 14, f"{rules}[0].for"),
        (11, 22, f"{rules}[0].labels.9a"),
        (11, 35, f"{rules}[0].labels.severity"),
        (12, 32, f"{rules}[0].annotations.summary"),
        (13, 9, f"{rules}[1]"),
        (13, 29, f"{rules}[1].session"),
        (14, 41, f"{rules}[2].aggregate"),
        (14, 62, f"{rules}[2].over"),
        (15, 5, "groups[1]"),
        (16, 12, "groups[1].rules"),
    }
    assert str(read.problems[0]) == "f.yaml:4:16: groups[0].intervals: no such key; did you mean 'interval'?"


@with_each(
    "text, place",
    [
        ("a: [", "1:5"),
        ("- 1", "1:1"),
        ("a: &x [1]\nb: *x", "1:4"),
        ("a: 1\na: 2", "2:1"),
        ("{[1]: 2}", "1:2"),
        ("groups: 3", "1:9"),
        ("groups: [" + "[" * 40 + "]" * 40 + "]", "1:29"),
        ("[" * 200_000, "1:101"),
        ("groups:\n  " + "- " * 200_000, "2:201"),
        ("groups:\n  - name: x\n    rules:\n      - !!python/object:os.system {alert: a}", "4:9"),
    ],
)
def test_what_is_no_rule_file_is_told_with_its_place(text: str, place: str) -> None:
    """Broken YAML, aliases (a small file could stand for a huge one), keys that stand twice, tags, brackets without end."""
    problems = read_rules("f", text).problems
    assert any(str(problem).startswith(f"f:{place}: ") for problem in problems), [str(problem) for problem in problems]


@with_each(
    "keys, told",
    [
        ("metric: x", "one of above, below, equals, outside, absent"),
        ("above: 1", "one of metric, span, log, session, sql"),
        ("metric: x\nabove: 1\nclear: 2", "lower than `above`"),
        ("metric: x\nbelow: 1\nclear: 0", "higher than `below`"),
        ("metric: x\nequals: 1\nclear: 0", "only for above and below"),
        ("metric: x\noutside: [2, 1]", "the lower first"),
        ("metric: x\nabsent: false", "another condition"),
        ("metric: x\nabove: .nan", "not a number"),
        ("metric: x\naggregate: share\nabove: 1", "share needs `match`"),
        ("metric: x\nmatch: {a: b}\nabove: 1", "only for share and in_a_row"),
        ("log: x\naggregate: in_a_row\nabove: 1", "in_a_row needs `match`"),
        ("session: age_s\nover: 5m\nabove: 1", "only for metric, span and log"),
        ("session: age_s\nforecast: {within: 1h}\nabove: 1", "not for sessions"),
        ("sql: SELECT 1\nby: x\nabove: 1", "in the statement itself"),
        ("metric: x\nforecast: {within: 1h, history: 1h}\nabove: 1", "half of its history"),
        ("metric: x\nforecast: {within: 1h}\nbaseline: {weeks: 1}\nabove: 1", "not together with forecast"),
        ("span: x\nburn_rate: {objective: 99}", "which items are errors"),
        ("span: x\nmatch: {a: b}\nburn_rate: {objective: 100}", "between 0 and 100"),
        ("metric: x\nabove: 1\nfilter: {a: '=~ ('}", "not a regular expression"),
        ("metric: x\nabove: 1\nfilter: {a: '=~ (a+)+'}", "repetition of a repetition"),
        ("metric: x\nabove: 1\nfilter: {a: '> b'}", "needs a number"),
        ("metric: x\nabove: 1\nby: [a, {b: c}]", "must be one value"),
        ("metric: x\nabove: 1\nlabels: {alertname: y}", "the alert's own name"),
    ],
)
def test_what_does_not_fit_is_told(keys: str, told: str) -> None:
    """Keys that contradict each other, and values that mean nothing."""
    text = "groups:\n- name: g\n  rules:\n  - alert: A\n" + "\n".join(f"    {line}" for line in keys.splitlines())
    problems = [str(problem) for problem in read_rules("f", text).problems]
    assert any(told in problem for problem in problems), problems


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """And so is one that is no text."""
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    problems = read_files([tmp_path / "nowhere.yaml", tmp_path / "binary.yaml"]).problems
    assert [Path(problem.file).name for problem in problems] == ["nowhere.yaml", "binary.yaml"]
    assert all("cannot be read" in problem.message for problem in problems)


def test_the_shipped_schema_is_made_of_the_table_of_fields() -> None:
    """Editors complete and check what the collector takes: `python -m hookline_collector.alerts.rule_fields` writes the file."""
    assert json.loads(SCHEMA.read_text()) == json_schema()
    properties = json_schema()["properties"]["groups"]["items"]["properties"]["rules"]["items"]["properties"]
    assert list(properties) == [field.key for field in RULE]
    assert all(each["description"] for each in properties.values())


def test_the_default_pack_has_no_problem() -> None:
    """What is on by default is taken."""
    assert [str(problem) for problem in default_pack().problems] == []


@pytest.mark.parametrize(
    ("text", "ns"), [("0", 0), ("30s", 30 * S), ("1h30m", 90 * MINUTE), ("1d", 1440 * MINUTE), ("250ms", S // 4), ("2w", 20160 * MINUTE)]
)
def test_durations(text: str, ns: int) -> None:
    """As Prometheus writes them."""
    assert duration_ns(text) == ns
    assert duration_ns(duration_text(ns)) == ns


@pytest.mark.parametrize("text", ["", "5", "m5", "1m1h", "-1s", "1.5h", "999999999999y"])
def test_what_is_no_duration(text: str) -> None:
    """Units in their order, whole numbers."""
    with pytest.raises(ValueError):
        duration_ns(text)


@pytest.mark.parametrize(("text", "value"), [("5", 5.0), ("-1e3", -1000.0), ("80%", 80.0), ("10m", 600.0), ("2GiB", 2.0**31), ("1.5 kB", 1500.0)])
def test_quantities(text: str, value: float) -> None:
    """A limit is written as its figure is measured: seconds, bytes, percent."""
    assert quantity(text) == value
