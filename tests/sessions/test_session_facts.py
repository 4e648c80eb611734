"""A session does not depend on the order, the repetition or the source connection of what was seen."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.contract.scopes import Source
from hookline_collector.sessions.facts import MAX_IDS, Facts, mark
from hookline_collector.sessions.state import view
from hookline_collector.signals.observations import Observation, ObservationKind
from support.soaking import examples

KEYS = ["a", "b", "c"]
BEGINNINGS = [str(second * 1_000_000_000) for second in (1, 10, 20)]
REASONS = {ObservationKind.ENDED: ["session_end", "process_gone", "timed_out"], ObservationKind.WAIT_STARTED: ["permission", "answer"]}


@st.composite
def one(draw: st.DrawFn) -> Observation:
    """Draw any sighting of a small world, so that ids and times collide often."""
    what = draw(st.sampled_from(list(ObservationKind)))
    return Observation(
        "s",
        draw(st.integers(1, 40)) * 1_000_000_000,
        what,
        draw(st.sampled_from([Source.HOOK, Source.NATIVE, Source.HISTORY])),
        draw(st.sampled_from(BEGINNINGS if what is ObservationKind.INTERACTION else KEYS)),
        "",
        draw(st.booleans()),
        draw(st.sampled_from(REASONS.get(what, [""]))),
        {"hookline.project.name": draw(st.sampled_from(KEYS)), "process.pid": "1", "cost_usd": 0.5, "input_tokens": 3},
    )


@settings(max_examples=examples(300))
@given(st.lists(one(), max_size=25), st.randoms(use_true_random=False), st.integers(0, 2000))
def test_any_order_and_repetition_gives_the_same_session(seen: list[Observation], rng: object, now_s: int) -> None:
    """Facts are minima, maxima and unions, so two collectors that saw the same agree."""
    shuffled = seen + seen[: len(seen) // 2]
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Facts("s"), Facts("s")
    for sighting in seen:
        one.add(sighting)
    for sighting in shuffled:
        other.add(sighting)
    assert view(one, now_s * 1_000_000_000, 300_000_000_000) == view(other, now_s * 1_000_000_000, 300_000_000_000)


def test_a_mark_takes_forty_bits_and_tells_a_sessions_calls_apart() -> None:
    """As many ids as a session keeps, of the form that clients give; also two of one length that have the same CRC."""
    marks = {mark(f"toolu_01{number:022d}") for number in range(MAX_IDS)}
    assert len(marks) == MAX_IDS
    assert max(marks) < 2**40
    assert mark("plumless") >> 8 == mark("buckeroo") >> 8
    assert mark("plumless") != mark("buckeroo")
