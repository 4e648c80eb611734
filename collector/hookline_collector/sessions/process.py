"""Whether a session's process still lives, for sessions on the collector's own host."""

import contextlib
import socket
from datetime import datetime

import psutil

CLOCK_SLACK_S = 2.0


def is_alive(host: str, pid: str, created: str) -> bool | None:
    """Say whether the process lives; None for another host, or where it cannot be known.

    `created` is its creation time (ISO 8601): a pid that came round again is another process.
    """
    if host != socket.gethostname() or not pid.isdigit() or not created:
        return None
    try:
        began = psutil.Process(int(pid)).create_time()
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return None
    with contextlib.suppress(ValueError):
        return abs(began - datetime.fromisoformat(created).timestamp()) < CLOCK_SLACK_S
    return None
