"""The rules at work, as a service of the collector.

A rule is looked at when something that it measures arrived (a moment later, so that a burst is one look), when time alone may change it, and, if it
asks the store, on its interval. Nobody is woken for a rule for which none of this holds: with nothing new two hundred rules cost nothing.

- In memory: rules over metrics, spans, records and sessions are looked at on the loop, one after the other; each takes well under a millisecond.
- Asking the store: each such rule has a task while it asks, at most QUERIES at once. One that takes long waits longer, so that it has at most a
  tenth of the time to itself; it delays no other.
- A rule that fails keeps its alerts as they were. Its error, how long it took and when it was looked at are in `status`.
- What changed is on disk (`AlertKeeper`) before a sink gets it.

When rules change, a rule that is still there keeps its alerts and, where it measures the same, its windows; alerts of one that is gone are over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hookline.errors import Refused
from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition, transition_of
from hookline_collector.alerts.alert_keeper import AlertKeeper
from hookline_collector.alerts.baseline import HOUR_NS, BaselineTable
from hookline_collector.alerts.item_reading import CumulativeCounters, ItemIndex
from hookline_collector.alerts.item_source import ItemSource
from hookline_collector.alerts.measure_sql import statement
from hookline_collector.alerts.rule import AlertRule, Baseline, ItemMeasure, SessionMeasure, SqlMeasure
from hookline_collector.alerts.rule_files import RuleSet
from hookline_collector.alerts.rule_loader import RuleLoader, rules_by_key
from hookline_collector.alerts.rule_run import PastLimit, RuleRun
from hookline_collector.alerts.schedule import DueTimes
from hookline_collector.alerts.session_source import SessionSource
from hookline_collector.alerts.session_watch import SessionWatch
from hookline_collector.alerts.sql_source import SqlSource, moment_of
from hookline_collector.alerts.state_machine import ACTIVE
from hookline_collector.observe.announcements import Accepted, Stored
from hookline_collector.observe.catalogue import ALERTS_FIRING, ALERTS_PENDING, ALERTS_UNTOLD, RULES, RULES_FAILING
from hookline_collector.observe.health import PartHealth
from hookline_collector.observe.metrics import Gauge
from hookline_collector.serving.file_watch import FileWatch
from hookline_collector.serving.hang_up import HangUps
from hookline_collector.serving.waiting import next_change
from hookline_collector.store.rows import Rows
from hookline_collector.yaml_files import FileProblem

DEBOUNCE_NS = 100_000_000
ON_STORED_NS = NS_PER_S
ON_ACCEPTED_NS = 60 * NS_PER_S
"""A rule that asks on arrival waits so long for what was accepted to be stored, and then has it stored by asking."""
QUERIES = 2
REFRESH = 3_600 * NS_PER_S
Ask = Callable[[str], Awaitable[Rows]]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """How a rule fares: its last error (empty when the last look was good), how long that took, when it was, and how many looks there were."""

    error: str = ""
    duration_s: float = 0.0
    at_ns: int = 0
    looks: int = 0


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule, how it fares, and its alerts."""

    rule: AlertRule
    status: RuleStatus
    alerts: tuple[Alert, ...]


