"""What each test costs in processor time, with its processes and the test server: `make test ARGS="-p support.costs"`.

Time on the wall says little on a machine that others use too, and nothing about what a test leaves to its processes.
"""

from __future__ import annotations

import os
import resource
import sys
from collections import defaultdict
from collections.abc import Generator
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import pytest

from support import warm

MOST_TOLD: Final = 60
COST: Final = "processor seconds"
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_begun: dict[str, float] = {}
_tests: defaultdict[str, float] = defaultdict(float)


def processor_time() -> float:
    """Return the seconds that this process, those that ended below it and the test server have used."""
    ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in ended) + warm.processor_time() + _of_the_server()


def _of_the_server() -> float:
    stores: Any = sys.modules.get("support.stores")
    if stores is None or not stores.server.cache_info().currsize:
        return 0.0
    fields = Path(f"/proc/{stores.server().pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin to count."""
    _begun[item.nodeid] = processor_time()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with the end of a test what it cost."""
    report = yield
    if call.when == "teardown" and item.nodeid in _begun:
        report.user_properties.append((COST, processor_time() - _begun.pop(item.nodeid)))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect it where the whole is told."""
    for name, cost in report.user_properties:
        if name == COST and isinstance(cost, float):
            _tests[report.nodeid] += cost


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the files and tests that cost most."""
    files: defaultdict[str, float] = defaultdict(float)
    for name, cost in _tests.items():
        files[name.partition("::")[0]] += cost
    terminalreporter.section(f"{COST}: {sum(_tests.values()):.0f}")
    for found in (files, _tests):
        for name, cost in sorted(found.items(), key=itemgetter(1), reverse=True)[:MOST_TOLD]:
            terminalreporter.write_line(f"{cost:8.2f} {name}")
