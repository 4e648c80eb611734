"""The one table of what a rule file may say: its keys, what each means and how it is written.

`rule_files` reads by it, and `json_schema()` is made of it: editors complete and check what the collector takes. A test compares the shipped
schema with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from hookline_collector.alerts.rule import Aggregate, NoData
from hookline_collector.alerts.session_figures import FIGURES

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_SCALAR = {"type": ["string", "number", "boolean"]}


class Written(StrEnum):
    """How a value is written."""

    TEXT = "text"
    DURATION = "duration"
    QUANTITY = "quantity"
    PAIR = "pair"
    COUNT = "count"
    FLAG = "flag"
    TEXTS = "texts"
    MATCHERS = "matchers"
    BY = "by"
    AGGREGATE = "aggregate"
    NO_DATA = "no_data"
    FIGURE = "figure"
    BASELINE_KIND = "baseline_kind"
    FORECAST_KIND = "forecast_kind"
    FORECAST = "forecast"
    BASELINE = "baseline"
    BURN_RATE = "burn_rate"
    BURN_WINDOWS = "burn_windows"
    RULES = "rules"
    GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class RuleField:
    """One key: how its value is written, and what it means."""

    key: str
    written: Written
    meaning: str
    is_needed: bool = False


FILE = (RuleField("groups", Written.GROUPS, "The groups of rules.", is_needed=True),)
GROUP = (
    RuleField("name", Written.TEXT, "The group's name, unlike any other's in the file.", is_needed=True),
    RuleField("interval", Written.DURATION, "How often its rules are looked at as time passes; 15s. What arrives is looked at when it arrives."),
    RuleField("limit", Written.COUNT, "The most alerts that a rule may have at once; more are an error of the rule. 0: no limit."),
    RuleField("labels", Written.TEXTS, "Labels of all its alerts; a rule's own win."),
    RuleField("rules", Written.RULES, "The rules, in order.", is_needed=True),
)
MEASURES = ("metric", "span", "log", "session", "sql")
CONDITIONS = ("above", "below", "equals", "outside", "absent")
ITEM_KEYS = ("aggregate", "over", "of", "match", "at_least")
RULE = (
    RuleField("alert", Written.TEXT, "The alert's name, its label `alertname`.", is_needed=True),
    RuleField("metric", Written.TEXT, "Measure the points of the metric of this name."),
    RuleField("span", Written.TEXT, "Measure spans: the name, its first word, or `*` for any."),
    RuleField("log", Written.TEXT, "Measure log records: the name of the event, or `*` for any."),
    RuleField("session", Written.FIGURE, "Measure a figure of live sessions, one series a session."),
    RuleField("sql", Written.TEXT, "Ask the store: a SELECT of `value` and labels; with a column `at` each row is a moment of its series."),
    RuleField("filter", Written.MATCHERS, "Only what has these attributes: a value, a list of values, or an operator and a value."),
    RuleField("aggregate", Written.AGGREGATE, "What is made of the items in the window."),
    RuleField("over", Written.DURATION, "How long the window is; 5m."),
    RuleField("of", Written.TEXT, "The attribute that is aggregated; a span's `duration_s` and a metric's `value` where nothing else is said."),
    RuleField("match", Written.MATCHERS, "The items that `share` and `in_a_row` count."),
    RuleField("at_least", Written.COUNT, "Fewer items in the window have no value."),
    RuleField("by", Written.BY, "One series for each value of these attributes: a list, or labels and the attributes that they come from."),
    RuleField("on_arrival", Written.FLAG, "Ask the store soon after something new was stored, not on the interval alone."),
    RuleField("above", Written.QUANTITY, "A breach is a value above this."),
    RuleField("below", Written.QUANTITY, "A breach is a value below this."),
    RuleField("equals", Written.QUANTITY, "A breach is exactly this value."),
    RuleField("outside", Written.PAIR, "A breach is a value below the first or above the second."),
    RuleField("absent", Written.FLAG, "A breach is that there is no series at all."),
    RuleField("clear", Written.QUANTITY, "The breach is over only past this: lower than `above`, higher than `below`."),
    RuleField("no_data", Written.NO_DATA, "What it means that a series has no value any more: ok (it is over), alerting, or keep (nothing changes)."),
    RuleField("forecast", Written.FORECAST, "Judge where the series will be."),
    RuleField("baseline", Written.BASELINE, "Judge how far it is from the same hour in past weeks."),
    RuleField("burn_rate", Written.BURN_RATE, "Judge how fast the error budget of an objective is spent; `match` are the errors."),
    RuleField("for", Written.DURATION, "A breach must last this long before it fires; 0s."),
    RuleField("keep_firing_for", Written.DURATION, "It fires on for so long after the breach was over; 0s."),
    RuleField("labels", Written.TEXTS, "Labels of its alerts; templates may use `$labels`."),
    RuleField("annotations", Written.TEXTS, "What people read: `summary`, `description`, `runbook_url`; templates."),
)
FORECAST = (
    RuleField("within", Written.DURATION, "How far ahead.", is_needed=True),
    RuleField("history", Written.DURATION, "From how much of the past; three times `within` where nothing else is said."),
    RuleField("as", Written.FORECAST_KIND, "The value judged: the `value` that it will have, or its `ratio` to that of now (growth); value."),
    RuleField("least", Written.QUANTITY, "With `as: ratio`: a difference smaller than this is none."),
)
BASELINE = (
    RuleField("weeks", Written.COUNT, "How many weeks back; 4."),
    RuleField("as", Written.BASELINE_KIND, "The value compared: `ratio` to the usual, or `deviations` from it (robust); ratio."),
    RuleField("least", Written.QUANTITY, "A difference smaller than this is none."),
)
BURN_RATE = (
    RuleField("objective", Written.QUANTITY, "The share that must be good, in percent: 99.9.", is_needed=True),
    RuleField("windows", Written.BURN_WINDOWS, "Pairs of windows and the factor that both must pass; 1h, 5m, 14.4 and 6h, 30m, 6."),
)
BURN_WINDOW = (
    RuleField("long", Written.DURATION, "The long window.", is_needed=True),
    RuleField("short", Written.DURATION, "The short one, so that what is over does not count.", is_needed=True),
    RuleField("factor", Written.QUANTITY, "How many times faster than the budget allows.", is_needed=True),
)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a rule file."""
    return {"$schema": SCHEMA_ID, "title": "Alert rules of Hookline"} | _object(FILE)


