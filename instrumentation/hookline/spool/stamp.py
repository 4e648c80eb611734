"""Whether a folder's entries may have changed since the last look, judged by its modification time.

File clocks tick in steps (1-4 ms on Linux): a second change within a tick leaves the same time. So a time is trusted only
if it was already old when one looked.
"""

from pathlib import Path

_TICK_NS = 50_000_000


class FolderStamp:
    """Remembers a folder's modification time and how old it was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modified_ns: int | None = None
        self.is_certain = False

    def has_changed(self, now_ns: int) -> bool:
        """Answer whether to look into the folder, and take it that one does."""
        modified_ns = self._read()
        changed = modified_ns != self._modified_ns or not self.is_certain
        self._modified_ns = modified_ns
        self.is_certain = modified_ns is None or now_ns - modified_ns > _TICK_NS
        return changed

    def _read(self) -> int | None:
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return None
