"""How large the store is: asked while it may change, and not while it is at rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hookline.errors import Refused
from hookline_collector.observe.catalogue import STORE_PARTS
from hookline_collector.store.rows import Rows
from hookline_collector.store.store_levels import StoreLevels


@dataclass
class Engine:
    """Tells how many parts there are, or is away."""

    merges: int = 0
    written: int = 1
    is_away: bool = False
    asked: int = 0

    def query(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        self.asked += 1
        if self.is_away:
            raise Refused("away")
        return Rows.parse(b'{"meta": [{"name": "a", "type": "UInt64"}], "data": [[3, 10, %d]], "rows": 1}' % self.merges)


def looked(levels: StoreLevels, times: int, then: Callable[[], None] = lambda: None) -> None:
    """Look as often as the collector does, a minute apart."""
    for _ in range(times):
        if levels.may_differ():
            levels.read()
        then()


def test_it_is_asked_while_merges_run_and_again_after_something_was_written() -> None:
    """Merges go on after an insert; once they are done nothing changes by itself."""
    engine = Engine(merges=1)
    levels = StoreLevels(engine.query, lambda: engine.written)
    assert levels.read()[STORE_PARTS] == 3
    looked(levels, 2)
    engine.merges = 0
    looked(levels, 5)
    assert engine.asked == 4
    engine.written += 1
    looked(levels, 5)
    assert engine.asked == 5


def test_a_store_that_is_away_or_that_others_write_to_is_asked_each_time() -> None:
    """Of the one nothing is known, of the other not when it changes."""
    away, shared = Engine(is_away=True), Engine()
    looked(StoreLevels(away.query, lambda: away.written), 4)
    looked(StoreLevels(shared.query), 4)
    assert (away.asked, shared.asked) == (4, 4)
