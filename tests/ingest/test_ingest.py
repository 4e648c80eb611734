"""What ingest promises: once, counted, whole or rejected by item, published after acceptance, never more than it may hold."""

import asyncio
import gc
import weakref
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.errors import Refused, Rejected, TooLarge
from hookline.settings.schema import LimitSettings
from hookline_collector.ingest import Ingest, IngestResult, log_key, span_key
from hookline_collector.ingest.agents import of_agents
from hookline_collector.ingest.pipeline import BIG_BODY_BYTES
from hookline_collector.ingest.remembered import journaled_keys
from hookline_collector.observe.announcements import Accepted
from hookline_collector.observe.catalogue import DEDUPLICATED, INVALID, RECEIVED, REFUSED, REJECTED, REQUESTS
from hookline_collector.observe.health import PartHealth
from hookline_collector.observe.metrics import Changes, Metrics
from hookline_collector.serving import memory
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.front import MemoryJournal
from support.receiving.requests import PAST_2262, TIME_NS


class Bench:
    """An ingest in front of a journal in memory."""

    def __init__(self, heavy: HeavyWork | None = None, **limits: Any) -> None:
        self.figures = Metrics()
        self.journal = MemoryJournal(self.figures)
        self.ingest = Ingest(LimitSettings(**limits), self.journal, self.figures, heavy or HeavyWork())

    async def accept(self, signal: Signal, message: Any) -> IngestResult:
        return await self.ingest.accept(signal, message.SerializeToString())

    def balance(self, signal: Signal) -> tuple[int, int, int, int]:
        """Received, rejected, deduplicated, journaled."""
        figures = self.figures
        found = (figures.total(RECEIVED, signal), figures.total(REJECTED, signal), figures.total(DEDUPLICATED, signal))
        assert found[0] == found[1] + found[2] + self.journal.items(signal)
        return (*found, self.journal.items(signal))


async def test_a_good_request_stands_in_the_journal_byte_for_byte() -> None:
    """Nothing is serialised anew, so unknown fields inside stay."""
    bench = Bench()
    for signal in Signal:
        body = requests.small(signal).SerializeToString()
        body = requests.framed(1, body[2:] + requests.framed(99, b"future")) if len(body) < 120 else body
        assert await bench.ingest.accept(signal, body) == IngestResult()
        assert bench.journal.appended[-1] == (signal, body, 1)
        assert bench.balance(signal) == (1, 0, 0, 1)


async def test_what_stands_beside_the_repeated_field_is_left_out() -> None:
    """Requests lie end to end in the journal; a stray field at the top, also one like the journal's own mark, must not get there."""
    bench = Bench()
    good = requests.traces(2).SerializeToString()
    for stray in (requests.framed(100, b"\0\0\0\0"), b"\xa5\x06abcd", b"\x08\x01", b"\x0b\x0c"):
        await bench.ingest.accept(Signal.TRACES, stray + good + stray)
        assert ExportTraceServiceRequest.FromString(bench.journal.appended[-1][1]) == requests.traces(2)
        assert len(bench.journal.appended[-1][1]) == len(good)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"trace_id": b""}, "trace_id is not 16 bytes"),
        ({"trace_id": b"x" * 15}, "trace_id is not 16 bytes"),
        ({"trace_id": bytes(16)}, "trace_id is not 16 bytes, or all zeros"),
        ({"span_id": b""}, "span_id is not 8 bytes"),
        ({"span_id": b"x" * 16}, "span_id is not 8 bytes"),
        ({"span_id": bytes(8)}, "span_id is not 8 bytes, or all zeros"),
        ({"parent_span_id": b"x"}, "parent_span_id is neither empty nor 8 bytes"),
        ({"parent_span_id": b"x" * 16}, "parent_span_id is neither empty nor 8 bytes"),
        ({"start_time_unix_nano": PAST_2262}, "a time lies past 2262-04-11"),
        ({"end_time_unix_nano": 2**64 - 1}, "a time lies past 2262-04-11"),
    ],
)
async def test_a_span_that_cannot_be_stored_is_rejected_alone(wrong: dict[str, Any], reason: str) -> None:
    """The others of the request are kept, in their order, and the sender is told why."""
    bench = Bench()
    message = requests.traces(5)
    span = message.resource_spans[0].scope_spans[0].spans[2]
    for name, value in wrong.items():
        setattr(span, name, value)
    outcome = await bench.accept(Signal.TRACES, message)
    assert outcome.rejected == 1
    assert outcome.message.startswith("1 spans rejected: " + reason)
    (kept,) = bench.journal.messages(Signal.TRACES)
    assert [span.span_id[-1] for span in kept.resource_spans[0].scope_spans[0].spans] == [1, 2, 4, 5]
    assert bench.balance(Signal.TRACES) == (5, 1, 0, 4)


