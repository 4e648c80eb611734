"""Moments, inside and outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.system.clock import NS_PER_S, iso, parse_iso

LAST = 4_102_444_800 * NS_PER_S  # 2100


@given(st.integers(1, LAST // 1_000_000))
def test_a_moment_is_read_as_it_was_written(time_ms: int) -> None:
    """To the millisecond, which is what is written."""
    assert parse_iso(iso(time_ms * 1_000_000)) == time_ms * 1_000_000


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("2026-09-21T14:13:20Z", 1_790_000_000 * NS_PER_S),
        ("2026-09-21T14:13:20.000001+00:00", 1_790_000_000 * NS_PER_S + 1_000),
        ("2026-09-21T16:13:20+02:00", 1_790_000_000 * NS_PER_S),
        ("2026-09-21T14:13:20", 1_790_000_000 * NS_PER_S),
        ("yesterday", None),
        ("", None),
    ],
)
def test_what_names_no_zone_is_utc_and_what_is_no_moment_is_none(text: str, time_ns: int | None) -> None:
    """To the microsecond, without the error of a float."""
    assert parse_iso(text) == time_ns


def test_no_moment_is_an_empty_text() -> None:
    """0 is what is not known."""
    assert iso(0) == ""
