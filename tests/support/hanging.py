"""A test that does not end when its time is over ends its process, which tells where each thread stands.

pytest-timeout raises in the main thread. Where an event loop runs just then, in a test's own teardown for example, the loop takes what is raised
for the fault of a callback, and the test hangs on. What watches here is a thread of the interpreter itself. pytest-xdist then says which test it
was, as a failure.
"""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Generator
from typing import Final

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key

GRACE: Final = "hanging_grace"
"""In the settings of pytest: how long after its time a test may still take to end by itself, in seconds."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting."""
    parser.addini(GRACE, "seconds after its time in which a test may still end by itself", default="45")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Watch one test, with its setup and teardown."""
    limit_s = time_of(item)
    if limit_s > 0:
        faulthandler.dump_traceback_later(limit_s + float(item.config.getini(GRACE)), exit=True, file=item.config.stash[fault_handler_stderr_fd_key])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def time_of(item: pytest.Item) -> float:
    """Return how long a test may take, in seconds, as pytest-timeout reads it; 0 where it may take for ever."""
    mark = item.get_closest_marker("timeout")
    if mark and mark.args:
        return float(mark.args[0])
    return float(item.config.getoption("timeout") or os.environ.get("PYTEST_TIMEOUT") or item.config.getini("timeout") or 0)
