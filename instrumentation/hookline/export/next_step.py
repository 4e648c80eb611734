"""What is to be done after an endpoint's answer: a pure decision, without thread, clock or endpoint.

    Send       an empty request first: what the answer means depends on whether the endpoint takes that signal at all
    Split      the request is refused or too large: deliver its halves
    Wait       the endpoint is away, busy, or refuses us: the same request again later
    SetAside   a single item that the endpoint will never take
    Done       nothing of the request is left to care for

Whatever the answers are, each item of a request comes to exactly one end: counted in a `Done`, or set aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hookline.export.batch import Batch, chunks, halves
from hookline.export.probe import DOUBTS, LOGS, TRACES, EndpointProbe
from hookline.export.result import ExportOutcome, ExportResult
from hookline.system.backoff import Backoff

FIRST_PAUSE_S = 0.2
LONGEST_ASKED_S = 300.0  # an endpoint may ask for more than relay.max_backoff_s, but not for ever


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Items of one signal that travel together. `doubts` is how often the endpoint gave no clear answer to them."""

    signal: str
    items: Sequence[Any] = ()
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class Attempts:
    """What the pause after a failed attempt depends on: failures in a row before it, the longest pause, and a number from 0 to 1 to spread it."""

    failures: int
    longest_s: float
    chance: float


@dataclass(frozen=True, slots=True)
class Send:
    """Ask with an empty request, then decide again about the same answer."""

    request: ExportRequest


@dataclass(frozen=True, slots=True)
class Split:
    """Deliver these in place of the request, in this order."""

    parts: tuple[ExportRequest, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Send the request again at a time (monotonic). `health` is what the delivery's health is meanwhile: retrying or blocked."""

    request: ExportRequest
    until_s: float
    health: str
    why: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """The endpoint will never take this item."""

    item: Any
    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """How many items were accepted, refused within an accepted request, or are of a signal that the endpoint does not take."""

    accepted: int = 0
    rejected: int = 0
    unsupported: int = 0
    why: str = ""


NextStep = Send | Split | Wait | SetAside | Done


def next_step(request: ExportRequest, result: ExportResult, now_s: float, probe: EndpointProbe, attempts: Attempts) -> NextStep:
    """Return what is to be done after an answer to a request that has items. `now_s` is monotonic; `probe` is what the endpoint has shown."""
    count = len(request.items)
    doubts = request.doubts + (result.kind is ExportOutcome.DOUBTFUL)
    meaning = probe.interpret(result.kind, request.signal, doubts)
    if meaning is None:
        return Send(ExportRequest(probe.open_question(result.kind, request.signal)))
    if meaning is ExportOutcome.ACCEPTED:
        rejected = min(count, result.rejected)
        return Done(count - rejected, rejected, why=result.why if rejected else "")
    if meaning is ExportOutcome.UNSUPPORTED:
        return Done(unsupported=count, why=result.why)
    if meaning in {ExportOutcome.REFUSED, ExportOutcome.TOO_LARGE}:
        return SetAside(request.items[0], result.why) if count == 1 else Split(_halved(request))
    pause = Backoff(FIRST_PAUSE_S, attempts.longest_s, LONGEST_ASKED_S).pause(attempts.failures + 1, result.retry_after_s, attempts.chance)
    health = "blocked" if meaning is ExportOutcome.BLOCKED else "retrying"
    return Wait(replace(request, doubts=doubts), now_s + pause, health, result.why)


def requests_of(batch: Batch) -> Iterator[ExportRequest]:
    """Yield the requests that a batch travels in: logs first, the live view waits for them, then spans."""
    for logs in chunks(batch.logs):
        yield ExportRequest(LOGS, logs)
    for spans in chunks(batch.spans):
        yield ExportRequest(TRACES, spans)


def _halved(request: ExportRequest) -> tuple[ExportRequest, ...]:
    """Return the halves; of an endpoint without a clear answer they are not asked as often again."""
    return tuple(ExportRequest(request.signal, half, DOUBTS - 2) for half in halves(request.items))
