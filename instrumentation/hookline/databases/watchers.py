"""What watches a database, by its kind."""

from __future__ import annotations

from typing import Protocol

from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.targets import CLICKHOUSE, DatabaseTarget
from hookline.settings.database_settings import DatabasesSettings


class DatabaseWatcher(Protocol):
    """What watches one database."""

    watch: DatabaseWatch

    async def run(self) -> None:
        """Watch until cancelled."""


def watcher_of(target: DatabaseTarget, watch: DatabaseWatch, settings: DatabasesSettings) -> DatabaseWatcher:
    """Return what watches it. Only the driver in use is imported."""
    if target.system == CLICKHOUSE:
        from hookline.databases.clickhouse.clickhouse_watch import ClickHouseWatch  # noqa: PLC0415

        return ClickHouseWatch(watch, target, settings)
    from hookline.databases.postgres.link import LinkTarget  # noqa: PLC0415
    from hookline.databases.postgres.postgres_watch import PostgresWatch, WatchRates  # noqa: PLC0415

    rates = WatchRates(
        settings.look_s,
        settings.busy_look_s,
        settings.interval_s,
        settings.statements_s,
        settings.relations_s,
        settings.sizes_s,
        settings.settings_s,
        settings.free_space_s,
        plans_s=settings.plans_s if target.settings.plans else 0.0,
        sequences_s=settings.sequences_s,
    )
    return PostgresWatch(watch, LinkTarget(target.url, target.options), rates, target.settings.databases, target.settings.cores)
