"""What a rule would have done: the same state machine over the stored history.

An episode is what one alert did from its first breach to its end. How many messages that makes is for the routes to say (`notification.replayed`),
who are given the transitions.

- Metrics, spans, records: items are read as `measure_sql.items` says, a piece of the period at a time.
- Sessions: all that was told of them is played to live sessions of the backtest's own, from half a day before the period, so that those are known
  that went on then. That a process had died is not in the store: such a session goes on until something else ends it.
- SQL: the statement is asked as of each moment at which it would have been (`past_sql`), but no more than MAX_ASKED times in the period.

Items that were not kept have no history to look at, nor have exponential histograms and summaries, which no rule reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition
from hookline_collector.alerts.baseline import HOUR_NS, WEEK_NS, BaselineTable
from hookline_collector.alerts.item_reading import MeasuredItem
from hookline_collector.alerts.measure_sql import items, statement
from hookline_collector.alerts.past_sql import as_of
from hookline_collector.alerts.rule import AlertRule, Baseline, ItemMeasure, SessionMeasure, SqlMeasure
from hookline_collector.alerts.rule_replay import ItemReplay, RuleReplay, SessionReplay, SqlReplay
from hookline_collector.alerts.session_history import seen_in, told_of_sessions
from hookline_collector.alerts.sql_source import moment_of
from hookline_collector.sessions.requests_made import RequestPrice, unpriced
from hookline_collector.store.rows import Rows

PIECE_NS = 6 * HOUR_NS
BEFORE_NS = 12 * HOUR_NS
MAX_ROWS, MAX_TOLD = 20_000, 5_000
MAX_ASKED, MAX_LOOKS = 400, 5_000
BLOCKS = " ▁▂▃▄▅▆▇█"
AskRows = Callable[[str], Rows]


@dataclass(frozen=True, slots=True)
class AlertEpisode:
    """One alert that would have fired: since when, until when (0: it still would), and the highest value while it did."""

    rule: str
    labels: str
    fired_ns: int
    ended_ns: int
    value: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of one rule: its episodes, how often one was pending and dropped, what changed, how many items were looked at (of a statement: how
    often it was asked), and, where that was less often than live, how often."""

    rule: str
    episodes: tuple[AlertEpisode, ...]
    dropped: int
    transitions: tuple[AlertTransition, ...]
    items: int
    asked_each_ns: int = 0


def backtest(rule: AlertRule, ask: AskRows, from_ns: int, to_ns: int, idle_after_s: float = 300.0, price: RequestPrice = unpriced) -> Backtest:
    """Run a rule over a period. Raises Rejected for one that has no history."""
    each_ns = 0
    replay: RuleReplay
    if isinstance(rule.measure, ItemMeasure):
        replay, count = _over_items(rule, rule.measure, ask, from_ns, to_ns)
    elif isinstance(rule.measure, SessionMeasure):
        replay, count = _over_sessions(rule, ask, from_ns, to_ns, lambda rarer: SessionReplay(rarer, from_ns - BEFORE_NS, idle_after_s, price))
    else:
        replay, count, each_ns = _over_answers(rule, rule.measure, ask, from_ns, to_ns)
    replay.advance(to_ns)
    told = tuple(change for change in replay.transitions if change.at_ns >= from_ns)
    dropped = sum(change.from_state is AlertState.PENDING and change.to_state is AlertState.INACTIVE for change in told)
    return Backtest(rule.origin.name, tuple(episodes(rule, told)), dropped, told, count, each_ns)


def _over_items(rule: AlertRule, measure: ItemMeasure, ask: AskRows, from_ns: int, to_ns: int) -> tuple[ItemReplay, int]:
    replay, count = ItemReplay(rule, from_ns, _baselines(rule, ask, from_ns, to_ns)), 0
    names = [name for name, _ in measure.by]
    for row in _pieces(lambda begin_ns, end_ns: items(measure, begin_ns, end_ns), ask, from_ns - measure.over_ns, to_ns, MAX_ROWS):
        value, at_ns = row["item_value"], int(str(row["at_ns"]))
        if value is not None and at_ns <= to_ns:
            labels = tuple(str(row[name]) for name in names)
            weight, is_match = float(str(row["weight"])), bool(int(str(row["is_match"])))
            replay.feed(MeasuredItem(at_ns, float(str(value)), labels, weight, is_match, same=str(row["same"])))
            count += 1
    return replay, count


