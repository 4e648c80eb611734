"""A person at the client's terminal, scene by scene; judged as the rest.

    keys      a permission granted, one refused, a command stopped with Escape, the client left
    resume    the same session gone on with, and left
    killed    SIGKILL to the client and all that it started, while a command runs
    closed    the terminal itself killed, while a command runs: the client hears that it is gone

What the live view says must be there within two seconds of each key, what the report says of waits and ends within a second of it.
A prompt of a resumed session counts from when the client asks its model: a busy client takes it seconds after the key, by its own files.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

import psutil

from play.agents.agent_stage import NOTHING, AgentDesk
from play.agents.scenarios import long_command, own, shell
from play.agents.terminal_seat import GONE, PROMPT, START_S, WORKING, Seat, at, gone, kill
from play.agents.under_test import TerminalUse
from play.terminal import NotSeen, Terminal
from support.scripted_model.dialect import Step

WAITED_S: Final = 3.0
RUNS_S: Final = 3
RATES: Final = "Fetch the rates twice."
SLOW: Final = "Run the slow one now."
AGAIN: Final = "How long may it take?"
ANSWER: Final = "Ten seconds at most"
LEFT: Final = ("session_end", "process_gone")
KILLED: Final = ("process_gone",)


def terminal_script(desk: AgentDesk) -> Mapping[str, list[Step]]:
    """Return what the model answers."""
    asked: list[Step] = [{"tools": [["asked", {"command": f"sleep {RUNS_S}; curl -s http://127.0.0.1:{port}/ || echo refused"}]]} for port in (9, 10)]
    slow: list[Step] = [{"tools": [shell(f"echo begin; {long_command(desk.agent)}")]}, {"say": "Slept."}]
    again: list[Step] = [{"say": f"{ANSWER}.", "after_s": 1.5}]
    return {RATES: own([*asked, {"say": "So be it."}], desk.agent), SLOW: own(slow, desk.agent), AGAIN: own(again, desk.agent)}


def play_in_terminal(desk: AgentDesk, use: TerminalUse, scenes: Iterable[str]) -> None:
    """Play scenes one after the other; each that breaks off is a row, and the others go on."""
    desk.model.scripts[desk.agent.name] = {**desk.model.scripts.get(desk.agent.name, {}), **terminal_script(desk)}
    session_id = ""
    for scene in scenes:
        begun = time.monotonic()
        seat = Seat(desk, use, scene, Terminal(f"play-{desk.agent.name}-{time.time_ns()}"))
        try:
            session_id = TERMINAL_SCENES[scene](seat, session_id)
        except NotSeen as why:
            seat.same("the scene broke off", "", str(why))
        finally:
            seat.close()
        desk.rows += seat.rows
        wrong = [f"; {row.what}: {row.true}, shown {row.shown} {row.difference}" for row in seat.rows if not row.is_right]
        right = len(seat.rows) - len(wrong)
        print(f"{seat.name}: {time.monotonic() - begun:.0f} s, {right} of {len(seat.rows)} right{''.join(wrong)}", flush=True)


def _keys(seat: Seat, session_id: str) -> str:
    """A permission granted, one refused, Escape, exit. Return the session's id."""
    before, use = _known(seat), seat.use
    seat.start(use.command(seat.desk.place))
    seat.enter(RATES)
    granted = seat.answer(seat.question(), use.allow, WAITED_S)
    if use.shows_runs:
        seat.watch("after granting", granted, WORKING)
    else:
        with suppress(NotSeen):  # the next question looks the same
            seat.terminal.miss(use.asks, 5.0)
    refused = seat.answer(seat.question(), use.refuse, WAITED_S)
    if use.refused_turn != "interrupted" and use.goes_on_refused:
        seat.terminal.see("So be it", START_S)
    else:
        seat.watch("after refusing", refused, PROMPT)
    time.sleep(1.0)
    seat.run_slow(SLOW)
    time.sleep(2.0)
    stopped = seat.stop()
    seat.watch("after Escape", stopped, PROMPT)
    time.sleep(1.0)
    left = seat.leave()
    seat.watch("after leaving", left[1], GONE)
    told = _told(seat, before)
    calls = _ordered(told["tool_calls"], "requested")
    turns = _ordered(told["turns"], "started")
    seat.same("turns", [use.refused_turn, "interrupted"], [turn["outcome"] for turn in turns])
    seat.same("calls", ["success", use.refused_call, "interrupted"], [call["outcome"] for call in calls])
    found = seat.new_session(before)
    seat.waits(calls, found.waits_s if found else ())
    if turns:
        seat.turn_ended(stopped / 1e9, found.ended_s if found else None, stopped / 1e9, at(turns[-1]["ended"]))
    seat.ended(told, left, LEFT)
    return str(told["session"].get("session_id", ""))


