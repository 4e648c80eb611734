"""Statements that are ended, that fail late, that wait for a place; sessions; and ClickHouse's own Python client."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.httputil import get_pool_manager

from support.clickhouse_asker import ClickHouseAsker
from support.running import Running, wait_for

pytestmark = pytest.mark.long

ENDLESS = "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"
UNREAD = "SELECT number, repeat('x', 1000) FROM numbers(400000) SETTINGS max_block_size = 1000, max_threads = 1"
MOST_AT_ONCE = 4
"""What `clickhouse.max_concurrent_queries` is where nobody set it."""
LATE = "SELECT number, throwIf(number = 480000, 'on purpose') FROM numbers(490000) SETTINGS max_block_size = 20000, max_threads = 1"


def runs(asker: ClickHouseAsker, query_id: str) -> bool:
    """Whether a statement runs under this id."""
    return asker.ask(f"KILL QUERY WHERE query_id = '{query_id}' TEST").text == f"test\t{query_id}\thookline\t\n"


@pytest.mark.parametrize("form", ["TSV", "JSON"])
def test_a_statement_is_ended_by_its_id(asker: ClickHouseAsker, form: str) -> None:
    """KILL QUERY from another connection, as DBeaver cancels; an answer that comes whole is ended as soon as one that streams."""
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(asker.ask, f"{ENDLESS} FORMAT {form}", named={"query_id": f"to-kill-{form}"})
        wait_for(lambda: runs(asker, f"to-kill-{form}"))
        assert asker.ask("SELECT 1", named={"query_id": f"to-kill-{form}"}).code == 216
        assert asker.ask(f"KILL QUERY WHERE query_id = 'to-kill-{form}' SYNC").status == 200
        assert asked.result(5).code == 394
    assert not runs(asker, f"to-kill-{form}")
    assert asker.ask("KILL QUERY WHERE query_id = 'none'").status == 200


@pytest.mark.parametrize("sql", [ENDLESS, UNREAD])
def test_a_client_that_hangs_up_ends_its_statement(asker: ClickHouseAsker, sql: str) -> None:
    """While it waits for the first row, and in the middle of an answer that it does not read."""
    host, port = asker.address.split(":")
    login = base64.b64encode(f"hookline:{asker.token}".encode()).decode()
    head = f"POST /?query_id=hung-up HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\nContent-Length: {len(sql)}\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + sql.encode())
        wait_for(lambda: runs(asker, "hung-up"))
    wait_for(lambda: not runs(asker, "hung-up"))


def test_only_so_many_statements_run_at_once_and_one_that_waits_too_long_is_refused(asker: ClickHouseAsker) -> None:
    """Each holds its place while its client does not read; the next has one as soon as somebody is done."""
    host, port = asker.address.split(":")
    login = base64.b64encode(f"hookline:{asker.token}".encode()).decode()
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(socket.create_connection((host, int(port)))) for _ in range(MOST_AT_ONCE)]
        for number, connection in enumerate(connections):
            head = f"POST /?query_id=held-{number} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\nContent-Length: {len(UNREAD)}\r\n\r\n"
            connection.sendall(head.encode() + UNREAD.encode())
        wait_for(lambda: all(runs(asker, f"held-{number}") for number in range(MOST_AT_ONCE)))
        refused = asker.ask("SELECT 1")
        assert (refused.status, refused.code) == (503, 202)
        assert b"clickhouse.max_concurrent_queries" in refused.body
        connections[0].close()
        assert asker.ask("SELECT 1").body == b"1\n"


def test_an_error_after_the_first_rows_stands_in_the_answer_which_has_no_end(asker: ClickHouseAsker) -> None:
    """No client takes a part for the whole: the error is told in ClickHouse's way, and the last chunk is missing."""
    connection = http.client.HTTPConnection(asker.address, timeout=20)
    connection.request("POST", "/", LATE, asker.login)
    got = connection.getresponse()
    tag = got.headers["X-ClickHouse-Exception-Tag"]
    with pytest.raises(http.client.IncompleteRead) as cut:
        got.read()
    connection.close()
    rows, _, message = cut.value.partial.partition(b"\r\n__exception__\r\n" + tag.encode() + b"\r\n")
    assert rows.startswith(b"0\t0\n1\t0\n")
    told, _, end = message.rpartition(b" " + tag.encode() + b"\r\n__exception__\r\n")
    text, _, length = told.rpartition(b"\n")
    assert text.startswith(b"Code: 395. DB::Exception: ")
    assert (int(length), end) == (len(text) + 1, b"")
    held = asker.ask(LATE, named={"wait_end_of_query": "1"})
    assert (held.status, held.code) == (500, 395)


