"""Work that goes on after the turn's end, and prompts that nobody typed."""

from __future__ import annotations

import time

from play.model import Script
from play.scenes.steps import PERMISSION, PROCEED, PYTHON, allow, bash, end_session, slow, spend
from play.stage import Desk
from play.told import View, said

AGENT = {"description": "Count callers", "subagent_type": "general-purpose", "run_in_background": True}


def permission_in_the_background(desk: Desk) -> None:
    """A subagent in the background asks for a permission after the turn's end."""
    ask = bash("curl -s http://127.0.0.1:9/ || echo refused", "Ask")
    script: Script = {
        "start a helper": [{"tools": [["Agent", {**AGENT, "prompt": "Count every caller."}]]}, {"say": "It counts."}],
        "Count every caller": [slow("", 2.0) | ask, {"say": "One caller."}],
    }
    desk.begin(script)
    desk.open_client()
    desk.prompt("please start a helper")
    shown = desk.terminal.see(PROCEED)
    desk.watch("when the subagent asks", shown, f"{PERMISSION} (general-purpose)", whose)
    time.sleep(max(0.0, 5.0 - (time.time_ns() - shown) / 1e9))
    granted = desk.terminal.press("1")
    desk.hook("SubagentStop", 0)
    time.sleep(3)
    end_session(desk)
    desk.is_true("report: waiting", (granted - shown) / 1e9, lambda told: told.total["permission_wait_s"])


def work_in_the_background(desk: Desk) -> None:
    """A subagent and a command go on after the turn's end; the client prompts itself when they end."""
    script: Script = {
        "start both": [
            {"tools": [["Agent", {**AGENT, "prompt": "Count every caller."}], *spend(9, run_in_background=True)["tools"]]},
            {"say": "Both run."},
        ],
        "Count every caller": [spend(6), {"say": "One caller."}],
    }
    desk.begin(script)
    desk.open_client(*allow(PYTHON, "Agent"))
    asked = desk.prompt("please start both")
    desk.terminal.see("Both run")
    ended = desk.hook("Stop")
    desk.watch("after the turn's end", ended, "working, in the background: shell, subagent", background)
    desk.hook("SubagentStop", 0)
    desk.line(lambda line: "<task-notification>" in str(line.get("content", "")) + str(line.get("message", "")), 1)
    time.sleep(3)
    desk.watch("when both are over", time.time_ns(), "waiting for prompt")
    end_session(desk)
    desk.is_true("prompts", 1, lambda told: told.total["prompts"])
    desk.is_true("prompts of the session", 1, lambda told: told.session["session"]["prompts"])
    notices = sum(desk.hook("Stop", n) - desk.hook("UserPromptSubmit", n) for n in (1, 2))
    subagent = desk.hook("SubagentStop") - desk.hook("SubagentStart")
    desk.is_true("agents' time", (ended - asked + subagent + notices) / 1e9, lambda told: told.total["agent_s"])


def typed_ahead(desk: Desk) -> None:
    """Four prompts one after the other, two more typed while the agent works, and the notice of a background task: six prompts."""
    script = {f"prompt {n}": [{"say": f"Answer {n}."}] for n in (1, 2, 3)}
    script["prompt four"] = [spend(2, run_in_background=True), spend(4), {"say": "Answer four."}]
    script["prompt five"] = [{"say": "Answer five."}]
    script["prompt six"] = [{"say": "Answer six."}]
    desk.begin(script)
    desk.open_client(*allow(PYTHON))
    for n in (1, 2, 3):
        desk.prompt(f"prompt {n}")
        desk.terminal.see(f"Answer {n}")
        time.sleep(0.5)
    desk.prompt("prompt four")
    desk.hook("PreToolUse", 1)
    desk.prompt("prompt five")
    desk.terminal.see("Answer five|Answer four", 20)
    time.sleep(4)
    desk.prompt("prompt six")
    desk.terminal.see("Answer six")
    time.sleep(2)
    end_session(desk)
    desk.is_true("prompts", 6, lambda told: told.total["prompts"])
    desk.is_true("prompts of the session", 6, lambda told: told.session["session"]["prompts"])


def whose(view: View | None) -> str:
    """Say who waits for what."""
    agent = ((view or {}).get("waiting_on") or {}).get("agent_name", "")
    return f"{said(view)} ({agent})" if agent else said(view)


def background(view: View | None) -> str:
    """Say what goes on in the background."""
    going_on = sorted({one["task_type"] for one in (view or {}).get("background_tasks") or []})
    return f"{said(view)}, in the background: {', '.join(going_on)}" if going_on else said(view)


SCENES = (permission_in_the_background, work_in_the_background, typed_ahead)
