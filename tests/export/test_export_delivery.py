"""Unit tests of batches and of what delivery makes of an endpoint's answers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.export.batch import MAX_BYTES, MAX_ITEMS, Batch, chunks, halves, pack, weigh
from hookline.export.delivery import ExportDelivery
from hookline.export.probe import DOUBTS
from hookline.export.rejected import MAX_FILES, RejectedFolder
from hookline.export.result import ACCEPTED, ExportOutcome, ExportResult
from hookline.records import FoldStep, LogRecord, SpanRecord

RETRY = ExportResult(ExportOutcome.RETRY, "away")
steps = st.lists(st.builds(lambda spans, logs: (spans, logs), st.integers(0, 700), st.integers(0, 3)), min_size=1, max_size=30)


def span(number: int = 1, text: str = "") -> SpanRecord:
    return SpanRecord(1, number + 1, None, "execute_tool Bash", 1, 2, {"text": text})


def log(number: int = 1) -> LogRecord:
    return LogRecord(f"u{number}", "hookline.status", 1, {})


def step(number: int, spans: int = 1, logs: int = 1) -> FoldStep:
    return FoldStep((span(number),) * spans, (log(number),) * logs, (f"u{number}",))


@given(steps)
def test_batches_hold_whole_steps_in_their_order_within_the_limits(sizes: list[tuple[int, int]]) -> None:
    """Nothing is lost, repeated or reordered; only a step that is past the limits alone makes a larger batch."""
    made = [step(number, spans, logs) for number, (spans, logs) in enumerate(sizes)]
    queue = deque(weigh(one) for one in made)
    batches = []
    while queue:
        batches.append(pack(queue))
    assert [uid for batch, _ in batches for uid in batch.released] == [f"u{number}" for number in range(len(sizes))]
    assert sum(len(batch.spans) for batch, _ in batches) == sum(spans for spans, _ in sizes)
    for batch, taken in batches:
        assert len(taken) == 1 or max(len(batch.spans), len(batch.logs)) <= MAX_ITEMS
        assert all(len(part) <= MAX_ITEMS for part in chunks(batch.spans))


def test_batches_stay_below_the_message_limit_of_grpc_servers() -> None:
    """Long captured texts make smaller batches."""
    queue = deque(weigh(FoldStep((span(number, "x" * 100_000),))) for number in range(50))
    while queue:
        _, taken = pack(queue)
        assert sum(entry.size for entry in taken) <= MAX_BYTES


def test_halves_are_the_whole() -> None:
    """Also of an odd number."""
    assert [list(part) for part in halves([1, 2, 3])] == [[1], [2, 3]]


class Answers:
    """A transmit that answers as told and keeps what it accepted."""

    def __init__(self, answer: Callable[[str, Sequence[Any]], ExportResult]) -> None:
        self.answer = answer
        self.accepted: list[Any] = []
        self.asked: list[tuple[str, int]] = []
        self.changed = threading.Condition()
        self.closed = False

    def spans(self, spans: Sequence[SpanRecord]) -> ExportResult:
        return self._send("traces", spans)

    def logs(self, logs: Sequence[LogRecord]) -> ExportResult:
        return self._send("logs", logs)

    def metrics(self, batch: Sequence[Any]) -> ExportResult:
        return self._send("metrics", batch)

    def close(self) -> None:
        self.closed = True

    def _send(self, signal: str, items: Sequence[Any]) -> ExportResult:
        with self.changed:
            self.asked.append((signal, len(items)))
            self.changed.notify_all()
        verdict = self.answer(signal, items)
        if verdict.kind is ExportOutcome.ACCEPTED:
            self.accepted.extend(items)
        return verdict

    def wait_for_attempts(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, 10)


@contextmanager
def delivering(
    answer: Callable[[str, Sequence[Any]], ExportResult], folder: Path, gather_items: int = 0
) -> Iterator[tuple[ExportDelivery, Answers, list[Batch]]]:
    transmit, done = Answers(answer), list[Batch]()
    rejected = RejectedFolder(folder, lambda: len(done))
    delivery = ExportDelivery(transmit, rejected, done.append, endpoint="e", max_backoff_s=0.001, max_pending_items=100, gather_items=gather_items)
    delivery.start()
    try:
        yield delivery, transmit, done
    finally:
        delivery.stop(5)


def test_nothing_is_released_before_both_signals_were_accepted(tmp_path: Path) -> None:
    """Logs are in, spans are not: the file stays."""
    is_open = threading.Event()
    with delivering(lambda signal, _: ACCEPTED if signal == "logs" or is_open.is_set() else RETRY, tmp_path) as (delivery, transmit, done):
        delivery.outbox.offer(step(1))
        transmit.wait_for_attempts(5)
        assert done == []
        is_open.set()
        assert delivery.outbox.wait_until_empty(10)
        assert [batch.released for batch in done] == [("u1",)]
        assert sum(signal == "logs" for signal, _ in transmit.asked) == 1


def test_a_request_is_filled_unless_somebody_waits_for_it(tmp_path: Path) -> None:
    """A backfill's steps are small and many: what is gathered goes when there is enough of it, and the rest when all is to be accepted."""
    with delivering(lambda *_: ACCEPTED, tmp_path, gather_items=20) as (delivery, transmit, done):
        for number in range(9):
            delivery.outbox.offer(step(number))
        assert (transmit.asked, delivery.outbox.pending) == ([], 18)
        delivery.outbox.offer(step(9))
        transmit.wait_for_attempts(2)
        delivery.outbox.offer(step(10))
        assert delivery.outbox.wait_until_empty(10)
        assert transmit.asked == [("logs", 10), ("traces", 10), ("logs", 1), ("traces", 1)]
        assert [uid for batch in done for uid in batch.released] == [f"u{number}" for number in range(11)]


