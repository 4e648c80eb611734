"""Putting a collector together from the settings: the only module that knows everybody.

To add something that runs beside the receivers, write a `Service` in a folder of its own and add it to `_services` here. It is given what it
uses, nothing more: a part, a topic (`ingest.accepted`, `delivery.stored`) or a function.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hookline.errors import Refused
from hookline.settings import Settings
from hookline.settings.load import config_path
from hookline.settings.schema import MIB, JournalSettings
from hookline.system.runtime import reachable
from hookline.system.timezone import zone_of
from hookline_collector.alerts.alert_engine import AlertEngine
from hookline_collector.alerts.alert_history import AlertHistory
from hookline_collector.alerts.alert_keeper import AlertKeeper
from hookline_collector.alerts.rule_loader import RuleLoader
from hookline_collector.alerts.session_watch import SessionWatch
from hookline_collector.api import site
from hookline_collector.api.alerts import AlertsApi
from hookline_collector.api.bands import BandsApi
from hookline_collector.api.calendars import CalendarApi
from hookline_collector.api.cleanups import CleanupApi
from hookline_collector.api.corrections import CorrectionsApi
from hookline_collector.api.dashboards import DashboardsApi
from hookline_collector.api.databases import DatabasesApi
from hookline_collector.api.deliveries import DeliveriesApi
from hookline_collector.api.http.api_server import ApiServer
from hookline_collector.api.http.token import ensure_token
from hookline_collector.api.kept_answers import KeptAnswers
from hookline_collector.api.live import LiveApi
from hookline_collector.api.quarantined import QuarantineApi
from hookline_collector.api.query import QueryApi
from hookline_collector.api.questions import Questions
from hookline_collector.api.reports import ReportsApi
from hookline_collector.api.rules import RulesApi
from hookline_collector.api.services import ServicesApi
from hookline_collector.api.session_detail import SessionDetailApi
from hookline_collector.api.sessions import SessionsApi
from hookline_collector.api.silences import SilencesApi
from hookline_collector.api.standing import StandingApi
from hookline_collector.api.summary import CachedDay, SummaryApi
from hookline_collector.api.usage_windows import WindowsApi
from hookline_collector.api.usual_days import UsualApi
from hookline_collector.background import PeriodicService, Service, Supervised
from hookline_collector.clickhouse_http.clickhouse_endpoint import ClickHouseEndpoint
from hookline_collector.clickhouse_http.clickhouse_server import ClickHouseServer
from hookline_collector.clickhouse_http.client_sessions import ClientSessions
from hookline_collector.collector import Closing, Collector, CollectorParts
from hookline_collector.corrections.correction_book import CorrectionBook
from hookline_collector.databases.live_looks import LiveDatabases, of_databases
from hookline_collector.databases.stored_forecasts import FORECASTS_EVERY_S, StoredForecasts, of_database_metrics
from hookline_collector.delivery import MAX_UNSECURED_BYTES, Delivery, Quarantine
from hookline_collector.delivery.freshness import Freshness
from hookline_collector.ingest import Ingest
from hookline_collector.ingest.agents import of_agents
from hookline_collector.ingest.remembered import KnownAgain
from hookline_collector.journal import WORTH_BYTES, Journal
from hookline_collector.notification.alerting import Alerting, alerting_at
from hookline_collector.observe import exposition
from hookline_collector.observe.catalogue import DISK_FREE, RULE_ALERTS
from hookline_collector.observe.disk_room import Room
from hookline_collector.observe.exposition import MetricsReading
from hookline_collector.observe.health import StatusBoard
from hookline_collector.observe.metrics import Metrics
from hookline_collector.observe.self_metrics import send_reading
from hookline_collector.receive import GrpcReceiver, HttpReceiver
from hookline_collector.rollups.client_rollups import CLIENT_EVERY_S, client_rollups
from hookline_collector.rollups.database_rollups import PART_S, DatabaseRollups
from hookline_collector.rollups.metric_rollups import MetricRollups
from hookline_collector.routes.route_watch import RouteWatch, of_services
from hookline_collector.serving import bound_address
from hookline_collector.serving.address import is_loopback
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.hang_up import HangUps
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.cleanup import Cleanup
from hookline_collector.sessions.live_sessions import PULSE_S
from hookline_collector.sessions.process import Processes, is_alive
from hookline_collector.sessions.rebuild import SessionRebuild
from hookline_collector.store.embedded.engine import memory_bytes
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.store.reconnecting import ReconnectingStore
from hookline_collector.store.rows import Rows
from hookline_collector.store.store_levels import StoreLevels
from hookline_collector.store.store_watch import EMBEDDED_EVERY_S, PING_EVERY_S, StoreWatch
from hookline_collector.work import prices_path
from hookline_collector.work.price_publisher import PricePublisher
from hookline_collector.work.prices import request_pricer
from hookline_collector.worked_out import EVERY_S, ON_SERVER_S, WorkedReading, WorkedStore, WorkingOut

ROLLUP_EVERY_S = 600.0
AGE_ON_SERVER_S = 60.0
WORTH_BYTES_ON_SERVER = 4 * MIB
"""An insert costs a server more for being one than it costs the engine in this process: its connection, its log, its merges."""


@dataclass(frozen=True, slots=True)
class _Rooms:
    """The parts that others are given. Each is made once, in `_rooms`."""

    started_ns: int
    metrics: Metrics
    disk: Room
    store: PatientStore
    journal: Journal
    quarantine: Quarantine
    ingest: Ingest
    delivery: Delivery
    receivers: tuple[GrpcReceiver, HttpReceiver, ClickHouseServer]
    live: LiveSessions
    databases: LiveDatabases
    cleanup: Cleanup
    known: KnownAgain
    day: CachedDay
    alerting: Alerting
    pages: Questions
    people: Questions
    panels: Questions
    alerts: AlertEngine
    worked: WorkedStore
    threads: tuple[Closing, ...]

    def reading(self) -> MetricsReading:
        """Read all metrics now."""
        self.metrics.set(DISK_FREE, self.disk.free().bytes)
        for gauge, value in (self.alerts.levels() | self.alerting.levels()).items():
            self.metrics.set(gauge, value)
        self.metrics.spread(RULE_ALERTS, self.alerts.by_rule())
        return exposition.read(self.metrics, self.started_ns)


def assemble(settings: Settings, listener: socket.socket, extra: Iterable[Service] = ()) -> Collector:
    """Return a collector for these settings that serves pages and API on a bound socket. Nothing is started or opened yet.

    `extra` services run beside those that are always there.
    """
    rooms = _rooms(settings, _pages_url(settings, listener))
    services = tuple(Supervised(service) for service in (*_services(settings, rooms), *extra))
    board = _board(settings, rooms, services)
    return Collector(
        CollectorParts(
            store=rooms.store,
            journal=rooms.journal,
            ingest=rooms.ingest,
            known=rooms.known,
            delivery=rooms.delivery,
            services=services,
            receivers=rooms.receivers,
            live=rooms.live,
            api=_api(settings, rooms, board, listener),
            board=board,
            threads=rooms.threads,
        ),
        settings.runtime_path,
        rooms.started_ns,
        settings.collector.stop_timeout_s,
        has_tls=bool(settings.collector.tls_certificate),
    )


def _rooms(settings: Settings, pages_url: str) -> _Rooms:
    """Make the parts, each from what it uses: receivers → ingest → journal → delivery → store, and the sessions beside them."""
    limits, wanted = settings.limits, settings.sessions
    heavy, background = HeavyWork(), BlockingPool("store", 2)
    pages, people = BlockingPool("query", 4), BlockingPool("people", settings.store.max_concurrent_queries + 2)
    metrics = Metrics()
    store = ReconnectingStore(settings)
    patient = PatientStore(store, background)
    worth_bytes = WORTH_BYTES_ON_SERVER if settings.store.url else WORTH_BYTES
    journal = Journal(settings.journal_dir, _pace(settings), metrics, retry_after_s=limits.retry_after_s, worth_bytes=worth_bytes)
    quarantine = Quarantine(settings.quarantine_dir, settings.journal.max_quarantine_bytes, metrics)
    ingest = Ingest(limits, journal, metrics, heavy, settings.capture)
    live = LiveSessions(wanted.max_live, wanted.idle_after_s, time.time_ns, Processes().is_alive, request_pricer(_prices_path(settings)))
    delivery = _delivery(settings, journal, store, quarantine, metrics)
    freshness = Freshness(journal, delivery, settings.journal.read_wait_s)
    is_alone = not settings.store.url
    worked = WorkedStore(store, is_alone=is_alone, changes=(lambda: store.changes) if is_alone else None)
    reading = WorkedReading(store.query, worked, most_bytes=memory_bytes(settings.store) // 2 if is_alone else 0)
    questions = Questions(pages, reading.begin, freshness)
    asked = Questions(people, partial(reading.begin_as, store.people_query), freshness)
    streaming = BlockingPool("clickhouse", settings.clickhouse.max_concurrent_queries + 2)
    clickhouse = _clickhouse(settings, store, streaming, Questions(streaming, partial(reading.begin_as, store.people_query), freshness))
    alerts, alerting = _alerts(settings, live, asked, patient, pages_url)
    return _Rooms(
        started_ns=time.time_ns(),
        metrics=metrics,
        disk=Room(settings.data_dir.absolute()),
        store=patient,
        journal=journal,
        quarantine=quarantine,
        ingest=ingest,
        delivery=delivery,
        receivers=(GrpcReceiver(settings, ingest), HttpReceiver(settings, ingest, heavy), clickhouse),
        live=live,
        databases=LiveDatabases(),
        cleanup=Cleanup(live, ingest.accept, lambda: patient.run(store.retain), wanted.timeout_s, is_alive, every_s=wanted.cleanup_every_s),
        known=KnownAgain(ingest, journal.records, patient, wanted.rebuild_days, limits.max_known_records),
        day=CachedDay(questions, zone_of(settings.work.timezone)),
        alerting=alerting,
        pages=questions,
        people=asked,
        panels=Questions(people, partial(reading.begin_as, store.panel_query), freshness),
        alerts=alerts,
        worked=worked,
        threads=(heavy, pages, people, streaming, background, alerting),
    )


def _pace(settings: Settings) -> JournalSettings:
    """Return the journal's settings: a server may be asked by others than the collector, so what they see must not be long behind."""
    if not settings.store.url:
        return settings.journal
    return replace(settings.journal, segment_max_age_s=min(settings.journal.segment_max_age_s, AGE_ON_SERVER_S))