def schema_text() -> str:
    """Return the schema as it is shipped."""
    return json.dumps(json_schema(), indent=2) + "\n"


def _object(fields: tuple[RuleField, ...]) -> dict[str, Any]:
    properties = {each.key: {"description": each.meaning} | _shape(each.written) for each in fields}
    needed = [each.key for each in fields if each.is_needed]
    return {"type": "object", "additionalProperties": False, "required": needed, "properties": properties}


def _rule() -> dict[str, Any]:
    one_measure = {"oneOf": [{"required": [key]} for key in MEASURES]}
    one_condition = {"oneOf": [{"required": [key]} for key in (*CONDITIONS, "burn_rate")]}
    return _object(RULE) | {"allOf": [one_measure, one_condition]}


def _shape(written: Written) -> dict[str, Any]:
    matchers = {"type": "object", "additionalProperties": {"oneOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}}
    shapes: dict[Written, Any] = {
        Written.TEXT: _TEXT,
        Written.DURATION: {"type": ["string", "integer"], "pattern": r"^(\d+(ms|[smhdwy]))+$|^0$"},
        Written.QUANTITY: {"type": ["number", "string"]},
        Written.PAIR: {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2},
        Written.COUNT: {"type": "integer", "minimum": 0},
        Written.FLAG: {"type": "boolean"},
        Written.TEXTS: {"type": "object", "additionalProperties": _SCALAR},
        Written.MATCHERS: matchers,
        Written.BY: {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}, {"type": "object", "additionalProperties": _TEXT}]},
        Written.AGGREGATE: {"enum": [str(each) for each in Aggregate]},
        Written.NO_DATA: {"enum": [str(each) for each in NoData]},
        Written.FIGURE: {"enum": list(FIGURES)},
        Written.BASELINE_KIND: {"enum": ["ratio", "deviations"]},
        Written.FORECAST_KIND: {"enum": ["value", "ratio"]},
    }
    if written in shapes:
        return dict(shapes[written])
    inner = {Written.FORECAST: FORECAST, Written.BASELINE: BASELINE, Written.BURN_RATE: BURN_RATE}
    if written in inner:
        return _object(inner[written])
    if written is Written.BURN_WINDOWS:
        return {"type": "array", "items": _object(BURN_WINDOW)}
    return {"type": "array", "items": _rule() if written is Written.RULES else _object(GROUP)}


if __name__ == "__main__":
    Path(__file__).with_name("rules.schema.json").write_text(schema_text())
