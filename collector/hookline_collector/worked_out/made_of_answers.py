"""What was made of answers, for as long as each of these holds: blocks of years are made of thousands of pieces, for a page that asks again.

It is neither older nor younger than the answers: who asked for them now would be given the same, and would make the same of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from hookline_collector.store import Rows
from hookline_collector.work.statements import Query
from hookline_collector.worked_out.remembered_answers import MOST_ROWS, RememberedAnswers

MOST_MADE = 8
OF_THE_MOMENT = frozenset(("now",))
"""What is asked with every question and matters only where something goes on."""
Holds = Callable[[], bool]


class _Made(NamedTuple):
    """Rows, and what says whether each of the answers that they were made of still holds."""

    rows: Rows
    of: tuple[Holds, ...]

    def holds(self) -> bool:
        return all(each() for each in self.of)


class MadeOfAnswers:
    """Remembers rows by their question. Calls may come from any thread."""

    def __init__(self) -> None:
        self._made: dict[bytes, _Made] = {}
        self._lock = threading.Lock()

    def rows(self, sql: str, parameters: Mapping[str, Any], make: Callable[[list[Holds]], Rows | None]) -> Rows | None:
        """Return what `make` makes for a question in which nothing goes on. It notes what says whether the answers still hold that it is given."""
        question = _named(sql, parameters)
        made = self._made.get(question)
        if made and made.holds():
            return made.rows
        noted: list[Holds] = []
        found = make(noted)
        if found is not None and len(found) <= MOST_ROWS:
            self._keep(question, _Made(found, tuple(noted)))
        return found

    def let_go(self) -> None:
        """Forget what no longer holds: a thousand blocks with their prompts are megabytes."""
        with self._lock:
            self._made = {question: made for question, made in self._made.items() if made.holds()}

    def _keep(self, question: bytes, made: _Made) -> None:
        with self._lock:
            self._made = {question: made} if len(self._made) >= MOST_MADE else {**self._made, question: made}


def noting(answers: RememberedAnswers, noted: list[Holds]) -> Query:
    """Return what asks `answers` and notes what says whether each of them still holds."""

    def ask(sql: str, parameters: Mapping[str, Any]) -> Rows:
        answer = answers.answer(sql, parameters)
        noted.append(partial(answers.holds, answer.hold))
        return answer.rows

    return ask


def _named(sql: str, parameters: Mapping[str, Any]) -> bytes:
    """Return a name for a question that is short, as one about two years says each of their days."""
    asked = sorted((name, value) for name, value in parameters.items() if name not in OF_THE_MOMENT)
    return blake2b(repr((sql, asked)).encode(errors="surrogatepass")).digest()
