"""What the C library keeps of freed memory."""

import ctypes
import subprocess
import sys

import pytest

from hookline_collector.serving import memory

FREED = """
import re, threading
from pathlib import Path
from hookline_collector.serving import memory
{before}
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
def work():
    bodies = [b"x" * 3_000_000 for _ in range(20)]
    kept.append(bytearray(200_000))
    del bodies
kept, begun = [], resident()
for _ in range(3):
    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
print(resident() - begun)
"""


@pytest.mark.long
def test_large_bodies_leave_nothing_behind() -> None:
    """Threads hold 240 MB of bodies and let them go, while something small is kept: a few megabytes stay."""
    if not hasattr(ctypes.CDLL(None), "mallopt"):
        pytest.skip("no glibc")
    code = FREED.format(before="memory.keep_little()")
    kept = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(kept.stdout) < 30


def test_a_library_without_such_options_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.keep_little()
