"""The backfill: every conversation that is new or has grown, read and delivered, its progress kept.

One conversation after the other, through the same `ExportDelivery` that the relay uses: bounded memory (what waits for the endpoint is
limited, and reading waits for it), everything accepted before a mark is moved. Requests are filled before they are sent, with the steps of several
conversations if those are small, and it reads on meanwhile. Interrupted at any moment it goes on where it was, a few megabytes back at
most; run again it reads only what is new.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hookline.agents import AGENTS, DEFAULT
from hookline.agents.equipment import Conversation, DeliveredPrompt, HistoryReader, Mark, ReaderEnvironment, Transcripts, no_prompts
from hookline.contract.scopes import HISTORY_SCOPE
from hookline.errors import NotRunning
from hookline.export.batch import Batch
from hookline.export.delivery import ExportDelivery
from hookline.export.endpoint import from_settings
from hookline.export.rejected import RejectedFolder
from hookline.export.sdk import OtlpTransmit, resources_of
from hookline.export.transport import open_exporters
from hookline.history.progress import Progress
from hookline.privacy.capture import capture_rules
from hookline.settings import Settings
from hookline.system.clock import NS_PER_S
from hookline.workspace.project import PlaceCache

QUIET_S = 900.0
PLACES_LIFETIME_S = 60.0
MAX_UNREACHABLE_S = 60.0
REQUEST_ITEMS = 512
UNKEPT_BYTES = 4 * 1024 * 1024  # so many bytes, and so many conversations, are read before it is waited until all was accepted
UNKEPT_CONVERSATIONS = 50
IsDelivered = Callable[[str, str], bool]


@dataclass(slots=True)
class Tally:
    """How far a run is. Bytes are of what is new; damaged lines were passed over."""

    conversations: int = 0
    total_conversations: int = 0
    bytes: int = 0
    total_bytes: int = 0
    lines: int = 0
    damaged: int = 0
    spans: int = 0
    requests: int = 0
    seconds: float = 0.0


def nothing_delivered(session_id: str, prompt_id: str) -> bool:
    """Know of no turn that hooks delivered."""
    del session_id, prompt_id
    return False


def backfill(
    settings: Settings,
    *,
    root: Path | None = None,
    is_delivered: IsDelivered = nothing_delivered,
    prompts_of: Callable[[str], tuple[DeliveredPrompt, ...]] = no_prompts,
    on_progress: Callable[[Tally], None] = lambda tally: None,
    stop: threading.Event | None = None,
    again: bool = False,
    clock: Callable[[], int] = time.time_ns,
    since_s: float = 0.0,
) -> Tally:
    """Read all history that is new and return what was done.

    `is_delivered(session, prompt)` says which turns hooks delivered already, `prompts_of(session)` which those are. `again` forgets what was read
    before. `clock` tells the time in nanoseconds, by which a conversation is quiet or under way. `since_s`: only conversations that have changed
    since (Unix time). Raises NotRunning when the endpoint has not answered for a minute; what was accepted until then stays done.
    """
    begun, tally = time.monotonic(), Tally()
    progress = Progress(settings.data_dir / "history.db")
    if again:
        progress.forget()
    places, capture = PlaceCache(time.monotonic, PLACES_LIFETIME_S), capture_rules(settings.capture)
    around = ReaderEnvironment(places, capture, is_delivered, progress.owner, prompts_of)
    try:
        with _deliverer(settings) as deliverer:
            found = ((transcripts, c) for transcripts, c in _conversations(root) if c.modified_s >= since_s)
            todo = [(transcripts, c, new) for transcripts, c in found if (new := _new_bytes(c, progress))]
            tally.total_conversations, tally.total_bytes = len(todo), sum(new for _, _, new in todo)
            for transcripts, conversation, new in todo:
                reader = transcripts.history(conversation, _marks(conversation, progress), around)
                deliverer.deliver(reader, new, progress, tally, stop, clock())
                tally.conversations, tally.bytes, tally.seconds = tally.conversations + 1, tally.bytes + new, time.monotonic() - begun
                on_progress(tally)
                if stop and stop.is_set():
                    break
            deliverer.keep(progress)
    finally:
        progress.close()
    tally.seconds = time.monotonic() - begun
    return tally


def _conversations(root: Path | None) -> Iterator[tuple[Transcripts, Conversation]]:
    """Yield the conversations of all agents; `root` is another folder of the default agent's, then only that is read."""
    for agent in (DEFAULT,) if root else AGENTS.values():
        if transcripts := agent.transcripts():
            yield from ((transcripts, conversation) for conversation in transcripts.conversations(root or transcripts.root(os.environ)))


