"""Hooks first, then the backfill of the same sessions' files, for every agent that has both, on a real collector: nothing twice, nothing lost.

The hooks of captured sessions reach the collector as their relay sends them, with what the session files showed meanwhile and with the tokens. Of
one session of each agent they tell the first turn alone: the backfill brings the rest. Then it runs again, and again from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from support.agent_homes import lay
from support.person import new_person
from support.running import KEPT_FOR_EVER, Running, start_collector
from support.told_live import Live, live, post

pytestmark = [pytest.mark.unwatched, pytest.mark.long]
WHOLE: Final = {
    "claude-code": ("tools", "subagent", "denied", "api_error", "interrupt", "kill9"),
    "codex": ("tools", "subagent", "denied", "api_error", "interrupt", "outlived"),
    "copilot-cli": ("tools", "subagent", "denied", "api_error", "interrupt", "kill9"),
    "droid": ("tools", "failing", "api_error", "interrupt", "kill9"),
    "gemini-cli": ("tools", "subagent", "denied", "api_error", "interrupt", "kill9"),
    "kimi-code": ("tools", "subagent", "failing", "api_error", "interrupt", "kill9"),
    "qwen-code": ("tools", "subagent", "denied", "api_error", "interrupt", "kill9"),
    "cline": ("tools", "subagent", "failing", "api_error", "interrupt", "kill9"),
    "opencode": ("beside_tools", "beside_subagent", "beside_denied", "beside_killed"),
}
HALF: Final = {
    "claude-code": "resume",
    "codex": "resume",
    "copilot-cli": "resume",
    "droid": "permission",
    "gemini-cli": "resume",
    "kimi-code": "resume",
    "qwen-code": "resume",
    "cline": "two_prompts",
    "opencode": "beside_resumed",
}
"""A session of two turns, of which hooks told the first."""
LAID: Final = {"claude-code": ("*",), "opencode": ("beside",)}
"""Files of which a scenario has none of its own."""
REPORT: Final = "/api/v1/reports/work?period=2026-11-19..2026-11-28&by=agent&timezone=UTC"
FIGURES: Final = ("prompts", "tool_calls", "failures", "denials", "agent_s", "wall_s", "run_s", "permission_wait_s", "total_tokens")
STATEMENTS: Final = {
    "turns": "SELECT agent, session_id, prompt_id AS id, started, ended, outcome FROM turns",
    "calls": "SELECT agent, session_id, call_id AS id, prompt_id, agent_id, tool, started, ended, run_s, wait_s, outcome FROM tool_calls",
    "requests": "SELECT agent, session_id, request_key AS id, agent_id, model, total_tokens FROM usage",
}
Rows = Mapping[tuple[str, str, str], Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """What a collector has: turns, calls and requests by agent, session and id, and each agent's figures in a report.

    In nanoseconds and the like: sums are added up in any order, which is seen in their last digits.
    """

    turns: Rows
    calls: Rows
    requests: Rows
    figures: Mapping[str, tuple[float, ...]]

    def of(self, live: Live) -> tuple[Rows, ...]:
        """Return what it has of a session."""
        return tuple({key: row for key, row in rows.items() if key[1] == live.session_id} for rows in (self.turns, self.calls, self.requests))


@dataclass(frozen=True, slots=True)
class Story:
    """The sessions, and what was stored: of their hooks alone, after the backfill, after another, and after one from the beginning."""

    whole: Mapping[str, tuple[Live, ...]]
    half: Mapping[str, Live]
    hooks: Stored
    after: Stored
    second: Stored
    again: Stored
    said: tuple[str, ...]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Tell it once for all agents."""
    home = tmp_path_factory.mktemp("dev")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for agent, scenarios in WHOLE.items():
            for scenario in LAID.get(agent, (*scenarios, HALF[agent])):
                lay(home, agent, scenario)
        whole = {agent: tuple(live(agent, scenario, home) for scenario in scenarios) for agent, scenarios in WHOLE.items()}
        half = {agent: live(agent, scenario, home, first_turn=True) for agent, scenario in HALF.items()}
    running = start_collector(new_person(home), KEPT_FOR_EVER)
    try:
        post(f"http://{running.found.otlp_http}", [*(one for lives in whole.values() for one in lives), *half.values()])
        stored, said = [_stored(running)], []
        for words in ((), (), ("--again",)):
            said.append(running.person.hookline("backfill", *words, within_s=300).stdout)
            stored.append(_stored(running))
        yield Story(whole, half, stored[0], stored[1], stored[2], stored[3], tuple(said))
    finally:
        running.kill()


@pytest.mark.parametrize("agent", WHOLE)
def test_what_hooks_told_is_not_doubled(story: Story, agent: str) -> None:
    """Turns, calls and requests of sessions that hooks told stand as they did, to the nanosecond and to the token."""
    for one in story.whole[agent]:
        assert story.after.of(one) == story.hooks.of(one)
        turns, calls, _ = story.hooks.of(one)
        assert turns and calls
    assert any(story.hooks.of(one)[2] for one in story.whole[agent]), "tokens of a request that was answered"


@pytest.mark.parametrize("agent", WHOLE)
def test_what_hooks_did_not_tell_is_added(story: Story, agent: str) -> None:
    """The second turn of a session; the first one stands as it did."""
    one = story.half[agent]
    (turns, calls, requests), (all_turns, all_calls, all_requests) = story.hooks.of(one), story.after.of(one)
    assert (len(turns), len(all_turns)) == (1, 2)
    assert turns.items() <= all_turns.items()
    assert calls.items() <= all_calls.items()
    assert requests.keys() <= all_requests.keys()
    assert set(all_turns) == {(agent, one.session_id, row["prompt_id"]) for row in all_calls.values()} | set(all_turns)


@pytest.mark.parametrize("agent", WHOLE)
def test_figures_grow_by_what_is_new_alone(story: Story, agent: str) -> None:
    """A report has one prompt more, and of seconds and tokens what that took."""
    before, after = (dict(zip(FIGURES, stored.figures[agent], strict=True)) for stored in (story.hooks, story.after))
    assert after["prompts"] == before["prompts"] + 1
    _, calls, requests = story.hooks.of(story.half[agent])
    _, all_calls, all_requests = story.after.of(story.half[agent])
    assert after["tool_calls"] - before["tool_calls"] == len(all_calls) - len(calls)
    grown = sum(row["total_tokens"] for row in all_requests.values()) - sum(row["total_tokens"] for row in requests.values())
    assert after["total_tokens"] - before["total_tokens"] == grown


def test_a_backfill_that_is_repeated_tells_nothing_new(story: Story) -> None:
    """Neither one that goes on where the last one was, nor one from the beginning."""
    assert story.said[1] == "Nothing new in the transcripts.\n"
    assert story.said[2].startswith("Read ")
    assert story.second == story.after
    assert story.again == story.after


def _stored(running: Running) -> Stored:
    turns, calls, requests = (
        {(row["agent"], row["session_id"], row["id"]): row for row in running.query(statement)} for statement in STATEMENTS.values()
    )
    figures = {row["key"]: tuple(round(row[name], 9) for name in FIGURES) for row in running.client.get(REPORT)["rows"]}
    return Stored(turns, calls, requests, figures)
