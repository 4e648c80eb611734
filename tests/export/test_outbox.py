"""The outbox between two threads, seen from one: order, room, and when something is due."""

from __future__ import annotations

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.metrics.export import MetricsData

from hookline.export.outbox import MAX_PENDING_METRICS, METRICS_A_REQUEST, Outbox
from hookline.records import FoldStep, LogRecord


def step(number: int, size: int = 1) -> FoldStep:
    return FoldStep(logs=tuple(LogRecord(f"u{number}-{n}", "e", 1, {}) for n in range(size)), released=(f"u{number}",))


def emptied(outbox: Outbox) -> list[str]:
    """Take batches as long as one is due; return what they release."""
    released: list[str] = []
    while True:
        with outbox.next_batch() as batch:
            if batch is None:
                return released
            released += batch.released


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=40))
def test_what_is_offered_comes_out_once_in_its_order_and_gives_back_its_room(offers: list[tuple[int, bool]]) -> None:
    """However taking and offering alternate."""
    outbox, out = Outbox(max_items=1_000), list[str]()
    for number, (size, is_taken) in enumerate(offers):
        outbox.offer(step(number, size))
        out += emptied(outbox) if is_taken else []
    out += emptied(outbox)
    assert out == [f"u{number}" for number in range(len(offers))]
    assert outbox.pending == 0


def test_a_batch_keeps_its_room_until_it_was_dealt_with() -> None:
    """What is on its way is still held in memory."""
    outbox = Outbox(max_items=2)
    outbox.offer(step(1, 2))
    with outbox.next_batch() as batch:
        assert batch is not None
        assert (outbox.pending, outbox.has_room()) == (2, False)
    assert (outbox.pending, outbox.has_room()) == (0, True)


def test_a_batch_that_fails_gives_back_its_room_too() -> None:
    """A bug in delivery costs its events until the next relay, not the memory."""
    outbox = Outbox(max_items=2)
    outbox.offer(step(1, 2))
    try:
        with outbox.next_batch():
            raise ValueError("a bug")
    except ValueError:
        pass
    assert outbox.has_room()


def test_what_is_gathered_is_due_when_it_is_enough() -> None:
    """Small steps of history fill a request first."""
    outbox = Outbox(max_items=100, gather_items=3)
    outbox.offer(step(1, 2))
    assert emptied(outbox) == []
    outbox.offer(step(2, 1))
    assert emptied(outbox) == ["u1", "u2"]


def test_metrics_wait_for_a_time_of_their_own() -> None:
    """Some at a time; what was postponed is not due before."""
    now_s, metrics = 100.0, [object() for _ in range(METRICS_A_REQUEST + 1)]
    outbox = Outbox(max_items=10, clock=lambda: now_s)
    offered: Any
    for offered in metrics:
        outbox.offer_metrics(offered)
    assert outbox.due_metrics() == metrics[:METRICS_A_REQUEST]
    outbox.postpone_metrics(105.0)
    assert outbox.due_metrics() == []
    now_s = 105.0
    outbox.drop_metrics(METRICS_A_REQUEST)
    assert outbox.due_metrics() == metrics[METRICS_A_REQUEST:]


def test_metrics_are_bounded() -> None:
    """Past the bound the SDK keeps adding up."""
    outbox, one = Outbox(max_items=10), object()
    data: Any = one
    while outbox.has_metrics_room():
        outbox.offer_metrics(data)
    assert len(outbox.due_metrics()) == METRICS_A_REQUEST < MAX_PENDING_METRICS


def test_a_closed_outbox_ends_every_wait_of_the_sender() -> None:
    """What is left stays in the spool."""
    outbox = Outbox(max_items=10)
    outbox.offer(step(1))
    assert outbox.wait()
    outbox.close()
    assert not outbox.pause(60.0)
    assert not outbox.wait()


def test_what_goes_at_once_waits_a_moment_for_company() -> None:
    """Then all of it goes in one batch; where there is no room for more nothing waits."""
    now_s = 100.0
    outbox = Outbox(max_items=10, linger_s=0.2, clock=lambda: now_s)
    outbox.offer(step(1))
    assert emptied(outbox) == []
    now_s += 0.1
    outbox.offer(step(2))
    assert emptied(outbox) == []
    now_s += 0.11
    assert emptied(outbox) == ["u1", "u2"]
    outbox.offer(step(3, 10))
    assert emptied(outbox) == ["u3"]


def test_metrics_wait_a_moment_for_company_too() -> None:
    """A request costs more than what is in it; whoever waits until all was dealt with does not wait for that."""
    now_s = 100.0
    outbox = Outbox(max_items=10, linger_s=0.2, clock=lambda: now_s)
    outbox.offer_metrics(MetricsData([]))
    now_s += 0.1
    outbox.offer_metrics(MetricsData([]))
    assert outbox.due_metrics() == []
    now_s += 0.11
    assert len(outbox.due_metrics()) == 2
    outbox.drop_metrics(2)
    outbox.offer_metrics(MetricsData([]))
    assert outbox.due_metrics() == []
    waited: list[bool] = []
    waiting = threading.Thread(target=lambda: waited.append(outbox.wait_until_empty(10.0)))
    waiting.start()
    assert outbox.wait()
    assert len(outbox.due_metrics()) == 1
    outbox.drop_metrics(1)
    outbox.close()
    assert not outbox.wait()
    waiting.join()
    assert waited == [True]
