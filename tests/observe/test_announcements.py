"""What a subscriber may rely on, and what nobody has to fear from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from hookline_collector.observe.announcements import Accepted, Stored, Subscription, Topic
from hookline_collector.observe.health import PartHealth
from hookline_collector.signal import Signal

STORED = Stored(Signal.LOGS, 1)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's coroutine; a stuck one fails."""
    asyncio.run(asyncio.wait_for(work(), 20))


def test_a_subscriber_is_told_only_what_it_wants_in_order() -> None:
    """A rule on one signal is not woken by the others, and what nobody wants is known not to be wanted."""

    async def work() -> None:
        topic: Topic[Stored] = Topic()
        assert not topic.is_wanted(STORED)
        heard: list[Stored] = []
        subscription = topic.subscribe("rules", heard.append, wants=lambda told: told.signal is Signal.TRACES)
        assert not topic.is_wanted(STORED)
        told = [Stored(Signal.TRACES, 1), STORED, Stored(Signal.TRACES, 2)]
        pump = asyncio.create_task(subscription.run())
        for one in told:
            topic.announce(one)
        await subscription.drained()
        assert heard == [told[0], told[2]]
        pump.cancel()

    run(work)


@pytest.mark.parametrize("size", [0, 60], ids=["by number", "by bytes"])
def test_a_queue_is_bounded_and_what_it_drops_is_counted_and_shown(size: int) -> None:
    """The newest passes by; the health says so as a remark, since what is received is stored all the same."""

    async def work() -> None:
        topic: Topic[Stored] = Topic()
        subscription = topic.subscribe("slow", lambda _: None, max_queued=3 if not size else 1_000, max_bytes=180)
        for _ in range(5):
            topic.announce(STORED, size)
        assert subscription.dropped == 2
        assert subscription.health() == PartHealth("slow", False, "3 waiting, 2 dropped", is_remark=True)

    run(work)


def test_what_alone_is_past_the_bytes_goes_through_when_nothing_waits() -> None:
    """Else a large request would never be heard of."""

    async def work() -> None:
        heard: list[Accepted] = []
        subscription = Subscription[Accepted]("large", heard.append, max_bytes=10)
        subscription.put(Accepted(Signal.LOGS, "large"), 1_000)
        subscription.put(Accepted(Signal.LOGS, "small"), 1)
        pump = asyncio.create_task(subscription.run())
        await subscription.drained()
        subscription.put(Accepted(Signal.LOGS, "later"), 1)
        await subscription.drained()
        assert [one.message for one in heard] == ["large", "later"]
        pump.cancel()

    run(work)


def test_a_subscriber_that_fails_hears_of_what_follows(caplog: pytest.LogCaptureFixture) -> None:
    """Its failures are counted, shown, and in the log."""

    async def work() -> None:
        async def fail(_: Stored) -> None:
            raise ValueError("a defect")

        subscription = Subscription[Stored]("broken", fail)
        subscription.put(STORED)
        subscription.put(STORED)
        pump = asyncio.create_task(subscription.run())
        await subscription.drained()
        assert subscription.health() == PartHealth("broken", False, "0 waiting, 2 failed", is_remark=True)
        pump.cancel()

    run(work)
    assert caplog.text.count("broken failed") == 2