async def test_log_records_and_data_points_past_2262_are_rejected_alone() -> None:
    """All five kinds of metrics, both times of a log record; ids of a log record that are none do not matter."""
    bench = Bench()
    logs = requests.logs(3, trace_id=b"none")
    logs.resource_logs[0].scope_logs[0].log_records[1].observed_time_unix_nano = PAST_2262
    assert (await bench.accept(Signal.LOGS, logs)).rejected == 1
    metrics = requests.metrics(2)
    scope = metrics.resource_metrics[0].scope_metrics[0]
    for kind in ("sum", "histogram", "exponential_histogram", "summary"):
        getattr(scope.metrics.add(name=kind), kind).data_points.add(time_unix_nano=PAST_2262)
    outcome = await bench.accept(Signal.METRICS, metrics)
    assert (outcome.rejected, outcome.message) == (4, "4 data points rejected: a time lies past 2262-04-11")
    assert bench.balance(Signal.LOGS) == (3, 1, 0, 2)
    assert bench.balance(Signal.METRICS) == (6, 4, 0, 2)


async def test_a_metric_of_no_kind_is_remarked_and_rejects_nothing() -> None:
    """It holds no data points, so the success carries a warning alone."""
    bench = Bench()
    metrics = requests.metrics()
    metrics.resource_metrics[0].scope_metrics[0].metrics.add(name="vague")
    outcome = await bench.accept(Signal.METRICS, metrics)
    assert (outcome.rejected, outcome.message) == (0, "metric 'vague' is of none of the five kinds and holds no data points")


async def test_a_request_without_items_does_not_reach_the_journal() -> None:
    """Nothing to store is a success."""
    bench = Bench()
    for body in (b"", requests.framed(1, b""), requests.framed(1, requests.framed(2, b""))):
        assert await bench.ingest.accept(Signal.TRACES, body) == IngestResult()
    assert bench.journal.appended == []
    assert bench.figures.total(REQUESTS) == 3


@pytest.mark.parametrize("scope", ["hookline.agent", "hookline.history", "hookline.collector"])
async def test_records_of_our_own_scopes_are_stored_once(scope: str) -> None:
    """In one request, in the next, and after a restart that rebuilt the memory; a later end is another record."""
    bench = Bench()
    twice = requests.traces(2, scope)
    twice.MergeFrom(requests.traces(3, scope))
    await bench.accept(Signal.TRACES, twice)
    assert bench.balance(Signal.TRACES) == (5, 0, 2, 3)
    await bench.accept(Signal.TRACES, requests.traces(4, scope))
    assert bench.balance(Signal.TRACES) == (9, 0, 5, 4)
    await bench.accept(Signal.TRACES, requests.traces(1, scope, end_time_unix_nano=TIME_NS + 77))
    assert bench.balance(Signal.TRACES) == (10, 0, 5, 5)
    assert await bench.accept(Signal.LOGS, requests.logs(2, scope, uid="a")) == IngestResult()
    await bench.accept(Signal.LOGS, requests.logs(3, scope, uid="a"))
    await bench.accept(Signal.LOGS, requests.logs(1, scope))
    await bench.accept(Signal.LOGS, requests.logs(1, scope))
    assert bench.balance(Signal.LOGS) == (7, 0, 2, 5)

    again = Bench()
    for signal, body, _ in bench.journal.appended:
        again.ingest.remember(journaled_keys(signal, body))
    again.ingest.remember([span_key((9).to_bytes(16, "big"), (9).to_bytes(8, "big"), TIME_NS, TIME_NS + 9), log_key("b-0")])
    await again.accept(Signal.TRACES, requests.traces(10, scope))
    await again.accept(Signal.LOGS, requests.logs(1, scope, uid="b"))
    assert again.balance(Signal.TRACES) == (10, 0, 5, 5)
    assert again.balance(Signal.LOGS) == (1, 0, 1, 0)


