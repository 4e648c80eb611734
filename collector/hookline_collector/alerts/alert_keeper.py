"""What was decided, kept on disk before anybody gets it, and reported until everybody has it.

One file holds the alerts as they are and the changes that a sink may not have got. It is written, and is on the disk, before a sink hears of a
change; after a restart the alerts go on as they were, and what was not reported is reported. A sink that got it twice knows the change by its id.
What a sink has got is taken off the list at the next writing: only a crash in between reports it again.

Each sink has a task of its own, so that one that hangs delays no other. Past MAX_UNREPORTED changes the oldest of a sink are given up, and
counted.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hookline.system.files import write_private
from hookline_collector.alerts.alert import (
    Alert,
    AlertTransition,
    TransitionSink,
    alert_from_object,
    alert_to_object,
    transition_from_object,
    transition_to_object,
)

MAX_UNREPORTED = 10_000
RETRY_S = (1.0, 5.0, 30.0)
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _SinkQueue:
    """What one sink has still to get, by id, in order."""

    sink: TransitionSink
    unreported: dict[str, AlertTransition] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: str = ""
    given_up: int = 0

    def put(self, changes: Iterable[AlertTransition]) -> None:
        self.unreported |= {change.id: change for change in changes}
        for oldest in list(self.unreported)[: max(0, len(self.unreported) - MAX_UNREPORTED)]:
            del self.unreported[oldest]
            self.given_up += 1
        self.woken.set()


class AlertKeeper:
    """The file, and the sinks by name."""

    def __init__(self, path: Path, sinks: Mapping[str, TransitionSink]) -> None:
        self._path = path
        self._sinks = {name: _SinkQueue(sink) for name, sink in sinks.items()}
        self._writing = asyncio.Lock()

    async def load(self) -> list[Alert]:
        """Return the alerts of before; what was not reported then is reported now. A file that cannot be read is set aside."""
        alerts, unreported = await asyncio.to_thread(_read, self._path)
        for name, changes in unreported.items():
            if name in self._sinks and changes:
                self._sinks[name].put(changes)
        return alerts

    async def keep(self, alerts: Iterable[Alert], changes: Sequence[AlertTransition]) -> None:
        """Write down what was decided; when this returns it is on the disk, and the sinks are about to get it. Raises OSError where it cannot be
        written."""
        async with self._writing:
            queues = {name: {**queue.unreported, **{change.id: change for change in changes}} for name, queue in self._sinks.items()}
            kept = {
                "alerts": [alert_to_object(alert) for alert in alerts],
                "untold": {name: [transition_to_object(change) for change in queue.values()] for name, queue in queues.items()},
            }
            await asyncio.to_thread(_write, self._path, kept)
        for queue in self._sinks.values():
            if changes:
                queue.put(changes)

    async def run(self) -> None:
        """Report to the sinks until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for name, queue in self._sinks.items():
                tasks.create_task(self._report(name, queue), name=f"report to {name}")

    @property
    def unreported(self) -> int:
        """How many changes some sink has not got."""
        return max((len(queue.unreported) for queue in self._sinks.values()), default=0)

    def trouble(self) -> str:
        """Return what keeps sinks from getting it; empty when nothing does."""
        stuck = [f"{name}: {queue.trouble}" for name, queue in self._sinks.items() if queue.trouble]
        return "; ".join(stuck + [f"{name}: {queue.given_up} changes given up" for name, queue in self._sinks.items() if queue.given_up])

    async def _report(self, name: str, queue: _SinkQueue) -> None:
        failures = 0
        while True:
            while not queue.unreported:
                queue.woken.clear()
                await queue.woken.wait()
            changes = list(queue.unreported.values())
            try:
                await queue.sink.changed(changes)
            except Exception as why:  # whatever a sink raises, the changes are reported again
                queue.trouble = f"{type(why).__name__}: {' '.join(str(why).split())[:200]}"
                if not failures:
                    _log.warning("%s did not take %d changes of alerts, which are reported again: %s", name, len(changes), why)
                await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1
                continue
            failures, queue.trouble = 0, ""
            for change in changes:
                queue.unreported.pop(change.id, None)


def _write(path: Path, kept: object) -> None:
    write_private(path, json.dumps(kept), sync=True)


def _read(path: Path) -> tuple[list[Alert], dict[str, list[AlertTransition]]]:
    try:
        kept = json.loads(path.read_bytes())
        alerts = [alert_from_object(alert) for alert in kept["alerts"]]
        return alerts, {str(name): [transition_from_object(change) for change in changes] for name, changes in kept["untold"].items()}
    except FileNotFoundError:
        return [], {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as why:
        aside = path.with_suffix(".damaged")
        _log.error("the alerts of before cannot be read (%s); the file is kept as %s", why, aside)
        if path.exists():
            path.replace(aside)
        return [], {}
