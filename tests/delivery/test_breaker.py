"""When the store is tried: the breaker as a value, shared by the workers, and who is suspected."""

import asyncio

from hookline_collector.delivery.breaker import Breaker
from hookline_collector.delivery.shared_breaker import SharedBreaker
from hookline_collector.delivery.suspects import PATIENCE, Suspects


def test_a_breaker_opens_for_the_pause_and_then_half_opens() -> None:
    """Closed until a failure, open for the pause, half open after it, closed when fresh."""
    breaker = Breaker()
    assert breaker.state(0.0) == "closed"
    breaker = breaker.failed(now=10.0, pause_s=2.0)
    assert [breaker.state(now) for now in (10.0, 11.9, 12.0, 99.0)] == ["open", "open", "half_open", "half_open"]
    breaker = breaker.failed(now=20.0, pause_s=4.0)
    assert breaker.failures == 2
    assert breaker.state(23.9) == "open"


async def test_after_the_pause_one_tries_and_the_others_wait_for_what_becomes_of_it() -> None:
    """Half open lets one through; its success lets all through."""
    now = 0.0
    breaker = SharedBreaker(30.0, clock_s=lambda: now, chance=lambda: 1.0)
    assert await breaker.admit("a")
    breaker.failed(0.0)
    breaker.leave("a")
    assert breaker.state == "open"
    now = 0.5
    assert await breaker.admit("a")
    waiting = [asyncio.ensure_future(breaker.admit(who)) for who in "bc"]
    await asyncio.sleep(0)
    breaker.leave("nobody of these")
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    breaker.succeeded()
    assert await asyncio.gather(*waiting) == [True, True]
    assert not breaker.failures
    assert breaker.retry_in_s == 0.0


async def test_a_trial_that_ends_without_an_answer_lets_the_next_one_try() -> None:
    """A trial that came to nothing does not keep the breaker open."""
    now = 0.0
    breaker = SharedBreaker(30.0, clock_s=lambda: now, chance=lambda: 1.0)
    breaker.failed(0.0)
    now = 1.0
    assert await breaker.admit("a")
    waiting = asyncio.ensure_future(breaker.admit("b"))
    await asyncio.sleep(0)
    breaker.leave("a")
    assert await waiting


async def test_a_stop_does_not_wait_for_a_store_that_is_away() -> None:
    """Whoever waits at the breaker is sent home."""
    breaker = SharedBreaker(30.0)
    breaker.failed(30.0)
    waiting = asyncio.ensure_future(breaker.admit("a"))
    await asyncio.sleep(0)
    breaker.stop()
    assert await waiting is False


def test_a_segment_is_suspected_only_when_others_go_in() -> None:
    """Refusals alone mean that the store is away; a success of another one between two of them means the segment."""
    suspects = Suspects()
    for _ in range(20):
        suspects.refused("first")
        suspects.refused("second")
    assert not suspects.is_suspect("first")
    suspects.succeeded()
    assert not suspects.is_suspect("first")
    suspects.refused("first")
    assert suspects.is_suspect("first")
    suspects.forget("first")
    assert not suspects.is_suspect("first")


def test_another_segment_is_tried_once_after_each_refusal_from_the_third_on() -> None:
    """The order is kept for as long as the store may simply be away for a moment."""
    suspects = Suspects()
    turns = []
    for _ in range(PATIENCE + 2):
        suspects.refused("first")
        turns.append((suspects.begin_comparison("first"), suspects.begin_comparison("first")))
    assert turns == [(False, False)] * (PATIENCE - 1) + [(True, False)] * 3
