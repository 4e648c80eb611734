"""A shop in a real PostgreSQL whose statements may be explained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hookline.databases.postgres.plan_setup import plans_sql
from support.postgres import DEFAULT_VERSION, PostgresServer, shared_server

SHOP = """
CREATE ROLE plan_shop LOGIN; CREATE ROLE plan_other LOGIN; CREATE SCHEMA plan_shop AUTHORIZATION plan_shop;
GRANT CREATE ON SCHEMA public TO plan_other;
SET ROLE plan_shop; SET search_path = plan_shop;
CREATE TABLE orders (id int PRIMARY KEY, customer int, state text, paid numeric);
CREATE TABLE customers (id int PRIMARY KEY, name text);
INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 500) n;
INSERT INTO orders SELECT n, n, 'paid', n FROM generate_series(1, 20000) n ORDER BY n * 7919 % 20011;
CREATE INDEX orders_by_customer ON orders (customer);
ANALYZE orders; ANALYZE customers;
RESET ROLE; RESET search_path; CREATE TABLE plan_secrets (word text); INSERT INTO plan_secrets VALUES ('open sesame');
"""


@contextmanager
def shop(version: int = DEFAULT_VERSION) -> Iterator[PostgresServer]:
    """A role with two tables, whose statements may be explained; another role; a table that neither may read."""
    server = shared_server(version)
    server.run(SHOP, is_script=True)
    server.run(plans_sql("hookline", ["plan_shop"]), is_script=True)
    try:
        yield server
    finally:
        made = "DROP SCHEMA IF EXISTS hookline CASCADE; DROP OWNED BY plan_shop, plan_other, hookline_plans CASCADE; DROP TABLE plan_secrets;"
        server.run(made + "DROP ROLE plan_shop, plan_other, hookline_plans", is_script=True)