class AlertEngine:
    """Evaluates the rules and keeps what they decide."""

    name = "alerts"

    def __init__(
        self,
        loader: RuleLoader,
        keeper: AlertKeeper,
        sessions: SessionWatch,
        ask: Ask,
        clock_ns: Callable[[], int] = time.time_ns,
        steady_ns: Callable[[], int] = time.monotonic_ns,
        reload_s: float = 10.0,
        hang_ups: HangUps | None = None,
    ) -> None:
        self._loader = loader
        self._keeper = keeper
        self._sessions = sessions
        self._ask = ask
        self._clock_ns = clock_ns
        self._steady_ns = steady_ns
        self._reload_s = reload_s
        self._hang_ups = hang_ups or HangUps()
        self._runs: dict[str, RuleRun] = {}
        self._status: dict[str, RuleStatus] = {}
        self._index = ItemIndex({})
        self._on_arrival: frozenset[str] = frozenset()
        self._counters = CumulativeCounters()
        self._due = DueTimes()
        self._woken = asyncio.Event()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._queries = asyncio.Semaphore(QUERIES)
        self._problems: tuple[FileProblem, ...] = ()
        self._stamp: object = None
        self._orphans: list[Alert] = []
        self._changed: list[AlertTransition] = []
        self._has_heard = False
        self._rang: set[str] = set()
        sessions.on_change = self._sessions_changed

    async def run(self) -> None:
        """Work until cancelled."""
        self._orphans = await self._keeper.load()
        await self.reload()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keeper.run())
                tasks.create_task(self._watch_files())
                await self._work()
        finally:
            for task in self._asking.values():
                task.cancel()

    def health(self) -> PartHealth:
        """Return how many rules there are, and what is wrong with some. Telemetry is taken all the same."""
        failing = [run.rule.origin.name for key, run in self._runs.items() if self._status[key].error]
        firing = sum(alert.state.value == "firing" for alert in self.current())
        told = [f"{len(self._runs)} rules", f"{firing} firing"]
        faults = [f"{len(self._problems)} problems in rule files, the rules of before run on: {self._problems[0]}"] if self._problems else []
        faults += [f"{len(failing)} rules fail: {', '.join(failing[:3])}"] if failing else []
        faults += [trouble] if (trouble := self._keeper.trouble()) else []
        return PartHealth(self.name, not faults, "; ".join([*faults, ", ".join(told)]), is_remark=bool(faults))

    def wants(self, accepted: Accepted) -> bool:
        """Whether something in a request is measured. May be asked in any thread."""
        return bool(self._on_arrival) or self._index.wants(accepted)

    def take(self, accepted: Accepted) -> None:
        """Take in what was accepted; the rules that measure it are looked at a moment later."""
        now_ns = self._clock_ns()
        touched = set()
        for key, item in self._index.read(accepted):
            source = self._runs[key].source
            assert isinstance(source, ItemSource)  # noqa: S101 - the index holds these alone
            source.add(item, now_ns)
            touched.add(key)
        for key in touched:
            self._hasten(key, DEBOUNCE_NS)
        self._ask_on_arrival(ON_ACCEPTED_NS)

    def stored(self, _: Stored) -> None:
        """Note that something was stored: rules that ask on arrival ask soon."""
        self._ask_on_arrival(ON_STORED_NS)

    def _ask_on_arrival(self, in_ns: int) -> None:
        for key in self._on_arrival - self._asking.keys():
            self._hasten(key, in_ns)

    def current(self) -> Sequence[Alert]:
        """Return every alert that is pending, firing, or resolved and not yet forgotten, sorted by fingerprint."""
        found = {fingerprint: alert for run in self._runs.values() for fingerprint, alert in run.alerts.items()}
        return tuple(found[fingerprint] for fingerprint in sorted(found))

    def levels(self) -> dict[Gauge, float]:
        """Return the gauges of rules and alerts as they are now."""
        states = Counter(alert.state for alert in self.current())
        return {
            ALERTS_FIRING: float(states[AlertState.FIRING]),
            ALERTS_PENDING: float(states[AlertState.PENDING]),
            RULES: float(len(self._runs)),
            RULES_FAILING: float(sum(bool(self._status[key].error) for key in self._runs)),
            ALERTS_UNTOLD: float(self._keeper.unreported),
        }

    def by_rule(self) -> Mapping[tuple[str, ...], float]:
        """Return how many alerts of each rule are pending and how many fire, for the rules that had any since the start."""
        counted = Counter((run.rule.origin.name, alert.state) for run in self._runs.values() for alert in run.alerts.values())
        self._rang |= {name for name, _ in counted}
        names = sorted(self._rang & {run.rule.origin.name for run in self._runs.values()})
        return {(name, state.value): float(counted[name, state]) for name in names for state in ACTIVE}

    def in_force(self) -> Sequence[RuleInForce]:
        """Return the rules in their order, with how they fare."""
        return tuple(RuleInForce(run.rule, self._status[key], tuple(run.alerts.values())) for key, run in self._runs.items())

    @property
    def problems(self) -> Sequence[FileProblem]:
        """What is wrong with the files as they are now; the rules of before run on."""
        return self._problems

    async def reload(self) -> RuleSet:
        """Read the files anew and put them in force, unless something is wrong with one."""
        self._stamp = await asyncio.to_thread(self._loader.stamp)
        read = await asyncio.to_thread(self._loader.read)
        self._problems = read.problems
        if read.problems:
            log.error("%d problems in rule files; the rules of before run on:\n%s", len(read.problems), "\n".join(map(str, read.problems[:50])))
        if not read.problems or not self._runs:
            await self._put_in_force(read)
        return read

    async def _put_in_force(self, read: RuleSet) -> None:
        rules, now_ns = rules_by_key(read.groups), self._clock_ns()
        before, same = self._runs, {_identity(run.rule): run for run in self._runs.values()}
        alerts = [*self._orphans, *(alert for run in before.values() for alert in run.alerts.values())]
        runs: dict[str, RuleRun] = {}
        for key, rule in rules.items():
            old = same.get(_identity(rule))
            run = RuleRun(rule, old.source if old is not None else self._source(rule, now_ns))
            run.restore(alert for alert in alerts if (alert.rule.group, alert.rule.name) == (rule.origin.group, rule.origin.name))
            runs[key] = run
        self._orphans = []
        kept = {fingerprint for run in runs.values() for fingerprint in run.alerts}
        gone = [alert for alert in alerts if alert.fingerprint not in kept]
        self._runs = runs
        self._status = {key: self._status.get(key, RuleStatus()) for key in runs}
        self._index = ItemIndex({key: run.rule.measure for key, run in runs.items() if isinstance(run.rule.measure, ItemMeasure)}, self._counters)
        self._on_arrival = frozenset(key for key, run in runs.items() if isinstance(run.rule.measure, SqlMeasure) and run.rule.measure.on_arrival)
        self._due.clear()
        for key in runs:
            self._hasten(key, 0)
        if gone:
            await self._keep([change for alert in gone if (change := ended(alert, now_ns)) is not None])

    def _source(self, rule: AlertRule, now_ns: int) -> ItemSource | SessionSource | SqlSource:
        if isinstance(rule.measure, ItemMeasure):
            return ItemSource(rule, now_ns)
        if isinstance(rule.measure, SessionMeasure):
            return SessionSource(rule, now_ns, self._sessions.views, self._sessions.streak_of)
        return SqlSource(rule)

    def _sessions_changed(self) -> None:
        if self._has_heard:
            return
        self._has_heard = True
        for key, run in self._runs.items():
            if isinstance(run.rule.measure, SessionMeasure):
                self._hasten(key, DEBOUNCE_NS)

    def _hasten(self, key: str, in_ns: int) -> None:
        if self._due.hasten(key, self._steady_ns() + in_ns):
            self._woken.set()

    async def _watch_files(self) -> None:
        """Read the rules again when a file changed, or SIGHUP came."""
        with FileWatch(self._loader.watched, self._reload_s, self._hang_ups.event()) as files:
            while True:
                if await files.next_look() or await asyncio.to_thread(self._loader.stamp) != self._stamp:
                    await self.reload()

    async def _work(self) -> None:
        while True:
            await self.look()
            next_ns = self._due.next_ns()
            await next_change(self._woken, None if next_ns is None else max(0.0, (next_ns - self._steady_ns()) / NS_PER_S))

    async def look(self) -> None:
        """Look at the rules that are due, and keep what changed."""
        self._sessions.begin_look()
        self._has_heard = False
        for key in list(self._due.take(self._steady_ns())):
            run = self._runs.get(key)
            if run is None:
                continue
            if isinstance(run.source, SqlSource) or self._needs_baseline(run):
                self._begin_asking(key, run)
            else:
                self._evaluate(key, run, self._clock_ns(), time.perf_counter())
        if changed := self._changed:
            self._changed = []
            await self._keep(changed)

    def _evaluate(self, key: str, run: RuleRun, now_ns: int, begun: float) -> None:
        error = ""
        try:
            self._changed += run.evaluate(now_ns)
        except PastLimit as why:
            self._changed += why.transitions
            error = str(why)
        except Exception as why:  # one rule's fault is its own
            error = _said(why)
        self._note(key, error, begun, now_ns)
        self._plan(key, run, now_ns)

    def _plan(self, key: str, run: RuleRun, now_ns: int) -> None:
        next_ns = run.next_ns(now_ns)
        if next_ns is not None:
            self._hasten(key, max(0, next_ns - now_ns))

    def _note(self, key: str, error: str, begun: float, now_ns: int) -> None:
        before = self._status.get(key, RuleStatus())
        if error and error != before.error:
            log.warning("rule %s: %s", key, error)
        self._status[key] = RuleStatus(error, time.perf_counter() - begun, now_ns, before.looks + 1)

    def _needs_baseline(self, run: RuleRun) -> bool:
        is_old = isinstance(run.source, ItemSource) and self._clock_ns() - run.source.baselines.asked_ns > HOUR_NS
        return isinstance(run.rule.outlook, Baseline) and is_old

    def _begin_asking(self, key: str, run: RuleRun) -> None:
        if key not in self._asking:
            task = self._asking[key] = asyncio.create_task(self._ask_for(key, run), name=f"rule {run.rule.origin.name}")
            task.add_done_callback(lambda _: self._asking.pop(key, None))

    async def _ask_for(self, key: str, run: RuleRun) -> None:
        """Ask the store what a rule needs, then look at it; a store that is away is no fault of the rule's."""
        begun = time.perf_counter()
        try:
            async with self._queries:
                begun = time.perf_counter()
                if isinstance(run.source, SqlSource):
                    run.source.take(await self._ask(run.source.sql), self._clock_ns())
                elif isinstance(run.source, ItemSource):
                    run.source.baselines = await self._baselines(run.rule)
        except Refused as why:
            self._note(key, f"waiting for the store: {_said(why)}", begun, self._clock_ns())
        except Exception as why:  # what the store says of a person's statement
            self._note(key, _said(why), begun, self._clock_ns())
        else:
            self._evaluate(key, run, self._clock_ns(), begun)
        finally:
            self._asking.pop(key, None)
            if self._runs.get(key) is run:
                took_ns = int((time.perf_counter() - begun) * NS_PER_S)
                self._hasten(key, max(run.rule.interval_ns - took_ns, 9 * took_ns, DEBOUNCE_NS))
        if changed := self._changed:
            self._changed = []
            await self._keep(changed)

    async def _baselines(self, rule: AlertRule) -> BaselineTable:
        """Ask for the hours of past weeks, a week at a time: what a statement sorts and adds up is then of some hours only."""
        measure, outlook = rule.measure, rule.outlook
        assert isinstance(measure, ItemMeasure) and isinstance(outlook, Baseline)  # noqa: S101 - asked before
        now_ns = self._clock_ns()
        answers = [await self._ask(statement(measure, *stretch, hours=1)) for stretch in BaselineTable.stretches(now_ns, outlook.weeks)]
        share = measure.over_ns / HOUR_NS if measure.aggregate.grows and measure.aggregate.value != "rate" else 1.0
        names = [name for name, _ in measure.by]
        hours = [
            (tuple(str(row[name]) for name in names), moment_of(row["at"]), float(row["value"]) * share)
            for rows in answers
            for row in rows.as_dicts()
            if row["value"] is not None
        ]
        return BaselineTable(hours, now_ns)

    async def _keep(self, changes: list[AlertTransition]) -> None:
        for change in changes:
            log.info("alert %s: %s → %s %s", change.alert.name, change.from_state, change.to_state, dict(change.alert.labels))
        try:
            await self._keeper.keep(self.current(), changes)
        except OSError as why:
            log.error("the alerts cannot be written down (%s); nobody is notified before they can", why)
            self._changed = changes + self._changed
            for key in list(self._runs)[:1]:
                self._hasten(key, NS_PER_S)


def ended(alert: Alert, now_ns: int) -> AlertTransition | None:
    """Return the end of an alert whose rule is gone; None where there is nothing to end."""
    if alert.state not in ACTIVE:
        return None
    state, before = (AlertState.RESOLVED if alert.fired_at_ns and alert.state is AlertState.FIRING else AlertState.INACTIVE), alert.state
    over = replace(alert, state=state, resolved_at_ns=now_ns, kept_since_ns=0, changes=alert.changes + 1)
    return transition_of(over, before, now_ns)


def _identity(rule: AlertRule) -> tuple[object, ...]:
    """Return what makes the windows of a rule: as long as that stays, they go on."""
    return (rule.origin.group, rule.origin.name, rule.measure, rule.outlook, rule.condition, rule.interval_ns)


def _said(why: Exception) -> str:
    return " ".join(str(why).split())[:500] or type(why).__name__
