"""Whose a subagent's call is, as it begins and when it is over: of every agent of which there is a capture with a subagent, as the relay tells it."""

from pathlib import Path
from typing import Final

import pytest

from hookline.contract import semconv
from hookline.records import AttributeValue
from support.agent_homes import FOLDERS, lay
from support.told_live import Live, live

CALLS: Final = {"codex": 2, "cline": 2, "copilot-cli": 2, "gemini-cli": 3, "qwen-code": 2, "kimi-code": 2, "opencode": 1}
"""How many calls the subagent makes; every other call is the conversation's."""
SCENARIOS: Final = {"opencode": "beside_subagent"}
UNMARKED: Final = {"gemini-cli"}
"""Nothing but its time says whose a call of theirs is, and that is said."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home folder with the session files of every agent's capture."""
    folder = tmp_path_factory.mktemp("home")
    for agent in CALLS:
        lay(folder, agent, SCENARIOS.get(agent, "subagent"))
    return folder


@pytest.mark.parametrize("agent", CALLS)
def test_a_call_of_a_subagent_is_shown_as_its_own_from_its_beginning(agent: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the log of its beginning, which the live view reads, and in its span; the span says where that is inferred."""
    monkeypatch.setenv("HOME", str(home))
    found = live(agent, SCENARIOS.get(agent, "subagent"), home)
    whose = {_call(span.attributes): span.attributes.get(semconv.AGENT_ID, "") for span in found.spans if span.name.startswith("execute_tool")}
    own = {call_id: agent_id for call_id, agent_id in whose.items() if agent_id}
    assert (len(own), len(set(own.values()))) == (CALLS[agent], 1)
    assert begun(found) == whose
    assert {
        span.attributes[semconv.AGENT_ID] for span in found.spans if span.name.startswith("invoke_agent") and semconv.AGENT_ID in span.attributes
    } == {*own.values()}
    inferred = {_call(span.attributes) for span in found.spans if span.attributes.get(semconv.EVIDENCE_AGENT) == "inferred"}
    assert inferred == (set(own) if agent in UNMARKED else set())


def begun(found: Live) -> dict[AttributeValue, AttributeValue]:
    """Return by call whose it is when it begins."""
    logs = [log for log in found.logs if log.event_name == "hookline.tool_started"]
    return {_call(log.attributes): log.attributes.get(semconv.AGENT_ID, "") for log in logs}


def _call(attributes: object) -> AttributeValue:
    assert isinstance(attributes, dict)
    return str(attributes.get(semconv.TOOL_CALL_ID, ""))


def test_of_every_other_agent_it_is_said_why_not() -> None:
    """Droid, without its service, refuses to start a subagent; Claude Code's captures are held elsewhere, with its own telemetry."""
    assert set(FOLDERS) - set(CALLS) == {"droid", "claude-code"}
