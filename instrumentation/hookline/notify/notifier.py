"""Sends the notices that are due, and takes back those that are over.

`look` is called by the relay's loop and costs no more than a look at the waits: what leaves the process does so in a thread of its own. The queue to
that thread is bounded; past it a notice is dropped and counted, and the relay goes on.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hookline.fold import OpenWait
from hookline.notify.decision import due
from hookline.notify.outlets import Outlet, PidOf, outlets
from hookline.notify.words import Notice, notice
from hookline.settings.schema import NotifySettings
from hookline.system.clock import NS_PER_S
from hookline.system.programs import Failed

LOG = logging.getLogger("hookline.relay.notify")
MAX_QUEUED = 64
MAX_SENT = 1_000
Make = Callable[[NotifySettings, PidOf], dict[str, Outlet]]


@dataclass(frozen=True, slots=True)
class _Delivery:
    notice: Notice
    rules: NotifySettings
    is_over: bool


class Notifier:
    """Notices of waits, from one relay."""

    def __init__(self, rules: Callable[[], NotifySettings], pid_of: PidOf, make: Make = outlets) -> None:
        self._rules = rules
        self._pid_of = pid_of
        self._make = make
        self._sent: dict[str, tuple[Notice, NotifySettings]] = {}
        self._next_ns: int | None = None
        self._deliveries: queue.Queue[_Delivery | None] = queue.Queue(MAX_QUEUED)
        self._thread: threading.Thread | None = None
        self._made: dict[NotifySettings, dict[str, Outlet]] = {}
        self.told = 0
        self.dropped = 0

    @property
    def is_on(self) -> bool:
        """Whether notices are on, or one was sent that may have to be withdrawn."""
        return is_on(self._rules()) or bool(self._sent)

    def look(self, waits: Iterable[OpenWait], now_ns: int) -> None:
        """Send what is due by now; call it after every change of the waits, and when `due_in_s` is over."""
        rules = self._rules()
        found = due(waits if is_on(rules) else (), self._sent, now_ns, rules)
        self._next_ns = found.next_ns
        for wait in found.fresh[: MAX_SENT - len(self._sent)]:
            self._sent[wait.id] = notice(wait), rules
            self._send(_Delivery(*self._sent[wait.id], is_over=False))
        for known in found.over:
            self._send(_Delivery(*self._sent.pop(known), is_over=True))

    def due_in_s(self, now_ns: int) -> float | None:
        """Return how long until the next notice is due; None when no wait comes near."""
        if self._next_ns is None or not self.is_on:
            return None
        return max(0.0, (self._next_ns - now_ns) / NS_PER_S)

    def stop(self, within_s: float) -> None:
        """End the thread; what waits for it is given up."""
        if self._thread is None:
            return
        while True:
            try:
                self._deliveries.get_nowait()
            except queue.Empty:
                break
        self._deliveries.put(None)
        self._thread.join(within_s)

    def _send(self, delivery: _Delivery) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="hookline-notify", daemon=True)
            self._thread.start()
        try:
            self._deliveries.put_nowait(delivery)
        except queue.Full:
            self.dropped += 1
            LOG.warning("notices come faster than Hookline can send them; some are dropped")

    def _work(self) -> None:
        while (delivery := self._deliveries.get()) is not None:
            for name, outlet in self._outlets(delivery.rules).items():
                try:
                    outlet.resolve(delivery.notice) if delivery.is_over else outlet.tell(delivery.notice)
                except Failed as why:
                    LOG.warning("could not send a notice by %s: %s", name, why)
                except Exception:  # a bug in a way out costs its notice
                    LOG.exception("could not send a notice")
            self.told += not delivery.is_over

    def _outlets(self, rules: NotifySettings) -> dict[str, Outlet]:
        """Return the ways out of these settings; those of earlier settings stay, as they know what they can take back."""
        if rules not in self._made:
            self._made[rules] = self._make(rules, self._pid_of)
        return self._made[rules]


def is_on(rules: NotifySettings) -> bool:
    """Whether notices are switched on."""
    return any(name != "off" for name in rules.how)
