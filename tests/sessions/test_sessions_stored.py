"""Stored sessions do not depend on order, repetition, splitting or who stores, and a live view rebuilt from them is the one fed directly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from hookline.agents import AgentEvent
from hookline.contract import semconv
from hookline.contract.scopes import AGENT_SCOPE
from hookline.export.sdk import make_scope, to_sdk_log, to_sdk_span
from hookline.fold import order
from hookline.records import LogRecord, SpanRecord
from hookline.settings.schema import RetentionSettings
from hookline_collector.observe.announcements import Accepted
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.rebuild import stored_observations
from hookline_collector.sessions.state import SessionView
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.work.prices import request_pricer
from support.agent_records import FIXTURES, T0, event, resource, send, send_native
from support.replay import logs_of, replay, replay_capture, spans_of
from support.simulated_client import simulate
from support.simulated_person import NATIVE_SCOPE, live_through
from support.soaking import TIMES, share
from support.stores import emptied, make_database, store_settings

Record = SpanRecord | LogRecord
Request = tuple[Signal, bytes]
NOW_NS = 1_795_000_000_000_000_000 + 2 * 3_600_000_000_000
VIEWS = {"sessions": "session_id", "turns": "session_id, prompt_id", "tool_calls": "session_id, call_id"}
numbers = itertools.count(1)
tokens = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Stores:
    """Two collectors' stores of one database."""

    both: tuple[Store, Store]

    def rows(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """Return what the views say of one delivery's sessions, without the delivery's name."""
        found = {}
        for view in VIEWS:
            found[view] = [{**row, "session_id": row["session_id"].removeprefix(name)} for row in self.rows_of(view, name)]
        return found

    def rows_of(self, view: str, name: str) -> list[dict[str, Any]]:
        """Return what one of the views says of one delivery's sessions."""
        sql = f"SELECT * FROM told_{view} WHERE startsWith(session_id, {{name:String}}) ORDER BY {VIEWS[view]}"
        return self.both[0].query(sql, {"name": name}).as_dicts()

    def rebuilt(self, name: str, days: int = 30, now_ns: int = NOW_NS) -> dict[str, SessionView]:
        """Return the live view of one delivery's sessions as a collector that starts has it."""
        found = stored_observations(self.both[1].query, datetime.fromtimestamp(NOW_NS / 1e9, UTC), days, 100_000)
        live = LiveSessions(10_000, 300.0, lambda: now_ns)
        live.add(seen for seen in found if seen.session_id.startswith(name))
        return views_of(live)


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    """Give two stores of one database that all examples share: the sessions of each delivery have a name of their own."""
    first = emptied()
    settings = store_settings("embedded", database=first.database)
    second = Store.open(settings)
    yield Stores((first, second))
    second.close()


def named(events: Sequence[AgentEvent]) -> tuple[str, list[AgentEvent]]:
    """Return the events under session ids that no other delivery has, and what these begin with."""
    name = f"d{next(numbers)}-"
    return name, [replace(event, session_id=name + event.session_id) for event in events]


def records_of(events: Sequence[AgentEvent]) -> list[Record]:
    """Return what a relay sends of the events."""
    steps = replay(events)
    return [*logs_of(steps), *spans_of(steps)]


def split(records: Sequence[Record], random: Random) -> list[list[Record]]:
    """Return records in batches as relays send them: in any order, some more than once."""
    doubled = [*records, *random.sample(list(records), len(records) // 3)]
    random.shuffle(doubled)
    cuts = sorted(random.sample(range(1, len(doubled)), min(3, len(doubled) - 1)))
    return [doubled[begin:end] for begin, end in itertools.pairwise([0, *cuts, len(doubled)])]


def requests(records: Sequence[Record], scope_name: str = AGENT_SCOPE) -> Iterator[Request]:
    """Yield records as requests."""
    who, scope = resource(), make_scope(scope_name)
    if logs := [to_sdk_log(record, who, scope) for record in records if isinstance(record, LogRecord)]:
        yield Signal.LOGS, encode_logs(logs).SerializeToString()
    if spans := [to_sdk_span(record, who, scope) for record in records if isinstance(record, SpanRecord)]:
        yield Signal.TRACES, encode_spans(spans).SerializeToString()


def fed(records: Sequence[Record]) -> dict[str, SessionView]:
    """Return the live view of a collector that was sent the records."""
    live = LiveSessions(10_000, 300.0, lambda: NOW_NS)
    for signal, body in requests(records):
        live.take(Accepted(signal, signal.request_class.FromString(body)))
    return views_of(live)


def views_of(live: LiveSessions) -> dict[str, SessionView]:
    """Return sessions by their ids without the delivery's name."""
    return {view.session_id.partition("-")[2]: replace(view, session_id="") for view in live.snapshot()}


def plain(views: dict[str, SessionView], name: str) -> dict[str, SessionView]:
    """Return views without the delivery's name where they name another session."""
    return {session: replace(view, previous_id=view.previous_id.removeprefix(name)) for session, view in views.items()}


@pytest.mark.long
@settings(max_examples=share(1, 6, 30 * TIMES), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1))
def test_any_delivery_of_the_same_records_stores_the_same_sessions(stores: Stores, seed: int) -> None:
    """Rows of sessions, turns and calls are equal, and so is what a restarted collector shows and what one shows that was sent it all.

    One delivery is in parts, in any order and some of it twice; the other is whole, and inserted again by another collector, as its answer was lost.
    """
    random = Random(seed)
    events = order(simulate(random))
    once, first = named(events)
    again, second = named(events)
    for both in stores.both:
        send(both, records_of(first), token=f"whole-{next(tokens)}")
    for number, batch in enumerate(split(records_of(second), random)):
        send(stores.both[number % 2], batch, token=f"part-{next(tokens)}")
    assert without_names(stores.rows(again), again) == without_names(stores.rows(once), once)
    expected = plain(fed(records_of(first)), once)
    assert plain(stores.rebuilt(once), once) == expected
    assert plain(stores.rebuilt(again), again) == expected


@settings(max_examples=share(3, 10, 50 * TIMES), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1))
def test_a_session_that_was_lived_through_is_rebuilt_as_it_was_live(stores: Stores, seed: int) -> None:
    """Whatever hooks, transcript, processes and the client itself told of waits, interrupts and the background, in any order."""
    random, name = Random(seed), f"d{next(numbers)}-"
    life = live_through(random)
    told, now_ns = random.sample(life.told, len(life.told)), T0 + round(life.now_s * 1e9)
    live = LiveSessions(10_000, 300.0, lambda: now_ns)
    for is_native in (True, False):
        scope = NATIVE_SCOPE if is_native else AGENT_SCOPE
        records = [in_session(one.record, f"{name}s") for one in told if (one.source == "native") is is_native]
        send(stores.both[is_native], records, scope, token=f"lived-{next(tokens)}")
        for signal, body in requests(records, scope):
            live.take(Accepted(signal, signal.request_class.FromString(body)))
    assert stores.rebuilt(name, days=90, now_ns=now_ns) == views_of(live)


def in_session(record: Record, session_id: str) -> Record:
    """Return a record as of another session."""
    renamed = {semconv.SESSION_ID: session_id}
    if isinstance(record, LogRecord):
        uid = f"{record.uid}-{session_id}"
        return replace(record, uid=uid, attributes={**record.attributes, **renamed, semconv.LOG_RECORD_UID: uid})
    return replace(record, attributes={**record.attributes, **renamed})


def without_names(rows: dict[str, list[dict[str, Any]]], name: str) -> dict[str, list[dict[str, Any]]]:
    """Return rows without the delivery's name where they name another session."""
    return {view: [{k: v.removeprefix(name) if k == "previous_id" else v for k, v in row.items()} for row in found] for view, found in rows.items()}


def test_captures_of_hooks_and_native_telemetry_are_rebuilt_as_they_were_live(stores: Stores) -> None:
    """Numbers, truth values and text that telemetry has and the store keeps as text say the same."""
    captures = ("tools", "subagent", "denied", "api_error", "resume")
    live = LiveSessions(10_000, 300.0, lambda: NOW_NS, price=request_pricer(None))
    for name in captures:
        steps = replay_capture(name)
        records: list[Record] = [*logs_of(steps), *spans_of(steps)]
        send(stores.both[0], records)
        for signal, body in (*requests(records), *exported(name)):
            live.take(Accepted(signal, signal.request_class.FromString(body)))
    send_native(stores.both[1], *captures)
    shown = {view.session_id: view for view in live.snapshot()}
    found = stored_observations(stores.both[0].query, datetime.fromtimestamp(NOW_NS / 1e9, UTC), 30, 100_000)
    rebuilt = LiveSessions(10_000, 300.0, lambda: NOW_NS, price=request_pricer(None))
    rebuilt.add(seen for seen in found if seen.session_id in shown)
    assert {view.session_id: view for view in rebuilt.snapshot()} == shown
    assert {view.sources for view in shown.values()} == {("hook", "native")}
    assert all(view.input_tokens and view.cost_usd for view in shown.values())


def exported(name: str) -> Iterator[Request]:
    """Yield what the client itself exported in a capture."""
    for path in sorted((FIXTURES / name / "otlp").glob("*.binpb")):
        if (signal := Signal(path.stem.partition("-")[2])) is not Signal.METRICS:
            yield signal, path.read_bytes()


def test_an_end_that_comes_alone_is_kept(stores: Stores) -> None:
    """What the relay or the cleanup found long after the last batch ends the session, also after parts were merged."""
    name = f"d{next(numbers)}-"
    send(stores.both[0], [event("session.start", 0, f"{name}s"), event("hookline.prompt_submitted", 1, f"{name}s", "p1")])
    send(stores.both[1], [event("hookline.process_gone", 2, f"{name}s")])
    stores.both[0].command(f"OPTIMIZE TABLE `{stores.both[0].database}`.sessions_state FINAL")
    (row,) = stores.rows_of("sessions", name)
    assert (row["ended_how"], row["ended"] is not None) == ("process_gone", True)


@pytest.mark.long
def test_an_end_that_comes_alone_is_kept_with_retention() -> None:
    """It has no time of its own by which it could be too old, even where its part is merged before it meets the session's."""
    chosen = replace(store_settings("embedded"), retention=RetentionSettings())
    make_database(chosen)
    store = Store.open(chosen)
    try:
        store.apply_retention()
        now_s = (datetime.now(UTC).timestamp() * 1e9 - event("x", 0).time_ns) / 1e9
        send(store, [event("hookline.process_gone", now_s, "s")])
        store.command(f"OPTIMIZE TABLE `{store.database}`.sessions_state FINAL")
        send(store, [event("hookline.prompt_submitted", now_s - 10, "s", "p1")])
        assert store.query("SELECT ended_how FROM told_sessions").as_dicts() == [{"ended_how": "process_gone"}]
    finally:
        store.command(f"DROP DATABASE IF EXISTS `{store.database}` SYNC")
        store.close()
