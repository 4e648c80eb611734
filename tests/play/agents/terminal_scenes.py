"""A person at the client's terminal: a permission granted, one refused, a command stopped with Escape, and the client left; judged as the rest.

What the live view says must be there within two seconds of each key, what the report says of waits and ends within a second of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from play.agents.agent_stage import AgentDesk
from play.agents.headless_scenes import long_call_runs
from play.agents.scenarios import long_command, own, shell
from play.agents.under_test import TerminalUse
from play.terminal import NotSeen, Terminal
from play.told import said
from play.truth import AIM_S, LIMIT_S, LIVE_S, Row
from support.scripted_model.dialect import Step

PATIENCE_S: Final = 6.0
START_S: Final = 60.0
WAITED_S: Final = 3.0
PERMISSION, WORKING, PROMPT, GONE = "waiting for permission", "working", "waiting for prompt", "ended"
RUNS_S: Final = 3
RATES: Final = "Fetch the rates twice."
SLOW: Final = "Run the slow one now."


def terminal_script(desk: AgentDesk) -> Mapping[str, list[Step]]:
    """Return what the model answers."""
    asked: list[Step] = [{"tools": [["asked", {"command": f"sleep {RUNS_S}; curl -s http://127.0.0.1:{port}/ || echo refused"}]]} for port in (9, 10)]
    slow: list[Step] = [{"tools": [shell(f"echo begin; {long_command(desk.agent)}")]}, {"say": "Slept."}]
    return {RATES: own([*asked, {"say": "So be it."}], desk.agent), SLOW: own(slow, desk.agent)}


def play_in_terminal(desk: AgentDesk, use: TerminalUse) -> None:
    """Play the scene, then judge it."""
    desk.model.scripts[desk.agent.name] = {**desk.model.scripts.get(desk.agent.name, {}), **terminal_script(desk)}
    before = {one.session_id for one in desk.agent.recorded(desk.place.home)}
    terminal = Terminal(f"play-{desk.agent.name}-{time.time_ns()}")
    scene = _Scene(desk, use, terminal)
    try:
        scene.play()
    finally:
        (desk.folder / "terminal.txt").write_text(terminal.screen())
        terminal.close()
    found = [one.session_id for one in desk.agent.recorded(desk.place.home) if one.session_id not in before]
    if found:
        desk.rows += scene.judged(desk.settled(found[-1:])[found[-1]])
    else:
        desk.rows.append(Row(f"{desk.agent.name} terminal", "", "a session in its files", "one more", "none", "", "WRONG"))


class _Scene:
    """The moments of one scene, in Unix ns."""

    def __init__(self, desk: AgentDesk, use: TerminalUse, terminal: Terminal) -> None:
        self.desk, self.use, self.terminal = desk, use, terminal
        self.name = f"{desk.agent.name} terminal"
        self.asked: list[int] = []
        self.answered: list[int] = []
        self.stopped = self.left = 0

    def play(self) -> None:
        """Press the keys."""
        self.terminal.start(self.use.command(self.desk.place), self.desk.env(), self.desk.place.shop)
        self._begin()
        self.terminal.enter(RATES)
        self._answer(self.use.allow, "granting", WORKING if self.use.shows_runs else "")
        goes_on = self.use.refused_turn != "interrupted" and self.use.goes_on_refused
        self._answer(self.use.refuse, "refusing", "" if goes_on else PROMPT)
        if goes_on:
            self.terminal.see("So be it", START_S)
        time.sleep(1.0)
        self.terminal.enter(SLOW)
        if not long_call_runs(self.desk.agent, START_S):
            raise NotSeen(f"the slow command does not run:\n{self.terminal.screen()}")
        time.sleep(2.0)
        self.stopped = self.terminal.press("Escape")
        if self.use.stop_again and self.terminal.shows_soon(self.use.stop_again):
            self.stopped = self.terminal.press("Escape")
        self._watch("after Escape", self.stopped, PROMPT)
        time.sleep(1.0)
        self.left = self.terminal.enter(self.use.leave)
        self.terminal.see("left>", START_S)
        self._watch("after leaving", time.time_ns(), GONE)

    def _begin(self) -> None:
        """Answer what is asked before the first prompt."""
        for pattern, key in self.use.first:
            if self.terminal.shows_soon(f"{pattern}|{self.use.ready}", START_S) and self.terminal.shows(pattern):
                self.terminal.choose(key, pattern)
        self.terminal.see(self.use.ready, START_S)
        time.sleep(0.5)

    def _answer(self, key: str, how: str, then: str) -> None:
        shown = self.terminal.see(self.use.asks, START_S)
        self._watch("at the permission", shown, PERMISSION)
        time.sleep(max(0.0, WAITED_S - (time.time_ns() - shown) / 1e9))
        pressed = self.terminal.press(key)
        self.asked.append(shown)
        self.answered.append(pressed)
        if then:
            self._watch(f"after {how}", pressed, then)
        else:
            with suppress(NotSeen):  # the next question looks the same
                self.terminal.miss(self.use.asks, 5.0)

    def _watch(self, what: str, since_ns: int, true: str) -> None:
        """Look at the live view until it says what is true since a moment; note how long that took."""
        while True:
            views = self.desk.sessions()
            shown, after_s = said(views[0] if views else None), (time.time_ns() - since_ns) / 1e9
            is_same = shown == true or (true == GONE and shown in ("(nobody)", "ended"))
            if is_same or after_s > PATIENCE_S:
                verdict = ("good" if after_s <= LIVE_S / 2 else "ok" if after_s <= LIVE_S else "WRONG") if is_same else "WRONG"
                off = f"{after_s:+.2f}" if is_same else "never"
                self.desk.rows.append(Row(self.name, "", f"live {what}", true, shown, off, verdict, is_same))
                return
            time.sleep(0.1)

    def judged(self, told: Mapping[str, Any]) -> list[Row]:
        """Return the rows of what is told afterwards."""
        calls = sorted(told["tool_calls"], key=lambda call: call["requested"])
        turns = sorted(told["turns"], key=lambda turn: turn["started"])
        refused = self.use.refused_turn
        outcomes = ["success", self.use.refused_call, "interrupted"]
        rows = [
            self._row("turns", [refused, "interrupted"], [turn["outcome"] for turn in turns]),
            self._row("calls", outcomes, [call["outcome"] for call in calls]),
        ]
        for number, (asked, answered) in enumerate(zip(self.asked, self.answered, strict=True)):
            waited = float(calls[number]["wait_s"] or 0.0) if number < len(calls) else 0.0
            rows.append(_seconds(self.name, f"wait {number + 1}", (answered - asked) / 1e9, waited))
        if turns:
            rows.append(_seconds(self.name, "the turn that was stopped ended", self.stopped / 1e9, _at(turns[-1]["ended"])))
        if ended := told["session"].get("ended"):
            rows.append(_seconds(self.name, "the session ended", self.left / 1e9, _at(ended)))
        else:
            rows.append(self._row("the session ended", True, False))
        return rows

    def _row(self, what: str, true: Any, shown: Any) -> Row:
        return Row(self.name, "", what, str(true), str(shown), "", "good" if true == shown else "WRONG")


def _at(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def _seconds(name: str, what: str, true: float, shown: float) -> Row:
    off = shown - true
    verdict = "good" if abs(off) <= AIM_S else "ok" if abs(off) <= LIMIT_S else "WRONG"
    return Row(name, "", what, f"{true:.2f}", f"{shown:.2f}", f"{off:+.2f}", verdict, is_timed=True)
