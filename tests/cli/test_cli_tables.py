"""The tables of reports, sessions and windows as a person reads them: 80 columns, one way of writing numbers and times, evidence on request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest

from hookline.cli.duration import brief, hours, period
from hookline.cli.output import HEADS, render
from hookline.cli.report import COLUMNS, block_row, headlines, work_row
from hookline.cli.session import subagent_names, tree
from hookline.cli.sessions import enough_of, shown_columns, table_row
from hookline.cli.windows import COLUMNS as WINDOW_COLUMNS
from hookline.cli.windows import WEEKS, five_hour_row, week_row
from hookline.system.text_table import fit

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
FIGURES: dict[str, Any] = {
    "key": "a-project-with-quite-a-long-name/of-somebody",
    "human_s": 9_660,
    "human_at_most_s": 12_000,
    "agent_s": 39_928.4,
    "wall_s": 40_000,
    "permission_wait_s": 76,
    "answer_wait_s": 0,
    "prompts": 2_543,
    "failed_prompts": 2,
    "interrupted_prompts": 3,
    "tool_calls": 12_345,
    "failures": 120,
    "denials": 4,
    "interruptions": 1,
    "requests": 20_000,
    "total_tokens": 39_928_403,
    "cost_usd": 1_234.5,
    "requests_without_cost": 1,
    "sessions": 29,
    "parallelism": 1.4,
}
SESSION: dict[str, Any] = {
    "session_id": "0123456789abcdef-0000-4000-8000-000000000000",
    "state": "waiting",
    "agent": "claude-code",
    "project": "a-project-with-a-long-name",
    "branch": "main",
    "started": "2026-09-20T14:13:20Z",
    "ended": None,
    "last": "2026-09-20T16:54:20Z",
    "prompts": 12,
    "tool_calls": 1_345,
    "failures": 3,
    "requests": 99,
    "total_tokens": 39_928_403,
    "cost_usd": 12.5,
    "requests_without_cost": 0,
    "end_reason": "",
    "duration_s": 9_660.0,
    "evidence": "",
}
WINDOW: dict[str, Any] = {
    "account": "somebody@a-company-with-a-long-name.example",
    "source": "observed",
    "start": "2026-09-21T10:00:00Z",
    "end": "2026-09-21T15:00:00Z",
    "is_active": True,
    "used_percent": 41.2,
    "pace": 1.26,
    "requests": 1_234,
    "total_tokens": 39_928_403,
    "cost_usd": 12.5,
    "limit_reached": "2026-09-21T14:10:00Z",
    "limit_reached_earliest": "2026-09-21T13:50:00Z",
    "limit_reached_latest": None,
}
WEEK: dict[str, Any] = {
    "account": "somebody",
    "end": "2026-09-24T15:00:00Z",
    "used_percent": 30.0,
    "elapsed_percent": 50.0,
    "pace": 0.6,
    "projected_percent": 60.0,
    "limit_reached": None,
}


@pytest.mark.parametrize(
    ("row", "columns", "elastic"),
    [
        (work_row(FIGURES), ("key", *COLUMNS), "key"),
        (table_row(SESSION), shown_columns([SESSION]), "project"),
        (table_row(SESSION), shown_columns([SESSION, {**SESSION, "agent": "codex"}]), "project agent"),
        (five_hour_row(WINDOW), WINDOW_COLUMNS, "account"),
        (week_row(WEEK), WEEKS, "account"),
    ],
)
def test_no_table_is_wider_than_80_columns(row: dict[str, Any], columns: tuple[str, ...], elastic: str) -> None:
    """Names are cut for the numbers' sake, with an ellipsis; numbers never are."""
    text = render([row], columns, None, elastic=elastic.split(), width=80, heads=HEADS)
    assert max(map(len, text.splitlines())) <= 80
    assert "39928403" not in text


def test_subagents_of_a_turn_are_told_apart() -> None:
    """By their ids' beginnings, or by numbers."""
    assert subagent_names(["a1b2c3d4e5", "ffffffffff", "a1b2c3d4e5"]) == {"a1b2c3d4e5": "a1b2c3d4", "ffffffffff": "ffffffff"}
    assert subagent_names(["of-call_9_0", "of-call_9_1", "of-call_9_0"]) == {"of-call_9_0": "1", "of-call_9_1": "2"}


def test_a_table_that_fits_is_left_alone_and_what_cannot_be_cut_stays() -> None:
    """Only columns that may be cut are, down to a few letters."""
    rows = [{"a": "short", "b": "x" * 100}]
    assert fit(rows, ("a", "b"), ["a"], 200, {}) == rows
    assert fit(rows, ("a", "b"), ["b"], 40, {})[0]["b"] == "x" * 32 + "…"
    assert fit(rows, ("a", "b"), ["a"], 40, {})[0]["b"] == "x" * 100


