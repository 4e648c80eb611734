"""What the relay does while a session lives: looks after processes, samples, collects metrics, lets time pass.

All of it is periodic; the loop asks when the next is due, and an idle relay has nothing due.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookline.agent_event import tick
from hookline.contract import semconv
from hookline.contract.scopes import RELAY_SCOPE, RESOURCE_SCOPE
from hookline.fold import OpenWait, Thinking
from hookline.relay.assembly import RelayParts
from hookline.relay.watch.quiet import LOOK_S
from hookline.resources.points import gauge, level
from hookline.settings.schema import RelaySettings
from hookline.system.log import LOG
from hookline.system.process import ProcessKey, is_alive

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import Metric

TICK_S = 2.0  # how often the fold learns that time passed, as long as it remembers anything
CONFIRM_S = 1.0  # between the two looks that make sure that a process has ended
CALM_AFTER_S = 10.0  # when no turn is open and nothing came for this long, all of it is done less often: everybody is at their prompt
CALM_FACTOR = 6.0
QUIET_AFTER_S = 300.0  # sessions without an event for this long are sampled less often, also within a turn
PRESENCE_S = 2.0  # how often it is looked whether the machine slept
CLIENT_S = 0.3  # how often it is looked at what clients say of themselves while a turn is open
REST_FACTOR = 4.0  # how many times rarer while no turn is open
COMMAND_S = 0.4  # how often it is looked for the command of a shell call that waits for a permission


@dataclass(slots=True)
class Periodic:
    """Something due `every_s` by the monotonic clock; the first time at once."""

    every_s: float
    next_s: float = 0.0

    def begin_if_due(self, now_s: float, factor: float = 1.0) -> bool:
        """Whether it is due; if so, it counts as done and is due again after `every_s`, times `factor`."""
        if now_s < self.next_s:
            return False
        self.next_s = now_s + factor * self.every_s
        return True

    def in_s(self, now_s: float) -> float:
        """Return how long until it is due."""
        return max(0.0, self.next_s - now_s)

    def bring_forward(self, now_s: float, within_s: float) -> None:
        """Make it due no later than that."""
        self.next_s = min(self.next_s, now_s + within_s)


class Monitor:
    """What is periodic while sessions live."""

    def __init__(self, settings: RelaySettings, parts: RelayParts) -> None:
        self._parts = parts
        self._sample_s = settings.sample_s
        self._tick = Periodic(TICK_S)
        self._check = Periodic(settings.process_check_s)
        self._sample = Periodic(settings.sample_s)
        self._collect = Periodic(settings.metrics_s)
        self._presence = Periodic(PRESENCE_S)
        self._commands = Periodic(COMMAND_S)
        self._client = Periodic(CLIENT_S)
        self._is_calm = False
        self._has_turns = self._has_rests = False
        self._waiting: list[OpenWait] = []
        self._quiet = Periodic(LOOK_S)
        self._thinking: list[tuple[Thinking, ProcessKey]] = []
        self._samples: list[tuple[str, list[Metric]]] = []

    def attend(self, now_s: float, is_dry: bool, silent_s: float) -> bool:
        """Do what is due; say whether a session ended. `silent_s` is how long no event came."""
        has_sessions = len(self._parts.sessions) > 0
        factor = self._pace(now_s, silent_s)
        if self._parts.pipeline.is_holding and is_dry and self._tick.begin_if_due(now_s, factor):
            self._parts.pipeline.absorb(tick(time.time_ns()))
        self._look_after_presence(now_s, is_dry)
        ended = is_dry and self._fold_exits()
        rest = factor if self._parts.presence.watches_all else 1.0
        ended = (has_sessions and is_dry and self._check.begin_if_due(now_s, rest) and self._check_sessions(now_s)) or ended
        if has_sessions and self._parts.delivery.outbox.has_metrics_room() and self._sample.begin_if_due(now_s, factor):
            self._take_sample(now_s)
        if self._has_metrics() and self._parts.delivery.outbox.has_metrics_room() and self._collect.begin_if_due(now_s, factor):
            self.collect(now_s)
        return ended

    def _pace(self, now_s: float, silent_s: float) -> float:
        """Return how many times rarer things are done; when it is over with the calm, they are due as usual."""
        was_calm, self._is_calm = self._is_calm, silent_s > CALM_AFTER_S and not self._parts.fold.going_on()
        if was_calm and not self._is_calm:
            for one in (self._tick, self._check, self._sample, self._collect, self._presence):
                one.bring_forward(now_s, one.every_s)
        return CALM_FACTOR if self._is_calm else 1.0

    def due_in_s(self, now_s: float, is_dry: bool) -> float:
        """Return how long until something is due; infinity when nothing lives. What waits for a dry spool is not due before."""
        has_sessions = len(self._parts.sessions) > 0
        waits = [math.inf]
        if is_dry and self._parts.pipeline.is_holding:
            waits.append(self._tick.in_s(now_s))
        if is_dry and has_sessions:
            waits.append(self._check.in_s(now_s))
            waits.append(0.0 if self._parts.presence.has_exits else self._presence.in_s(now_s))
            if self._waiting:
                waits.append(self._commands.in_s(now_s))
            if self._thinking:
                waits.append(self._quiet.in_s(now_s))
            if self._has_turns or self._has_rests:
                waits.append(self._client.in_s(now_s))
        if not self._parts.delivery.outbox.has_metrics_room():
            return min(*waits, self._sample_s)
        if has_sessions:
            waits.append(self._sample.in_s(now_s))
        if self._has_metrics():
            waits.append(self._collect.in_s(now_s))
        return min(waits)

    def collect(self, now_s: float) -> None:
        """Hand everything since the last collection to delivery; nothing when there is nothing."""
        if not self._has_metrics():
            return
        samples, self._samples = self._samples, []
        data = self._parts.metrics.collect([*samples, (RELAY_SCOPE, self._spool_metrics(time.time_ns()))])
        if data is not None:
            self._parts.delivery.outbox.offer_metrics(data)

    def _has_metrics(self) -> bool:
        return bool(self._samples) or self._parts.metrics.is_dirty

    def _look_after_presence(self, now_s: float, is_dry: bool) -> None:
        presence = self._parts.presence
        presence.report_sleep(time.time_ns())
        self._presence.next_s = now_s + (CALM_FACTOR if self._is_calm else 1.0) * PRESENCE_S
        presence.watch()
        self._waiting = presence.shell_waits()
        if is_dry and self._waiting and self._commands.begin_if_due(now_s):
            presence.report_commands(self._waiting)
        if is_dry:
            self._look_at_clients(now_s)
        self._thinking = [one for one in presence.thinking() if not self._parts.client_states.speaks_for(one[0].session_id)]
        if is_dry and self._thinking and self._quiet.begin_if_due(now_s):
            presence.report_quiet(self._thinking, time.time_ns())

    def _look_at_clients(self, now_s: float) -> None:
        """Look at what clients say of themselves; while only rests go on, more rarely."""
        had_turns, clients = self._has_turns, self._parts.client_states
        self._has_turns, self._has_rests = clients.has_turns, clients.has_rests
        if self._has_turns and not had_turns:
            self._client.bring_forward(now_s, CLIENT_S)
        if (self._has_turns or self._has_rests) and self._client.begin_if_due(now_s, 1.0 if self._has_turns else REST_FACTOR):
            clients.look(time.time_ns())

    def _fold_exits(self) -> bool:
        """Fold the end of processes that the kernel reported."""
        ended = list(self._parts.presence.pop_exits())
        for event in ended:
            self._parts.pipeline.absorb(event)
        return bool(ended)

    def _check_sessions(self, now_s: float) -> bool:
        """Fold the end of processes that are gone."""
        now_ns = time.time_ns()
        ended = self._parts.sessions.check(now_ns, is_alive)
        for event in ended:
            self._parts.pipeline.absorb(event)
        if self._parts.sessions.has_doubtful():
            self._check.bring_forward(now_s, CONFIRM_S)
        return bool(ended)

    def _take_sample(self, now_s: float) -> None:
        now_ns = time.time_ns()
        try:
            metrics = self._parts.sampler.sample(self._parts.sessions, now_ns, now_s)
        except Exception:  # a system that answers something unheard-of costs its sample
            LOG.exception("sampling failed")
            return
        self._samples.append((RESOURCE_SCOPE, metrics))
        if not self._parts.sessions.is_busy(now_ns, QUIET_AFTER_S):
            self._sample.next_s = now_s + CALM_FACTOR * self._sample_s

    def _spool_metrics(self, now_ns: int) -> list[Metric]:
        depth = self._parts.reader.depth()
        return [
            gauge(semconv.METRIC_SPOOL_FILES, "{file}", depth.files, {}, now_ns),
            gauge(semconv.METRIC_SPOOL_BYTES, "By", depth.bytes, {}, now_ns),
            level(semconv.METRIC_SPOOL_DROPPED, "{event}", [({}, 0, now_ns, depth.dropped)], is_monotonic=True),
        ]
