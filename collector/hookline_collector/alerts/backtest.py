"""What a rule would have done: the same state machine over the stored history.

Items are read as `measure_sql.items` says, a piece of the period at a time. An episode is what one alert did from its first breach to its end.
Messages are counted as a route with one group a rule would send them: what fires or ends within five minutes of the group's last message goes into
the next one. Rules over sessions and by SQL, histograms, and items that were not kept have no history to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hookline.errors import Rejected
from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition
from hookline_collector.alerts.baseline import HOUR_NS, WEEK_NS, BaselineTable
from hookline_collector.alerts.item_reading import MeasuredItem
from hookline_collector.alerts.measure_sql import items, statement
from hookline_collector.alerts.rule import AlertRule, Baseline, ItemMeasure
from hookline_collector.alerts.rule_replay import RuleReplay
from hookline_collector.alerts.sql_source import moment_of

GROUP_INTERVAL_NS = 300 * NS_PER_S
PIECE_NS = 6 * HOUR_NS
MAX_ROWS = 20_000
BLOCKS = " ▁▂▃▄▅▆▇█"
AskRows = Callable[[str], Sequence[dict[str, object]]]


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
    """What came of one rule: its episodes, how often one was pending and dropped, the messages, and how many items were looked at."""

    rule: str
    episodes: tuple[AlertEpisode, ...]
    dropped: int
    messages: int
    items: int


def backtest(rule: AlertRule, ask: AskRows, from_ns: int, to_ns: int) -> Backtest:
    """Run a rule over a period. Raises Rejected for one that has no history."""
    measure = rule.measure
    if not isinstance(measure, ItemMeasure):
        raise Rejected(f"{rule.origin.name} measures neither metrics nor spans nor log records: it has no history to look at")
    replay, count = RuleReplay(rule, from_ns, _baselines(rule, ask, from_ns, to_ns)), 0
    names = [name for name, _ in measure.by]
    begin_ns = from_ns - measure.over_ns
    while begin_ns < to_ns:
        end_ns = min(to_ns, begin_ns + PIECE_NS)
        for row in _rows(measure, ask, begin_ns, end_ns):
            value, at_ns = row["item_value"], int(str(row["at_ns"]))
            if value is not None and at_ns <= to_ns:
                labels = tuple(str(row[name]) for name in names)
                replay.feed(MeasuredItem(at_ns, float(str(value)), labels, is_match=bool(int(str(row["is_match"]))), same=str(row["same"])))
                count += 1
        begin_ns = end_ns
    replay.advance(to_ns)
    told = [change for change in replay.transitions if change.at_ns >= from_ns]
    dropped = sum(change.from_state is AlertState.PENDING and change.to_state is AlertState.INACTIVE for change in told)
    return Backtest(rule.origin.name, tuple(episodes(rule, told)), dropped, messages(told), count)


def _rows(measure: ItemMeasure, ask: AskRows, begin_ns: int, end_ns: int) -> Iterator[dict[str, object]]:
    """Yield the items of a piece, which is halved until an answer holds all of it."""
    rows = ask(f"{items(measure, begin_ns, end_ns)}\nLIMIT {MAX_ROWS}")
    if len(rows) < MAX_ROWS or end_ns - begin_ns < NS_PER_S:
        yield from rows
        return
    middle_ns = (begin_ns + end_ns) // 2
    yield from _rows(measure, ask, begin_ns, middle_ns)
    yield from _rows(measure, ask, middle_ns, end_ns)


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


def messages(changes: Iterable[AlertTransition]) -> int:
    """Return how many messages one group of all of a rule's alerts would have sent."""
    count, last_ns = 0, -GROUP_INTERVAL_NS
    for change in changes:
        is_told = AlertState.FIRING in (change.from_state, change.to_state)
        if is_told and change.at_ns - last_ns >= GROUP_INTERVAL_NS:
            count, last_ns = count + 1, change.at_ns
    return count


def drawn(found: Sequence[AlertEpisode], from_ns: int, to_ns: int, width: int = 60) -> str:
    """Return a line on which each place is a part of the period, the higher the more of it something fired."""
    part_ns = max(1, (to_ns - from_ns) // width)
    filled = []
    for at in range(width):
        begin_ns, end_ns = from_ns + at * part_ns, from_ns + (at + 1) * part_ns
        covered = max((max(0, min(end_ns, each.ended_ns or to_ns) - max(begin_ns, each.fired_ns)) for each in found), default=0)
        touched = any(begin_ns <= each.fired_ns < end_ns for each in found)
        filled.append(BLOCKS[max(round(8 * min(1.0, covered / part_ns)), int(touched))])
    return "".join(filled)


def _episode(rule: AlertRule, alert: Alert, ended_ns: int, value: float) -> AlertEpisode:
    labels = ", ".join(f"{name}={alert.labels[name]}" for name in alert.labels if name != "alertname")
    return AlertEpisode(rule.origin.name, labels, alert.fired_at_ns, ended_ns, max(alert.value, value))


def _baselines(rule: AlertRule, ask: AskRows, from_ns: int, to_ns: int) -> BaselineTable | None:
    measure, outlook = rule.measure, rule.outlook
    if not isinstance(measure, ItemMeasure) or not isinstance(outlook, Baseline):
        return None
    rows = ask(statement(measure, from_ns - outlook.weeks * WEEK_NS - 2 * HOUR_NS, to_ns, hours=1))
    names = [name for name, _ in measure.by]
    hours = [(tuple(str(row[name]) for name in names), moment_of(row["at"]), float(str(row["value"]))) for row in rows if row["value"] is not None]
    return BaselineTable(hours, to_ns)
