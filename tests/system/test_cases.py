"""Many cases in one test are all tried."""

from __future__ import annotations

import pytest

from support.cases import with_each


def test_each_case_is_tried_and_each_that_failed_is_told() -> None:
    """Also those behind one that failed, in every pair of two tables."""
    tried: list[tuple[int, str, str]] = []

    @with_each("number, word", [(1, "a"), (2, "b")])
    @with_each("end", "xy")
    def test(number: int, word: str, end: str) -> None:
        tried.append((number, word, end))
        assert number == 1

    with pytest.raises(ExceptionGroup, match="1 of 2 cases") as told:
        test()
    assert tried == [(number, word, end) for number, word in ((1, "a"), (2, "b")) for end in "xy"]
    [group] = told.value.exceptions
    assert isinstance(group, ExceptionGroup)
    assert group.__notes__ == ["where number, word = (2, 'b')"]
    assert [why.__notes__ for why in group.exceptions] == [["where end = 'x'"], ["where end = 'y'"]]
