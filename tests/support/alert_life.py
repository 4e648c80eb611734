"""A life of notification in a process of its own, which ends itself by SIGKILL at a step of its choice, or is killed from outside.

It plays rules too: changes are told in order, and one that was not acknowledged before the end is told again by the next life. `steps` counts what a
kill could fall between: before and after each write, and after each answer of a target.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hookline.system.files import write_private
from hookline_collector.alerts.alert import AlertTransition
from hookline_collector.notification.alerting import Alerting
from hookline_collector.notification.keeping.notification_store import NotificationStore
from hookline_collector.notification.plan_source import PlanSource
from hookline_collector.notification.sending.channels import channel_of
from support.alerting import T0, S, fired, firing, resolved


def changes(alerts: int) -> list[AlertTransition]:
    """Return the beginning and the end of so many alerts."""
    found = []
    for number in range(alerts):
        at_ns = T0 + number * S
        found += [fired(at_ns, tool=f"tool {number}"), resolved(firing(at_ns, tool=f"tool {number}"), at_ns + S // 2)]
    return found


class _Steps:
    """Counts steps, and ends the process at one."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


async def live(folder: Path, alerts: int, step: Callable[[], None]) -> None:
    """Tell every change that is left, and return when all of it was delivered."""
    store = NotificationStore(folder / "notification.db")
    write = store.write

    def stepping(kept: Any) -> None:
        step()
        write(kept)
        step()

    store.write = stepping  # type: ignore[method-assign, assignment]
    alerting = Alerting(store, PlanSource(folder / "notify.yaml", {}), make_channel=lambda target, url: _Stepping(channel_of(target, url), step))
    task = asyncio.create_task(alerting.run())
    cursor = folder / "cursor"
    for number, change in enumerate(changes(alerts)):
        if number >= (int(cursor.read_text()) if cursor.exists() else 0):
            await alerting.changed([change])
            write_private(cursor, str(number + 1))
    while not alerting.standings() or any(each.waiting for each in alerting.standings()):  # noqa: ASYNC110 - a kill may come at any time
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    alerting.close()


class _Stepping:
    """A channel after whose answers a kill may fall."""

    def __init__(self, channel: Any, step: Callable[[], None]) -> None:
        self._channel = channel
        self._step = step

    async def send(self, message: Any) -> Any:
        """Try once."""
        answer = await self._channel.send(message)
        self._step()
        return answer

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), int(sys.argv[2]), _Steps(int(sys.argv[3]))))
    print("done", flush=True)
