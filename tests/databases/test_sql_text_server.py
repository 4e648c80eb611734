"""The folded text of a statement is the same from psycopg's side and from pg_stat_statements', on each version."""

import psycopg
import pytest

from hookline.sql.sql_text import fold_statement
from support.postgres import DEFAULT_VERSION, VERSIONS, PostgresServer, shared_server

pytestmark = pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")
STATEMENTS: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("SELECT * FROM items WHERE id = %s AND name <> %s -- of a page", (1, "it's")),
    ("SELECT count(*) FROM items WHERE id IN (%s, %s, %s) AND id - 1 > %s /* app='x' */", (1, 2, 3, -4)),
    ("INSERT INTO items (id, name) VALUES (%s, %s), (%s, %s)", (1, "a", 2, None)),
    ("UPDATE items SET name = %s, at = now() WHERE id = ANY(%s) AND name IS NOT NULL", ("b", [1, 2])),
    ("DELETE FROM items WHERE id = -1 AND name = 'secret' AND TRUE", ()),
    ("SELECT id, -id, id %% 2, name LIKE 'a%%', '2026-01-01'::date FROM items WHERE done = false AND name IS DISTINCT FROM NULL LIMIT %s", (1,)),
    ("SELECT id FROM items WHERE id IN (1, 2, 3, 4) AND done IS NOT TRUE ORDER BY 1 LIMIT ALL", ()),
    ("WITH new AS (SELECT %s::int AS id) SELECT \"name\" FROM items JOIN new USING (id) WHERE name = E'a\\'b' OR id = (ARRAY[1,2])[1]", (3,)),
    ("SELECT interval '1 day' + now(), date '2026-01-01', extract(epoch FROM at), 1.5e3, .5, +7, - 8 FROM items", ()),
)


def told(server: PostgresServer) -> tuple[set[str], set[str]]:
    """Return the folded statements as the client knows them, and as the server lists them."""
    server.run("DROP TABLE IF EXISTS items")
    server.run("CREATE TABLE items (id int, name text, at timestamptz DEFAULT now(), done bool DEFAULT false)")
    server.run("SELECT pg_stat_statements_reset()")
    with server.connect() as connection:
        for text, values in STATEMENTS:
            connection.execute(text, values or None)
            with psycopg.ClientCursor(connection) as cursor:  # with the values in the text
                cursor.execute(text, values or None)
    rows = server.run("SELECT query FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'postgres' AND query ~* 'items'")
    return {fold_statement(text) for text, _ in STATEMENTS}, {fold_statement(text) for (text,) in rows}


@pytest.mark.parametrize("version", [pytest.param(v, marks=() if v == DEFAULT_VERSION else pytest.mark.long) for v in VERSIONS])
def test_both_sides_fold_to_one(version: int) -> None:
    """A service and its database meet by the hash."""
    ours, theirs = told(shared_server(version))
    assert {text for text in theirs if not text.startswith(("drop", "create"))} == ours
