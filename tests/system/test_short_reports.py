"""What workers tell of tests: all of what went wrong, little of what went well."""

from __future__ import annotations

from typing import Any

import pytest

from support.short_reports import _without_the_usual


def told(when: str, outcome: str = "passed", **more: Any) -> dict[str, Any]:
    """Return a report as a worker tells it."""
    return {"when": when, "outcome": outcome, "user_properties": [], "sections": []} | more


@pytest.mark.parametrize(
    ("report", "is_told"),
    [
        (told("setup"), False),
        (told("teardown"), False),
        (told("call"), True),
        (told("setup", "skipped"), True),
        (told("teardown", "failed"), True),
        (told("setup", sections=[["Captured stdout setup", "made"]]), True),
        (told("teardown", user_properties=[["cost", 1.0]]), True),
    ],
)
def test_only_what_says_nothing_is_left_out(report: dict[str, Any], is_told: bool) -> None:
    """A fixture that failed, was skipped, printed or counted something is told as ever; so is each test, and what is no report."""
    sent: list[str] = []
    send = _without_the_usual(lambda name, **_: sent.append(name))
    send("testreport", data=report)
    send("logstart", nodeid="x", location=())
    assert sent == ["testreport", "logstart"][not is_told :]
