"""Two agents and a person at once: what each agent took, what was done with it, and clocks that add up."""

from functools import cache
from typing import Any

import pytest

from hookline.errors import Rejected
from hookline.records import LogRecord, SpanRecord
from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, WorkReport, WorkTotals, report, today_summary
from hookline_collector.work.statements import Query
from support.agent_records import T0, S, call, event, send, turn
from support.answered import answered
from support.stores import emptied

DAY = "2026-09-21..2026-09-21"
MAIN: dict[str, Any] = {"hookline__project__name": "shop", "vcs__ref__head__name": "main"}
FIX: dict[str, Any] = {"hookline__project__name": "shop", "vcs__ref__head__name": "fix"}
USED: dict[str, Any] = {"gen_ai__usage__input_tokens": 1_000_000, "gen_ai__usage__output_tokens": 0}


@pytest.fixture(scope="module")
def store() -> Store:
    """Give ana with two agents side by side in two worktrees of a project: claude-code for 600 s, codex from 200 s on for 700 s."""
    opened = emptied()
    send(opened, [event("session.start", -300, "c1"), turn(0, 600, "c1", "p1", **MAIN), call("k1", 10, 20, "Bash", "c1", "p1", **MAIN)])
    codex: list[SpanRecord | LogRecord] = [
        event("session.start", -100, "x1"),
        turn(200, 900, "x1", "p2", **FIX),
        call("k2", 210, 250, "Bash", "x1", "p2", **FIX),
        call("k3", 300, 310, "apply_patch", "x1", "p2", **{**FIX, "hookline__outcome": "failure"}),
        event("hookline.usage", 400, "x1", "p2", gen_ai__request__model="gpt-6.1-sol", gen_ai__response__id="r1", **USED),
    ]
    send(opened, codex, agent="codex")
    return opened


@cache
def answers(store: Store) -> Query:
    """Return what answers questions to the store, to which nothing is added."""
    return answered(store, T0 + 86_400 * S)


@cache
def asked(store: Store, by: str = "agent", agent: str = "") -> WorkReport:
    """Ask for a report of the day, once."""
    return report(answers(store), ReportRequest(DAY, by, agent=agent), T0 + 86_400 * S)


def rows(found: WorkReport) -> dict[str, WorkTotals]:
    return {row.key: row for row in found.rows}


def test_each_agent_has_its_own_clocks_and_the_day_counts_once_what_ran_side_by_side(store: Store) -> None:
    """A person's time before a prompt is the time of the agent that was asked; the wall clock runs once."""
    found = asked(store)
    claude, codex = rows(found)["claude-code"], rows(found)["codex"]
    assert (claude.agent_s, codex.agent_s) == (600, 700)
    assert (claude.human_s, codex.human_s) == (120, 120)
    assert (claude.wall_s, codex.wall_s) == (720, 820)
    assert (claude.tool_calls, codex.tool_calls, codex.failures) == (1, 2, 1)
    assert (claude.prompts, codex.prompts, claude.requests, codex.requests) == (1, 1, 0, 1)
    total = found.totals
    assert (total.agent_s, total.agent_once_s, total.wall_s) == (1300, 900, 1020)
    assert total.human_s == 240  # before 0 s, and before 200 s
    assert total.parallelism == pytest.approx(1300 / 900)
    assert sum(row.wall_s for row in found.rows) >= total.wall_s


@pytest.mark.parametrize("agent", ["codex", pytest.param("claude-code", marks=pytest.mark.long)])
def test_a_report_of_one_agent_says_what_its_row_says(store: Store, agent: str) -> None:
    """By whatever key, in all that is counted; its blocks are of its own work."""
    row = rows(asked(store))[agent]
    for by in ("project", "branch", "day", "session", "user"):
        found = asked(store, by, agent)
        (only,) = found.rows
        for name in ("agent_s", "human_s", "wall_s", "tool_calls", "failures", "prompts", "requests", "cost_usd"):
            assert getattr(only, name) == getattr(found.totals, name) == getattr(row, name), (by, name)
    assert found.totals.worked_s == row.wall_s
    assert {each.agent for each in found.tool_kinds} == {agent}


def test_the_first_page_can_be_of_one_agent(store: Store) -> None:
    """Today's figures."""
    now = T0 + 1_000 * S
    assert today_summary(answered(store, now), now, agent="codex").totals.agent_s == 700
    assert today_summary(answered(store, now), now).totals.agent_s == 1300


def test_an_agent_that_nobody_heard_of_is_said(store: Store) -> None:
    """With what comes near."""
    with pytest.raises(Rejected, match="unknown agent 'codx': did you mean codex"):
        asked(store, agent="codx")
