"""What the metrics have counted already, across restarts.

After a crash the relay reads events again whose spans it had delivered. Spans and log records may be sent twice, the
collector knows them by their ids; a counter cannot tell. So the keys of the last counted items are kept in two small
files, 8 bytes an item, appended without fsync: they survive the process, and after a power cut some items may count
twice. When the first file is full it becomes the second.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

GENERATION = 8_192
_KEY_BYTES = 8


class Counted:
    """The keys of about the last `GENERATION` to twice as many items."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._older = _read(self._older_path)
        self._newer = _read(path)
        self._fresh: list[bytes] = []

    @property
    def _older_path(self) -> Path:
        return self._path.with_name(self._path.name + ".1")

    def add(self, item: str) -> bool:
        """Take an item as counted; say whether it was not yet."""
        key = hashlib.blake2b(item.encode(), digest_size=_KEY_BYTES).digest()
        if key in self._newer or key in self._older:
            return False
        self._newer.add(key)
        self._fresh.append(key)
        return True

    def save(self) -> None:
        """Append what was added. A full disk costs exact counters after a crash, nothing else."""
        if not self._fresh:
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"".join(self._fresh))
        except OSError:
            pass
        self._fresh.clear()
        if len(self._newer) >= GENERATION:
            self._turn()

    def _turn(self) -> None:
        self._older, self._newer = self._newer, set()
        try:
            self._path.replace(self._older_path)
        except OSError:
            return


def _read(path: Path) -> set[bytes]:
    try:
        found = path.read_bytes()
    except OSError:
        return set()
    return {found[start : start + _KEY_BYTES] for start in range(0, len(found) - _KEY_BYTES + 1, _KEY_BYTES)}
