"""What a worker tells of a test that passed: that it did, and how long it took.

pytest-xdist tells of each test three times, each time with all its keywords: writing and reading that takes longer than most tests do.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(report: object) -> Generator[None, Any, Any]:
    """Leave out the keywords, which are told of what was skipped or failed."""
    data = yield
    if isinstance(report, pytest.TestReport) and report.passed:
        data["keywords"] = {}
    return data


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Leave out what says nothing: that making ready and clearing up went well, unless somebody asks how long they took."""
    asked = session.config.option
    if asked.durations is None and asked.xmlpath is None:
        for plugin in session.config.pluginmanager.get_plugins():
            if type(plugin).__name__ == "WorkerInteractor":
                plugin.sendevent = _without_the_usual(plugin.sendevent)


def _without_the_usual(send: Any) -> Any:
    def sent(name: str, **told: Any) -> None:
        if name != "testreport" or not _is_the_usual(told["data"]):
            send(name, **told)

    return sent


def _is_the_usual(report: dict[str, Any]) -> bool:
    is_beside = report["when"] in ("setup", "teardown") and report["outcome"] == "passed"
    return is_beside and not report["user_properties"] and not report["sections"]
