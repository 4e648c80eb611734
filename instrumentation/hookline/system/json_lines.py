"""Reading a growing file of JSON lines by byte offset.

Only complete lines are given; what follows the last newline is read the next time. A line longer than MAX_LINE_BYTES is passed
over without being held in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_LINE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileLine:
    """One complete line: its bytes without the newline (None when it was too long) and the offsets around it."""

    start: int
    end: int
    text: bytes | None


def read_lines(path: Path, offset: int, max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[FileLine]:
    """Yield the complete lines from an offset to the end of the file as it is when it is reached."""
    with path.open("rb") as file:
        start = file.seek(offset)
        while text := file.readline(max_line_bytes):
            end = start + len(text)  # counted: to ask the file costs a system call a line
            if text.endswith(b"\n"):
                yield FileLine(start, end, text[:-1])
            elif len(text) == max_line_bytes and _skip_line(file):
                end = file.tell()
                yield FileLine(start, end, None)
            else:
                return
            start = end


def parse_line(text: bytes | None) -> dict[str, Any]:
    """Return the object that a line holds; an empty one where it holds none, or was too long."""
    try:
        found = json.loads(text or b"")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _skip_line(file: object) -> bool:
    """Read on to the next newline; say whether there was one."""
    while chunk := file.readline(CHUNK_BYTES):  # type: ignore[attr-defined]
        if chunk.endswith(b"\n"):
            return True
    return False
