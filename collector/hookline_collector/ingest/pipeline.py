"""The one way in, `Ingest.accept`: what a receiver hands over is checked, freed of repetitions, journaled, counted and published.

Order and promises:

1. Sub-messages are counted and nesting bounded before and while parsing; what cannot be stored is taken out (`items`), and control characters
   out of the names that agents' telemetry brings (`labels`); texts that passed no relay are dropped and redacted (`contents`).
2. Records of Hookline's own scopes that were received before are taken out (`duplicates`). Such requests go one after the
   other from here to the journal, so that two copies at the same moment cannot both pass.
3. The journal has the bytes on disk (and moves the metrics in that step): only now keys are remembered and `Accepted` is
   announced. From step 2 on the work does not stop when the sender goes away, since the journal may have the bytes already.
4. What an agent that nobody knows sent by the GenAI conventions is told again in Hookline's own records, in requests of their own (`genai_spans`).
5. `accept` returns, and the receiver answers.

The journal gets the bytes as they came; they are serialised anew only when something was taken out, or when there is
something at their top level beside the one repeated field (requests lie end to end in the journal, and its checksum is such a field).

A parsed request costs up to 171 bytes a sub-message, so what is parsed is let go before the journal is waited for. Only what a
subscriber wants is kept, and holds what it may cost. A big request is examined in the thread for heavy work, one at a time, and piece by piece as
long as nothing of it has to be changed or kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from hookline.contract.content import contents_of
from hookline.contract.scopes import REPLAYED_SCOPES
from hookline.errors import HooklineError, Refused, Rejected, TooLarge
from hookline.settings.schema import CaptureSettings, LimitSettings
from hookline.system.memory import BoundedMemory
from hookline_collector.ingest import duplicates, genai_spans, items, labels
from hookline_collector.ingest.admission import Admission, Slot
from hookline_collector.ingest.agents import is_agents
from hookline_collector.ingest.contents import CapturedContents, mentions_conventions
from hookline_collector.ingest.counting import check_count, upper_bound
from hookline_collector.ingest.parsing import only_known, parse
from hookline_collector.ingest.pieces import pieces
from hookline_collector.observe.announcements import Accepted, Topic
from hookline_collector.observe.catalogue import BYTES, DEDUPLICATED, INVALID, RECEIVED, REFUSED, REJECTED, REQUESTS
from hookline_collector.observe.metrics import Changes, Metrics
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal

MESSAGE_BYTES = 180  # what a parsed sub-message takes at most: 171 for a span
BIG_BODY_BYTES = 256 * 1024  # smaller ones take less time to examine than the loop may be held
_FAULTS = {Rejected: "malformed", TooLarge: "too_large"}
Hold = Callable[[int], None]
Reader = Callable[[Hold], Awaitable[bytes]]
ITEM_NAMES = {Signal.TRACES: "spans", Signal.LOGS: "log records", Signal.METRICS: "data points"}


class RequestJournal(Protocol):
    """What ingest needs of the journal."""

    async def append(self, signal: Signal, body: bytes, items: int, changes: Changes | None = None) -> None:
        """Return when the bytes are on disk; change the metrics in the step that counts the items. Raises Refused when it cannot now."""


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What the sender is told: how many items were rejected for good, and why. A message with none rejected is a remark."""

    rejected: int = 0
    message: str = ""


class RequestConsumer(Protocol):
    """All that a receiver needs of ingest."""

    async def accept(self, signal: Signal, body: bytes | Reader) -> IngestResult:
        """Take one request in and return when it is on disk; see `Ingest.accept`."""


@dataclass(slots=True)
class _Request:
    """A request under way: what the journal will have, what was found, and for agents' requests the parsed message."""

    signal: Signal
    received_bytes: int
    body: bytes
    found: items.Examined
    scopes: frozenset[str]
    message: Any = None
    message_bytes: int = 0
    deduplicated: int = 0
    told_again: tuple[tuple[Signal, bytes], ...] = ()


