"""Pages of libraries' files: their code and constants, of which a process should hold what it uses and no more.

The kernel maps such a page when it is first used, and with it those of the fifteen around it that its cache of files has. They cost the machine
nothing, but count as this process's: of the engine's library an insert uses 17 MB, and 83 MB were mapped. The kernel leaves the others out where
writes to a mapping are noted (userfaultfd with `WP_ASYNC`, Linux 6.7). Nothing writes into these, so nothing is ever noted, and nobody has to be
told. Where the system refuses that, as some containers do, what lies around a page is mapped as before.

A page that was let go comes back from the cache of files when it is used again: half a microsecond each. Only libraries and the program itself
are treated so, as they stay where they are until the process ends: where another file was mapped, something else may lie before the kernel is told.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import re
import struct
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_SYSTEM_CALL = {"x86_64": 323, "aarch64": 282}
_USER_MODE_ONLY = 1
_API, _WRITES_ARE_ONLY_NOTED = 0xAA, 1 << 15
_OPEN_API, _REGISTER, _FOR_WRITES = 0xC018AA3F, 0xC020AA00, 2
_DONTNEED = 4
_CLEAN = frozenset({"r-xp", "r--p"})
_LIBRARY = re.compile(r"/[^/]+\.so[.0-9]*$")
Mapping = tuple[int, int, str]
"""Where it begins, where it ends, and its line of `/proc/self/maps`."""
_found: frozenset[Mapping] = frozenset()


def narrow() -> None:
    """Have only those pages mapped that are used, from now on, of all libraries that are loaded; then let go what is mapped of them.

    For moments when much was loaded, as it takes some milliseconds. Linux only; elsewhere it does nothing.
    """
    global _found  # noqa: PLW0603 - the libraries are the process's
    found = frozenset(_clean_mappings())
    descriptor = noting_writes()
    for start, end, _ in found - _found if descriptor >= 0 else ():
        with contextlib.suppress(OSError):  # of a kind that cannot be noted: it is mapped as before
            fcntl.ioctl(descriptor, _REGISTER, struct.pack("=QQQQ", start, end - start, _FOR_WRITES, 0))
    _found = found
    release()


def release() -> None:
    """Let go what is mapped of the libraries that `narrow` found; what is in use comes back by itself."""
    if not _found:
        return
    madvise = ctypes.CDLL(None).madvise
    for mapping in _mappings():
        if mapping in _found:
            start, end, _ = mapping
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONTNEED)


@cache
def noting_writes() -> int:
    """Return the descriptor by which writes are noted, which stays open, or -1 where the system has none for us."""
    call = _SYSTEM_CALL.get(platform.machine()) if platform.system() == "Linux" else None
    if call is None:
        return -1
    descriptor: int = ctypes.CDLL(None).syscall(call, os.O_CLOEXEC | _USER_MODE_ONLY)
    if descriptor >= 0:
        try:
            fcntl.ioctl(descriptor, _OPEN_API, struct.pack("=QQQ", _API, _WRITES_ARE_ONLY_NOTED, 0))
        except OSError:
            os.close(descriptor)
            return -1
    return descriptor


def _clean_mappings() -> Iterator[Mapping]:
    """Yield mappings of files that nobody may write into and that hold no page of our own, such as addresses that the loader wrote."""
    mapping: Any = None
    for line in _lines("smaps"):
        name, _, value = line.partition(" ")
        if not name.endswith(":"):
            mapping = _mapping(line)
        elif name == "Anonymous:" and mapping and value.split()[0] == "0":
            yield mapping


def _mappings() -> Iterator[Mapping]:
    yield from filter(None, map(_mapping, _lines("maps")))


def _mapping(line: str) -> Mapping | None:
    """Return the mapping that a line begins, None for what is no library's or may be written into."""
    addresses, permissions, _, _, _, *path = line.split(maxsplit=5)
    if permissions not in _CLEAN or not path or not (_LIBRARY.search(path[0]) or path[0].rstrip() == _program()):
        return None
    start, end = (int(address, 16) for address in addresses.split("-"))
    return start, end, line.rstrip()


@cache
def _program() -> str:
    return str(Path(sys.executable).resolve())


def _lines(name: str) -> Iterator[str]:
    with contextlib.suppress(OSError), Path("/proc/self", name).open() as lines:
        yield from lines
