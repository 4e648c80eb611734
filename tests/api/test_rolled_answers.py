"""Answers about databases and services are the same whatever was worked out of what they are about, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.contract.services import DB_DURATION, HTTP_DURATION, SERVICES_SCOPE
from hookline.settings.schema import StoreSettings
from hookline_collector.api.asked_lately import Lately
from hookline_collector.api.database_loads import (
    by_class,
    by_event,
    class_parts,
    first_statements,
    gauges_of,
    growth_parts,
    largest_relations,
    load_parts,
    relation_parts,
    session_parts,
    sessions_of,
    statement_figures,
    statements_of,
)
from hookline_collector.api.questions import Reading
from hookline_collector.api.rolled_up import Ends, ReadRange, RollupEnds, all_rows
from hookline_collector.api.service_loads import duration_rows, durations_together, runtime_rows, statement_rows, statements_together
from hookline_collector.api.verdict_callers import with_callers
from hookline_collector.databases.sample_classes import class_of
from hookline_collector.delivery.freshness import FRESH
from hookline_collector.rollups.database_rollups import DatabaseRollups
from hookline_collector.rollups.metric_rollups import GRACE_S, HOUR_S, MetricRollups
from hookline_collector.rollups.rolled_until import rolled_until_asked
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.queries import load_query
from hookline_collector.store.schema.migrations import placeholders
from hookline_collector.work.period import between, zone_named
from hookline_collector.work.statements import Ground
from support.cases import by_portions
from support.shop_telemetry import NOON_NS, NS, SHOP, Load, Point, Told, database, of_logs, of_metrics, relations_of, sample, statement_told
from support.shop_telemetry import durations as durations_of
from support.stores import derived_store, fresh_token

__all__ = ["derived_store"]
START_S = NOON_NS // NS
HOURS = 3
moments = st.integers(0, HOURS * HOUR_S - 1)


def lately(since_s: int, until_s: int) -> Lately:
    """Return a period as a question names it."""
    return Lately(between((START_S + since_s) * NS, (START_S + until_s) * NS, zone_named("UTC")))


@given(since=moments, length=st.integers(1, 2 * HOUR_S), ends=st.lists(st.integers(0, HOURS), min_size=4, max_size=4), days=st.sampled_from([0, 5]))
def test_each_second_of_a_period_is_read_from_one_place(since: int, length: int, ends: Sequence[int], days: int) -> None:
    """Stretches join without gaps; hours that are worked out lie between intervals that are not."""
    asked = lately(since, since + length + days * 86_400)
    in_turn = (*sorted(ends[:3]), ends[3])  # hours are made of minutes, and those of samples
    found = Ends({word: START_S + end * HOUR_S for word, end in zip(("class_hours", "classes", "samples", "statements"), in_turn, strict=True)})
    whole = asked.bound["since"], asked.bound["until"]
    both, hours_of_classes, hours_of_statements = session_parts(asked, found, "shop")
    assert [bound["since"] for _, bound in hours_of_classes] == [bound["since"] for _, bound in hours_of_statements]
    in_whole_minutes = [*both, *hours_of_classes]
    for parts in (class_parts(asked, found, "shop"), load_parts(asked, found, "shop", ""), in_whole_minutes):
        stretches = sorted((bound["since"], bound["until"]) for _, bound in parts)
        if parts is in_whole_minutes:  # no minute begins before the next one does
            next_minute = -(-whole[0] // 60) * 60
            assert (stretches[0][0] in {whole[0], next_minute} and stretches[-1][1] == whole[1]) if stretches else whole[1] <= next_minute
        else:
            assert (stretches[0][0], stretches[-1][1]) == whole
        assert all(before[1] == after[0] for before, after in pairwise(stretches))
    (_, bound), *hours = growth_parts(asked, found, "shop", "")
    assert whole[0] <= bound["first_hour"] <= max(bound["worked_until"], bound["first_hour"])
    assert bound["first_hour"] == bound["worked_until"] or bound["worked_until"] <= max(found.of("statements"), whole[1])
    assert bool(hours) == (-(-bound["first_hour"] // HOUR_S) * HOUR_S < bound["worked_until"])
    assert all(part["until"] == bound["worked_until"] and 0 <= part["since"] - bound["first_hour"] < HOUR_S for _, part in hours)
    assert not ReadRange(5, 5)


def test_a_statement_that_is_known_by_its_sessions_alone_is_told_as_well() -> None:
    """And one without sessions; shares are of the time that statements told."""
    grown = dict.fromkeys(("calls", "plan_s", "result_rows", "blocks_hit", "blocks_read", "blocks_dirtied", "blocks_written"), 0)
    grown |= dict.fromkeys(("temp_blocks_read", "temp_blocks_written", "read_s", "write_s", "wal_bytes"), 0)
    words = dict.fromkeys(("query_id", "query_text", "summary", "namespace", "role"), "")
    row = grown | words | {"statement_hash": "aa", "calls": 4, "total_s": 8.0, "squares": 20.0, "longest_s": 3.0}
    load = [{"statement_hash": "bb", "wait_class": name, "total_s": 30.0} for name in ("io", "cpu")]
    first, second = statement_figures([row], load, 60.0)
    assert (first["mean_s"], first["deviation_s"], first["max_s"], first["share_percent"], first["active_sessions"]) == (2.0, 1.0, 3.0, 100.0, 0)
    assert (second["statement_hash"], second["calls"], second["mean_s"], second["active_sessions"], second["wait_class"]) == (
        "bb",
        0,
        None,
        1.0,
        "cpu",
    )


def told(random: Random, many: int) -> list[Told]:
    """Return samples and statements of some hours."""
    waits = [{}, {"postgresql.wait_event_type": "Lock", "postgresql.wait_event": "tuple"}, {"postgresql.wait_event_type": "IO"}]
    found = []
    for _ in range(many):
        at = NOON_NS + random.randrange(HOURS * HOUR_S) * NS
        found.append(sample(at, random.randrange(9), random.choice(waits), statement=random.randrange(3)))
        found.append(statement_told(at, random.randrange(3), calls=random.randrange(1, 50)))
        found += relations_of(Load(tables=3), at)[: random.randrange(1, 4)]
    return found


async def _answers(reading: Reading, asked: Lately, ends: Ends) -> Any:
    classes = await all_rows(reading, class_parts(asked, ends, ""), ends)
    statements = await statements_of(reading, asked, ends, database="shop-db", statement="", order="time", limit=9)
    durations = durations_together(await duration_rows(reading, asked, ends, service="shop", by_route=1))
    called = statements_together(await statement_rows(reading, asked, ends, "shop"))
    runtime = await runtime_rows(reading, asked, ends, "shop")
    sessions, load = await sessions_of(reading, asked, ends, "shop-db")
    assert _rounded([by_class(sessions), by_event(sessions, 9)]) == _rounded([by_class(classes), by_event(classes, 9)])
    growth = await all_rows(reading, growth_parts(asked, ends, "shop-db", ""), ends)
    found = await first_statements(reading, asked, growth, load, database="shop-db", order="time", limit=9)
    assert _rounded([found]) == _rounded([statements])
    grown = sum(row["grown"] for row in runtime if row["metric"] == "process.cpu.time")
    relations = largest_relations(await all_rows(reading, relation_parts(asked, ends, "shop-db"), ends), 2)
    lasted = {"verdict_id": "v", "statement_hashes": ["cd", "ab"], "started": moment_of(START_S + 600), "last": moment_of(START_S + 9_000)}
    (verdict,) = await with_callers(reading, asked, ends, [lasted])
    assert [each["service"] for each in verdict["called_by"]] == ["shop"]
    return _rounded([by_class(classes), by_event(classes, 9), statements, relations, durations, called, grown, verdict["called_by"]])


def moment_of(second: int) -> str:
    """Return a moment as the API tells it."""
    return datetime.fromtimestamp(second, UTC).isoformat()


def points(random: Random, many: int) -> bytes:
    """Return what a service told of itself at some minutes: durations, and a running total that grows."""
    minutes = sorted(random.sample(range(HOURS * 60), many))
    bounds = len(HTTP_DURATION.bounds) + 1
    counted = [durations_of(NOON_NS + each * 60 * NS, "/cart", [random.randrange(4) for _ in range(bounds)], 1.5) for each in minutes]
    cpu = [Point("process.cpu.time", NOON_NS + each * 60 * NS, float(each), of="sum", is_delta=False) for each in minutes]
    exponential = [replace(each, of="exponential_histogram") for each in counted]
    called = [replace(each, metric=DB_DURATION.name, attributes={"hookline.db.statement_hash": "cd"}) for each in counted]
    return of_metrics(SHOP, [*counted, *exponential, *called, *running(random, minutes), *cpu], SERVICES_SCOPE)


def running(random: Random, minutes: Sequence[int]) -> Iterator[Point]:
    """Yield running totals of a route, which begin anew now and then."""
    total, begun_ns = [0] * (len(HTTP_DURATION.bounds) + 1), NOON_NS - 60 * NS
    for each in minutes:
        at_ns = NOON_NS + each * 60 * NS
        if random.random() < 0.2:
            total, begun_ns = [0] * len(total), at_ns - 5 * NS
        total = [count + random.randrange(4) for count in total]
        told = replace(durations_of(at_ns, "/orders/{id}", total, float(sum(total))), is_delta=False, begun_ns=begun_ns)
        yield told
        yield replace(told, attributes={"http.route": "/export", "http.request.method": "GET"}, of="exponential_histogram")
        yield replace(told, metric=DB_DURATION.name, attributes={"hookline.db.statement_hash": "ab", "db.query.summary": "SELECT orders"})


ROLLED = (
    "db_load_1m",
    "db_busy_1m",
    "db_classes_1m",
    "db_classes_1h",
    "db_load_1h",
    "db_statements_1h",
    "db_relations_1h",
    "db_rollup_hours",
    "otel_metrics_minutes",
    "otel_metrics_1h",
    "metric_rollup_hours",
)
ASKED = (
    *(
        "database_classes",
        "database_class_hours",
        "database_classes_told",
        "database_sessions",
        "database_sessions_told",
        "statement_load",
        "statement_load_hours",
        "database_statement_hours",
        "statement_load_told",
        "database_statements",
        "database_relation_hours",
        "database_relations",
        "statement_texts",
    ),
    *("service_durations", "service_durations_told", "service_durations_running"),
    *("service_statements", "service_statements_told", "service_statements_running"),
    *("service_runtime", "service_runtime_told", "service_runtime_running"),
    "verdict_callers",
)
TOLD = (
    "db_samples_state",
    "db_statements_state",
    "db_relations_state",
    "otel_metrics_histogram",
    "otel_metrics_exponential_histogram",
    "otel_metrics_sum",
)


@pytest.mark.long
@pytest.mark.parametrize(("seed", "rolled"), by_portions([(1, (1.4, 2.7)), (2, (1, 2)), (3, (3,)), (4, (0.5, 1.2, 2.95))]))
def test_an_answer_is_the_same_before_and_after_hours_were_worked_out(derived_store: Store, seed: int, rolled: Sequence[float]) -> None:
    """Also where an hour was worked out in part, records came late or twice, and of a period that begins within an hour."""
    random = Random(seed)
    records, asked = told(random, 12), lately(random.randrange(60) * 60, HOURS * HOUR_S)
    empty(derived_store, (*ROLLED, *TOLD))
    derived_store.insert(Signal.METRICS, points(random, 8), fresh_token())
    for number, hours in enumerate(rolled):
        derived_store.insert(Signal.LOGS, of_logs(database(), records[: 12 + 12 * number]), fresh_token())
        DatabaseRollups(derived_store, lambda until=hours: START_S + until * HOUR_S + GRACE_S).catch_up()  # type: ignore[misc]
        MetricRollups(derived_store, lambda until=hours: START_S + until * HOUR_S + GRACE_S).catch_up()  # type: ignore[misc]
    for name in ASKED:  # read once in a process, and not while others wait
        load_query("hookline_collector.api", name)
    rolled_until_asked()
    pool = BlockingPool("test", 2)
    reading = Reading(pool, Ground(derived_store.query), FRESH)
    try:
        after = asyncio.run(_answers(reading, asked, asyncio.run(RollupEnds().read(reading))))
        empty(derived_store, ROLLED)
        assert after == asyncio.run(_answers(reading, asked, Ends()))
    finally:
        pool.close()


def test_what_a_database_told_last_is_found_also_where_that_is_long_ago(derived_store: Store) -> None:
    """Of one that told something lately only that is read."""
    empty(derived_store, (*ROLLED, *TOLD, "otel_metrics_gauge"))
    for name, cores, ago_s in (("here", 4.0, 3_000), ("here", 8.0, 30), ("gone", 2.0, 3_000)):
        point = Point("hookline.db.cores", NOON_NS - ago_s * NS, cores)
        derived_store.insert(Signal.METRICS, of_metrics(database(name, "10.0.0.1"), [point]), fresh_token())
    for name in ("database_gauges", "database_gauges_told"):
        load_query("hookline_collector.api", name)
    pool = BlockingPool("test", 2)
    reading = Reading(pool, Ground(derived_store.query), FRESH)
    try:
        for name, cores in (("here", 8.0), ("gone", 2.0)):
            rows = asyncio.run(gauges_of(reading, lately(-3_600, 0), Ends(), name))
            assert {row["amount"] for row in rows if row["database"] == name} == {cores}
    finally:
        pool.close()
        empty(derived_store, ("otel_metrics_gauge",))


def test_answers_know_the_class_of_a_wait_as_views_do(derived_store: Store) -> None:
    """A view says it in SQL, an answer in Python."""
    states = ("active", "idle in transaction", "idle in transaction (aborted)")
    types = ("", "Lock", "IO", "LWLock", "Client", "IPC", "Timeout", "Extension")
    events = ("", "tuple", "PgSleep", "VacuumDelay", "SyncRep", "BufFileRead", "WALWrite", "DataFileRead", "BufferIO", "ClientRead")
    rows = [{"wait_class": "", "state": each[0], "wait_type": each[1], "wait_event": each[2]} for each in product(states, types, events)]
    rows.append({"wait_class": "io", "state": "active", "wait_type": "Lock", "wait_event": "tuple"})
    columns = {f"{name}s": [row[name] for row in rows] for name in ("wait_class", "state", "wait_type", "wait_event")}
    unfolded = ", ".join(f"{{{name}s:Array(String)}} AS {name}" for name in ("wait_class", "state", "wait_type", "wait_event"))
    wait_class = placeholders(StoreSettings())["wait_class"]
    said = derived_store.query(f"SELECT {wait_class} AS said FROM (SELECT 1) ARRAY JOIN {unfolded}", columns).as_dicts()
    assert [row["said"] for row in said] == [class_of(row) for row in rows]


def empty(store: Store, tables: Sequence[str]) -> None:
    """Take all rows out of tables."""
    for table in tables:
        store.command(f"TRUNCATE TABLE {table}")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items() if key not in {"last", "running"}}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
