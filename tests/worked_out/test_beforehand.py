"""Working out beforehand goes on soon after the store refused some of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from hookline.errors import Refused
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.worked_out import EVERY_S, WorkedStore, WorkingOut, beforehand


class Stop(Exception):
    """The test has seen enough."""


class AnsweringStore:
    """A store that is there, called in this thread."""

    def __init__(self) -> None:
        self.store = self

    def ping(self) -> None:
        """Answer."""

    async def run(self, call: Callable[[], Any]) -> Any:
        """Call at once."""
        return call()

    once_it_answers = run


class ShortOnce:
    """What has been worked out; to add days up it has no memory the first time."""

    backlog = 0

    def __init__(self) -> None:
        self.tries = 0

    def catch_up(self, _: int, most: int) -> bool:
        """Have nothing to do."""
        return True

    def settle(self, _: int) -> None:
        """Have nothing to do."""

    def add_up_days(self, _: int) -> bool:
        """Fail once."""
        self.tries += 1
        if self.tries == 1:
            raise Refused("no memory for it now")
        return True


def test_what_was_refused_is_tried_again_in_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in an hour; and the health says why until then."""
    worked, slept, said = ShortOnce(), list[float](), list[str]()
    working = WorkingOut(cast("WorkedStore", worked), cast("PatientStore", AnsweringStore()))

    async def sleep(seconds: float) -> None:
        """Note for how long it would wait."""
        slept.append(seconds)
        said.append(working.health().detail)
        if len(slept) == 2:
            raise Stop

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(Stop):
        asyncio.run(working.run())
    assert slept == [beforehand.AGAIN_S, EVERY_S]
    assert said == ["no memory for it now", "all that was looked at"]