def _services(settings: Settings, rooms: _Rooms) -> tuple[Service, ...]:
    """Return what runs beside the receivers. A service is added here."""
    wanted = settings.sessions
    rollups = MetricRollups(rooms.store.store, time.time)
    forecasts = StoredForecasts(rooms.store.store, time.time_ns)
    routes = RouteWatch(rooms.store, rooms.ingest.accept)
    levels = StoreLevels(rooms.store.store.query, None if settings.store.url else lambda: rooms.store.store.changes)
    return (
        rooms.known,
        rooms.ingest.accepted.subscribe("live sessions", rooms.live.take, wants=of_agents),
        rooms.ingest.accepted.subscribe("live databases", rooms.databases.take, wants=of_databases),
        rooms.ingest.accepted.subscribe("databases to forecast", forecasts.take, wants=of_database_metrics),
        rooms.ingest.accepted.subscribe("routes", routes.take, wants=of_services),
        routes,
        rooms.ingest.accepted.subscribe("alert measures", rooms.alerts.take, wants=rooms.alerts.wants),
        rooms.delivery.stored.subscribe("alert rules", rooms.alerts.stored),
        rooms.alerts,
        PeriodicService("live pulse", PULSE_S, rooms.live.beat),
        SessionRebuild(rooms.live, rooms.journal.records, rooms.store, wanted.rebuild_days, wanted.max_live),
        rooms.cleanup,
        rooms.alerting,
        PricePublisher(rooms.store, lambda: _prices_path(settings)),
        StoreWatch(rooms.store, rooms.disk, PING_EVERY_S if settings.store.url else EMBEDDED_EVERY_S),
        WorkingOut(rooms.worked, rooms.store, every_s=ON_SERVER_S if settings.store.url else EVERY_S),
        PeriodicService("metric rollups", ROLLUP_EVERY_S, lambda: _roll_up(rooms.store, rollups.catch_up)),
        PeriodicService("database rollups", PART_S, lambda: _roll_up(rooms.store, DatabaseRollups(rooms.store.store, time.time).catch_up)),
        PeriodicService("database forecasts", FORECASTS_EVERY_S, lambda: _forecast(rooms.store, forecasts)),
        PeriodicService("client rollups", CLIENT_EVERY_S, lambda: _roll_up(rooms.store, client_rollups(rooms.store.store, time.time).catch_up)),
        PeriodicService("own metrics", settings.collector.self_metrics_s, lambda: _send_own_metrics(rooms, levels)),
    )


