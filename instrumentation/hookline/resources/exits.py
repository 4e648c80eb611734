"""The end of a process, reported by the kernel when it happens: pidfd on Linux, kqueue on macOS. Elsewhere the relay must poll.

A thread sleeps in the kernel until one of the watched processes ends, and hands on who ended and when. It reads nothing of a process, needs no
right over it, and does not take its exit status: that is its parent's.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from hookline.system.process import ProcessKey, is_alive

MAX_WATCHED = 1_000

Ended = Callable[[ProcessKey, int], None]


class ExitWatch:
    """Watches processes; `on_exit(process, time in Unix ns)` is called from a thread of its own, once for each that ends."""

    def __init__(self, on_exit: Ended, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._on_exit = on_exit
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._watched: dict[ProcessKey, int] = {}
        self._kernel = _open_kernel()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def tells(self) -> bool:
        """Whether the system reports exits at all."""
        return self._kernel is not None

    def watch(self, key: ProcessKey) -> bool:
        """Watch a process that lives; return whether its end will be reported."""
        with self._lock:
            if self._kernel is None or self._is_closed or len(self._watched) >= MAX_WATCHED:
                return False
            if key in self._watched:
                return True
            token = self._kernel.add(key.pid)
            if token is None:
                return False
            if not is_alive(key):  # the pid had come round, or it ended in between
                self._kernel.remove(token)
                return False
            self._watched[key] = token
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hookline-exits", daemon=True)
                self._thread.start()
        return True

    def keep(self, keys: set[ProcessKey]) -> None:
        """Give up every process that is not among these."""
        with self._lock:
            for key in [key for key in self._watched if key not in keys]:
                if self._kernel is not None:
                    self._kernel.remove(self._watched[key])
                del self._watched[key]

    def close(self) -> None:
        """End the thread and give the descriptors back."""
        with self._lock:
            self._is_closed = True
            if self._kernel is not None:
                self._kernel.wake()
        if self._thread is not None:
            self._thread.join(1.0)
        with self._lock:
            if self._kernel is not None:
                for token in self._watched.values():
                    self._kernel.remove(token)
                self._watched.clear()
                self._kernel.close()
                self._kernel = None

    def _run(self) -> None:
        while not self._is_closed and self._kernel is not None:
            tokens = self._kernel.wait()
            at_ns = self._clock_ns()
            for token in tokens:
                with self._lock:
                    key = next((key for key, known in self._watched.items() if known == token), None)
                    if key is None or self._kernel is None:
                        continue
                    self._kernel.remove(token)
                    del self._watched[key]
                self._on_exit(key, at_ns)


class _Kernel(Protocol):
    """What a system offers: processes in, those that have ended out."""

    def add(self, pid: int) -> int | None:
        """Watch a process; return a token, None where there is none such."""

    def remove(self, token: int) -> None:
        """Watch it no longer."""

    def wait(self) -> list[int]:
        """Sleep until some have ended or `wake` was called; return their tokens."""

    def wake(self) -> None:
        """End the wait."""

    def close(self) -> None:
        """Give everything back."""


class _Pidfds:
    """Linux: a descriptor a process, readable once it has ended."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._woken, self._waker = os.pipe()
        self._epoll.register(self._woken, select.EPOLLIN)

    def add(self, pid: int) -> int | None:
        try:
            descriptor = os.pidfd_open(pid)
        except OSError:
            return None
        self._epoll.register(descriptor, select.EPOLLIN)
        return descriptor

    def remove(self, token: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._epoll.unregister(token)
        with contextlib.suppress(OSError):
            os.close(token)

    def wait(self) -> list[int]:
        try:
            return [descriptor for descriptor, _ in self._epoll.poll() if descriptor != self._woken]
        except OSError:
            return []

    def wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._waker, b".")

    def close(self) -> None:
        self._epoll.close()
        for descriptor in (self._woken, self._waker):
            os.close(descriptor)


_BSD: Any = select  # names that Linux' module does not have


class _Kqueue:
    """macOS and the BSDs: a note of each exit. The token is the pid."""

    def __init__(self) -> None:
        self._queue = _BSD.kqueue()
        self._user = 0

    def add(self, pid: int) -> int | None:
        return pid if self._change(pid, _BSD.KQ_EV_ADD | _BSD.KQ_EV_ONESHOT) else None

    def remove(self, token: int) -> None:
        self._change(token, _BSD.KQ_EV_DELETE)

    def wait(self) -> list[int]:
        try:
            return [int(event.ident) for event in self._queue.control(None, 16, 1.0) if event.filter == _BSD.KQ_FILTER_PROC]
        except OSError:
            return []

    def wake(self) -> None:
        """The wait ends by itself within a second."""

    def close(self) -> None:
        self._queue.close()

    def _change(self, pid: int, flags: int) -> bool:
        event = _BSD.kevent(pid, _BSD.KQ_FILTER_PROC, flags, _BSD.KQ_NOTE_EXIT)
        try:
            self._queue.control([event], 0)
        except OSError:
            return False
        return True


def _open_kernel() -> _Kernel | None:
    """Return what this system offers; None where it offers nothing."""
    try:
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            os.close(os.pidfd_open(os.getpid()))  # kernels before 5.3 have none
            return _Pidfds()
        if hasattr(select, "kqueue"):
            return _Kqueue()
    except OSError:
        return None
    return None
