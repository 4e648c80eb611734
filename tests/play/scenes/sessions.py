"""Sessions as a whole: closed and resumed, watched while they run, without a person, with errors, from before the first start."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from play.scenes.steps import BASH, PYTHON, SHORT, allow, end_session, is_turn_end, slow, spend
from play.stage import Desk
from play.told import seconds
from support.person import Person, new_person
from support.running import FREE_PORTS, wait_for


def resumed(desk: Desk) -> None:
    """Closed for a while, then resumed: nobody was there meanwhile."""
    desk.begin({"short one": SHORT, "once more": [{"say": "Once more it is."}]})
    desk.open_client()
    first = desk.prompt("a short one please")
    desk.terminal.see("Short and done")
    time.sleep(1)
    desk.leave()
    time.sleep(12)
    desk.open_client(resume=True)
    time.sleep(2)
    again = desk.prompt("and once more")
    desk.terminal.see("Once more it is")
    end_session(desk)
    human = (first - desk.hook("SessionStart", 0) + again - desk.hook("SessionStart", 1)) / 1e9
    desk.is_true("the person's time", human, lambda told: told.total["human_s"])
    desk.is_true("prompts", 2, lambda told: told.total["prompts"])


def a_running_turn_ticks(desk: Desk) -> None:
    """The report is read twice while one turn goes on without a sign."""
    desk.begin({"take long": [slow("Long done.", 24)]})
    desk.open_client()
    asked = desk.prompt("please take long")
    for after_s in (4.0, 9.0):
        time.sleep(max(0.0, after_s - (time.time_ns() - asked) / 1e9))
        desk.look(f"agents' time {after_s:g} s in", lambda at_ns: (at_ns - asked) / 1e9, "agent_s")
    desk.terminal.see("Long done")
    ended = desk.line(is_turn_end)
    end_session(desk)
    desk.is_true("turn took", (ended - asked) / 1e9, lambda told: seconds(told.turn(0)))
    desk.is_true("agents' time", (ended - asked) / 1e9, lambda told: told.total["agent_s"])


def script_without_a_person(desk: Desk) -> None:
    """`claude -p`: nobody sits there."""
    desk.begin({"run it": [spend(3), {"say": "Done."}]})
    time.sleep(1)
    desk.run_client("please run it", *allow(PYTHON))
    desk.settle()
    desk.is_true("the person's time", 0.0, lambda told: told.total["human_s"])
    desk.is_true("waiting for a prompt", 0.0, lambda told: told.total["prompt_wait_s"])
    took = (desk.hook("Stop") - desk.hook("UserPromptSubmit")) / 1e9
    desk.is_true("turn took", took, lambda told: seconds(told.turn(0)))


def api_error(desk: Desk) -> None:
    """The model's service refuses; table and tree say so too."""
    desk.begin({"run it": [spend(1), {"error": 400, "type": "invalid_request_error"}]})
    desk.open_client(*allow(PYTHON))
    desk.prompt("please run it")
    desk.hook("StopFailure")
    desk.watch("after the error", desk.hook("StopFailure"), "waiting for prompt")
    end_session(desk)
    desk.is_true("turn's outcome", "failure", lambda told: told.turn(0)["outcome"])
    error = next(payload["error"] for _, payload in desk.hooks() if payload["hook_event_name"] == "StopFailure")
    desk.is_true("the tree says how it ended", True, lambda told: f"failure {error}" in told.say("session", desk.session_id))
    desk.is_true("report: failed prompts", 1, lambda told: told.total["failed_prompts"])


def refused_by_the_client(desk: Desk) -> None:
    """A call whose input the client refuses itself: no hook fires."""
    desk.begin({"wait for it": [{"tools": [[BASH, {"command": "sleep 40", "description": "Wait"}]]}, {"say": "It was refused."}]})
    desk.open_client(*allow("Bash(sleep:*)"))
    desk.prompt("please wait for it")
    desk.terminal.see("It was refused")
    end_session(desk)
    desk.is_true("calls", 1, lambda told: told.total["tool_calls"])
    desk.is_true("failures", 1, lambda told: told.total["failures"])
    desk.is_true("call's outcome", "failure", lambda told: told.call(BASH)["outcome"])


def first_start_with_history(desk: Desk) -> None:
    """Transcripts lie there before Hookline's first start: their sessions are over, except the one that runs."""
    desk.begin({"short one": SHORT})
    for _ in range(2):
        desk.session_id = str(uuid.uuid4())
        desk.run_client("a short one please")
    person = new_person(desk.home)
    person.hookline("up", "--detach", *FREE_PORTS)
    try:
        wait_for(lambda: len(_asked(person, "sessions")) >= 2, 20)
        stored, live = _asked(person, "sessions"), _asked(person, "live")
    finally:
        person.hookline("down")
    desk.is_true("first start: sessions", 2, lambda _: len(stored))
    desk.is_true("first start: live", 0, lambda _: len(live))


def _asked(person: Person, *words: str) -> list[dict[str, Any]]:
    said = person.hookline(*words, "--format", "json").stdout
    found: list[dict[str, Any]] = json.loads(said) if said.strip() else []
    return found


SCENES = (resumed, a_running_turn_ticks, script_without_a_person, api_error, refused_by_the_client, first_start_with_history)
