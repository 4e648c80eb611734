"""What half hours were added up of: known once, whole, and bounded."""

from hookline_collector.worked_out.clock_rules import SLOT_NS, Stretch
from hookline_collector.worked_out.remembered_stretches import RememberedStretches


def stretch(session_id: str) -> Stretch:
    return Stretch("ana", 0, 0, 0, SLOT_NS, 1, 0, "shop", "main", "a", session_id, "p1", "claude-code")


def test_what_is_taken_is_forgotten_until_it_is_kept_again() -> None:
    """Whatever fails in between has the half hours read the next time. Equal stretches stay two."""
    remembered = RememberedStretches()
    remembered.keep("ana", {0: [stretch("s1"), stretch("s1")], SLOT_NS: []})
    assert remembered.take("ana", {0, SLOT_NS}) == {0: [stretch("s1"), stretch("s1")], SLOT_NS: []}
    assert remembered.take("ana", {0}) is None


def test_what_is_known_in_part_or_of_another_person_is_not_known() -> None:
    """Half a day is no answer for a day."""
    remembered = RememberedStretches()
    remembered.keep("ana", {0: [stretch("s1")]})
    assert remembered.take("ben", {0}) is None
    assert remembered.take("ana", {0, SLOT_NS}) is None


def test_the_oldest_are_forgotten_past_the_bound() -> None:
    """Two of three half hours have room."""
    remembered = RememberedStretches(most=2)
    for number in range(3):
        remembered.keep("ana", {number: [stretch("s1")]})
    assert remembered.take("ana", {0}) is None
    assert remembered.take("ana", {1, 2}) is not None