def _over_sessions(rule: AlertRule, ask: AskRows, from_ns: int, to_ns: int, begin: Callable[[AlertRule], SessionReplay]) -> tuple[SessionReplay, int]:
    rarer = replace(rule, interval_ns=max(rule.interval_ns, (to_ns - from_ns) // MAX_LOOKS))
    replay, count = begin(rarer), 0
    for row in _pieces(told_of_sessions, ask, from_ns - BEFORE_NS, to_ns, MAX_TOLD):
        if seen := list(seen_in(row)):
            replay.feed(seen, int(str(row["end_ns"])))
            count += 1
    return replay, count


def _over_answers(rule: AlertRule, measure: SqlMeasure, ask: AskRows, from_ns: int, to_ns: int) -> tuple[SqlReplay, int, int]:
    replay, count = SqlReplay(rule, from_ns), 0
    each_ns = max(rule.interval_ns, (to_ns - from_ns) // MAX_ASKED)
    for at_ns in range(from_ns, to_ns + 1, each_ns):
        replay.feed(ask(as_of(measure.sql, at_ns)), at_ns)
        count += 1
    return replay, count, each_ns if each_ns > rule.interval_ns else 0


def _pieces(sql: Callable[[int, int], str], ask: AskRows, from_ns: int, to_ns: int, most: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a period, a piece after the other; each is halved until an answer holds all of it."""
    for begin_ns in range(from_ns, to_ns, PIECE_NS):
        yield from _piece(sql, ask, begin_ns, min(to_ns, begin_ns + PIECE_NS), most)


def _piece(sql: Callable[[int, int], str], ask: AskRows, begin_ns: int, end_ns: int, most: int) -> Iterator[dict[str, Any]]:
    rows = ask(f"{sql(begin_ns, end_ns)}\nLIMIT {most}").as_dicts()
    if len(rows) < most or end_ns - begin_ns < NS_PER_S:
        yield from rows
        return
    middle_ns = (begin_ns + end_ns) // 2
    yield from _piece(sql, ask, begin_ns, middle_ns, most)
    yield from _piece(sql, ask, middle_ns, end_ns, most)


def episodes(rule: AlertRule, changes: Iterable[AlertTransition]) -> list[AlertEpisode]:
    """Return what fired, in the order of its beginning."""
    open_, found = dict[str, Alert](), list[AlertEpisode]()
    for change in changes:
        alert = change.alert
        if change.to_state is AlertState.FIRING:
            open_[alert.fingerprint] = alert
        elif begun := open_.pop(alert.fingerprint, None):
            found.append(_episode(rule, begun, change.at_ns, alert.value))
    found += [_episode(rule, alert, 0, alert.value) for alert in open_.values()]
    return sorted(found, key=lambda each: (each.fired_ns, each.labels))


def drawn(found: Sequence[AlertEpisode], from_ns: int, to_ns: int, width: int = 60) -> str:
    """Return a line on which each place is a part of the period, the higher the more of it something fired."""
    return "".join(BLOCKS[height] for height in _heights(found, from_ns, to_ns, width))


def drawn_change(before: Sequence[AlertEpisode], now: Sequence[AlertEpisode], from_ns: int, to_ns: int, width: int = 60) -> str:
    """Return a line with + where more fires now than before, - where less does."""
    heights = zip(_heights(before, from_ns, to_ns, width), _heights(now, from_ns, to_ns, width), strict=True)
    return "".join("+" if after > was else "-" if after < was else " " for was, after in heights)


def _heights(found: Sequence[AlertEpisode], from_ns: int, to_ns: int, width: int) -> Iterator[int]:
    part_ns = max(1, (to_ns - from_ns) // width)
    for at in range(width):
        begin_ns, end_ns = from_ns + at * part_ns, from_ns + (at + 1) * part_ns
        covered = max((max(0, min(end_ns, each.ended_ns or to_ns) - max(begin_ns, each.fired_ns)) for each in found), default=0)
        touched = any(begin_ns <= each.fired_ns < end_ns for each in found)
        yield max(round(8 * min(1.0, covered / part_ns)), int(touched))


def _episode(rule: AlertRule, alert: Alert, ended_ns: int, value: float) -> AlertEpisode:
    labels = ", ".join(f"{name}={alert.labels[name]}" for name in alert.labels if name != "alertname")
    return AlertEpisode(rule.origin.name, labels, alert.fired_at_ns, ended_ns, max(alert.value, value))


def _baselines(rule: AlertRule, ask: AskRows, from_ns: int, to_ns: int) -> BaselineTable | None:
    measure, outlook = rule.measure, rule.outlook
    if not isinstance(measure, ItemMeasure) or not isinstance(outlook, Baseline):
        return None
    rows = ask(statement(measure, from_ns - outlook.weeks * WEEK_NS - 2 * HOUR_NS, to_ns, hours=1)).as_dicts()
    names = [name for name, _ in measure.by]
    hours = [(tuple(str(row[name]) for name in names), moment_of(row["at"]), float(str(row["value"]))) for row in rows if row["value"] is not None]
    return BaselineTable(hours, to_ns)
