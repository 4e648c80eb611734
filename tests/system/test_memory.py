"""The bounded memory of keys."""

from hypothesis import given
from hypothesis import strategies as st

from hookline.system.memory import BoundedMemory


@given(keys=st.lists(st.integers(0, 50)), limit=st.integers(1, 20))
def test_it_never_holds_more_than_its_limit_and_always_the_latest(keys: list[int], limit: int) -> None:
    """What came within the last half of the limit is there."""
    memory = BoundedMemory[int](limit)
    for key in keys:
        memory.remember((key,))
        assert len(memory) <= max(limit, 2)
        assert key in memory
    assert all(key in memory for key in keys[-max(limit // 2, 1) :])


def test_who_is_asked_for_stays() -> None:
    """A key that comes again and again is not forgotten for its age."""
    memory = BoundedMemory[str](4)
    memory.remember(["old"])
    for number in range(100):
        assert "old" in memory
        memory.remember([str(number)])
    assert "0" not in memory
