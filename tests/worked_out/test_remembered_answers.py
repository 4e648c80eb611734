"""What was asked a moment ago, and how long its answer holds."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from hookline.errors import Refused
from hookline_collector.store import Rows
from hookline_collector.worked_out.remembered_answers import HOLDS_S, LONGEST_QUESTION, MOST_ROWS, NOTHING, OF_ONE_MOMENT, RememberedAnswers

SQL = "SELECT {day:Date}"
PATIENCE_S = 20.0


@dataclass(slots=True)
class Asked:
    """A store that counts how often it is asked."""

    writes: int = 0
    now_s: float = 0.0
    rows: int = 1
    asked: int = 0
    writes_meanwhile: int = 0

    def query(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        """Answer with its number."""
        self.asked += 1
        self.writes += self.writes_meanwhile
        return Rows(("n",), ("",), ((self.asked,),) * self.rows)


class Looks:
    """A lock that says how often it was held."""

    def __init__(self) -> None:
        self.done = threading.Semaphore(0)
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        self.done.release()


def test_an_answer_holds_until_something_is_written_or_for_seconds() -> None:
    """What a statement does not bind makes no other question."""
    store = Asked()
    answers = RememberedAnswers(store.query, lambda _: store.writes, lambda: store.now_s)
    assert [answers.ask(SQL, {"day": "2026-03-01", "now": n}).scalar() for n in range(2)] == [1, 1]
    assert answers.ask(SQL, {"day": "2026-03-02"}).scalar() == 2
    store.writes += 1
    assert answers.ask(SQL, {"day": "2026-03-01"}).scalar() == 3
    store.now_s += HOLDS_S
    assert answers.ask(SQL, {"day": "2026-03-01"}).scalar() == 4


def test_an_answer_holds_while_other_tables_are_written_to() -> None:
    """A new call changes nothing of prompts."""
    store, writes = Asked(), Counter[str]()
    answers = RememberedAnswers(store.query, lambda tables: sum(writes[table] for table in tables), lambda: store.now_s)
    calls, turns = "SELECT count() FROM worked_calls FINAL", "SELECT count() FROM worked_turns INNER JOIN worked_days"
    assert [answers.ask(sql, {}).scalar() for sql in (calls, turns)] == [1, 2]
    writes["worked_calls"] += 1
    assert [answers.ask(sql, {}).scalar() for sql in (calls, turns)] == [3, 2]
    writes["worked_days"] += 1
    assert [answers.ask(sql, {}).scalar() for sql in (calls, turns)] == [3, 4]


def test_what_was_written_while_it_was_read_is_not_in_an_answer() -> None:
    """It may be or not: so it is asked again."""
    store = Asked(writes_meanwhile=1)
    answers = RememberedAnswers(store.query, lambda _: store.writes, lambda: store.now_s)
    assert [answers.ask(SQL, {"day": ""}).scalar() for _ in range(2)] == [1, 2]


def test_large_answers_and_long_questions_are_not_remembered() -> None:
    """Memory is bounded."""
    store = Asked(rows=MOST_ROWS + 1)
    answers = RememberedAnswers(store.query, lambda _: store.writes, lambda: store.now_s)
    assert [answers.ask(SQL, {"day": ""}).scalar() for _ in range(2)] == [1, 2]
    store.rows = 1
    assert [answers.ask(SQL, {"day": "x" * LONGEST_QUESTION}).scalar() for _ in range(2)] == [3, 4]


def test_what_goes_on_is_asked_each_time_and_what_no_longer_holds_is_let_go() -> None:
    """Runs that are told with a question are as they are at that moment."""
    store = Asked()
    answers = RememberedAnswers(store.query, lambda _: store.writes, lambda: store.now_s)
    with_runs = f"{SQL}, {{{OF_ONE_MOMENT}:String}}"
    assert [answers.ask(with_runs, {"day": "", OF_ONE_MOMENT: "[{}]"}).scalar() for _ in range(2)] == [1, 2]
    assert [answers.ask(with_runs, {"day": "", OF_ONE_MOMENT: NOTHING}).scalar() for _ in range(2)] == [3, 3]
    for store.now_s in (HOLDS_S / 2, HOLDS_S):
        answers.ask(SQL, {"day": str(store.now_s)})
    assert [sql for sql, _ in answers._found] == [SQL, SQL]


@pytest.mark.parametrize("fails", [False, True])
def test_who_asks_what_is_just_asked_waits_for_that_answer(*, fails: bool) -> None:
    """Or for what became of it; after something was written it is another question."""
    store, begun, go_on, looked = Asked(), threading.Event(), threading.Event(), Looks()

    def query(sql: str, parameters: Mapping[str, Any]) -> Rows:
        """Answer when told to."""
        begun.set()
        assert go_on.wait(PATIENCE_S)
        if fails:
            raise Refused("away")
        return store.query(sql, parameters)

    answers = RememberedAnswers(query, lambda _: store.writes, lambda: store.now_s)
    answers._lock = looked
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(answers.ask, SQL, {"day": ""})
        assert begun.wait(PATIENCE_S)
        second = threads.submit(answers.ask, SQL, {"day": ""})
        assert all(looked.done.acquire(timeout=PATIENCE_S) for _ in range(2))
        begun.clear()
        store.writes += 1
        after = threads.submit(answers.ask, SQL, {"day": ""})
        assert begun.wait(PATIENCE_S)
        go_on.set()
        found = [each.exception() or each.result().scalar() for each in (first, second, after)]
    if fails:
        assert found[0] is found[1]
        assert isinstance(found[2], Refused)
    else:
        assert found[0] == found[1] != found[2]
