"""Numbered SQL files bring a database from any older version to this one.

`sql/migrations/NNNN_name.sql` holds statements, each ended by a `;` at the end of a line, with whole-line `--` comments that say what
a statement answers. They contain only the placeholders of `placeholders()`, never input. ClickHouse has no transactions around
its DDL, so each statement can be repeated (IF NOT EXISTS, ADD COLUMN IF NOT EXISTS, ...): a file is recorded in
`schema_migrations` when all its statements ran, and one that was cut off in the middle runs again from its start.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Protocol

from clickhouse_connect.driver.exceptions import Error as ClickHouseError

from hookline.errors import ConfigInvalid, HooklineError
from hookline.settings.schema import StoreSettings
from hookline_collector.store.faults import clean
from hookline_collector.store.rows import Rows

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_APPLIED = "SELECT DISTINCT version FROM {database}.schema_migrations"
_RECORD = "INSERT INTO {database}.schema_migrations (version, name) VALUES ({version}, '{name}')"
_COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)

FRAGMENTS = (
    "functions",
    "tool_kind_by_name",
    "value",
    "attributes",
    "plain_functions",
    "plain_attributes",
    "exemplars",
    "metric_columns",
    "metric_exemplars",
    "metric_layout",
    "metric_common",
    "metric_exemplars_common",
    "metric_shared",
    "agent_spans_columns",
    "agent_spans_scope",
    "agent_spans",
    "agent_logs_columns",
    "agent_logs_scope",
    "agent_logs",
    "database_name",
    "record_numbers",
    "wait_class",
    "db_samples_columns",
    "db_locks_columns",
    "db_statements_columns",
    "db_plans_columns",
    "db_relations_columns",
    "db_verdicts_columns",
    "requests_of_spans_columns",
    "requests_of_logs_columns",
    "request_statements_columns",
    "metric_values_rolled",
    "gauge_values_told",
    "sum_values_told",
    "histogram_deltas_told",
    "histogram_values_told",
)
"""Pieces of SQL that migrations share, in `sql/fragments/`; each may use those before it."""
_MERGES_OF_SPANS = (
    "max_parts_to_merge_at_once = 16, min_parts_to_merge_at_once = 8, merge_selector_base = 10,"
    f" max_bytes_to_merge_at_max_space_in_pool = {256 << 20}, min_age_to_force_merge_seconds = 86400"
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    version: int
    name: str
    text: str

    def statements(self, values: dict[str, str]) -> list[str]:
        """Return the file's statements with the placeholders filled in. A placeholder that does not exist raises KeyError."""
        return split(Template(_COMMENT.sub("", self.text)).substitute(values))


def split(text: str) -> list[str]:
    """Return the statements of a text in which each ends with a `;` at the end of a line."""
    return [statement.strip() for statement in re.split(r";[ \t]*(?:\n|$)", text) if statement.strip()]


@cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations that came with this version, in order."""
    found = [
        Migration(int(match[1]), entry.name.removesuffix(".sql"), entry.read_text())
        for entry in files(__package__).joinpath("sql", "migrations").iterdir()
        if (match := _FILE_NAME.fullmatch(entry.name))
    ]
    return tuple(sorted(found, key=lambda migration: migration.version))


def placeholders(store: StoreSettings) -> dict[str, str]:
    """Return the closed set of placeholders that a migration may use.

    database: the quoted name. on_cluster: the clause or nothing. replicated: what stands before `MergeTree` in an engine's name.
    deduplication: the table setting that remembers insert tokens. merges_of_spans, merges_of_trace_times, tokens_kept: the table settings that say
    when parts are merged and how many tokens a table remembers, on a server as out of the box and as deduplication says. And each file of
    `sql/fragments/` by its name, such as functions: the lambdas text, strings and moment for a WITH. Raises ConfigInvalid for a name that is no
    identifier.
    """
    database = identifier("store.database", store.database)
    cluster = identifier("store.cluster", store.cluster) if store.cluster else ""
    values = {
        "database": f"`{database}`",
        "on_cluster": f"ON CLUSTER `{cluster}`" if cluster else "",
        "replicated": "Replicated" if cluster else "",
        "deduplication": _window(cluster, 10_000),
        "merges_of_spans": "max_parts_to_merge_at_once = 100" if store.url else _MERGES_OF_SPANS,
        "merges_of_trace_times": f"max_parts_to_merge_at_once = {100 if store.url else 40}",
        "tokens_kept": _window(cluster, 10_000 if store.url else 3_000),
    }
    for name in FRAGMENTS:
        values[name] = Template(_fragment(name)).substitute(values)
    return values


def _window(cluster: str, tokens: int) -> str:
    return f"{'replicated' if cluster else 'non_replicated'}_deduplication_window = {tokens}"


def identifier(key: str, name: str) -> str:
    """Return `name` if it is a plain identifier; raises ConfigInvalid otherwise, naming the setting."""
    if not _IDENTIFIER.fullmatch(name):
        raise ConfigInvalid([(key, f"{name!r} is not a valid name; use letters, digits and underscores, and do not begin with a digit")])
    return name


@cache
def _fragment(name: str) -> str:
    return _COMMENT.sub("", files(__package__).joinpath("sql", "fragments", f"{name}.sql").read_text()).strip()


def pending(applied: Iterable[int], known: Iterable[Migration]) -> list[Migration]:
    """Return what is still to run. Raises ConfigInvalid when the database holds a version that this program does not know."""
    done, known = set(applied), list(known)
    newest = max((migration.version for migration in known), default=0)
    if done and max(done) > newest:
        why = f"the database has schema version {max(done)}, but this Hookline knows only versions up to {newest}; install the newer Hookline again"
        raise ConfigInvalid([("store.database", why)])
    return [migration for migration in known if migration.version not in done]


def is_behind(session: "MigrationSession", store: StoreSettings) -> bool:
    """Whether a database that is there lacks a migration. Changes nothing; raises what the engine says where there is no database."""
    applied = session.read(_APPLIED.format(**placeholders(store)))
    return bool(pending((version for (version,) in applied), migrations()))


class MigrationSession(Protocol):
    """What runs statements."""

    def run(self, statement: str) -> None:
        """Run a statement that answers nothing."""

    def read(self, sql: str) -> Rows:
        """Answer a query."""

    def keep(self) -> None:
        """Keep a copy of the definitions as they are now."""


def bring_up(
    session: MigrationSession,
    store: StoreSettings,
    known: Iterable[Migration] | None = None,
    secure: Callable[[], None] = lambda: None,
    *,
    again: bool = False,
) -> list[Migration]:
    """Create the database and run what is pending; return what was run. What a migration did is settled before it counts as done.

    With `again` everything runs, as after a table was lost.

    Raises ConfigInvalid when the database is of a newer version, HooklineError when a statement fails, naming its file.
    """
    values = placeholders(store)
    for statement in split(Template(_COMMENT.sub("", _base())).substitute(values)):
        session.run(statement)
    applied = [version for (version,) in session.read(_APPLIED.format(**values))]
    known = migrations() if known is None else tuple(known)
    todo = pending(applied, known)
    if again:
        todo = list(known)
    for migration in todo:
        _run(session, migration, values, secure)
    return todo


def _run(session: MigrationSession, migration: Migration, values: dict[str, str], secure: Callable[[], None]) -> None:
    try:
        for statement in migration.statements(values):
            session.run(statement)
    except ClickHouseError as error:
        raise HooklineError(f"Migration {migration.name} failed: {clean(str(error))}") from error
    session.keep()
    secure()
    session.run(_RECORD.format(**values, version=migration.version, name=migration.name))


def _base() -> str:
    return files(__package__).joinpath("sql", "base.sql").read_text()
