"""The live screen: what its rows say, in which order, and that it fits a narrow terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from hookline.cli.live import COLUMNS, WIDE, kind_of, rows, table
from hookline.cli.output import HEADS

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Row = dict[str, Any]


def ago(seconds: float) -> str:
    """Return a moment as the API tells it."""
    return (NOW - timedelta(seconds=seconds)).isoformat()


def session(state: str, for_s: float, waiting_for: str = "", **more: Any) -> Row:
    """Return a session as the API tells it."""
    return {
        "session_id": "0123456789abcdef",
        "state": state,
        "waiting_for": waiting_for,
        "since": ago(for_s),
        "agent": "claude-code",
        "project": "shop",
        "branch": "main",
        "asleep_s": 0.0,
        "waiting_on": None,
        "turn_error_type": "",
        "in_background": False,
        "running_calls": [],
        "subagents": [],
        "background_tasks": [],
        "prompts": 3,
        "tool_calls": 12,
        "failures": 0,
        **more,
    }


def drawn(width: int, *sessions: Row, trouble: str = "", colour: bool = False) -> str:
    """Return what a terminal of a width shows."""
    console = Console(width=width, file=io.StringIO(), force_terminal=colour, color_system="standard" if colour else None)
    with console.capture() as captured:
        console.print(table(sessions, NOW, width, trouble))
    return captured.get()


CALL: Row = {"call_id": "c", "tool": "mcp__browser__navigate", "started": ago(3700), "asleep_s": 0.0, "agent_id": ""}
LONG: Row = {"project": "a-project-with-quite-a-long-name", "branch": "feature/with-a-long-name", "running_calls": [CALL]}


@pytest.mark.parametrize(("width", "columns"), [(80, COLUMNS), (140, WIDE)])
def test_the_screen_fits_and_cuts_none_of_its_heads(width: int, columns: tuple[str, ...]) -> None:
    """States, times and ids are whole as well; only names are cut, and say so."""
    text = drawn(width, session("waiting", 86_000, "permission", **LONG), session("working", 5, **LONG))
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    head = next(line for line in lines if "state" in line)
    assert head.split() == [HEADS.get(column, column) for column in columns]
    assert all(word in text for word in ("waits: permission", "23 h 53 m", "01234567"))


@pytest.mark.parametrize(("width", "columns"), [(80, COLUMNS), (140, WIDE)])
def test_with_two_agents_at_work_each_row_says_which(width: int, columns: tuple[str, ...]) -> None:
    """Their names are whole, and the screen fits; with one it would say the same in every row."""
    text = drawn(width, session("waiting", 86_000, "permission", **LONG), session("working", 5, **LONG, agent="kimi-code"))
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    head = next(line for line in lines if "state" in line)
    at = columns.index("project")
    assert head.split() == [HEADS.get(column, column) for column in (*columns[:at], "agent", *columns[at:])]
    assert all(word in text for word in ("waits: permission", "claude-code", "kimi-code", "01234567"))


def test_who_waits_for_you_comes_first_and_the_longest_before_the_others() -> None:
    """An answer before a prompt, both before work, work before what goes on in the background."""
    given = [
        session("idle", 9000, "prompt"),
        session("working", 5, in_background=True),
        session("working", 5),
        session("waiting", 10, "prompt"),
        session("waiting", 10, "permission"),
        session("waiting", 99, "permission"),
    ]
    assert [(r["state"], r["in_state_s"]) for r in rows(given, NOW)] == [
        ("waits: permission", "1 m 39 s"),
        ("waits: permission", "10 s"),
        ("waits: prompt", "10 s"),
        ("working", "5 s"),
        ("in background", "5 s"),
        ("idle", "2 h 30 m"),
    ]


def test_a_row_says_who_waits_for_what() -> None:
    """The subagent and its tool; for the conversation itself only the tool."""
    asked = {"waiting_for": "permission", "agent_name": "Explore", "agent_id": "a1", "tool": "Bash", "call_id": "c1", "started": ago(9)}
    own = {**asked, "agent_name": "", "agent_id": ""}
    found = rows([session("waiting", 9, "permission", waiting_on=asked), session("waiting", 9, "permission", waiting_on=own)], NOW)
    assert [row["doing"] for row in found] == ["Bash in subagent Explore", "Bash"]


def test_a_row_says_what_goes_on_and_since_when() -> None:
    """Calls, subagents, commands in the background; why nothing goes on after an API error."""
    call = {"call_id": "c1", "tool": "Bash", "started": ago(42), "asleep_s": 2.0, "agent_id": ""}
    task = {"task_id": "b1", "task_type": "shell", "task_name": "Bash", "call_id": "c9", "started": ago(200), "asleep_s": 0.0}
    agent = {"agent_id": "a1", "agent_name": "Explore", "started": ago(5), "asleep_s": 0.0}
    assert rows([session("working", 50, running_calls=[call], subagents=[agent])], NOW)[0]["doing"] == "Bash 40 s, subagent Explore"
    assert rows([session("working", 50, in_background=True, background_tasks=[task])], NOW)[0]["doing"] == "shell 3 m 20 s"
    assert rows([session("working", 50)], NOW)[0]["doing"] == "thinks"
    assert rows([session("waiting", 50, "prompt", turn_error_type="rate_limit")], NOW)[0]["doing"] == "API error: rate_limit"


def test_what_the_machine_slept_is_not_shown_as_time() -> None:
    """Fifteen hours with the lid closed, three minutes of waiting."""
    assert rows([session("waiting", 54_180, "prompt", asleep_s=54_000.0)], NOW)[0]["in_state_s"] == "3 m 00 s"


def test_states_have_colours_only_where_there_are_any() -> None:
    """Red for an answer, green for work; none without a terminal."""
    shown = drawn(80, session("waiting", 1, "answer"), session("working", 1), colour=True)
    assert "\x1b[1;31mwaits: answer" in shown
    assert "\x1b[32mworking" in shown
    assert "\x1b" not in drawn(80, session("waiting", 1, "answer"))


def test_names_that_a_repository_chooses_cannot_drive_the_terminal() -> None:
    """Control characters become blanks."""
    assert "\x1b" not in drawn(80, session("working", 1, project="\x1b]0;owned\x07"))


def test_a_collector_that_is_away_is_said_above_the_last_answer() -> None:
    """The rows stay."""
    text = drawn(80, session("working", 1), trouble="the collector does not answer")
    assert "1 working  (the collector does not answer)" in text
    assert "shop" in text
    assert "nobody" in drawn(80)


def test_a_state_that_a_newer_collector_names_is_shown() -> None:
    """What is waited for may get new words."""
    assert kind_of(session("waiting", 1, "something new")) == "answer"
