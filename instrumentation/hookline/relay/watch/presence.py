"""What the relay sees of processes and of the machine's sleep, as events: who ended, which command runs, when nobody was there.

    an exit the kernel reported  process_gone at its very time, as soon as the spool is read to its end
    a command that began           ToolRunning, for the one shell call that waits for a permission: a person granted it (left in the spool)
    a client that stopped drawing  TurnQuiet, for a turn that thought: a person stopped it before it said a word (left in the spool)
    a sleep of the machine         Suspended, for each session that lived before it (left in the spool)

What is left in the spool is durable and has a name that says what it is. Exits leave no file: the next relay finds the process missing.
"""

from __future__ import annotations

import json
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from hookline.agent_event import PROCESS, RELAY, AgentEvent
from hookline.agents import Agent, agent_named
from hookline.agents.equipment import RunningCommand
from hookline.fold import OpenWait, Thinking
from hookline.relay.watch.quiet import QuietWatch
from hookline.relay.watch.sleeps import SleepWatch
from hookline.relay.watch.watched_sessions import WatchedSession, WatchedSessions
from hookline.resources.drawing import bytes_written
from hookline.resources.exits import ExitWatch
from hookline.spool import write_reported
from hookline.system.log import LOG
from hookline.system.process import ProcessKey

MAX_REPORTED: Final = 1_000
IN_TERMINAL: Final = "cli"
Report = Callable[[Path, str, bytes, dict[str, str], int], object]


class Folded(Protocol):
    """What the fold's state says."""

    def waits(self) -> tuple[OpenWait, ...]:
        """Who waits for a person."""

    def thinking(self) -> tuple[Thinking, ...]:
        """Which turns think."""


