"""The play of the agents, where it needs no client: what the scripted model answers, and that every row is whole."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from play.agents.rows import AGENTS_UNDER_TEST
from play.agents.scenarios import TASK, scenarios, script_of
from play.agents.terminal_scenes import TERMINAL_SCENES
from play.agents.terminal_seat import Seat
from play.agents.under_test import SCENARIOS, TERMINAL, AgentUnderTest
from support.cases import with_each
from support.scripted_model import open_model
from support.scripted_model.completions import COMPLETIONS
from support.scripted_model.dialect import Dialect, Request
from support.scripted_model.gemini_api import GEMINI_API
from support.scripted_model.messages_api import MESSAGES_API
from support.scripted_model.model_server import Script, choose
from support.scripted_model.responses import RESPONSES

SCRIPT: Script = {"first": [{"tools": [["shell", {"command": "ls"}]]}, {"say": "One."}], "second": [{"say": "Two."}]}
CALL, AGAIN = "call_0123456789abcdef_0", "call_0123456789abcdef_1"


def responses(*texts: str, results: tuple[str, ...] = ()) -> Request:
    said: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "input_text", "text": f"<env>x</env> {text}"}]} for text in texts]
    return {"tools": [{}], "input": [*said, *({"type": "function_call_output", "call_id": call_id} for call_id in results)]}


def completions(*texts: str, results: tuple[str, ...] = ()) -> Request:
    said = [{"role": "user", "content": text} for text in texts]
    return {"tools": [{}], "messages": [*said, *({"role": "tool", "tool_call_id": call_id} for call_id in results)]}


def gemini(*texts: str, results: tuple[str, ...] = ()) -> Request:
    said: list[dict[str, Any]] = [{"role": "user", "parts": [{"text": text}]} for text in texts]
    return {"tools": [{}], "contents": [*said, *([{"role": "user", "parts": [{"functionResponse": {}} for _ in results]}] if results else [])]}


def messages(*texts: str, results: tuple[str, ...] = ()) -> Request:
    said: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "text", "text": text}]} for text in texts]
    answers = [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": call_id} for call_id in results]}] if results else []
    return {"tools": [{}], "messages": [*said, *answers]}


@pytest.mark.parametrize(("dialect", "made"), [(RESPONSES, responses), (COMPLETIONS, completions), (GEMINI_API, gemini), (MESSAGES_API, messages)])
def test_an_answer_is_chosen_by_the_latest_known_text_and_the_rounds_behind_it(dialect: Dialect, made: Any) -> None:
    """Two results of one answer are one round; a text that the script does not know changes nothing."""
    assert choose(SCRIPT, dialect.said(made("the first"))) == SCRIPT["first"][0]
    assert choose(SCRIPT, dialect.said(made("the first", results=(CALL, AGAIN)))) == SCRIPT["first"][1]
    assert choose(SCRIPT, dialect.said(made("the first", "the second", "and more"))) == SCRIPT["second"][0]
    assert choose(SCRIPT, dialect.said(made("nothing"))) == {"say": "Noted."}
    assert dialect.has_tools(made("x"))
    assert not dialect.has_tools({})


@pytest.mark.parametrize("dialect", [RESPONSES, COMPLETIONS, GEMINI_API, MESSAGES_API])
def test_an_answer_holds_what_the_script_says(dialect: Dialect) -> None:
    """As a whole and as a stream; tokens in both."""
    step = {"say": "Look.", "tools": [["shell", {"command": "ls"}]]}
    for told in (json.dumps(dialect.whole({}, step, "/models/m:x")), json.dumps(list(dialect.stream({}, step, "/models/m:x")))):
        assert "Look." in told
        assert "shell" in told
        assert "2000" in told
    assert "scripted" in json.dumps(dialect.error({"error": 400}))


def test_the_server_finds_the_script_by_the_path() -> None:
    """And refuses where the script says so."""
    with open_model({"toy": {"first": [{"say": "One.", "after_s": 0}], "broken": [{"error": 400}]}}) as model:

        def ask(text: str) -> tuple[int, str]:
            body = json.dumps(completions(text)).encode()
            try:
                with urllib.request.urlopen(urllib.request.Request(f"{model.url}/toy/v1/chat/completions", body)) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        assert "One." in ask("the first")[1]
        assert ask("broken")[0] == 400
        assert [name for name, _, _ in model.asked] == ["toy", "toy"]


@with_each("agent", AGENTS_UNDER_TEST.values())
def test_every_row_plays_every_scenario_or_says_why_not(agent: AgentUnderTest) -> None:
    """In its own names of tools; what it cannot tell is named by scenario."""
    found = scenarios("/srv/shop", agent)
    script = script_of(found, agent)
    assert set(script) == {*(one.prompt for one in found.values()), TASK}
    assert all(script.values())
    assert set(agent.scenarios) | set(agent.left_out) == set(SCENARIOS)
    assert {name.partition(".")[0] for name in agent.outcomes} <= set(SCENARIOS)
    assert all(why for why in agent.left_out.values())
    assert agent.terminal is not None
    assert set(agent.terminal.left_out) <= set(TERMINAL)
    assert all(why for why in agent.terminal.left_out.values())
    assert (agent.terminal.again is None) <= ("resume" in agent.terminal.left_out)


def test_every_scene_of_the_terminal_is_named() -> None:
    """So that a row may leave it out."""
    assert tuple(TERMINAL_SCENES) == TERMINAL


DROID_FILE: Final = """
{"type": "message", "id": "a", "timestamp": "2026-11-27T02:59:27.212Z", "message": {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1"}]}}
{"type": "message", "id": "b", "timestamp": "2026-11-27T02:59:27.409Z", "message": {"hookEventName": "Notification", "hookStartTime": 1795748367322, "hookEndTime": 1795748367409, "content": []}}
{"type": "message", "id": "c", "timestamp": "2026-11-27T02:59:31.366Z", "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "CONTENT"}]}}
{"type": "message", "id": "d", "timestamp": "2026-11-27T02:59:31.472Z", "message": {"hookEventName": "Stop", "hookStartTime": 1795748371371, "hookEndTime": 1795748371472, "content": []}}
{"type": "agent_turn_outcome", "turnId": "x", "reason": "completed"}
"""  # noqa: E501 - lines of a file that a client wrote on a busy machine: Escape was pressed three seconds after the question


@pytest.mark.parametrize(("content", "waited"), [("Tool execution cancelled by user", 4.044), ("[Process exited with code 0]", None)])
def test_droid_notes_how_long_a_question_waited_that_was_refused(tmp_path: Path, content: str, waited: float | None) -> None:
    """Of one that was granted its file says only when the call ended."""
    path = tmp_path / ".factory" / "sessions" / "shop" / "s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(DROID_FILE.strip().replace("CONTENT", content))
    path.with_suffix(".settings.json").write_text("{}")
    (session,) = AGENTS_UNDER_TEST["droid"].recorded(tmp_path)
    assert session.waits_s == (pytest.approx(waited, abs=1e-3) if waited else None,)
    assert session.ended_s == pytest.approx(1795748371.366)


@pytest.mark.parametrize(
    ("noted_s", "shown_s", "verdict"),
    [(None, 100.0, "good"), (None, 98.0, "WRONG"), (97.8, 98.0, "good"), (97.8, 96.0, "WRONG"), (95.0, 95.0, "WRONG"), (101.5, 101.5, "good")],
)
def test_a_busy_client_draws_late_what_it_has_noted(noted_s: float | None, shown_s: float, verdict: str) -> None:
    """What it noted before the turn began is of another turn, and excuses nothing."""
    seat = Seat(SimpleNamespace(agent=AGENTS_UNDER_TEST["droid"], machine_s=lambda: 0.0), None, "resume", None)  # type: ignore[arg-type]
    seat.turn_ended(100.0, noted_s, 96.5, shown_s)
    assert seat.rows[0].verdict == verdict
