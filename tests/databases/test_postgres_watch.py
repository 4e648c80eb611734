"""What the agent sees of a real PostgreSQL: sessions, locks, statements whose true counts are known, relations, settings."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.postgres.link import LinkLimits, LinkTarget, PgLink
from hookline.databases.postgres.postgres_checks import check_postgres
from hookline.databases.postgres.sql_files import statement
from hookline.databases.troubles import LinkLost, NotNow, NotVisible
from hookline.sql.sql_text import statement_hash
from support.postgres import DEFAULT_VERSION, VERSIONS, PostgresServer, shared_server
from support.watching import watching

pytestmark = pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")
EACH = pytest.mark.parametrize("version", [pytest.param(v, marks=() if v == DEFAULT_VERSION else pytest.mark.long) for v in VERSIONS])


@contextmanager
def session_at(server: PostgresServer, sql: str, application: str = "shop") -> Iterator[None]:
    """Let a session run a statement meanwhile; what keeps it from ending is undone by the caller before."""

    def run() -> None:
        with server.connect(application_name=application) as connection:
            connection.execute(sql.encode())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(20)


@EACH
async def test_a_lock_is_told_with_its_root_and_who_waits(version: int) -> None:
    """The root sits idle in a transaction; two wait, one behind the other; looks come ten times as often meanwhile."""
    server = shared_server(version)
    server.run("DROP TABLE IF EXISTS seats; CREATE TABLE seats (id int PRIMARY KEY, taken bool); INSERT INTO seats VALUES (1, false)", is_script=True)
    update = "UPDATE seats SET taken = true WHERE id = 1"
    with server.connect(application_name="holder") as holder:
        holder.execute("BEGIN")
        holder.execute(update.encode())
        with session_at(server, update, "first"), session_at(server, update, "second"):
            try:
                async with watching(server) as watched:
                    events = watched.out.of
                    await watched.until(lambda: any(e[names.LOCK_WAITING] == 2 for e in events(DatabaseEvent.LOCK_TREE)))
                    tree = json.loads(next(e for e in events(DatabaseEvent.LOCK_TREE) if e[names.LOCK_WAITING] == 2)[names.LOCK_TREE])
                    root, *waiting = tree
                    assert (root["application"], root["state"], root["blocked_by"]) == ("holder", "idle in transaction", [])
                    assert {each["application"] for each in waiting} == {"first", "second"}
                    assert [len(each["blocked_by"]) for each in waiting] == [1, 1]
                    assert sorted(pid for each in waiting for pid in each["blocked_by"]) == sorted([root["pid"], waiting[0]["pid"]])
                    assert waiting[0]["statement_hash"] == statement_hash("UPDATE seats SET taken = %s WHERE id = %s")
                    sample = await watched.until(lambda: next((e for e in events(DatabaseEvent.QUERY_SAMPLE) if e.get(names.BLOCKING_PIDS)), None))
                    assert sample[names.WAIT_CLASS] == "lock"
                    assert sample[names.QUERY_TEXT] == "update seats set taken = ? where id = ?"
                    await watched.until(lambda: watched.out.values("hookline.db.idle_in_transaction.blocking")[-1:] > [0.0])
                    holder.execute("ROLLBACK")
                    await watched.until(lambda: any(e[names.LOCK_PHASE] == "end" for e in events(DatabaseEvent.LOCK_TREE)))
            finally:
                holder.execute("ROLLBACK")


@EACH
def test_rows_of_statements_are_found_by_a_hash_also_in_a_kept_plan(version: int) -> None:
    """Five thousand rows that are each compared with a thousand numbers cost the server five times as much."""
    server = shared_server(version)
    rows = statement("statement_rows", version, "public").replace("%(ids)s", "$1")
    with server.connect() as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE rows (text) AS {rows.replace('$1::bigint[]', '($1::text)::bigint[]')}".encode())
        plan = "\n".join(line for (line,) in connection.execute("EXPLAIN EXECUTE rows ('{1,2}')"))
    assert "Hash" in plan
    assert "ANY" not in plan


@EACH
async def test_a_statement_that_is_asked_again_says_what_stands_in_its_way(version: int) -> None:
    """What is refused, what takes too long, and a relation that got another column: it is prepared anew then."""
    server = shared_server(version)
    server.run("DROP TABLE IF EXISTS grows; CREATE TABLE grows (a int); GRANT SELECT ON grows TO hookline", is_script=True)
    server.run("INSERT INTO grows VALUES (1)")
    link = await PgLink.open(LinkTarget(server.url("hookline"), {}), LinkLimits(statement_ms=200))
    try:
        assert await link.ask_again("SELECT * FROM public.grows") == [(1,)]
        assert await link.ask_again("SELECT 'ä', NULL::int8, 1.5::float8, true, ARRAY[1, 2]") == [("ä", None, 1.5, True, [1, 2])]
        server.run("ALTER TABLE grows ADD COLUMN b int DEFAULT 2")
        with pytest.raises(NotVisible, match="cached plan"):
            await link.ask_again("SELECT * FROM public.grows")
        assert await link.ask_again("SELECT * FROM public.grows") == [(1, 2)]
        with pytest.raises(NotVisible, match="does not exist"):
            await link.ask_again("SELECT * FROM public.nowhere")
        with pytest.raises(NotVisible, match="permission denied"):
            await link.ask_again("SELECT * FROM pg_authid")
        with pytest.raises(NotNow):
            await link.ask_again("SELECT pg_sleep(5)")
        server.run(f"SELECT pg_terminate_backend({link.backend_pid})")
        with pytest.raises(LinkLost):
            await link.ask_again("SELECT * FROM public.grows")
    finally:
        await link.close()


async def test_who_asks_again_holds_up_nobody_else() -> None:
    """Only what comes at once is waited for on the spot; what took long the last time is left to the loop, and looked at anew the next time."""
    server = shared_server()
    link = await PgLink.open(LinkTarget(server.url("hookline"), {}), LinkLimits())
    turns = 0

    async def go_on() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    other = asyncio.create_task(go_on())
    try:
        for _ in range(2):
            before = turns
            assert await link.ask_again("SELECT count(pg_sleep(0.3))") == [(1,)]
            assert turns - before > 20
        assert [await link.ask_again("SELECT 1") for _ in range(3)] == [[(1,)]] * 3
    finally:
        other.cancel()
        await link.close()


@pytest.mark.long
async def test_a_server_process_keeps_the_memory_that_looks_take() -> None:
    """Pages that it gives back must be made anew for the next look, which costs a quarter of one where there are a hundred sessions."""
    with PostgresServer.start(max_connections="150") as server, ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(server.connect()).execute("SELECT 1")
        async with watching(server) as watched:
            await watched.until(lambda: watched.watch.ring.count > 20)
            [(pid,)] = server.run("SELECT pid FROM pg_stat_activity WHERE usename = 'hookline' ORDER BY backend_start LIMIT 1")
            count, before = watched.watch.ring.count, _page_faults(pid)
            await watched.until(lambda: watched.watch.ring.count > count + 20)
            assert _page_faults(pid) - before < 20


def _page_faults(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().split()[9])


@EACH
async def test_growth_of_statements_is_what_was_called(version: int) -> None:
    """To the call and to the row, also over a reset; the agent's own statements are not among them; figures of the instance come along."""
    server = shared_server(version)
    server.run("DROP TABLE IF EXISTS counted; CREATE TABLE counted (id int)", is_script=True)
    server.run("SELECT pg_stat_statements_reset()")
    insert, wanted = "INSERT INTO counted VALUES (%s)", statement_hash("INSERT INTO counted VALUES (%s)")
    async with watching(server) as watched:

        def told() -> list[dict[str, object]]:
            return [e for e in watched.out.of(DatabaseEvent.TOP_QUERY) if e.get(names.STATEMENT_HASH) == wanted]

        async def call(times: int, until: int) -> None:
            with server.connect() as connection:
                for value in range(times):
                    connection.execute(insert, (value,))
            await watched.until(lambda: sum(int(str(e[names.PG_CALLS])) for e in told()) == until)

        await watched.until(lambda: watched.out.values("hookline.db.statements.evicted"))
        await call(7, 7)
        await call(5, 12)
        server.run("SELECT pg_stat_statements_reset()")
        await call(3, 15)
        assert sum(int(str(e[names.PG_ROWS])) for e in told()) == 15
        assert {e[names.STATEMENT_KNOWN] for e in told()} <= {"new", "grown", "reset", "evicted"}
        assert all(0 < float(str(e[names.PG_EXEC_MS])) < 1_000 for e in told())
        await watched.until(lambda: watched.out.values("postgresql.commits", **{names.DB_NAMESPACE: "postgres"}))
        await watched.until(lambda: any(e.get(names.RELATION_INSERTED) for e in watched.out.of(DatabaseEvent.RELATION)))
        await watched.until(lambda: watched.out.values("postgresql.db_size"))
        assert watched.watch.state.missing == {}
    texts = {str(e.get(names.QUERY_TEXT)) for e in watched.out.of(DatabaseEvent.TOP_QUERY)}
    assert not [text for text in texts if "pg_stat_get_activity" in text or "pg_stat_statements(" in text]
    applications = {e.get(names.PG_APPLICATION) for e in watched.out.of(DatabaseEvent.QUERY_SAMPLE)}
    assert "hookline" not in applications


