"""What was made of answers, and that it holds for as long as each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from hookline_collector.store import Rows
from hookline_collector.worked_out.made_of_answers import MOST_MADE, Holds, MadeOfAnswers, noting
from hookline_collector.worked_out.remembered_answers import HOLDS_S, MOST_ROWS, RememberedAnswers

CLOCKS, SPELLS = "SELECT sum(wall_ns) FROM worked_clocks", "SELECT count() FROM worked_spells"


class Made:
    """What is made of two answers, and how often it was."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.times = 0
        self.size = 1
        self.writes = Counter[str]()
        self.made = MadeOfAnswers()
        self._answers = RememberedAnswers(_query, lambda tables: sum(self.writes[table] for table in tables), lambda: self.now_s)

    def ask(self, parameters: Mapping[str, Any] | None = None, sql: str = "blocks") -> int:
        """Ask, and return how often something was made until now."""
        self.made.rows(sql, parameters or {}, self._make)
        return self.times

    def _make(self, noted: list[Holds]) -> Rows:
        self.times += 1
        ask = noting(self._answers, noted)
        return Rows(("n",), ("",), tuple(row for sql in (CLOCKS, SPELLS) for row in ask(sql, {})) * self.size)


def _query(sql: str, parameters: Mapping[str, Any]) -> Rows:
    return Rows(("n",), ("",), ((1,),))


def test_it_is_made_once_whatever_the_moment() -> None:
    """But for another question, or another statement, anew."""
    made = Made()
    assert [made.ask({"user": "", "now": n}) for n in range(3)] == [1, 1, 1]
    assert made.ask({"user": "ana", "now": 1}) == 2
    assert made.ask({"user": "", "now": 1}, "lengths") == 3
    assert made.ask({"user": "", "now": 1}) == 3


@pytest.mark.parametrize("table", ["worked_clocks", "worked_spells"])
def test_it_is_made_again_once_one_of_its_answers_is_another(table: str) -> None:
    """What is written elsewhere changes nothing."""
    made = Made()
    assert made.ask() == 1
    made.writes["worked_calls"] += 1
    assert made.ask() == 1
    made.writes[table] += 1
    assert [made.ask(), made.ask()] == [2, 2]


def test_it_gets_no_older_than_the_oldest_of_its_answers() -> None:
    """Though it was made of that one long after it was read."""
    made = Made()
    assert made.ask() == 1
    made.now_s = HOLDS_S - 1
    assert made.ask({"user": "ana"}) == 2
    made.now_s = HOLDS_S
    assert made.ask({"user": "ana"}) == 3


def test_memory_is_bounded() -> None:
    """Much is not remembered, nor many, nor what no longer holds."""
    made = Made()
    made.size = MOST_ROWS
    assert [made.ask(), made.ask()] == [1, 2]
    made.size = 1
    for n in range(MOST_MADE + 1):
        made.ask({"n": n})
    assert len(made.made._made) == 1
    made.made.let_go()
    assert len(made.made._made) == 1
    made.writes["worked_spells"] += 1
    made.made.let_go()
    assert not made.made._made