async def _send_own_metrics(rooms: _Rooms, levels: StoreLevels) -> None:
    """Look how large the store is, where that may have changed, and send what is known."""
    if levels.may_differ():
        with contextlib.suppress(Refused):
            for gauge, value in (await rooms.store.run(levels.read)).items():
                rooms.metrics.set(gauge, value)
    await send_reading(rooms.reading, rooms.ingest.accept)


async def _roll_up(store: PatientStore, catch_up: Callable[[], int]) -> None:
    """Work out what is over; while the store does not take it, the next time does."""
    with contextlib.suppress(Refused):
        await store.run(catch_up)


async def _forecast(store: PatientStore, forecasts: StoredForecasts) -> None:
    """Work out forecasts, a database at a time; what the store does not take is left for the next time."""
    with contextlib.suppress(Refused):
        for name in forecasts.names():
            await store.run(partial(forecasts.work_out, name))
            forecasts.done(name)


def _board(settings: Settings, rooms: _Rooms, services: Iterable[Service]) -> StatusBoard:
    store = rooms.store.store
    own = (rooms.disk.health, store.health, rooms.journal.health, rooms.delivery.health, *(receiver.health for receiver in rooms.receivers))
    parts = (*own, *(service.health for service in services), store.damages)
    return StatusBoard(rooms.metrics, parts, settings.store.url or "embedded", rooms.started_ns)


