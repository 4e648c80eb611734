"""`Alerting`: takes what changed, decides, keeps, and hands out. The service of notification.

    changed ─▶ lock: groups take it ─▶ due ones are looked at ─▶ one transaction: changes, groups, messages ─▶ queues ─▶ one task a target

Everything that decides goes through one lock, and counts only once it is written: a write that fails leaves the board as it was, and whoever reported
the change reports it again. So each change is decided on once, whenever the process ends. After a restart every group is looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hookline.errors import Refused, Rejected
from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition
from hookline_collector.notification.deciding.alert_groups import AlertGroup
from hookline_collector.notification.deciding.alert_message import AlertMessage, message_id
from hookline_collector.notification.deciding.held_back import HeldBack, held_back
from hookline_collector.notification.deciding.inhibition import is_inhibited
from hookline_collector.notification.deciding.noticeboard import Groups, Noticeboard, as_told, decided, look_at_all, replanned, taken
from hookline_collector.notification.deciding.routing import nodes_for
from hookline_collector.notification.deciding.sample_alert import sample_alert
from hookline_collector.notification.deciding.silence import Acknowledgement, Silence, is_silenced
from hookline_collector.notification.keeping.kept import DeliveryOutcome, Kept, KeptChanges, LoggedDelivery
from hookline_collector.notification.keeping.notification_store import MAX_CHANGES, NotificationStore
from hookline_collector.notification.plan.label_matchers import Matchers, match_all
from hookline_collector.notification.plan.notification_plan import NotificationPlan, TargetPlan
from hookline_collector.notification.plan_source import PlanSource
from hookline_collector.notification.sending.channels import channel_of
from hookline_collector.notification.sending.http_channel import TargetChannel
from hookline_collector.notification.sending.target_answer import TargetAnswer
from hookline_collector.notification.target_queue import TargetQueue, TargetStanding, logged
from hookline_collector.observe.catalogue import MESSAGES_WAITING, TARGETS_FAILING
from hookline_collector.observe.health import PartHealth
from hookline_collector.observe.metrics import Gauge
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.file_watch import FileWatch
from hookline_collector.serving.hang_up import HangUps
from hookline_collector.serving.waiting import next_change
from hookline_collector.yaml_files import FileProblem

LONGEST_WAIT_S: Final = 60.0
MAX_SILENCES: Final = 1_000
FORGET_SILENCE_NS: Final = 5 * 86_400 * NS_PER_S
MakeChannel = Callable[[TargetPlan, str], TargetChannel]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TargetTest:
    """What came of a test message to a target."""

    target: str
    delivered: bool
    code: int
    answer: str
    duration_s: float


class Alerting:
    """Notifies people of alerts. A sink of transitions, and a service."""

    name = "alerting"

    def __init__(
        self,
        store: NotificationStore,
        source: PlanSource,
        pages_url: str = "",
        current: Callable[[], Sequence[Alert]] = tuple,
        reload_s: float = 10.0,
        hang_ups: HangUps | None = None,
        now_ns: Callable[[], int] = time.time_ns,
        make_channel: MakeChannel = channel_of,
    ) -> None:
        self._store = store
        self._source = source
        self._pages_url = pages_url
        self._current = current
        self._reload_s = reload_s
        self._hang_ups = hang_ups or HangUps()
        self._now_ns = now_ns
        self._make_channel = make_channel
        self._pool = BlockingPool("alerting", 1)
        self._lock = asyncio.Lock()
        self._woken = asyncio.Event()
        self._is_open = self._has_plan = False
        self._board = Noticeboard()
        self._taken: dict[str, None] = {}
        self._queues: dict[str, TargetQueue] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._left: dict[str, list[tuple[AlertMessage, int]]] = {}
        self.problems: tuple[FileProblem, ...] = ()

    # what others ask of it

    async def changed(self, transitions: Sequence[AlertTransition]) -> None:
        """Take changes, each once however often it is reported. They are kept, decided on and queued when this returns. Raises Refused."""
        async with self._deciding():
            fresh = [transition for transition in transitions if transition.id not in self._taken]
            for part in apart(fresh):
                alerts = [alert for transition in part if (alert := as_told(transition)) is not None]
                over = [
                    alert.fingerprint for alert in alerts if alert.fingerprint in self._board.acknowledged and alert.state is not AlertState.FIRING
                ]
                board = taken(self._board, alerts, self._now_ns())
                board = replace(board, acknowledged={known: each for known, each in board.acknowledged.items() if known not in over})
                ids = [transition.id for transition in part]
                await self._decide(board, KeptChanges(taken=ids, acknowledged_over=over))
                self._remember(ids)

    async def run(self) -> None:
        """Decide what becomes due, and deliver, until cancelled."""
        await self._opened()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_file(tasks))
                await self._serve(tasks)
                await self._watch_board()
        finally:
            self._left |= {name: queue.left() for name, queue in self._queues.items()}
            self._queues, self._tasks = {}, {}
            await self._pool.run(self._store.close)

    def close(self) -> None:
        """Close the store's thread and file."""
        with contextlib.suppress(RuntimeError):  # closed already
            self._pool.close()
        self._store.close()

    def health(self) -> PartHealth:
        """Return what does not work: the file, or targets that fail. None of it stops what is received."""
        if self.problems:
            meanwhile = "the plan before it counts" if self._has_plan else "nobody is notified until it is mended"
            return PartHealth(self.name, False, f"{self.problems[0]} ({len(self.problems)} in all); {meanwhile}", is_remark=True)
        failing = [standing for standing in self.standings() if standing.failures]
        if failing:
            first = failing[0]
            return PartHealth(self.name, False, f"{first.target} fails ({first.waiting} waiting): {first.error}", is_remark=True)
        count = sum(1 for _ in self._board.plan.targets())
        firing = len(self._board.firing())
        return PartHealth(self.name, True, f"{count} targets, {firing} alerts firing" if count else f"nobody to notify: no {self._source.path}")

    def levels(self) -> dict[Gauge, float]:
        """Return the gauges of messages and targets as they are now."""
        standings = self.standings()
        return {
            MESSAGES_WAITING: float(sum(standing.waiting for standing in standings)),
            TARGETS_FAILING: float(sum(standing.failures > 0 for standing in standings)),
        }

    @property
    def board(self) -> Noticeboard:
        """What stands now."""
        return self._board

    def held_back(self, alerts: Iterable[Alert]) -> Mapping[str, HeldBack]:
        """Return what holds back each alert that something does, by its fingerprint."""
        return held_back(self._board, alerts, self._now_ns())

    def standings(self) -> tuple[TargetStanding, ...]:
        """Return how each target stands."""
        return tuple(queue.standing() for queue in self._queues.values())

    async def deliveries(self, target: str, most: int) -> tuple[LoggedDelivery, ...]:
        """Return the newest entries of the log, the newest first."""
        await self._opened()
        return await self._pool.run(self._store.deliveries, target, most)

    async def silence(self, matchers: Matchers, starts_ns: int, ends_ns: int, created_by: str, comment: str) -> Silence:
        """Hold back alerts with these labels. Raises Rejected for one that could not count."""
        now_ns = self._now_ns()
        if ends_ns <= max(starts_ns, now_ns):
            raise Rejected("a silence must end after it begins, and later than now")
        if not matchers or match_all(matchers, {}):
            raise Rejected("a silence needs a matcher that does not match the empty text: it would hold back everything")
        async with self._deciding():
            if len(self._board.silences) >= MAX_SILENCES:
                raise Rejected(f"there are {MAX_SILENCES} silences already; end one")
            silence = Silence(secrets.token_hex(8), matchers, starts_ns, ends_ns, created_by, comment, now_ns)
            await self._say(replace(self._board, silences={**self._board.silences, silence.id: silence}), KeptChanges(silences=[silence]))
        return silence

    async def end_silence(self, known: str) -> Silence:
        """End a silence now. Raises Rejected where there is none."""
        async with self._deciding():
            found = self._board.silences.get(known)
            if found is None:
                raise Rejected(f"there is no silence {known[:64]!r}")
            now_ns = self._now_ns()
            ended = replace(found, ends_ns=min(found.ends_ns, now_ns), starts_ns=min(found.starts_ns, now_ns))
            await self._say(replace(self._board, silences={**self._board.silences, known: ended}), KeptChanges(silences=[ended]))
        return ended

    async def acknowledge(self, fingerprint: str, created_by: str, comment: str) -> Acknowledgement:
        """Say that somebody knows of an alert that fires: it is not repeated. Raises Rejected where none does."""
        async with self._deciding():
            alert = self._board.firing().get(fingerprint)
            if alert is None:
                raise Rejected(f"no alert {fingerprint[:64]!r} is firing")
            found = Acknowledgement(fingerprint, alert.fired_at_ns, created_by, comment, self._now_ns())
            await self._say(replace(self._board, acknowledged={**self._board.acknowledged, fingerprint: found}), KeptChanges(acknowledged=[found]))
        return found

    async def forget_acknowledgement(self, fingerprint: str) -> None:
        """Take an acknowledgement back. Raises Rejected where there is none."""
        async with self._deciding():
            left = {known: each for known, each in self._board.acknowledged.items() if known != fingerprint}
            if len(left) == len(self._board.acknowledged):
                raise Rejected(f"nobody acknowledged {fingerprint[:64]!r}")
            await self._say(replace(self._board, acknowledged=left), KeptChanges(acknowledged_over=[fingerprint]))

    async def try_target(self, name: str) -> TargetTest:
        """Send a test alert to a target, now and once. Raises Rejected where there is no such target."""
        target = next((each for each in self._board.plan.targets() if each.name == name), None)
        if target is None:
            known = ", ".join(each.name for each in self._board.plan.targets())
            raise Rejected(f"there is no target {name[:100]!r}; known are {known or 'none'}")
        now_ns, begun = self._now_ns(), time.perf_counter_ns()
        alert = sample_alert(now_ns)
        key = f"{{}}:{{alertname={alert.name!r}}}"
        known = message_id(target.name, key, (alert,), now_ns)
        message = AlertMessage(known, target.name, target.receiver, key, {"alertname": alert.name}, (alert,), "test", 0, now_ns)
        channel = self._make_channel(target, self._external_url(self._board.plan))
        try:
            answer = await channel.send(message)
        finally:
            channel.close()
        duration_ns = time.perf_counter_ns() - begun
        outcome: DeliveryOutcome = "delivered" if answer.kind == "delivered" else "refused"
        await self._write(KeptChanges(logged=[logged(message, 1, answer, outcome, self._now_ns(), duration_ns)]))
        return TargetTest(name, answer.kind == "delivered", answer.code, answer.text, duration_ns / NS_PER_S)

    # deciding

    @contextlib.asynccontextmanager
    async def _deciding(self) -> AsyncIterator[None]:
        """Hold the lock, with everything read that a former process left."""
        await self._opened()
        async with self._lock:
            yield
        self._woken.set()

    async def _say(self, board: Noticeboard, changes: KeptChanges) -> None:
        """Keep what a person said, and look at every group in its light."""
        await self._decide(look_at_all(board, self._now_ns()), changes)

    async def _decide(self, board: Noticeboard, changes: KeptChanges) -> None:
        """Look at what is due, write all of it together, and only then let it count. Called with the lock."""
        now_ns = self._now_ns()
        board, messages = decided(refreshed(board, self._current(), now_ns), now_ns)
        changes = changed_groups(self._board.groups, board.groups, changes)
        surplus = {
            name: self._queues[name].surplus(count) for name, count in Counter(each.target for each in messages).items() if name in self._queues
        }
        entries = [self._queues[name].dropped(waiting) for name, found in surplus.items() for waiting in found]
        await self._write(replace(changes, queued=messages, done=[entry.message_id for entry in entries], logged=entries))
        self._board = board
        for name, found in surplus.items():
            self._queues[name].drop(found)
        for message in messages:
            self._hand_out(message, 0)

    async def _write(self, changes: KeptChanges) -> None:
        if not changes.is_empty:
            await self._pool.run(self._store.write, changes)

    def _hand_out(self, message: AlertMessage, attempts: int) -> None:
        if message.target in self._queues:
            self._queues[message.target].put(message, attempts)
        else:
            self._left.setdefault(message.target, []).append((message, attempts))

    def _remember(self, ids: Iterable[str]) -> None:
        self._taken |= dict.fromkeys(ids)
        while len(self._taken) > MAX_CHANGES:
            del self._taken[next(iter(self._taken))]

    async def _watch_board(self) -> None:
        """Look at each group when it is due."""
        while True:
            try:
                async with self._lock:
                    await self._forget_old_silences()
                    await self._decide(self._board, KeptChanges())
            except Refused as why:
                log.warning("%s", why)
                await asyncio.sleep(why.retry_after_s)
                continue
            due_ns = self._board.due_ns()
            wait_s = None if due_ns is None else min(max((due_ns - self._now_ns()) / NS_PER_S, 0.01), LONGEST_WAIT_S)
            await next_change(self._woken, wait_s)

    async def _forget_old_silences(self) -> None:
        old = [known for known, silence in self._board.silences.items() if silence.ends_ns < self._now_ns() - FORGET_SILENCE_NS]
        if old:
            await self._write(KeptChanges(silences_over=old))
            self._board = replace(self._board, silences={known: each for known, each in self._board.silences.items() if known not in old})

    # starting, and the file

    async def _opened(self) -> None:
        """Read what a former process left, once."""
        if self._is_open:
            return
        async with self._lock:
            if not self._is_open:
                kept: Kept = await self._pool.run(self._store.open)
                reading = await self._pool.run(self._source.changed)
                self.problems = reading.problems if reading else ()
                self._board = restored(kept, reading.plan if reading else None, self._now_ns())
                self._has_plan = bool(reading and reading.plan)
                self._remember(kept.taken)
                for message, attempts in kept.queue:
                    self._left.setdefault(message.target, []).append((message, attempts))
                self._is_open = True

    async def _watch_file(self, tasks: asyncio.TaskGroup) -> None:
        """Take the file up when it changes; on SIGHUP in any case, with the secrets that stand elsewhere."""
        hung_up = self._hang_ups.event()
        with FileWatch(lambda: [self._source.path], self._reload_s, hung_up) as file:
            while True:
                if await file.next_look():
                    self._source.forget()
                if reading := await self._pool.run(self._source.changed):
                    self.problems = reading.problems
                    for problem in reading.problems:
                        log.warning("%s", problem)
                    if reading.plan is not None and not await self._take_up(reading.plan, tasks):
                        hung_up.set()

    async def _take_up(self, plan: NotificationPlan, tasks: asyncio.TaskGroup) -> bool:
        """Let a new plan count; say whether it does. One that cannot be written down yet is to be read again, after a pause."""
        try:
            async with self._deciding():
                await self._decide(replanned(self._board, plan, self._now_ns()), KeptChanges())
            self._has_plan = True
            await self._serve(tasks)
        except Refused as why:
            log.warning("%s", why)
            await asyncio.sleep(self._reload_s)
            return False
        return True

    async def _serve(self, tasks: asyncio.TaskGroup) -> None:
        """Have one task a target of the plan; those of targets that changed end, and what waited for them goes on with the new ones."""
        plan = self._board.plan
        wanted = {target.name: target for target in plan.targets()}
        for name, queue in list(self._queues.items()):
            if wanted.get(name) != queue.target or queue.external_url != self._external_url(plan):
                self._tasks.pop(name).cancel()
                del self._queues[name]
                self._left[name] = queue.left()
        url = self._external_url(plan)
        for name, target in wanted.items():
            if name not in self._queues:
                self._start(tasks, target, url)
        for name in [name for name in self._left if name not in wanted and self._has_plan]:
            await self._give_up(self._left.pop(name))

    def _start(self, tasks: asyncio.TaskGroup, target: TargetPlan, url: str) -> None:
        queue = TargetQueue(target, self._make_channel(target, url), self._write, url, self._now_ns)
        for message, attempts in self._left.pop(target.name, []):
            queue.put(message, attempts)
        self._queues[target.name] = queue
        idle_s = int(target.options["resend_delay"]) / NS_PER_S if target.kind == "alertmanager" else None
        self._tasks[target.name] = tasks.create_task(queue.run(lambda: self._all_that_fires(target), idle_s), name=f"send to {target.name}")

    async def _give_up(self, waiting: Iterable[tuple[AlertMessage, int]]) -> None:
        """Note that messages wait for a target that is not in the file any more."""
        answer = TargetAnswer("refused", 0, "the target is not in the file any more")
        now_ns = self._now_ns()
        for message, attempts in waiting:
            entry = logged(message, attempts, answer, "dropped", now_ns, 0)
            await self._write(KeptChanges(done=[message.id], logged=[entry]))

    def _all_that_fires(self, target: TargetPlan) -> AlertMessage | None:
        """Return a message with all that fires, is a receiver's and is not held back: an Alertmanager forgets what it is not sent again."""
        board, now_ns = self._board, self._now_ns()
        firing = board.firing()
        labels = [alert.labels for alert in firing.values()]
        alerts = tuple(
            alert
            for alert in firing.values()
            if any(node.route.receiver == target.receiver for node in nodes_for(board.tree.root, alert.labels))
            and not is_silenced(alert.labels, board.silences.values(), now_ns)
            and not is_inhibited(alert.labels, board.plan.inhibit_rules, labels)
        )
        if not alerts:
            return None
        return AlertMessage(message_id(target.name, "", alerts, now_ns), target.name, target.receiver, "", {}, alerts, "repeat", 0, now_ns)

    def _external_url(self, plan: NotificationPlan) -> str:
        return plan.external_url or self._pages_url


