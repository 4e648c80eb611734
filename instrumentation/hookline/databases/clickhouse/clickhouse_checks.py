"""What the agent can see of a ClickHouse server: the same questions that it asks all day, with what their absence costs."""

from __future__ import annotations

import time

from hookline.databases.clickhouse.clickhouse_rows import SQL
from hookline.databases.clickhouse.http_link import ClickHouseLink
from hookline.databases.targets import DatabaseTarget
from hookline.databases.troubles import LinkLost, NotNow, NotVisible
from hookline.databases.visible_part import VisiblePart

_PARTS = {
    "processes": ("sessions", "nobody knows what runs", "GRANT SELECT ON system.processes TO {user}"),
    "levels": ("figures", "no memory, no merges", "GRANT SELECT ON system.metrics TO {user}"),
    "parts": ("parts", "parts that pile up are not seen", "GRANT SELECT ON system.parts TO {user}"),
    "merges": ("merges", "merges that stall are not seen", "GRANT SELECT ON system.merges TO {user}"),
    "mutations": ("mutations", "mutations that fail are not seen", "GRANT SELECT ON system.mutations TO {user}"),
    "replicas": ("replicas", "replicas that are late are not seen", "GRANT SELECT ON system.replicas TO {user}"),
    "errors": ("errors", "errors are not counted", "GRANT SELECT ON system.errors TO {user}"),
    "detached": ("detached parts", "parts put aside are not counted", "GRANT SELECT ON system.detached_parts TO {user}"),
    "statements": (
        "statements",
        "no figures of queries",
        "GRANT SELECT ON system.query_log TO {user}; and <query_log> in the server's configuration",
    ),
}


async def check_clickhouse(target: DatabaseTarget) -> list[VisiblePart]:
    """Return what is to be seen, beginning with the connection; alone where there is none."""
    link = ClickHouseLink(target.url, target.password)
    try:
        try:
            ((version, user),) = await link.ask(SQL["version"])
        except (LinkLost, NotVisible, NotNow) as why:
            return [VisiblePart("connection", "no", str(why), "nothing is seen", "CREATE USER hookline; GRANT SELECT ON system.* TO hookline")]
        return [VisiblePart("connection", "yes", f"ClickHouse {version} as {user}"), *[await _part(link, name, str(user)) for name in _PARTS]]
    finally:
        link.close()


async def _part(link: ClickHouseLink, name: str, user: str) -> VisiblePart:
    part, costs, opens = _PARTS[name]
    now = int(time.time())
    try:
        rows = await link.ask(SQL[name], {"since": now - 60, "until": now} if name == "statements" else None)
    except (LinkLost, NotVisible, NotNow) as why:
        return VisiblePart(part, "no", str(why), costs, opens.format(user=user))
    return VisiblePart(part, "yes", f"{len(rows)} rows")
