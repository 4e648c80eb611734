"""Processes of Hookline that begin where the imports end: `WarmProcess` is a `Popen` whose program was imported before.

A collector imports for a second and a command for a third of one, and a test run starts hundreds. `warm_ground` has imported everything;
each process is a fork of it, with the arguments, environment, working folder, session and files that were asked for. What is not as in a
process that the system starts: the imports, the interpreter's own settings, and the command line that others see. Tests of those start one
with `subprocess`, and so do all where the system cannot do it, in benchmarks, and where coverage is measured.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

HOOKLINE: Final = "from hookline.cli import main; main()"
"""The program that is the command line."""
TESTS: Final = str(Path(__file__).parents[1])
STATUS: Final = struct.Struct("=i")
IS_MEASURED: Final = Path(sys.argv[0]).parent.name == "benchmarks" or any(
    name in os.environ for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
)
"""A benchmark runs, whose processes hold no more than what they import themselves, or coverage is measured."""
IS_POSSIBLE: Final = sys.platform == "linux" and not IS_MEASURED
_MOST_SENT: Final = 180_000
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Ground:
    """The process that forks the others."""

    process: subprocess.Popen[bytes]
    orders: socket.socket
    orders_name: str
    """As the system calls that socket, which stays open from the first warm start on."""

    def close(self) -> None:
        """Let it end; what it started goes on."""
        self.orders.close()
        self.process.wait(20)


@cache
def ground() -> Ground:
    """Return this process's, running."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        command = [sys.executable, str(Path(__file__).with_name("warm_ground.py")), str(its.fileno())]
        process = subprocess.Popen(command, pass_fds=(its.fileno(),), stdin=subprocess.DEVNULL)
    found = Ground(process, ours, str(Path(f"/proc/self/fd/{ours.fileno()}").readlink()))
    atexit.register(found.close)
    return found


def own_socket() -> str:
    """Return the name of the socket to the ground; '' before the first warm start."""
    return ground().orders_name if ground.cache_info().currsize else ""


def processor_time() -> float:
    """Return the seconds that warm processes which have ended used, and their ground."""
    if not ground.cache_info().currsize:
        return 0.0
    fields = Path(f"/proc/{ground().process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


class WarmProcess(subprocess.Popen[Any]):
    """A Popen of a Python program, with pipes of text or of bytes.

    It is a child of the ground, which says how it ended before the system may give its number to another.
    """

    _report: int = -1

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int | None = None,
        stdout: int | None = subprocess.PIPE,
        stderr: int | None = subprocess.PIPE,
        start_new_session: bool = False,
        text: bool = True,
    ) -> None:
        self._order = {
            "program": program,
            "arguments": list(arguments),
            "environment": dict(os.environ if env is None else env),
            "cwd": str(cwd or Path.cwd()),
            "has_own_session": start_new_session,
        }
        super().__init__(["hookline", *arguments], text=text, stdin=stdin, stdout=stdout, stderr=stderr)

    def _execute_child(self, *given: Any) -> None:
        """Order a fork in place of fork and exec. The places of the pipes are those of Python 3.11 to 3.14."""
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = given[10:16]
        order = json.dumps(self._order).encode()
        assert len(order) < _MOST_SENT
        self._report, reporting = os.pipe()
        files = [number if number >= 0 else place for place, number in enumerate((p2cread, c2pwrite, errwrite))]
        try:
            socket.send_fds(ground().orders, [order], [*files, reporting])
        finally:
            os.close(reporting)
            self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined] # not of the stubs
        (self.pid,) = STATUS.unpack(os.read(self._report, STATUS.size))
        self._child_created = True

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """Return its number and how it ended, (0, 0) while it runs and nobody wants to wait."""
        if flags and not select.select([self._report], [], [], 0)[0]:
            return 0, 0
        said = os.read(self._report, STATUS.size)
        os.close(self._report)
        return self.pid, STATUS.unpack(said)[0] if said else 1 << 8

    def _internal_poll(self, _deadstate: int | None = None, **_: object) -> int | None:
        lock: Any = self._waitpid_lock  # type: ignore[attr-defined] # not of the stubs
        if self.returncode is None and lock.acquire(blocking=False):
            try:
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
            finally:
                lock.release()
        return self.returncode


def start(
    program: str,
    arguments: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | None = subprocess.DEVNULL,
    stderr: int | None = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Start a Python program with pipes at its output, warm where that is possible."""
    return _started(program, arguments, env=env, cwd=cwd, stdin=stdin, stderr=stderr, text=True)


def _started(program: str, arguments: Sequence[str], *, env: Mapping[str, str] | None = None, **how: Any) -> subprocess.Popen[Any]:
    if IS_POSSIBLE and _interpreters_own(env) == _interpreters_own(None):
        return WarmProcess(program, arguments, env=env, **how)
    return subprocess.Popen([sys.executable, "-c", program, *arguments], env=env, stdout=subprocess.PIPE, **how)


def _interpreters_own(env: Mapping[str, str] | None) -> dict[str, str]:
    """Return what the interpreter itself is told, and reads before a fork of it is asked for."""
    return {name: value for name, value in (os.environ if env is None else env).items() if name.startswith("PYTHON")}


def module(name: str) -> str:
    """Return the program that runs a module of the tests."""
    return f"import runpy, sys; sys.path.insert(0, {TESTS!r}); runpy.run_module({name!r}, run_name='__main__')"


def run(program: str, arguments: Sequence[str], *, env: Mapping[str, str] | None = None, within_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a Python program to its end."""
    return _ended(start(program, arguments, env=env), None, within_s)


def answer(program: str, arguments: Sequence[str], given: bytes, within_s: float = 30) -> subprocess.CompletedProcess[bytes]:
    """Give a Python program its input, and return what it says of it, byte for byte."""
    return _ended(_started(program, arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=False), given, within_s)


def _ended(process: subprocess.Popen[Any], given: bytes | None, within_s: float) -> subprocess.CompletedProcess[Any]:
    with process:
        try:
            output, errors = process.communicate(given, timeout=within_s)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)
