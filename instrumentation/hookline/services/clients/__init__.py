"""The clients of databases: each is patched when it is imported, and asked for nothing while nothing is watched.

    call_timing            a function of a client with a clock around it
    query_plans            PostgreSQL's notices with plans, without literals
    psycopg_client, psycopg2_client, asyncpg_client, redis_client, clickhouse_http_client, clickhouse_native_client
    sqlalchemy_client      pools, and the drivers that are not among these

The driver's call is the truth: what SQLAlchemy does through a driver that is watched is counted there, once.
"""

from __future__ import annotations

import importlib
import logging
from functools import partial
from typing import Final

from hookline.services.import_watch import ImportWatch
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


def watch_clients(imports: ImportWatch, patches: Patches, options: ServiceOptions) -> None:
    """Patch every client, those that are imported already now and the others when they are."""
    for package, module in CLIENTS:
        imports.when_imported(package, partial(_patch, package, module, patches, options))


def _patch(package: str, module: str, patches: Patches, options: ServiceOptions) -> None:
    """Patch one. If its version is another than we know, that costs its spans and nothing else."""
    try:
        importlib.import_module(f"{__name__}.{module}").patch(patches, options)
    except Exception:
        LOG.warning("%s is not watched: this version of it is another than the ones we know", package, exc_info=True)