def _marks(conversation: Conversation, progress: Progress) -> dict[Path, Mark]:
    return {transcript.path: progress.mark(transcript.path) for transcript in conversation.transcripts}


def _new_bytes(conversation: Conversation, progress: Progress) -> int:
    return sum(max(0, t.size - progress.mark(t.path).offset) for t in conversation.transcripts)


class _Deliverer:
    """Delivers one conversation's steps at a time."""

    def __init__(self, settings: Settings) -> None:
        endpoint = from_settings(settings.relay)
        self._released: list[str] = []
        self._lock = threading.Lock()
        self._unkept: list[HistoryReader] = []
        self._unkept_bytes = 0
        self.delivery = ExportDelivery(
            OtlpTransmit(open_exporters(endpoint), resources_of(settings.relay.user), HISTORY_SCOPE),
            RejectedFolder(settings.data_dir / "rejected", time.time_ns),
            self.on_done,
            endpoint=endpoint.url,
            max_backoff_s=settings.relay.max_backoff_s,
            max_pending_items=settings.relay.max_pending_spans,
            gather_items=REQUEST_ITEMS,
        )

    def on_done(self, batch: Batch) -> None:
        """Keep what was accepted until the reading thread looks."""
        with self._lock:
            self._released.extend(batch.released)

    def deliver(self, reader: HistoryReader, size: int, progress: Progress, tally: Tally, stop: threading.Event | None, now_ns: int) -> None:
        """Deliver a conversation with so many new bytes, keeping progress now and then."""
        self._unkept.append(reader)
        for step in reader.steps(now_ns, int(QUIET_S * NS_PER_S)):
            self.delivery.outbox.offer(step)
            tally.spans += len(step.spans)
            tally.requests += len(step.logs)
            if not self.delivery.outbox.has_room():
                self.keep(progress)
                self._unkept.append(reader)
            if stop and stop.is_set():
                break
        progress.own(reader.prompts(), reader.session_id)  # at once: the next conversation may be a copy of this one
        tally.lines += reader.lines
        tally.damaged += sum(mark.damaged for mark in reader.marks().values())
        self._unkept_bytes += size
        if self._unkept_bytes >= UNKEPT_BYTES or len(self._unkept) >= UNKEPT_CONVERSATIONS:
            self.keep(progress)

    def keep(self, progress: Progress) -> None:
        """Wait until all that was read was accepted, and keep how far that is."""
        self._wait()
        with self._lock:
            released, self._released = tuple(self._released), []
        for reader in self._unkept:
            reader.acknowledge(released)
            progress.own(reader.prompts(), reader.session_id)
        progress.advance({path: mark for reader in self._unkept for path, mark in reader.marks().items()})
        self._unkept, self._unkept_bytes = [], 0

    def _wait(self) -> None:
        deadline = time.monotonic() + MAX_UNREACHABLE_S
        pending = self.delivery.outbox.pending
        while not self.delivery.outbox.wait_until_empty(0.5):
            if self.delivery.outbox.pending < pending:
                pending, deadline = self.delivery.outbox.pending, time.monotonic() + MAX_UNREACHABLE_S
            if time.monotonic() > deadline:
                raise NotRunning(f"history waits for the endpoint: {self.delivery.report.last_error}; start the collector and run it again")


@contextmanager
def _deliverer(settings: Settings) -> Iterator[_Deliverer]:
    deliverer = _Deliverer(settings)
    deliverer.delivery.start()
    try:
        yield deliverer
    finally:
        deliverer.delivery.stop(settings.collector.stop_timeout_s)
