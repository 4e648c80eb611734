"""A panel's answer, column by column."""

from __future__ import annotations

import pytest

from hookline_collector.panels.dashboard_files import PanelStatement
from hookline_collector.panels.panel_answer import target_of
from hookline_collector.store.rows import Rows

OF_PANEL = PanelStatement("A", "table", "SELECT 1")
MIDNIGHT_MS = 1_795_392_000_000


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        ("DateTime('UTC')", ("2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z"), [MIDNIGHT_MS, MIDNIGHT_MS]),
        ("Nullable(DateTime64(9, 'UTC'))", ("2026-11-23T00:00:00.250000000Z", None), [MIDNIGHT_MS + 250, None]),
        ("Date", ("2026-11-23",), [MIDNIGHT_MS]),
        ("Nullable(Float64)", (0.5, None, 7), [0.5, None, 7]),
        ("Bool", (True, False), [1, 0]),
        ("LowCardinality(String)", ("a", "a"), ["a", "a"]),
        ("Array(UInt8)", ([1, 2], None), ["[1,2]", None]),
    ],
)
def test_values_are_told_by_their_type(kind: str, values: tuple[object, ...], told: list[object]) -> None:
    """Times in milliseconds, numbers as they are, everything else as text."""
    answer = target_of(OF_PANEL, Rows(("each",), (kind,), tuple((value,) for value in values)), 10)
    assert (list(answer["data"][0]), answer["rows"]) == (told, len(values))
    assert all(type(found) is type(expected) for found, expected in zip(answer["data"][0], told, strict=True))
