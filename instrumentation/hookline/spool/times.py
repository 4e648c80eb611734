"""What a hook cost: from its file's birth to the rename.

Python 3.11 gives no birth time on Linux, so this calls `statx` of the C library; macOS has it in `stat`. Starting the
shell and ending it are not in this figure (about 1 ms). Where the file system keeps no birth time the answer is None.
"""

import ctypes
import functools
import os
import sys
from collections.abc import Callable

from hookline.system.clock import NS_PER_S

_AT_EMPTY_PATH = 0x1000
_STATX_CTIME = 0x80
_STATX_BTIME = 0x800
_MAX_COST_S = 3600.0  # beyond, something other than the hook has touched the file


class _Timestamp(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_int64), ("tv_nsec", ctypes.c_uint32), ("reserved", ctypes.c_int32))

    def to_ns(self) -> int:
        return int(self.tv_sec) * NS_PER_S + int(self.tv_nsec)


class _Statx(ctypes.Structure):
    _fields_ = (
        ("stx_mask", ctypes.c_uint32),
        ("_before_times", ctypes.c_uint8 * 60),
        ("stx_atime", _Timestamp),
        ("stx_btime", _Timestamp),
        ("stx_ctime", _Timestamp),
        ("stx_mtime", _Timestamp),
        ("_after_times", ctypes.c_uint8 * 128),
    )


def measure_hook_cost(descriptor: int) -> float | None:
    """Return the seconds from the open file's birth to its last change of name, None if they are not known."""
    times = _birth_and_change_ns(descriptor)
    if times is None or times[0] <= 0:
        return None
    cost_s = (times[1] - times[0]) / NS_PER_S
    return cost_s if 0 <= cost_s <= _MAX_COST_S else None


def _birth_and_change_ns(descriptor: int) -> tuple[int, int] | None:
    if sys.platform == "darwin":
        found = os.fstat(descriptor)
        return int(found.st_birthtime * NS_PER_S), found.st_ctime_ns
    statx = _statx()
    if statx is None:
        return None
    answer = _Statx()
    wanted = _STATX_BTIME | _STATX_CTIME
    if statx(descriptor, b"", _AT_EMPTY_PATH, wanted, ctypes.byref(answer)) != 0 or answer.stx_mask & wanted != wanted:
        return None
    return answer.stx_btime.to_ns(), answer.stx_ctime.to_ns()


@functools.cache
def _statx() -> Callable[..., int] | None:
    try:
        call = ctypes.CDLL(None).statx
    except (OSError, AttributeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)
    call.restype = ctypes.c_int
    return call
