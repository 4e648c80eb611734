"""Plans of a real PostgreSQL: the same name on every version, changes, and what nobody can do with the functions that explain."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.plan_book import PlanPace
from hookline.databases.postgres.link import LinkTarget, PgLink
from hookline.databases.postgres.plan_reader import PLANS, NoPlan, explained
from hookline.databases.postgres.plan_setup import plans_sql
from hookline.databases.postgres.postgres_checks import check_postgres
from hookline.databases.postgres.postgres_watch import PostgresWatch, WatchRates
from hookline.databases.troubles import NotNow
from support.plan_shop import shop
from support.postgres import DEFAULT_VERSION, VERSIONS, PostgresServer, shared_server
from support.soaking import share
from support.watching import running

pytestmark = pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")
ENDS = sorted({DEFAULT_VERSION, *VERSIONS[:1], *VERSIONS[-1:]})
EACH = pytest.mark.parametrize(
    "version", [pytest.param(v, marks=() if v == DEFAULT_VERSION else pytest.mark.long) for v in share(ENDS, list(VERSIONS), list(VERSIONS))]
)


@asynccontextmanager
async def asking(server: PostgresServer) -> AsyncIterator[PgLink]:
    """The agent's connection for plans."""
    link = await PgLink.open(LinkTarget(server.url("hookline"), {}), PLANS)
    try:
        yield link
    finally:
        await link.close()


def role_id(server: PostgresServer, name: str = "plan_shop") -> int:
    ((number,),) = server.run("SELECT oid::int4 FROM pg_roles WHERE rolname = %s", name)
    return int(number)


SAME = {
    "SELECT state FROM orders WHERE id = $1": "Index Scan",
    "SELECT c.name, count(*) FROM orders o JOIN customers c ON c.id = o.customer WHERE o.paid > $1 GROUP BY c.name ORDER BY c.name DESC": "Aggregate",
    "SELECT * FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer = c.id AND o.state = $1) LIMIT $2": "Limit",
    "UPDATE orders SET state = $1 WHERE customer = $2": "ModifyTable",
    "INSERT INTO customers VALUES ($1, $2)": "ModifyTable",
    "/* shop */ WITH big AS MATERIALIZED (SELECT * FROM orders WHERE paid > $1) SELECT * FROM big WHERE id = ANY ($2)": "CTE Scan",
}
NAMES = ["c34bd83f8fef724a", "7553ecead49665f3", "f10d6690b7918c9a", "250620afbc58f779", "306dec97fb82da46", "f8b166979a7f794d"]


@EACH
async def test_a_plan_has_the_same_name_on_every_version(version: int) -> None:
    """Of statements with parameters, also such as write: nothing is executed. What a version before had is what this one has."""
    with shop(version) as server:
        author = role_id(server)
        async with asking(server) as link:
            plans = [await explained(link, author, text) for text in SAME]
            again = [await explained(link, author, text) for text in SAME]
        assert [json.loads(plan.text)[0]["Plan"]["Node Type"] for plan in plans] == list(SAME.values())
        assert plans == again
        assert len({plan.hash for plan in plans}) == len(SAME)
        assert all(plan.cost > 0 for plan in plans)
        assert server.run("SELECT count(*) FROM plan_shop.customers") == [(500,)]
        assert server.run("SELECT count(*) FROM plan_shop.orders WHERE state = 'paid'") == [(20_000,)]
        (part,) = [part for part in await check_postgres(LinkTarget(server.url("hookline"), {})) if part.part == "plans"]
        assert "plan_shop" in part.says
    assert [plan.hash for plan in plans] == NAMES


