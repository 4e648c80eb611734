"""The relay's loop: it sleeps until the spool, the endpoint or a clock has something for it.

    wakes for           does
    a hook's file       reads, folds, hands over
    an accepted batch   counts it, removes its files, reads on if it had stopped for want of room
    what is periodic    checks processes, samples, collects metrics, writes the state
    a due notice        tells a person that an agent waits

What is periodic is due only while a session lives or something has changed, so an idle relay does not wake at all. Waits go by
the monotonic clock: a clock that is set back or forth moves none.
"""

from __future__ import annotations

import threading
import time

from hookline.relay.assembly import RelayParts
from hookline.relay.monitor import Monitor, Periodic
from hookline.settings.schema import RelaySettings
from hookline.system.log import LOG

LONGEST_WAIT_S = 3600.0
STATE_S = 2.0
STUMBLE_S = 1.0
ACTIVE_S = 10.0  # after the last event; until then a spool without file watch is looked at often
AWAY_S = 0.5
GATHER_S = 0.4
"""A hook's event waits so long for those that come with it: of what an event costs most is waking the relay, a request and the collector, and
nobody sees so short a delay. It is also longer than a hook takes between its time and its rename."""
SWEEP_S = 6 * 3600.0
ADOPT_S = 10.0
GAPS_S = 15.0


class Loop:
    """The parts at work, in one thread."""

    def __init__(self, settings: RelaySettings, parts: RelayParts) -> None:
        self._settings = settings
        self._parts = parts
        self._monitor = Monitor(settings, parts)
        self._state = Periodic(STATE_S)
        self._sweep = Periodic(SWEEP_S)
        self._adopt = Periodic(ADOPT_S)
        self._gaps = Periodic(GAPS_S)
        self._has_changed = True
        self._active_s = 0.0
        self._may_have_come = True

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Whoever sets it wakes the watch."""
        while not stop.is_set():
            try:
                self._work_once(stop)
            except OSError:  # no descriptors, no memory, a folder that went away: it may pass
                LOG.exception("the relay's loop stumbled; it goes on in %g s", STUMBLE_S)
                stop.wait(STUMBLE_S)

    def _work_once(self, stop: threading.Event) -> None:
        has_read = self._read()
        now_s = time.monotonic()
        is_dry = self._is_dry(has_read)
        self._parts.tail.note_dry(is_dry)
        if self._monitor.attend(now_s, is_dry, now_s - self._active_s):
            self._has_changed = True
        self._keep_house(now_s)
        if self._is_dry(has_read):  # nobody is told of what was asked and answered in the past
            self._notify()
        if not has_read:
            self._parts.watch.wait(self._wait_s(time.monotonic()))
            if self._parts.watch.take_news():
                self._may_have_come = True
                if self._parts.watch.is_notified:
                    stop.wait(GATHER_S)

    def finish(self, deadline_s: float) -> None:
        """Read and deliver what can be until the deadline (monotonic); the rest stays in the spool.

        An endpoint that is away is not waited for.
        """
        self._may_have_come = True
        while time.monotonic() < deadline_s and (self._read() or self._has_more_to_read()):
            self._parts.watch.wait(self._parts.reader.next_in_s(time.time_ns()) or 0.0)
            self._may_have_come = self._parts.watch.take_news() or self._may_have_come
        self._monitor.collect(time.monotonic())
        patience_s = time.monotonic() + AWAY_S
        while not self._parts.delivery.outbox.wait_until_empty(0.1):
            now_s = time.monotonic()
            if now_s >= deadline_s or (now_s >= patience_s and self._parts.delivery.report.is_away):
                return

    def close(self) -> None:
        """Acknowledge what was accepted to the last, and write the state."""
        self._parts.pipeline.acknowledge(self._parts.accepted.pop_all())
        self._parts.state_file.save(self._parts.reader.depth())

    def _read(self) -> bool:
        """Acknowledge what was accepted, then read; say whether events came."""
        if batches := self._parts.accepted.pop_all():
            self._parts.pipeline.acknowledge(batches)
            self._has_changed = True
        if not self._may_have_come or not self._parts.delivery.outbox.has_room():
            return False
        has_read = self._parts.pipeline.read(time.time_ns())
        self._may_have_come = self._parts.reader.next_in_s(time.time_ns()) is not None  # of what comes from now on the watch tells
        if has_read:
            self._has_changed = True
            self._active_s = time.monotonic()
        return has_read

    def _notify(self) -> None:
        """Tell of waits that are due for a notice; it costs nothing while notices are off."""
        if self._parts.notifier.is_on:
            self._parts.notifier.look(self._parts.fold.waits(), time.time_ns())

    def _has_more_to_read(self) -> bool:
        return self._parts.delivery.outbox.has_room() and self._parts.reader.next_in_s(time.time_ns()) is not None

    def _is_dry(self, has_read: bool) -> bool:
        """Whether every event that was written has been read."""
        return not has_read and self._parts.delivery.outbox.has_room() and self._parts.reader.next_in_s(time.time_ns()) is None

    def _keep_house(self, now_s: float) -> None:
        if (self._has_changed or self._parts.state_file.is_stale()) and self._state.begin_if_due(now_s):
            self._parts.state_file.save(self._parts.reader.depth())
            self._has_changed = False
        if self._adopt.begin_if_due(now_s):
            self._parts.reader.adopt(time.time_ns())
        if self._gaps.begin_if_due(now_s):
            self._parts.gaps.look(time.time())
        if self._has_changed and self._sweep.begin_if_due(now_s):
            self._parts.reader.sweep(time.time_ns())

    def _wait_s(self, now_s: float) -> float:
        """Return how long there is nothing to do unless somebody wakes the watch."""
        waits = [LONGEST_WAIT_S, self._monitor.due_in_s(now_s, self._is_dry(has_read=False))]
        settling_s = self._parts.reader.next_in_s(time.time_ns())
        if settling_s is not None and self._parts.delivery.outbox.has_room():
            waits.append(settling_s)
        if self._has_changed or self._parts.state_file.is_stale():
            waits.append(self._state.in_s(now_s))
        if (notice_s := self._parts.notifier.due_in_s(time.time_ns())) is not None:
            waits.append(notice_s)
        if now_s - self._active_s < ACTIVE_S and not self._parts.watch.is_notified:
            waits.append(self._settings.poll_s)
        return min(waits)
