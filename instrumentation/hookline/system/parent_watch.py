"""When a part has to stop: on SIGTERM and SIGINT, and when the supervisor that started it is gone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

SUPERVISED = "HOOKLINE_SUPERVISED"


def on_stop_signal(stop: Callable[[], object]) -> None:
    """Call `stop` on SIGTERM and SIGINT, and when a supervisor dies. For parts that have no event loop; main thread only."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
    watch_supervisor(stop)


def watch_supervisor(stop: Callable[[], object]) -> None:
    """Call `stop` from a thread when the supervisor's end of our standard input closes; nothing when there is no supervisor."""
    if os.environ.pop(SUPERVISED, "") == "1":
        threading.Thread(target=_await_end, args=(stop,), name="supervisor-watch", daemon=True).start()


def is_supervised(pid: int) -> bool:
    """Whether a process was started by a supervisor, as far as its environment tells; False when it is gone or another user's."""
    import psutil  # noqa: PLC0415 - the hook's side of things stays light

    try:
        return psutil.Process(pid).environ().get(SUPERVISED) == "1"
    except (psutil.Error, OSError):
        return False


def _await_end(stop: Callable[[], object]) -> None:
    while os.read(0, 1024):
        pass
    stop()
