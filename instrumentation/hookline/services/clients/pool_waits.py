"""How long a pool lets one wait for a connection: time that no database sees."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

from hookline.contract.services import DB_POOL_NAME
from hookline.services.active import active


def waited(name_of: Callable[[Any], str]) -> Callable[[Any], Any]:
    """Return what puts a clock around the method that gives a connection."""

    def make(original: Any) -> Any:
        if inspect.iscoroutinefunction(original):

            async def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
                started_ns = perf_counter_ns()
                try:
                    return await original(self, *args, **kwargs)
                finally:
                    count(self, started_ns)

            return acquire

        def connect(self: Any, *args: Any, **kwargs: Any) -> Any:
            started_ns = perf_counter_ns()
            try:
                return original(self, *args, **kwargs)
            finally:
                count(self, started_ns)

        return connect

    def count(pool: Any, started_ns: int) -> None:
        watch = active()
        if watch is None:
            return
        try:
            name = name_of(pool)
            watch.pool_wait.of(name, lambda: {DB_POOL_NAME: name}).add(perf_counter_ns() - started_ns)
        except Exception:  # ours must not become the application's
            return

    return make