def _api(settings: Settings, rooms: _Rooms, board: StatusBoard, listener: socket.socket) -> ApiServer:
    host, port = listener.getsockname()[:2]
    zone = zone_of(settings.work.timezone)
    kept = KeptAnswers(rooms.pages.mark)

    def forget() -> None:
        rooms.day.forget()
        kept.forget()

    bands = BandsApi(rooms.pages, kept, settings.work.idle_s, zone)
    resources = (
        StandingApi(board.status, rooms.reading, metrics_open=is_loopback(host)),
        SummaryApi(rooms.day, rooms.live, lambda: board.status().reason, rooms.disk.free),
        LiveApi(rooms.live),
        SessionsApi(rooms.pages, rooms.live),
        SessionDetailApi(rooms.pages),
        ServicesApi(rooms.pages, zone),
        DatabasesApi(rooms.pages, rooms.databases, zone),
        AlertsApi(rooms.alerts, rooms.alerting, rooms.pages),
        RulesApi(rooms.alerts, rooms.alerting),
        CleanupApi(rooms.cleanup),
        ReportsApi(rooms.pages, settings.work.idle_s, zone),
        CalendarApi(rooms.pages, kept, settings.work.idle_s, zone),
        bands,
        CorrectionsApi(rooms.pages, CorrectionBook(rooms.store.store), rooms.store, forget, zone),
        WindowsApi(rooms.pages, kept),
        UsualApi(rooms.pages, zone),
        QueryApi(rooms.people),
        DashboardsApi(rooms.panels, zone),
        QuarantineApi(rooms.quarantine, rooms.journal),
        SilencesApi(rooms.alerting),
        DeliveriesApi(rooms.alerting, lambda: str(_routes_path(settings))),
    )
    policy = site.policy_of(ensure_token(settings.token_path), host, port, settings.collector.allowed_hosts)
    app = site.build(
        resources,
        policy,
        tls=bool(settings.collector.tls_certificate),
        request_rate=settings.limits.max_api_requests_per_s,
        expected={"today": bands.expect_today},
    )
    return ApiServer(app, listener, settings)