def _resume(seat: Seat, session_id: str) -> str:
    """The same session again: one more turn, and left."""
    if seat.use.again is None or not session_id:
        seat.same("a session to go on with", "one", "none")
        return session_id
    before = seat.desk.session(session_id) or NOTHING
    seat.start(seat.use.again(seat.desk.place, session_id))
    pressed = seat.enter(AGAIN)
    asked = seat.asks_model(pressed)
    seat.watch("after the prompt", asked, WORKING)
    answered = seat.terminal.see(ANSWER, START_S)
    seat.watch("after the answer", answered, PROMPT)
    time.sleep(1.0)
    left = seat.leave()
    seat.watch("after leaving", left[1], GONE)
    told = seat.desk.settled([session_id])[session_id]
    turns = _ordered(told["turns"], "started")
    seat.same("turns", [*(turn["outcome"] for turn in _ordered(before["turns"], "started")), "success"], [turn["outcome"] for turn in turns])
    seat.same("calls", len(before["tool_calls"]), len(told["tool_calls"]))
    if turns:
        seat.close_to("the turn began", pressed / 1e9, at(turns[-1]["started"]), asked / 1e9)
        noted = next((one.ended_s for one in seat.desk.agent.recorded(seat.desk.place.home) if one.session_id == session_id), None)
        seat.turn_ended(answered / 1e9, noted, asked / 1e9, at(turns[-1]["ended"]))
    seat.ended(told, left, LEFT)
    return session_id


def _killed(seat: Seat, session_id: str) -> str:
    """The client and all that it started are killed."""

    def end() -> tuple[int, int]:
        return time.time_ns(), kill(seat.processes())

    _end_in_the_middle(seat, end, KILLED)
    return session_id


def _closed(seat: Seat, session_id: str) -> str:
    """The terminal is killed; its client hears that, and ends by itself or by that."""

    def close() -> tuple[int, int]:
        found, begun_ns = seat.processes(), time.time_ns()
        os.kill(int(seat.terminal.tmux("display-message", "-p", "#{pid}")), signal.SIGKILL)
        at_ns = gone([one for one in found if not _is_command(seat, one)])
        kill(found)
        return begun_ns, at_ns

    _end_in_the_middle(seat, close, LEFT)
    return session_id


def _is_command(seat: Seat, process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return long_command(seat.desk.agent) in " ".join(process.cmdline())
    return False


def _end_in_the_middle(seat: Seat, end: Callable[[], tuple[int, int]], reasons: Iterable[str]) -> None:
    before = _known(seat)
    seat.start(seat.use.command(seat.desk.place))
    seat.run_slow(SLOW)
    time.sleep(1.5)
    seat.watch("before it", time.time_ns(), WORKING)
    ended = end()
    seat.watch("after it", ended[1], GONE)
    told = _told(seat, before)
    seat.same("turns", ["interrupted"], [turn["outcome"] for turn in told["turns"]])
    seat.same("calls", ["interrupted"], [call["outcome"] for call in told["tool_calls"]])
    for turn in told["turns"]:
        seat.close_to("the turn ended", ended[0] / 1e9, at(turn["ended"]), ended[1] / 1e9)
    seat.ended(told, ended, reasons)


def _known(seat: Seat) -> set[str]:
    return {one.session_id for one in seat.desk.agent.recorded(seat.desk.place.home)}


def _told(seat: Seat, before: set[str]) -> Mapping[str, Any]:
    found = seat.new_session(before)
    if found is None:
        seat.same("a session in its files", "one more", "none")
        return NOTHING
    return seat.desk.settled([found.session_id])[found.session_id]


def _ordered(rows: Iterable[Mapping[str, Any]], by: str) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: str(row[by]))


TERMINAL_SCENES: Final[Mapping[str, Callable[[Seat, str], str]]] = {"keys": _keys, "resume": _resume, "killed": _killed, "closed": _closed}
