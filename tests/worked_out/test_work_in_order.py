"""Much to work out is taken by its time: what lies together is written together, and the last days are there first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from benchmarks.stored_work import SQL
from hookline_collector.store import Store
from hookline_collector.worked_out import WorkedStore, worked_store
from support.stores import emptied

DAYS, AT_ONCE = 120, 20
FIRST_DAY = "2024-01-10"
LAST_DAY = datetime(2024, 5, 8, tzinfo=UTC).date()
MONTHS = 5
DONE = "SELECT toString(toDate(max(started_ns) / 1e9)), count() FROM worked_sessions FINAL"
PARTS_MADE = """SELECT max(max_block_number) - min(min_block_number) + 1 FROM system.parts
WHERE database = currentDatabase() AND table = 'worked_calls' AND active"""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """Give an empty store, of which little is worked out at once."""
    monkeypatch.setattr(worked_store, "AT_ONCE", AT_ONCE)
    return emptied()


def tell(store: Store) -> None:
    """Tell of four months of a person who begins one session a day."""
    told = {"user": "ann", "first_day": FIRST_DAY, "days": DAYS, "sessions": 1, "prompts": 1, "calls": 1, "calls_a_request": 1}
    store.command((SQL / "work_spans.sql").read_text(), told)


@pytest.mark.parametrize("is_running", [False, True])
def test_portions_are_of_one_time(store: Store, is_running: bool) -> None:
    """A part is made of each month in which a portion has rows. Those that merges replaced are kept for minutes, and each takes memory.

    So it is where the store had all of it at the start, and where a running collector is told of it at once.
    """
    worked, portions = WorkedStore(store, is_alone=True), 1
    if is_running:
        assert worked.catch_up(0)
    tell(store)
    while not worked.catch_up(0, most=0):
        if portions == 1:
            assert store.query(DONE).rows[0] == (str(LAST_DAY), AT_ONCE)
        portions += 1
    assert store.query(DONE).rows[0][1] == DAYS
    assert store.query(PARTS_MADE).scalar() <= portions + MONTHS
