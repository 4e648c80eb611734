"""Rule files: YAML in Prometheus' shape, checked as a whole. Every problem is found at once and names file, line, column and key.

`read_rules(file, text)` returns the groups and the problems; groups are only to be used where there are none. `read_folder` does the same for what
people's files and the default pack hold together: a name of a group and its file must be the only one of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from hookline_collector.alerts import rule_fields
from hookline_collector.alerts.alert import ALERT_NAME, RuleOrigin
from hookline_collector.alerts.matchers import Matcher, matcher_of
from hookline_collector.alerts.quantities import duration_ns, quantity
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
    Measure,
    NoData,
    Outlook,
    RuleGroup,
    SessionMeasure,
    SqlMeasure,
)
from hookline_collector.alerts.rule_fields import RuleField
from hookline_collector.alerts.session_figures import FIGURES, LABELS
from hookline_collector.alerts.templates import check_template
from hookline_collector.yaml_files import FileProblem, FileProblems, Spot, read_yaml

INTERVAL_NS = 15_000_000_000
LEAST_INTERVAL_NS = 1_000_000_000
OVER_NS = 300_000_000_000
MAX_OVER_NS = 7 * 86_400_000_000_000
MAX_GROUPS, MAX_RULES = 200, 2_000
BURN_WINDOWS = (BurnWindow(3_600_000_000_000, 300_000_000_000, 14.4), BurnWindow(21_600_000_000_000, 1_800_000_000_000, 6.0))
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TRUE, _FALSE = ("true", "True", "yes", "on"), ("false", "False", "no", "off")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What was read: the groups, and the problems for which they are not to be used."""

    groups: tuple[RuleGroup, ...] = ()
    problems: tuple[FileProblem, ...] = ()

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        """All rules, in their order."""
        return tuple(rule for group in self.groups for rule in group.rules)

    def without(self, names: Collection[str]) -> RuleSet:
        """Return the set without the rules of these names."""
        kept = (replace(group, rules=tuple(rule for rule in group.rules if rule.origin.name not in names)) for group in self.groups)
        return RuleSet(tuple(kept), self.problems)


def read_rules(file: str, text: str) -> RuleSet:
    """Read a rule file."""
    tree, problems = read_yaml(file, text)
    if tree is None:
        return RuleSet(problems=tuple(problems))
    reader = _Reader(file)
    reader.problems.found += problems
    groups = reader.groups(tree)
    return RuleSet(groups if not reader.problems.found else (), tuple(sorted(reader.problems.found, key=lambda each: (each.line, each.column))))


def read_files(paths: Iterable[Path]) -> RuleSet:
    """Read several files; one that cannot be read is a problem."""
    return joined([_read(path) for path in paths])


@cache
def default_pack() -> RuleSet:
    """Return the rules that come with Hookline, read once."""
    pack = files(__package__).joinpath("pack")
    return joined([read_rules(f"default/{each.name}", each.read_text()) for each in sorted(pack.iterdir(), key=lambda each: each.name)])


def joined(sets: Iterable[RuleSet]) -> RuleSet:
    """Return several sets as one."""
    sets = tuple(sets)
    return RuleSet(tuple(group for each in sets for group in each.groups), tuple(problem for each in sets for problem in each.problems))


def _read(path: Path) -> RuleSet:
    try:
        text = path.read_text()
    except (OSError, UnicodeError) as why:
        return RuleSet(problems=(FileProblem(str(path), 0, 0, "", f"cannot be read: {why}"),))
    return read_rules(str(path), text)


