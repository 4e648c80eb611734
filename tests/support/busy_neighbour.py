"""Another program on the machine of a database: it takes every processor, as far as the system lets it, and writes to the disk.

HOOKLINE_NEIGHBOUR=1 puts it beside the tests of verdicts.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Final

IS_ASKED: Final = bool(os.environ.get("HOOKLINE_NEIGHBOUR"))
_COMPUTES = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(10**6): pass
"""
_WRITES = """
import os, sys, time
parent, block = os.getppid(), os.urandom(1 << 20)
with open(sys.argv[1], "wb", buffering=0) as file:
    while os.getppid() == parent:
        if file.tell() >= 64 << 20: file.seek(0)
        file.write(block)
        os.fdatasync(file.fileno())
        time.sleep(0.1)
"""


@contextlib.contextmanager
def busy_neighbour() -> Iterator[None]:
    """Let as many processes compute as there are processors, and one write up to ten megabytes a second and wait for each of them."""
    with tempfile.NamedTemporaryFile(prefix="hookline-neighbour-") as file:
        programs = [[_COMPUTES]] * (os.cpu_count() or 1) + [[_WRITES, file.name]]
        running = [subprocess.Popen([sys.executable, "-I", "-S", "-c", *each]) for each in programs]
        try:
            yield
        finally:
            for each in running:
                each.kill()
                each.wait()


def as_asked() -> contextlib.AbstractContextManager[None]:
    """Return the neighbour where it is asked for."""
    return busy_neighbour() if IS_ASKED else contextlib.nullcontext()
