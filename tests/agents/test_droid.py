"""Droid: what its hooks and session files make, each line checked by hand against the capture."""

import json
from pathlib import Path

import pytest

from hookline.agent_event import AgentEvent
from hookline.agents import AGENTS
from hookline.agents.droid.session_lines import read_line
from hookline.agents.droid.tools import read_error
from hookline.contract import semconv
from hookline.contract.events import EventKind
from hookline.records import LogRecord
from support.captured_agents import Captured, tokens_of

DROID = "droid-0.215.0"
EXPECTED = {
    "tools": [
        "invoke_agent droid 123..2433 success root",
        "execute_tool Execute 362..890 success in invoke_agent droid",
        "execute_tool Read 1096..1215 success in invoke_agent droid",
        "execute_tool Execute 1120..1368 success in invoke_agent droid",
        "execute_tool Edit 1548..1712 success in invoke_agent droid",
        "execute_tool Execute 1976..2163 failure exit_1 in invoke_agent droid",
    ],
    "failing": [
        "invoke_agent droid 231..746 success root",
        "execute_tool Execute 488..586 failure exit_7 in invoke_agent droid",
    ],
    "api_error": [
        "invoke_agent droid 101..688 failure http_400 root",
        "execute_tool Execute 335..494 success in invoke_agent droid",
    ],
    "interrupt": [  # SIGINT stopped the command, and the client asked the model on
        "invoke_agent droid 132..2967 success root",
        "execute_tool Execute 375..529 success in invoke_agent droid",
        "execute_tool Execute 716..2803 interrupted interrupted in invoke_agent droid",
    ],
    "kill9": [
        "invoke_agent droid 118..683 unknown by timed_out root",
        "execute_tool Execute 338..503 success in invoke_agent droid",
        "execute_tool Execute 683..683 unknown by timed_out in invoke_agent droid",
    ],
    "refused": [
        "invoke_agent droid 169..1574 success root",
        "execute_tool Task 737..737 denied denied in invoke_agent droid",
        "execute_tool Execute 1056..1239 success in invoke_agent droid",
    ],
    "permission": [  # granted, then Escape at the next question
        "invoke_agent droid 12598..26905 interrupted interrupted root",
        "execute_tool Execute 14728..20479 success in invoke_agent droid",
        "wait_permission Execute 15477..20479 success in invoke_agent droid",
        "wait_permission Execute 22788..26222 unknown in invoke_agent droid",
        "execute_tool Execute 26222..26222 interrupted interrupted in invoke_agent droid",
        "invoke_agent droid 32641..33980 success root",
    ],
}
HISTORY = {
    "tools": [
        "invoke_agent droid 0..2178 success root",
        "execute_tool Execute 155..710 success in invoke_agent droid",
        "execute_tool Read 894..1036 success in invoke_agent droid",
        "execute_tool Execute 894..1185 success in invoke_agent droid",
        "execute_tool Edit 1360..1521 success in invoke_agent droid",
        "execute_tool Execute 1739..2040 failure exit_1 in invoke_agent droid",
    ],
    "api_error": [
        "invoke_agent droid 0..509 failure http_400 root",
        "execute_tool Execute 170..336 success in invoke_agent droid",
    ],
    "permission": [
        "invoke_agent droid 0..13128 interrupted interrupted root",
        "execute_tool Execute 863..6934 success in invoke_agent droid",
        "execute_tool Execute 7881..13128 interrupted interrupted in invoke_agent droid",
        "invoke_agent droid 19928..20365 success root",
    ],
}


