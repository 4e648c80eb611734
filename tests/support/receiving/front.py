"""The front half of a collector (receivers and ingest) on an event loop in a thread, for clients that block."""

import asyncio
import dataclasses
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hookline.errors import Refused
from hookline.settings import Settings
from hookline_collector.ingest import Ingest
from hookline_collector.ingest.pipeline import RequestJournal
from hookline_collector.observe.metrics import Changes, Metrics
from hookline_collector.receive import GrpcReceiver, HttpReceiver
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal

T = TypeVar("T")


class MemoryJournal:
    """A journal that keeps what it gets. `refusal` is raised instead (`once` or always); `gate` holds appends back while it is closed."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.appended: list[tuple[Signal, bytes, int]] = []
        self.refusal: Exception | None = None
        self.once = False
        self.entered = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def append(self, signal: Signal, body: bytes, items: int, changes: Changes | None = None) -> None:
        """Keep the request."""
        self.entered.set()
        if self.gate:
            await self.gate.wait()
        if self.refusal:
            refusal, self.refusal = self.refusal, None if self.once else self.refusal
            raise refusal
        self.appended.append((signal, body, items))
        self._metrics.move(signal, changes or {})

    def messages(self, signal: Signal) -> list[Any]:
        """Return the requests of a signal, parsed."""
        return [signal.request_class.FromString(body) for of, body, _ in self.appended if of is signal]

    def items(self, signal: Signal | None = None) -> int:
        """Return how many items were kept."""
        return sum(items for of, _, items in self.appended if signal in (None, of))

    def fill(self) -> None:
        """Be full from now on."""
        self.refusal = Refused("the journal is full", 0.5)


class Front:
    """Receivers on free ports in front of a journal in memory."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.figures = Metrics()
        self.journal = MemoryJournal(self.figures)
        self.heavy = HeavyWork()
        self.ingest = Ingest(settings.limits, self._journal(), self.figures, self.heavy)
        self.grpc = GrpcReceiver(settings, self.ingest)
        self.http = HttpReceiver(settings, self.ingest, self.heavy)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def _journal(self) -> RequestJournal:
        return self.journal

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the front's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def call(self, work: Any) -> None:
        """Call a function on the front's loop and wait for it."""

        async def call() -> None:
            work()

        self.run(call())

    def start(self) -> None:
        """Serve."""
        self._thread.start()
        self.run(self.grpc.start())
        self.run(self.http.start())
        self.run(self.heavy.run(int))  # its thread is there from now on, whichever test needs it first

    def stop(self) -> None:
        """Stop serving and end the thread."""
        self.run(self.grpc.stop(0.2))
        self.run(self.http.stop(0.2))
        self.run(self.ingest.close())
        self.call(self.heavy.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def settings_for(data_dir: Path, *, limits: Mapping[str, Any] | None = None, **collector: Any) -> Settings:
    """Return settings with free ports on loopback."""
    base = Settings(data_dir=data_dir)
    addresses = {"otlp_grpc": "127.0.0.1:0", "otlp_http": "127.0.0.1:0"}
    return dataclasses.replace(
        base, collector=dataclasses.replace(base.collector, **(addresses | collector)), limits=dataclasses.replace(base.limits, **(limits or {}))
    )


@contextmanager
def serving(settings: Settings) -> Iterator[Front]:
    """Serve while the block runs."""
    front = Front(settings)
    try:
        front.start()
        yield front
    finally:
        front.stop()
