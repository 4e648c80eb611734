"""A person stops the agent: Escape in a call, while it thinks, at a permission; No at a permission; the process is killed."""

from __future__ import annotations

import signal
import time

import psutil

from play.scenes.steps import ASKS, BASH, PERMISSION, PROCEED, PROMPT, PYTHON, SHORT, allow, end_session, slow, spend
from play.stage import Desk
from play.told import seconds

STOPPED_S = 5.0


def escape_in_a_call(desk: Desk) -> None:
    """Escape seconds into a Bash call; then the person thinks, and prompts again."""
    desk.begin({"run it": [spend(40), {"say": "Done."}], "short one": SHORT})
    desk.open_client(*allow(PYTHON))
    asked = desk.prompt("please run it")
    began = desk.hook("PreToolUse")
    time.sleep(STOPPED_S)
    stopped = desk.terminal.press("Escape")
    desk.watch("after Esc", stopped, PROMPT)
    _interrupted_turn(desk, asked, stopped)
    desk.is_true("call ran", (stopped - began) / 1e9, lambda told: told.call(BASH)["run_s"])
    desk.is_true("call's outcome", "interrupted", lambda told: told.call(BASH)["outcome"])
    _next_prompt(desk, asked, stopped)


def escape_while_thinking(desk: Desk) -> None:
    """Escape before the turn's first answer: the client takes the prompt back and writes no mark."""
    desk.begin({"think hard": [slow("x", 40)], "short one": SHORT})
    desk.open_client()
    asked = desk.prompt("please think hard")
    time.sleep(STOPPED_S)
    stopped = desk.terminal.press("Escape")
    desk.watch("after Esc", stopped, PROMPT)
    _interrupted_turn(desk, asked, stopped)
    desk.terminal.press("C-u")
    _next_prompt(desk, asked, stopped)


def escape_while_thinking_later(desk: Desk) -> None:
    """Escape while it thinks about a call's result."""
    desk.begin({"look and think": [spend(1), slow("x", 40)], "short one": SHORT})
    desk.open_client(*allow(PYTHON))
    asked = desk.prompt("please look and think")
    desk.hook("PostToolUse")
    time.sleep(STOPPED_S)
    stopped = desk.terminal.press("Escape")
    desk.watch("after Esc", stopped, PROMPT)
    _interrupted_turn(desk, asked, stopped)
    desk.is_true("call's outcome", "success", lambda told: told.call(BASH)["outcome"])
    _next_prompt(desk, asked, stopped)


def escape_at_a_permission(desk: Desk) -> None:
    """Escape while the client asks whether a command may run."""
    _refused(desk, "Escape")


def no_at_a_permission(desk: Desk) -> None:
    """No, chosen from the list."""
    _refused(desk, "4")


def killed_in_a_call(desk: Desk) -> None:
    """The client's process is killed while a call runs."""
    desk.begin({"run it": [{"say": "I run it.", **spend(40)}, {"say": "Done."}]})
    desk.open_client(*allow(PYTHON))
    asked = desk.prompt("please run it")
    began = desk.hook("PreToolUse")
    time.sleep(6.0)
    client = _client_of(desk)
    killed = time.time_ns()
    client.send_signal(signal.SIGKILL)
    desk.watch("after kill -9", killed, "(nobody)", patience_s=15.0)
    desk.settle()
    desk.is_true("turn took", (killed - asked) / 1e9, lambda told: seconds(told.turn(0)))
    desk.is_true("call ran", (killed - began) / 1e9, lambda told: told.call(BASH)["run_s"])
    desk.is_true("turn's outcome", "interrupted", lambda told: told.turn(0)["outcome"])
    desk.is_true("requests with tokens", 1, lambda told: told.total["requests"])
    desk.is_true("output tokens", 30, lambda told: told.total["output_tokens"])


def _client_of(desk: Desk) -> psutil.Process:
    """Return the client's process: the one that runs in this desk's home and is no child of another such."""
    home = f"HOME={desk.home}".encode()
    for process in psutil.process_iter():
        try:
            if process.name() in ("claude", "node") and home in _environ(process.pid):
                return process
        except (psutil.Error, OSError):
            continue
    raise AssertionError("no client runs")


def _environ(pid: int) -> list[bytes]:
    with open(f"/proc/{pid}/environ", "rb") as environ:  # noqa: PTH123
        return environ.read().split(b"\0")


def _refused(desk: Desk, key: str) -> None:
    desk.begin({"ask me": [ASKS, {"say": "So be it."}], "short one": SHORT})
    desk.open_client()
    asked = desk.prompt("please ask me")
    shown = desk.terminal.see(PROCEED)
    desk.watch("at the permission", shown, PERMISSION)
    time.sleep(max(0.0, STOPPED_S - (time.time_ns() - shown) / 1e9))
    stopped = desk.terminal.press(key)
    desk.watch(f"after {key.replace('4', 'No')}", stopped, PROMPT)
    desk.is_true("turn took", (stopped - asked) / 1e9, lambda told: seconds(told.turn(0)))
    desk.is_true("waited for permission", (stopped - shown) / 1e9, lambda told: told.call(BASH)["wait_s"])
    desk.is_true("report: waiting", (stopped - shown) / 1e9, lambda told: told.total["permission_wait_s"])
    desk.is_true("call's outcome", "denied", lambda told: told.call(BASH)["outcome"])
    desk.is_true("call ran", 0.0, lambda told: told.call(BASH)["run_s"])
    desk.is_true("denials", 1, lambda told: told.total["denials"])
    _next_prompt(desk, asked, stopped, deciding=(stopped - shown) / 1e9)


def _interrupted_turn(desk: Desk, asked: int, stopped: int) -> None:
    desk.is_true("turn took", (stopped - asked) / 1e9, lambda told: seconds(told.turn(0)))
    desk.is_true("turn's outcome", "interrupted", lambda told: told.turn(0)["outcome"])


def _next_prompt(desk: Desk, asked: int, stopped: int, deciding: float = 0.0) -> None:
    """Prompt again; the person's time is what lies before the prompts, and the deciding."""
    time.sleep(max(0.0, 4.0 - (time.time_ns() - stopped) / 1e9))
    again = desk.prompt("a short one please")
    desk.terminal.see("Short and done")
    began = desk.hook("SessionStart")
    end_session(desk)
    human = (asked - began + again - stopped) / 1e9 + deciding
    desk.is_true("the person's time", human, lambda told: told.total["human_s"])
    desk.is_true("prompts", 2, lambda told: told.total["prompts"])


SCENES = (
    escape_in_a_call,
    escape_while_thinking,
    escape_while_thinking_later,
    escape_at_a_permission,
    no_at_a_permission,
    killed_in_a_call,
)
