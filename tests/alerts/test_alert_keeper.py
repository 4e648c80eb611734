"""Decisions on disk before anybody is told, and told until everybody has them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.engines import HeardTransitions, until
from hookline_collector.alerts import alert_keeper
from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition, RuleOrigin, labels_of, transition_of
from hookline_collector.alerts.alert_keeper import AlertKeeper

pytestmark = pytest.mark.anyio
ALERT = Alert(labels_of({"alertname": "A"}), RuleOrigin("g", "A", "f"), AlertState.FIRING, 1.0, active_at_ns=1, fired_at_ns=2, changes=1)


@pytest.fixture
def anyio_backend() -> str:
    """The collector runs on asyncio."""
    return "asyncio"


def change(number: int) -> AlertTransition:
    """Return one change of many."""
    return transition_of(replace(ALERT, changes=number), AlertState.PENDING, number)


@contextlib.asynccontextmanager
async def telling(keeper: AlertKeeper) -> AsyncIterator[None]:
    """Let it tell."""
    task = asyncio.create_task(keeper.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_what_was_decided_is_told_also_after_a_kill(tmp_path: Path) -> None:
    """The process ended between the decision and the telling: the next one tells. The alerts are there too."""
    path = tmp_path / "alerts.json"
    await AlertKeeper(path, {"a": HeardTransitions()}).keep([ALERT], [change(1), change(2)])
    sink = HeardTransitions()
    later = AlertKeeper(path, {"a": sink})
    assert await later.load() == [ALERT]
    async with telling(later):
        await until(lambda: not later.unreported)
    assert [each.id for each in sink.heard] == [change(1).id, change(2).id]
    await later.keep([ALERT], [])
    last = AlertKeeper(path, {"a": HeardTransitions()})
    await last.load()
    assert last.unreported == 0


async def test_a_sink_that_fails_is_told_again_and_delays_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its trouble is said while it lasts."""
    monkeypatch.setattr(alert_keeper, "RETRY_S", (0.1,))

    class HangingSink:
        async def changed(self, transitions: Sequence[AlertTransition]) -> None:
            await asyncio.Event().wait()

    failing, good = HeardTransitions(fails=2), HeardTransitions()
    keeper = AlertKeeper(tmp_path / "alerts.json", {"hanging": HangingSink(), "failing": failing, "good": good})
    async with telling(keeper):
        await keeper.keep([], [change(1)])
        await until(lambda: good.heard and keeper.trouble())
        assert keeper.trouble() == "failing: RuntimeError: away"
        await until(lambda: failing.heard and not keeper.trouble())
    assert keeper.unreported == 1


async def test_a_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    """The rules begin anew; what was there is not lost."""
    path = tmp_path / "alerts.json"
    path.write_text('{"alerts": [{"labels"')
    assert await AlertKeeper(path, {}).load() == []
    assert (tmp_path / "alerts.damaged").read_text().startswith('{"alerts"')
    assert not path.exists()


async def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a sink that is away for ever the oldest changes are given up, and that is said."""
    monkeypatch.setattr(alert_keeper, "MAX_UNREPORTED", 3)
    keeper = AlertKeeper(tmp_path / "alerts.json", {"a": HeardTransitions()})
    await keeper.keep([], [change(number) for number in range(5)])
    assert keeper.unreported == 3
    assert keeper.trouble() == "a: 2 changes given up"
