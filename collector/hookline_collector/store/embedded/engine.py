"""The embedded engine's folder: its configuration and the lock that keeps it to one process.

Invariants:
- One process per folder. The engine does not check this, so Hookline holds a lock file while the folder is open. The kernel drops
  the lock when the process dies, however it dies.
- The engine's only user may read and write tables, but has no source grant: the engine refuses `file()`, `url()`, `s3()`, `remote()`
  and the like in every statement, whoever sends it.
- Hookline removes what a power cut may have damaged before the engine opens the folder (`waterline`).
- Memory, caches and background threads are bounded for a process that shares a laptop with an agent. The engine's limit counts what
  it has allocated; what its allocator keeps for later comes on top, so `ALLOCATOR` makes it keep little. What others have allocated does not
  count: out of the box it would, and beside an agent every statement be refused (`counting_its_own`).
"""

import contextlib
import ctypes
import importlib
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from hookline.errors import AlreadyRunning
from hookline.settings.schema import MIB, StoreSettings
from hookline.system.files import write_private
from hookline.system.locks import open_locked
from hookline_collector.serving import library_pages
from hookline_collector.store.embedded.waterline import Waterline

DEFAULT_MEMORY_BYTES = 256 * MIB
ALLOCATOR = "dirty_decay_ms:250,muzzy_decay_ms:0,narenas:2,percpu_arena:disabled,prof:false"
"""For the engine's jemalloc, read from JE_MALLOC_CONF when its library is loaded. It hands memory back soon; keeping still less costs CPU
time, and keeping it for a second 20 MB (`docs/architecture.md`). Under more inserts than it can take the process needs more than otherwise, the more
so the larger the portions: `docs/storage.md`."""
SLACK_NS = 100_000_000
"""How late the engine's own threads may wake from a wait that has an end, if the system then wakes less often. Whoever is told of something
wakes at once; only what comes by the clock comes later. With four seconds, one statement in ten of those that were asked one right after the other
waited that long: the engine waits by the clock on its way to an answer, too."""
_AT_LOAD = ".clickhouse-local/config.xml"
_PR_SET_TIMERSLACK = 29
_ABSENT = object()


@dataclass(slots=True)
class _Held:
    """A folder's lock, its waterline, and how many stores of this process use it."""

    file: int
    waterline: Waterline
    users: int


_held: dict[Path, _Held] = {}
_guard = threading.Lock()


def lock_folder(folder: Path, durable: bool = True) -> Waterline:
    """Lock the engine's folder for this process, which may do so several times, and return its waterline.

    Raises AlreadyRunning when another process has it, or when this one has another folder open.
    """
    with _guard:
        if folder in _held:
            _held[folder].users += 1
            return _held[folder].waterline
        if _held:
            raise AlreadyRunning(f"This process already has the database in {next(iter(_held))} open and cannot open {folder} as well.")
        file = _locked_file(folder)
        try:
            _held[folder] = _Held(file, Waterline(folder, durable), 1)
        except BaseException:
            os.close(file)
            raise
        return _held[folder].waterline


def release_folder(folder: Path) -> None:
    """Undo one `lock_folder`."""
    with _guard:
        held = _held[folder]
        held.users -= 1
        if not held.users:
            held.waterline.close()
            os.close(_held.pop(folder).file)


def _locked_file(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "hookline.lock"
    try:
        file = open_locked(path)
    except BlockingIOError:
        pid = path.read_text().strip()
        holder = f" (pid {pid})" if pid.isdigit() else ""
        raise AlreadyRunning(f"The database in {folder} is open in another process{holder}; stop that one first.") from None
    with contextlib.suppress(OSError):  # a full disk: the lock holds without its number
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
    return file


def memory_bytes(store: StoreSettings) -> int:
    """Return how much the engine may allocate."""
    return store.max_memory_bytes or DEFAULT_MEMORY_BYTES


def write_configuration(folder: Path, store: StoreSettings, mark: str = "") -> Path:
    """Write the engine's configuration, with the waterline's mark, into its folder and return the path of the main file."""
    values = {"folder": escape(str(folder)), "memory_bytes": str(memory_bytes(store)), "mark": mark}
    here = files(__package__)
    config = folder / "config.xml"
    write_if_new(folder / "users.xml", here.joinpath("engine_users.xml").read_text())
    (folder / _AT_LOAD).parent.mkdir(exist_ok=True)
    write_if_new(folder / _AT_LOAD, here.joinpath("engine_at_load.xml").read_text())
    write_if_new(config, Template(here.joinpath("engine.xml").read_text()).substitute(values))
    return config


def write_if_new(path: Path, text: str) -> None:
    """Make a file hold a text, durably; one that holds it already is not touched, so that a full disk leaves it as it is."""
    with contextlib.suppress(OSError, ValueError):
        if path.read_text() == text:
            return
    write_private(path, text, sync=True, draft=path.with_name(f"{path.name}.tmp"))


def load_engine(folder: Path) -> None:
    """Import the engine's library for the first time in this process, with as little as it needs. The folder is configured already.

    The allocator's options are set unless somebody set others. The library would also import pyarrow, and numpy with it, if they are
    there: fifty megabytes for formats that are not used here. It is 530 MB of code and constants itself, most of which never runs.
    """
    if "chdb.state" in sys.modules:
        return
    os.environ.setdefault("JE_MALLOC_CONF", ALLOCATOR)
    hidden = sys.modules.get("pyarrow", _ABSENT)
    sys.modules["pyarrow"] = None  # type: ignore[assignment]  # makes `import pyarrow` an ImportError, which the library expects
    try:
        with waking_rarely(), counting_its_own(folder):
            importlib.import_module("chdb.state")
        library_pages.narrow()
    finally:
        if hidden is _ABSENT:
            del sys.modules["pyarrow"]
        else:
            sys.modules["pyarrow"] = hidden  # type: ignore[assignment]


@contextlib.contextmanager
def counting_its_own(folder: Path) -> Iterator[None]:
    """Let the engine that the library starts for a moment while it is loaded read the configuration for that, which lies in our folder.

    It looks for one in the person's home, and there is no other way to give it one. Without any it takes what all processes of the control group have
    allocated (a whole desktop session, a container) for its own, and that number stays for all engines of this process: larger than the limit,
    it has every statement refused.
    """
    home = os.environ.get("HOME")
    os.environ["HOME"] = str(folder)
    try:
        yield
    finally:
        if home is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = home


@contextlib.contextmanager
def waking_rarely() -> Iterator[None]:
    """Let the threads that are started meanwhile wake up to SLACK_NS late. Linux only; elsewhere it does nothing.

    One of the engine's threads wakes each second, whatever its configuration says, only to see that there is nothing to do. A new thread has the
    slack of the one that started it.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        yield
        return
    prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(SLACK_NS))
    try:
        yield
    finally:
        prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(0))  # what the thread had at first
