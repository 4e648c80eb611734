"""Cline: what its hooks and session files make, each line checked by hand against the capture."""

import pytest

from support.captured_agents import Captured, tokens_of

CLINE = "cline-3.0.65"
EXPECTED = {
    "tools": [
        "invoke_agent cline 0..3663 success root",
        "execute_tool run_commands 483..931 success in invoke_agent cline",
        "execute_tool read_files 2011..2079 success in invoke_agent cline",
        "execute_tool run_commands 2488..2500 success in invoke_agent cline",
        "execute_tool editor 2944..2990 success in invoke_agent cline",
        "execute_tool run_commands 3414..3439 failure exit_1 in invoke_agent cline",
    ],
    "failing": [
        "invoke_agent cline 0..951 success root",
        "execute_tool run_commands 636..689 failure exit_7 in invoke_agent cline",
    ],
    "api_error": [
        "invoke_agent cline 0..948 failure Error root",
        "execute_tool run_commands 581..609 success in invoke_agent cline",
    ],
    "interrupt": [  # nothing tells of the turn's end: the process is gone
        "invoke_agent cline 0..3931 unknown by timed_out root",
        "execute_tool run_commands 1026..1051 success in invoke_agent cline",
        "execute_tool run_commands 1861..3931 interrupted interrupted in invoke_agent cline",
    ],
    "kill9": [
        "invoke_agent cline 0..1530 unknown by timed_out root",
        "execute_tool run_commands 938..972 success in invoke_agent cline",
        "execute_tool run_commands 1530..1530 unknown by timed_out in invoke_agent cline",
    ],
    "subagent": [
        "invoke_agent cline 0..2811 success root",
        "execute_tool spawn_agent 716..2341 success in invoke_agent cline",
        "invoke_agent 759..2326 success in execute_tool spawn_agent",
        "execute_tool search_codebase 1149..1180 success in invoke_agent",
        "execute_tool run_commands 1726..2059 success in invoke_agent",
        "execute_tool run_commands 2643..2650 success in invoke_agent cline",
    ],
    "permission": [
        "invoke_agent cline 0..9458 success root",
        "execute_tool run_commands 4738..4738 denied denied in invoke_agent cline",
        "execute_tool run_commands 8713..8713 denied denied in invoke_agent cline",
    ],
    "two_prompts": [
        "invoke_agent cline 0..3163 success root",
        "execute_tool run_commands 1557..1650 success in invoke_agent cline",
        "execute_tool run_commands 2457..2537 success in invoke_agent cline",
        "invoke_agent cline 11953..12088 success root",
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