def test_a_person_reads_at_least_and_at_most() -> None:
    """Both marked as estimates; what failed or was stopped beside what was asked for."""
    lines = headlines({"totals": FIGURES, "period": {"start": "2026-09-20T22:00:00.000Z", "end": "2026-09-21T22:00:00.000Z", "timezone": BERLIN.key}})
    assert any("You, at least" in line and "2 h 41 m" in line and "estimate" in line for line in lines)
    assert any("You, at most" in line and "3 h 20 m" in line and "estimate" in line for line in lines)
    assert any("2,543" in line and "2 failed" in line and "3 stopped" in line for line in lines)


def test_a_period_is_words() -> None:
    """Today is a word, a day has its name, a week its first and last day; only a cut day needs times."""
    assert period("2026-09-20T22:00:00.000Z", "2026-09-21T22:00:00.000Z", BERLIN.key, NOW) == "Today, Monday 21 Sep 2026"
    assert period("2026-09-19T22:00:00.000Z", "2026-09-20T22:00:00.000Z", BERLIN.key, NOW) == "Yesterday, Sunday 20 Sep 2026"
    assert period("2026-09-13T22:00:00.000Z", "2026-09-20T22:00:00.000Z", BERLIN.key, NOW) == "14 Sep 2026 to 20 Sep 2026"
    assert period("2026-09-14T07:30:00.000Z", "2026-09-14T10:00:00.000Z", BERLIN.key, NOW) == "14 Sep 2026 09:30 to 14 Sep 2026 12:00"


def test_moments_and_hours_are_short() -> None:
    """The time today, the date before; hours and minutes in columns."""
    assert brief("", NOW) == ""
    local = datetime(2026, 9, 21, 9, 5).astimezone()
    assert brief(local.isoformat(), local) == "09:05"
    assert brief(local.isoformat(), local.replace(day=23)) == "21 Sep 09:05"
    assert brief(local.isoformat(), local.replace(year=2027)) == "21 Sep 2026"
    assert [hours(seconds) for seconds in (0, 7, 76, 9_660)] == ["", "< 1 m", "0:01", "2:41"]


def test_a_block_says_when_how_long_and_what_stands_behind_it() -> None:
    """In the zone of the report."""
    block = {
        "started": "2026-09-21T07:00:00.000Z",
        "ended": "2026-09-21T09:41:00.000Z",
        "duration_s": 9_660.0,
        "rounded_s": 9_900,
        "projects": ["shop"],
        "session_ids": ["s1", "s2"],
        "prompt_ids": [],
        "prompt_ids_total": 12,
        "revisions": [],
    }
    assert block_row(block, BERLIN) == {
        "block": "Mon 21 Sep 09:00 to 11:41",
        "duration_s": "2 h 41 m",
        "rounded_s": "2:45",
        "projects": "shop",
        "session_ids": "2",
        "prompt_ids_total": "12",
        "revisions": "0",
    }


def test_ids_are_as_short_as_they_can_be_told_apart() -> None:
    """Eight characters, more only where two begin alike."""
    assert enough_of(["0123456789", "9876543210"]) == 8
    assert enough_of(["session-1-a", "session-2-b"]) == 9
    assert table_row(SESSION)["session_id"] == "01234567"


TURN: dict[str, Any] = {
    "prompt_id": "p1",
    "started": "2026-09-21T14:00:00Z",
    "ended": "2026-09-21T14:01:16Z",
    "is_open": False,
    "outcome": "interrupted",
    "closed_by": "next_prompt",
    "error_type": "",
    "evidence": "inferred",
    "evidence_source": "rule",
    "prompt_source": "user",
    "total_tokens": 2_142,
    "cost_usd": 0.01,
    "requests_without_cost": 0,
}
CALL: dict[str, Any] = {
    "prompt_id": "p1",
    "tool": "Bash",
    "requested": "2026-09-21T14:00:05Z",
    "run_s": 25.5,
    "wait_s": 0,
    "outcome": "denied",
    "error_type": "",
    "agent_id": "",
    "evidence": "observed",
    "evidence_source": "transcript",
    "closed_by": "",
}


def test_the_tree_has_times_tokens_and_cost_and_marks_what_is_inferred() -> None:
    """A guess always says so; how the rest is known is there on request."""
    found = {
        "session": SESSION,
        "live": None,
        "conversation_session_ids": (),
        "turns": [TURN],
        "tool_calls": [CALL, {**CALL, "agent_id": "agent-1234567"}],
    }
    plain = [click.unstyle(line) for line in tree(found, NOW)]
    assert "39,928,403 tokens  $12.50" in plain
    (turn,) = [line for line in plain if "turn" in line]
    assert turn.endswith("turn  1 m 16 s  interrupted  2,142 tokens  $0.01  [inferred, next prompt]")
    lines = [line for line in plain if "Bash" in line]
    assert not any("observed" in line for line in lines)
    assert lines[1].startswith("  │  ")
    assert all("observed, transcript" in click.unstyle(line) for line in tree(found, NOW, evidence=True) if "Bash" in line)


def test_an_open_turn_says_how_long_it_goes_on() -> None:
    """To this moment."""
    found = {
        "session": SESSION,
        "live": None,
        "conversation_session_ids": (),
        "turns": [{**TURN, "is_open": True, "evidence": "", "outcome": "running"}],
        "tool_calls": [],
    }
    assert any("1 h 00 m" in line for line in tree(found, NOW))
