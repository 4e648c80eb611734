"""What the agent sees of ClickHouse: the embedded engine behind its HTTP interface, and rows of a server by hand."""

from pathlib import Path

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent, WaitClass
from hookline.databases.clickhouse.clickhouse_checks import check_clickhouse
from hookline.databases.clickhouse.clickhouse_rows import ProcessReader, QueryTimes, figures, query_class, statement_events
from hookline.databases.clickhouse.clickhouse_watch import ClickHouseWatch
from hookline.databases.database_events import DatabaseName
from hookline.databases.database_points import ReadingPoints
from hookline.databases.statement_growth import CounterTable
from hookline.databases.targets import DatabaseTarget
from hookline.settings.database_settings import DatabaseSettings, DatabasesSettings
from support.clickhouse_server import ClickHouseServer
from support.watching import running

QUICK = DatabasesSettings(look_s=0.1, busy_look_s=0.1, interval_s=0.2, statements_s=0.2, relations_s=0.2)


def target(url: str) -> DatabaseTarget:
    """Return a ClickHouse to watch."""
    return DatabaseTarget("events", "clickhouse", url, "127.0.0.1", 8123, "", DatabaseSettings(url))


@pytest.mark.long
@pytest.mark.unwatched
async def test_the_embedded_engine_shows_itself_as_far_as_it_does(tmp_path: Path) -> None:
    """Tables and their parts, memory, counters; that it has no log of queries is named; hanging, it is blind, and comes back."""
    server = ClickHouseServer(tmp_path / "data")
    server.start()
    try:
        import clickhouse_connect

        with clickhouse_connect.get_client(host="127.0.0.1", port=server.port) as client:
            client.command("CREATE TABLE hits (id UInt64) ENGINE = MergeTree ORDER BY id")
            client.command("INSERT INTO hits SELECT number FROM numbers(100)")
        async with running(lambda watch: ClickHouseWatch(watch, target(server.url), QUICK), "clickhouse") as watched:
            await watched.is_in_state("partly")
            assert "statements" in await watched.until(lambda: watched.watch.state.missing)
            tables = await watched.until(lambda: [e for e in watched.out.of(DatabaseEvent.RELATION) if e[names.RELATION_NAME] == "hits"])
            assert (tables[0][names.RELATION_ROWS], tables[0][names.RELATION_PARTS]) == (100, 1)
            await watched.until(lambda: watched.out.values("hookline.db.queries"))
            assert watched.out.values("hookline.db.memory")
            assert watched.out.values("hookline.db.parts.most")[-1] >= 1
            parts = {part.part: part.seen for part in await check_clickhouse(target(server.url))}
            assert (parts["connection"], parts["sessions"], parts["parts"], parts["statements"]) == ("yes", "yes", "yes", "no")
            server.stop()
            await watched.is_in_state("blind")
            assert watched.watch.ring.latest is not None
            server.start()
            await watched.until(lambda: watched.watch.state.state == "partly")
    finally:
        server.stop()
    (nothing,) = await check_clickhouse(target("http://127.0.0.1:1"))
    assert nothing.seen == "no"


def test_a_query_is_what_it_spent_its_time_with() -> None:
    """Since it was seen before."""
    assert query_class(QueryTimes(1_000_000, 800_000, 0, 0, 0)) is WaitClass.CPU
    assert query_class(QueryTimes(1_000_000, 50_000, 0, 700_000, 0)) is WaitClass.IO
    assert query_class(QueryTimes(1_000_000, 10, 0, 0, 600_000)) is WaitClass.LOCK
    assert query_class(QueryTimes(1_000_000, 10, 10, 10, 10)) is WaitClass.OTHER
    row = ["id", "app", "::1", "shop", "default", 2.5, "SELECT 'it\\'s hunter2' FROM hits", 1, 1_000_000, 900_000, 0, 0, 0]
    reader = ProcessReader()
    (first,) = reader.look([row], 1, 1.0, 0.01).sessions
    (second,) = reader.look([[*row[:8], 2_000_000, 900_000, 0, 900_000, 0]], 2, 1.0, 0.01).sessions
    assert (first.wait_class, second.wait_class, first.pid, second.pid) == (WaitClass.CPU, WaitClass.IO, 1, 1)
    assert first.statement is not None
    assert first.statement.folded == "select ? from hits"


def test_rows_of_a_server_become_figures() -> None:
    """Those that the embedded engine has none of."""
    into = ReadingPoints(CounterTable())
    answers: dict[str, list[list[object]]] = {
        "counters": [["Query", "10"]],
        "part_limits": [["parts_to_delay_insert", "1000"], ["parts_to_throw_insert", "3000"]],
        "mutations": [["2", "1"]],
        "replicas": [["1", "33", "4"]],
        "merges": [["3", 12.5]],
        "errors": [["MEMORY_LIMIT_EXCEEDED", "7"]],
        "memory_limit": [["0"]],
    }
    figures(answers, into)
    figures({"counters": [["Query", "15"]], "errors": [["MEMORY_LIMIT_EXCEEDED", "9"]]}, into)
    told = {(point.name, *point.attributes.values()): point.value for point in into.points}
    assert told["hookline.db.queries",] == 5
    assert told["hookline.db.errors", "MEMORY_LIMIT_EXCEEDED"] == 2
    assert told["hookline.db.parts.limit", "throw"] == 3_000
    assert told["hookline.db.mutations", "failing"] == 1
    assert told["hookline.db.replica.delay",] == 33
    assert ("hookline.db.memory.limit",) not in told
    row = ["42", "default", "app", "SELECT 'hunter2'", "5", "1", "100", "60", 4_000.0, "5", "50", "500", "9000", 80.0]
    (event,) = statement_events(DatabaseName("events", "clickhouse"), [row], 30.0, 1)
    assert (event.attributes[names.PG_CALLS], event.attributes[names.STATEMENT_FAILED], event.attributes[names.QUERY_TEXT]) == (5, 1, "select ?")
