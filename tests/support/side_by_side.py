"""Tests side by side, in forks of the process that collected them: `--side-by-side 4`.

Collecting takes eleven seconds of a processor, and pytest-xdist lets each worker collect for itself. Here it is done once; what a worker begins
with is shared. As with xdist's loadscope, a worker is given the tests of a module together, knows the next test before it ends one, and what is
told of a test is told by the first process. A worker that dies fails the test that it was at, and ends the run.
"""

from __future__ import annotations

import atexit
import itertools
import multiprocessing
import os
import signal
import traceback
import warnings
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import pytest

from support.together import unit_of

PATIENCE_S: Final = 30.0
"""How long a worker may take to end what it started."""
KEPT_BY_THE_FIRST: Final = ("lfplugin", "nfplugin", "stepwiseplugin")
"""Plugins that only the first process has: they keep what failed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option."""
    parser.addoption("--side-by-side", type=int, default=0, metavar="N", help="run tests in N forks of the process that collected them")


@dataclass(frozen=True, slots=True)
class Worker:
    """A fork, as the first process knows it."""

    process: BaseProcess
    wire: Connection

    def end(self) -> None:
        """Let it tear down what it has, and wait."""
        if self.process.is_alive() and self.process.pid:
            os.kill(self.process.pid, signal.SIGINT)
        self.process.join(PATIENCE_S)
        self.process.kill()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run all tests, where they are to run side by side."""
    count = min(session.config.getoption("side_by_side"), len(session.items))
    if not count or session.testsfailed or session.config.option.collectonly:
        return None
    if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
        reporter.showfspath = False
    places = range(len(session.items))
    left = deque(list(unit) for _, unit in itertools.groupby(places, key=lambda place: unit_of(session.items[place].nodeid)))
    workers: list[Worker] = []
    try:
        for number in range(count):
            workers.append(_fork(session, number, [each.wire for each in workers]))
        _lead(session, workers, left)
    finally:
        for worker in workers:
            worker.end()
    return True


def _fork(session: pytest.Session, number: int, of_others: list[Connection]) -> Worker:
    folder = session.config._tmp_path_factory.getbasetemp() / f"popen-gw{number}"  # type: ignore[attr-defined] # not of the types
    folder.mkdir(mode=0o700)
    ours, its = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_work, args=(session, folder, its, [ours, *of_others]))
    process.start()
    its.close()
    return Worker(process, ours)


def _lead(session: pytest.Session, workers: list[Worker], left: deque[list[int]]) -> None:
    """Give out tests and tell of them until all have ended."""
    hook, at_work = session.config.hook, {worker.wire: worker for worker in workers}
    running: dict[Connection, tuple[str, Any]] = {}
    while at_work:
        for wire in wait(list(at_work)):
            assert isinstance(wire, Connection)
            try:
                kind, said = wire.recv()
            except (EOFError, ConnectionError):
                at_work.pop(wire).process.join(PATIENCE_S)
                if wire in running:
                    _tell_crash(session, *running.pop(wire))
                continue
            if kind == "asks":
                wire.send(left.popleft() if left else [])
            elif kind == "begins":
                running[wire] = said
                hook.pytest_runtest_logstart(nodeid=said[0], location=said[1])
            elif kind == "ends":
                nodeid, location = running.pop(wire)
                hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
            elif kind == "report":
                hook.pytest_runtest_logreport(report=hook.pytest_report_from_serializable(config=session.config, data=said))
            elif kind == "warning":
                words, file, line, when, nodeid = said
                told = warnings.WarningMessage(words, Warning, file, line)
                hook.pytest_warning_recorded.call_historic(kwargs={"warning_message": told, "when": when, "nodeid": nodeid, "location": None})
            else:
                raise RuntimeError(f"a worker broke:\n{said}")
            if session.shouldfail or session.shouldstop:
                raise session.Failed(session.shouldfail) if session.shouldfail else session.Interrupted(session.shouldstop)


def _tell_crash(session: pytest.Session, nodeid: str, location: Any) -> None:
    said = f"a worker crashed while running {nodeid!r}"
    report = pytest.TestReport(nodeid, location, {}, "failed", said, "call")
    session.config.hook.pytest_runtest_logreport(report=report)
    session.shouldfail = said


class Teller:
    """Tells the first process what a worker's pytest says of its tests."""

    def __init__(self, config: pytest.Config, wire: Connection) -> None:
        self._config = config
        self._wire = wire

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        """A test begins."""
        self._wire.send(("begins", (nodeid, location)))

    @pytest.hookimpl
    def pytest_runtest_logfinish(self) -> None:
        """It has ended."""
        self._wire.send(("ends", None))

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What became of its setup, of itself, or of its teardown."""
        self._wire.send(("report", self._config.hook.pytest_report_to_serializable(config=self._config, report=report)))

    @pytest.hookimpl
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str, nodeid: str) -> None:
        """A warning that is no error."""
        words = f"{warning_message.category.__name__}: {warning_message.message}"
        self._wire.send(("warning", (words, warning_message.filename, warning_message.lineno, when, nodeid)))


def _work(session: pytest.Session, folder: Any, wire: Connection, of_others: list[Connection]) -> None:
    """Be a worker."""
    for other in of_others:
        other.close()
    atexit._clear()  # what the first process does at its end
    session.config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined] # not of the types
    plugins = session.config.pluginmanager
    for name in KEPT_BY_THE_FIRST:
        if plugins.has_plugin(name):
            plugins.unregister(name=name)
    capture: Any = plugins.get_plugin("capturemanager")
    capture.stop_global_capturing()
    nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    os.dup2(nowhere.fileno(), 1)
    capture.start_global_capturing()
    capture.suspend_global_capture()
    session.config.get_terminal_writer()._file = nowhere  # others write to it too, as who ends a test that takes too long
    plugins.register(Teller(session.config, wire))
    try:
        for item, following in _given_out(session, wire):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    except (KeyboardInterrupt, pytest.exit.Exception):
        session._setupstate.teardown_exact(None)
    except BaseException:
        wire.send(("breaks", traceback.format_exc()))
    finally:
        wire.close()
        atexit._run_exitfuncs()


def _given_out(session: pytest.Session, wire: Connection) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Give the tests that are given out here, each with the one that follows it."""
    unit = _asked_for(session, wire)
    while unit:
        yield from itertools.pairwise(unit)
        then = _asked_for(session, wire)
        yield unit[-1], then[0] if then else None
        unit = then


def _asked_for(session: pytest.Session, wire: Connection) -> list[pytest.Item]:
    wire.send(("asks", None))
    return [session.items[place] for place in wire.recv()]
