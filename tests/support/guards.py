"""What no test may do, whatever it tests: block an event loop, leave a task, a thread or an open socket behind.

`conftest` hands the two fixtures to every test and wraps every asynchronous test. Warnings that Python itself gives about what was left
(a file that nobody closed, a coroutine that nobody awaited) are errors by `filterwarnings` in pyproject.toml.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import os
import socket
import stat
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import grpc._channel
import grpc._server
import grpc.aio
import pytest
from blockbuster import BlockBuster, BlockBusterFunction, BlockingError, blockbuster

import hookline
import hookline_collector
from support import warm

PATIENCE_S: Final = 20.0
"""How long a thread or socket that is about to end may take."""
MOST_TOLD: Final = 3
HALVES: Final = [hookline, hookline_collector]
ALSO_BLOCK: Final = ("os.fsync", "os.fdatasync", "os.open")
"""What waits for a disk and BlockBuster does not know of."""
MAY_BLOCK: Final = (
    ("receive/otlp_policy.py", "grpc_credentials"),  # two small files at the start, when nobody is served yet
    ("fastapi/routing.py", "_extract_endpoint_context"),  # an application's own framework, called through our clock
    ("coverage/collector.py", "lock_data"),  # whoever measures, and no service
    ("logging/__init__.py", "emit"),  # a line of the log: handed to another thread, the last words of a crash would be lost
    ("databases/live_socket.py", "_remove"),  # before anybody is served, and after
    ("databases/host.py", "is_here"),  # /proc waits for no disk
    ("databases/host.py", "_read"),
    ("databases/host.py", "_pressure_us"),
)
"""Files and functions that may, each with its reason."""
MAKERS: Final[Sequence[Any]] = (socket.socket, grpc._channel.Channel, grpc._server._Server)
"""Who makes sockets in Python, and for gRPC, which makes its own; asynchronous gRPC has a loop, and each loop a pair of them."""
_TESTS: Final = str(Path(__file__).parents[1])
WATCHED_AT_ITS_END: Final = pytest.StashKey[bool]()
"""Of a module whose tests share what stays connected."""
_OPEN_FILES: Final = "/proc/self/fd"
_TELLS_FILES: Final = Path(_OPEN_FILES).is_dir()
_COROUTINE: Final = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class BlockedLoop(BlockingError):
    """A call that blocks an event loop. A server turns it into an answer and goes on: so it is kept as well."""

    seen: ClassVar[list[str]] = []

    def __init__(self, function: str) -> None:
        super().__init__(function)
        if len(self.seen) < MOST_TOLD:
            self.seen.append("".join(traceback.format_stack(limit=12)))


setattr(blockbuster, "BlockingError", BlockedLoop)  # noqa: B010 - to the type checker it is a class and stays one


@functools.cache
def blocking_detector() -> BlockBuster:
    """Return this process's: what raises when code of Hookline blocks in an event loop. What a test itself calls from its coroutine may block."""
    found = BlockBuster(HALVES)
    found.functions |= {name: BlockBusterFunction(None, name, scanned_modules=HALVES) for name in ALSO_BLOCK}
    for function in found.functions.values():
        function.can_block_predicate = _unless_a_test_asks(function.can_block_predicate)
        for file, name in MAY_BLOCK:
            function.can_block_in(file, name)
    return found


def _unless_a_test_asks(may_block: Callable[..., bool]) -> Callable[..., bool]:
    return lambda *arguments, **keywords: may_block(*arguments, **keywords) or _is_asked_by_a_test()


def _is_asked_by_a_test() -> bool:
    """Whether the innermost coroutine of this call is a test's."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not frame.f_code.co_flags & _COROUTINE:
        frame = frame.f_back
    return frame.f_code.co_filename.startswith(_TESTS)


@pytest.fixture(autouse=True)
def no_blocked_loop() -> Iterator[None]:
    """Fail a test in which Hookline waits for a disk, a lock or a socket in an event loop."""
    detector = blocking_detector()
    detector.activate()
    BlockedLoop.seen.clear()
    try:
        yield
    finally:
        detector.deactivate()
    assert not BlockedLoop.seen, "\n".join(BlockedLoop.seen)


@pytest.fixture(scope="session")
def poller_of_grpc() -> None:
    """Let gRPC begin the thread and the pair of sockets that asynchronous servers and clients of this process share."""
    grpc.aio.init_grpc_aio()  # type: ignore[attr-defined] # the stubs are older


@pytest.fixture(autouse=True)
def nothing_left_open(request: pytest.FixtureRequest, poller_of_grpc: None) -> Iterator[None]:
    """Fail a test that leaves a thread running or a socket open."""
    if any(map(request.node.get_closest_marker, ("unwatched", "watched_with_module"))):
        yield
    else:
        yield from _watched("the test")


@pytest.fixture(scope="module", autouse=True)
def nothing_left_by_module(request: pytest.FixtureRequest, poller_of_grpc: None) -> Iterator[None]:
    """Fail the last test of a module that leaves a thread running or a socket open, where its tests are not watched one by one."""
    if request.node.stash.get(WATCHED_AT_ITS_END, False):
        yield from _watched("the module")
    else:
        yield


def _watched(who: str) -> Iterator[None]:
    """Look before and after, with patience for what is about to end."""
    threads, sockets = set(threading.enumerate()), SOCKETS.before()
    yield
    deadline, pause_s = time.monotonic() + PATIENCE_S, 0.01
    while (left := [*sorted(new_threads(threads)), *sorted(SOCKETS.since(sockets))]) and time.monotonic() < deadline:
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, 0.08)
    assert not left, f"{who} leaves behind: {', '.join(left)}"


def new_threads(before: set[threading.Thread]) -> list[str]:
    """Return the names of threads that began since."""
    return [each.name for each in threading.enumerate() if each not in before]


class Sockets:
    """What sockets this process has open, looked up only when some were made since: the engine has hundreds of files, and most tests no socket."""

    def __init__(self) -> None:
        self._were_made = True
        self._known: set[str] = set()
        for maker in MAKERS:
            maker.__init__ = self._noted(maker.__init__)

    def _noted(self, init: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(init)
        def noted(*arguments: Any, **keywords: Any) -> None:
            self._were_made = True
            init(*arguments, **keywords)

        return noted

    def before(self) -> set[str]:
        """Return those that are open; some of them may have been closed."""
        if self._were_made:
            self._learn(open_sockets())
        return self._known

    def since(self, before: set[str]) -> set[str]:
        """Return those that are open and were not."""
        if not self._were_made and before is self._known:
            return set()
        found = open_sockets()
        if found <= before:
            self._learn(found)
        return found - before

    def _learn(self, found: set[str]) -> None:
        self._known, self._were_made = found, False


def open_sockets() -> set[str]:
    """Return the sockets that this process has open; none where the system does not tell."""
    found = set()
    for number in os.listdir(_OPEN_FILES) if _TELLS_FILES else ():  # noqa: PTH208 - in many tests
        with contextlib.suppress(OSError):  # the one that lists them has gone
            told = os.fstat(int(number))  # half of what it takes to read the link
            if stat.S_ISSOCK(told.st_mode):
                found.add(f"socket:[{told.st_ino}]")
    return found - {warm.own_socket()}


SOCKETS: Final = Sockets()


def alone(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Let an asynchronous test fail that leaves tasks behind."""

    @functools.wraps(test)
    async def watched(**arguments: Any) -> None:
        before = asyncio.all_tasks()
        await test(**arguments)
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - before
        assert not left, f"the test leaves tasks behind: {left}"

    return watched