class Ingest:
    """Takes requests in. One instance serves all receivers; used on one event loop."""

    def __init__(
        self,
        limits: LimitSettings,
        journal: RequestJournal,
        metrics: Metrics,
        heavy: HeavyWork,
        capture: CaptureSettings = CaptureSettings(),  # noqa: B008 - frozen
    ) -> None:
        self.admission = Admission(limits)
        self.accepted: Topic[Accepted] = Topic()
        self._limits = limits
        self._journal = journal
        self._metrics = metrics
        self._known = BoundedMemory[duplicates.Key](limits.max_known_records)
        self._one_at_a_time = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()
        self._heavy = heavy
        self._contents = CapturedContents(capture)

    def remember(self, keys: Iterable[duplicates.Key]) -> None:
        """Know these keys (`duplicates.span_key`, `log_key`) as received; called at the start with what the store holds."""
        self._known.remember(keys)

    async def accept(self, signal: Signal, body: bytes | Reader) -> IngestResult:
        """Take one request in and return when it is on disk.

        `body` is the request in protobuf, or what reads it: a function that is given `hold`, calls it with the size of each piece before it keeps
        the piece, and returns the request. Whatever it raises counts as this request's fault. Raises Refused (not now), Rejected and
        TooLarge (never).
        """
        slot, received = self.admission.slot(), b""
        try:
            received = await _read(body, slot.hold)
            slot.begin()
            request = await self._examined(signal, received)
            slot.hold(request.message_bytes)
        except BaseException as why:
            slot.leave()
            self._count_fault(signal, why)
            if len(received) > BIG_BODY_BYTES:
                self._heavy.give_back_soon()
            raise
        answer: asyncio.Future[IngestResult] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._answer(answer, request, slot))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            return await answer
        finally:
            del answer  # a failure has this frame in its traceback: a circle would keep the request until garbage is collected

    async def _answer(self, answer: asyncio.Future[IngestResult], request: _Request, slot: Slot) -> None:
        """Commit a request and give the answer to who waits for it, or waited: the work goes on without a sender."""
        try:
            result = await self._commit(request, slot)
        except asyncio.CancelledError:
            answer.cancel()
            raise
        except Exception as why:
            if not answer.done():
                answer.set_exception(why)
        else:
            if not answer.done():
                answer.set_result(result)
        finally:
            del answer  # as in `accept`

    def _count_fault(self, signal: Signal, why: BaseException, refused_by: str = "limits") -> None:
        """Count a request that failed as a whole: refused for now, or invalid for good."""
        if isinstance(why, Refused):
            self._metrics.move(signal, {(REQUESTS, ""): 1, (REFUSED, refused_by): 1})
        elif isinstance(why, Rejected):
            self._metrics.move(signal, {(REQUESTS, ""): 1, (INVALID, _FAULTS.get(type(why), type(why).__name__.lower())): 1})

    async def close(self) -> None:
        """Return when everything under way was journaled or refused; the receivers have stopped before."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _examined(self, signal: Signal, body: bytes) -> _Request:
        if len(body) > BIG_BODY_BYTES:
            return await self._heavy.run(self._examine, signal, body)
        return self._examine(signal, body)

    def _examine(self, signal: Signal, body: bytes) -> _Request:
        if len(body) > BIG_BODY_BYTES and (found := self._examine_by_pieces(signal, body)) is not None:
            return _Request(signal, len(body), body, found, frozenset())
        message = self._parsed(signal, body)
        found = items.examine(signal, message)
        is_clean = only_known(signal, message)
        if not is_clean:
            message = _without_unknown(signal, message)
        kept = body if is_clean and not found.rejected else message.SerializeToString()
        scopes = frozenset(items.scope_names(signal, message))
        request = _Request(signal, len(body), kept, found, scopes)
        if is_agents(signal, scopes) and labels.clean(signal, message):
            request.body = kept = message.SerializeToString()
        has_conventions = mentions_conventions(body)
        if self._contents.clean(signal, message, has_conventions=has_conventions):
            request.body = kept = message.SerializeToString()
        if has_conventions:
            request.told_again = tuple(genai_spans.told_again(signal, message, kept))
        if scopes & REPLAYED_SCOPES or self.accepted.is_wanted(Accepted(signal, message, scopes)):
            request.message, request.message_bytes = message, len(kept) + MESSAGE_BYTES * upper_bound(signal, kept)
        return request

    def _examine_by_pieces(self, signal: Signal, body: bytes) -> items.Examined | None:
        """Return what is found in a request that goes on as it came; None where something of it has to be changed or kept, which takes all of it."""
        if mentions_conventions(body):
            return None
        found = items.Examined()
        try:
            for piece in pieces(body):
                message = self._parsed(signal, piece)
                items.examine(signal, message, found)
                if found.rejected or not only_known(signal, message) or self._concerns_somebody(signal, message):
                    return None
        except (IndexError, ValueError):
            return None
        return found

    def _concerns_somebody(self, signal: Signal, message: Any) -> bool:
        """Whether a scope is one whose records are looked into, or somebody wants to hear of the request."""
        scopes = frozenset(items.scope_names(signal, message))
        if scopes & REPLAYED_SCOPES or is_agents(signal, scopes) or any(contents_of(name) is not None for name in scopes):
            return True
        return self.accepted.is_wanted(Accepted(signal, message, scopes))

    def _parsed(self, signal: Signal, body: bytes) -> Any:
        check_count(signal, body, self._limits.max_messages)
        return parse(signal, body, self._limits.max_depth)

    async def _commit(self, request: _Request, slot: Slot) -> IngestResult:
        try:
            if request.scopes & REPLAYED_SCOPES:
                async with self._one_at_a_time:
                    await self._append_once(request)
            else:
                await self._append(request)
            for signal, body in request.told_again:
                async with self._one_at_a_time:
                    await self._append_once(self._examine(signal, body))
        except HooklineError as why:
            self._count_fault(request.signal, why, refused_by="journal")
            raise
        finally:
            slot.leave()
            if request.received_bytes > BIG_BODY_BYTES:
                self._heavy.give_back_soon()
        return IngestResult(request.found.rejected.total(), request.found.message(ITEM_NAMES[request.signal]))

    async def _append_once(self, request: _Request) -> None:
        drop = partial(duplicates.drop_known, request.signal, request.message, self._known)
        keys, request.deduplicated = await self._heavy.run(drop) if request.received_bytes > BIG_BODY_BYTES else drop()
        if request.deduplicated:
            request.found.items -= request.deduplicated
            request.body = request.message.SerializeToString()
        await self._append(request)
        self._known.remember(keys)

    async def _append(self, request: _Request) -> None:
        changes = _changes(request)
        if not request.found.items:
            self._metrics.move(request.signal, changes)
            return
        await self._journal.append(request.signal, request.body, request.found.items, changes)
        if request.message is not None:
            self.accepted.announce(Accepted(request.signal, request.message, request.scopes), request.message_bytes)


async def _read(body: bytes | Reader, hold: Hold) -> bytes:
    if isinstance(body, bytes):
        hold(len(body))
        return body
    return await body(hold)


def _changes(request: _Request) -> Changes:
    """Return the metrics that a request changes, all in one step: what is received is the sum of what became of it."""
    rejected = request.found.rejected
    changes = {(REQUESTS, ""): 1, (BYTES, ""): request.received_bytes}
    changes[RECEIVED, ""] = request.found.items + request.deduplicated + rejected.total()
    changes[DEDUPLICATED, ""] = request.deduplicated
    changes |= {(REJECTED, reason): count for reason, count in rejected.items()}
    return {key: amount for key, amount in changes.items() if amount}


def _without_unknown(signal: Signal, message: Any) -> Any:
    """Return the request with its one repeated field and nothing beside it."""
    field = signal.request_class.DESCRIPTOR.fields[0].name
    clean = signal.request_class()
    getattr(clean, field).extend(getattr(message, field))
    return clean
