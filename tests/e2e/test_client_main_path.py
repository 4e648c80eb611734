"""The main path with the real client: hook, relay, collector, ClickHouse, and what a person sees, native telemetry on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from support.person import new_person
from support.real_client import BENCH, find_client
from support.template import furnish

pytestmark = [pytest.mark.client, pytest.mark.long]
DRIVER = Path(__file__).with_name("drive_main_path.py")
Row = dict[str, Any]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the four scenarios once and give everything that was queried."""
    client = find_client()
    folder = tmp_path_factory.mktemp("main_path")
    furnish(new_person(folder / "home").data_dir)
    command = [sys.executable, str(BENCH), "isolate", "--", sys.executable, str(DRIVER), str(folder), str(client)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def of(seen: dict[str, Any], what: str, scenario: str) -> list[Row]:
    """Return the rows of a scenario's session."""
    session = seen["results"][scenario]["session_id"]
    return [row for row in seen[what] if row["session_id"] == session]


def test_hook_and_native_telemetry_of_each_call_meet(seen: dict[str, Any]) -> None:
    """One row a call, told by both; the client's two clocks of a call (its hook's and its span's) agree up to what a machine's load may add."""
    calls = [call for scenario in seen["results"] for call in of(seen, "calls", scenario)]
    assert len(calls) == len({call["call_id"] for call in calls}) == 11
    assert all(call["from_hook"] and call["from_native"] for call in calls)
    ran = [call for call in calls if call["outcome"] != "denied"]
    assert all(abs(call["run_s"] - call["native_run_s"]) <= 1.0 for call in ran)


def test_the_outcomes_are_what_happened(seen: dict[str, Any]) -> None:
    """A failing command, a denied one, and an API error, each as itself."""
    tools = Counter((call["tool"], call["outcome"], call["error_type"]) for call in of(seen, "calls", "tools"))
    assert tools == {("Bash", "success", ""): 2, ("Read", "success", ""): 1, ("Edit", "success", ""): 1, ("Bash", "failure", "exit_1"): 1}
    (denied,) = of(seen, "calls", "denied")
    assert (denied["outcome"], denied["decision"], denied["wait_s"] > 0) == ("denied", "denied", True)
    (turn,) = of(seen, "turns", "api_error")
    assert turn["outcome"] == "failure"


def test_a_subagents_calls_stand_under_its_call(seen: dict[str, Any]) -> None:
    """Turn, Agent call, subagent, its calls: one trace, one tree."""
    session = seen["results"]["subagent"]["session_id"]
    spans = {s["SpanId"]: s for s in seen["spans"] if s["ScopeName"] == "hookline.agent" and s["SpanAttributes"]["session.id"] == session}
    assert len({span["TraceId"] for span in spans.values()}) == 1

    def path(span: Row) -> list[str]:
        above = spans.get(span["ParentSpanId"])
        return [*(path(above) if above else []), span["SpanName"]]

    paths = Counter("/".join(path(span)) for span in spans.values())
    root = "invoke_agent claude-code"
    inside = f"{root}/execute_tool Agent/invoke_agent general-purpose"
    assert paths == {
        root: 1,
        f"{root}/execute_tool Agent": 1,
        f"{root}/execute_tool Bash": 1,
        inside: 1,
        f"{inside}/execute_tool Grep": 1,
        f"{inside}/execute_tool Bash": 1,
    }


def test_tokens_and_cost_are_the_clients_own(seen: dict[str, Any]) -> None:
    """Native telemetry and transcripts both tell of each request; the sums are those that the client printed."""
    for scenario, result in seen["results"].items():
        (session,) = of(seen, "sessions", scenario)
        assert session["cost_usd"] == pytest.approx(result["total_cost_usd"]), scenario
    usage = seen["results"]["tools"]["usage"]
    (session,) = of(seen, "sessions", "tools")
    assert (session["input_tokens"], session["output_tokens"]) == (usage["input_tokens"], usage["output_tokens"])
    assert session["cache_read_tokens"] == usage["cache_read_input_tokens"]


def test_sessions_end_and_say_how_it_is_known(seen: dict[str, Any]) -> None:
    """Each has its prompt, and the end that the client's own hook told."""
    for scenario in seen["results"]:
        (session,) = of(seen, "sessions", scenario)
        assert (session["prompts"], session["ended_how"], session["project"]) == (1, "session_end", "shop")
    assert seen["live"] == []


def test_nothing_is_lost_between_receiver_and_store(seen: dict[str, Any]) -> None:
    """Every part is well and every sum adds up."""
    assert all(part["ok"] for part in seen["status"] if "ok" in part), seen["status"]


def test_the_report_counts_what_was_done(seen: dict[str, Any]) -> None:
    """Four prompts, eleven calls, one failure."""
    text = json.dumps(seen["report"])
    assert '"prompts": 4' in text and '"tool_calls": 11' in text


def test_the_processes_were_sampled(seen: dict[str, Any]) -> None:
    """Metrics of tools, processes and the machine are stored."""
    names = {row["MetricName"] for row in seen["metrics"]}
    assert {"hookline.tool.duration", "hookline.tool.calls", "hookline.prompts", "hookline.hook.duration"} <= names
    assert {"process.memory.usage", "process.cpu.time", "system.memory.usage", "claude_code.cost.usage"} <= names
