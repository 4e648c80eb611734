"""Cline: what its hooks and session files make, each line checked by hand against the capture."""

import pytest

from support.captured_agents import Captured, tokens_of

CLINE = "cline-3.0.65"
EXPECTED = {
    "tools": [
        "invoke_agent cline 0..3635 success root",
        "execute_tool run_commands 572..1020 success in invoke_agent cline",
        "execute_tool read_files 2191..2259 success in invoke_agent cline",
        "execute_tool run_commands 2535..2547 success in invoke_agent cline",
        "execute_tool editor 2903..2949 success in invoke_agent cline",
        "execute_tool run_commands 3369..3394 failure exit_1 in invoke_agent cline",
    ],
    "failing": [
        "invoke_agent cline 0..918 success root",
        "execute_tool run_commands 637..690 failure exit_7 in invoke_agent cline",
    ],
    "api_error": [
        "invoke_agent cline 0..910 failure Error root",
        "execute_tool run_commands 550..578 success in invoke_agent cline",
    ],
    "interrupt": [  # nothing tells of the turn's end: the process is gone
        "invoke_agent cline 0..3892 unknown by timed_out root",
        "execute_tool run_commands 1005..1030 success in invoke_agent cline",
        "execute_tool run_commands 1822..3892 interrupted interrupted in invoke_agent cline",
    ],
    "kill9": [
        "invoke_agent cline 0..1620 unknown by timed_out root",
        "execute_tool run_commands 1019..1053 success in invoke_agent cline",
        "execute_tool run_commands 1620..1620 unknown by timed_out in invoke_agent cline",
    ],
    "subagent": [
        "invoke_agent cline 0..2777 success root",
        "execute_tool spawn_agent 732..2357 success in invoke_agent cline",
        "invoke_agent 790..2309 success in execute_tool spawn_agent",
        "execute_tool search_codebase 1202..1233 success in invoke_agent",
        "execute_tool run_commands 1758..2091 success in invoke_agent",
        "execute_tool run_commands 2612..2619 success in invoke_agent cline",
    ],
    "permission": [
        "invoke_agent cline 0..9472 success root",
        "execute_tool run_commands 4854..4854 denied denied in invoke_agent cline",
        "execute_tool run_commands 8950..8950 denied denied in invoke_agent cline",
    ],
    "two_prompts": [
        "invoke_agent cline 0..3012 success root",
        "execute_tool run_commands 1495..1588 success in invoke_agent cline",
        "execute_tool run_commands 2437..2517 success in invoke_agent cline",
        "invoke_agent cline 11836..11890 success root",
    ],
}
HISTORY = {
    "tools": [
        "invoke_agent cline 0..3660 success root",
        "execute_tool run_commands 350..1229 success in invoke_agent cline",
        "execute_tool read_files 1442..2490 success in invoke_agent cline",
        "execute_tool run_commands 1442..2732 success in invoke_agent cline",
        "execute_tool editor 2850..3129 success in invoke_agent cline",
        "execute_tool run_commands 3241..3559 failure exit_1 in invoke_agent cline",
    ],
    "subagent": [
        "invoke_agent cline 0..2820 success root",
        "execute_tool spawn_agent 427..2482 success in invoke_agent cline",
        "invoke_agent 770..2336 success in execute_tool spawn_agent",
        "execute_tool search_codebase 922..1418 success in invoke_agent",
        "execute_tool run_commands 1558..2231 success in invoke_agent",
        "execute_tool run_commands 2568..2742 success in invoke_agent cline",
    ],
    "two_prompts": [
        "invoke_agent cline 0..3152 success root",
        "execute_tool run_commands 676..2061 success in invoke_agent cline",
        "execute_tool run_commands 2150..3063 success in invoke_agent cline",
        "invoke_agent cline 11956..12090 success root",
    ],
}


@pytest.mark.parametrize("scenario", EXPECTED)
def test_hooks_become_these_spans(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In ms after the first hook, with the client's own durations."""
    assert Captured(CLINE, scenario, monkeypatch).lines(with_signs=False) == EXPECTED[scenario]


@pytest.mark.parametrize("scenario", HISTORY)
def test_history_reads_nearly_the_same_from_the_session_files(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message has one moment: a call runs there from the model's message to the message with its result."""
    assert Captured(CLINE, scenario, monkeypatch).history_lines() == HISTORY[scenario]


@pytest.mark.parametrize(("scenario", "requests"), [("tools", 5), ("subagent", 6), ("two_prompts", 4)])
def test_tokens_are_those_that_the_model_counted(scenario: str, requests: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message's input counts what was read from the cache: it is told apart."""
    assert tokens_of(Captured(CLINE, scenario, monkeypatch).history()[1]) == (requests * 2112, requests * 30, requests * 2000)


def test_a_call_with_a_list_is_one_call_that_fails_if_an_item_fails() -> None:
    """The exit code is the first that is not 0."""
    from hookline.agents.cline.tools import read_error

    good = {"query": "true", "result": "", "success": True}
    bad = {"query": "exit 3", "result": "[Command exited with code 3]", "error": "Command exited with code 3", "success": False}
    assert read_error([good, good]) == ("", None, "")
    assert read_error([good, bad]) == ("exit_3", 3, "Command exited with code 3")
