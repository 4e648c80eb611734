"""How much a process has written, by the kernel's count: what a terminal client draws is most of it."""

from __future__ import annotations

from pathlib import Path


def bytes_written(pid: int) -> int | None:
    """Return the bytes that a process has written to anything since it began; None where the system does not say (macOS, another user's)."""
    try:
        words = Path(f"/proc/{pid}/io").read_text().split()
        return int(words[words.index("wchar:") + 1])
    except (OSError, ValueError, IndexError):
        return None
