"""What the panels of Work time show while something goes on: what the views say, which they do not ask because planning them takes longer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import PanelRange, expand
from hookline_collector.store import Store
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, event, send, turn
from support.cases import by_portions
from support.stores import emptied

pytestmark = pytest.mark.long

DAY_S = 86_400
PEOPLE, WAITING, AT_ONCE, TIMELINE, BLOCKS = 8, 11, 12, 4, 14
SESSIONS_AT_WORK, NEWEST = 5, 2
LASTS_S = 5.0
"""What goes on grows while it is asked for."""
Chosen = Mapping[str, Sequence[str]]
OF_VIEW = """SELECT started, ended, toString(user), duration_s, human_s, agent_s, arrayStringConcat(arraySort(projects), ', '), length(sessions)
FROM work_blocks_between(idle_s = 300, since = toDate({since:Int64}), until = toDate({until:Int64}))
WHERE ended >= toDateTime({since:Int64}) AND started <= toDateTime({until:Int64})
  AND (empty({person:Array(String)}) OR has({person:Array(String)}, user))
  AND (empty({project:Array(String)}) OR hasAny(projects, {project:Array(String)}))
ORDER BY started DESC"""
OF_ACTIVITY = """SELECT
    toString(user),
    intervalLengthSumIf(a, b, kind = 'human'),
    sumIf((b - a) * agents, kind = 'agent'),
    intervalLengthSumIf(a, b, kind != 'waiting'),
    sumIf(b - a, kind != 'agent' AND reason IN ('permission', 'answer'))
FROM (
    SELECT
        kind, reason, user, agents,
        greatest(toUnixTimestamp64Milli(started), {since:Int64} * 1000) AS a,
        least(toUnixTimestamp64Milli(ended), {until:Int64} * 1000) AS b
    FROM activity_between(since = toDate({since:Int64}), until = toDate({until:Int64}))
    WHERE empty({project:Array(String)}) OR has({project:Array(String)}, project)
)
WHERE b > a
GROUP BY user ORDER BY 4 DESC"""

OF_WAITING = """SELECT toStartOfDay(started) AS t, sumIf(ended - started, reason = 'permission'), sumIf(ended - started, reason = 'answer'),
    sumIf(ended - started, reason = 'prompt')
FROM activity_between(since = toDate({since:Int64}), until = toDate({until:Int64}))
WHERE kind = 'waiting' AND started >= toDateTime({since:Int64}) AND started <= toDateTime({until:Int64})
  AND (empty({person:Array(String)}) OR has({person:Array(String)}, user))
  AND (empty({project:Array(String)}) OR has({project:Array(String)}, project))
GROUP BY t ORDER BY t"""
OF_AGENTS = """SELECT
    toDateTime(greatest(started, toDateTime64({since:Int64}, 9))) AS begun,
    toDateTime(least(ended, toDateTime64({until:Int64}, 9))) AS over,
    agents
FROM activity_between(since = toDate({since:Int64}), until = toDate({until:Int64}))
WHERE kind = 'agent' AND ended > toDateTime({since:Int64}) AND started < toDateTime({until:Int64})
  AND (empty({person:Array(String)}) OR has({person:Array(String)}, user))
  AND (empty({project:Array(String)}) OR has({project:Array(String)}, project))"""
OF_SESSIONS = """SELECT toStartOfMinute(started) AS t, toString(project) AS name, uniq(session_id)
FROM activity_between(since = toDate({since:Int64}), until = toDate({until:Int64}))
WHERE kind = 'agent' AND started >= toDateTime({since:Int64}) AND started <= toDateTime({until:Int64})
  AND (empty({person:Array(String)}) OR has({person:Array(String)}, user))
  AND (empty({project:Array(String)}) OR has({project:Array(String)}, project))
GROUP BY t, name ORDER BY t, name"""
OF_STATES = """SELECT
    toDateTime(greatest(started, toDateTime64({since:Int64}, 9))),
    concat(toString(project), ' ', substring(session_id, 1, 8)),
    multiIf(kind = 'agent', 'agent', kind = 'human', 'you', reason = 'prompt', 'waits for a prompt', 'waits for you')
FROM activity_between(since = toDate({since:Int64}), until = toDate({until:Int64}))
WHERE ended > toDateTime({since:Int64}) AND started < toDateTime({until:Int64})
  AND (empty({person:Array(String)}) OR has({person:Array(String)}, user))
  AND (empty({project:Array(String)}) OR has({project:Array(String)}, project))
  AND session_id IN (SELECT session_id FROM sessions WHERE last >= toDateTime({since:Int64}) AND started <= toDateTime({until:Int64}))"""


@pytest.fixture(scope="module")
def store() -> Store:
    """Give two people: quinn has a turn open for ten minutes, and one that is over lies within it; ben's last was over two hours ago."""
    opened = emptied()
    now = (time.time_ns() - T0) / S
    shop, blog = ({"hookline__project__name": name} for name in ("shop", "blog"))
    quiet = [turn(now - 9_000 + n * 700, now - 9_000 + n * 700 + 300, "q1", f"q1-p{n}", **shop) for n in range(9)]
    open_since = [
        event("hookline.session.start", now - 700, "q2", **blog),
        event("hookline.prompt_submitted", now - 600, "q2", prompt="q2-p1", **blog),
    ]
    send(opened, [*quiet, *open_since, turn(now - 500, now - 440, "q3", "q3-p1")], user="quinn")
    begun = now - 3 * DAY_S
    send(opened, [turn(begun + n * 500, begun + n * 500 + 200, "b1", f"b1-p{n}", **(shop if n % 2 else blog)) for n in range(9)], user="ben")
    assert WorkedStore(opened).catch_up(time.time_ns())
    assert opened.query("SELECT count() FROM worked_running FINAL WHERE kind < 3").scalar() > 0
    return opened


