"""Sessions of the real client that end early or go on: killed, interrupted, resumed, forked, compacted, cleared; with hooks, and without any."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.person import new_person
from support.real_client import BENCH, find_client
from support.template import furnish

pytestmark = [pytest.mark.client, pytest.mark.long]
DRIVER = Path(__file__).with_name("drive_client_ends.py")
EARLY = {"killed": "process_gone", "interrupted": "session_end", "terminated": "session_end"}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run all clients once and give everything that was seen of them."""
    client = find_client()
    folder = tmp_path_factory.mktemp("client_ends")
    furnish(new_person(folder / "home").data_dir)
    command = [sys.executable, str(BENCH), "isolate", "--", sys.executable, str(DRIVER), str(folder), str(client)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def of(seen: dict[str, Any], what: str, name: str) -> list[Row]:
    """Return the rows of a session."""
    return [row for row in seen[what] if row["session_id"] == seen["ids"][name]]


@pytest.mark.parametrize("name", [*EARLY, "native killed"])
def test_a_long_tool_is_seen_while_it_runs(seen: dict[str, Any], name: str) -> None:
    """Working, with the tool's name; also where no hook is installed."""
    view = seen["running"][name]
    assert (view["state"], view["current_tool"], view["prompts"], view["tool_calls"]) == ("working", "Bash", 1, 1)
    assert view["sources"] == (["native"] if name == "native killed" else ["hook"])


def test_the_end_of_a_killed_client_is_known_within_seconds(seen: dict[str, Any]) -> None:
    """The relay looks after processes; the collector shows the end as soon as it is told."""
    assert seen["known_within_s"] < 10


@pytest.mark.parametrize(("name", "how"), EARLY.items())
def test_a_session_that_ends_early_says_how_its_end_is_known(seen: dict[str, Any], name: str, how: str) -> None:
    """The same in the live view and in the store; nothing goes on in it."""
    view, (row,) = seen["live"][name], of(seen, "sessions", name)
    assert (view["state"], view["end_reason"], row["ended_how"]) == ("ended", how, how)
    assert (view["running_calls"], view["current_tool"]) == ([], "")
    assert row["ended"][:23] == view["ended"][:23]


EXIT_TAKES_NS = 2_000_000_000  # from the signal to the exit of a client with all its threads


def test_a_killed_session_ended_at_its_last_sign_of_life(seen: dict[str, Any]) -> None:
    """When the kernel let it go, a moment after the signal: how long it took to notice is no life."""
    (gone,) = of(seen, "ends", "killed")
    (call,) = [span for span in of(seen, "spans", "killed") if span["name"] == "execute_tool Bash"]
    assert int(call["start_ns"]) <= int(gone["time_ns"]) <= seen["signalled_ns"]["killed"] + EXIT_TAKES_NS


@pytest.mark.parametrize(("name", "how"), EARLY.items())
def test_no_tool_and_no_turn_runs_for_ever(seen: dict[str, Any], name: str, how: str) -> None:
    """What was under way is closed, in spans and tables: with the rule named, or with none where the client's own mark tells of the interrupt."""
    closed_by = {how, ""} if name == "interrupted" else {how}
    spans = {span["name"]: span for span in of(seen, "spans", name)}
    assert set(spans) == {"invoke_agent claude-code", "execute_tool Bash"}
    (turn,), (call,) = of(seen, "turns", name), of(seen, "calls", name)
    assert (turn["is_open"], call["tool"]) == (0, "Bash")
    for told in (*spans.values(), turn, call):
        assert told["outcome"] == "interrupted"
        assert told["closed_by"] in closed_by


def test_resume_and_continue_go_on_with_the_session(seen: dict[str, Any]) -> None:
    """One id, reopened each time and ended again; its prompts are those that were written, commands not counted."""
    ids = seen["ids"]
    assert ids["begun"] == ids["resumed"] == ids["continued"] == ids["compacted"]
    (row,), view = of(seen, "sessions", "begun"), seen["live"]["begun"]
    assert len(of(seen, "ends", "begun")) == 5
    assert (row["prompts"], row["calls"], row["requests"]) == (view["prompts"], view["tool_calls"], 4) == (3, 1, 4)
    assert (row["ended_how"], row["end_reason"], view["state"]) == ("session_end", "clear", "ended")
    prompted = [turn for turn in of(seen, "turns", "begun") if turn["prompt_length"]]
    assert {turn["outcome"] for turn in prompted} == {"success"}
    assert len(prompted) == 3


@pytest.mark.parametrize("name", ["forked", "cleared"])
def test_a_fork_and_a_clear_are_sessions_of_their_own_in_one_conversation(seen: dict[str, Any], name: str) -> None:
    """A new id that names the one it goes on from, in the live view and in the store."""
    (row,) = of(seen, "sessions", name)
    assert row["session_id"] != seen["ids"]["begun"]
    assert row["previous_id"] == seen["live"][name]["previous_id"] == seen["ids"]["begun"]
    assert row["start_source"] == {"forked": "fork", "cleared": "clear"}[name]


def test_a_conversation_names_all_its_sessions(seen: dict[str, Any]) -> None:
    """Whoever asks for one of them is told of the others."""
    assert set(seen["forked"]["conversation_session_ids"]) == {seen["ids"][name] for name in ("begun", "forked", "cleared")}
    assert seen["forked"]["session"]["conversation_id"] == seen["ids"]["begun"]


def test_what_a_fork_copied_is_not_counted_again(seen: dict[str, Any]) -> None:
    """Its transcript repeats the origin's requests and call; its own is one request, and it began when it was started."""
    (row,), view = of(seen, "sessions", "forked"), seen["live"]["forked"]
    assert (row["prompts"], row["calls"], row["requests"], row["input_tokens"]) == (1, 0, 1, 12)
    assert (view["tool_calls"], view["input_tokens"]) == (0, 12)
    first_end = min(int(end["time_ns"]) for end in of(seen, "ends", "begun"))
    assert min(int(span["start_ns"]) for span in of(seen, "spans", "forked")) > first_end


def test_native_telemetry_alone_makes_turns_calls_and_tokens(seen: dict[str, Any]) -> None:
    """No hook is installed: the session waits for its next prompt, and its numbers are the client's own."""
    view, result = seen["live"]["native"], seen["results"]["native"]
    (row,), (turn,), (call,) = of(seen, "sessions", "native"), of(seen, "turns", "native"), of(seen, "calls", "native")
    assert (view["state"], view["waiting_for"], view["prompts"], view["tool_calls"]) == ("waiting", "prompt", 1, 1)
    assert (row["sources"], row["prompts"], row["calls"]) == (["native"], 1, 1)
    assert (turn["outcome"], turn["is_open"], call["tool"], call["outcome"]) == ("success", 0, "Bash", "success")
    usage = result["usage"]
    assert (view["input_tokens"], view["output_tokens"]) == (usage["input_tokens"], usage["output_tokens"])
    assert row["input_tokens"] == usage["input_tokens"]
    assert (view["cost_usd"], row["cost_usd"]) == (pytest.approx(result["total_cost_usd"]), pytest.approx(result["total_cost_usd"]))
