"""What a soak comes to: of each trouble in how many of its runs it was told as it should be, and the slowest of them.

A test says what it makes with `record_property("trouble", name)` before, and `record_property("took_s", seconds)` when it was told.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import pytest

from support.busy_neighbour import IS_ASKED
from support.soaking import IS_SAMPLE


class _Run(NamedTuple):
    is_right: bool
    took_s: float


_RUNS: defaultdict[str, list[_Run]] = defaultdict(list)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take note of a run."""
    told = dict(report.user_properties)
    if report.when == "call" and not report.skipped and "trouble" in told:
        _RUNS[str(told["trouble"])].append(_Run(report.passed, float(str(told.get("took_s", 0.0)))))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it at the end."""
    if IS_SAMPLE or not _RUNS:
        return
    terminalreporter.section("troubles" + (" beside a busy neighbour" if IS_ASKED else ""))
    for name, runs in sorted(_RUNS.items()):
        right = [run.took_s for run in runs if run.is_right]
        slowest = f", slowest {max(right):.1f} s" if any(right) else ""
        terminalreporter.line(f"{name}: {len(right)} of {len(runs)}{slowest}")
