"""A person's seat at a client's terminal: keys at known times, what the live view says after each, and rows about it.

A busy machine starts programs late, and hooks are programs: by as much as that (`play.pulse`) a moment may be off beside its limit.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import psutil

from play.agents.agent_stage import AgentDesk
from play.agents.headless_scenes import long_call_runs
from play.agents.under_test import RecordedSession, TerminalUse
from play.terminal import SETTLE_S, NotSeen, Terminal
from play.told import said
from play.truth import AIM_S, LIMIT_S, LIVE_S, Row, is_excused

PATIENCE_S: Final = 6.0
START_S: Final = 120.0
TRIES: Final = 4
TYPED_S: Final = 6.0
STOPS_S: Final = 8.0
PERMISSION, WORKING, PROMPT, GONE = "waiting for permission", "working", "waiting for prompt", "ended"
ENDED: Final = frozenset({"(nobody)", GONE})


@dataclass(slots=True)
class Seat:
    """One terminal, in which one scene is played."""

    desk: AgentDesk
    use: TerminalUse
    scene: str
    terminal: Terminal
    rows: list[Row] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return what the scene is called in the table."""
        return f"{self.desk.agent.name} {self.scene}"

    # What a person does

    def start(self, words: Sequence[str]) -> None:
        """Start the client and answer what it asks before the first prompt."""
        self.terminal.start(words, self.desk.env(), self.desk.place.shop)
        for pattern, key in self.use.first:
            if self.terminal.shows_soon(f"{pattern}|{self.use.ready}", START_S) and self.terminal.shows(pattern):
                self.terminal.choose(key, pattern)
        self.terminal.see(self.use.ready, START_S)
        time.sleep(0.5)

    def enter(self, text: str) -> int:
        """Type a text, anew where a client that has just drawn its input line does not read yet, and press Enter; return when that was."""
        for _ in range(TRIES):
            self.terminal.tmux("send-keys", "-l", text)
            if self.terminal.shows_soon(re.escape(text[:60]), TYPED_S):
                break
            self.terminal.press("C-u")
        else:
            raise NotSeen(f"{text!r} cannot be typed on this screen:\n{self.terminal.screen()}")
        time.sleep(SETTLE_S)
        return self.terminal.press("Enter")

    def asks_model(self, since_ns: int) -> int:
        """Wait until the client asks its model; return when. What it does with a prompt before that nobody sees; a busy one takes seconds."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if asked := [at_ns for name, at_ns, _ in self.desk.model.asked if name == self.desk.agent.name and at_ns > since_ns]:
                return asked[0]
            time.sleep(0.02)
        raise NotSeen(f"the model is not asked:\n{self.terminal.screen()}")

    def question(self) -> int:
        """Wait until a permission is asked for and the live view says so; return when it was shown."""
        shown = self.terminal.see(self.use.asks, START_S)
        self.watch("at the permission", shown, PERMISSION)
        return shown

    def answer(self, shown_ns: int, key: str, after_s: float) -> int:
        """Answer a question some time after it was shown; return when."""
        time.sleep(max(0.0, after_s - (time.time_ns() - shown_ns) / 1e9))
        pressed = self.terminal.press(key)
        self.asked.append(shown_ns)
        self.answered.append(pressed)
        return pressed

    def grant_if_asked(self, runs: Callable[[], bool]) -> None:
        """Permit a command of an agent that asks for every one; wait until it runs."""
        if self.use.asks_always:
            self.answer(self.question(), self.use.allow, 0.0)
        if not runs():
            raise NotSeen(f"the command does not run:\n{self.terminal.screen()}")

    def run_slow(self, prompt: str) -> None:
        """Prompt for the command that takes a minute, and wait until it runs."""
        self.enter(prompt)
        if not self.use.asks_always and not long_call_runs(self.desk.agent, START_S / TRIES):
            self.terminal.press("Enter")  # a busy client took the first one for part of the text
        self.grant_if_asked(lambda: long_call_runs(self.desk.agent, START_S))

    def stop(self) -> int:
        """Press Escape, as often as the client wants; return when. One that wants it twice, and soon, may be too busy to see that: once more."""
        at = self.terminal.press("Escape")
        if not self.use.stop_again:
            return at
        for _ in range(TRIES):
            if self.terminal.shows_soon(self.use.stop_again, TYPED_S):
                at = self.terminal.press("Escape")
            if not self._goes_on(STOPS_S):
                break
            at = self.terminal.press("Escape")
        return at

    def _goes_on(self, within_s: float) -> bool:
        """Whether the slow command still runs after a while."""
        deadline = time.monotonic() + within_s
        while (runs := long_call_runs(self.desk.agent, 0.1)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return runs

    def leave(self) -> tuple[int, int]:
        """Leave the client, and wait until its process has ended; return when the key was pressed and when that was seen."""
        pressed = self.enter(self.use.leave)
        for _ in range(TRIES):
            if self.terminal.shows_soon("left>", START_S / TRIES):
                return pressed, time.time_ns()
            pressed = self.terminal.press("Enter")  # a busy client took the first one for part of the text
        raise NotSeen(f"{self.use.leave} does not leave:\n{self.terminal.screen()}")

    def processes(self) -> list[psutil.Process]:
        """Return the client's processes: all that the pane's shell has started."""
        found = []
        with suppress(psutil.Error, ValueError):
            found += psutil.Process(int(self.terminal.tmux("display-message", "-p", "#{pane_pid}"))).children(recursive=True)
        return found + [one for one in self.daemons() if one not in found]

    def daemons(self) -> list[psutil.Process]:
        """Return what the client leaves running in the background for its project."""
        shop, daemon = str(self.desk.place.shop), self.use.daemon
        return [one for one in psutil.process_iter(["cmdline"]) if daemon and {daemon, shop} <= set(one.info["cmdline"] or ())]

    def close(self) -> None:
        """End the terminal and whatever of the client it leaves behind; what stood on the screen is kept."""
        left = [one for one in self.processes() if one not in self.daemons()]
        (self.desk.folder / f"terminal-{self.scene}.txt").write_text(self.terminal.screen())
        self.terminal.close()
        kill(left)

    # What is then said of it

    def watch(self, what: str, since_ns: int, true: str) -> None:
        """Look at the live view until it says what is true since a moment; note how long that took."""
        while True:
            views = self.desk.sessions()
            shown, after_s = said(views[0] if views else None), (time.time_ns() - since_ns) / 1e9
            is_same = shown == true or (true == GONE and shown in ENDED)
            if is_same or after_s > PATIENCE_S:
                verdict = ("good" if after_s <= LIVE_S / 2 else self._limited(after_s, LIVE_S)) if is_same else "WRONG"
                self.rows.append(Row(self.name, "", f"live {what}", true, shown, f"{after_s:+.2f}" if is_same else "never", verdict, is_same))
                return
            time.sleep(0.1)

    def same(self, what: str, true: Any, shown: Any) -> None:
        """Note something that must be equal."""
        self.rows.append(Row(self.name, "", what, str(true), str(shown), "", "good" if true == shown else "WRONG"))

    def close_to(self, what: str, true_s: float, shown_s: float, until_s: float | None = None) -> None:
        """Note a time, or how long something took; `until_s`: it may be anything from the first on."""
        off = shown_s - true_s if shown_s < true_s or until_s is None else max(0.0, shown_s - until_s)
        verdict = "good" if abs(off) <= AIM_S else self._limited(abs(off), LIMIT_S)
        self.rows.append(Row(self.name, "", what, f"{true_s:.2f}", f"{shown_s:.2f}", f"{off:+.2f}", verdict, is_timed=True))

    def turn_ended(self, seen_s: float, noted_s: float | None, since_s: float, shown_s: float) -> None:
        """Note when the turn ended that had begun at a moment: what the client noted before that is of another turn."""
        self.close_to_either("the turn ended", seen_s, noted_s if noted_s and noted_s >= since_s else None, shown_s)

    def close_to_either(self, what: str, seen_s: float, noted_s: float | None, shown_s: float) -> None:
        """Note a time that was seen from outside and that the client may have noted itself: a busy one draws late and takes keys late."""
        noted_s = seen_s if noted_s is None else noted_s
        self.close_to(what, min(seen_s, noted_s), shown_s, max(seen_s, noted_s))

    def _limited(self, off_s: float, limit_s: float) -> str:
        return "ok" if off_s <= limit_s else "late" if is_excused(off_s, limit_s, self.desk.machine_s()) else "WRONG"

    def waits(self, calls: Sequence[Mapping[str, Any]], noted: Sequence[float | None]) -> None:
        """Note how long each answer was waited for; the questions were about these calls.

        A busy client draws its question late, and takes a key late: where it `noted` itself how long it waited, that is true as well, and else that
        it waited since its model wanted the call (Codex draws the first question most of a second after its hook has told of it).
        """
        for number, (asked, answered) in enumerate(zip(self.asked, self.answered, strict=True)):
            waited = float(calls[number]["wait_s"] or 0.0) if number < len(calls) else 0.0
            noted_s = noted[number] if number < len(noted) else None
            wanted = max((at_ns for name, at_ns, _ in self.desk.model.asked if name == self.desk.agent.name and at_ns <= asked), default=asked)
            self.close_to_either(f"wait {number + 1}", (answered - asked) / 1e9, (answered - wanted) / 1e9 if noted_s is None else noted_s, waited)

    def ended(self, told: Mapping[str, Any], span_ns: tuple[int, int], reasons: Iterable[str]) -> None:
        """Note when and why the session ended: from what ended it until its process was gone."""
        session = told["session"]
        if session.get("ended"):
            self.close_to("the session ended", span_ns[0] / 1e9, at(session["ended"]), span_ns[1] / 1e9)
        allowed, reason = tuple(reasons), session.get("end_reason")
        self.same("why the session ended", reason if reason in allowed else " or ".join(allowed), reason)

    def new_session(self, before: set[str]) -> RecordedSession | None:
        """Return the session that is in the client's files and was not before."""
        return next((one for one in reversed(self.desk.agent.recorded(self.desk.place.home)) if one.session_id not in before), None)


def kill(processes: Iterable[psutil.Process]) -> int:
    """End processes at once, whatever they do; return when all were gone (Unix ns)."""
    found = list(processes)
    for process in found:
        with suppress(psutil.Error):
            process.kill()
    return gone(found)


def gone(processes: Sequence[psutil.Process], within_s: float = 20.0) -> int:
    """Wait until processes have ended; return when that was seen (Unix ns). What does not end of itself is ended."""
    left = list(processes)
    deadline = time.monotonic() + within_s
    while (left := [one for one in left if _runs(one)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    at_ns = time.time_ns()
    for process in left:
        with suppress(psutil.Error):
            process.kill()
    return at_ns


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def at(moment: str | None) -> float:
    """Return a moment in Unix seconds, 0 where there is none."""
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
