"""Conditions that narrow nothing are not planned, and those that narrow something stay."""

from __future__ import annotations

import pytest

from hookline_collector.store.queries import load_query
from hookline_collector.worked_out.narrowing import narrowed

NOBODY = {"user": "", "project": "", "agent": "", "session_id": "", "live": []}
STATEMENTS = (
    "calls_by_key",
    "count_spells",
    "read_blocks",
    "read_clocks",
    "read_joined_spells",
    "read_lengths",
    "read_prompts",
    "read_spans",
    "read_spend",
    "read_whole_lengths",
    "rolled_calls",
    "rolled_prompts_of_days",
    "rolled_prompts_of_rows",
    "rolled_run_times",
    "rolled_spend",
    "run_times_of_rows",
)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_about_everybody_names_nobody(name: str) -> None:
    """Neither a person nor a project nor an agent, and no half hours in which something goes on."""
    sql = load_query("hookline_collector.worked_out", name)
    found = narrowed(sql, NOBODY)
    assert found != sql
    assert not [word for word in ("{user:", "{project:", "{agent:", "{live:") if word in found]


def test_what_is_asked_for_is_what_is_left() -> None:
    """By the column that the statement has for it; of an agent's runs those that are only its own."""
    sql = load_query("hookline_collector.worked_out", "read_spans")
    found = " ".join(narrowed(sql, NOBODY | {"project": "shop", "agent": "codex", "live": ["0 ann"]}).split())
    assert "AND project = {project:String} AND (mixed = 0 AND agent = {agent:String}) AND NOT has({live:Array(String)}, concat(" in found
    assert "of_project IN {readings:Array(UInt8)} AND 1 AND from_ns" in found
    assert narrowed("({user:String} = '' OR of_user = {user:String})", NOBODY | {"user": "ann"}) == "of_user = {user:String}"