def shown(store: Store, number: int, asked: PanelRange, chosen: Chosen, page: str = "hookline-work") -> list[tuple[Any, ...]]:
    """Return the rows of a panel."""
    bound = expand(built_dashboards()[page].panels[number].statements[0].sql, asked, {"timezone": ("UTC",), **chosen})
    return list(store.query(bound.sql, bound.parameters).rows)


def values(asked: PanelRange, chosen: Chosen) -> dict[str, Any]:
    return {
        "since": asked.from_ms // 1000,
        "until": asked.to_ms // 1000,
        "person": [],
        "project": [],
        **{name: list(each) for name, each in chosen.items()},
    }


def ranges() -> list[PanelRange]:
    """Days, a range that begins and ends within half hours, one that ends within what goes on, and one that was over before."""
    now_ms = time.time_ns() // 10**6
    lasts = ((7 * DAY_S, -DAY_S), (9_123, -60), (3 * DAY_S, 100), (4 * DAY_S, DAY_S))
    return [PanelRange(now_ms - begin * 1000, now_ms - end * 1000) for begin, end in lasts]


@pytest.mark.parametrize("chosen", by_portions([{}, {"project": ("blog",)}, {"person": ("quinn",)}, {"person": ("ben",)}]), ids=str)
def test_blocks_are_those_of_the_view(store: Store, chosen: Chosen) -> None:
    """Each with its begin and end, clocks, projects and sessions, whatever is chosen; and the lanes have marks where they begin and end."""
    for asked in ranges():
        expected = store.query(OF_VIEW, values(asked, chosen)).rows
        found = shown(store, BLOCKS, asked, chosen)
        assert len(expected) > 0 or chosen or asked == ranges()[-1]
        for row, wanted in zip(found, expected, strict=True):
            assert (row[0], row[2], *row[6:]) == (wanted[0], wanted[2], *wanted[6:])
            assert row[3:6] == pytest.approx(wanted[3:6], abs=LASTS_S)
        marks = shown(store, TIMELINE, asked, chosen)
        assert [mark[:2] for mark in marks if mark[2]] == sorted((f"{row[0][:19]}Z", row[2]) for row in expected)
        assert {mark[2] for mark in marks if mark[2]} == {row[6] or "no project" for row in expected}
        assert len([mark for mark in marks if not mark[2]]) == len(expected)


@pytest.mark.parametrize("chosen", by_portions([{}, {"project": ("blog",)}]), ids=str)
def test_clocks_are_those_of_what_was_active(store: Store, chosen: Chosen) -> None:
    """In half hours that are added up, in their pieces, and in what goes on."""
    for asked in ranges():
        expected = [(row[0], *(each / 3_600_000 for each in row[1:])) for row in store.query(OF_ACTIVITY, values(asked, chosen))]
        found = {row[0]: row[1:5] for row in shown(store, PEOPLE, asked, chosen)}
        assert set(found) == {row[0] for row in expected}
        for user, *clocks in expected:
            assert found[user] == pytest.approx(clocks, abs=LASTS_S / 3600)


@pytest.mark.parametrize("chosen", by_portions([{}, {"project": ("blog",)}, {"person": ("ben",)}]), ids=str)
def test_waiting_and_agents_at_once_are_what_was_active(store: Store, chosen: Chosen) -> None:
    """By the day on which a wait began; and in each minute as many agents as there were at most."""
    for asked in ranges():
        expected = [(row[0], *(each / 3600 for each in row[1:])) for row in store.query(OF_WAITING, values(asked, chosen))]
        found = shown(store, WAITING, asked, chosen)
        assert [row[0] for row in found] == [row[0] for row in expected]
        for row, wanted in zip(found, expected, strict=True):
            assert row[1:] == pytest.approx(wanted[1:], abs=LASTS_S / 3600)
        edges = [each for begun, over, agents in store.query(OF_AGENTS, values(asked, chosen)) for each in ((begun, agents), (over, -agents))]
        most = max((sum(step for at, step in edges if at <= moment) for moment, _ in edges), default=0)
        assert max((agents for _, agents in shown(store, AT_ONCE, asked, chosen)), default=0) == most


@pytest.mark.parametrize("chosen", by_portions([{}, {"project": ("blog",)}, {"person": ("ben",)}]), ids=str)
def test_sessions_at_work_are_those_that_were_active(store: Store, chosen: Chosen) -> None:
    """By the minute in which an agent began, also of what goes on."""
    for asked in ranges():
        found = shown(store, SESSIONS_AT_WORK, asked, chosen, "hookline-sessions")
        assert found == list(store.query(OF_SESSIONS, values(asked, chosen)).rows)
    assert shown(store, SESSIONS_AT_WORK, ranges()[0], {}, "hookline-sessions")


@pytest.mark.parametrize("chosen", by_portions([{}, {"project": ("blog",)}, {"person": ("ben",)}]), ids=str)
def test_states_of_sessions_are_what_was_active(store: Store, chosen: Chosen) -> None:
    """From when on each goes on, of what goes on too."""
    for asked in ranges():
        found = {row for row in shown(store, NEWEST, asked, chosen, "hookline-sessions") if row[2]}
        assert found == set(store.query(OF_STATES, values(asked, chosen)).rows)
    assert shown(store, NEWEST, ranges()[0], {}, "hookline-sessions")
