"""When processes began and ended, by the kernel's own clock, however late the one who reads it is: its process connector (Linux, as root)."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

NETLINK_CONNECTOR: Final = 11
SO_RCVBUFFORCE: Final = 33
BUFFER: Final = 16 << 20
NLMSG_DONE: Final = 3
PROCESSES, LISTEN = (1, 1), 1
HEAD: Final = struct.Struct("=IHHII")  # a netlink message: length, type, flags, sequence, sender
MESSAGE: Final = struct.Struct("=IIIIHH")  # the connector's: index, value, sequence, acknowledged, length, flags
EVENT: Final = struct.Struct("=IIQ")  # what happened, on which processor, when (monotonic, ns)
WHO: Final = struct.Struct("=4I")  # of a fork: parent's thread and process, child's thread and process; of an end: thread and process
FORK, EXIT = 1, 1 << 31
WITHIN_S: Final = 2.0


@dataclass(slots=True)
class Life:
    """A process: who started it, and when it began and ended (monotonic, ns)."""

    parent: int
    begun_ns: int
    ended_ns: int = 0


@dataclass(slots=True)
class ProcessLives:
    """The latest life of each process id since it was looked at."""

    lives: dict[int, Life] = field(default_factory=dict)

    def of(self, pid: int) -> Life | None:
        """Return a life that has ended, as soon as that was told; None where it is not told."""
        deadline = time.monotonic() + WITHIN_S
        while not ((life := self.lives.get(pid)) and life.ended_ns) and time.monotonic() < deadline:
            time.sleep(0.002)
        return life if life and life.ended_ns else None

    def take(self, told: bytes) -> None:
        """Take in what the kernel told."""
        at = HEAD.size + MESSAGE.size
        what, _, at_ns = EVENT.unpack_from(told, at)
        if what not in (FORK, EXIT):
            return
        one, other, child, child_process = WHO.unpack_from(told, at + EVENT.size)
        if what == FORK and child == child_process:  # else a thread
            self.lives[child] = Life(other, at_ns)
        elif what == EXIT and one == other and one in self.lives:
            self.lives[one].ended_ns = at_ns


def passed_ms(lives: Sequence[Life], until_ns: int) -> float:
    """Return for how long at least one of some processes was there before a moment; what runs side by side counts once."""
    passed, covered = 0, 0
    for life in sorted(lives, key=lambda life: life.begun_ns):
        end = min(life.ended_ns, until_ns)
        passed += max(0, end - max(life.begun_ns, covered))
        covered = max(covered, end)
    return passed / 1e6


@contextmanager
def seeing_processes() -> Iterator[ProcessLives | None]:
    """Look at all processes of the machine meanwhile; None where the kernel does not tell."""
    found = ProcessLives()
    try:
        told = _listen()
    except OSError:
        yield None
        return
    done = threading.Event()
    reader = threading.Thread(target=_read, args=(told, found, done), name="process-lives", daemon=True)
    reader.start()
    try:
        yield found
    finally:
        done.set()
        reader.join()
        told.close()


def _listen() -> socket.socket:
    if sys.platform != "linux" or os.geteuid():
        raise OSError("only Linux tells, and only root")
    told = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_CONNECTOR)
    told.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    told.bind((0, PROCESSES[0]))
    told.settimeout(0.2)
    wanted = MESSAGE.pack(*PROCESSES, 0, 0, 4, 0) + struct.pack("=I", LISTEN)
    told.send(HEAD.pack(HEAD.size + len(wanted), NLMSG_DONE, 0, 0, 0) + wanted)
    return told


def _read(told: socket.socket, into: ProcessLives, done: threading.Event) -> None:
    while not done.is_set():
        with suppress(TimeoutError):
            into.take(told.recv(4096))
