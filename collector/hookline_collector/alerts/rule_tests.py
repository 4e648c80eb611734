"""Unit tests of rules in files, as `promtool test rules` has them, with spans and log records beside series.

    rule_files: [mine.yaml]
    tests:
      - name: a slow tool
        interval: 1m
        input_series:                      # points of metrics: `1 2 3`, `0+5x10` (ten more, each 5 higher), `_` none
          - {series: 'queue{host="a"}', values: '1 2 3+1x5'}
          - {series: 'sent{to="b"}', values: '0+5x9', kind: counter}
        input_items:                       # spans, records and histograms: so many, one each so often, from a moment on
          - {span: execute_tool Bash, at: 0m, every: 10s, count: 20, duration: 8s, attributes: {gen_ai.tool.name: Bash}}
          - {histogram: http.server.request.duration, every: 1m, count: 9, bounds: [0.1, 0.5], counts: [80, 15, 5]}
        input_sessions:                    # what is seen of sessions: prompt, tool_started, tool_ended, wait_started, wait_ended, ended, …
          - {session: s1, seen: prompt, at: 0m, attributes: {hookline.project.name: shop}}
          - {session: s1, seen: wait_started, at: 1m, key: call-1, reason: permission}
        input_answers:                     # what the store answers a rule by SQL, from a moment on
          - {alert: Backlog, at: 2m, rows: [{queue: mail, value: 120}]}
        alert_rule_test:                   # exactly these alerts fire then
          - eval_time: 10m
            alertname: Slow
            exp_alerts:
              - exp_labels: {severity: warning, tool: Bash}
                exp_annotations: {summary: Bash is slow}

Time begins at 0. A point of a series counts by its increase where the rule aggregates `rate` or `sum`, and of a series whose `kind` is `counter` also
for a `share`; a `gauge` counts as it is. A histogram says what its buckets counted since the point before. `key` names the call, prompt or wait that
something seen of a session is about; `prompt`, `reason` and `failed` say more of it. A rule by SQL is asked on its interval, and is answered what was
last said; its statement is not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from hookline.contract.scopes import Source
from hookline.errors import Rejected
from hookline_collector.alerts.alert import ALERT_NAME, Alert, AlertState
from hookline_collector.alerts.item_reading import Bucket, CumulativeCounters, MeasuredItem, buckets_of, item_of, item_of_counter, items_of_buckets
from hookline_collector.alerts.measure_sql import COUNTED
from hookline_collector.alerts.quantities import NS, duration_ns
from hookline_collector.alerts.rule import AlertRule, ItemKind, ItemMeasure, SessionMeasure, SqlMeasure
from hookline_collector.alerts.rule_files import RuleSet, read_files
from hookline_collector.alerts.rule_replay import ItemReplay, RuleReplay, SessionReplay, SqlReplay, rows_of
from hookline_collector.signals.observations import Observation, ObservationKind

BEGIN_NS = 1_000_000_000 * NS["s"]  # moments are counted from here, so that none is 0
MAX_VALUES = 10_000
_SERIES = re.compile(r"([^{\s]+)\s*(?:\{(.*)\})?")
_LABEL = re.compile(r'\s*([A-Za-z_][\w.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_VALUE = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?)(?:([+-][\d.]+)?x(\d+))?")


@dataclass(frozen=True, slots=True)
class RuleTestFailure:
    """One expectation that does not hold."""

    test: str
    alert: str
    at: str
    expected: tuple[str, ...]
    found: tuple[str, ...]

    def __str__(self) -> str:
        wanted, got = "\n    ".join(self.expected) or "nothing", "\n    ".join(self.found) or "nothing"
        return f"{self.test}: {self.alert} at {self.at}\n  expected:\n    {wanted}\n  found:\n    {got}"


class SeriesKind(StrEnum):
    """What a series of a test is; where nothing is said, what the rule takes it for."""

    GAUGE = "gauge"
    COUNTER = "counter"
    UNTOLD = ""


@dataclass(frozen=True, slots=True)
class _Given:
    """An item of a test: its kind, name, moment and attributes; of a series what it is, of a histogram what its buckets counted."""

    kind: ItemKind
    name: str
    at_ns: int
    read: Mapping[str, Any]
    series: SeriesKind = SeriesKind.UNTOLD
    buckets: Sequence[Bucket] | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the store answers a rule from a moment on."""

    alert: str
    at_ns: int
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Told:
    """All that a test tells, each in order of time."""

    items: Sequence[_Given]
    sessions: Sequence[Observation]
    answers: Sequence[_Answer]