def commands_of(agent: Agent, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
    """Return the commands of an agent's client that can be seen to run."""
    return agent.commands(client, after_ns)


class Presence:
    """Looks after the processes of live sessions. Used by the loop; exits come from a thread."""

    def __init__(
        self,
        spool: Path,
        sessions: WatchedSessions,
        folding: Folded,
        sleeps: SleepWatch,
        wake: Callable[[], None],
        commands: Callable[[Agent, ProcessKey, int], list[RunningCommand]] = commands_of,
        report: Report = write_reported,
        written: Callable[[int], int | None] = bytes_written,
    ) -> None:
        self._spool = spool
        self._sessions = sessions
        self._folding = folding
        self._quiet = QuietWatch(written)
        self._sleeps = sleeps
        self._wake = wake
        self._commands = commands
        self._report = report
        self._host = socket.gethostname()
        self._exits: deque[tuple[ProcessKey, int]] = deque()
        self._exit_watch = ExitWatch(self._note_exit)
        self._watched: set[ProcessKey] = set()
        self._wanted = 0
        self._here: set[str] = set()
        self._reported: dict[str, None] = {}

    @property
    def has_exits(self) -> bool:
        """Whether a process ended that has not been reported."""
        return bool(self._exits)

    @property
    def watches_all(self) -> bool:
        """Whether the kernel reports the end of every process that is watched for one; a look is only for what it might miss."""
        return bool(self._watched) and len(self._watched) == self._wanted

    def close(self) -> None:
        """Give back what the system holds."""
        self._exit_watch.close()

    def pop_exits(self) -> Iterator[AgentEvent]:
        """Yield the ends of sessions whose process was seen to end; to be folded when the spool is read to its end."""
        while self._exits:
            key, at_ns = self._exits.popleft()
            yield from self._sessions.gone(key, at_ns)

    def watch(self) -> None:
        """Watch the processes of the sessions that live now, and no others."""
        keys = {key for session in self._sessions if (key := session.key) is not None}
        self._wanted = len(keys)
        if keys != self._watched:
            self._exit_watch.keep(keys)
            self._watched = {key for key in keys if self._exit_watch.watch(key)}

    def report_sleep(self, now_ns: int) -> None:
        """Leave an event for each session over which the machine slept since the last look."""
        slept_s = self._sleeps.slept_s()
        here, self._here = self._here, {session.session_id for session in self._sessions}
        if slept_s:
            for session in self._sessions:
                if session.session_id in here:
                    payload = {"hook_event_name": "Suspended", "session_id": session.session_id, "slept_ms": round(slept_s * 1000)}
                    self._leave(session.agent, f"sleep-{session.session_id}-{now_ns}", payload, RELAY, now_ns)

    def thinking(self) -> list[tuple[Thinking, ProcessKey]]:
        """Return the turns that think in a terminal, each with its client's process."""
        keys = {session.session_id: session.key for session in self._sessions if agent_named(session.agent).draws_while_thinking}
        found = ((turn, keys.get(turn.session_id)) for turn in self._folding.thinking() if turn.entrypoint == IN_TERMINAL)
        return [(turn, key) for turn, key in found if key is not None]

    def report_quiet(self, thinking: Iterable[tuple[Thinking, ProcessKey]], now_ns: int) -> None:
        """Look at what clients draw while they think; leave an event for each that stopped."""
        turns = {(turn.session_id, turn.prompt_id): (turn, key.pid) for turn, key in thinking}
        agents = {session.session_id: session.agent for session in self._sessions} if turns else {}
        for name, since_ns in self._quiet.look({name: pid for name, (_, pid) in turns.items()}, now_ns):
            turn = turns[name][0]
            payload = {"hook_event_name": "TurnQuiet", "session_id": turn.session_id, "prompt_id": turn.prompt_id}
            at_ns = max(since_ns, turn.since_ns)
            self._leave(agents.get(turn.session_id, ""), f"quiet-{turn.prompt_id}-{at_ns}", payload, PROCESS, at_ns)

    def shell_waits(self) -> list[OpenWait]:
        """Return the permissions of shell calls that are waited for."""
        return [
            wait
            for wait in self._folding.waits()
            if wait.reason == "permission" and wait.tool in agent_named(wait.agent).shell_tools and wait.call_id
        ]

    def report_commands(self, waiting: Iterable[OpenWait]) -> None:
        """Leave an event for each waiting call whose command was seen to run; of several that wait in one session nobody knows whose it is."""
        by_session: dict[str, list[OpenWait]] = {}
        for wait in waiting:
            by_session.setdefault(wait.session_id, []).append(wait)
        for session in self._sessions:
            waits = by_session.get(session.session_id, [])
            if len(waits) == 1 and session.key:
                self._look_for_command(session, session.key, waits[0])

    def _look_for_command(self, session: WatchedSession, client: ProcessKey, wait: OpenWait) -> None:
        name = f"running-{wait.call_id}"
        if name in self._reported or not (commands := self._commands(agent_named(wait.agent), client, wait.since_ns)):
            return
        self._remember(name)
        payload = {"hook_event_name": "ToolRunning", "session_id": session.session_id, "tool_use_id": wait.call_id, "tool_name": wait.tool}
        payload |= {"agent_id": wait.agent_id, "agent_type": wait.agent_type, "cwd": wait.place.root}
        self._leave(wait.agent, name, payload, PROCESS, commands[0].began_ns)

    def _leave(self, agent: str, name: str, payload: dict[str, Any], source: str, time_ns: int) -> None:
        env = {"agent": agent, "source": source, "host": self._host}
        try:
            self._report(self._spool, name, json.dumps(payload).encode(), env, time_ns)
        except OSError:
            LOG.exception("what was seen of a process could not be written")

    def _remember(self, name: str) -> None:
        self._reported[name] = None
        if len(self._reported) > MAX_REPORTED:
            del self._reported[next(iter(self._reported))]

    def _note_exit(self, key: ProcessKey, at_ns: int) -> None:
        self._exits.append((key, at_ns))
        self._wake()
