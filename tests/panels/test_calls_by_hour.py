"""What panels show of calls and of sessions at work is the same whether days are read as they were added up or row by row, whatever comes late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest

from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import PanelRange, expand
from hookline_collector.store import Store
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, call, send, turn
from support.soaking import share
from support.stores import derived_store as store

__all__ = ["store"]
pytestmark = pytest.mark.long
DAY_S, DAYS = 86_400, 6
TOOLS = ("Bash", "Read", "Edit", "Write", "Grep", "Glob")
"""So many that not every person, day, project and tool is among the fifty with the longest call."""
LATER = T0 + 40 * DAY_S * S
READ_BY_DAY = [*(("latency", number) for number in (3, 4, 5, 17)), ("sessions", 5), ("sessions", 9)]
FOUND_BY_DAY = [("latency", 7)]
MANY_CALLS, FEW_CALLS = "sum(tool_calls) > 300000", "sum(tool_calls) > 0"
"""From how many calls on days are sought before rows: here, but where it is said otherwise, from the first one on."""
FIRST_S = T0 // S // DAY_S * DAY_S
Asked = tuple[PanelRange, Mapping[str, Sequence[str]]]
Shown = list[list[tuple[Any, ...]]]


def over(begin_s: int, end_s: int, interval_s: int = 3_600) -> PanelRange:
    """Return a range, from the beginning of the first day on."""
    return PanelRange((FIRST_S + begin_s) * 1000, (FIRST_S + end_s) * 1000, interval_s * 1000)


WHOLE: Asked = (over(0, (DAYS + 1) * DAY_S), {})
ASKED: list[Asked] = [
    WHOLE,
    (over(50_017, (DAYS - 1) * DAY_S + 40_003), {"person": ("ana",)}),
    (over(DAY_S, DAYS * DAY_S, 1_800), {"project": ("lab",)}),
    (over(40_000, DAYS * DAY_S), {"tool": ("Read",), "agent": ("claude-code",)}),
]
AGAIN: list[Asked] = share(ASKED[:2], ASKED, ASKED)
"""What is asked once more when something came late."""


def shown(
    store: Store, asked: Sequence[Asked] = ASKED, panels: Sequence[tuple[str, int]] = (*READ_BY_DAY, *FOUND_BY_DAY), from_calls: str = FEW_CALLS
) -> Shown:
    """Return the rows of each panel for each range and choice."""
    found = []
    for dashboard, number in panels:
        for panel_range, chosen in asked:
            bound = expand(built_dashboards()[f"hookline-{dashboard}"].panels[number].statements[0].sql, panel_range, chosen)
            rows = store.query(bound.sql.replace(MANY_CALLS, from_calls), bound.parameters).rows
            found.append([tuple(round(each, 9) if isinstance(each, float) else each for each in row) for row in rows])
    return found


def by_rows(store: Store, asked: Sequence[Asked] = ASKED) -> Shown:
    """Return what they show where nothing was added up."""
    known = store.query("SELECT day, version, is_open FROM worked_days_known FINAL").rows
    assert all(MANY_CALLS in built_dashboards()[f"hookline-{dashboard}"].panels[number].statements[0].sql for dashboard, number in FOUND_BY_DAY)
    store.command("TRUNCATE TABLE worked_days_known")
    found = shown(store, asked)
    for day, version, is_open in known:
        store.command(f"INSERT INTO worked_days_known VALUES ('{day}', {version}, {is_open})")
    return found


@pytest.mark.soak
def test_days_that_were_added_up_show_what_their_rows_show(store: Store) -> None:
    """Also where a call came late, and when its day is added up again. Rows of whole days are not read then."""
    chance = Random(3)
    for user, project in (("ana", "lab"), ("ben", "shop")):
        send(store, [each for day in range(DAYS) for each in _day(f"{user}{day}", day, project, chance)], user=user)
    out = WorkedStore(store, is_alone=True)
    assert out.catch_up(LATER)
    _add_up(store, out)
    found = shown(store)
    assert found == by_rows(store)
    assert shown(store, ASKED, FOUND_BY_DAY, MANY_CALLS) == found[-len(ASKED) :]
    send(store, [call("late", 2 * DAY_S + 1_000, 2 * DAY_S + 1_900, session="ana2", prompt="ana2-p", hookline__project__name="lab")])
    assert out.catch_up(LATER)
    assert len(out.added_up.open) == 1
    assert shown(store, AGAIN) == by_rows(store, AGAIN)
    _add_up(store, out)
    rows = by_rows(store, AGAIN)
    assert shown(store, AGAIN) == rows
    for table in ("worked_calls", "worked_parts"):
        store.command(f"TRUNCATE TABLE {table}")
    assert shown(store, [WHOLE], READ_BY_DAY) == rows[: len(READ_BY_DAY) * len(AGAIN) : len(AGAIN)]


def _add_up(store: Store, out: WorkedStore) -> None:
    while not out.add_up_days(LATER):
        pass
    assert store.query("SELECT uniqExact(day) FROM worked_days FINAL WHERE grain = 8").scalar() == DAYS


def _day(key: str, day: int, project: str, chance: Random) -> Iterator[Any]:
    """Yield a turn with calls of some hours; some fail, and some never ran."""
    place = {"hookline__project__name": project}
    begun = day * DAY_S
    yield turn(begun, begun + 20_000, key, f"{key}-p", **place)
    for n in range(40):
        at = begun + chance.random() * 19_000
        outcome = chance.choice(["success", "failure", "denied"])
        tool = chance.choice(TOOLS)
        of_call = place | {"hookline__outcome": outcome, "file__extension": chance.choice(["py", ""])}
        yield call(f"{key}-{n}", at, at + chance.lognormvariate(0, 2), tool, key, f"{key}-p", **of_call)
