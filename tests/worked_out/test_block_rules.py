"""Blocks that are made of spells here are those that the engine makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookline_collector.store import Rows, Store
from hookline_collector.store.queries import load_query
from hookline_collector.work import MOST_PROMPTS, BlockNames
from hookline_collector.work.usual import hours_of_weekday
from hookline_collector.worked_out import clock_reading
from hookline_collector.worked_out.block_rules import NAMES
from hookline_collector.worked_out.clock_store import day_named
from hookline_collector.worked_out.flat_tables import day_of
from support.stores import derived_store

__all__ = ["derived_store"]
DAY_NS = 86_400 * 10**9
FIRST_NS = 20_700 * DAY_NS
DAYS = ["2026-09-04", "2026-09-05", "2026-09-06", "2026-09-07"]
MINUTE_NS = 60 * 10**9
LENGTHS = 9
"""So many columns stand before the names of a block, which the engine tells only where they are wanted."""
PROMPTS = LENGTHS + NAMES.index("prompts")


def spell(random: Random, minute: int) -> dict[str, Any]:
    """Return a spell that begins with a minute, somewhere in or around four days."""
    from_ns = FIRST_NS - DAY_NS // 2 + minute * MINUTE_NS
    project = random.choice(["", "shop", "book"])
    words = {name: sorted(random.sample("abc", random.randrange(3))) for name in NAMES} | {"projects": [project] if project else ["shop"]}
    times = {name: random.randrange(10**10) for name in ("wall_ns", "human_ns", "agent_ns", "agent_once_ns")}
    of = {"of_project": int(bool(project)), "user": random.choice(["ann", "bob"]), "project": project, "at_ns": from_ns - from_ns % (30 * MINUTE_NS)}
    whose = random.choice([(0, 1, ""), (0, 0, "codex"), (1, 0, "codex"), (1, 0, "kimi")])
    of |= dict(zip(("of_agent", "mixed", "agent"), whose, strict=True))
    return {**of, "from_ns": from_ns, "to_ns": from_ns + random.randrange(1, 20) * MINUTE_NS, **times, **words}


def write(store: Store, spells: Sequence[dict[str, Any]]) -> None:
    """Write spells as the store has them."""
    days = [datetime.fromtimestamp(each["from_ns"] / 1e9, UTC).date().isoformat() for each in spells]
    lines = [orjson.dumps({**each, "day": day, "version": 1, "gone": 0, "hash": 1}) for each, day in zip(spells, days, strict=True)]
    store.write("worked_spells", b"\n".join(lines))


def question(edges: Sequence[int], **others: Any) -> dict[str, Any]:
    """Return a question for the blocks of four days."""
    since, until = day_named(day_of(edges[0])), day_named(day_of(edges[-1] - 1))
    whole = {"user": "", "project": "", "agent": "", "per_project": False, "names": BlockNames.ALL, "max_blocks": 99, "live": [], "idle_s": 300}
    return {**whole, "block_days": DAYS, "block_edges": list(edges), "since": since, "until": until, **others}


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    per_project=st.booleans(),
    project=st.sampled_from(["", "shop"]),
    user=st.sampled_from(["", "ann"]),
    agent=st.sampled_from(["", "codex"]),
    names=st.sampled_from(BlockNames),
    most_prompts=st.sampled_from([0, 9, MOST_PROMPTS]),
    most=st.sampled_from([1, 4, 12, 30, 99]),
    hours=st.sampled_from([0, -2, 5.5]),
    calls=st.sampled_from([0, clock_reading.FEWEST_CALLS]),
)
def test_blocks_are_the_engine_s(
    derived_store: Store,
    seed: int,
    per_project: bool,
    project: str,
    user: str,
    agent: str,
    names: BlockNames,
    most_prompts: int,
    most: int,
    hours: float,
    calls: int,
) -> None:
    """With gaps, over midnight and over the period's edges, of one project, each or all, of one agent or whichever, stored and given.

    All of them, or the first, which are sought on no more days than they lie on; of what was replaced meanwhile the store may know too much. With
    all names, without any, or with how many prompts there are where these are too many. Counted before, as those of many calls are, or not.
    """
    random = Random(seed)
    spells = [spell(random, minute) for minute in random.sample(range(5 * 1440), 90)]
    derived_store.command("TRUNCATE TABLE worked_spells")
    write(derived_store, spells[:80])
    write(derived_store, spells[: random.randrange(1, 80)])
    edges = [FIRST_NS + n * DAY_NS + round(hours * 60) * MINUTE_NS for n in range(len(DAYS) + 1)]
    asked = question(edges, user=user, project=project, agent=agent, per_project=per_project, names=names, max_blocks=most)
    of_whom = [each for each in spells[80:] if user in ("", each["user"])]
    with pytest.MonkeyPatch.context() as patch:
        here = [list(row) for row in clock_reading._blocks(derived_store.query, asked, of_whom, calls)]
        patch.setattr(clock_reading, "MOST_SPELLS", 0)
        patch.setattr(clock_reading, "MOST_PROMPTS", most_prompts)
        engine = [list(row) for row in clock_reading._blocks(derived_store.query, asked, of_whom)]
    if names is BlockNames.NONE:
        here = [row[:LENGTHS] for row in here]
    elif names is BlockNames.FEW and sum(len(row[PROMPTS]) for row in here) > most_prompts:
        for row in (*here, *engine):  # of what goes on the engine may name prompts, which the report leaves out
            row[PROMPTS] = row[PROMPTS] if isinstance(row[PROMPTS], int) else len(row[PROMPTS])
    assert here == engine


def test_spells_that_are_written_meanwhile_join_nothing_that_lies_apart(derived_store: Store) -> None:
    """What begins behind the last of a block, more than the gap that counts after it, is a block of its own as soon as it is seen."""
    random = Random(1)
    early, late, between = (spell(random, minute) | {"user": "ann", "project": "", "of_project": 0, "of_agent": 0} for minute in (800, 1000, 900))
    derived_store.command("TRUNCATE TABLE worked_spells")
    write(derived_store, [early, late])
    asked = question([FIRST_NS + n * DAY_NS for n in range(len(DAYS) + 1)])

    def query(sql: str, parameters: Mapping[str, Any]) -> Rows:
        found = derived_store.query(sql, parameters)
        if sql == load_query("hookline_collector.worked_out", "read_spans"):
            write(derived_store, [between])
        return found

    assert [row[3] for row in map(list, clock_reading._blocks(query, asked, []))] == sorted(each["from_ns"] for each in (early, late, between))


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


def test_blocks_are_sought_on_no_more_days_than_are_needed() -> None:
    """As many as begin on days for sure; a UTC day that the period cuts counts for nothing, and a local day is read whole."""
    by_day = [clock_reading.SpellsOfDay(day, 100, blocks, 0) for day, blocks in ((9, 50), (10, 3), (11, 4), (13, 5))]
    edges = [day * DAY_NS + 3_600 * 10**9 for day in range(9, 15)]
    for first, most, last in ((0, 1, 2), (0, 3, 2), (0, 4, 3), (0, 8, 5), (0, 99, 5), (2, 4, 5), (4, 1, 5)):
        assert clock_reading._days_of(by_day, edges, first, most) == last
