"""Answers to statements about what was worked out, for the next who asks the same: a page asks for one day in several ways, each of which needs them.
Who asks what somebody else asks at this moment waits for that answer.

Only for a process that writes alone: an answer holds until more was written to a table that its statement names, and for seconds, as the retention
takes rows too.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, NamedTuple

from hookline_collector.store import Rows
from hookline_collector.work.statements import Query

HOLDS_S = 10.0
MOST_ANSWERS = 64
MOST_ROWS = 2_000
LONGEST_QUESTION = 40_000
"""One that names each day of a year has 20,000 characters."""
OF_ONE_MOMENT, NOTHING = "spells", "[]"
"""Runs that go on are told with a question as they are now; nobody asks it again."""
_BOUND = re.compile(r"\{(\w+):")
_TABLE = re.compile(r"\bworked_\w+")
Writes = Callable[[frozenset[str]], int]
_Question = tuple[str, str]


class AnswerHold(NamedTuple):
    """What an answer holds for: so many writes to these tables, and until when."""

    tables: frozenset[str]
    writes: int
    until_s: float


class RememberedAnswer(NamedTuple):
    """An answer, and what it holds for."""

    rows: Rows
    hold: AnswerHold


class RememberedAnswers:
    """Asks `query`, but for what was asked a moment ago. `writes` counts what was written to tables. Calls may come from any thread."""

    def __init__(self, query: Query, writes: Writes, clock_s: Callable[[], float] = time.monotonic, *, holds_s: float = HOLDS_S) -> None:
        self._query = query
        self._writes = writes
        self._clock_s = clock_s
        self._holds_s = holds_s
        self._found: dict[_Question, RememberedAnswer] = {}
        self._under_way: dict[tuple[_Question, int], Future[RememberedAnswer]] = {}
        self._lock: AbstractContextManager[Any] = threading.Lock()

    def ask(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        """Answer a statement about what was worked out."""
        return self.answer(sql, parameters).rows

    def holds(self, hold: AnswerHold) -> bool:
        """Whether who asked now could be given an answer of before."""
        return hold.writes == self._writes(hold.tables) and self._clock_s() < hold.until_s

    def answer(self, sql: str, parameters: Mapping[str, Any]) -> RememberedAnswer:
        """Answer a statement and say what the answer holds for."""
        question = sql, repr([parameters[name] for name in _bound(sql)])
        tables, now_s = _tables(sql), self._clock_s()
        writes = self._writes(tables)
        found = self._found.get(question)
        if found and found.hold.writes == writes and now_s < found.hold.until_s:
            return found
        with self._lock:
            other = self._under_way.get((question, writes))
            own = self._under_way.setdefault((question, writes), Future())
        if other:
            return other.result()
        try:
            answer = RememberedAnswer(self._query(sql, parameters), AnswerHold(tables, writes, now_s + self._holds_s))
        except BaseException as why:
            own.set_exception(why)
            raise
        finally:
            del self._under_way[question, writes]
        own.set_result(answer)
        if len(answer.rows) <= MOST_ROWS and len(question[1]) <= LONGEST_QUESTION and parameters.get(OF_ONE_MOMENT, NOTHING) == NOTHING:
            self._keep(question, answer, now_s)
        return answer

    def _keep(self, question: _Question, answer: RememberedAnswer, now_s: float) -> None:
        """Remember an answer, and none that no longer holds: a thousand blocks with their prompts are megabytes."""
        with self._lock:
            holding = {each: known for each, known in self._found.items() if known.hold.until_s > now_s}
            self._found = {question: answer} if len(holding) >= MOST_ANSWERS else {**holding, question: answer}


@cache
def _bound(sql: str) -> tuple[str, ...]:
    return tuple(sorted(set(_BOUND.findall(sql))))


@cache
def _tables(sql: str) -> frozenset[str]:
    return frozenset(_TABLE.findall(sql))
