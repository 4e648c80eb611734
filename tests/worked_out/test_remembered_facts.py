"""Facts that were read, remembered for as long as nothing new is in their table."""

from collections.abc import Mapping
from typing import Any

from hookline_collector.store import Rows, Store
from hookline_collector.store.queries import load_query
from hookline_collector.worked_out.remembered_facts import RememberedFacts
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, call, send, turn
from support.stores import derived_store as store

__all__ = ["store"]
STRETCHES, PLACES, CALLS = (load_query("hookline_collector.worked_out", f"told_{name}") for name in ("stretches", "places", "calls"))
A, B = {"sessions": ["a"], "since": 1, "until": 2}, {"sessions": ["b"], "since": 1, "until": 2}


class Counted:
    """Answers with rows, and notes what it was asked."""

    def __init__(self, rows: int = 1) -> None:
        self.asked: list[str] = []
        self._rows = rows

    def __call__(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        """Answer."""
        self.asked.append(sql)
        return Rows(("n",), ("",), tuple((n,) for n in range(self._rows)))


def test_what_has_nothing_new_is_asked_once() -> None:
    """By what is asked and of whom; facts of calls, which are new nearly always, are not kept."""
    store = Counted()
    facts = RememberedFacts(store)
    for _ in range(3):
        for sql in (STRETCHES, PLACES, CALLS):
            facts.ask(sql, A)
    assert store.asked == [STRETCHES, PLACES, CALLS, CALLS, CALLS]
    facts.ask(PLACES, B)
    assert store.asked[5:] == [PLACES]
    facts.forget({"activity_state", "tool_calls_state"})
    for sql in (STRETCHES, PLACES):
        facts.ask(sql, A)
    assert store.asked[6:] == [STRETCHES]


def test_the_oldest_are_forgotten_first() -> None:
    """So that memory is bounded."""
    store = Counted(rows=3)
    facts = RememberedFacts(store, most_rows=5)
    for asked in (A, B, B, A):
        facts.ask(PLACES, asked)
    assert len(store.asked) == 3


def test_a_call_more_asks_only_for_what_calls_change(store: Store) -> None:
    """What was told of turns, places and requests is known; a turn that ends is read."""
    asked: list[str] = []

    class Watched:
        """The store, with what it was asked."""

        def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
            """Note and answer."""
            asked.append(sql)
            return store.query(sql, parameters or {})

        def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
            """Change nothing: days that are over are added up when somebody says so."""
            raise AssertionError(sql)

        def write(self, table: str, lines: bytes) -> None:
            """Write."""
            store.write(table, lines)

    out = WorkedStore(Watched(), is_alone=True)
    send(store, [turn(0, 60), call("c1", 1, 2)])
    assert out.catch_up(T0 + 70 * S)
    asked.clear()
    send(store, [call("c2", 3, 4)])
    assert out.catch_up(T0 + 80 * S)
    assert CALLS in asked
    assert not {STRETCHES, PLACES} & set(asked)
    send(store, [turn(100, 160, prompt="p2")])
    assert out.catch_up(T0 + 200 * S)
    assert STRETCHES in asked
    assert store.query("SELECT count() FROM worked_turns FINAL").scalar() == 2


def test_tables_are_looked_at_only_when_something_was_written(store: Store) -> None:
    """A question after a question asks nothing; what is written next is seen, and so is what a write left that failed."""
    asked: list[str] = []
    changes = 0

    class Watched:
        """The store, with what it was asked."""

        def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
            """Note and answer."""
            asked.append(sql)
            return store.query(sql, parameters or {})

        def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
            """Change nothing: days that are over are added up when somebody says so."""
            raise AssertionError(sql)

        def write(self, table: str, lines: bytes) -> None:
            """Write, which counts."""
            nonlocal changes
            store.write(table, lines)
            changes += 1

    out = WorkedStore(Watched(), is_alone=True, changes=lambda: changes)
    for n in range(2):
        send(store, [call(f"c{n}", 1, 2)])
        changes += 1
        assert out.catch_up(T0 + 70 * S)
        assert out.catch_up(T0 + 71 * S)
        asked.clear()
        assert out.catch_up(T0 + 72 * S)
        assert asked == []
        assert store.query("SELECT count() FROM worked_calls FINAL").scalar() == n + 1
