"""The backtest: over what the store holds it says what the rules would have said live."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from alerts.engines import START, EngineBench
from alerts.making import S, rule_of
from alerts.telemetry import logs, metric, spans
from hookline.contract import semconv
from hookline.contract.events import SESSION_START_RECORD, EventKind
from hookline.contract.scopes import AGENT_SCOPE
from hookline.errors import Rejected
from hookline_collector.alerts.alert import AlertTransition
from hookline_collector.alerts.backtest import AlertEpisode, backtest, drawn, drawn_change
from hookline_collector.alerts.item_reading import ItemIndex
from hookline_collector.alerts.item_source import ItemSource
from hookline_collector.alerts.past_sql import as_of
from hookline_collector.alerts.rule import ItemMeasure
from hookline_collector.alerts.session_figures import FIGURES
from hookline_collector.alerts.session_sql import session_statement
from hookline_collector.observe.announcements import Accepted
from hookline_collector.store import Store
from support.stores import emptied_store as store
from support.stores import fresh_token

__all__ = ["store"]
LENGTH_S = 1_500
RULES = {
    "count of records": "log: boom\nfilter: {who: '=~ a|b'}\nover: 60s\nby: who\nabove: 2",
    "share of spans": "span: call\naggregate: share\nmatch: {status: error}\nover: 2m\nat_least: 3\nabove: 40\nclear: 20\nfor: 20s",
    "p95 of spans": "span: call\naggregate: p95\nover: 2m\nby: {tool: t}\nfilter: {duration_s: '> 0.5'}\nabove: 4",
    "gauge": "metric: level\nby: host\nover: 3m\nabove: 5\nkeep_firing_for: 1m",
    "counter": "metric: total\naggregate: sum\nover: 3m\nabove: 30",
    "p95 of a histogram": "metric: took\naggregate: p95\nby: host\nover: 3m\nabove: 1.7",
    "share of a histogram that is told as totals": "metric: spent\naggregate: share\nmatch: {value: '> 1'}\nover: 3m\nat_least: 3\nabove: 40",
    "share of a counter": "metric: asked\naggregate: share\nmatch: {how: forced}\nover: 5m\nat_least: 4\nabove: 50\nclear: 40",
    "in a row": "span: call\naggregate: in_a_row\nmatch: {status: error}\nabove: 2",
}


def history() -> list[Accepted]:
    """Return some telemetry, in its order, drawn by lot."""
    dice, other, found, total, totals = random.Random(11), random.Random(12), list[Accepted](), 0.0, [0, 0, 0]
    third, asked = random.Random(13), {"forced": 0.0, "timed": 0.0}
    for second in range(0, LENGTH_S, 10):
        at_ns = START + second * S
        if dice.random() < 0.4:
            found.append(logs(("boom", at_ns, {"who": dice.choice("abc")})))
        found.append(spans(("call it", at_ns + 1, dice.choice([0.2, 1.0, 6.0]), {"t": dice.choice(["x", "y'"])}), failed=dice.random() < 0.4))
        if second % 60 == 0:
            total += dice.choice([0, 0, 25])
            found.append(metric("gauge", "level", (at_ns + 2, dice.choice([1.0, 4.0, 7.0]), {"host": "h"})))
            found.append(metric("sum", "total", (at_ns + 3, total, {})))
            asked["forced"] += third.choice([0, 0, 5])
            asked["timed"] += 1
            found.append(metric("sum", "asked", *((at_ns + 3, value, {"how": how}) for how, value in asked.items())))
        if second % 30 == 0:
            counts = [other.choice([3, 9]), other.choice([0, 0, 4]), other.choice([0, 0, 1])]
            totals = [before + more for before, more in zip(totals, counts, strict=True)]
            found.append(metric("histogram", "took", (at_ns + 4, ([1.0, 2.0], counts), {"host": "h"}), cumulative=False))
            found.append(metric("histogram", "spent", (at_ns + 5, ([1.0, 2.0], totals), {})))
    return found


def live(folder: Path, keys: str, told: Iterable[Accepted]) -> list[tuple[str, int]]:
    """Return what the engine says live: transitions that fire or end, each second."""
    lines = "\n".join(f"  {line}" for line in keys.splitlines())
    bench = EngineBench(folder, f"- alert: Tested\n{lines}")

    async def play() -> None:
        await bench.start()
        requests = list(told)
        for second in range(LENGTH_S):
            if second % 10 == 0:
                while requests and _time_of(requests[0]) <= bench.clock.now_ns + 5:
                    bench.engine.take(requests.pop(0))
            await bench.pass_time(1)

    changes: list[AlertTransition] = []
    keep = bench.keeper.keep

    async def heard(alerts: object, transitions: object) -> None:
        changes.extend(transitions)  # type: ignore[arg-type]
        await keep(alerts, transitions)  # type: ignore[arg-type]

    bench.keeper.keep = heard  # type: ignore[method-assign,assignment]
    asyncio.run(play())
    return [(change.to_state.value, round((change.at_ns - START) / S)) for change in changes if change.to_state.value in ("firing", "resolved")]


def _time_of(request: Accepted) -> int:
    message = request.message
    if hasattr(message, "resource_spans"):
        return int(message.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano)
    if hasattr(message, "resource_logs"):
        return int(message.resource_logs[0].scope_logs[0].log_records[0].time_unix_nano)
    made = message.resource_metrics[0].scope_metrics[0].metrics[0]
    return int(getattr(made, made.WhichOneof("data")).data_points[0].time_unix_nano)


@pytest.mark.long
def test_the_backtest_says_what_was_said_live(store: Store, tmp_path: Path) -> None:
    """Of each kind of measure, whatever values hold, over what the store gives back: as many episodes, at the same seconds but for the debounce."""
    told = history()
    for signal in {request.signal for request in told}:
        store.insert(signal, b"".join(request.message.SerializeToString() for request in told if request.signal is signal), fresh_token())
    for name, keys in RULES.items():
        rule = rule_of(keys, "interval: 10s")
        assert isinstance(rule.measure, ItemMeasure)
        found = backtest(rule, store.query, START, START + LENGTH_S * S)
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        said = live(folder, keys, told)
        assert said, name
        fired = [second for state, second in said if state == "firing"]
        assert len(found.episodes) == pytest.approx(len(fired), abs=1), name
        for episode, second in zip(sorted(found.episodes, key=lambda each: each.fired_ns), sorted(fired), strict=False):
            assert (episode.fired_ns - START) / S == pytest.approx(second, abs=11), name
        assert found.items > 20
    for name in ("share of spans", "gauge", "counter", "share of a counter", "p95 of a histogram", "share of a histogram that is told as totals"):
        check_statement(store, told, RULES[name])


def check_statement(store: Store, told: list[Accepted], keys: str) -> None:
    """Ask the statement that explains an alert: it gives the value that the rule has; of a percentile of few items perhaps the value beside it."""
    rule, now_ns = rule_of(keys, "interval: 10s"), START + 1_205 * S
    assert isinstance(rule.measure, ItemMeasure)
    source, index = ItemSource(rule, START), ItemIndex({"k": rule.measure})
    for request in told:
        for _, item in index.read(request):
            if item.at_ns <= now_ns:
                source.add(item, item.at_ns)
    for series, reading in source.read(now_ns).items():
        ((value, *_),) = [tuple(row)[::-1] for row in store.query(source.evidence(series, now_ns).query).rows]
        assert float(str(value)) == pytest.approx(reading.value, rel=0.06), keys


def test_sessions_of_before_are_played_again(store: Store, tmp_path: Path) -> None:
    """A rule over sessions says what it said live: the same alert at the same moment, from records that lie in the store."""
    named = {semconv.SESSION_ID: "s1", semconv.PROJECT_NAME: "shop", semconv.PROMPT_ID: "p1"}
    call = {**named, semconv.TOOL_CALL_ID: "c1", semconv.TOOL_NAME: "Bash"}
    told = [
        logs((f"hookline.{SESSION_START_RECORD}", START + 5 * S, named), scope=AGENT_SCOPE),
        logs((f"hookline.{EventKind.PROMPT_SUBMITTED}", START + 10 * S, named), scope=AGENT_SCOPE),
        logs((f"hookline.{EventKind.PERMISSION_REQUESTED}", START + 20 * S, call), scope=AGENT_SCOPE),
        logs((f"hookline.{EventKind.TOOL_ENDED}", START + 200 * S, call), scope=AGENT_SCOPE),
    ]
    for request in told:
        store.insert(request.signal, request.message.SerializeToString(), fresh_token())
    keys = "session: permission_s\nby: [session_id, project]\nabove: 30s"
    found = backtest(rule_of(keys, "interval: 10s"), store.query, START, START + LENGTH_S * S)
    (episode,) = found.episodes
    assert [round((at_ns - START) / S) for at_ns in (episode.fired_ns, episode.ended_ns)] == [50, 200]
    assert (episode.labels, found.items) == ("project=shop, session_id=s1", 4)
    assert backtest(rule_of(keys.replace("30s", "5m"), "interval: 10s"), store.query, START, START + LENGTH_S * S).episodes == ()


@pytest.mark.long
def test_a_statement_is_asked_as_of_then(store: Store) -> None:
    """With the clock of then and nothing of what came later: what counts records in a minute fires when so many came, not before and not after."""
    late = [logs(("late", START + (600 + second) * S, {"who": "a"})) for second in (0, 10, 20)]
    for request in late:
        store.insert(request.signal, request.message.SerializeToString(), fresh_token())
    sql = "SELECT count() AS value FROM otel_logs WHERE EventName = 'late' AND Timestamp > now() - 60 HAVING value > 0"
    found = backtest(rule_of(f"sql: {sql}\nabove: 2", "interval: 10s"), store.query, START, START + LENGTH_S * S)
    (episode,) = found.episodes
    assert ((episode.fired_ns - START) // S, (episode.ended_ns - START) // S) == (620, 660)
    assert (found.items, found.asked_each_ns) == (LENGTH_S // 10 + 1, 0)
    rarely = backtest(rule_of("sql: SELECT 1 AS value\nabove: 2", "interval: 1s"), store.query, START, START + LENGTH_S * S)
    assert rarely.asked_each_ns == LENGTH_S * S // 400


@pytest.mark.parametrize(
    ("sql", "as_of_then"),
    [
        ("SELECT 1 AS value, 'now()' AS x", "SELECT 1 AS value, 'now()' AS x"),
        ("SELECT now() AS at, today() AS d", "SELECT toDateTime(fromUnixTimestamp64Nano(7)) AS at, toDate(fromUnixTimestamp64Nano(7)) AS d"),
        ("SELECT number AS value FROM numbers(3)", "SELECT number AS value FROM numbers(3)"),
        (
            "-- mine\nWITH a AS (SELECT * FROM usage) SELECT count() AS value FROM a",
            "WITH usage AS (SELECT * FROM usage WHERE time <= fromUnixTimestamp64Nano(7)), a AS (SELECT * FROM usage) SELECT count() AS value FROM a",
        ),
        (
            "SELECT count() AS value FROM otel_logs JOIN (SELECT 1 AS x) AS y ON x = 1",
            "WITH otel_logs AS (SELECT * FROM otel_logs WHERE Timestamp <= fromUnixTimestamp64Nano(7)) "
            "SELECT count() AS value FROM otel_logs JOIN (SELECT 1 AS x) AS y ON x = 1",
        ),
    ],
)
def test_a_statement_as_of_a_moment(sql: str, as_of_then: str) -> None:
    """Its clock stands still, what came later is hidden, and texts stay as they are."""
    assert as_of(sql, 7) == as_of_then


@pytest.mark.parametrize("sql", ["SELECT 1 FROM tool_calls_between(since = '2026-01-01', until = '2026-01-02')", "SELECT 1 FROM hookline.otel_logs"])
def test_what_cannot_be_taken_back_is_refused(sql: str) -> None:
    """In words."""
    with pytest.raises(Rejected, match="of which nobody knows how it was"):
        as_of(sql, 7)


def test_a_change_is_drawn_under_both() -> None:
    """More, less, the same."""
    before = [AlertEpisode("A", "", 0, 30 * S, 1.0), AlertEpisode("A", "", 50 * S, 70 * S, 1.0)]
    now = [AlertEpisode("A", "", 0, 20 * S, 1.0), AlertEpisode("A", "", 50 * S, 90 * S, 1.0)]
    assert drawn_change(before, now, 0, 100 * S, width=10) == "  -    ++ "


def test_what_explains_a_figure_of_a_session_can_be_asked(store: Store) -> None:
    """Of every figure, whatever the session is called; each has a value."""
    for figure in FIGURES:
        assert "value" in store.query(session_statement(figure, "it's \\ a\nsession")).columns, figure


def test_an_hour_is_drawn_on_one_line() -> None:
    """The higher the more of it something fired; a short moment is seen too."""
    found = [AlertEpisode("A", "", 0, 30 * S, 1.0), AlertEpisode("A", "", 55 * S, 55 * S + 1, 1.0), AlertEpisode("A", "", 90 * S, 0, 1.0)]
    assert drawn(found, 0, 100 * S, width=10) == "███  ▁   █"
