"""Tokens of live sessions: the transcript is read on after each turn.

Hooks know nothing of tokens; the agent writes them into its transcript, a moment after the turn's end. So each end of a turn, a
subagent, a session or a process asks for its transcripts to be read on, `DELAY_S` later, in a thread of its own: the relay's loop never waits for
a large file. Offsets are kept in a file of their own (`usage.db`), apart from the backfill's, and only once what lies before them was
accepted (`acknowledge`): after a crash some is read twice, has the same `log.record.uid` and counts once. The transcript also tells what no hook
does: which session a forked one goes on from. Agents whose files name no prompt leave its id empty: then it is that of the prompt that began last.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hookline.agents import AgentEvent, agent_named
from hookline.agents.equipment import Mark, Transcripts
from hookline.contract import semconv
from hookline.contract.events import EventKind
from hookline.fold.session import prompt_id_of
from hookline.history.progress import Progress
from hookline.records import FoldStep, LogRecord
from hookline.system.evolve import evolve

DELAY_S = 2.0
MAX_WAITING = 1_000
SETTLES = "usage:"
MAX_KNOWN = 1_000
MAX_PROMPTS = 100  # of a session that are remembered
ENDS = frozenset(
    {
        EventKind.TURN_ENDED,
        EventKind.TURN_FAILED,
        EventKind.TURN_INTERRUPTED,
        EventKind.SUBAGENT_ENDED,
        EventKind.SESSION_ENDED,
        EventKind.PROCESS_GONE,
    }
)


class UsageFollower:
    """Reads transcripts on when their sessions' turns end."""

    def __init__(self, progress_path: Path, offer: Callable[[FoldStep], None], has_room: Callable[[], bool], delay_s: float = DELAY_S) -> None:
        self._path = progress_path
        self._offer = offer
        self._has_room = has_room
        self._delay_s = delay_s
        self._due: dict[str, tuple[float, AgentEvent]] = {}
        self._known: dict[str, AgentEvent] = {}
        self._prompts: dict[str, tuple[tuple[int, str], ...]] = {}
        self._offered: dict[Path, int] = {}
        self._unsettled: dict[str, tuple[Path, Mark]] = {}
        self._settled: list[str] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="hookline-usage", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End the thread; what was due is read the next time the session is heard of."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_s)

    def notice(self, event: AgentEvent) -> None:
        """Take note of an event; never blocks and never raises."""
        if event.transcript_path:
            self._remember(event)
        if event.kind is EventKind.PROMPT_SUBMITTED and not event.is_absorbed:
            self._remember_prompt(event)
        if event.kind not in ENDS:
            return
        known = self._known.get(event.session_id)
        if not event.transcript_path and known is None:
            return
        if not event.transcript_path and known is not None:  # a process that is gone names no file
            event = replace(known, kind=event.kind, time_ns=event.time_ns)
        with self._changed:
            if event.session_id in self._due or len(self._due) < MAX_WAITING:
                self._due[event.session_id] = (time.monotonic() + self._delay_s, event)
                self._changed.notify_all()

    def _remember(self, event: AgentEvent) -> None:
        """Keep the newest event that names a session's transcript."""
        self._known.pop(event.session_id, None)
        self._known[event.session_id] = event
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

    def _remember_prompt(self, event: AgentEvent) -> None:
        """Keep when a session's last prompts began."""
        known = self._prompts.pop(event.session_id, ())
        self._prompts[event.session_id] = (*known, (event.time_ns, prompt_id_of(event)))[-MAX_PROMPTS:]
        if len(self._prompts) > MAX_KNOWN:
            del self._prompts[next(iter(self._prompts))]

    def _placed(self, log: LogRecord, session_id: str) -> LogRecord:
        """Return a request under the prompt that began last before it, where its file names none."""
        if log.attributes.get(semconv.PROMPT_ID, "-"):
            return log
        begun = [prompt_id for began_ns, prompt_id in self._prompts.get(session_id, ()) if began_ns <= log.time_ns]
        return evolve(log, attributes={**log.attributes, semconv.PROMPT_ID: begun[-1]}) if begun else log

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note of accepted steps, by what they released; called by the export thread."""
        tokens = [token for token in released if token.startswith(SETTLES)]
        if tokens:
            with self._changed:
                self._settled += tokens
                self._changed.notify_all()

    def _run(self) -> None:
        progress: Progress | None = None
        while (event := self._next()) is not None:
            try:
                progress = progress or Progress(self._path)
                self._keep(progress)
                if transcripts := agent_named(event.agent).transcripts():
                    for path in files_of(transcripts, Path(event.transcript_path)):
                        self._read_on(transcripts, path, event, progress)
            except (OSError, sqlite3.Error):
                continue  # a transcript that cannot be read now is read at the next turn's end
        if progress:
            with suppress(OSError, sqlite3.Error):
                self._keep(progress)
            progress.close()

    def _keep(self, progress: Progress) -> None:
        with self._changed:
            tokens, self._settled = self._settled, []
        marks = dict(self._unsettled.pop(token) for token in tokens if token in self._unsettled)
        if marks:
            progress.advance(marks)

    def _next(self) -> AgentEvent | None:
        with self._changed:
            while not self._stopping:
                wait_s = min((due for due, _ in self._due.values()), default=float("inf")) - time.monotonic()
                if wait_s <= 0:
                    session_id = min(self._due, key=lambda s: self._due[s][0])
                    return self._due.pop(session_id)[1]
                self._changed.wait(None if wait_s == float("inf") else wait_s)
        return None

    def _read_on(self, transcripts: Transcripts, path: Path, event: AgentEvent, progress: Progress) -> None:
        size = path.stat().st_size
        offset = max(progress.mark(path).offset, self._offered.get(path, 0))
        for logs, end in transcripts.usage(path, offset if offset <= size else 0, event):
            while not self._has_room():
                if self._stopping:
                    return
                time.sleep(0.2)
            token = f"{SETTLES}{path}:{end}"
            self._unsettled[token] = (path, Mark(end))
            self._offered[path] = end
            self._offer(FoldStep(logs=tuple(self._placed(log, event.session_id) for log in logs), released=(token,)))


def files_of(transcripts: Transcripts, main: Path) -> Iterator[Path]:
    """Yield the files of the session whose main transcript this is, also of its subagents."""
    yield from (path for path in (main, *(path for path, _ in transcripts.of_subagents(main))) if path.is_file())
