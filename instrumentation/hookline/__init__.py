"""Hookline's light half: the hook, the relay and the command line; and `instrument`, for services.

Lives on the developer's machine, or in a service. Imports nothing of `hookline_collector` at module level and none of its dependencies, and of a
service's watch nothing before `instrument` is called.
"""

from __future__ import annotations

from typing import TypedDict, TypeVar, Unpack, overload

from hookline.version import VERSION

__version__ = VERSION
__all__ = ["VERSION", "InstrumentOptions", "__version__", "instrument", "uninstrument"]

App = TypeVar("App")


class InstrumentOptions(TypedDict, total=False):
    """How a service is watched; `instrument` says what each means."""

    service: str
    endpoint: str
    slow_s: float
    one_in: int
    logs_a_second: float
    metrics_every_s: float
    max_pending: int
    sql_comments: bool
    plans: bool


@overload
def instrument(app: App, **options: Unpack[InstrumentOptions]) -> App: ...


@overload
def instrument(app: None = None, **options: Unpack[InstrumentOptions]) -> None: ...


def instrument(app: App | None = None, **options: Unpack[InstrumentOptions]) -> App | None:
    """Watch a service: its requests, the calls they make, and what holds the process up. Returns what is to be served: `app =
    hookline.instrument(app)`.

    `app` is an ASGI application; without one (a worker, a gRPC server) the rest is watched all the same. Twice is once: the options of the first call
    hold.

    service           the service's name; else OTEL_SERVICE_NAME, else the program's
    endpoint          OTLP, over HTTP unless OTEL_EXPORTER_OTLP_PROTOCOL says grpc; else OTEL_EXPORTER_OTLP_ENDPOINT, else a collector on this machine
    slow_s            1: a request that takes longer is kept with its whole tree; so is one that fails, and one slower than 99 of 100 of its route
    one_in            1000: one request in so many is kept although nothing is wrong with it; 0 for none
    logs_a_second     5: no more requests are kept than this on average; how many were left out is said
    metrics_every_s   15: how often metrics are sent
    max_pending       2000: so many kept requests wait for a collector that is away; the oldest go first, and are counted
    sql_comments      the trace's id in the SQL of requests that are drawn or whose caller samples them, never of others
    plans             plans of slow statements that PostgreSQL sends as notices (auto_explain) go into the spans of their calls
    """
    from hookline.services.instrumenting import instrument as begin  # noqa: PLC0415 - a light install loads nothing of it
    from hookline.services.options import ServiceOptions  # noqa: PLC0415

    return begin(app, ServiceOptions(**options))


def uninstrument() -> None:
    """Take back all that `instrument` did."""
    from hookline.services.instrumenting import uninstrument as end  # noqa: PLC0415

    end()
