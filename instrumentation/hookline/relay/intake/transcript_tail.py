"""The tail of live transcripts: what no hook tells, left in the spool as events (an agent's `Transcripts.signs` says what that is).

    hooks ──▶ spool ──▶ loop ──▶ fold            A thread of its own looks at the transcripts of the sessions that live when something is
               ▲          │ notice              written to them, at most every `POLL_S`, reads on what was appended, and writes what
               │          ▼                     it shows into the spool: there it is durable, ordered by its own time, read again after a crash, and
             told ◀──── tail ◀── transcripts    told once, as its file's name says what it is.

- It delays nobody: hooks know nothing of it, and the loop hands over events without waiting.
- It is bounded: `MAX_SESSIONS`, `MAX_FILES` a session, `MAX_PASS_BYTES` a file and pass. A file that was not known begins at most
  `MAX_BACK_BYTES` before its end, and nothing is told of what happened before the session's first event here.
- It costs nothing while nothing is written: the kernel reports that (`folder_watch`). For a moment after an event it also looks for the
  folders of new subagents. Where the system reports nothing it looks every `POLL_S`, and every `QUIET_POLL_S` where nothing was heard of for a while.
- A transcript that shrank or is another file is read from its start; what it shows again has the same name.
- What hooks may tell by themselves, a little later (a call, an API error), waits `PATIENCE_S` after the relay has read the spool to its end,
  and is dropped when a hook has told it by then.
- Events that waited long in the spool mean that the relay was away: then the loop reads on by itself before it folds them (`catch_up`), so that
  what the transcripts show of that time is folded in its place.
- How far each file was read is kept in `tail.db` now and then, so a relay that was away reads on where it was.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hookline.agent_event import TRANSCRIPT
from hookline.agents import AgentEvent, agent_named
from hookline.agents.equipment import Mark, SignReader, Transcripts, TranscriptSign
from hookline.contract.events import EventKind
from hookline.errors import HooklineError
from hookline.history.progress import Progress
from hookline.relay.intake.folder_watch import FolderWatch
from hookline.spool import write_reported
from hookline.system.json_lines import parse_line, read_lines
from hookline.system.log import LOG

POLL_S: Final = 0.25
QUIET_POLL_S: Final = 1.0
QUIET_AFTER_S: Final = 120.0
FOLDER_POLL_S: Final = 1.0  # how often it is looked for transcripts of new subagents
ACTIVE_S: Final = 10.0  # after an event; until then there may be new subagents
CALM_POLL_S: Final = 60.0  # how often it is looked all the same where the system reports what is written
PATIENCE_S: Final = 3.0
LINGER_S: Final = 5.0  # how long a session is read on after its end
SAVE_S: Final = 5.0
SLACK_NS: Final = 2_000_000_000  # a transcript's line may be a little older than the hook that it goes with
MAX_SESSIONS: Final = 100
MAX_FILES: Final = 200
MAX_KNOWN: Final = 2_000
MAX_WAITING: Final = 500
MAX_PASS_BYTES: Final = 1024 * 1024
MAX_BACK_BYTES: Final = 4 * 1024 * 1024
MAX_PASSES: Final = 64
MAX_NAME: Final = 150
_ENDS: Final = frozenset({EventKind.SESSION_ENDED, EventKind.PROCESS_GONE})
_TURN_ENDS: Final = frozenset({EventKind.TURN_ENDED, EventKind.TURN_FAILED, EventKind.TURN_INTERRUPTED})
_CALL_ENDS: Final = frozenset({EventKind.TOOL_ENDED, EventKind.TOOL_FAILED, EventKind.PERMISSION_DENIED, EventKind.TOOL_INTERRUPTED})

Tell = Callable[[str, bytes, Mapping[str, str], int], object]


@dataclass(slots=True)
class _File:
    """One transcript under way. `identity` tells it from another one of the same name."""

    reader: SignReader
    offset: int
    identity: int


@dataclass(slots=True)
class _Session:
    """One session that lives: its files, what hooks told of it, and what waits for hooks to tell it."""

    session_id: str
    agent: str
    transcripts: Transcripts
    path: Path
    since_ns: int
    heard_s: float
    ends_s: float | None = None
    looked_s: float = -FOLDER_POLL_S
    subagents: tuple[tuple[Path, str], ...] = ()
    files: dict[Path, _File] = field(default_factory=dict)
    told: OrderedDict[str, None] = field(default_factory=OrderedDict)
    waiting: list[tuple[float, TranscriptSign]] = field(default_factory=list)


class TranscriptTail:
    """Reads the transcripts of live sessions. `notice` and `note_dry` are called by the loop; the rest is a thread's own."""

    def __init__(
        self,
        spool: Path,
        progress_path: Path,
        tell: Callable[[Path, str, bytes, Mapping[str, str], int], object] = write_reported,
        clock: Callable[[], float] = time.monotonic,
        watch: FolderWatch | None = None,
    ) -> None:
        self._spool = spool
        self._progress_path = progress_path
        self._tell = tell
        self._clock = clock
        self._watch = watch or FolderWatch(None)
        self._sessions: dict[str, _Session] = {}
        self._host = socket.gethostname()
        self._dry_since_s: float | None = None
        self._marks: dict[Path, Mark] = {}
        self._saved_s = 0.0
        self._read_bytes = 0
        self.told = 0
        self._progress: Progress | None = None
        self._changed = threading.Lock()
        self._looking = threading.Lock()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="hookline-tail", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End the thread; what is appended from now on is read by the next relay."""
        self._is_stopping = True
        self._watch.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def notice(self, event: AgentEvent) -> None:
        """Take note of an event that was folded; never waits for a file."""
        if event.is_beside or not event.session_id:
            return
        with self._changed:
            session = self._sessions.get(event.session_id)
            if session is None:
                session = self._open(event)
            if session is None:
                return
            now_s = self._clock()
            if now_s - session.heard_s > ACTIVE_S:
                self._watch.wake()
            session.heard_s = now_s
            session.ends_s = now_s + LINGER_S if event.kind in _ENDS else None
            for key in keys_of(event):
                session.told[key] = None
            while len(session.told) > MAX_KNOWN:
                session.told.popitem(last=False)

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Nothing of the tail's waits for what was accepted: it lies in the spool."""

    def note_dry(self, is_dry: bool) -> None:
        """Take note of whether every event that lies in the spool has been read."""
        if not is_dry:
            self._dry_since_s = None
        elif self._dry_since_s is None:
            self._dry_since_s = self._clock()

    def catch_up(self, events: Iterable[AgentEvent]) -> bool:
        """Read the transcripts of old events to their ends, up to a bound; say whether that told anything. Called by the loop."""
        before, events = self.told, tuple(events)
        if not events:
            return False
        for event in events:
            if event.kind not in _ENDS:
                self.notice(event)
        read = -1
        for _ in range(MAX_PASSES):
            if read == self._read_bytes:
                break
            read = self._read_bytes
            try:
                self.look()
            except (OSError, sqlite3.Error, HooklineError):
                LOG.exception("a transcript could not be read on")
                break
        return self.told != before

    def look(self) -> float | None:
        """Read on what was appended; return how long until the next look, None while nothing lives."""
        with self._looking:
            return self._look()

    def _look(self) -> float | None:
        now_s = self._clock()
        with self._changed:
            sessions = list(self._sessions.values())
        for session in sessions:
            self._read_on(session, now_s)
            self._settle(session, now_s)
        self._save(now_s, is_forced=False)
        with self._changed:
            for session in sessions:
                if session.ends_s is not None and now_s >= session.ends_s:
                    self._sessions.pop(session.session_id, None)
            left = list(self._sessions.values())
        self._watch.keep({path.parent for session in left for path in (session.path, *(path for path, _ in session.subagents))})
        return min((self._next_look_s(session, now_s) for session in left), default=None)

    def _next_look_s(self, session: _Session, now_s: float) -> float:
        """Return how long until a session is looked at again, if nothing is written meanwhile."""
        silent_s = now_s - session.heard_s
        if not self._watch.is_notified:
            return QUIET_POLL_S if silent_s > QUIET_AFTER_S else POLL_S
        if session.waiting:
            return POLL_S
        if session.ends_s is not None:
            return max(POLL_S, session.ends_s - now_s)
        return FOLDER_POLL_S if silent_s <= ACTIVE_S else CALM_POLL_S

    def _run(self) -> None:
        while not self._is_stopping:
            try:
                wait_s = self.look()
            except (OSError, sqlite3.Error, HooklineError):
                LOG.exception("a transcript could not be read on; it is tried again")
                wait_s = QUIET_POLL_S
            if self._watch.wait(wait_s) and not self._is_stopping:
                time.sleep(POLL_S)  # what is written comes in runs
        self._save(self._clock(), is_forced=True)
        self.close()

    def close(self) -> None:
        """Let go of the file with its marks and of what it watches."""
        if self._progress:
            self._progress.close()
        self._watch.close()

    def _open(self, event: AgentEvent) -> _Session | None:
        """Begin with a session; past the limit the one silent for longest leaves."""
        transcripts = agent_named(event.agent).transcripts() if event.transcript_path and event.kind not in _ENDS else None
        if transcripts is None or not transcripts.is_main(event.transcript_path):
            return None
        if len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[min(self._sessions.values(), key=lambda session: session.heard_s).session_id]
        path, since_ns = Path(event.transcript_path), event.time_ns - SLACK_NS
        session = _Session(event.session_id, event.agent, transcripts, path, since_ns, self._clock())
        self._sessions[event.session_id] = session
        self._watch.wake()
        return session

    def _read_on(self, session: _Session, now_s: float) -> None:
        for path, agent_id in self._paths(session, now_s):
            try:
                status = os.stat(path)  # noqa: PTH116 - many times a second
            except OSError:
                continue
            file = session.files.get(path)
            if file is None or file.identity != status.st_ino or file.offset > status.st_size:
                is_known = file is not None
                offset = 0 if is_known else self._begin(path, status.st_size)
                file = session.files[path] = _File(session.transcripts.signs(session.session_id, session.path, agent_id), offset, status.st_ino)
            if status.st_size > file.offset:
                self._read_file(session, path, file)

    def _paths(self, session: _Session, now_s: float) -> Iterator[tuple[Path, str]]:
        yield session.path, ""
        if now_s - session.looked_s >= FOLDER_POLL_S:
            session.looked_s = now_s
            session.subagents = tuple(session.transcripts.of_subagents(session.path))[-MAX_FILES:]
        yield from session.subagents

    def _begin(self, path: Path, size: int) -> int:
        """Return where reading of a file that was not open begins."""
        self._progress = self._progress or Progress(self._progress_path)
        offset = self._progress.mark(path).offset
        if offset:
            return offset
        return _line_start(path, size - MAX_BACK_BYTES) if size > MAX_BACK_BYTES else 0

    def _read_file(self, session: _Session, path: Path, file: _File) -> None:
        begin = file.offset
        for line in read_lines(path, begin):
            if line.text and session.transcripts.may_show(line.text):
                for seen in file.reader.read(parse_line(line.text)):
                    self._take(session, seen)
            file.offset = line.end
            if file.offset - begin >= MAX_PASS_BYTES:
                break
        if file.offset > begin:
            self._read_bytes += file.offset - begin
            session.heard_s = self._clock()
            self._marks[path] = Mark(file.offset)

    def _take(self, session: _Session, seen: TranscriptSign) -> None:
        if seen.time_ns < session.since_ns:
            return
        if not seen.unless:
            self._leave(session, seen)
        elif len(session.waiting) < MAX_WAITING:
            session.waiting.append((self._clock(), seen))

    def _settle(self, session: _Session, now_s: float) -> None:
        """Tell what waited long enough and no hook told."""
        dry_since_s = self._dry_since_s
        still: list[tuple[float, TranscriptSign]] = []
        for began_s, seen in session.waiting:
            with self._changed:
                is_told = seen.unless in session.told
            if is_told:
                continue
            if dry_since_s is None or now_s - max(began_s, dry_since_s) < PATIENCE_S:
                still.append((began_s, seen))
            else:
                self._leave(session, seen)
        session.waiting = still

    def _leave(self, session: _Session, seen: TranscriptSign) -> None:
        payload = {key: value for key, value in seen.payload.items() if value not in ("", None)}
        self.told += 1
        env = {"agent": session.agent, "source": TRANSCRIPT, "host": self._host}
        self._tell(self._spool, seen.name[:MAX_NAME], json.dumps(payload).encode(), env, seen.time_ns)

    def _save(self, now_s: float, is_forced: bool) -> None:
        if not self._marks or (now_s - self._saved_s < SAVE_S and not is_forced):
            return
        self._saved_s = now_s
        marks, self._marks = self._marks, {}
        self._progress = self._progress or Progress(self._progress_path)
        self._progress.advance({path: mark for path, mark in marks.items() if path.exists()})


def keys_of(event: AgentEvent) -> Iterator[str]:
    """Yield what an event of a hook makes no news of."""
    if event.tool and event.tool.call_id:
        yield f"call:{event.tool.call_id}"
        if event.kind in _CALL_ENDS:
            yield f"done:{event.tool.call_id}"
    if event.kind is EventKind.PROMPT_SUBMITTED and event.prompt_id:
        yield f"prompt:{event.prompt_id}"
    if event.kind in _TURN_ENDS and event.prompt_id:
        yield f"end:{event.prompt_id}"


def _line_start(path: Path, offset: int) -> int:
    """Return where the first line behind an offset begins."""
    with path.open("rb") as file:
        file.seek(offset)
        file.readline(MAX_BACK_BYTES)
        return file.tell()