def alerting_at(
    path: Path,
    file: Path,
    pages_url: str,
    current: Callable[[], Sequence[Alert]] = tuple,
    reload_s: float = 10.0,
    hang_ups: HangUps | None = None,
) -> Alerting:
    """Return the service that keeps what it keeps at a path, and reads a file of receivers and routes."""
    return Alerting(NotificationStore(path), PlanSource(file), pages_url, current, reload_s, hang_ups)


def apart(transitions: Iterable[AlertTransition]) -> Iterator[list[AlertTransition]]:
    """Yield changes in order, in parts that have no alert twice: two changes of one alert are two decisions."""
    part: dict[str, AlertTransition] = {}
    for transition in transitions:
        if transition.alert.fingerprint in part:
            yield list(part.values())
            part = {}
        part[transition.alert.fingerprint] = transition
    if part:
        yield list(part.values())


def changed_groups(before: Groups, after: Groups, changes: KeptChanges) -> KeptChanges:
    """Add what became of the groups to what is to be written. When one is due next is worked out again after a restart."""
    changed = [group for key, group in after.items() if key not in before or before[key] is not group]
    saved = [group for group in changed if group.key not in before or _kept(group) != _kept(before[group.key])]
    members: list[tuple[str, Alert]] = []
    members_over: list[tuple[str, str]] = []
    for group in changed:
        known = before[group.key].members if group.key in before else {}
        members += [(group.key, alert) for each, alert in group.members.items() if known.get(each) is not alert]
        members_over += [(group.key, each) for each in known if each not in group.members]
    over = [key for key in before if key not in after]
    return replace(changes, groups=saved, groups_over=over, members=members, members_over=members_over)


