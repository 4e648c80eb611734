"""Routes that became slower: found from what a service's processes tell, with the hours that the store has of it, and told once with what grew."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from hookline.contract import services as names
from hookline.contract.databases import DatabaseEvent
from hookline.contract.services import SERVICES_SCOPE
from hookline.errors import Refused
from hookline_collector.observe.announcements import Accepted
from hookline_collector.routes.route_watch import RouteWatch, of_services
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.patient_store import PatientStore
from support.route_life import RouteLife
from support.shop_telemetry import NOON_NS, NS, Told, database, of_logs
from support.stores import emptied, fresh_token

pytestmark = pytest.mark.anyio
HOUR_S = 3_600


@pytest.fixture
def store() -> Store:
    """Give an empty store."""
    return emptied()


@pytest.fixture
def anyio_backend() -> str:
    """The collector runs on asyncio."""
    return "asyncio"


class DirectStore:
    """A store that is asked in the loop's own thread."""

    def __init__(self, store: Any) -> None:
        self.store = store

    async def run(self, call: Any) -> Any:
        """Make a call."""
        return call()

    once_it_answers = run


class RouteBench:
    """A watch on a clock of its own, fed by a life."""

    def __init__(self, store: Any) -> None:
        self.now_ns = 0
        self.told: list[tuple[int, dict[str, Any], str]] = []
        self._due: list[tuple[float, asyncio.Future[None]]] = []
        self.refusals = 0
        self.watch = RouteWatch(cast(PatientStore, DirectStore(store)), self._accept, lambda: self.now_ns, self._sleep)

    async def _accept(self, signal: Signal, body: bytes) -> None:
        assert signal is Signal.LOGS
        if self.refusals:
            self.refusals -= 1
            raise Refused("full")
        (resource,) = ExportLogsServiceRequest.FromString(body).resource_logs
        ((record,),) = [scope.log_records for scope in resource.scope_logs]
        values = {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in (*resource.resource.attributes, *record.attributes)}
        self.told.append((self.now_ns, values, record.body.string_value))

    async def _sleep(self, seconds: float) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._due.append((self.now_ns + seconds * NS, waiting))
        await waiting

    async def live(self, life: RouteLife) -> None:
        """Play what is told of a life, each at its time."""
        running = asyncio.create_task(self.watch.run())
        for at_ns, body in (*life.told(), (life.begin_ns + (life.seconds + 60) * NS, b"")):
            while due := [each for each in self._due if each[0] <= at_ns]:
                self._due = [each for each in self._due if each[0] > at_ns]
                for when, waiting in due:
                    self.now_ns = max(self.now_ns, int(when))
                    waiting.set_result(None)
                await self._settle()
            self.now_ns = at_ns
            self.watch.take(Accepted(Signal.METRICS, ExportMetricsServiceRequest.FromString(body), frozenset({SERVICES_SCOPE})))
            await self._settle()
        assert not running.done(), running.result()
        running.cancel()

    async def _settle(self) -> None:
        for _ in range(800 if not self.watch._is_remembered else 12):
            await asyncio.sleep(0)


class EmptyStore:
    """A store in which nothing is."""

    def query(self, _sql: str, _parameters: object = None) -> Any:
        """Answer with no rows."""
        return type("Nothing", (), {"rows": (), "as_dicts": staticmethod(list)})


async def test_half_as_long_again_is_told_once_within_fifteen_minutes_with_what_grew() -> None:
    """Of the route alone, and of all processes together."""
    bench = RouteBench(EmptyStore())
    slower_s = 2 * HOUR_S
    await bench.live(RouteLife(NOON_NS, slower_s + 1_800, slower_s))
    ((at_ns, told, said),) = bench.told
    assert at_ns - NOON_NS <= (slower_s + 900) * NS
    assert (told["service.name"], told["http.request.method"], told["http.route"]) == ("shop", "GET", "/orders/{id}")
    assert told[names.ROUTE_RATIO] == pytest.approx(1.5, abs=0.12)
    assert abs(told[names.ROUTE_SINCE] - NOON_NS - slower_s * NS) <= 300 * NS
    parts = json.loads(told[names.ROUTE_PARTS])
    assert set(parts) == {"requests", "db_ms", "db_calls", "rest_ms"} < set(names.ROUTE_PART_NAMES)
    assert parts["db_ms"] == [pytest.approx(10, abs=1), pytest.approx(20, abs=3)]
    assert parts["rest_ms"] == [pytest.approx(10, abs=0.01), pytest.approx(10, abs=0.01)]
    assert parts["db_calls"] == [2.0, 2.0]
    assert parts["requests"] == [pytest.approx(10 / 3, abs=0.1), pytest.approx(10 / 3, abs=0.3)]
    assert said.startswith("GET /orders/{id} takes ")
    assert "; in databases 1" in said


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
async def test_nothing_is_told_where_nothing_changed(seed: int) -> None:
    """In six hours."""
    bench = RouteBench(EmptyStore())
    await bench.live(RouteLife(NOON_NS, 6 * HOUR_S, seed=seed))
    assert bench.told == []


