"""What was written last, remembered for as long as nothing else writes it."""

from hookline_collector.worked_out.flat_tables import CALLS, TURNS, FlatTable, Key
from hookline_collector.worked_out.remembered_rows import RememberedRows

A, B, C = (("ana", 20_000, session_id, "x") for session_id in "abc")


def owner(table: FlatTable, key: Key) -> str:
    """Return the session of a row."""
    return str(key[2])


def test_what_is_taken_is_forgotten() -> None:
    """Whatever fails in between is read the next time."""
    rows = RememberedRows[str]()
    rows.keep(["a", "b"], {CALLS: {A: 1, B: 2}, TURNS: {A: 3, C: 4}}, owner)
    assert rows.take(["a", "b"]) == {CALLS: {A: 1, B: 2}, TURNS: {A: 3}}
    assert rows.take(["a"]) is None


def test_one_that_is_not_known_makes_all_unknown() -> None:
    """And forgotten."""
    rows = RememberedRows[str]()
    rows.keep(["a"], {CALLS: {A: 1}}, owner)
    assert rows.take(["a", "b"]) is None
    assert rows.take(["a"]) is None


def test_an_owner_without_rows_is_known() -> None:
    """To have none."""
    rows = RememberedRows[str]()
    rows.keep(["a"], {CALLS: {}}, owner)
    assert rows.take(["a"]) == {CALLS: {}}


def test_the_oldest_are_forgotten_first() -> None:
    """So that memory is bounded."""
    rows = RememberedRows[str](2)
    for name, key in (("a", A), ("b", B), ("c", C)):
        rows.keep([name], {CALLS: {key: 1}}, owner)
    assert rows.take(["a"]) is None
    assert rows.take(["b", "c"]) == {CALLS: {B: 1, C: 1}}
