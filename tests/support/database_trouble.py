"""Trouble in a real PostgreSQL, made on purpose: each is a context manager that makes it until its block ends, and gives the name of its culprit.

Sessions are threads with a connection each; what a session runs again and again is server-side work, so that the clients cost little.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import psycopg

from hookline.sql.sql_text import read_statement
from support.cold_files import read_from_disk
from support.postgres import HAS_STANDBY, PostgresServer

CONNECT_WITHIN_S = 60.0
Making = Callable[[PostgresServer], contextlib.AbstractContextManager[str]]
Work = Callable[["psycopg.Connection[tuple[object, ...]]", int], None]


@contextlib.contextmanager
def sessions(
    server: PostgresServer, count: int, work: Work, application: str = "shop", user: str = "postgres", prepare_threshold: int | None = 5
) -> Iterator[None]:
    """Let so many sessions do something over and over; all are connected when the block begins. What they run when it ends is cancelled.

    A statement is prepared from so many times on, never for None.
    """
    stop = threading.Event()
    open_now: list[psycopg.Connection[tuple[object, ...]]] = []

    def run(number: int) -> None:
        while not stop.is_set():
            with (
                contextlib.suppress(psycopg.Error),
                server.connect(user, application_name=application, prepare_threshold=prepare_threshold) as connection,
            ):
                open_now.append(connection)
                while not stop.is_set():
                    try:
                        work(connection, number)
                    except (psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled):
                        connection.rollback()

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + CONNECT_WITHIN_S
    while len(open_now) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield
    finally:
        stop.set()
        for connection in open_now:
            with contextlib.suppress(psycopg.Error):
                connection.cancel_safe()
        for thread in threads:
            thread.join(20)


def repeated(*statements: str) -> Work:
    """Return work that runs statements one after the other, each its own transaction."""

    def work(connection: psycopg.Connection[tuple[object, ...]], number: int) -> None:
        del number
        for statement in statements:
            connection.execute(statement.encode())

    return work


def named(sql: str) -> str:
    """Return the name by which a statement is told as a culprit."""
    return read_statement(sql, "postgresql").hash


def transaction(*statements: str) -> Work:
    """Return work that runs statements in one transaction; `{n}` in them is the session's number."""

    def work(connection: psycopg.Connection[tuple[object, ...]], number: int) -> None:
        with connection.transaction():
            for statement in statements:
                connection.execute(statement.format(n=number).encode())

    return work


@contextlib.contextmanager
def table(server: PostgresServer, name: str, rows: int, *more: str, width: int = 20) -> Iterator[None]:
    """Have a table with an id, a group, a number and a text while the block runs."""
    server.run(
        f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (id int PRIMARY KEY, kind int, amount int, note text); "
        f"INSERT INTO {name} SELECT n, n % 100, 0, repeat('x', {width}) FROM generate_series(1, {rows}) n; " + "; ".join([*more, f"ANALYZE {name}"]),
        is_script=True,
    )
    try:
        yield
    finally:
        server.run(f"DROP TABLE {name}")


@contextlib.contextmanager
def idle_in_transaction(server: PostgresServer, waiting: int = 6) -> Iterator[str]:
    """Somebody changed a row and went away; others want it."""
    with table(server, "seats", 10), server.connect(application_name="forgotten") as holder:
        holder.execute("BEGIN")
        holder.execute("UPDATE seats SET amount = 1 WHERE id = 1")
        with sessions(server, waiting, repeated("UPDATE seats SET amount = 2 WHERE id = 1")):
            try:
                yield str(holder.info.backend_pid)
            finally:
                holder.execute("ROLLBACK")


@contextlib.contextmanager
def hot_row(server: PostgresServer) -> Iterator[str]:
    """All want the same row, each for a while."""
    change = "UPDATE stock SET amount = amount + 1 WHERE id = 1"
    with table(server, "stock", 10), sessions(server, 8, transaction(change, "SELECT pg_sleep(0.02)")):
        yield named(change)


@contextlib.contextmanager
def deadlocks(server: PostgresServer) -> Iterator[str]:
    """Two change the same rows in different order."""
    change = "UPDATE transfers SET amount = amount + 1 WHERE id = %s"
    with table(server, "transfers", 10):

        def work(connection: psycopg.Connection[tuple[object, ...]], number: int) -> None:
            first, second = (1, 2) if number % 2 else (2, 1)
            with connection.transaction():
                for row in (first, second):
                    connection.execute(change.encode(), (row,))
                    connection.execute("SELECT pg_sleep(0.05)")

        with sessions(server, 4, work):
            yield named(change)


