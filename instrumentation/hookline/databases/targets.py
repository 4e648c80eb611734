"""Databases of the configuration as what can be watched: kind, address, credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from hookline.errors import ConfigInvalid
from hookline.settings.database_settings import DatabaseSettings, DatabasesSettings

POSTGRESQL, CLICKHOUSE = "postgresql", "clickhouse"
_SYSTEMS = {"postgresql": POSTGRESQL, "postgres": POSTGRESQL, "clickhouse": CLICKHOUSE, "http": CLICKHOUSE, "https": CLICKHOUSE}
_PORTS = {POSTGRESQL: 5432, CLICKHOUSE: 8123}


@dataclass(frozen=True, slots=True)
class DatabaseTarget:
    """One database to watch."""

    name: str
    system: str
    url: str
    address: str
    port: int
    password: str
    settings: DatabaseSettings

    @property
    def options(self) -> dict[str, str]:
        """Return what libpq is told beside the URL."""
        found = {"password": self.password} if self.password else {}
        return found | ({"passfile": self.settings.passfile} if self.settings.passfile else {})


def targets_of(settings: DatabasesSettings, environment: Mapping[str, str]) -> list[DatabaseTarget]:
    """Return what is configured. Raises ConfigInvalid with every problem."""
    problems: list[tuple[str, str]] = []
    found = [target for name, each in settings.named.items() if (target := _target(name, each, environment, problems)) is not None]
    if problems:
        raise ConfigInvalid(problems)
    return found


def _target(name: str, settings: DatabaseSettings, environment: Mapping[str, str], problems: list[tuple[str, str]]) -> DatabaseTarget | None:
    key = f"databases.{name}"
    try:
        parts = urlsplit(settings.url)
        port, password = parts.port, parts.password
    except ValueError as why:
        problems.append((f"{key}.url", f"it is no URL: {why}"))
        return None
    system = _SYSTEMS.get(parts.scheme)
    if system is None:
        problems.append((f"{key}.url", f"{settings.url!r} is not an address such as postgresql://hookline@db.example/shop or http://clickhouse:8123"))
        return None
    if password:
        problems.append(
            (f"{key}.url", 'leave the password out of the address: name a variable (password_env = "SHOP_PASSWORD") or a file (passfile)')
        )
        return None
    if settings.password_env and settings.password_env not in environment:
        problems.append((f"{key}.password_env", f"the variable {settings.password_env} is not set"))
        return None
    query = parse_qs(parts.query)
    address = parts.hostname or next(iter(query.get("host", ())), "") or "localhost"
    port = port or int(next(iter(query.get("port", ())), "0") or 0) or _PORTS[system]
    return DatabaseTarget(name, system, settings.url, address, port, environment.get(settings.password_env, ""), settings)
