"""Pauses between attempts."""

from hypothesis import given
from hypothesis import strategies as st

from hookline.system.backoff import Backoff


def test_pauses_double_up_to_the_longest() -> None:
    """After any number of failures."""
    backoff = Backoff(first_s=0.5, longest_s=30.0)
    assert [backoff.pause(n) for n in (1, 2, 3, 4, 9, 5_000)] == [0.5, 1.0, 2.0, 4.0, 30.0, 30.0]


def test_chance_spreads_pauses_over_their_upper_half() -> None:
    """Many that lost the same endpoint do not come back in step, also after a long time."""
    backoff = Backoff(first_s=0.2, longest_s=30.0)
    assert backoff.pause(50, chance=1.0) == 30.0
    assert backoff.pause(50, chance=0.0) == 15.0


def test_what_the_other_side_asks_for_is_kept_but_not_for_ever() -> None:
    """A server that asks for a year gets five minutes."""
    backoff = Backoff(first_s=0.2, longest_s=30.0, longest_asked_s=300.0)
    assert backoff.pause(1, 7.0, 0.5) == 7.0
    assert backoff.pause(1, 1e9, 0.5) == 300.0


@given(failures=st.integers(0, 10_000), asked=st.none() | st.floats(0, 1e6), longest=st.floats(0.001, 3600), chance=st.floats(0, 1))
def test_a_pause_is_never_past_the_longest_and_never_nothing(failures: int, asked: float | None, longest: float, chance: float) -> None:
    """The other side's wish counts within the limit; chance takes at most a half."""
    pause = Backoff(0.5, longest).pause(failures, asked, chance)
    assert max(min(longest, asked or 0.0), min(longest, 0.5) / 2) <= pause <= longest
