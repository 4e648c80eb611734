"""Alert rules: what two hundred that have nothing new cost, what the default pack adds to an agent's event, and from a breach to the
decision.

python tests/benchmarks/bench_alerts.py [seconds of idleness]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.engines import HeardTransitions
from alerts.telemetry import logs, spans
from benchmarks.figures import tell, tell_quantiles
from hookline.contract import semconv
from hookline.contract.scopes import AGENT_SCOPE, Source
from hookline_collector.alerts.alert_engine import AlertEngine
from hookline_collector.alerts.alert_keeper import AlertKeeper
from hookline_collector.alerts.rule_loader import RuleLoader
from hookline_collector.alerts.session_watch import SessionWatch
from hookline_collector.sessions import LiveSessions
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.store.rows import Rows

RULE = "      - {{alert: Many{at}, {what}, over: 60s, above: {above}}}\n"
KINDS = ("log: boom", "span: call", "metric: m, aggregate: avg", "log: boom, by: who")
BREACHES, EVENTS = 200, 2_000


class EngineAtWork:
    """An engine as the collector runs it, on the real clocks."""

    def __init__(self, folder: Path, rules: str = "") -> None:
        (folder / "rules").mkdir()
        if rules:
            (folder / "rules" / "mine.yaml").write_text(f"groups:\n  - name: g\n    interval: 1s\n    rules:\n{rules}")
        self.sink = HeardTransitions()
        self.live = LiveSessions(1_000, 300.0, time.time_ns)
        loader = RuleLoader([folder / "rules"], with_default=not rules)
        self.engine = AlertEngine(loader, AlertKeeper(folder / "alerts.json", {"sink": self.sink}), SessionWatch(self.live), self._ask)

    async def _ask(self, sql: str) -> Rows:
        del sql
        return Rows(("tool", "at", "value"), ("", "", ""), ())

    async def __aenter__(self) -> EngineAtWork:
        self._task = asyncio.create_task(self.engine.run())
        while not self.engine.in_force():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def idle(folder: Path, seconds: float) -> None:
    """Two hundred rules, each with a series in its window once, then nothing."""
    rules = "".join(RULE.format(at=at, what=KINDS[at % len(KINDS)], above=1_000_000) for at in range(200))
    async with EngineAtWork(folder, rules) as at_work:
        at_work.engine.take(logs(("boom", time.time_ns(), {"who": "a"})))
        await asyncio.sleep(1)
        began = time.process_time()
        await asyncio.sleep(seconds)
        share = 100 * (time.process_time() - began) / seconds
    tell("200 alert rules at 1 s with nothing new", share, "% of a core", "processor")


async def breaches(folder: Path) -> None:
    """From a record that was accepted to the transition that a sink has got, on disk before."""
    async with EngineAtWork(folder, RULE.format(at=0, what="log: boom, by: who", above=0)) as at_work:
        lasted = []
        for number in range(BREACHES):
            began = time.perf_counter()
            at_work.engine.take(logs(("boom", time.time_ns(), {"who": str(number)})))
            while len(at_work.sink.heard) <= number:  # noqa: ASYNC110 - as a sink that is asked
                await asyncio.sleep(0.001)
            lasted.append(time.perf_counter() - began)
    tell_quantiles("alert: from what was accepted to the decision told", lasted)


def event(session: int, number: int) -> list[Observation]:
    """Return what a tool call says of a session."""
    attributes = {semconv.TOOL_NAME: "Bash", semconv.TOOL_INPUT_HASH: str(number), semconv.PROJECT_NAME: "shop"}
    kinds = (ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED)
    return [Observation(f"s{session}", time.time_ns(), kind, Source.HOOK, f"c{number}", "p1", attributes=attributes) for kind in kinds]


async def events(folder: Path) -> None:
    """The default pack with ten sessions at work: calls that come one by one, twenty a second."""
    async with EngineAtWork(folder) as at_work:
        began, count = time.process_time(), EVENTS // 10
        for number in range(count):
            at_work.live.add(event(number % 10, number))
            told = {semconv.TOOL_NAME: "Bash", semconv.OUTCOME: "success", semconv.SESSION_ID: f"s{number % 10}"}
            at_work.engine.take(spans(("execute_tool Bash", time.time_ns(), 1.0, told), scope=AGENT_SCOPE))
            await asyncio.sleep(0.05)
        spent = time.process_time() - began
    tell("default pack: processor time by 1,000 calls of ten sessions", 1000 * spent / count, "CPU-s", "processor")


def main() -> None:
    """Print what was measured."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with tempfile.TemporaryDirectory() as name:
        for part in ("idle", "breaches", "events"):
            (Path(name) / part).mkdir()
        asyncio.run(idle(Path(name) / "idle", seconds))
        asyncio.run(breaches(Path(name) / "breaches"))
        asyncio.run(events(Path(name) / "events"))


if __name__ == "__main__":
    main()