@contextlib.contextmanager
def computing(server: PostgresServer) -> Iterator[str]:
    """More sessions compute than there are cores."""
    sums = "SELECT sum(sqrt(n)) FROM (SELECT generate_series(1, 400000) AS n) AS s"
    with sessions(server, 6, repeated(sums)):
        yield named(sums)


@contextlib.contextmanager
def small_commits(server: PostgresServer) -> Iterator[str]:
    """Each row is a commit of its own: what waits is the commit."""
    with table(server, "clicks", 64), sessions(server, 8, transaction("UPDATE clicks SET amount = amount + 1 WHERE id = {n} + 1")):
        yield named("COMMIT")


@contextlib.contextmanager
def spilling(server: PostgresServer) -> Iterator[str]:
    """A sort that does not fit into its memory."""
    sort = "SELECT count(*) FROM (SELECT * FROM visits ORDER BY note, md5(id::text) OFFSET 0) v"
    with table(server, "visits", 300_000, width=200), sessions(server, 3, repeated("SET work_mem = '1MB'", sort)):
        yield named(sort)


@contextlib.contextmanager
def missing_index(server: PostgresServer) -> Iterator[str]:
    """A search that reads a whole table each time."""
    search = "SELECT count(*) FROM orders WHERE note || kind::text = 'nothing'"
    with (
        table(server, "orders", 300_000, width=60),
        sessions(server, 4, repeated("SET max_parallel_workers_per_gather = 0", search)),
    ):
        yield named(search)


@contextlib.contextmanager
def cold_table(server: PostgresServer) -> Iterator[str]:
    """Look-ups by an index in a table four times as large as the server's buffers, whose pages are nowhere but on the disk."""
    draw = "SELECT 1 + (random() * 299999)::int AS id FROM generate_series(1, 200)"
    look_up = f"SELECT sum(a.amount) FROM ({draw}) d JOIN archive a USING (id)"
    with table(server, "archive", 300_000, width=400):
        server.run("VACUUM archive")  # so that reads write nothing
        with read_from_disk(server, "archive"), sessions(server, 6, repeated(look_up)):
            yield named(look_up)


@contextlib.contextmanager
def full_house(server: PostgresServer) -> Iterator[str]:
    """All connections that ordinary users can have are taken, and nobody does anything."""
    used: list[psycopg.Connection[tuple[object, ...]]] = []
    server.run("DROP ROLE IF EXISTS app; CREATE ROLE app LOGIN", is_script=True)
    try:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                used.append(server.connect("app", application_name="crowd"))
        yield "connections"
    finally:
        for connection in used:
            connection.close()


@contextlib.contextmanager
def much_wal(server: PostgresServer) -> Iterator[None]:
    """Have a table that was written to until there were some 300 MB of WAL."""
    with table(server, "entries", 1_000):
        for _ in range(5):
            server.run("INSERT INTO entries SELECT n, 0, 0, repeat(md5(random()::text), 60) FROM generate_series(100000, 130000) n")
            server.run("TRUNCATE entries")
        yield


@contextlib.contextmanager
def forgotten_slot(server: PostgresServer) -> Iterator[str]:
    """A replication slot that nobody reads from, while the WAL goes on."""
    server.run("SELECT pg_create_physical_replication_slot('forgotten', true)")
    try:
        with much_wal(server):
            yield "forgotten"
    finally:
        server.run("SELECT pg_drop_replication_slot('forgotten')")


@contextlib.contextmanager
def streaming_standby(server: PostgresServer) -> Iterator[PostgresServer]:
    """Have a standby that receives what is written."""
    standby = server.standby()
    try:
        deadline = time.monotonic() + CONNECT_WITHIN_S
        while not server.run("SELECT FROM pg_stat_replication WHERE state = 'streaming'"):
            assert time.monotonic() < deadline, "the standby does not connect"
            time.sleep(0.05)
        yield standby
    finally:
        standby.remove()


@contextlib.contextmanager
def paused_replica(server: PostgresServer) -> Iterator[str]:
    """A standby receives, and does not replay. It is named by where it connects from."""
    with streaming_standby(server) as standby:
        standby.run("SELECT pg_wal_replay_pause()")
        with much_wal(server):
            yield "unix"


