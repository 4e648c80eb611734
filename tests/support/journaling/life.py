"""One life of a process that holds a journal and hands it over: started, used, ended gracefully or left for dead."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from hookline.errors import Refused
from hookline.settings import schema
from hookline_collector.delivery import Delivery, Quarantine, SegmentStore
from hookline_collector.journal import Journal
from hookline_collector.journal.disk import Disk
from hookline_collector.observe.catalogue import RECEIVED
from hookline_collector.observe.health import balances
from hookline_collector.observe.metrics import Metrics
from hookline_collector.signal import Signal
from hookline_collector.wire.insertion_units import PART_BYTES
from support.journaling.requests import body, names_in

SMALL = schema.JournalSettings(segment_max_bytes=2_000, segment_max_age_s=0.0, max_bytes=60_000, max_quarantine_bytes=10_000_000)


class Life:
    """`async with Life(...)`; leaving it cancels the hand-over and closes the journal, with whatever is left in it."""

    def __init__(
        self,
        folder: Path,
        store: SegmentStore,
        disk: Disk | None = None,
        limits: schema.JournalSettings = SMALL,
        max_backoff_s: float = 0.001,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self.figures = Metrics()
        self.journal = Journal(folder / "journal", limits, self.figures, disk, retry_after_s=0.0, part_bytes=part_bytes)
        self.quarantine = Quarantine(folder / "quarantine", limits.max_quarantine_bytes, self.figures, disk)
        self.delivery = Delivery(
            self.journal, store, self.quarantine, self.figures, max_backoff_s=max_backoff_s, disk_pause_s=0.001, secure_every_s=0.0
        )
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Life":
        await self.journal.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
            if not self._running.cancelled():
                self._running.result()
        await asyncio.to_thread(_join_delivery)
        await self.journal.close()

    def begin(self) -> None:
        """Start the hand-over."""
        self._running = asyncio.get_running_loop().create_task(self.delivery.run())

    async def send(self, signal: Signal, names: Iterable[str], filler: int = 0) -> bool:
        """Append one request as a receiver does. False when it was refused."""
        names = list(names)
        try:
            await self.journal.append(signal, body(signal, names, filler), len(names), {(RECEIVED, ""): len(names)})
        except Refused:
            return False
        return True

    async def until(self, holds: Callable[[], bool], within_s: float = 10.0) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - it looks at figures that signal nothing
                await asyncio.sleep(0.001)

    async def drain(self) -> None:
        """Wait until the journal is empty."""
        await self.until(lambda: self.is_empty)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to be stored."""
        return not any(self.journal.depth(signal).segments for signal in Signal)

    def set_aside(self) -> Counter[str]:
        """Return how often each name stands among the refused records of the quarantine."""
        refused = [entry for entry in self.quarantine.list() if entry.reason == "refused"]
        return Counter(name for entry in refused for name in names_in(entry.signal, self.quarantine.read(entry.name)))

    def balance(self) -> int:
        """Return received − stored − quarantined − in the journal, from one reading of the metrics: 0 at any time."""
        signals = balances(*self.figures.snapshot())
        return sum(one.received - one.stored - one.quarantined - one.in_journal for one in signals)


def _join_delivery() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("delivery"):
            thread.join()
