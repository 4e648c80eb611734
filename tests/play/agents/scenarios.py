"""What is done, in words of no agent: `shell`, `read`, `edit`, `search` and `agent` are made the agent's own by its row; and what is then true."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from play.agents.under_test import AgentUnderTest
from support.scripted_model.dialect import Step
from support.scripted_model.model_server import Script

TASK: Final = "Find every caller of charge()."


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A call: its kind, how it ended, and whether a subagent made it."""

    kind: str
    outcome: str = "success"
    in_agent: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """One session: the prompt, the model's steps to it, and what is true afterwards."""

    name: str
    prompt: str
    steps: tuple[Step, ...]
    calls: tuple[ExpectedCall, ...]
    turns: tuple[str, ...] = ("success",)
    subagent_steps: tuple[Step, ...] = ()
    is_interrupted: bool = False
    resumes: str = ""


def long_command(agent: AgentUnderTest) -> str:
    """Return a command that is stopped, an agent's own: it is found among the machine's processes."""
    return f"sleep 47.{zlib.crc32(agent.name.encode()) % 1000:03}"


def shell(command: str) -> list[Any]:
    """Return a call of a command."""
    return ["shell", {"command": command}]


def scenarios(shop: str, agent: AgentUnderTest) -> Mapping[str, Scenario]:
    """Return all scenarios, for an agent's project in a folder."""
    pay = f"{shop}/pay.py"
    tools = Scenario(
        "tools",
        "Make the payment retries three.",
        (
            {"say": "I'll look first.", "tools": [shell("sleep 0.4; ls")]},
            {"tools": [["read", {"path": pay}], shell("echo parallel")]},
            {"tools": [["edit", {"path": pay, "old": "retries = 1", "new": "retries = 3"}]]},
            {"tools": [shell("echo '2 failed'; exit 1")]},
            {"say": "The retries are in; two tests fail."},
        ),
        (ExpectedCall("shell"), ExpectedCall("read"), ExpectedCall("shell"), ExpectedCall("edit"), ExpectedCall("shell", "failure")),
    )
    denied = Scenario(
        "denied",
        "Fetch the rates.",
        ({"tools": [["refused", {"command": "curl -s http://127.0.0.1:9/"}]]}, {"say": "I was not allowed to."}),
        (ExpectedCall("shell", "denied"),),
    )
    api_error = Scenario(
        "api_error",
        "Break in the middle.",
        ({"tools": [shell("true")]}, {"error": 400, "type": "invalid_request_error"}),
        (ExpectedCall("shell"),),
        ("failure",),
    )
    subagent = Scenario(
        "subagent",
        "Who calls charge?",
        ({"tools": [["agent", {"title": "Find callers", "prompt": TASK}]]}, {"tools": [shell("echo ok")]}, {"say": "One caller, in pay.py."}),
        (ExpectedCall("agent"), ExpectedCall("search", in_agent=True), ExpectedCall("shell", in_agent=True), ExpectedCall("shell")),
        subagent_steps=(
            {"tools": [["search", {"pattern": "charge", "path": shop}]]},
            {"tools": [shell(f"sleep 0.3; grep -rn charge {shop} | wc -l")]},
            {"say": "There is one caller."},
        ),
    )
    interrupt = Scenario(
        "interrupt",
        "Run the slow one.",
        ({"tools": [shell("echo ready")]}, {"tools": [shell(f"echo begin; {long_command(agent)}")]}, {"say": "Done."}),
        (ExpectedCall("shell"), ExpectedCall("shell", "interrupted")),
        ("interrupted",),
        is_interrupted=True,
    )
    resume = Scenario(
        "resume",
        "And the timeout?",
        ({"tools": [shell("echo timeout")]}, {"say": "It is ten seconds."}),
        (*tools.calls, ExpectedCall("shell")),
        ("success", "success"),
        resumes="tools",
    )
    return {one.name: one for one in (tools, denied, api_error, subagent, interrupt, resume)}


def script_of(found: Mapping[str, Scenario], agent: AgentUnderTest) -> Script:
    """Return the scripts of scenarios in an agent's own terms, by what is said."""
    script = {one.prompt: own(one.steps, agent) for one in found.values()}
    return script | {TASK: own([step for one in found.values() for step in one.subagent_steps], agent)}


def own(steps: Sequence[Step], agent: AgentUnderTest) -> list[Step]:
    """Return steps in an agent's own terms."""
    return [made for step in steps for made in agent.own_steps(step)]
