"""Writing an event from Python, by the hook's own rules: claim a name exclusively, fill it, rename it."""

import itertools
import os
from collections.abc import Mapping
from pathlib import Path

from hookline.errors import Refused
from hookline.spool.event_file import SUFFIX, TOLD, format_event
from hookline.spool.folder import DROPPED, FULL

_MAX_TRIES = 1000
_MAX_NAME = 180
_NUMBERS = itertools.count()


def write_event(folder: Path, payload: bytes, env: Mapping[str, str], time_ns: int | None = None) -> Path | None:
    """Leave one event in the spool and return its path; None if the spool is past its limits (the drop is counted).

    `time_ns` sets the event's time to another one than now. Raises OSError where the folder takes no file.
    """
    if (folder / FULL).exists():
        _append(folder / DROPPED, b".")
        return None
    part, event = _claim(folder)
    try:
        _append(part, format_event(env, payload))
        if time_ns is not None:
            os.utime(part, ns=(time_ns, time_ns))
        part.rename(event)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return event


def write_reported(folder: Path, name: str, payload: bytes, env: Mapping[str, str], time_ns: int) -> bool:
    """Leave what the relay itself saw, under a name that says what it is; return whether it was not there yet and there was room.

    Of the name, what may stand in that of a file is kept. Raises OSError where the folder takes no file.
    """
    name = "".join(char if char.isalnum() or char in "-_" else "_" for char in name)[:_MAX_NAME]
    event = folder / f"{TOLD}{name}{SUFFIX}"
    if event.exists() or (folder / FULL).exists():
        return False
    part = folder / f".{TOLD}{name}"
    part.unlink(missing_ok=True)
    _append(part, format_event(env, payload))
    os.utime(part, ns=(time_ns, time_ns))
    part.rename(event)
    return True


def _claim(folder: Path) -> tuple[Path, Path]:
    for number in itertools.islice(_NUMBERS, _MAX_TRIES):
        part, event = folder / f".{os.getpid()}-{number}", folder / f"{os.getpid()}-{number}{SUFFIX}"
        if event.exists():
            continue
        try:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            continue
        if not event.exists():  # looked for again while the name is ours
            return part, event
        part.unlink(missing_ok=True)
    raise Refused(f"no free name is left in the spool {folder} for process {os.getpid()}; start the relay")


def _append(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(content)
