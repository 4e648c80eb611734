"""The process that warm ones are forks of: it imports what the programs of Hookline import, and then forks when it is told.

Orders come as packets of JSON with four files: input, output, errors, and the pipe on which the ground says the child's number and, before
the system may use that number again, how it ended. The embedded engine is not loaded here: it does not live through a fork.
Run by `support.warm`, as `warm_ground.py SOCKET`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import selectors
import socket
import struct
import sys
import threading
import time
from typing import Any

import hookline.cli
import hookline_collector.app
from hookline_collector.alerts import rule_files

STATUS = struct.Struct("=i")
MOST_TAKEN = 200_000
MOST_FILES = 1 << 20


def imported() -> None:
    """Import what commands import when they are called."""
    for found in pkgutil.iter_modules(hookline.cli.__path__, "hookline.cli."):
        importlib.import_module(found.name)
    importlib.import_module("hookline.relay")
    rule_files.default_pack()  # each collector reads it at its start, for a quarter of what the start takes
    assert hookline_collector.app is not None
    assert threading.active_count() == 1, "no thread lives through a fork"


def serve(orders: socket.socket) -> dict[str, Any] | None:
    """Fork until the test process goes away: then None; in each child, the order."""
    running = selectors.DefaultSelector()
    running.register(orders, selectors.EVENT_READ)
    while True:
        for key, _ in running.select():
            if key.fileobj is not orders:
                running.unregister(key.fileobj)
                _tell_end(key.fd, *key.data)
                continue
            packet, files, _flags, _sender = socket.recv_fds(orders, MOST_TAKEN, 4)
            if not packet:
                return None
            pid = os.fork()
            if not pid:
                order: dict[str, Any] = json.loads(packet)
                running.close()
                _become(order, files)
                return order
            for number in files[:3]:
                os.close(number)
            _say(files[3], pid)
            running.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, files[3]))


def _tell_end(pidfd: int, pid: int, report: int) -> None:
    os.close(pidfd)
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    _say(report, ended.si_status << 8 if ended.si_code == os.CLD_EXITED else ended.si_status)
    os.close(report)
    os.waitpid(pid, 0)


def _say(report: int, number: int) -> None:
    try:
        os.write(report, STATUS.pack(number))
    except BrokenPipeError:
        return  # nobody waits for it


def _become(order: dict[str, Any], files: list[int]) -> None:
    """Be the process that was asked for."""
    for place, number in enumerate(files[:3]):
        os.dup2(number, place)
    os.closerange(3, MOST_FILES)
    if order["has_own_session"]:
        os.setsid()
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv[:] = [str(hookline.cli.__file__).replace("cli/__init__", "__main__"), *order["arguments"]]
    sys.path.insert(0, order["cwd"])
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115


if __name__ == "__main__":
    sys.path.pop(0)
    imported()
    gc.collect()
    gc.freeze()
    given = serve(orders := socket.socket(fileno=int(sys.argv[1])))
    orders.detach()
    if given is not None:
        exec(given["program"], {"__name__": "__main__"})
