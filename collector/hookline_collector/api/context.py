"""What the routes need of the collector, handed to them by the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hookline.settings import Settings
from hookline_collector.health import Status
from hookline_collector.store.rows import Rows
from hookline_collector.telemetry import Reading


@dataclass(frozen=True, slots=True)
class Context:
    """The collector as its API sees it."""

    settings: Settings
    status: Callable[[], Status]
    reading: Callable[[], Reading]
    query: Callable[[str], Awaitable[Rows]]
