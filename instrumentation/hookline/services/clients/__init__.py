"""The clients of databases: each is patched where it is installed, and asked for nothing while nothing is watched.

    call_timing            a function of a client with a clock around it
    query_plans            PostgreSQL's notices with plans, without literals
    psycopg_client, psycopg2_client, asyncpg_client, redis_client, clickhouse_http_client, clickhouse_native_client
    sqlalchemy_client      pools, and the drivers that are not among these

The driver's call is the truth: what SQLAlchemy does through a driver that is watched is counted there, once.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from typing import Final

from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches

LOG: Final = logging.getLogger("hookline.services")
CLIENTS: Final = (
    ("psycopg", "psycopg_client"),
    ("psycopg2", "psycopg2_client"),
    ("asyncpg", "asyncpg_client"),
    ("redis", "redis_client"),
    ("clickhouse_connect", "clickhouse_http_client"),
    ("clickhouse_driver", "clickhouse_native_client"),
    ("sqlalchemy", "sqlalchemy_client"),
)
"""The package, and our module for it, which has `patch(patches, options)`."""


def patch_clients(patches: Patches, options: ServiceOptions) -> None:
    """Patch every client that is installed. One of a version that is another than we know costs its own spans and no start."""
    for package, module in CLIENTS:
        if importlib.util.find_spec(package) is None:
            continue
        try:
            importlib.import_module(f"{__name__}.{module}").patch(patches, options)
        except Exception:
            LOG.warning("%s is not watched: this version of it is another than the ones we know", package, exc_info=True)