def test_an_answer_without_a_clear_meaning_becomes_a_refusal_after_some_attempts(tmp_path: Path) -> None:
    """A batch on which the endpoint always breaks does not block what follows."""
    broken = span(7)
    with delivering(lambda _, items: ExportResult(ExportOutcome.DOUBTFUL, "HTTP 500") if broken in items else ACCEPTED, tmp_path) as (
        delivery,
        transmit,
        done,
    ):
        delivery.outbox.offer(FoldStep((span(1), broken, span(2)), (), ("a",)))
        assert delivery.outbox.wait_until_empty(10)
        assert transmit.accepted == [span(1), span(2)]
        assert sum(count == 3 for _, count in transmit.asked) == DOUBTS
        assert delivery.report.spans.rejected == 1
        assert done[0].released == ("a",)


def test_a_request_that_is_too_large_is_halved_until_it_fits(tmp_path: Path) -> None:
    """And a single item past the limit is set aside."""
    huge = span(99)

    def answer(_: str, items: Sequence[Any]) -> ExportResult:
        return ExportResult(ExportOutcome.TOO_LARGE, "413") if len(items) > 4 or huge in items else ACCEPTED

    with delivering(answer, tmp_path) as (delivery, transmit, _):
        delivery.outbox.offer(FoldStep((*(span(number) for number in range(20)), huge)))
        assert delivery.outbox.wait_until_empty(10)
        assert transmit.accepted == [span(number) for number in range(20)]
        assert (delivery.report.spans.accepted, delivery.report.spans.rejected) == (20, 1)
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_metrics_that_are_refused_hold_up_no_events(tmp_path: Path) -> None:
    """Each has its own pauses."""
    with delivering(lambda signal, _: RETRY if signal == "metrics" else ACCEPTED, tmp_path) as (delivery, transmit, done):
        metrics: Any = object()
        delivery.outbox.offer_metrics(metrics)
        transmit.wait_for_attempts(2)
        delivery.outbox.offer(step(1))
        deadline = threading.Event()
        while not done:
            assert not deadline.wait(0.001)
        assert done[0].released == ("u1",)


def test_a_step_without_anything_is_not_queued(tmp_path: Path) -> None:
    """Most ticks make nothing."""
    with delivering(lambda *_: ACCEPTED, tmp_path) as (delivery, transmit, done):
        delivery.outbox.offer(FoldStep())
        assert delivery.outbox.wait_until_empty(10)
        assert (transmit.asked, done) == ([], [])


def test_a_step_that_only_releases_is_done_in_its_turn_without_a_request(tmp_path: Path) -> None:
    """Its files may go only after all that came before it was accepted."""
    is_open = threading.Event()
    with delivering(lambda *_: ACCEPTED if is_open.is_set() else RETRY, tmp_path) as (delivery, transmit, done):
        delivery.outbox.offer(step(1))
        transmit.wait_for_attempts(1)
        delivery.outbox.offer(FoldStep(released=("u9",)))
        assert done == []
        is_open.set()
        assert delivery.outbox.wait_until_empty(10)
        assert [uid for batch in done for uid in batch.released] == ["u1", "u9"]


def test_the_memory_of_what_waits_is_bounded_by_size_as_well(tmp_path: Path) -> None:
    """A few large records fill the room, not only many small ones."""
    with delivering(lambda *_: RETRY, tmp_path) as (delivery, _, _):
        offered = 0
        while delivery.outbox.has_room():
            delivery.outbox.offer(FoldStep((span(1, "x" * 1_000_000),)))
            offered += 1
        assert offered <= 10


def test_a_stop_leaves_what_was_not_accepted(tmp_path: Path) -> None:
    """The spool has it."""
    with delivering(lambda *_: RETRY, tmp_path) as (delivery, transmit, done):
        delivery.outbox.offer(step(1))
        transmit.wait_for_attempts(1)
        delivery.stop(5)
        assert done == []
        assert transmit.closed


def test_the_folder_of_rejected_records_is_bounded(tmp_path: Path) -> None:
    """The oldest go first."""
    clock = iter(range(10_000, 20_000))
    folder = RejectedFolder(tmp_path / "rejected", lambda: next(clock))
    for number in range(MAX_FILES + 20):
        folder.add(span(number), "bad", "http://e")
    kept = sorted(path.name for path in (tmp_path / "rejected").iterdir())
    assert len(kept) == MAX_FILES
    assert kept[0] == "10020-span.json"


@pytest.mark.parametrize("kind", [ExportOutcome.REFUSED, ExportOutcome.UNSUPPORTED])
def test_an_endpoint_that_never_took_anything_gets_another_chance(kind: ExportOutcome, tmp_path: Path) -> None:
    """It may be the wrong address: nothing is thrown away until it has shown that it takes the signal."""
    is_open = threading.Event()
    with delivering(lambda *_: ACCEPTED if is_open.is_set() else ExportResult(kind, "no"), tmp_path) as (delivery, transmit, done):
        delivery.outbox.offer(step(1))
        transmit.wait_for_attempts(8)
        assert delivery.report.health == "blocked"
        is_open.set()
        assert delivery.outbox.wait_until_empty(10)
        assert done[0].released == ("u1",)
        assert (delivery.report.spans.rejected, delivery.report.logs.unsupported) == (0, 0)
