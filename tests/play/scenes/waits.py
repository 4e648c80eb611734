"""An agent waits for a person: permissions, questions, forms; and what the live view says the moment it is over."""

from __future__ import annotations

import functools
import json
import sys
import time
from pathlib import Path

from play.scenes.steps import (
    ANSWER,
    BASH,
    PERMISSION,
    PROCEED,
    PROMPT,
    PYTHON,
    WORKING,
    allow,
    end_session,
    is_turn_end,
    length_of_turn,
    slow,
    spend,
)
from play.stage import Desk
from play.told import Told, seconds

WAITED_S = 4.0
ELICITS = Path(__file__).parents[1] / "elicits.py"
COLOURS = [{"label": colour, "description": colour} for colour in ("Red", "Blue")]
ASKED = [{"question": "Which colour?", "header": "Colour", "multiSelect": False, "options": COLOURS}]


def ordinary_turns(desk: Desk) -> None:
    """Three turns with calls and nothing special, a person's seconds between them."""
    script = {f"turn {n}": [spend(1), {"tools": [["Read", {"file_path": str(desk.shop / "pay.py")}]]}, slow(f"End of {n}.", 0.5)] for n in (1, 2, 3)}
    desk.begin(script)
    desk.open_client(*allow(PYTHON, "Read"))
    human, before = 0, desk.hook("SessionStart")
    for number in (1, 2, 3):
        asked = desk.prompt(f"turn {number}")
        desk.terminal.see(f"End of {number}")
        ended = desk.line(is_turn_end, number - 1)
        human, before = human + asked - before, ended
        desk.is_true(f"turn {number} took", (ended - asked) / 1e9, functools.partial(length_of_turn, number - 1))
        time.sleep(2)
    end_session(desk)
    desk.is_true("the person's time", human / 1e9, lambda told: told.total["human_s"])
    desk.is_true("calls", 6, lambda told: told.total["tool_calls"])


def granted_then_it_runs(desk: Desk) -> None:
    """A permission is granted, and the command runs for seconds."""
    desk.begin({"run it": [spend(5), {"say": "Done."}]})
    desk.open_client()
    asked = desk.prompt("please run it")
    shown = desk.terminal.see(PROCEED)
    desk.watch("at the permission", shown, PERMISSION)
    _until(shown, WAITED_S)
    granted = desk.terminal.press("1")
    desk.watch("after Yes", granted, WORKING)
    desk.terminal.see("Done.")
    ended = desk.line(is_turn_end)
    desk.watch("after the turn", ended, PROMPT)
    end_session(desk)
    desk.is_true("waited for permission", (granted - shown) / 1e9, lambda told: told.call(BASH)["wait_s"])
    desk.is_true("call ran", (desk.result() - granted) / 1e9, lambda told: told.call(BASH)["run_s"])
    desk.is_true("call's outcome", "success", lambda told: told.call(BASH)["outcome"])
    desk.is_true("turn took", (ended - asked) / 1e9, lambda told: seconds(told.turn(0)))
    desk.is_true("report: waiting", (granted - shown) / 1e9, lambda told: told.total["permission_wait_s"])


def question(desk: Desk) -> None:
    """The agent asks a question of its own (AskUserQuestion), then thinks about the answer."""
    desk.begin({"ask me": [{"tools": [["AskUserQuestion", {"questions": ASKED}]]}, slow("Thanks for it.", 4)]})
    desk.open_client()
    asked = desk.prompt("please ask me")
    shown = desk.terminal.see("Which colour")
    desk.watch("at the question", shown, ANSWER)
    _until(shown, WAITED_S)
    answered = desk.terminal.press("Enter")
    desk.watch("after the answer", answered, WORKING)
    desk.terminal.see("Thanks for it")
    ended = desk.line(is_turn_end)
    end_session(desk)
    desk.is_true("report: waiting for answer", (answered - shown) / 1e9, lambda told: told.total["answer_wait_s"])
    desk.is_true("report: waiting for permission", 0.0, lambda told: told.total["permission_wait_s"])
    desk.is_true("turn took", (ended - asked) / 1e9, lambda told: seconds(told.turn(0)))


def elicitation(desk: Desk) -> None:
    """A server of tools asks the person with a form, and works on after the answer."""
    servers = {"mcpServers": {"desk": {"command": sys.executable, "args": [str(ELICITS), "4"]}}}
    (desk.shop / ".mcp.json").write_text(json.dumps(servers))
    desk.begin({"use the form": [{"tools": [["mcp__desk__order", {"item": "tea"}]]}, {"say": "Ordered."}]})
    desk.open_client("--mcp-config", str(desk.shop / ".mcp.json"), "--strict-mcp-config", *allow("mcp__desk__order"))
    desk.prompt("please use the form")
    shown = desk.terminal.see("How many")
    desk.watch("at the form", shown, ANSWER)
    _until(shown, WAITED_S)
    desk.terminal.write("3")
    desk.terminal.press("Down")
    desk.terminal.see("❯ Accept")
    answered = desk.terminal.choose("Enter", "requests your input")
    desk.watch("after the answer", answered, WORKING)
    desk.terminal.see("Ordered")
    end_session(desk)
    desk.is_true("report: waiting for answer", (answered - shown) / 1e9, lambda told: told.total["answer_wait_s"])


def auto_mode_asks(desk: Desk) -> None:
    """In auto mode a person is asked all the same, by a dialog and then for the permission; all that hooks are told is a notice, six seconds late."""
    desk.begin({"run it": [spend(5), {"say": "So be it."}]})
    desk.open_client(mode="auto")
    desk.prompt("please run it")
    shown = desk.terminal.see("Enter to stay in auto mode")
    desk.watch("at the dialog", shown, PERMISSION)
    told = desk.hook("Notification")
    desk.watch("once the notice came", told, PERMISSION)
    desk.terminal.choose("Enter", "Enter to stay in auto mode")
    desk.terminal.see(PROCEED)
    time.sleep(1)
    desk.terminal.press("Down")
    desk.terminal.see("❯ Yes")
    granted = desk.terminal.choose("Enter", PROCEED)
    desk.watch("after Yes", granted, WORKING)
    desk.terminal.see("So be it")
    end_session(desk)
    desk.is_true("report: waiting", (granted - shown) / 1e9, waited)
    desk.is_true("call ran", (desk.result() - granted) / 1e9, lambda told: told.call(BASH)["run_s"])


def waited(told: Told) -> float:
    """Return how long a person was waited for, whatever for."""
    return float(told.total["permission_wait_s"] + told.total["answer_wait_s"])


def _until(begun_ns: int, wanted_s: float) -> None:
    time.sleep(max(0.0, wanted_s - (time.time_ns() - begun_ns) / 1e9))


SCENES = (ordinary_turns, granted_then_it_runs, question, elicitation, auto_mode_asks)
