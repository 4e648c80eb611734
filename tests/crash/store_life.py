"""One life of a store in a process of its own: what `test_disk_full` does on a small disk.

Arguments: the data folder, days of retention, bytes of the ballast, and what to do: `open`, `trust` (believe that there is room, as before
a disk that fills at the wrong moment), `insert`, `retain`, `fill:BYTES`, `clear`, `count`, `damages`, `kill`. Prints a line for each.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.errors import HooklineError
from hookline.settings import Settings
from hookline.settings.schema import RetentionSettings, StoreSettings
from hookline_collector.observe import disk_room
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.small_disk import SmallDisk

DAY_NS = 86_400 * 10**9


class Life:
    """What can be done in a life."""

    def __init__(self, data_dir: Path, days: int, ballast_bytes: int) -> None:
        self._disk = SmallDisk(data_dir.parent)
        retention = RetentionSettings(traces_days=days, logs_days=days, metrics_days=days, derived_days=days)
        self._settings = Settings(data_dir=data_dir, retention=retention, store=StoreSettings(insert_timeout_s=10.0, ballast_bytes=ballast_bytes))
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The store, which must have opened."""
        assert self._store is not None, "the store is not open"
        return self._store

    def do(self, what: str) -> object:
        """Do one thing and return what it gave."""
        name, _, argument = what.partition(":")
        if name == "open":
            self._store = Store.open(self._settings)
        elif name == "trust":
            disk_room.Free.is_enough = property(lambda _: True)  # type: ignore[assignment,method-assign]
        elif name == "insert":
            self.store.insert(Signal.TRACES, spans(int(argument or 20)), f"{os.getpid()}-{time.monotonic_ns()}")
        elif name == "retain":
            return self.store.apply_retention()
        elif name == "count":
            return self.store.query("SELECT count() FROM otel_traces").scalar()
        elif name == "damages":
            return list(self.store.damages())
        elif name == "fill":
            self._disk.fill(but=int(argument))
        elif name == "clear":
            self._disk.clear()
        elif name == "kill":
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"


def spans(count: int) -> bytes:
    """A request of an agent's spans: today's, and as many of a hundred days ago."""
    request = ExportTraceServiceRequest()
    scoped = request.resource_spans.add().scope_spans.add()
    scoped.scope.name = "hookline.agent"
    for n in range(count):
        start = time.time_ns() - (n % 2) * 100 * DAY_NS
        span = scoped.spans.add(trace_id=os.urandom(16), span_id=os.urandom(8), name="x", start_time_unix_nano=start, end_time_unix_nano=start + 1)
        span.attributes.add(key="session.id").value.string_value = "s"
    return request.SerializeToString()


def main() -> None:
    """Do everything that was asked for; what fails on purpose is said and the rest goes on."""
    life = Life(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    for what in sys.argv[4:]:
        try:
            print(what, life.do(what), flush=True)
        except HooklineError as why:
            print(what, type(why).__name__, str(why).splitlines()[0], flush=True)
    if life._store is not None:
        life.store.close()


if __name__ == "__main__":
    main()