def run_tests(path: Path) -> tuple[int, list[RuleTestFailure]]:
    """Run a file of tests; return how many expectations there were, and those that do not hold. Raises Rejected for a file that is none."""
    try:
        found = yaml.safe_load(path.read_text())
        rules = read_files([path.parent / name for name in found["rule_files"]])
        tests = found["tests"]
        if rules.problems:
            raise Rejected("\n".join(map(str, rules.problems)))
        results = [result for number, test in enumerate(tests, 1) for result in _run(test, str(test.get("name", f"test {number}")), rules)]
    except (OSError, UnicodeError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as why:
        raise Rejected(f"{path}: not a file of tests: {type(why).__name__} {' '.join(str(why).split())[:300]}") from why
    return len(results), [failure for failure in results if failure is not None]


def _run(test: Mapping[str, Any], name: str, rules: RuleSet) -> Iterator[RuleTestFailure | None]:
    interval_ns = duration_ns(str(test.get("interval", "1m")))
    given = sorted([*_points(test, interval_ns), *_items(test)], key=lambda item: item.at_ns)
    seen = sorted(_sessions(test), key=lambda each: each.time_ns)
    answers = sorted(_answers(test), key=lambda each: each.at_ns)
    for asked in test.get("alert_rule_test", ()):
        at_ns, alert = BEGIN_NS + duration_ns(str(asked["eval_time"])), str(asked["alertname"])
        named = [rule for rule in rules.rules if rule.origin.name == alert]
        if not named:
            raise Rejected(f"{name}: no rule is called {alert!r}")
        firing = [each for rule in named for each in firing_at(rule, _Told(given, seen, answers), at_ns)]
        wanted = asked.get("exp_alerts") or ()
        has_texts = any("exp_annotations" in each for each in wanted)
        expected = tuple(sorted(_words({**each.get("exp_labels", {}), ALERT_NAME: alert}, each.get("exp_annotations", {})) for each in wanted))
        found = tuple(sorted(_words(each.labels, each.annotations if has_texts else {}) for each in firing))
        yield None if expected == found else RuleTestFailure(name, alert, str(asked["eval_time"]), expected, found)


def firing_at(rule: AlertRule, told: _Told, at_ns: int) -> list[Alert]:
    """Return the alerts of a rule that fire at a moment."""
    replay = _replayed(rule, told, at_ns)
    replay.advance(at_ns)
    replay.look(at_ns)
    return [alert for alert in replay.run.alerts.values() if alert.state is AlertState.FIRING]


def _replayed(rule: AlertRule, told: _Told, at_ns: int) -> RuleReplay:
    """Return a rule after what it measures of a test, up to a moment."""
    if isinstance(rule.measure, SessionMeasure):
        sessions = SessionReplay(rule, BEGIN_NS)
        for seen in told.sessions:
            if seen.time_ns <= at_ns:
                sessions.feed([seen], seen.time_ns)
        return sessions
    if isinstance(rule.measure, SqlMeasure):
        answered = SqlReplay(rule, BEGIN_NS)
        known = [each for each in told.answers if each.alert == rule.origin.name]
        for moment_ns in range(BEGIN_NS, at_ns + 1, rule.interval_ns):
            newest = [each for each in known if each.at_ns <= moment_ns]
            if newest:
                answered.feed(rows_of(newest[-1].rows), moment_ns)
        return answered
    replay, counters = ItemReplay(rule, BEGIN_NS), CumulativeCounters()
    for item in told.items:
        if item.at_ns <= at_ns:
            for measured in _measured(rule.measure, item, counters):
                replay.feed(measured)
    return replay


def _sessions(test: Mapping[str, Any]) -> Iterator[Observation]:
    for each in test.get("input_sessions", ()):
        at_ns, every_ns = BEGIN_NS + duration_ns(str(each.get("at", "0"))), duration_ns(str(each.get("every", "1s")))
        session_id, seen = str(each["session"]), ObservationKind(str(each["seen"]))
        key, prompt, reason = (str(each.get(name, "")) for name in ("key", "prompt", "reason"))
        attributes, is_failed = each.get("attributes", {}), bool(each.get("failed", False))
        for number in range(_count(each)):
            own = f"{key}-{number}" if number else key
            yield Observation(session_id, at_ns + number * every_ns, seen, Source.HOOK, own, prompt, is_failed, reason, attributes)


def _answers(test: Mapping[str, Any]) -> Iterator[_Answer]:
    for each in test.get("input_answers", ()):
        yield _Answer(str(each["alert"]), BEGIN_NS + duration_ns(str(each.get("at", "0"))), each["rows"])


def _count(each: Mapping[str, Any]) -> int:
    count = int(each.get("count", 1))
    if count > MAX_VALUES:
        raise ValueError(f"more than {MAX_VALUES} items")
    return count


def _measured(measure: ItemMeasure, item: _Given, counters: CumulativeCounters) -> Iterable[MeasuredItem]:
    """Return what a measure sees of an item."""
    if item.kind is not measure.kind or (measure.name and measure.name not in (item.name, item.name.partition(" ")[0])):
        return ()
    read = dict(item.read)
    if item.buckets is not None:
        return items_of_buckets(measure, read, item.at_ns, item.buckets)
    is_counter = item.series is SeriesKind.COUNTER or (item.series is SeriesKind.UNTOLD and measure.aggregate in COUNTED)
    if item.kind is ItemKind.METRIC and is_counter:
        key = (item.name, frozenset(pair for pair in read.items() if pair[0] != "value"))
        measured = item_of_counter(measure, read, item.at_ns, counters.increase(key, float(read["value"])))
    else:
        measured = item_of(measure, read, item.at_ns)
    return () if measured is None else (measured,)


def _points(test: Mapping[str, Any], interval_ns: int) -> Iterator[_Given]:
    for series in test.get("input_series", ()):
        found = _SERIES.fullmatch(str(series["series"]).strip())
        if found is None:
            raise ValueError(f"{series['series']!r} is no series")
        labels = {name: value.replace('\\"', '"') for name, value in _LABEL.findall(found[2] or "")}
        kind = SeriesKind(str(series.get("kind", "")))
        for at, value in enumerate(values(str(series["values"]))):
            if value is not None:
                yield _Given(ItemKind.METRIC, found[1], BEGIN_NS + at * interval_ns, {**labels, "name": found[1], "value": value}, kind)


def values(text: str) -> list[float | None]:
    """Return the values of a series as promtool writes them."""
    found: list[float | None] = []
    for word in text.split():
        if word in ("_", "stale"):
            found.append(None)
        elif word.startswith("_x"):
            found += [None] * int(word[2:])
        elif match := _VALUE.fullmatch(word):
            first, step, more = float(match[1]), float(match[2] or 0), int(match[3] or 0)
            found += [first + step * at for at in range(more + 1)]
        else:
            raise ValueError(f"{word!r} is no value")
        if len(found) > MAX_VALUES:
            raise ValueError(f"more than {MAX_VALUES} values")
    return found


def _items(test: Mapping[str, Any]) -> Iterator[_Given]:
    for item in test.get("input_items", ()):
        kind = ItemKind.METRIC if "histogram" in item else ItemKind.SPAN if "span" in item else ItemKind.LOG
        name = str(item["histogram" if kind is ItemKind.METRIC else kind.value])
        at_ns, every_ns, count = BEGIN_NS + duration_ns(str(item.get("at", "0"))), duration_ns(str(item.get("every", "1s"))), _count(item)
        read = {**item.get("attributes", {}), "name": name, "status": str(item.get("status", "unset"))}
        read["duration_s"] = duration_ns(str(item.get("duration", "0"))) / NS["s"]
        buckets = _buckets(item) if kind is ItemKind.METRIC else None
        yield from (_Given(kind, name, at_ns + number * every_ns, read, buckets=buckets) for number in range(count))


def _buckets(item: Mapping[str, Any]) -> list[Bucket]:
    """Return the buckets of a histogram of a test. Raises ValueError for counts that do not fit the bounds."""
    bounds, counts = [float(bound) for bound in item["bounds"]], [float(count) for count in item["counts"]]
    if len(counts) != len(bounds) + 1 or sorted(set(bounds)) != bounds or min(counts) < 0:
        raise ValueError(f"{item['histogram']}: bounds rise, and there is one count more than bounds: those up to each, and those above the last")
    return buckets_of(bounds, counts)


def _words(labels: Mapping[str, Any], annotations: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name}={labels[name]}" for name in sorted(labels))
    texts = ", ".join(f"{name}: {annotations[name]}" for name in sorted(annotations))
    return f"{{{told}}}{f' {texts}' if texts else ''}"
