"""The embedded engine's folder: its configuration and the lock that keeps it to one process.

Invariants:
- One process a folder: the engine itself does not check that, so a lock file is held while it is open. The kernel drops the lock
  when the process dies, however it dies.
- The engine's only user may read and write tables, but holds no source grant: `file()`, `url()`, `s3()`, `remote()` and their kin
  are refused by the engine for every statement, whoever sends it.
- Memory, caches and background threads are bounded for a process that shares a laptop with an agent.
"""

import fcntl
import os
from importlib.resources import files
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from hookline.errors import AlreadyRunning
from hookline.settings.schema import MIB, Store

DEFAULT_MEMORY_BYTES = 384 * MIB


class FolderLock:
    """An exclusive lock on the engine's folder, held until `release`."""

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises AlreadyRunning when another process has it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = (folder / "hookline.lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = self._holder()
            self._file.close()
            raise AlreadyRunning(f"The database in {folder} is open in another process{holder}; stop that one first.") from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _holder(self) -> str:
        self._file.seek(0)
        pid = self._file.read().strip()
        return f" (pid {pid})" if pid.isdigit() else ""

    def release(self) -> None:
        """Let the folder go."""
        self._file.close()


def write_configuration(folder: Path, store: Store) -> Path:
    """Write the engine's configuration into its folder and return the path of the main file."""
    values = {"folder": escape(str(folder)), "memory_bytes": str(store.max_memory_bytes or DEFAULT_MEMORY_BYTES)}
    here = files(__package__)
    (folder / "users.xml").write_text(here.joinpath("engine_users.xml").read_text())
    config = folder / "config.xml"
    config.write_text(Template(here.joinpath("engine.xml").read_text()).substitute(values))
    return config
