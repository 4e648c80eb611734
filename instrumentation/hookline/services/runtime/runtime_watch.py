"""All that is watched of the process, begun and ended together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from hookline.contract import services as names
from hookline.services.durations import Labels
from hookline.services.runtime.gc_watch import GcWatch
from hookline.services.runtime.loop_watch import LoopWatch
from hookline.services.runtime.process_figures import OF_THE_PROCESS
from hookline.services.service_metrics import observe

if TYPE_CHECKING:
    from hookline.services.service_watch import ServiceWatch


class RuntimeWatch:
    """Loops, garbage collection, the process's figures."""

    def __init__(self, watch: ServiceWatch) -> None:
        self._watch = watch
        self._loops: list[LoopWatch] = []
        pauses = [watch.pause.of(generation, partial(_of_generation, generation)) for generation in range(3)]
        self._gc = GcWatch(pauses, watch.pauses)

    def start(self) -> None:
        """Begin to watch; loops are found when something of ours runs in one."""
        watch = self._watch
        for metric, read in OF_THE_PROCESS:
            observe(watch.meter, metric, read, self._is_active)
        observe(watch.meter, names.LOOP_LONGEST, self._longest, self._is_active)
        observe(watch.meter, names.HTTP_ACTIVE, self._under_way, self._is_active)
        observe(watch.meter, names.ROUTE_DB_TIME, self._db_time, self._is_active)
        observe(watch.meter, names.ROUTE_DB_CALLS, self._db_calls, self._is_active)
        observe(watch.meter, names.DROPPED, self._dropped, self._is_active)
        self._gc.start()
        watch.on_loop = self._add_loop
        watch.on_second.append(self._look)

    def stop(self) -> None:
        """Watch no longer."""
        self._watch.on_loop = lambda: None
        self._gc.stop()
        for one in self._loops:
            one.stop()
        self._loops.clear()

    def restart(self) -> None:
        """Go on in a child, whose loops are others."""
        self._loops.clear()

    def _is_active(self) -> bool:
        return self._watch.is_active

    def _add_loop(self) -> None:
        self._loops = [one for one in self._loops if not one.is_over]
        series = self._watch.lag.of((), dict)
        self._loops.append(LoopWatch(asyncio.get_running_loop(), series, self._watch.lags, self._blocked))

    def _look(self) -> None:
        for one in list(self._loops):
            one.look()
        if any(one.is_over for one in self._loops):
            self._watch.unwatched_loop = True

    def _blocked(self, seconds: float, place: tuple[str, int, str] | None, stack: str) -> None:
        self._watch.delivery.offer_log(self._watch.telling.loop_blocked(seconds, place, stack, time.time_ns()))

    def _longest(self) -> Iterator[tuple[float, Labels]]:
        if self._loops:
            yield max(one.taken_longest_ns() for one in self._loops) / 1e9, {}

    def _under_way(self) -> Iterator[tuple[float, Labels]]:
        if self._watch.begun:
            yield max(0, self._watch.under_way()), {}

    def _db_time(self) -> Iterator[tuple[float, Labels]]:
        self._watch.count_all()
        for times in self._watch.routes_with_calls():
            yield times.db_ns / 1e9, times.labels

    def _db_calls(self) -> Iterator[tuple[float, Labels]]:
        for times in self._watch.routes_with_calls():
            yield times.db_calls, times.labels

    def _dropped(self) -> Iterator[tuple[float, Labels]]:
        for signal, count in self._watch.delivery.dropped.items():
            yield count, {names.SIGNAL: signal}


def _of_generation(generation: int) -> Labels:
    return {names.GC_GENERATION: generation}
