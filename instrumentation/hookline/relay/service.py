"""One relay from start to stop.

Start: the folder's lock, the spool's folders, the parts. Stop (the event is set: by SIGTERM or SIGINT, or by whoever
started the relay in a thread): what can be delivered within `collector.stop_timeout_s` is; the rest stays in the spool
for the next relay. SIGHUP, a closed terminal, ends nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hookline.fold import FoldRules
from hookline.relay.assembly import RelayParts, assemble
from hookline.relay.loop import Loop
from hookline.settings import Settings
from hookline.spool import prepare
from hookline.system import locks
from hookline.system.log import LOG, logging_to
from hookline.system.parent_watch import on_stop_signal

MARGIN_S = 0.5  # of the stop's time, for ending each thread and for the process


def run_relay(settings: Settings, stop: threading.Event | None, ready: Callable[[], object] | None, rules: FoldRules) -> int:
    """Run until `stop` is set; without one, until SIGTERM or SIGINT.

    Raises AlreadyRunning, naming the process that works on the data folder, and ConfigInvalid.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if stop is None:
        stop = threading.Event()
        if is_main:
            on_stop_signal(stop.set)
    if is_main:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with locks.hold(lock_path(settings), "relay"), logging_to(settings.data_dir / "relay.log"):
        _serve(settings, stop, ready, rules)
    return 0


def lock_path(settings: Settings) -> Path:
    """Return the path of the lock that a running relay holds."""
    return settings.data_dir / "relay.lock"


def _serve(settings: Settings, stop: threading.Event, ready: Callable[[], object] | None, rules: FoldRules) -> None:
    prepare(settings)
    parts = assemble(settings, rules)
    loop = Loop(settings.relay, parts)
    LOG.info("relay %d began; it sends to %s", os.getpid(), settings.relay.endpoint)
    parts.start()
    try:
        with _waking(stop, parts):
            if ready is not None:
                ready()
            loop.run(stop)
            loop.finish(time.monotonic() + max(MARGIN_S, settings.collector.stop_timeout_s - 4 * MARGIN_S))
    finally:
        parts.notifier.stop(MARGIN_S)
        parts.tail.stop(MARGIN_S)
        parts.usage.stop(MARGIN_S)
        parts.delivery.stop(MARGIN_S)
        loop.close()
        parts.close()
        LOG.info("relay %d ended", os.getpid())


@contextlib.contextmanager
def _waking(stop: threading.Event, parts: RelayParts) -> Iterator[None]:
    """Wake the loop when `stop` is set, which may happen in any thread or in a signal handler."""

    def wake() -> None:
        stop.wait()
        parts.watch.wake()

    waker = threading.Thread(target=wake, name="hookline-stop", daemon=True)
    waker.start()
    try:
        yield
    finally:
        stop.set()
        waker.join(1.0)
