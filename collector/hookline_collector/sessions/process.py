"""Whether a session's process still lives, for sessions on the collector's own host."""

import socket
from datetime import UTC, datetime

from hookline.resources import ProcessKey
from hookline.resources import is_alive as lives

MAX_PID_DIGITS = 10


def is_alive(host: str, pid: str, created: str) -> bool | None:
    """Say whether the process lives; None for another host, or where it is not named for good.

    `created` is its creation time (ISO 8601): a pid that came round again is another process.
    """
    created_s = _seconds(created)
    if host != socket.gethostname() or not (pid.isascii() and pid.isdigit()) or len(pid) > MAX_PID_DIGITS or created_s is None:
        return None
    return lives(ProcessKey(int(pid), created_s))


def _seconds(created: str) -> float | None:
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