async def test_no_value_of_a_statement_leaves() -> None:
    """Nor of one that was never finished, nor an application's name that is a secret."""
    server = shared_server()
    secret = "ghp_" + "a1B2" * 9
    with session_at(server, f"SELECT pg_sleep(0.6), 'hunter2', '{secret}' -- hunter2", application=secret):
        async with watching(server) as watched:
            await watched.until(lambda: [e for e in watched.out.of(DatabaseEvent.QUERY_SAMPLE) if "pg_sleep" in str(e.get(names.QUERY_TEXT))])
    told = repr(watched.out.records)
    assert "hunter2" not in told
    assert secret not in told


async def test_a_changed_setting_is_told_once() -> None:
    """With what it was and is."""
    server = shared_server()
    async with watching(server) as watched:

        def told() -> list[tuple[object, object]]:
            events = [e for e in watched.out.of(DatabaseEvent.SETTINGS_CHANGE) if e[names.SETTING_NAME] == "work_mem"]
            return [(e.get(names.SETTING_BEFORE), e.get(names.SETTING_AFTER)) for e in events]

        await watched.until(lambda: len(watched.out.values("hookline.db.statements.evicted")) > 2)  # settings were read too
        server.run("ALTER SYSTEM SET work_mem = '5MB'")
        server.run("SELECT pg_reload_conf()")
        await watched.until(told)
        server.run("ALTER SYSTEM RESET work_mem")
        server.run("SELECT pg_reload_conf()")
        await watched.until(lambda: len(told()) == 2)
    assert told() == [(None, "5120"), ("5120", None)]


