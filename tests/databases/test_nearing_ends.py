"""Dead rows on their way to a vacuum and values of sequences: what is told of many, what a real server of any version says, and when they run out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hookline.databases.postgres.link import LinkLimits, LinkTarget, PgLink
from hookline.databases.postgres.nearing_ends import MOST_TOLD, SEQUENCE_USED, VACUUM_DUE, DeadRows, NearingEnds
from hookline.databases.postgres.postgres_checks import check_postgres
from hookline.databases.postgres.sql_files import statement
from hookline_collector.databases.database_forecasts import forecasts_of
from support.postgres import DEFAULT_VERSION, VERSIONS, shared_server

EACH = pytest.mark.parametrize("version", [pytest.param(v, marks=() if v == DEFAULT_VERSION else pytest.mark.long) for v in VERSIONS])
MADE = """
DROP SCHEMA IF EXISTS numbered CASCADE; CREATE SCHEMA numbered;
CREATE TABLE numbered.orders (id serial); SELECT setval('numbered.orders_id_seq', 1932735283);
CREATE SEQUENCE numbered.wide; CREATE TABLE numbered.lines (id int DEFAULT nextval('numbered.wide'));
ALTER SEQUENCE numbered.wide OWNED BY numbered.lines.id;
SELECT setval('numbered.wide', 1073741824);
CREATE TABLE numbered.small (id smallint GENERATED ALWAYS AS IDENTITY);
CREATE SEQUENCE numbered.round MAXVALUE 10 CYCLE; SELECT setval('numbered.round', 10);
CREATE SEQUENCE numbered.hidden; CREATE SEQUENCE numbered.below MINVALUE -9223372036854775807;
GRANT USAGE ON SCHEMA numbered TO hookline; GRANT SELECT ON ALL SEQUENCES IN SCHEMA numbered TO hookline;
REVOKE SELECT ON numbered.hidden FROM hookline
"""


def test_of_many_tables_only_those_on_their_way_are_told_and_they_are_told_on() -> None:
    """A small table is not; one that a vacuum cleaned goes on at nothing."""
    ends = NearingEnds()
    near, far, small = (
        DeadRows("public", "orders", 40_000, 50_000.0),
        DeadRows("public", "items", 4_000, 50_000.0),
        DeadRows("public", "kinds", 60, 50.0),
    )
    (found,) = ends.of_tables("shop", [far, near, small])
    assert (found.name, found.value) == (VACUUM_DUE, 80.0)
    assert found.attributes == {"db.namespace": "shop", "db.collection.name": "public.orders"}
    assert [each.value for each in ends.of_tables("shop", [DeadRows("public", "orders", 0, 50_000.0), far])] == [0.0]
    many = [DeadRows("public", f"t{n}", 50_000, 50_000.0) for n in range(3 * MOST_TOLD)]
    assert len(ends.of_tables("shop", many)) == MOST_TOLD - 1


@pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")
@EACH
async def test_sequences_are_known_by_what_they_and_their_columns_can_hold(version: int) -> None:
    """One in circles never ends; a hidden one is named by the check, with the grant that opens it."""
    server = shared_server(version)
    server.run(MADE, is_script=True)
    target = LinkTarget(server.url("hookline"), {})
    link = await PgLink.open(target, LinkLimits())
    try:
        rows = [row for row in await link.ask(statement("sequences", version)) if row[0] == "numbered"]
        assert {name for _, name, is_visible, _ in rows if not is_visible} == {"hidden"}
        percents = {name: round(percent, 1) for _, name, is_visible, percent in rows if is_visible}
        assert percents == {"orders_id_seq": 90.0, "wide": 50.0, "small_id_seq": 0.0, "below": 0.0}
        points = NearingEnds().of_sequences("postgres", rows)
        assert [(each.name, each.attributes["db.collection.name"]) for each in points] == [
            (SEQUENCE_USED, "numbered.orders_id_seq"),
            (SEQUENCE_USED, "numbered.wide"),
        ]
        (part,) = [each for each in await check_postgres(target) if each.part == "sequences"]
        assert 'GRANT SELECT ON ALL SEQUENCES IN SCHEMA "numbered" TO "hookline";' in part.opens
    finally:
        await link.close()
        server.run("DROP SCHEMA numbered CASCADE", is_script=True)


def test_both_run_out_at_a_time() -> None:
    """A sequence that gives out two per cent an hour, and a table that no vacuum comes to; one that is vacuumed each few hours gets nowhere."""
    courses: dict[tuple[str, str], Callable[[int], float]] = {
        (SEQUENCE_USED, "public.orders_id_seq"): lambda hour: 80 + hour / 4,
        (VACUUM_DUE, "public.orders"): lambda hour: 40 + 2.0 * hour,
        (VACUUM_DUE, "public.items"): lambda hour: 20.0 * (hour % 5),
    }
    rows = [
        {"metric": metric, "series": name, "labels": {"db.collection.name": name}, "at_s": 3_600 * hour, "amount": amount(hour)}
        for (metric, name), amount in courses.items()
        for hour in range(60)
    ]
    found = {each.labels["db.collection.name"]: each for each in forecasts_of(rows, 59 * 3_600 * 10**9)}
    in_h = {name: (each.expected_ns / 3.6e12 - 59) if each.expected_ns else None for name, each in found.items()}
    assert in_h["public.orders_id_seq"] == pytest.approx(21, abs=2)
    assert in_h["public.orders"] == pytest.approx(21, abs=2)
    assert in_h.get("public.items") is None