def test_too_many_rows_are_an_error(asker: ClickHouseAsker) -> None:
    """Nothing is left out without a word."""
    found = asker.ask("SELECT number FROM numbers(500001) FORMAT RowBinary", named={"wait_end_of_query": "1"})
    assert (found.code, b"TOO_MANY_ROWS_OR_BYTES" in found.body) == (396, True)
    assert len(asker.ask("SELECT number FROM numbers(500000) FORMAT RowBinary").body) == 4_000_000


def test_a_session_remembers_its_settings_and_no_other_has_them(asker: ClickHouseAsker) -> None:
    """SET holds in its session; without one it holds for nothing; USE of the own database and `SET readonly = 1` are no-ops."""
    mine, others = {"session_id": "mine"}, {"session_id": "other"}
    sql = "SELECT getSetting('join_use_nulls')"
    assert asker.ask("SET join_use_nulls = 1, max_threads = 1", named=mine).status == 200
    assert asker.ask("SET join_use_nulls = 1").status == 200
    assert [asker.ask(sql, named=named).text for named in (mine, others, {})] == ["true\n", "false\n", "false\n"]
    assert asker.ask("SET readonly = 1", named=mine).status == 200
    assert [asker.ask(f"USE {name}", named=mine).status for name in ("hookline", "default")] == [200, 200]
    assert asker.ask("SELECT currentDatabase()", named=mine | {"session_check": "1"}).text == "hookline\n"


@pytest.fixture
def client(running: Running) -> Iterator[Client]:
    """Give ClickHouse's own client for Python, as it comes."""
    host, port = running.found.clickhouse.split(":")
    connections = get_pool_manager()
    found = clickhouse_connect.get_client(host=host, port=int(port), username="hookline", password=running.client.token, pool_mgr=connections)
    yield found
    found.close()
    connections.clear()


def test_clickhouse_connect_asks_in_all_its_ways(client: Client) -> None:
    """Rows, columns, parameters, settings, commands, streams of blocks and rows, raw formats."""
    assert client.query("SELECT number AS n, toString(number) AS s FROM numbers(3)").result_rows == [(0, "0"), (1, "1"), (2, "2")]
    odd = "it's\ta \\ line\n"
    assert client.query("SELECT {a:String}, {b:Array(UInt8)}", parameters={"a": odd, "b": [1, 2]}).result_rows == [(odd, [1, 2])]
    assert client.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).result_rows == [(1,)]
    assert client.command("SELECT count() FROM system.databases WHERE name = 'hookline'") == 1
    assert client.query("SELECT 1 WHERE 0").result_rows == []
    with client.query_row_block_stream("SELECT number FROM numbers(200000)") as blocks:
        assert sum(len(block) for block in blocks) == 200_000
    assert client.raw_query("SELECT 1 AS a", fmt="JSONEachRow") == b'{"a":1}\n'
    types = client.query(
        "SELECT toDateTime64(1, 9, 'UTC') AS t, map('a', 1) AS m, [(1, 'x')] AS n, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS u"
    )
    assert types.result_rows[0][1:3] == ({"a": 1}, [(1, "x")])


def test_clickhouse_connect_gives_arrow_tables(client: Client) -> None:
    """As Superset and pandas ask."""
    pytest.importorskip("pyarrow", reason="needs pyarrow")
    assert client.query_arrow("SELECT number AS n FROM numbers(3)").column("n").to_pylist() == [0, 1, 2]


def test_clickhouse_connect_tells_errors_as_they_are(client: Client) -> None:
    """With the number of the error; also in the middle of a stream."""
    with pytest.raises(DatabaseError, match="Code: 47") as unknown:
        client.query("SELECT nope")
    assert unknown.value.code == 47
    with pytest.raises(DatabaseError, match="not allowed"):
        client.command("SELECT file('/etc/passwd')")
    with pytest.raises((DatabaseError, StreamFailureError), match="on purpose"), client.query_rows_stream(LATE) as rows:
        for _ in rows:
            continue