@contextlib.contextmanager
def stopped_replica(server: PostgresServer) -> Iterator[str]:
    """A standby's processes stand still: it receives nothing, and stays connected."""
    with streaming_standby(server) as standby:
        standby.freeze()
        with much_wal(server):
            yield "unix"


@contextlib.contextmanager
def pinned_rows(server: PostgresServer) -> Iterator[str]:
    """An old transaction keeps dead rows that vacuum would take away."""
    made = table(server, "events", 20_000, "ALTER TABLE events SET (autovacuum_enabled = false)")
    with made, server.connect(application_name="old report") as old:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM events")
        for _ in range(3):
            server.run("UPDATE events SET amount = amount + 1")
        try:
            yield str(old.info.backend_pid)
        finally:
            old.execute("ROLLBACK")


@contextlib.contextmanager
def calm(server: PostgresServer) -> Iterator[None]:
    """Work that leaves room: an update and a look-up, and a rest."""
    with table(server, "carts", 10_000):
        work = repeated(
            "UPDATE carts SET amount = amount + 1 WHERE id = (SELECT 1 + (random() * 9999)::int)",  # drawn once: else each row is drawn for
            "SELECT * FROM carts WHERE id = 7",
            "SELECT pg_sleep(0.05)",
        )
        with sessions(server, 3, work):
            yield


@contextlib.contextmanager
def quiet(server: PostgresServer) -> Iterator[None]:
    """Nobody does anything."""
    server.run("SELECT 1")
    yield


@contextlib.contextmanager
def busy(server: PostgresServer) -> Iterator[None]:
    """Work that leaves room beside work that takes half a core: sorts, sums and changes of many rows."""
    work = repeated(
        "SELECT sum(sqrt(n)) FROM (SELECT generate_series(1, 60000) AS n) AS s",
        "UPDATE baskets SET amount = amount + 1 WHERE kind = (random() * 99)::int",
        "SELECT kind, count(*) FROM baskets GROUP BY kind ORDER BY 2",
        "SELECT pg_sleep(0.05)",
    )
    with calm(server), table(server, "baskets", 4_000), sessions(server, 1, work, "reports"):
        yield


@dataclass(frozen=True, slots=True)
class Trouble:
    """What makes it, the class of its verdict, and what kind its culprit is; one of those that leave other tests their processors `is_quiet`."""

    name: str
    make: Making
    kind: str
    culprit: str
    is_quiet: bool = False


HEALTHY: Sequence[tuple[str, Callable[[PostgresServer], contextlib.AbstractContextManager[None]]]] = (
    ("quiet", quiet),
    ("calm", calm),
    ("busy", busy),
)
"""Name, and what makes a load that nothing is wrong with."""
_REPLICAS = (
    Trouble("paused replica", paused_replica, "replication", "application"),
    Trouble("stopped replica", stopped_replica, "replication", "application"),
)
ALL: Sequence[Trouble] = (
    Trouble("idle in transaction", idle_in_transaction, "lock", "pid", is_quiet=True),
    Trouble("hot row", hot_row, "lock", "statement", is_quiet=True),
    Trouble("deadlock", deadlocks, "lock", "statement"),
    Trouble("computing", computing, "cpu", "statement"),
    Trouble("cold table", cold_table, "io", "statement"),
    Trouble("small commits", small_commits, "wal", "statement"),
    Trouble("spilling", spilling, "memory", "statement"),
    Trouble("missing index", missing_index, "missing_index", "statement"),
    Trouble("full house", full_house, "connections", "server", is_quiet=True),
    Trouble("forgotten slot", forgotten_slot, "replication", "slot", is_quiet=True),
    Trouble("pinned rows", pinned_rows, "vacuum", "pid", is_quiet=True),
    *(_REPLICAS if HAS_STANDBY else ()),
)
"""Each alone."""
TOGETHER: Sequence[tuple[Making, Making]] = (
    (idle_in_transaction, computing),
    (idle_in_transaction, full_house),
    (idle_in_transaction, cold_table),
    (missing_index, forgotten_slot),
    (hot_row, pinned_rows),
    (hot_row, computing),
    (small_commits, full_house),
    (computing, pinned_rows),
)
"""Pairs that have nothing to do with each other: both are named. The second begins when the first is there."""
