"""A question for which the engine has no memory at the moment waits and is asked again; one that is too large itself is told at once."""

from __future__ import annotations

from typing import Any

import pytest
from clickhouse_connect.driver._chdbclient import ChdbClient
from clickhouse_connect.driver.exceptions import DatabaseError

from hookline.errors import Refused, Rejected
from hookline_collector.store.faults import ShortOfMemory, classify
from hookline_collector.store.memory_patience import PAUSES_S, patiently
from support.stores import kept_open

TOTAL = "Code: 241. DB::Exception: (total) memory limit exceeded: would use 257.58 MiB, maximum: 256.00 MiB. (MEMORY_LIMIT_EXCEEDED)"
OWN = "Code: 241. DB::Exception: Query memory limit exceeded: would use 64.00 MiB, maximum: 60.00 MiB. (MEMORY_LIMIT_EXCEEDED)"


class Engine:
    """One that is short of memory for a while."""

    def __init__(self, short: int) -> None:
        self.short = short
        self.pauses: list[float] = []

    def ask(self) -> str:
        """Answer, or refuse."""
        if self.short:
            self.short -= 1
            raise ShortOfMemory("no")
        return "answer"


def test_a_question_waits_until_there_is_memory_again() -> None:
    """Longer each time."""
    engine = Engine(2)
    assert patiently(engine.ask, sleep=engine.pauses.append) == "answer"
    assert engine.pauses == list(PAUSES_S[:2])


def test_a_question_waits_no_longer_than_somebody_who_looks_at_a_page() -> None:
    """Then the asker is told when to come again."""
    engine = Engine(100)
    with pytest.raises(ShortOfMemory) as told:
        patiently(engine.ask, sleep=engine.pauses.append)
    assert engine.pauses == list(PAUSES_S) and sum(PAUSES_S) < 5
    assert told.value.retry_after_s >= 1


def test_what_is_wrong_otherwise_is_told_at_once() -> None:
    """Waiting would not help."""
    for error in (Refused("away"), Rejected("no such table")):
        engine = Engine(0)

        def ask(error: Exception = error) -> str:
            raise error

        with pytest.raises(type(error)):
            patiently(ask, sleep=engine.pauses.append)
        assert not engine.pauses


def test_the_limit_of_all_is_told_from_a_statements_own() -> None:
    """Only the former is over when something else has ended."""
    assert isinstance(classify(DatabaseError(TOTAL, code=241)), ShortOfMemory)
    assert not isinstance(classify(DatabaseError(OWN, code=241)), ShortOfMemory)


def test_questions_of_ours_and_of_people_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them by another handle, as the engine's may hold what a failed statement had written."""
    store = kept_open("embedded")
    short: list[str] = []
    asked: list[ChdbClient] = []
    raw_query = ChdbClient.raw_query

    def reluctant(client: ChdbClient, sql: str, *args: Any, **kwargs: Any) -> Any:
        if "41 + 1" in sql:
            asked.append(client)
        if "41 + 1" in sql and len(short) < 1:
            short.append(sql)
            raise DatabaseError(TOTAL, code=241)
        return raw_query(client, sql, *args, **kwargs)

    monkeypatch.setattr(ChdbClient, "raw_query", reluctant)
    for ask in (store.query, store.panel_query):
        short.clear()
        asked.clear()
        assert ask("SELECT 41 + 1 AS n").scalar() == 42
        assert len(asked) == 2 and asked[0] is not asked[1]
