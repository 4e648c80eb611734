"""The collector's own metrics, sent through its own ingest, so that they are stored like everybody's."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

from hookline.errors import Refused
from hookline_collector.observe import exposition
from hookline_collector.observe.exposition import MetricsReading
from hookline_collector.signal import Signal


async def send_reading(reading: Callable[[], MetricsReading], accept: Callable[[Signal, bytes], Awaitable[object]]) -> None:
    """Send a reading. One that is refused is left out: the next one holds the same sums."""
    request = exposition.to_otlp(reading())
    with contextlib.suppress(Refused):
        await accept(Signal.METRICS, request.SerializeToString())
