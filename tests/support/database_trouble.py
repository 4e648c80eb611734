"""Trouble in a real PostgreSQL, made on purpose: each is a context manager that makes it until its block ends.

Sessions are threads with a connection each; what a session runs again and again is server-side work, so that the clients cost little.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

import psycopg

from support.postgres import PostgresServer

Work = Callable[["psycopg.Connection[tuple[object, ...]]", int], None]


@contextlib.contextmanager
def sessions(server: PostgresServer, count: int, work: Work, application: str = "shop") -> Iterator[None]:
    """Let so many sessions do something over and over. What they run when the block ends is cancelled."""
    stop = threading.Event()
    open_now: list[psycopg.Connection[tuple[object, ...]]] = []

    def run(number: int) -> None:
        while not stop.is_set():
            with contextlib.suppress(psycopg.Error), server.connect(application_name=application) as connection:
                open_now.append(connection)
                while not stop.is_set():
                    try:
                        work(connection, number)
                    except (psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled):
                        connection.rollback()

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
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
def idle_in_transaction(server: PostgresServer, waiting: int = 6) -> Iterator[None]:
    """Somebody changed a row and went away; others want it."""
    with table(server, "seats", 10), server.connect(application_name="forgotten") as holder:
        holder.execute("BEGIN")
        holder.execute("UPDATE seats SET amount = 1 WHERE id = 1")
        with sessions(server, waiting, repeated("UPDATE seats SET amount = 2 WHERE id = 1")):
            try:
                yield
            finally:
                holder.execute("ROLLBACK")


@contextlib.contextmanager
def hot_row(server: PostgresServer) -> Iterator[None]:
    """All want the same row, each for a while."""
    work = transaction("UPDATE stock SET amount = amount + 1 WHERE id = 1", "SELECT pg_sleep(0.02)")
    with table(server, "stock", 10), sessions(server, 8, work):
        yield


@contextlib.contextmanager
def deadlocks(server: PostgresServer) -> Iterator[None]:
    """Two change the same rows in different order."""
    with table(server, "transfers", 10):

        def work(connection: psycopg.Connection[tuple[object, ...]], number: int) -> None:
            first, second = (1, 2) if number % 2 else (2, 1)
            with connection.transaction():
                for row in (first, second):
                    connection.execute("UPDATE transfers SET amount = amount + 1 WHERE id = %s", (row,))
                    connection.execute("SELECT pg_sleep(0.05)")

        with sessions(server, 4, work):
            yield


@contextlib.contextmanager
def computing(server: PostgresServer) -> Iterator[None]:
    """More sessions compute than there are cores."""
    with sessions(server, 6, repeated("SELECT sum(sqrt(n)) FROM (SELECT generate_series(1, 400000) AS n) AS s")):
        yield


@contextlib.contextmanager
def small_commits(server: PostgresServer) -> Iterator[None]:
    """Each row is a commit of its own."""
    with table(server, "clicks", 64), sessions(server, 8, transaction("UPDATE clicks SET amount = amount + 1 WHERE id = {n} + 1")):
        yield


@contextlib.contextmanager
def spilling(server: PostgresServer) -> Iterator[None]:
    """A sort that does not fit into its memory."""
    with (
        table(server, "visits", 300_000, width=200),
        sessions(server, 3, repeated("SET work_mem = '1MB'", "SELECT count(*) FROM (SELECT * FROM visits ORDER BY note, md5(id::text) OFFSET 0) v")),
    ):
        yield


@contextlib.contextmanager
def missing_index(server: PostgresServer) -> Iterator[None]:
    """A search that reads a whole table each time."""
    with table(server, "orders", 300_000, width=60):
        search = "SELECT count(*) FROM orders WHERE note || kind::text = 'nothing'"
        with sessions(server, 4, repeated("SET max_parallel_workers_per_gather = 0", search)):
            yield


@contextlib.contextmanager
def full_house(server: PostgresServer) -> Iterator[None]:
    """All connections that ordinary users can have are taken, and nobody does anything."""
    used: list[psycopg.Connection[tuple[object, ...]]] = []
    server.run("DROP ROLE IF EXISTS app; CREATE ROLE app LOGIN", is_script=True)
    try:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                used.append(server.connect("app", application_name="crowd"))
        yield
    finally:
        for connection in used:
            connection.close()


@contextlib.contextmanager
def forgotten_slot(server: PostgresServer) -> Iterator[None]:
    """A replication slot that nobody reads from, while the WAL goes on."""
    with table(server, "entries", 1_000):
        server.run("SELECT pg_create_physical_replication_slot('forgotten', true)")
        try:
            for _ in range(5):
                server.run("INSERT INTO entries SELECT n, 0, 0, repeat(md5(random()::text), 60) FROM generate_series(100000, 130000) n")
                server.run("TRUNCATE entries")
            yield
        finally:
            server.run("SELECT pg_drop_replication_slot('forgotten')")


@contextlib.contextmanager
def pinned_rows(server: PostgresServer) -> Iterator[None]:
    """An old transaction keeps dead rows that vacuum would take away."""
    made = table(server, "events", 20_000, "ALTER TABLE events SET (autovacuum_enabled = false)")
    with made, server.connect(application_name="old report") as old:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM events")
        for _ in range(3):
            server.run("UPDATE events SET amount = amount + 1")
        try:
            yield
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


HEALTHY: Sequence[tuple[str, Callable[[PostgresServer], contextlib.AbstractContextManager[None]]]] = (
    ("quiet", quiet),
    ("calm", calm),
    ("busy", busy),
)
"""Name, and what makes a load that nothing is wrong with."""
ALL: Sequence[tuple[str, Callable[[PostgresServer], contextlib.AbstractContextManager[None]], str, str]] = (
    ("idle in transaction", idle_in_transaction, "lock", "pid"),
    ("hot row", hot_row, "lock", "statement"),
    ("deadlock", deadlocks, "lock", "statement"),
    ("computing", computing, "cpu", "statement"),
    ("small commits", small_commits, "wal", "statement"),
    ("spilling", spilling, "memory", "statement"),
    ("missing index", missing_index, "missing_index", "statement"),
    ("full house", full_house, "connections", "server"),
    ("forgotten slot", forgotten_slot, "replication", "slot"),
    ("pinned rows", pinned_rows, "vacuum", "pid"),
)
"""Name, what makes it, the class of its verdict, and what kind its culprit is."""