@pytest.mark.long
async def test_a_change_is_told_with_both_plans_and_its_cost() -> None:
    """The planner is made to believe that there are two customers. Other roles' statements are not asked for."""
    with shop() as server:
        rates = WatchRates(1.0, 1.0, 5.0, 0.2, 0.0, 0.0, 0.0, 0.0, plans_s=0.1)
        pace = PlanPace(0.0, 0.0, 0.0)
        target = LinkTarget(server.url("hookline"), {})
        async with running(lambda watch: PostgresWatch(watch, target, rates, plan_pace=pace)) as watched:

            def called(kind: DatabaseEvent) -> list[dict[str, object]]:
                for user in ("plan_shop", "postgres"):
                    with server.connect(user) as session:
                        session.execute("SET search_path = plan_shop")
                        for number in range(5):
                            session.execute("SELECT sum(paid) FROM orders WHERE customer = %s", (number,))
                return [each for each in watched.out.of(kind) if "orders" in str(each[names.QUERY_TEXT])]

            first, *_ = await watched.until(lambda: called(DatabaseEvent.QUERY_PLAN))
            assert first[names.QUERY_TEXT] == "select sum(paid) from orders where customer = ?"
            assert "Index" in str(first[names.QUERY_PLAN])
            assert (first[names.DB_NAMESPACE], first[names.PLAN_SOURCE]) == ("postgres", "generic")
            assert "plans" not in watched.watch.state.missing
            server.run("ALTER TABLE plan_shop.orders ALTER customer SET (n_distinct = 2)")
            server.run("ANALYZE plan_shop.orders")
            change, *_ = await watched.until(lambda: called(DatabaseEvent.PLAN_CHANGE))
        assert change[names.PLAN_HASH_BEFORE] == first[names.PLAN_HASH] != change[names.PLAN_HASH]
        assert "Seq Scan" in str(change[names.QUERY_PLAN])
        assert change[names.QUERY_PLAN_BEFORE] == first[names.QUERY_PLAN]
        assert float(str(change[names.PLAN_COST])) > float(str(change[names.PLAN_COST_BEFORE]))
        assert float(str(change[names.PLAN_MEAN])) > 0 < float(str(change[names.PLAN_MEAN_BEFORE]))
        assert {each[names.PG_ROLE] for each in watched.out.of(DatabaseEvent.QUERY_PLAN)} == {"plan_shop"}


async def test_where_nothing_is_allowed_nothing_is_asked() -> None:
    """The agent says so, and goes on."""
    rates = WatchRates(1.0, 1.0, 5.0, 0.2, 0.0, 0.0, 0.0, 0.0, plans_s=0.1)
    server = shared_server()
    async with running(lambda watch: PostgresWatch(watch, LinkTarget(server.url("hookline"), {}), rates)) as watched:
        await watched.until(lambda: "db setup --plans" in watched.watch.state.missing.get("plans", ""))
    assert not watched.out.of(DatabaseEvent.QUERY_PLAN)
    (part,) = [part for part in await check_postgres(LinkTarget(server.url("hookline"), {})) if part.part == "plans"]
    assert (part.seen, part.opens) == ("no", "hookline db setup --plans ROLE")


SPY = """
SET ROLE plan_shop; SET search_path = plan_shop;
CREATE FUNCTION spy(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE said text;
BEGIN
  PERFORM set_config('spy.runs_as', current_user, false), set_config('statement_timeout', '0', false);
  BEGIN
    SELECT word INTO said FROM public.plan_secrets;
  EXCEPTION WHEN OTHERS THEN said := SQLERRM;
  END;
  PERFORM set_config('spy.secret', said, false);
  SELECT count(*) INTO said FROM pg_stat_activity WHERE query ~ 'only for [e]yes';
  PERFORM set_config('spy.activity', said, false);
  BEGIN
    PERFORM set_config('role', 'hookline', false);
  EXCEPTION WHEN OTHERS THEN said := SQLERRM;
  END;
  PERFORM set_config('spy.role', said, false);
  RETURN n;
END $$;
"""
REACHED = "SELECT " + ", ".join(f"coalesce(current_setting('spy.{each}', true), '')" for each in ("runs_as", "secret", "activity", "role"))
ASK = "SELECT hookline.plan(%(author)s::oid, %(query)s)"