async def test_other_telemetry_is_never_deduplicated() -> None:
    """Two equal spans of an application are two spans; so are metrics of any scope."""
    bench = Bench()
    for _ in range(2):
        await bench.accept(Signal.TRACES, requests.traces(2))
        await bench.accept(Signal.LOGS, requests.logs(2, uid="a"))
        await bench.accept(Signal.METRICS, requests.metrics(2, "hookline.agent"))
    assert [bench.balance(signal) for signal in Signal] == [(4, 0, 0, 4)] * 3


async def test_a_refused_record_is_not_taken_for_a_repetition() -> None:
    """Keys are remembered only when the journal has the bytes: the second try is stored."""
    bench = Bench()
    bench.journal.fill()
    with pytest.raises(Refused):
        await bench.accept(Signal.TRACES, requests.traces(1, "hookline.agent"))
    bench.journal.refusal = None
    await bench.accept(Signal.TRACES, requests.traces(1, "hookline.agent"))
    assert bench.balance(Signal.TRACES) == (1, 0, 0, 1)


async def test_two_copies_at_the_same_moment_are_one_record() -> None:
    """The second waits for the first: it is a repetition when the journal took the first, and stored when it did not."""
    for first_fails in (False, True):
        bench = Bench()
        bench.journal.gate = asyncio.Event()
        first = asyncio.create_task(bench.accept(Signal.TRACES, requests.traces(1, "hookline.agent")))
        second = asyncio.create_task(bench.accept(Signal.TRACES, requests.traces(1, "hookline.agent")))
        await asyncio.sleep(0)
        if first_fails:
            bench.journal.fill()
            bench.journal.once = True
        bench.journal.gate.set()
        await asyncio.wait({first, second})
        assert second.result() == IngestResult()
        assert isinstance(first.exception(), Refused) == first_fails
        assert bench.journal.items() == 1


async def test_a_sender_that_leaves_does_not_tear_the_books() -> None:
    """Cancelled while the journal writes: the request is counted and known all the same, and its room is given back after."""
    bench = Bench()
    bench.journal.gate = asyncio.Event()
    leaving = asyncio.create_task(bench.accept(Signal.TRACES, requests.traces(1, "hookline.agent")))
    await bench.journal.entered.wait()
    leaving.cancel()
    await asyncio.wait({leaving})
    assert leaving.cancelled()
    assert bench.ingest.admission.requests == 1
    bench.journal.gate.set()
    await bench.accept(Signal.TRACES, requests.traces(1, "hookline.agent"))
    assert bench.balance(Signal.TRACES) == (2, 0, 1, 1)
    assert (bench.ingest.admission.requests, bench.ingest.admission.bytes) == (0, 0)
    await bench.ingest.close()


