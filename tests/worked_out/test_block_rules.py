"""Blocks that are made of spells here are those that the engine makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline_collector.store import Store
from hookline_collector.work.usual import hours_of_weekday
from hookline_collector.worked_out import clock_reading
from hookline_collector.worked_out.block_rules import NAMES
from support.stores import derived_store

__all__ = ["derived_store"]
DAY_NS = 86_400 * 10**9
FIRST_NS = 20_700 * DAY_NS
DAYS = ["2026-09-04", "2026-09-05"]
EDGES = [FIRST_NS, FIRST_NS + DAY_NS, FIRST_NS + 2 * DAY_NS]
MINUTE_NS = 60 * 10**9
LENGTHS = 9
"""So many columns stand before the names of a block, which the engine tells only where they are wanted."""


def spell(random: Random, minute: int) -> dict[str, Any]:
    """Return a spell that begins with a minute, somewhere in or around two days."""
    from_ns = FIRST_NS - DAY_NS // 2 + minute * MINUTE_NS
    project = random.choice(["", "shop", "book"])
    words = {name: sorted(random.sample("abc", random.randrange(3))) for name in NAMES} | {"projects": [project] if project else ["shop"]}
    times = {name: random.randrange(10**10) for name in ("wall_ns", "human_ns", "agent_ns", "agent_once_ns")}
    of = {"of_project": int(bool(project)), "user": random.choice(["ann", "bob"]), "project": project, "at_ns": from_ns - from_ns % (30 * MINUTE_NS)}
    whose = random.choice([(0, 1, ""), (0, 0, "codex"), (1, 0, "codex"), (1, 0, "kimi")])
    of |= dict(zip(("of_agent", "mixed", "agent"), whose, strict=True))
    return {**of, "from_ns": from_ns, "to_ns": from_ns + random.randrange(1, 20) * MINUTE_NS, **times, **words}


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    per_project=st.booleans(),
    project=st.sampled_from(["", "shop"]),
    user=st.sampled_from(["", "ann"]),
    agent=st.sampled_from(["", "codex"]),
    names=st.booleans(),
)
def test_blocks_are_the_engine_s(derived_store: Store, seed: int, per_project: bool, project: str, user: str, agent: str, names: bool) -> None:
    """With gaps, over midnight and over the period's edges, of one project, each or all, of one agent or whichever, stored and given."""
    random = Random(seed)
    spells = [spell(random, minute) for minute in random.sample(range(3 * 1440), 60)]
    derived_store.command("TRUNCATE TABLE worked_spells")
    days = [datetime.fromtimestamp(each["from_ns"] / 1e9, UTC).date().isoformat() for each in spells]
    lines = [orjson.dumps({**each, "day": day, "version": 1, "gone": 0, "hash": 1}) for each, day in zip(spells, days, strict=True)]
    derived_store.write("worked_spells", b"\n".join(lines[:50]))
    asked = {
        "block_days": DAYS,
        "block_edges": EDGES,
        "since": DAYS[0],
        "until": DAYS[1],
        "user": user,
        "project": project,
        "agent": agent,
        "per_project": per_project,
        "names": names,
    }
    asked |= {"live": [], "idle_s": 300, "max_blocks": 30}
    of_whom = [each for each in spells[50:] if user in ("", each["user"])]
    with pytest.MonkeyPatch.context() as patch:
        here = clock_reading._blocks(derived_store.query, asked, of_whom)
        patch.setattr(clock_reading, "MOST_SPELLS", 0)
        engine = clock_reading._blocks(derived_store.query, asked, of_whom)
    told = None if names else LENGTHS
    assert [list(row)[:told] for row in here] == [list(row) for row in engine]


def test_the_hours_of_a_weekday_are_those_of_no_other_day() -> None:
    """What lies between is one stretch without a name."""
    names = [f"2026-09-{day:02d} {hour:02d}" for day in range(1, 16) for hour in range(24)]
    edges = list(range(len(names) + 1))
    found = hours_of_weekday(names, edges, 4)  # the 4th and the 11th are Fridays
    assert [name for name in found["days"] if name] == [name for name in names if name[8:10] in ("04", "11")]
    assert len(found["days"]) == 3 + 48
    assert (found["edges"][0], found["edges"][-1]) == (0, len(names))
    assert found["edges"][1] == 72
    assert found["cuts"] == found["edges"]