def _kept(group: AlertGroup) -> AlertGroup:
    """Return what of a group is written with it."""
    return replace(group, members={}, due_ns=0)


def restored(kept: Kept, plan: NotificationPlan | None, now_ns: int) -> Noticeboard:
    """Return the board as a former process left it, under the plan of now, with every group to be looked at. Without a plan nothing of it is sent."""
    known = Noticeboard(
        groups={group.key: group for group in kept.groups},
        silences={silence.id: silence for silence in kept.silences},
        acknowledged={each.fingerprint: each for each in kept.acknowledged},
    )
    return look_at_all(replanned(known, plan, now_ns) if plan else known, now_ns)


def refreshed(board: Noticeboard, current: Iterable[Alert], now_ns: int) -> Noticeboard:
    """Give alerts that are about to be sent the value, words and evidence that they have now."""
    newest: Mapping[str, Alert] = {alert.fingerprint: alert for alert in current if alert.state is AlertState.FIRING}
    groups = {}
    for key, group in board.groups.items():
        if newest and group.due_ns <= now_ns:
            members = {known: _newer(alert, newest.get(known)) for known, alert in group.members.items()}
            groups[key] = replace(group, members=members)
    return replace(board, groups={**board.groups, **groups}) if groups else board


def _newer(alert: Alert, found: Alert | None) -> Alert:
    is_same = found is not None and found.fired_at_ns == alert.fired_at_ns and alert.state is AlertState.FIRING
    return found if is_same and found is not None else alert
