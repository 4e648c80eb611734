"""Rules at work: on arrival, as time passes, asking the store, changed, restarted, failing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from alerts.engines import EngineBench, HeardTransitions, until
from alerts.making import S
from alerts.telemetry import logs, metric, spans
from hookline.contract import semconv
from hookline.contract.scopes import Source
from hookline.errors import Refused, Rejected
from hookline_collector.alerts.alert import AlertState
from hookline_collector.alerts.alert_keeper import AlertKeeper
from hookline_collector.observe.announcements import Stored
from hookline_collector.signal import Signal
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.store.rows import Rows

pytestmark = pytest.mark.anyio

COUNT = """
- alert: Many
  log: boom
  over: 60s
  by: [who]
  above: 2
  annotations: {summary: "{{ $labels.who }} has {{ $value }}"}
"""


@pytest.fixture
def anyio_backend() -> str:
    """The collector runs on asyncio."""
    return "asyncio"


async def test_a_rule_fires_on_arrival_and_ends_when_its_window_is_empty(tmp_path: Path) -> None:
    """A moment after the third record, not at the next interval; each series for itself, with its texts, its evidence and its query."""
    bench = await EngineBench(tmp_path, COUNT).start()
    now = bench.clock.now_ns
    await bench.take(logs(*[("boom", now, {"who": "a", "session.id": "s1"})] * 3, ("boom", now, {"who": "b"})))
    assert bench.states() == {"Many(who=a)": "firing"}
    alert = bench.alert()
    assert alert.annotations == {"summary": "a has 3"}
    assert [each.session_id for each in alert.evidence.worst] == ["s1", "s1", "s1"]
    assert alert.evidence.points[-1][1] == 3
    assert "LogAttributes" in alert.evidence.query
    await bench.pass_time(62 + 10, steps=8)
    assert bench.states() == {"Many(who=a)": "resolved"}
    await bench.pass_time(16 * 60)
    assert bench.states() == {}


async def test_a_burst_is_one_look(tmp_path: Path) -> None:
    """However many requests come in a tenth of a second."""
    bench = await EngineBench(tmp_path, COUNT).start()
    (before,) = bench.engine.in_force()
    for _ in range(50):
        bench.engine.take(logs(("boom", bench.clock.now_ns, {"who": "a"})))
        await bench.look()
    await bench.pass_time(0.1)
    (after,) = bench.engine.in_force()
    assert after.status.looks == before.status.looks + 1


async def test_for_passes_on_the_moment_not_at_the_interval(tmp_path: Path) -> None:
    """Nobody looks before that, and nobody has to."""
    bench = await EngineBench(tmp_path, COUNT.replace("above: 2", "above: 2\n  for: 7s")).start()
    await bench.take(logs(*[("boom", bench.clock.now_ns, {"who": "a"})] * 3))
    assert bench.states() == {"Many(who=a)": "pending"}
    await bench.pass_time(6.9)
    assert bench.states() == {"Many(who=a)": "pending"}
    await bench.pass_time(0.1)
    assert bench.states() == {"Many(who=a)": "firing"}


async def test_with_nothing_new_nobody_is_due(tmp_path: Path) -> None:
    """Two hundred rules over nothing: no moment at which anybody must wake."""
    rules = "\n".join(COUNT.replace("Many", f"Many{at}") for at in range(200))
    bench = await EngineBench(tmp_path, rules).start()
    await bench.pass_time(61)
    assert bench.engine._due.next_ns() is None


async def test_a_series_that_is_missing(tmp_path: Path) -> None:
    """`absent` fires when the whole window was watched and nothing is there, and ends with the first point."""
    bench = await EngineBench(tmp_path, "- {alert: Silent, metric: m, over: 60s, absent: true}").start()
    await bench.pass_time(59)
    assert bench.states() == {}
    await bench.pass_time(12)
    assert bench.states() == {"Silent()": "firing"}
    await bench.take(metric("gauge", "m", (bench.clock.now_ns, 1.0, {})))
    assert bench.states() == {"Silent()": "resolved"}


async def test_no_data_of_a_series_that_was_there(tmp_path: Path) -> None:
    """ok: it is over; alerting: it fires; keep: nothing changes."""
    rules = "\n".join(f"- {{alert: {what}, metric: m, over: 60s, by: who, above: 5, no_data: {what}}}" for what in ("ok", "alerting", "keep"))
    bench = await EngineBench(tmp_path, rules).start()
    await bench.pass_time(61)
    await bench.take(metric("gauge", "m", (bench.clock.now_ns, 9.0, {"who": "a"})))
    assert set(bench.states().values()) == {"firing"}
    await bench.pass_time(75, steps=5)
    assert bench.states() == {"ok(who=a)": "resolved", "alerting(who=a)": "firing", "keep(who=a)": "firing"}


@pytest.mark.parametrize("aggregate", ["in_a_row\n  match: {status: error}", "in_a_row\n  of: h"])
async def test_the_same_in_a_row(tmp_path: Path, aggregate: str) -> None:
    """Failures one after the other, or the same call again and again; one that is unlike the others ends it."""
    bench = await EngineBench(tmp_path, f"- alert: Loop\n  span: t\n  aggregate: {aggregate}\n  above: 2").start()
    now = bench.clock.now_ns
    await bench.take(spans(*[("t", now + at, 1.0, {"h": "x"}) for at in range(3)], failed=True))
    assert bench.states() == {"Loop()": "firing"}
    await bench.take(spans(("t", now + S, 1.0, {"h": "y"})))
    assert bench.states() == {"Loop()": "resolved"}


async def test_a_burn_rate_needs_both_windows(tmp_path: Path) -> None:
    """Half of all requests fail: the budget of 99 % burns fifty times too fast, as long as it goes on."""
    rule = "- alert: Burn\n  span: r\n  match: {status: error}\n  burn_rate: {objective: 99, windows: [{long: 10m, short: 1m, factor: 14}]}"
    bench = await EngineBench(tmp_path, rule).start()
    for _ in range(10):
        now = bench.clock.now_ns
        await bench.take(spans(("r", now, 0.1, {}), failed=True), spans(("r", now, 0.1, {})))
        await bench.pass_time(5)
    assert bench.states() == {"Burn()": "firing"}
    assert bench.alert().value == pytest.approx(50 / 14)
    await bench.pass_time(80, steps=8)
    assert bench.states() == {"Burn()": "firing"}  # what was watched is not the whole window yet
    await bench.pass_time(600, steps=60)
    assert bench.states() == {"Burn()": "resolved"}


def asked(at_ns: int, session: str = "s1", seen: ObservationKind = ObservationKind.WAIT_STARTED, key: str = "c1") -> Observation:
    """Return that somebody asked for a permission, or another observation of a call."""
    attributes = {semconv.TOOL_NAME: "Bash", semconv.TOOL_INPUT_HASH: "h", semconv.PROJECT_NAME: "shop", semconv.SERVICE_NAME: "claude-code"}
    return Observation(session, at_ns, seen, Source.HOOK, key, "p1", reason="permission", attributes=attributes, failed=True)


async def test_a_session_that_waits_rings_at_its_limit_and_ends_when_it_goes_on(tmp_path: Path) -> None:
    """The moment is known beforehand; no look each second. A session that is answered is told at once."""
    rule = """
    - alert: Waiting
      session: permission_s
      by: [session_id, project]
      above: 30s
      annotations: {summary: "waits for {{ value | round | int }} s"}
    """
    bench = await EngineBench(tmp_path, rule).start()
    bench.live.add([asked(bench.clock.now_ns, seen=ObservationKind.PROMPT, key="p1"), asked(bench.clock.now_ns)])
    await bench.pass_time(0.1)
    assert bench.states() == {}
    await bench.pass_time(29.5, steps=3)
    assert bench.states() == {}
    await bench.pass_time(0.5)
    assert bench.states() == {"Waiting(project=shop,session_id=s1)": "firing"}
    alert = bench.alert()
    assert alert.annotations["summary"] == "waits for 30 s"
    assert alert.links["session"] == "/sessions/s1"
    assert alert.links["panel"].startswith("/live?from=")
    assert alert.evidence.points[-1][1] == alert.value == alert.evidence.worst[0].value
    assert [each.kind for each in alert.evidence.worst] == ["session"]
    assert alert.evidence.query.startswith("SELECT kind, reason, started, ended")
    bench.live.add([asked(bench.clock.now_ns, seen=ObservationKind.TOOL_ENDED)])
    await bench.pass_time(0.1)
    assert bench.alert().state is AlertState.RESOLVED


async def test_calls_repeated_and_failing_in_a_row(tmp_path: Path) -> None:
    """Each call counts once, however often it is told of."""
    rules = "- {alert: Same, session: repeated_calls, above: 2}\n- {alert: Failing, session: failures_in_a_row, above: 2}"
    bench = await EngineBench(tmp_path, rules).start()
    await bench.pass_time(121)
    for at in range(3):
        now = bench.clock.now_ns
        told = [asked(now + at, seen=kind, key=f"c{at}") for kind in (ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED)]
        bench.live.add(told * 2)
        await bench.pass_time(0.1)
        assert sum(alert.state is AlertState.FIRING for alert in bench.engine.current()) == (2 if at == 2 else 0)


async def test_rules_by_sql_ask_on_their_interval(tmp_path: Path) -> None:
    """Labels are the other columns; the store away is said, and changes nothing; what gives no value is an error of the rule."""
    answers: list[Rows | Exception] = [Rows(("who", "value"), ("String", "Float64"), (("a", 9.0), ("b", 1.0)))]

    def answer(_: str) -> Rows:
        found = answers[-1]
        if isinstance(found, Exception):
            raise found
        return found

    bench = await EngineBench(tmp_path, "- {alert: Sql, sql: SELECT 1, above: 5}", answer).start()
    assert bench.states() == {"Sql(who=a)": "firing"}
    assert bench.asked == ["SELECT 1"]
    for fault in (Refused("away"), Rejected("no such table"), RuntimeError("boom")):
        answers.append(fault)
        await bench.pass_time(10)
        assert bench.states() == {"Sql(who=a)": "firing"}
        assert str(fault) in bench.engine.in_force()[0].status.error
    for wrong in (Rows(("x",), ("String",), (("a",),)), Rows(("who", "value"), ("String", "Float64"), (("a", 1.0), ("a", 2.0)))):
        answers.append(wrong)
        await bench.pass_time(10)
        assert bench.engine.in_force()[0].status.error
    assert not bench.engine.health().ok
    answers.append(Rows(("who", "value"), ("String", "Float64"), ()))
    await bench.pass_time(10)
    assert bench.states() == {"Sql(who=a)": "resolved"}
    assert bench.engine.health().ok
    assert len(bench.asked) == 7


async def test_a_rule_by_sql_that_asks_on_arrival_waits_a_minute_at_most(tmp_path: Path) -> None:
    """Also while nobody has anything stored: its own question does."""
    bench = EngineBench(tmp_path)
    rule = "{alert: Sql, sql: SELECT 1, above: 5, on_arrival: true}"
    (bench.folder / "mine.yaml").write_text(f"groups: [{{name: mine, interval: 1h, rules: [{rule}]}}]")
    await bench.start()
    assert len(bench.asked) == 1
    await bench.pass_time(300)
    assert len(bench.asked) == 1
    await bench.take(logs(("boom", bench.clock.now_ns, {})))
    await bench.pass_time(59)
    assert len(bench.asked) == 1
    await bench.pass_time(2)
    assert len(bench.asked) == 2
    bench.engine.stored(Stored(Signal.LOGS, 1))
    await bench.pass_time(2)
    assert len(bench.asked) == 3


async def test_an_alert_by_sql_explains_itself(tmp_path: Path) -> None:
    """Its course over the answers, its worst moments, the statement; a column that is called a session leads to it, an annotation to a panel."""
    values = iter((6.0, 9.0, 7.0))
    rule = "- {alert: Sql, sql: SELECT 1, above: 5, annotations: {panel_url: '/mine?who={{ $labels.session_id }}'}}"
    columns = ("session_id", "value")
    bench = await EngineBench(tmp_path, rule, lambda _: Rows(columns, ("String", "Float64"), (("s1", next(values)),))).start()
    await bench.pass_time(20, steps=2)
    alert = bench.alert()
    assert [value for _, value in alert.evidence.points] == [6.0, 9.0, 7.0]
    assert [(each.kind, each.value, each.session_id) for each in alert.evidence.worst] == [("row", 9.0, "s1"), ("row", 7.0, "s1"), ("row", 6.0, "s1")]
    assert (alert.evidence.query, alert.links) == ("SELECT 1", {"session": "/sessions/s1", "panel": "/mine?who=s1"})


async def test_a_slow_rule_delays_no_other_and_waits_longer(tmp_path: Path) -> None:
    """Its task waits; rules in memory and other questions go on."""
    gate = asyncio.Event()
    bench = EngineBench(tmp_path, "- {alert: Slow, sql: SELECT slow, above: 5}\n- {alert: Quick, sql: SELECT quick, above: 5}\n" + COUNT.strip())

    async def ask(sql: str) -> Rows:
        if "slow" in sql:
            await gate.wait()
        return Rows(("value",), ("Float64",), ((9.0,),))

    bench.engine._ask = ask
    await bench.engine.reload()
    await bench.engine.look()
    for _ in range(5):
        await asyncio.sleep(0)
    bench.engine.take(logs(*[("boom", bench.clock.now_ns, {"who": "a"})] * 3))
    bench.clock.move(0.1)
    await bench.engine.look()
    assert bench.states() == {"Quick()": "firing", "Many(who=a)": "firing"}
    gate.set()
    await bench.look()
    assert "Slow()" in bench.states()


async def test_a_failing_rule_harms_no_other(tmp_path: Path) -> None:
    """Two series with the same labels are its error; its neighbour fires."""
    bench = await EngineBench(tmp_path, COUNT.replace("Many", "Clash") + "  labels: {who: same}\n" + COUNT.strip()).start()
    now = bench.clock.now_ns
    await bench.take(logs(*[("boom", now, {"who": who}) for who in "aaabbb"]))
    assert bench.states() == {"Many(who=a)": "firing", "Many(who=b)": "firing"}
    assert "same labels" in bench.engine.in_force()[0].status.error
    assert "Clash" in bench.engine.health().detail


async def test_past_its_limit_all_alerts_of_a_rule_are_over(tmp_path: Path) -> None:
    """As in Prometheus; whoever was told that they fire is told that they are over."""
    bench = EngineBench(tmp_path, COUNT)
    path = bench.folder / "mine.yaml"
    path.write_text(path.read_text().replace("interval: 10s", "interval: 10s\n    limit: 1"))
    await bench.start()
    now = bench.clock.now_ns
    await bench.take(logs(*[("boom", now, {"who": "a"})] * 3))
    assert bench.states() == {"Many(who=a)": "firing"}
    await bench.take(logs(*[("boom", now, {"who": "b"})] * 3))
    assert bench.states() == {"Many(who=a)": "resolved"}
    assert "more than 1 alerts" in bench.engine.in_force()[0].status.error


async def test_series_are_bounded(tmp_path: Path) -> None:
    """However many values a label has, so many series are begun and no more."""
    bench = await EngineBench(tmp_path, COUNT.replace("above: 2", "above: 0")).start()
    now = bench.clock.now_ns
    await bench.take(logs(*[("boom", now, {"who": str(at)}) for at in range(1_010)]))
    assert len(bench.engine.current()) == 1_000
    assert bench.engine.in_force()[0].rule.origin.name == "Many"


async def test_a_bad_file_leaves_the_running_rules_in_place(tmp_path: Path) -> None:
    """Its problems are told; once it is good it counts."""
    bench = await EngineBench(tmp_path, COUNT).start()
    bench.write("- {alert: Broken, logg: x}", "other.yaml")
    read = await bench.engine.reload()
    assert read.problems == tuple(bench.engine.problems)
    assert [each.rule.origin.name for each in bench.engine.in_force()] == ["Many"]
    assert "problems in rule files" in bench.engine.health().detail
    bench.write("- {alert: Mended, log: x, above: 1}", "other.yaml")
    await bench.engine.reload()
    assert [each.rule.origin.name for each in bench.engine.in_force()] == ["Many", "Mended"]
    assert bench.engine.health().ok


async def test_a_changed_rule_keeps_its_alerts_and_a_rule_that_is_gone_ends_them(tmp_path: Path) -> None:
    """Another text or `for`: the window and the alert go on. Without the rule the alert is over, and that is told."""
    bench = await EngineBench(tmp_path, COUNT).start()
    await bench.take(logs(*[("boom", bench.clock.now_ns, {"who": "a"})] * 3))
    began = bench.alert().active_at_ns
    bench.write(COUNT.replace("has", "holds") + "  keep_firing_for: 5m\n")
    await bench.engine.reload()
    await bench.pass_time(0.1)
    assert (bench.alert().state, bench.alert().active_at_ns) == (AlertState.FIRING, began)
    bench.write("- {alert: Other, log: x, above: 1}")
    await bench.engine.reload()
    assert bench.states() == {}
    kept = json.loads((tmp_path / "alerts.json").read_text())
    assert [change["to_state"] for change in kept["untold"]["heard"]][-1] == "resolved"


async def test_alerts_survive_a_restart(tmp_path: Path) -> None:
    """It goes on in its episode, is not told again, and does not end before the window was watched whole; then it does."""
    bench = await EngineBench(tmp_path, COUNT).start()
    await bench.take(logs(*[("boom", bench.clock.now_ns, {"who": "a"})] * 3))
    before = bench.alert()
    bench.keeper = AlertKeeper(tmp_path / "alerts.json", {"heard": HeardTransitions()})
    bench.engine = bench.made()
    bench.engine._orphans = await bench.keeper.load()
    await bench.start()
    assert bench.alert() == before
    await bench.pass_time(59, steps=5)
    assert bench.states() == {"Many(who=a)": "firing"}
    await bench.pass_time(12, steps=2)
    assert bench.states() == {"Many(who=a)": "resolved"}
    assert bench.alert().active_at_ns == before.active_at_ns


async def test_the_service_runs_reloads_and_tells(tmp_path: Path) -> None:
    """As the collector runs it: what fires is told to the sink, which may fail first; a file that changes is read."""
    bench = EngineBench(tmp_path, COUNT)
    sink = HeardTransitions()
    bench.engine._reload_s = 0.02
    bench.engine._keeper = AlertKeeper(tmp_path / "alerts.json", {"heard": sink})
    running = asyncio.create_task(bench.engine.run())
    await until(lambda: bool(bench.engine.in_force()))
    bench.engine.take(logs(*[("boom", bench.clock.now_ns, {"who": "a"})] * 3))
    bench.clock.move(1)
    bench.engine._woken.set()
    await until(lambda: bool(sink.heard))
    assert [each.to_state for each in sink.heard] == [AlertState.FIRING]
    bench.write("- {alert: Other, log: x, above: 1}", "other.yaml")
    await until(lambda: len(bench.engine.in_force()) == 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