class _Reader:
    """Makes records of the tree of one file."""

    def __init__(self, file: str) -> None:
        self.problems = FileProblems(file)
        self.file = file

    def groups(self, tree: Spot) -> tuple[RuleGroup, ...]:
        found = self._object(tree, rule_fields.FILE)
        spots = self._list(found.get("groups"))
        if len(spots) > MAX_GROUPS:
            self.problems.add(tree, f"more than {MAX_GROUPS} groups")
        groups = [self._group(each) for each in spots[:MAX_GROUPS]]
        names = [each.name for each in groups]
        for at, each in enumerate(spots[:MAX_GROUPS]):
            if names[at] and names[at] in names[:at]:
                self.problems.add(each, f"another group of this file is called {names[at]!r}")
        if sum(len(group.rules) for group in groups) > MAX_RULES:
            self.problems.add(tree, f"more than {MAX_RULES} rules")
        return tuple(groups)

    def _group(self, spot: Spot) -> RuleGroup:
        found = self._object(spot, rule_fields.GROUP)
        name = self._read(found, "name", _text, "")
        interval_ns = self._read(found, "interval", duration_ns, INTERVAL_NS)
        if interval_ns < LEAST_INTERVAL_NS:
            self.problems.add(found["interval"], "at least 1s")
        limit = self._read(found, "limit", _count, 0)
        labels = self._texts(found.get("labels"), are_labels=True)
        rules = tuple(self._rule(each, name, interval_ns, limit, labels) for each in self._list(found.get("rules")))
        return RuleGroup(name, self.file, interval_ns, rules)

    def _rule(self, spot: Spot, group: str, interval_ns: int, limit: int, labels: dict[str, str]) -> AlertRule:
        found = self._object(spot, rule_fields.RULE)
        name = self._read(found, "alert", _text, "")
        measure = self._measure(spot, found)
        outlook = self._outlook(spot, found, measure)
        return AlertRule(
            origin=RuleOrigin(group, name, self.file),
            measure=measure,
            condition=self._condition(spot, found, outlook),
            for_ns=self._read(found, "for", duration_ns, 0),
            keep_firing_for_ns=self._read(found, "keep_firing_for", duration_ns, 0),
            interval_ns=interval_ns,
            limit=limit,
            no_data=NoData(self._choice(found, "no_data", NoData, NoData.OK)),
            outlook=outlook,
            labels=labels | self._texts(found.get("labels"), are_labels=True),
            annotations=self._texts(found.get("annotations"), are_labels=False),
            line=spot.line,
        )

    def _measure(self, spot: Spot, found: dict[str, Spot]) -> Measure:
        chosen = self._one_of(spot, found, rule_fields.MEASURES, "what is measured")
        if chosen in ("", "metric", "span", "log"):
            return self._items(found, ItemKind(chosen or "log"))
        self._unused(found, rule_fields.ITEM_KEYS, f"is only for metric, span and log, not for {chosen}")
        if chosen == "session":
            figure = self._choice(found, "session", FIGURES, "age_s")
            return SessionMeasure(figure, self._matchers(found.get("filter")), self._by(found.get("by")) or tuple((name, name) for name in LABELS))
        self._unused(found, ("filter", "by"), "is written in the statement itself")
        return SqlMeasure(self._read(found, "sql", _text, ""), self._read(found, "on_arrival", _flag, False))

    def _items(self, found: dict[str, Spot], kind: ItemKind) -> ItemMeasure:
        self._unused(found, ("on_arrival",), "is only for sql")
        name = self._read(found, kind.value, _text, "")
        default = Aggregate.LAST if kind is ItemKind.METRIC else Aggregate.COUNT
        aggregate = Aggregate(self._choice(found, "aggregate", Aggregate, default))
        if "burn_rate" in found:
            if "aggregate" in found and aggregate is not Aggregate.SHARE:
                self.problems.add(found["aggregate"], "a burn rate is made of the share that `match` says")
            aggregate = Aggregate.SHARE
        of = self._read(found, "of", _text, {ItemKind.METRIC: "value", ItemKind.SPAN: "duration_s", ItemKind.LOG: ""}[kind])
        match = self._matchers(found.get("match"))
        over_ns = self._read(found, "over", duration_ns, OVER_NS)
        if "over" in found and not LEAST_INTERVAL_NS <= over_ns <= MAX_OVER_NS:
            self.problems.add(found["over"], "from 1s to 7d")
        needs_of = kind is ItemKind.LOG and aggregate not in (Aggregate.COUNT, Aggregate.RATE, Aggregate.SHARE, Aggregate.IN_A_ROW)
        if needs_of and not of:
            self.problems.add(found.get("aggregate", found["log"]), f"{aggregate} needs `of`, the attribute that holds the number")
        if aggregate is Aggregate.SHARE and not match and "aggregate" in found:
            self.problems.add(found["aggregate"], "share needs `match`: which items, of all, it is the share of")
        if aggregate is Aggregate.IN_A_ROW and not match and "of" not in found:
            self.problems.add(found["aggregate"], "in_a_row needs `match`, or `of`: which attribute must be the same")
        if "match" in found and aggregate not in (Aggregate.SHARE, Aggregate.IN_A_ROW):
            self.problems.add(found["match"], "is only for share and in_a_row; `filter` is for the others")
        at_least = self._read(found, "at_least", _count, 0)
        filter_ = self._matchers(found.get("filter"))
        return ItemMeasure(kind, "" if name == "*" else name, aggregate, over_ns, filter_, of, match, self._by(found.get("by")), at_least)

    def _outlook(self, spot: Spot, found: dict[str, Spot], measure: Measure) -> Outlook | None:
        chosen = [key for key in ("forecast", "baseline", "burn_rate") if key in found]
        for key in chosen[1:]:
            self.problems.add(found[key], f"not together with {chosen[0]}")
        if not chosen:
            return None
        if chosen[0] != "forecast" and not isinstance(measure, ItemMeasure):
            self.problems.add(found[chosen[0]], "is only for metric, span and log")
        if isinstance(measure, SessionMeasure):
            self.problems.add(found[chosen[0]], "is not for sessions")
        readers: dict[str, Callable[[Spot, dict[str, Spot]], Outlook]] = {
            "forecast": self._forecast,
            "baseline": self._baseline,
            "burn_rate": self._burn_rate,
        }
        return readers[chosen[0]](found[chosen[0]], found)

    def _forecast(self, spot: Spot, _: dict[str, Spot]) -> Forecast:
        inner = self._object(spot, rule_fields.FORECAST)
        within_ns = self._read(inner, "within", duration_ns, 0)
        history_ns = self._read(inner, "history", duration_ns, 3 * within_ns)
        if history_ns < 2 * within_ns:
            self.problems.add(inner.get("history", spot), "a forecast sees no further than half of its history: at least twice `within`")
        kind, least = self._choice(inner, "as", ("value", "ratio"), "value"), self._read(inner, "least", quantity, 0.0)
        if kind == "value" and "least" in inner:
            self.problems.add(inner["least"], "is only for `as: ratio`")
        return Forecast(within_ns, history_ns, kind, least)

    def _baseline(self, spot: Spot, _: dict[str, Spot]) -> Baseline:
        inner = self._object(spot, rule_fields.BASELINE)
        weeks = self._read(inner, "weeks", _count, 4)
        if not 1 <= weeks <= 12:
            self.problems.add(inner["weeks"], "from 1 to 12")
        return Baseline(weeks, self._choice(inner, "as", ("ratio", "deviations"), "ratio"), self._read(inner, "least", quantity, 0.0))

    def _burn_rate(self, spot: Spot, found: dict[str, Spot]) -> BurnRate:
        inner = self._object(spot, rule_fields.BURN_RATE)
        objective = self._read(inner, "objective", quantity, 99.0)
        if not 0 < objective < 100:
            self.problems.add(inner["objective"], "a percentage between 0 and 100, such as 99.9")
        if "match" not in found:
            self.problems.add(spot, "needs `match`: which items are errors")
        windows = tuple(self._burn_window(each) for each in self._list(inner.get("windows")))
        return BurnRate(objective, windows or BURN_WINDOWS)

    def _burn_window(self, spot: Spot) -> BurnWindow:
        inner = self._object(spot, rule_fields.BURN_WINDOW)
        found = BurnWindow(
            self._read(inner, "long", duration_ns, 0), self._read(inner, "short", duration_ns, 0), self._read(inner, "factor", quantity, 1.0)
        )
        if not 0 < found.short_ns < found.long_ns <= MAX_OVER_NS:
            self.problems.add(spot, "`short` must be shorter than `long`, and `long` at most 7d")
        return found

    def _condition(self, spot: Spot, found: dict[str, Spot], outlook: Outlook | None) -> Condition:
        if isinstance(outlook, BurnRate):
            self._unused(found, (*rule_fields.CONDITIONS, "clear"), "is not needed beside burn_rate: its factors say when")
            return Condition(above=1.0)
        chosen = self._one_of(spot, found, rule_fields.CONDITIONS, "when it is a breach")
        clear = self._read(found, "clear", quantity, None)
        value = self._read(found, chosen, quantity, 0.0) if chosen in ("above", "below", "equals") else 0.0
        if chosen == "above":
            self._check_clear(found, clear is None or clear <= value, "lower than `above`, or the same")
            return Condition(above=value, clear_above=clear)
        if chosen == "below":
            self._check_clear(found, clear is None or clear >= value, "higher than `below`, or the same")
            return Condition(below=value, clear_below=clear)
        self._check_clear(found, clear is None, "is only for above and below")
        if chosen == "outside":
            low, high = self._pair(found["outside"])
            return Condition(below=low, above=high)
        if chosen == "absent":
            if not self._read(found, "absent", _flag, True):
                self.problems.add(found["absent"], "write `absent: true`, or another condition")
            if outlook is not None:
                self.problems.add(found["absent"], "what is not there has no forecast and no baseline")
            return Condition(absent=True)
        return Condition(equals=value)

    def _check_clear(self, found: dict[str, Spot], is_good: bool, what: str) -> None:
        if not is_good:
            self.problems.add(found["clear"], what)

    def _pair(self, spot: Spot) -> tuple[float, float]:
        values = [self._value(each, quantity, 0.0) for each in self._list(spot)]
        if len(values) != 2 or values[0] >= values[1]:
            self.problems.add(spot, "two numbers, the lower first")
            return 0.0, 0.0
        return values[0], values[1]

    def _one_of(self, spot: Spot, found: dict[str, Spot], keys: tuple[str, ...], what: str) -> str:
        chosen = [key for key in keys if key in found]
        if not chosen:
            self.problems.add(spot, f"says nothing of {what}: one of {', '.join(keys)}")
        for key in chosen[1:]:
            self.problems.add(found[key], f"not together with {chosen[0]}: a rule has one of {', '.join(keys)}")
        return chosen[0] if chosen else ""

    def _unused(self, found: dict[str, Spot], keys: Iterable[str], why: str) -> None:
        for key in keys:
            if key in found:
                self.problems.add(found[key], why)

    def _object(self, spot: Spot, fields: tuple[RuleField, ...]) -> dict[str, Spot]:
        if not isinstance(spot.value, dict):
            self.problems.add(
                spot, f"must be a mapping with {', '.join(each.key for each in fields if each.is_needed) or 'its keys'}, not {spot.kind}"
            )
            return {}
        known = [each.key for each in fields]
        for key, value in spot.value.items():
            if key not in known:
                near = get_close_matches(key, known, 1)
                self.problems.add(value, f"no such key{f'; did you mean {near[0]!r}?' if near else ''}")
        for each in fields:
            if each.is_needed and each.key not in spot.value:
                self.problems.add(spot, f"{each.key} is missing")
        return {key: value for key, value in spot.value.items() if key in known}

    def _list(self, spot: Spot | None) -> list[Spot]:
        if spot is None or spot.value is None:
            return []
        if not isinstance(spot.value, list):
            self.problems.add(spot, f"must be a list, not {spot.kind}")
            return []
        return spot.value

    def _read(self, found: dict[str, Spot], key: str, read: Callable[[str], T], default: T) -> T:
        return self._value(found[key], read, default) if key in found else default

    def _value(self, spot: Spot, read: Callable[[str], T], default: T) -> T:
        if not isinstance(spot.value, str):
            self.problems.add(spot, f"must be one value, not {spot.kind}")
            return default
        try:
            return read(spot.value)
        except ValueError as why:
            self.problems.add(spot, str(why))
            return default

    def _choice(self, found: dict[str, Spot], key: str, words: Iterable[str], default: str) -> str:
        known = [str(word) for word in words]

        def read(text: str) -> str:
            if text not in known:
                near = get_close_matches(text, known, 1)
                raise ValueError(f"{text[:50]!r} is none of {', '.join(known)}{f'; did you mean {near[0]!r}?' if near else ''}")
            return text

        return self._read(found, key, read, default)

    def _texts(self, spot: Spot | None, *, are_labels: bool) -> dict[str, str]:
        if spot is None or spot.value is None:
            return {}
        if not isinstance(spot.value, dict):
            self.problems.add(spot, f"must be a mapping of names and texts, not {spot.kind}")
            return {}
        found = {}
        for name, each in spot.value.items():
            if not _LABEL.fullmatch(name) or (are_labels and name == ALERT_NAME):
                self.problems.add(each, "not a name for it: letters, digits and underscores" if name != ALERT_NAME else "is the alert's own name")
            text = self._value(each, str, "")
            if why := check_template(text, is_label=are_labels):
                self.problems.add(each, why)
            found[name] = text
        return found

    def _matchers(self, spot: Spot | None) -> tuple[Matcher, ...]:
        if spot is None or spot.value is None:
            return ()
        if not isinstance(spot.value, dict):
            self.problems.add(spot, f"must be a mapping of attributes and values, not {spot.kind}")
            return ()
        return tuple(matcher for name, each in spot.value.items() if (matcher := self._matcher(name, each)) is not None)

    def _matcher(self, name: str, spot: Spot) -> Matcher | None:
        written = [self._value(each, str, "") for each in spot.value] if isinstance(spot.value, list) else spot.value
        if not isinstance(written, str | list):
            self.problems.add(spot, f"must be a value or a list of values, not {spot.kind}")
            return None
        try:
            return matcher_of(name, written)
        except ValueError as why:
            self.problems.add(spot, str(why))
            return None

    def _by(self, spot: Spot | None) -> tuple[tuple[str, str], ...]:
        if spot is None or spot.value is None:
            return ()
        if isinstance(spot.value, dict):
            pairs = [(label, self._value(each, str, ""), each) for label, each in spot.value.items()]
        else:
            spots = [spot] if isinstance(spot.value, str) else spot.value
            pairs = [(label_of(name), name, each) for each in spots for name in (self._value(each, str, ""),)]
        for label, _, each in pairs:
            if not _LABEL.fullmatch(label) or label == ALERT_NAME:
                self.problems.add(each, f"{label!r} is no name for a label")
        return tuple((label, name) for label, name, _ in pairs)


def label_of(attribute: str) -> str:
    """Return the label that an attribute gives: what a label may not have becomes an underscore, as OpenTelemetry has it for Prometheus."""
    found = re.sub(r"[^A-Za-z0-9_]", "_", attribute)
    return f"_{found}" if found[:1].isdigit() else found


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"must be a whole number, not {text[:50]!r}")
    return int(text)


def _flag(text: str) -> bool:
    if text not in (*_TRUE, *_FALSE):
        raise ValueError(f"must be true or false, not {text[:50]!r}")
    return text in _TRUE