async def test_a_check_says_what_is_visible_and_what_opens_the_rest() -> None:
    """Of a role that has everything, of one that has nothing, and where nobody listens."""
    server = shared_server()
    server.run("DROP ROLE IF EXISTS stranger")
    server.run("CREATE ROLE stranger LOGIN")
    seen = {part.part: part for part in await check_postgres(LinkTarget(server.url("hookline"), {}))}
    assert {name for name, part in seen.items() if part.seen != "yes"} == {"plans"}, seen  # nobody has asked for them
    hidden = {part.part: part for part in await check_postgres(LinkTarget(server.url("stranger"), {}))}
    assert hidden["role"].opens == 'GRANT pg_monitor TO "stranger";'
    (nothing,) = await check_postgres(LinkTarget("postgresql://hookline@127.0.0.1:1/postgres", {}))
    assert (nothing.seen, nothing.says) == ("no", "nobody listens at this address")


async def test_a_check_finds_the_machine_also_where_its_own_link_is_gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's process of a link ends when it likes once the link is closed."""

    async def closed(link: PgLink) -> None:
        its_process = psutil.Process(link.backend_pid)
        await close(link)
        await asyncio.to_thread(its_process.wait, 20)

    close = PgLink.close
    monkeypatch.setattr(PgLink, "close", closed)
    seen = {part.part: part for part in await check_postgres(LinkTarget(shared_server().url("hookline"), {}))}
    assert seen["machine"].seen == "yes"
