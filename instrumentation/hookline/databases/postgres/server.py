"""Who answers: the server's version, the role and what it may see, and the names behind numbers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache

from hookline.databases.database_events import shown
from hookline.databases.postgres.link import APPLICATION, PgLink
from hookline.databases.postgres.sql_files import statement

NAMES_AGAIN_S = 10.0
"""A number without a name is looked up so often at most."""


@dataclass(frozen=True, slots=True)
class PgServer:
    """What a server said of itself when a connection was opened."""

    version_number: int
    started_at: float
    role_id: int
    is_superuser: bool
    sees_all: bool
    is_standby: bool
    database: str
    backend_pid: int
    text_size: int
    data_directory: str
    connections: int
    may_be_here: bool

    @property
    def version(self) -> int:
        """The major version."""
        return self.version_number // 10_000

    @property
    def version_text(self) -> str:
        """The version as people write it, `15.18`."""
        return f"{self.version}.{self.version_number % 10_000}"

    def without_own(self, name: str) -> str:
        """Return a statement that leaves the agent's own sessions out: with the two values in it, which need not be bound each time."""
        return _without_own(name, self.version, self.role_id)


@cache
def _without_own(name: str, version: int, role_id: int) -> str:
    return statement(name, version).replace("%(role)s", str(int(role_id))).replace("%(application)s", f"'{APPLICATION}'")


async def read_server(link: PgLink) -> PgServer:
    """Ask who answers."""
    (row,) = await link.ask(statement("server", 13))
    number, started, role, is_super, sees_all, standby, database, pid, size, folder, connections, here = row
    return PgServer(number, started, role, is_super, sees_all, standby, database, pid, _bytes(size), folder or "", connections, bool(here))


def _bytes(shown: str) -> int:
    number = int("".join(filter(str.isdigit, shown)) or 0)
    return number * 1024 if shown.endswith("kB") else number


@dataclass(slots=True)
class PgNames:
    """Names of databases and roles, read again when a number is new."""

    databases: dict[int, str] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=dict)
    readable: tuple[str, ...] = ()
    _wants: bool = True
    _read_s: float = -1e9

    def database(self, number: int | None) -> str:
        """Return a database's name; empty for what belongs to none."""
        return self._named(self.databases, number)

    def role(self, number: int | None) -> str:
        """Return a role's name."""
        return self._named(self.roles, number)

    def _named(self, names: dict[int, str], number: int | None) -> str:
        if not number:
            return ""
        found = names.get(number)
        if found is None:
            self._wants = True
            return ""
        return found

    async def refresh(self, link: PgLink) -> None:
        """Read them where one was missing, not more than every few seconds."""
        if not self._wants:
            return
        now = time.monotonic()
        if now - self._read_s < NAMES_AGAIN_S:
            return
        self._wants, self._read_s = False, now
        rows = await link.ask(statement("names", 13))
        self.databases = {number: shown(name) for is_database, number, name, _ in rows if is_database}
        self.roles = {number: name for is_database, number, name, _ in rows if not is_database}
        self.readable = tuple(sorted(name for is_database, _, name, may in rows if is_database and may))
