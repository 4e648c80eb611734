"""The relay: resident on a developer's machine, it makes spans, log records and metrics of hook events and sends them.

    service     the entry: one relay a data folder, signals, start and stop
    loop        sleeps until there is something to do        duties, watching: what is due while sessions live
    intake      spool → events → fold → delivery             adapter, live: processes and sessions
    delivery    steps → endpoint, whatever it answers        parcel, verdict, trust, backoff, rejected, report
    transmit    records → the SDK's exporters                otlp, exporters, grpc_exporters, http_exporters, endpoint
    metrics     what was accepted, counted once              counted, sampler
    state       what the relay says of itself                status, log

The design stands in docs/relay.md. Public: `run`, and `state.read` for whoever wants to know how a relay does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from hookline.settings import Settings

__all__ = ["run"]


def run(settings: Settings, stop: threading.Event | None = None, ready: Callable[[], object] | None = None) -> int:
    """Run a relay until `stop` is set and return 0. See `hookline.relay.service`."""
    from hookline.relay.service import run_relay  # noqa: PLC0415 - the exporters are heavy, and commands import this package

    return run_relay(settings, stop, ready)