@pytest.mark.parametrize("scenario", EXPECTED)
def test_hooks_and_what_the_session_file_adds_become_these_spans(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In ms after the first hook; `exec` tells no prompt, and nobody the end of a call that failed."""
    assert Captured(DROID, scenario, monkeypatch).lines() == EXPECTED[scenario]


@pytest.mark.parametrize("scenario", HISTORY)
def test_history_reads_the_same_from_the_session_files(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In ms after the first prompt."""
    assert Captured(DROID, scenario, monkeypatch).history_lines() == HISTORY[scenario]


def test_hooks_know_calls_and_prompts_by_the_session_files_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a backfill passes over what hooks delivered, and what the file shows of a call ends that call."""
    captured = Captured(DROID, "tools", monkeypatch)
    events = captured.events()
    calls = [event.tool.call_id for event in events if event.tool]
    assert len(calls) == 9 and all(call.startswith("call_") for call in calls) and len(set(calls)) == 5
    prompts = {event.prompt_id for event in events if event.prompt_id}
    assert len(prompts) == 1
    spans, logs = captured.history(delivered=prompts)
    assert not spans and len(logs) == 1


def test_without_its_session_file_calls_have_no_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapter alone claims nothing; the fold pairs what is equal by order."""
    captured = Captured(DROID, "tools", monkeypatch)
    assert {event.tool.call_id for event in captured.adapted() if event.tool} == {""}


def test_a_question_is_of_the_call_that_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notification names none."""
    asked = [event for event in Captured(DROID, "permission", monkeypatch).events() if event.kind is EventKind.PERMISSION_REQUESTED]
    assert [event.tool.call_id for event in asked if event.tool] == ["call_57ee3e333525450a_0", "call_83404767936844df_0"]


@pytest.mark.parametrize(("scenario", "requests"), [("tools", 5), ("failing", 2), ("permission", 4), ("kill9", 2)])
def test_tokens_of_a_session_stand_in_one_record(scenario: str, requests: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Droid writes them down for the whole session."""
    assert tokens_of(Captured(DROID, scenario, monkeypatch).history()[1]) == (requests * 2112, requests * 30, requests * 2000)


@pytest.mark.parametrize("said", ["Tool execution cancelled by user", "Error: Tool execution cancelled by user"])
def test_a_command_that_a_person_stopped_is_interrupted(said: str) -> None:
    """The second is what a terminal's Escape leaves while a command runs."""
    result = {"type": "tool_result", "tool_use_id": "c1", "is_error": True, "content": said}
    line = read_line({"type": "message", "id": "m1", "timestamp": "2026-11-26T13:20:47.734Z", "message": {"role": "user", "content": [result]}})
    assert line is not None
    assert line.is_cancel
    assert read_error(said)[0] == "interrupted"


@pytest.mark.parametrize("said", ["Command terminated by signal: SIGTERM", "Error executing command: Unknown terminal: d43e7239-a773-4c5b"])
def test_a_command_that_a_signal_to_the_client_stopped_is_interrupted(said: str) -> None:
    """Which of the two is written, is a race between the command's end and that of its terminal."""
    assert read_error(f"Error: {said}") == ("interrupted", None)


def test_a_session_that_goes_on_for_days_is_told_of_its_first_day(tmp_path: Path) -> None:
    """With each telling under the same name and moment: whichever days are asked for, it counts once."""
    path, told, transcripts = tmp_path / "s1.jsonl", list[LogRecord](), AGENTS["droid"].transcripts()
    assert transcripts is not None
    event = AgentEvent(1, "u", "droid", EventKind.TURN_ENDED, "s1", transcript_path=str(path))
    for day, tokens in ((21, 100), (22, 250), (25, 900)):
        message = {"role": "assistant", "content": [{"type": "text", "text": "Done."}], "modelId": "custom:M-1"}
        line = {"type": "message", "id": f"m{day}", "timestamp": f"2026-11-{day}T09:00:00.000Z", "message": message}
        offset = path.stat().st_size if path.exists() else 0
        with path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        path.with_suffix(".settings.json").write_text(json.dumps({"model": "custom:M-1", "tokenUsage": {"inputTokens": tokens}}))
        told += [log for logs, _ in transcripts.usage(path, offset, event) for log in logs]
    assert {(log.time_ns, log.attributes[semconv.RESPONSE_ID]) for log in told} == {(1795251600000000000, "s1")}
    assert [log.attributes[semconv.USAGE_INPUT] for log in told] == [100, 250, 900]
