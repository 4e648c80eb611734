"""The SQL that makes the agent's role: what `hookline db setup` prints, for an administrator to read and run."""

from __future__ import annotations

from collections.abc import Sequence

CONNECTIONS = 3
"""Two that stay open, and one for what is asked of other databases or may have to wait."""


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"


def setup_sql(role: str, databases: Sequence[str] = (), *, extensions: Sequence[str] = ("pg_stat_statements",)) -> str:
    """Return statements that may be run again; run them as a superuser, in the database that the agent connects to."""
    name = quoted(role)
    lines = [
        f"DO $setup$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(role)}) THEN CREATE ROLE {name} LOGIN; END IF; END $setup$;",
        f"ALTER ROLE {name} CONNECTION LIMIT {CONNECTIONS};",
        f"GRANT pg_monitor TO {name};",
        f"ALTER ROLE {name} SET default_transaction_read_only = on;",
        *(f"GRANT CONNECT ON DATABASE {quoted(database)} TO {name};" for database in databases),
        *(f"CREATE EXTENSION IF NOT EXISTS {extension};" for extension in extensions),
    ]
    if "pg_stat_statements" in extensions:
        lines.append(f"ALTER ROLE {name} SET pg_stat_statements.track = 'none';")
    return "\n".join(lines) + "\n"