def _delivery(settings: Settings, journal: Journal, store: ReconnectingStore, quarantine: Quarantine, metrics: Metrics) -> Delivery:
    return Delivery(
        journal,
        store,
        quarantine,
        metrics,
        settings.store.max_backoff_s,
        secure_every_s=settings.store.secure_every_s,
        max_unsecured_bytes=min(MAX_UNSECURED_BYTES, settings.journal.max_bytes // 8),
    )


def _clickhouse(settings: Settings, store: ReconnectingStore, threads: BlockingPool, questions: Questions) -> ClickHouseServer:
    """Make ClickHouse's interface; a ClickHouse server as the store has one of its own."""
    if settings.store.url or not settings.collector.clickhouse:
        return ClickHouseServer(settings, None)
    token, wanted = ensure_token(settings.token_path), settings.clickhouse
    sessions = ClientSessions(wanted.max_sessions)
    endpoint = ClickHouseEndpoint(
        token,
        settings.store.database,
        store.people_streams,
        questions,
        threads,
        sessions,
        most=wanted.max_concurrent_queries,
        patience_s=settings.limits.request_timeout_s,
    )
    return ClickHouseServer(settings, endpoint)


def _alerts(settings: Settings, live: LiveSessions, people: Questions, store: PatientStore, pages_url: str) -> tuple[AlertEngine, Alerting]:
    """Make what decides on alerts and what tells people of them: each asks the other."""
    wanted = settings.rules
    places = [Path(name).expanduser() for name in wanted.files] or [config_path(os.environ).parent / "rules"]

    async def ask(sql: str) -> Rows:
        return await (await people.begin()).ask(sql)

    hang_ups = HangUps()
    alerting = alerting_at(
        settings.notification_path,
        _routes_path(settings),
        pages_url,
        lambda: engine.current(),  # noqa: PLW0108 - it is made below
        wanted.reload_s,
        hang_ups,
    )
    keeper = AlertKeeper(settings.alerts_path, {"history": AlertHistory(store), "notification": alerting})
    loader = RuleLoader(places, with_default=wanted.default_pack, left_out=wanted.left_out)
    engine = AlertEngine(loader, keeper, SessionWatch(live), ask, reload_s=wanted.reload_s, hang_ups=hang_ups)
    return engine, alerting


def _prices_path(settings: Settings) -> Path | None:
    return prices_path(settings.work.prices_file, config_path(os.environ).parent)


def _routes_path(settings: Settings) -> Path:
    """Return the file of receivers and routes, whether it is there or not."""
    return Path(settings.notify.routes_file).expanduser() if settings.notify.routes_file else config_path(os.environ).parent / "notify.yaml"


def _pages_url(settings: Settings, listener: socket.socket) -> str:
    """Return where the pages are, as this machine reaches them."""
    return f"{'https' if settings.collector.tls_certificate else 'http'}://{reachable(bound_address(listener))}"
