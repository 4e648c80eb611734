"""Events of hooks that did not finish: killed, or waiting for a standard input that never closes.

What came of such an event lies in `.PID-N`. When its hook is gone, or has had far more time than the agent gives one, it becomes
an event, at the time of its last byte, with `incomplete=1` in its first line. Its payload may be whole (the input was
only never closed) or cut: then the JSON is closed where it was cut off.
"""

import json
import os
import re
from contextlib import suppress
from pathlib import Path

from hookline.errors import Corrupt
from hookline.spool.event_file import SUFFIX, SpoolEvent, format_event, parse_event
from hookline.system.clock import NS_PER_S

YOUNG_S = 10.0  # twice the time that the agent gives the hook
OLD_S = 300.0
INCOMPLETE = "incomplete"
_PART = re.compile(r"\.(\d{1,10})-(\d{1,9})\Z")
_MAX_TRIES = 1_000


def adopt(folder: Path, host: str, now_ns: int, max_event_bytes: int) -> int:
    """Make events of what dead hooks left, and return how many."""
    return sum(_adopt(part, host, now_ns, max_event_bytes) for part in sorted(folder.glob(".*-*")))


def _adopt(part: Path, host: str, now_ns: int, max_event_bytes: int) -> bool:
    event = _read(part, now_ns, max_event_bytes)
    name = _PART.match(part.name)
    if event is None or name is None:
        return False
    age_s = (now_ns - event.time_ns) / NS_PER_S
    if age_s < YOUNG_S or (age_s < OLD_S and not (event.env.get("host", host) == host and _is_gone(int(name[1])))):
        return False
    payload = mend(event.payload)
    return payload is not None and _leave(part, int(name[1]), int(name[2]), format_event({**event.env, INCOMPLETE: "1"}, payload), event.time_ns)


def _read(part: Path, now_ns: int, max_event_bytes: int) -> SpoolEvent | None:
    try:
        descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if found.st_size > max_event_bytes or (now_ns - found.st_mtime_ns) / NS_PER_S < YOUNG_S:
                return None
            return parse_event(part, found.st_mtime_ns, file.read())
    except (OSError, Corrupt):
        return None


def _leave(part: Path, pid: int, number: int, content: bytes, time_ns: int) -> bool:
    """Put the event under a name that nothing has; the part goes when it is there."""
    draft = part.with_name(f".adopted-{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.utime(draft, ns=(time_ns, time_ns))
        for other in range(number, number + _MAX_TRIES):
            with suppress(FileExistsError):
                os.link(draft, part.with_name(f"{pid}-{other}{SUFFIX}"))
                part.unlink(missing_ok=True)
                return True
    except OSError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return False


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def mend(payload: bytes) -> bytes | None:
    """Return a JSON object that was cut off, closed where it can be; None if nothing of it can be read."""
    text = payload.decode("utf-8", "ignore").strip()
    if _is_object(text):
        return payload
    closers, commas = _open_ends(text)
    for end, rest in ((len(text), closers), *reversed(commas)):
        for candidate in (text[:end] + rest, text[:end] + "null" + rest):
            if _is_object(candidate):
                return candidate.encode()
    return None


def _open_ends(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Return what closes the text at its end, and the last places where a member ended, with what closes it there."""
    stack: list[str] = []
    commas: list[tuple[int, str]] = []
    in_string = is_escaped = False
    for at, sign in enumerate(text):
        if in_string:
            in_string, is_escaped = is_escaped or sign != '"', not is_escaped and sign == "\\"
        elif sign == '"':
            in_string = True
        elif sign in "{[":
            stack.append("}" if sign == "{" else "]")
        elif sign in "}]" and stack:
            stack.pop()
        elif sign == "," and stack:
            commas = [*commas[-1:], (at, "".join(reversed(stack)))]
    return ('"' if in_string else "") + "".join(reversed(stack)), commas


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
