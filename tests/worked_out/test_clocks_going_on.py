"""Half hours in which something goes on are added up here as the engine adds up those that are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest

from hookline.contract.groupings import GROUPINGS
from hookline_collector.store import Store
from hookline_collector.worked_out import clock_reading
from hookline_collector.worked_out.clock_reading import CLOCKS, _going_on
from hookline_collector.worked_out.clock_rules import OF_AGENTS, SLOT_NS
from hookline_collector.worked_out.day_reading import DayGround
from hookline_collector.worked_out.day_store import NOTHING_ADDED_UP
from support.stores import emptied

FIRST_NS = 20_700 * 86_400 * 10**9
DAYS = ["2026-09-04", "2026-09-05"]
EDGES = [FIRST_NS, FIRST_NS + 47 * SLOT_NS, FIRST_NS + 96 * SLOT_NS]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def told() -> tuple[Store, list[dict[str, Any]]]:
    """Give half hours of every grain, in and around two days, and a store that has them."""
    store, random = emptied(), Random(7)
    rows = {}
    for grain in [grain for grain in range(8) for _ in range(40)]:
        row: dict[str, Any] = {name: random.choice(["", "one", "two"]) for name in ("user", "project", "branch", "session_id", "agent")}
        row |= {"grain": grain, "at_ns": FIRST_NS + random.randrange(-4, 100) * SLOT_NS, "mixed": random.randrange(2) if grain in OF_AGENTS else 0}
        row |= {f"{name.removesuffix('_s')}_ns": random.randrange(10**12) for name in CLOCKS}
        rows[tuple(row[name] for name in ("grain", "user", "at_ns", "project", "branch", "session_id", "agent"))] = row
    lines = (
        {**row, "day": f"{datetime.fromtimestamp(row['at_ns'] / 1e9, UTC):%Y-%m-%d}", "version": 1, "gone": 0, "hash": 1} for row in rows.values()
    )
    store.write("worked_clocks", b"\n".join(map(orjson.dumps, lines)))
    return store, list(rows.values())


@pytest.mark.parametrize("by", GROUPINGS)
@pytest.mark.parametrize("narrowed", [{}, {"project": "one"}, {"agent": "two"}], ids=str)
def test_what_is_given_counts_as_what_is_stored(told: tuple[Store, list[dict[str, Any]]], by: str, narrowed: dict[str, str]) -> None:
    """By each grouping, all together and of one project or agent, within the period."""
    store, rows = told
    asked: dict[str, Any] = {"by": by, "project": "", "agent": "", "user": "", "live": [], **narrowed}
    asked |= {"since": "2026-09-03", "until": "2026-09-07", "cuts": EDGES, "edges": EDGES, "days": DAYS}
    own, whole = clock_reading._grains(asked)
    asked |= {"own": own, "whole": whole, "grains": sorted({*own, *whole})}
    stored = _added(clock_reading._stored(DayGround(store.query, store.query, NOTHING_ADDED_UP), asked, ()))
    given = _added(_going_on(rows, asked))
    assert stored.keys() == given.keys()
    for key, clocks in stored.items():
        assert given[key] == pytest.approx(clocks)


def _added(found: Iterable[Sequence[Any]]) -> dict[tuple[Any, ...], list[float]]:
    sums = defaultdict[tuple[Any, ...], list[float]](lambda: [0.0] * len(CLOCKS))
    for is_own, is_whole, key, *clocks in found:
        sums[bool(is_own), bool(is_whole), key] = [one + other for one, other in zip(sums[bool(is_own), bool(is_whole), key], clocks, strict=True)]
    return dict(sums)
