"""Which requests are kept, and why; everything is counted all the same."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from hookline.contract.services import DB_DURATION, HTTP_DURATION
from hookline.services.active import active
from hookline.services.durations import BOUNDS_NS, DurationTable, gathered, percentile_ns
from hookline.services.recent_routes import LEAST_SLOW_NS, MIN_SEEN, NEVER, RouteTimes
from hookline.services.served_request import parsed_parent
from support.watched_service import ask, watched_service

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"


async def wait(request: Request) -> Response:
    """Take as long as asked."""
    await asyncio.sleep(float(request.path_params["seconds"]))
    return PlainTextResponse("done")


def waiting() -> Any:
    """Return a watched application."""
    return hookline.instrument(Starlette(routes=[Route("/wait/{seconds}", wait)]))


async def test_only_what_is_slow_is_kept(own_traces: None) -> None:
    """The fast ones are counted, and that is all."""
    with watched_service(one_in=0, slow_s=0.1) as service:
        app = waiting()
        for seconds in ("0", "0.15", "0"):
            await ask(app, f"/wait/{seconds}")
        (span,) = service.served
        (log,) = service.logs
        assert span.attributes["hookline.request.reason"] == log["hookline.request.reason"] == "limit"
        assert (log["hookline.request.threshold"], log["url.path"]) == (0.1, "/wait/0.15")
        assert service.counts("http.server.request.duration") == {(): 3}


async def test_a_route_s_own_past_says_what_is_slow_for_it() -> None:
    """Far below the limit, but slower than 99 of 100 before it."""
    with watched_service(one_in=0, slow_s=10) as service:
        app, watch = waiting(), active()
        assert watch is not None
        for _ in range(MIN_SEEN):
            await ask(app, "/wait/0")
        watch.count_all()
        for times in watch.routes.values():
            times.judge(is_minute=False)
        await ask(app, "/wait/0.1")
        (log,) = service.logs
        assert log["hookline.request.reason"] == "route"
        assert 0.005 <= log["hookline.request.threshold"] < 0.1


async def test_one_in_so_many_is_kept(own_traces: None) -> None:
    """A sample of what is usual, with the log that says so."""
    with watched_service(one_in=3) as service:
        app = waiting()
        for _ in range(7):
            await ask(app, "/wait/0")
        assert [log["hookline.request.reason"] for log in service.logs] == ["sampled", "sampled"]


@pytest.mark.parametrize(("flags", "kept"), [("01", 1), ("00", 0), ("03", 1), ("zz", 0)])
async def test_a_sampled_caller_gets_its_span_and_no_log(flags: str, kept: int) -> None:
    """The trace is whole; nothing was slow."""
    with watched_service(one_in=0) as service:
        await ask(waiting(), "/wait/0", headers=[(b"traceparent", (PARENT + flags).encode())])
        assert (len(service.served), len(service.logs)) == (kept, 0)


async def test_too_many_slow_ones_at_once_are_a_few_logs_and_a_count() -> None:
    """The first ones say what the others would."""
    with watched_service(one_in=1, logs_a_second=0.001) as service:
        app, watch = waiting(), active()
        assert watch is not None
        for _ in range(5):
            await ask(app, "/wait/0")
        assert len(service.logs) == 1
        watch._tokens = 1.0
        await ask(app, "/wait/0")
        assert service.logs[-1]["hookline.request.suppressed"] == 4
        assert service.counts("http.server.request.duration") == {(): 6}


async def test_a_pause_of_the_collector_of_garbage_is_told_with_the_request_that_it_held_up() -> None:
    """What a request waited for need not be its own."""
    junk: list[Any] = [[[] for _ in range(100)] for _ in range(300)]

    async def collect(request: Request) -> Response:
        gc.collect()
        return PlainTextResponse("done")

    with watched_service() as service:
        await ask(hookline.instrument(Starlette(routes=[Route("/", collect)])), "/")
        (log,) = service.logs
        assert 0 < log["hookline.request.gc_pause"] <= log["hookline.request.duration"]
        assert service.counts("hookline.gc.pause", "cpython.gc.generation")[(2,)] >= 1
    assert junk


async def test_requests_under_way_end_quietly_when_watching_ends() -> None:
    """The application answers as if nothing had been there."""
    app = Starlette(routes=[Route("/wait/{seconds}", wait)])
    build = app.build_middleware_stack
    with watched_service():
        assert hookline.instrument(app) is app
        running = asyncio.create_task(ask(app, "/wait/0.1"))
        await asyncio.sleep(0)
    assert await running == (200, b"done")
    assert app.build_middleware_stack == build
    assert await ask(app, "/wait/0") == (200, b"done")
    assert "AsgiServer" not in type(app.middleware_stack).__name__


@given(st.lists(st.integers(0, 10**12), max_size=60))
def test_fine_places_add_up_to_the_exact_buckets(durations: list[int]) -> None:
    """Each bound of the conventions is one of ours."""
    for metric in (HTTP_DURATION, DB_DURATION):
        table = DurationTable(metric)
        series = table.of("k", dict)
        for ns in durations:
            series.add(ns)
        told = table.collect(sums_up=False)
        edges = [*(round(bound * 1e9) for bound in metric.bounds), 1 << 62]
        true = [sum(low < ns <= high or (low == -1 and ns == 0) for ns in durations) for low, high in zip([-1, *edges], edges, strict=False)]
        assert [list(one.counts) for one in told] == ([true] if durations else [])
        assert table.collect(sums_up=False) == []


@given(st.lists(st.integers(10_000, 10**11), min_size=1, max_size=200))
def test_a_percentile_is_right_within_its_place(durations: list[int]) -> None:
    """Its upper end, never less than the true one, and at most a fifth more."""
    counts = [0] * (len(BOUNDS_NS) + 1)
    for ns in durations:
        counts[next((place for place, bound in enumerate(BOUNDS_NS) if ns <= bound), len(BOUNDS_NS))] += 1
    true = sorted(durations)[-(-len(durations) * 99 // 100) - 1]
    assert true <= percentile_ns(counts, 0.99) <= max(true * 1.25, BOUNDS_NS[0])


def test_what_is_slow_needs_a_past_and_is_forgotten() -> None:
    """Too few say nothing; halved often enough, they are gone."""
    times = RouteTimes("GET", "/", limit_ns=10**9)
    assert times.worth_ns == 10**9
    times.counts[3] = MIN_SEEN
    times.judge(is_minute=False)
    assert times.slow_ns == times.worth_ns == LEAST_SLOW_NS
    times.judge(is_minute=True)
    times.judge(is_minute=False)
    assert (times.slow_ns, times.worth_ns) == (NEVER, 10**9)


def test_series_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound one series counts for all others, and says so."""
    monkeypatch.setattr("hookline.services.durations.MAX_SERIES", 2)
    table = DurationTable(HTTP_DURATION)
    for number in range(5):
        table.of(number, lambda number=number: {"http.route": str(number)}).add(1)  # type: ignore[misc]
    assert [dict(one.labels) for one in table.collect(sums_up=False)] == [{"http.route": "0"}, {"http.route": "1"}, {"otel.metric.overflow": True}]
    assert len(table.series) == 3


def test_totals_stay_where_they_are_wanted() -> None:
    """Prometheus wants sums since the start."""
    table = DurationTable(HTTP_DURATION)
    for count in (1, 2):
        table.of("k", dict).add(1)
        (told,) = table.collect(sums_up=True)
        assert sum(told.counts) == count


@given(st.text(max_size=60))
def test_nonsense_is_no_parent(header: str) -> None:
    """Whatever a client sends, a request goes on."""
    found = parsed_parent(header)
    assert found is None or (0 < found[0] < 1 << 128 and 0 < found[1] < 1 << 64)


def test_buckets_of_nothing_are_empty() -> None:
    """Every place belongs to one bucket."""
    assert gathered([1, 2, 3, 4], (1, 3)) == (1, 5, 4)
