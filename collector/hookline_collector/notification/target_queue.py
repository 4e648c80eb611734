"""One target's queue, and the task that empties it: in order, one message at a time, until each is delivered, refused for good, or too old.

What waits stands in the store too; the copy here is what is worked on. A failure opens the breaker for a pause that doubles up to five minutes, is
spread by chance, and follows the target where it names a longer one (up to an hour). Then one message is tried while the others wait.
Every attempt is noted before anything else happens, so a restart neither forgets nor repeats one that was answered.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from hookline.errors import Refused
from hookline.system.backoff import Backoff
from hookline.system.clock import NS_PER_S
from hookline_collector.delivery.breaker import Breaker, BreakerState
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.keeping.kept import DeliveryOutcome, KeptChanges, LoggedDelivery
from hookline_collector.notification.plan.notification_plan import TargetPlan
from hookline_collector.notification.sending.http_channel import TargetChannel
from hookline_collector.notification.sending.target_answer import TargetAnswer, again
from hookline_collector.serving.waiting import next_change

PAUSES: Final = Backoff(1.0, 300.0, 3_600.0)
DISK_PAUSE_S: Final = 5.0
OUTCOMES: Final[dict[str, DeliveryOutcome]] = {"delivered": "delivered", "again": "retried", "refused": "refused"}
Write = Callable[[KeptChanges], Awaitable[None]]
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Waiting:
    """A message that waits, and how often it was tried."""

    message: AlertMessage
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class TargetStanding:
    """How a target stands."""

    target: str
    receiver: str
    kind: str
    waiting: int
    delivered: int
    dropped: int
    breaker: BreakerState
    failures: int
    error: str


class TargetQueue:
    """The messages for one target."""

    def __init__(
        self,
        target: TargetPlan,
        channel: TargetChannel,
        write: Write,
        external_url: str = "",
        now_ns: Callable[[], int] = time.time_ns,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.target = target
        self.external_url = external_url
        self._channel = channel
        self._write = write
        self._now_ns = now_ns
        self._chance = chance
        self._pauses = PAUSES
        self._waiting: deque[Waiting] = deque()
        self._trying: Waiting | None = None
        self._woken = asyncio.Event()
        self._breaker = Breaker()
        self._error = ""
        self._delivered = self._dropped = 0

    def put(self, message: AlertMessage, attempts: int = 0) -> None:
        """Queue a message that the store has."""
        self._waiting.append(Waiting(message, attempts))
        self._woken.set()

    def surplus(self, coming: int) -> list[Waiting]:
        """Return the oldest that must go before so many more come, but for the one that is being tried."""
        idle = [waiting for waiting in self._waiting if waiting is not self._trying]
        return idle[: max(0, len(self._waiting) + coming - self.target.max_queued)]

    def dropped(self, waiting: Waiting) -> LoggedDelivery:
        """Return what the log says of one that must go."""
        answer = TargetAnswer("refused", 0, f"more than {self.target.max_queued} messages wait")
        return logged(waiting.message, waiting.attempts, answer, "dropped", self._now_ns(), 0)

    def drop(self, waiting: Iterable[Waiting]) -> None:
        """Take those out of the queue that the store has not any more."""
        for each in waiting:
            self._remove(each)
            self._dropped += 1

    def left(self) -> list[tuple[AlertMessage, int]]:
        """Return what waits, with the number of attempts."""
        return [(waiting.message, waiting.attempts) for waiting in self._waiting]

    def standing(self) -> TargetStanding:
        """Return how it stands now."""
        plan, breaker = self.target, self._breaker
        state = breaker.state(time.monotonic())
        return TargetStanding(
            plan.name, plan.receiver, plan.kind, len(self._waiting), self._delivered, self._dropped, state, breaker.failures, self._error
        )

    async def run(self, idle: Callable[[], AlertMessage | None] = lambda: None, idle_s: float | None = None) -> None:
        """Deliver until cancelled. After `idle_s` without a message, send what `idle` gives: it is in no queue and no log."""
        try:
            while True:
                if not self._waiting:
                    await next_change(self._woken, idle_s)
                if self._waiting:
                    await self._next()
                elif message := idle():
                    await self._attempt(message)
        finally:
            self._channel.close()

    async def _next(self) -> None:
        """Bring the first message one step on."""
        if too_many := self.surplus(0):
            entries = [self.dropped(waiting) for waiting in too_many]
            await self._noted(KeptChanges(done=[entry.message_id for entry in entries], logged=entries))
            self.drop(too_many)
        first = self._trying = self._waiting[0]
        age_s = (self._now_ns() - first.message.decided_ns) / NS_PER_S
        if age_s > self.target.give_up_after_s:
            await self._finish(first, TargetAnswer("refused", 0, f"given up after {age_s:.0f} s; {self._error}"), "expired", 0)
            return
        if (pause_s := self._breaker.open_until - time.monotonic()) > 0:
            await asyncio.sleep(min(pause_s, self.target.give_up_after_s))
        begun = time.perf_counter_ns()
        answer = await self._attempt(first.message)
        first.attempts += 1
        await self._finish(first, answer, OUTCOMES[answer.kind], time.perf_counter_ns() - begun)
        self._trying = None

    async def _attempt(self, message: AlertMessage) -> TargetAnswer:
        """Try once; a defect of a channel is one of its target alone."""
        try:
            answer = await self._channel.send(message)
        except Exception as why:
            log.exception("sending to %s failed", self.target.name)
            answer = again(f"a defect ({type(why).__name__}); the log says more")
        if answer.kind == "again":
            pause_s = self._pauses.pause(self._breaker.failures + 1, answer.retry_after_s, self._chance())
            self._breaker = self._breaker.failed(time.monotonic(), pause_s)
            self._error = f"{answer.code} {answer.text}".strip() if answer.code else answer.text
        else:
            self._breaker = Breaker()
            self._error = answer.text if answer.kind == "refused" else ""
        return answer

    async def _finish(self, waiting: Waiting, answer: TargetAnswer, outcome: DeliveryOutcome, duration_ns: int) -> None:
        """Note what came of it; a message that is done leaves the queue."""
        message = waiting.message
        entry = logged(message, waiting.attempts, answer, outcome, self._now_ns(), duration_ns)
        if outcome == "retried":
            await self._noted(KeptChanges(attempts={message.id: waiting.attempts}, logged=[entry]))
            return
        await self._noted(KeptChanges(done=[message.id], logged=[entry]))
        self._remove(waiting)
        self._delivered += outcome == "delivered"
        self._dropped += outcome != "delivered"
        if outcome != "delivered":
            log.warning("a message to %s was not delivered (%s): %s", self.target.name, outcome, answer.text)

    def _remove(self, waiting: Waiting) -> None:
        """Take one out of the queue, unless it went while it was waited for the store: it was tried and had to go at once."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)

    async def _noted(self, changes: KeptChanges) -> None:
        """Write, and try again until it is written: an answer that is not noted would be asked for again after a restart."""
        while True:
            try:
                await self._write(changes)
                return
            except Refused as why:
                log.warning("%s", why)
                await asyncio.sleep(DISK_PAUSE_S)


def logged(message: AlertMessage, attempt: int, answer: TargetAnswer, outcome: DeliveryOutcome, now_ns: int, duration_ns: int) -> LoggedDelivery:
    """Return the entry of the log."""
    return LoggedDelivery(
        message_id=message.id,
        target=message.target,
        receiver=message.receiver,
        group_key=message.group_key,
        reason=message.reason,
        alerts_firing=len(message.firing),
        alerts_resolved=len(message.resolved),
        attempt=attempt,
        outcome=outcome,
        code=answer.code,
        answer=answer.text,
        at_ns=now_ns,
        duration_ns=duration_ns,
        after_breach_ns=max(0, now_ns - message.since_ns) if message.since_ns else 0,
    )
