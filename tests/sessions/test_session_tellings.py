"""A session lived through at random, told by any of its sources: what is shown is true where they can know it, and none makes it worse."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.contract.scopes import Source
from hookline.records import LogRecord
from hookline_collector.sessions.facts import Facts
from hookline_collector.sessions.state import SessionView, view
from hookline_collector.signals.observations import Observation
from hookline_collector.signals.requests import of_log, of_span
from support.agent_records import T0
from support.simulated_person import SESSION, SOURCES, Life, Told, live_through, seconds_of
from support.soaking import examples

S = 1_000_000_000
IDLE_NS = 300 * S
WITHIN_S = 2.0
TELL_OF_BEGINNINGS = {"hook", "native"}


def said(told: Told) -> Iterable[Observation]:
    """Return what a record says."""
    source, record = (Source.NATIVE if told.source == "native" else Source.HOOK), told.record
    if isinstance(record, LogRecord):
        return of_log(record.event_name, record.time_ns, record.attributes, source)
    return of_span(record.name, record.start_ns, record.end_ns, record.attributes, source)


def shown(told: Iterable[Told], now_s: float) -> SessionView | None:
    """Return the session as it is shown; None where nothing was told."""
    facts = Facts(SESSION)
    for one in told:
        for sighting in said(one):
            facts.add(sighting)
    return view(facts, T0 + round(now_s * S), IDLE_NS) if facts.sources else None


def heard(life: Life, sources: Collection[str], now_s: float) -> list[Told]:
    """Return what some sources have told by a second."""
    return [told for told in life.told if told.source in sources and told.at_s <= now_s]


def is_true(life: Life, told: Iterable[Told], now_s: float) -> bool:
    """Whether what is shown is what is true."""
    seen, true = shown(told, now_s), life.at(now_s)
    return seen is not None and (seen.state.value, seen.waiting_for) == (true.state, true.waiting_for)


def settled_moments(life: Life) -> list[float]:
    """Return moments at which nothing has changed for a while."""
    return [now_s for now_s in seconds_of(life) if now_s <= life.now_s and life.is_settled(now_s, WITHIN_S)]


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_all_sources_together_show_what_is_true(seed: int) -> None:
    """Also with native telemetry in place of transcript and process samples, but for the end of a killed client; and the other way round."""
    life = live_through(Random(seed))
    for now_s in settled_moments(life):
        assert is_true(life, heard(life, SOURCES, now_s), now_s), (now_s, life.at(now_s))
        assert is_true(life, heard(life, ("hook", "transcript", "process"), now_s), now_s), (now_s, life.at(now_s))
        if life.at(now_s).state != "ended":
            assert is_true(life, heard(life, ("hook", "native"), now_s), now_s), (now_s, life.at(now_s))


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_source_that_is_added_makes_it_worse(seed: int) -> None:
    """What some sources show rightly stays right whatever else tells of it, guesses included. One of them must tell of beginnings."""
    life = live_through(Random(seed))
    for now_s in settled_moments(life):
        right = {
            known: is_true(life, heard(life, known, now_s), now_s)
            for size in range(1, len(SOURCES) + 1)
            for known in itertools.combinations(SOURCES, size)
            if TELL_OF_BEGINNINGS & set(known)
        }
        for known, more in itertools.product(right, right):
            if set(known) < set(more) and right[known]:
                assert right[more], (now_s, life.at(now_s), known, more)


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_delay_order_and_repetition_ends_in_the_same_session(seed: int) -> None:
    """Each source comes late by its own measure, more than once; once all is there it is the session told in order."""
    random = Random(seed)
    life = live_through(random)
    delays = {source: random.uniform(0, 60) for source in SOURCES}
    late = sorted([*life.told, *random.sample(life.told, len(life.told) // 2)], key=lambda told: (told.at_s + delays[told.source], random.random()))
    assert shown(late, life.now_s) == shown(life.told, life.now_s)


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_sources_that_are_late_by_less_than_two_seconds_show_what_is_true_in_time(seed: int) -> None:
    """Two seconds after the last change everything that told of it is there."""
    random = Random(seed)
    life = live_through(random)
    delays = {source: random.uniform(0, WITHIN_S) for source in SOURCES}
    for now_s in settled_moments(life):
        told = [one for one in life.told if one.at_s + delays[one.source] <= now_s]
        assert is_true(life, told, now_s), (now_s, life.at(now_s), delays)
