"""An engine of rules with clocks of the test's own: nothing waits, nothing is timed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent, indent

from alerts.making import S
from hookline_collector.alerts.alert import Alert, AlertTransition
from hookline_collector.alerts.alert_engine import AlertEngine
from hookline_collector.alerts.alert_keeper import AlertKeeper
from hookline_collector.alerts.rule_loader import RuleLoader
from hookline_collector.alerts.session_watch import SessionWatch
from hookline_collector.observe.announcements import Accepted
from hookline_collector.sessions import LiveSessions
from hookline_collector.store.rows import Rows
from hookline_collector.work.prices import request_pricer

START = 1_800_000_000 * S


@dataclass
class HandClock:
    """Both clocks: the one that people see, and the one that never jumps."""

    now_ns: int = START
    steady_ns: int = 0

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += int(seconds * S)
        self.steady_ns += int(seconds * S)


@dataclass
class HeardTransitions:
    """A sink that remembers; `fails` makes it refuse so often."""

    heard: list[AlertTransition] = field(default_factory=list)
    fails: int = 0

    async def changed(self, transitions: Sequence[AlertTransition]) -> None:
        """Take changes in."""
        if self.fails:
            self.fails -= 1
            raise RuntimeError("away")
        known = {each.id for each in self.heard}
        self.heard += [each for each in transitions if each.id not in known]


class EngineBench:
    """An engine over rules in a folder."""

    def __init__(self, folder: Path, rules: str = "", ask: Callable[[str], Rows] | None = None) -> None:
        self.folder = folder / "rules"
        self.folder.mkdir(exist_ok=True)
        if rules:
            self.write(rules)
        self.clock = HandClock()
        self.live = LiveSessions(1_000, 300.0, lambda: self.clock.now_ns, price=request_pricer(None))
        self.asked: list[str] = []
        self.answer = ask or (lambda _: Rows(("value",), ("Float64",), ()))
        self.keeper = AlertKeeper(folder / "alerts.json", {"heard": HeardTransitions()})
        self.engine = self.made()

    def made(self) -> AlertEngine:
        """Return a new engine on the same folder, as after a restart."""
        loader = RuleLoader([self.folder], with_default=False)
        return AlertEngine(
            loader,
            self.keeper,
            SessionWatch(self.live, lambda: self.clock.steady_ns),
            self._ask,
            lambda: self.clock.now_ns,
            lambda: self.clock.steady_ns,
        )

    async def _ask(self, sql: str) -> Rows:
        self.asked.append(sql)
        await asyncio.sleep(0)
        return self.answer(sql)

    def write(self, rules: str, file: str = "mine.yaml") -> None:
        """Write a rule file: `rules` are the items of one group."""
        body = indent(dedent(rules).strip(), " " * 6)
        (self.folder / file).write_text(f"groups:\n  - name: {file}\n    interval: 10s\n    rules:\n{body}\n")

    async def start(self) -> EngineBench:
        """Put the rules in force, and look at them once."""
        await self.engine.reload()
        await self.look()
        return self

    async def take(self, *requests: Accepted) -> None:
        """Let requests arrive, and what is debounced pass."""
        for request in requests:
            self.engine.take(request)
        await self.pass_time(0.1)

    async def pass_time(self, seconds: float, steps: int = 1) -> None:
        """Let time pass, looking at what is due."""
        for _ in range(steps):
            self.clock.move(seconds / steps)
            await self.look()

    async def look(self) -> None:
        """Look at the rules that are due; those that ask get their answers."""
        await self.engine.look()
        while self.engine._asking:
            await asyncio.gather(*self.engine._asking.values())

    def states(self) -> dict[str, str]:
        """Return the alerts' states by name and labels."""
        return {_named(alert): alert.state.value for alert in self.engine.current()}

    def alert(self) -> Alert:
        """Return the only alert."""
        (alert,) = self.engine.current()
        return alert


def _named(alert: Alert) -> str:
    rest = ",".join(f"{name}={value}" for name, value in alert.labels.items() if name != "alertname")
    return f"{alert.name}({rest})"


async def until(holds: Callable[[], object]) -> None:
    """Let the loop work until something holds."""
    while not holds():  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.005)
