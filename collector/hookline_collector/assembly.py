"""Putting a collector together from the settings: the only module that knows everybody.

To add something that runs beside the receivers, write a `Service` in a folder of its own and add it to `services` here. It is given what it
uses, nothing more: a part, a topic (`ingest.accepted`, `delivery.stored`) or a function.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from hookline.settings import Settings
from hookline.settings.load import config_path
from hookline.system.timezone import zone_of
from hookline_collector.api import site
from hookline_collector.api.cleanups import CleanupApi
from hookline_collector.api.http.api_server import ApiServer
from hookline_collector.api.http.token import ensure_token
from hookline_collector.api.live import LiveApi
from hookline_collector.api.quarantined import QuarantineApi
from hookline_collector.api.query import QueryApi
from hookline_collector.api.questions import Questions
from hookline_collector.api.reports import ReportsApi
from hookline_collector.api.sessions import SessionsApi
from hookline_collector.api.standing import StandingApi
from hookline_collector.api.summary import CachedDay, SummaryApi
from hookline_collector.api.usage_windows import WindowsApi
from hookline_collector.background import PeriodicService, Service, Supervised
from hookline_collector.collector import Collector, CollectorParts
from hookline_collector.delivery import MAX_UNSECURED_BYTES, Delivery, Quarantine
from hookline_collector.ingest import Ingest
from hookline_collector.ingest.agents import of_agents
from hookline_collector.ingest.remembered import KnownAgain
from hookline_collector.journal import Journal
from hookline_collector.observe import exposition
from hookline_collector.observe.catalogue import STORED
from hookline_collector.observe.disk_room import Room
from hookline_collector.observe.exposition import MetricsReading
from hookline_collector.observe.health import StatusBoard
from hookline_collector.observe.metrics import Metrics
from hookline_collector.observe.self_metrics import SelfMetrics
from hookline_collector.receive import GrpcReceiver, HttpReceiver
from hookline_collector.serving.address import is_loopback
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.cleanup import Cleanup
from hookline_collector.sessions.live_sessions import PULSE_S
from hookline_collector.sessions.process import Processes, is_alive
from hookline_collector.sessions.rebuild import SessionRebuild
from hookline_collector.signal import Signal
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.store.reconnecting import ReconnectingStore
from hookline_collector.store.store_watch import StoreWatch
from hookline_collector.work import prices_path
from hookline_collector.work.price_publisher import PricePublisher


def assemble(settings: Settings, listener: socket.socket, extra: Iterable[Service] = ()) -> Collector:
    """Return a collector for these settings that serves pages and API on a bound socket. Nothing is started or opened yet.

    `extra` services run beside those that are always there.
    """
    started_ns = time.time_ns()
    wanted = settings.sessions
    background, pages, people = BlockingPool("store", 2), BlockingPool("query", 4), BlockingPool("people", settings.store.max_concurrent_queries + 2)
    metrics = Metrics()
    room = Room(settings.data_dir.absolute())
    store = ReconnectingStore(settings)
    patient = PatientStore(store, background)
    journal = Journal(settings.journal_dir, settings.journal, metrics, retry_after_s=settings.limits.retry_after_s)
    quarantine = Quarantine(settings.quarantine_dir, settings.journal.max_quarantine_bytes, metrics)
    heavy = HeavyWork()
    ingest = Ingest(settings.limits, journal, metrics, heavy)
    delivery = _delivery(settings, journal, store, quarantine, metrics)
    receivers = (GrpcReceiver(settings, ingest), HttpReceiver(settings, ingest, heavy))
    live = LiveSessions(wanted.max_live, wanted.idle_after_s, time.time_ns, Processes().is_alive)
    cleanup = Cleanup(live, ingest.accept, lambda: background.run(store.retain), wanted.timeout_s, is_alive, every_s=wanted.cleanup_every_s)
    known = KnownAgain(ingest, journal.records, patient, wanted.rebuild_days, settings.limits.max_known_records)

    def reading() -> MetricsReading:
        return exposition.read(metrics, started_ns)

    services = _supervised(
        known,
        ingest.accepted.subscribe("live sessions", live.take, wants=of_agents),
        PeriodicService("live pulse", PULSE_S, live.beat),
        SessionRebuild(live, journal.records, patient, wanted.rebuild_days, wanted.max_live),
        cleanup,
        PricePublisher(patient, lambda: _prices_path(settings)),
        StoreWatch(patient, room),
        SelfMetrics(reading, ingest.accept, settings.collector.self_metrics_s),
        *extra,
    )
    own = (room.health, store.health, journal.health, delivery.health, *(receiver.health for receiver in receivers))
    board = StatusBoard(metrics, (*own, *(service.health for service in services), store.damages), settings.store.url or "embedded", started_ns)
    host, port = listener.getsockname()[:2]
    questions, timezone = Questions(pages, store.query), zone_of(settings.work.timezone)
    day = CachedDay(questions, timezone, lambda: reading().total(STORED, Signal.TRACES, Signal.LOGS))
    resources = (
        StandingApi(board.status, reading, metrics_open=is_loopback(host)),
        SummaryApi(day, live, lambda: board.status().reason, room.free),
        LiveApi(live),
        SessionsApi(questions, live),
        CleanupApi(cleanup),
        ReportsApi(questions, settings.work.idle_s, timezone),
        WindowsApi(questions),
        QueryApi(people, store.people_query),
        QuarantineApi(quarantine, journal),
    )
    policy = site.policy_of(ensure_token(settings.token_path), host, port, settings.collector.allowed_hosts)
    app = site.build(resources, policy, tls=bool(settings.collector.tls_certificate))
    return Collector(
        CollectorParts(
            store=patient,
            journal=journal,
            ingest=ingest,
            known=known,
            delivery=delivery,
            services=services,
            receivers=receivers,
            live=live,
            api=ApiServer(app, listener, settings),
            board=board,
            threads=(heavy, pages, people, background),
        ),
        settings.runtime_path,
        started_ns,
        settings.collector.stop_timeout_s,
        has_tls=bool(settings.collector.tls_certificate),
    )


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


def _supervised(*services: Service) -> tuple[Service, ...]:
    return tuple(Supervised(service) for service in services)


def _prices_path(settings: Settings) -> Path | None:
    return prices_path(settings.work.prices_file, config_path(os.environ).parent)