async def test_requests_and_bytes_at_once_are_bounded() -> None:
    """Past either limit a request is refused, to be tried again; what is at work is not touched."""
    size = len(requests.traces().SerializeToString())
    for limits in ({"max_concurrent_requests": 2}, {"max_inflight_bytes": 2 * size}):
        bench = Bench(None, **limits, retry_after_s=3.0)
        bench.journal.gate = asyncio.Event()
        at_work = [asyncio.create_task(bench.accept(Signal.TRACES, requests.traces())) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await bench.accept(Signal.TRACES, requests.traces())
        assert refused.value.retry_after_s == 3.0
        bench.journal.gate.set()
        await asyncio.gather(*at_work)
        await bench.accept(Signal.TRACES, requests.traces())
        assert bench.balance(Signal.TRACES) == (3, 0, 0, 3)
        assert bench.figures.count(REFUSED, Signal.TRACES, "limits") == 1


async def test_a_request_that_never_fits_is_not_told_to_try_again() -> None:
    """Larger than everything that may be in memory: TooLarge, also when nothing else is at work."""
    bench = Bench(max_inflight_bytes=100)
    with pytest.raises(TooLarge, match="max_inflight_bytes"):
        await bench.accept(Signal.TRACES, requests.traces(10))
    assert bench.ingest.admission.bytes == 0


async def test_agents_requests_hold_what_their_messages_may_cost() -> None:
    """They stay parsed until they are published, so a few bytes that parse into much count as much."""
    bench = Bench()
    bench.journal.gate = asyncio.Event()
    small = requests.traces(20, "hookline.agent")
    at_work = asyncio.create_task(bench.accept(Signal.TRACES, small))
    await bench.journal.entered.wait()
    sub_messages = 2 + 2 + 1 + 20 * 3
    assert bench.ingest.admission.bytes > 180 * sub_messages
    bench.journal.gate.set()
    await at_work
    assert bench.ingest.admission.bytes == 0


async def test_big_requests_get_the_same_answers_from_a_thread() -> None:
    """A body past the threshold is examined in a thread; the loop goes on meanwhile."""
    heavy = HeavyWork()
    bench = Bench(heavy, max_messages=10_000)
    good = requests.traces(2, name="x" * BIG_BODY_BYTES)
    assert await bench.accept(Signal.TRACES, good) == IngestResult()
    good.resource_spans[0].scope_spans[0].spans[0].trace_id = b""
    assert (await bench.accept(Signal.TRACES, good)).rejected == 1
    with pytest.raises(Rejected):
        await bench.ingest.accept(Signal.TRACES, b"\xff" * (BIG_BODY_BYTES + 1))
    with pytest.raises(TooLarge):
        await bench.ingest.accept(Signal.TRACES, requests.empty_spans(BIG_BODY_BYTES))
    assert bench.figures.count(INVALID, Signal.TRACES, "too_large") == 1
    own = requests.traces(2, "hookline.agent", name="x" * BIG_BODY_BYTES)
    for _ in range(2):
        assert await bench.accept(Signal.TRACES, own) == IngestResult()
    assert bench.balance(Signal.TRACES) == (8, 1, 2, 5)
    heavy.close()


async def test_a_request_that_is_refused_is_let_go_at_once() -> None:
    """No circle of references holds its bytes until garbage is collected: refused one after the other they would be many times what is at work."""

    class Full:
        async def append(self, signal: Signal, body: bytes, items: int, changes: Changes | None = None) -> None:
            raise Refused("the journal is full")

    ingest = Ingest(LimitSettings(), Full(), Metrics(), HeavyWork())
    gc.disable()
    try:
        try:
            await ingest.accept(Signal.TRACES, requests.traces().SerializeToString())
        except Refused as why:
            refusal = weakref.ref(why)
        await asyncio.sleep(0)  # the loop's own step holds what woke this test
        assert refusal() is None
    finally:
        gc.enable()


async def test_subscribers_see_agents_requests_after_acceptance_and_nothing_else() -> None:
    """What tells of sessions: hooks and the client's native telemetry, without what was rejected or known, in order; no metrics of our own."""
    bench = Bench()
    seen: list[tuple[Signal, int]] = []
    subscription = bench.ingest.accepted.subscribe("test", lambda one: seen.append((one.signal, one.message.ByteSize())), wants=of_agents)
    pump = asyncio.create_task(subscription.run())
    own, native = requests.traces(2, "hookline.agent"), requests.logs(1, "com.anthropic.claude_code.events")
    await bench.accept(Signal.TRACES, own)
    await bench.accept(Signal.TRACES, own)
    await bench.accept(Signal.TRACES, requests.traces())
    await bench.accept(Signal.LOGS, native)
    for scope in ("hookline.resources", "hookline.relay", "hookline.collector"):
        await bench.accept(Signal.METRICS, requests.metrics(1, scope))
    bench.journal.fill()
    with pytest.raises(Refused):
        await bench.accept(Signal.LOGS, native)
    await subscription.drained()
    assert seen == [
        (Signal.TRACES, own.ByteSize()),
        (Signal.LOGS, native.ByteSize()),
    ]
    pump.cancel()


async def test_whoever_wants_hears_of_every_sender_once_the_journal_has_it() -> None:
    """Accepted is announced for any telemetry, and not for what the journal refused."""
    bench = Bench()
    heard: list[tuple[Signal, frozenset[str]]] = []
    subscription = bench.ingest.accepted.subscribe("rules", lambda one: heard.append((one.signal, one.scopes)))
    pump = asyncio.create_task(subscription.run())
    await bench.accept(Signal.TRACES, requests.traces(1, "shop"))
    await bench.accept(Signal.METRICS, requests.metrics(1, "hookline.collector"))
    bench.journal.fill()
    with pytest.raises(Refused):
        await bench.accept(Signal.TRACES, requests.traces(1, "shop"))
    await subscription.drained()
    assert heard == [(Signal.TRACES, frozenset({"shop"})), (Signal.METRICS, frozenset({"hookline.collector"}))]
    pump.cancel()


def test_the_collectors_own_metrics_are_no_agents() -> None:
    """Live sessions hear of the sessions that a cleanup closed, never of the collector's own figures."""
    own = frozenset({"hookline.collector"})
    assert not of_agents(Accepted(Signal.METRICS, None, own))
    assert of_agents(Accepted(Signal.LOGS, None, own))


async def test_a_slow_or_failing_subscriber_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Ingest answers at once, the neighbour sees everything, what is past the bound is dropped and counted."""
    bench = Bench()
    seen: list[Signal] = []
    never = asyncio.Event()

    async def hang(_: Accepted) -> None:
        await never.wait()

    def fail(_: Accepted) -> None:
        raise ValueError("a defect")

    callbacks = {"slow": hang, "broken": fail, "good": lambda one: seen.append(one.signal)}
    slow, broken, good = (bench.ingest.accepted.subscribe(name, callback) for name, callback in callbacks.items())
    pumps = [asyncio.create_task(subscription.run()) for subscription in (slow, broken, good)]
    for number in range(1_100):
        await bench.accept(Signal.TRACES, requests.traces(1, "hookline.agent", first=number + 1))
    await asyncio.gather(broken.drained(), good.drained())
    assert len(seen) == 1_100
    assert (broken.failed, broken.delivered, good.dropped) == (1_100, 0, 0)
    assert slow.dropped == 99
    assert slow.health() == PartHealth("slow", False, "1000 waiting, 99 dropped", is_remark=True)
    assert good.health() == PartHealth("good", True, "0 waiting")
    for pump in pumps:
        pump.cancel()
    assert "a defect" in caplog.text


async def test_memory_is_given_back_when_the_last_big_request_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for a row of big requests, not at all for small ones, and also where the C library has no call for it."""
    given: list[None] = []

    small = Bench(HeavyWork(give_back_after_s=0.01, give_back=lambda: given.append(None)))
    await small.accept(Signal.TRACES, requests.traces())
    await asyncio.sleep(0.03)
    assert given == []
    bench = Bench(HeavyWork(give_back_after_s=0.2, give_back=lambda: given.append(None)))
    for _ in range(3):
        await bench.accept(Signal.TRACES, requests.traces(name="x" * BIG_BODY_BYTES))
    while not given:  # noqa: ASYNC110 # the thread that gives back tells nobody
        await asyncio.sleep(0.01)
    assert given == [None]
    monkeypatch.setattr(memory, "_malloc_trim", lambda: None)
    memory.give_back()


def test_our_keys_are_spread_over_kinds() -> None:
    """A span and a log record never share a key, nor do fields that only look alike when laid together."""
    assert len({span_key(b"ab", b"c", 1, 2), span_key(b"ab", b"c", 2, 1), log_key("abc"), log_key("")}) == 4