@pytest.mark.long
async def test_a_restarted_collector_knows_the_hours_before_and_what_else_changed(store: Store) -> None:
    """Two hours are in the store; a release comes, a statement of its database is slower, and so is the route ten minutes after the start."""
    life = RouteLife(NOON_NS, 2 * HOUR_S + 1_800, 2 * HOUR_S + 600, version_after="1.5")
    release_ns = NOON_NS + (2 * HOUR_S + 600) * NS
    store.insert(Signal.METRICS, b"".join(body for at_ns, body in life.told() if at_ns < NOON_NS + 2 * HOUR_S * NS), fresh_token())
    store.insert(Signal.METRICS, b"".join(body for at_ns, body in life.told() if at_ns >= NOON_NS + 2 * HOUR_S * NS), fresh_token())
    slower = {"db.query.summary": "SELECT orders", "hookline.db.regression.ratio": 2.0}
    long_ago = Told(DatabaseEvent.PLAN_CHANGE, NOON_NS, {"db.query.summary": "SELECT cart"})
    store.insert(Signal.LOGS, of_logs(database(), [Told(DatabaseEvent.REGRESSION, release_ns + 60 * NS, slower), long_ago]), fresh_token())
    bench = RouteBench(store)
    await bench.live(_from(life, NOON_NS + 2 * HOUR_S * NS))
    ((at_ns, told, said),) = bench.told
    assert release_ns < at_ns <= release_ns + 900 * NS
    beside = json.loads(told[names.ROUTE_BESIDE])
    assert [(each["kind"], each["name"], each["place"]) for each in beside] == [
        ("release", "1.5", "shop"),
        ("statement", "SELECT orders", "shop-db"),
    ]
    assert said.endswith("at that time: release 1.5, statement SELECT orders")


async def test_what_is_refused_is_told_with_the_next_interval() -> None:
    """And only once."""
    bench = RouteBench(EmptyStore())
    bench.refusals = 2
    slower_s = 2 * HOUR_S
    await bench.live(RouteLife(NOON_NS, slower_s + 1_800, slower_s))
    assert len(bench.told) == 1
    assert bench.refusals == 0


@pytest.mark.long
async def test_a_change_that_the_store_alone_saw_is_news_after_a_start(store: Store) -> None:
    """Told with the first word; not once more by the next collector."""
    slower_s = 2 * HOUR_S
    life = RouteLife(NOON_NS, slower_s + 1_200, slower_s)
    started_ns = NOON_NS + (slower_s + 600) * NS
    store.insert(Signal.METRICS, b"".join(body for at_ns, body in life.told() if at_ns < started_ns), fresh_token())
    bench = RouteBench(store)
    await bench.live(_from(life, started_ns))
    ((at_ns, told, _),) = bench.told
    assert started_ns <= at_ns <= started_ns + 60 * NS
    record = Told(names.ROUTE_REGRESSION_RECORD, at_ns, {name: told[name] for name in ("http.request.method", "http.route")})
    store.insert(Signal.LOGS, of_logs({"service.name": "shop"}, [record], SERVICES_SCOPE), fresh_token())
    again = RouteBench(store)
    await again.live(_from(life, at_ns + 60 * NS))
    assert again.told == []


def test_only_what_services_tell_of_metrics_is_wanted() -> None:
    """Nothing of databases, agents or the collector itself."""
    wanted = {(Signal.METRICS, SERVICES_SCOPE): True, (Signal.LOGS, SERVICES_SCOPE): False, (Signal.METRICS, "hookline.relay"): False}
    for (signal, scope), is_wanted in wanted.items():
        assert of_services(Accepted(signal, None, frozenset({scope}))) is is_wanted


def _from(life: RouteLife, begin_ns: int) -> RouteLife:
    class Rest(RouteLife):
        def told(self) -> Any:
            return (each for each in super().told() if each[0] >= begin_ns)

    return Rest(life.begin_ns, life.seconds, life.slower_after_s, life.more_ms, life.seed, life.version_after)
