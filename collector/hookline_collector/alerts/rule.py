"""A rule as it runs: what is measured, when that is a breach, and for how long it must be.

`rule_files` makes these records of YAML; nothing here is checked again. Durations are nanoseconds, as everywhere inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hookline_collector.alerts.alert import RuleOrigin
from hookline_collector.alerts.matchers import Matcher


class Aggregate(StrEnum):
    """What is made of the items in a window."""

    COUNT = "count"
    RATE = "rate"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    P50 = "p50"
    P75 = "p75"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    LAST = "last"
    SHARE = "share"
    IN_A_ROW = "in_a_row"

    @property
    def quantile(self) -> float | None:
        """The quantile of a p50 … p99; None for the others."""
        return int(self.value[1:]) / 100 if self.value[0] == "p" else None

    @property
    def grows(self) -> bool:
        """Whether more of the same items can only make it larger: what is missed makes it too small."""
        return self in (Aggregate.COUNT, Aggregate.RATE, Aggregate.SUM)


class ItemKind(StrEnum):
    """What a measure looks at."""

    METRIC = "metric"
    SPAN = "span"
    LOG = "log"


class NoData(StrEnum):
    """What it means that a series that was there has no value now."""

    OK = "ok"
    ALERTING = "alerting"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class ItemMeasure:
    """An aggregate over the spans, log records or metric points of a name (empty: any) in a window, by labels.

    `by` is the label's name and the attribute it comes from. `match` are the items that `share` and `in_a_row` count; without it `in_a_row`
    counts the newest items that say the same in `of`. A window of fewer than `at_least` items has no value.
    """

    kind: ItemKind
    name: str
    aggregate: Aggregate
    over_ns: int
    filter: tuple[Matcher, ...] = ()
    of: str = ""
    match: tuple[Matcher, ...] = ()
    by: tuple[tuple[str, str], ...] = ()
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class SessionMeasure:
    """A figure of live sessions, one series a session."""

    figure: str
    filter: tuple[Matcher, ...] = ()
    by: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SqlMeasure:
    """A SELECT that gives `value`, perhaps `at`, and a label a column. With `on_arrival` it is asked soon after something was stored."""

    sql: str
    on_arrival: bool = False


Measure = ItemMeasure | SessionMeasure | SqlMeasure


@dataclass(frozen=True, slots=True)
class Condition:
    """When a value is a breach: above `above`, below `below`, at `equals`, or where `absent` is asked for, when there is none at all.

    `outside: [low, high]` is below the one or above the other. A breach is over when the value is back past `clear_above` (for what was above) or
    `clear_below`; these are the limits themselves where the rule says nothing else.
    """

    above: float | None = None
    below: float | None = None
    equals: float | None = None
    absent: bool = False
    clear_above: float | None = None
    clear_below: float | None = None

    def is_breach(self, value: float, was_breach: bool) -> bool:
        """Whether a value is a breach; one that was needs to come back past the limits for clearing."""
        if self.absent:
            return value > 0  # 1 where there is no series, else 0
        if self.equals is not None:
            return value == self.equals
        high = self.clear_above if was_breach and self.clear_above is not None else self.above
        low = self.clear_below if was_breach and self.clear_below is not None else self.below
        return (high is not None and value > high) or (low is not None and value < low)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Judge where the series will be in `within_ns`, from `history_ns` of it: as a `value`, or as a `ratio` to now. A ratio's difference under
    `least` is none."""

    within_ns: int
    history_ns: int
    kind: str = "value"
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """Judge how far the series is from the same hour of past weeks: as a `ratio`, or in `deviations`. A difference under `least` is none."""

    weeks: int
    kind: str
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """Two windows in which an error budget must burn faster than `factor`, so that neither a blip nor what is over counts."""

    long_ns: int
    short_ns: int
    factor: float


@dataclass(frozen=True, slots=True)
class BurnRate:
    """Judge how fast the error budget of an objective is spent: the value is by how much the fastest pair of windows is past its factor."""

    objective: float
    windows: tuple[BurnWindow, ...]


Outlook = Forecast | Baseline | BurnRate


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule. Durations are nanoseconds; `limit` is the most alerts it may have at once, 0 without limit; `line` is where it stands."""

    origin: RuleOrigin
    measure: Measure
    condition: Condition
    for_ns: int = 0
    keep_firing_for_ns: int = 0
    interval_ns: int = 15_000_000_000
    limit: int = 0
    no_data: NoData = NoData.OK
    outlook: Outlook | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def key(self) -> str:
        """What names the rule among all that run."""
        return f"{self.origin.file}/{self.origin.group}/{self.origin.name}#{self.line}"


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules of a group of a file, in their order."""

    name: str
    file: str
    interval_ns: int
    rules: tuple[AlertRule, ...]