@EACH
async def test_planning_borrows_no_right(version: int) -> None:
    """What planning calls runs as the author, who cannot change roles, and nothing that it sets stays. An altered function is not asked."""
    with shop(version) as server, server.connect() as other:
        other.execute("SELECT 'only for eyes that may'")
        server.run(SPY, is_script=True)
        author, call = role_id(server), {"author": role_id(server), "query": "SELECT * FROM orders WHERE id = plan_shop.spy($1 + spy(7))"}
        assert server.run("SELECT count(*) FROM pg_stat_activity WHERE query ~ 'only for [e]yes'", user="hookline") == [(1,)]
        async with asking(server) as link:
            await link.ask("BEGIN READ ONLY", None)
            ((plan,),) = await link.ask(ASK, call)
            ((runs_as, secret, activity, role),) = await link.ask(REACHED)
            await link.ask("ROLLBACK", None)
            assert "Node Type" in plan
            assert (runs_as, secret, activity) == ("plan_shop", "permission denied for table plan_secrets", "0")
            assert 'cannot set parameter "role" within security-definer function' in role
            assert await link.ask(REACHED) == [("", "", "", "")]
            assert await link.ask("SHOW statement_timeout") == [("1s",)]
            alter = f"ALTER FUNCTION hookline.plan_as_{author}(text) SECURITY INVOKER"
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.run(alter, user="plan_shop")
            server.run(alter)  # and had somebody let him into the schema:
            with pytest.raises(NoPlan):
                await explained(link, author, "SELECT * FROM orders")
        with server.connect() as wrapper:  # were it altered between the look and the call
            wrapper.execute("BEGIN READ ONLY; SET ROLE hookline_plans")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                wrapper.execute(f"SELECT hookline.plan_as_{author}('SELECT plan_shop.spy(7)')".encode())


@EACH
async def test_a_text_runs_nothing(version: int) -> None:
    """No second statement, nothing that is no query, no statement of a role that was not named, no superuser's."""
    texts = [
        "SELECT 1; DROP TABLE orders",
        "SELECT 1; COMMIT; DROP TABLE orders",
        "SELECT ';'",
        "DROP TABLE orders",
        "CREATE TABLE t AS SELECT 1",
        "ANALYZE orders",
        "ANALYZE SELECT 1",
        "/* ; */ SELECT 1",
        "EXECUTE p",
        "COPY orders TO PROGRAM 'touch here'",
        "select" + " 1 +" * 20_000,
        "",
        "\x01",
    ]
    with shop(version) as server:
        author = role_id(server)
        async with asking(server) as link:
            for text in texts:
                with pytest.raises(NoPlan):
                    await explained(link, author, text)
            for other in (role_id(server, "plan_other"), role_id(server, "postgres"), 0):
                with pytest.raises(NoPlan):
                    await explained(link, other, "SELECT 1")
            assert (await explained(link, author, "SELECT count(*) FROM orders")).cost > 0
            with contextlib.suppress(NoPlan):  # explained since 15, and not executed
                await explained(link, author, "SELECT 1 AS one INTO made")
        assert server.run("SELECT count(*) FROM plan_shop.orders") == [(20_000,)]
        assert server.run("SELECT to_regclass('plan_shop.made')") == [(None,)]
        with pytest.raises(psycopg.errors.RaiseException, match="no role, or a superuser"):
            server.run(plans_sql("hookline", ["postgres"]), is_script=True)
        for user in ("plan_other", "plan_shop"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.run(f"SELECT hookline.plan({author}::oid, 'SELECT 1')", user=user)


async def test_a_schema_that_is_not_an_administrators_is_not_trusted() -> None:
    """Whoever owns it, or may make functions in it, could put another function where ours is."""
    with shop() as server:
        for change in (
            "ALTER SCHEMA hookline OWNER TO plan_other",
            "ALTER SCHEMA hookline OWNER TO postgres; GRANT CREATE ON SCHEMA hookline TO plan_other",
        ):
            server.run(change, is_script=True)
            (part,) = [part for part in await check_postgres(LinkTarget(server.url("hookline"), {})) if part.part == "plans"]
            assert part.seen == "no"


async def test_a_locked_table_is_left_for_the_next_round() -> None:
    """After a tenth of a second; whoever queues behind us waits no longer."""
    with shop() as server, server.connect() as locker:
        locker.execute("BEGIN; LOCK TABLE plan_shop.orders IN ACCESS EXCLUSIVE MODE")
        async with asking(server) as link:
            with pytest.raises(NotNow):
                await explained(link, role_id(server), "SELECT count(*) FROM orders")
            assert (await explained(link, role_id(server), "SELECT count(*) FROM customers")).cost > 0
        locker.execute("ROLLBACK")
