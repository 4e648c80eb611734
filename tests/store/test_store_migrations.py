"""Migrations bring a database up, once, from wherever it stands; the settings' TTL follows them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hookline.errors import ConfigInvalid, HooklineError
from hookline.settings.schema import RetentionSettings, StoreSettings
from hookline_collector.store import Store
from hookline_collector.store.schema.migrations import Migration, bring_up, migrations, pending, placeholders, split
from hookline_collector.store.schema.retention import retain
from hookline_collector.store.store import _Session
from support.cases import with_each
from support.stores import EMBEDDED_FIRST, Kind, definitions, open_store, store_settings
from support.template import FOR_EVER


@pytest.mark.middle
@pytest.mark.parametrize("kind", EMBEDDED_FIRST)
def test_each_migration_runs_once_and_makes_what_the_other_tests_begin_with(kind: Kind) -> None:
    """Recorded in order; a second start has nothing to do; and a database that is made after the template is the same, definition by definition."""
    migrated, made = Store.open(store_settings(kind)), open_store(kind)
    try:
        assert migrated.query("SELECT version FROM schema_migrations ORDER BY version").rows == tuple((m.version,) for m in migrations())
        assert migrated.migrate() == made.migrate() == []
        assert definitions(made) == definitions(migrated)
    finally:
        for opened in (migrated, made):
            opened.command(f"DROP DATABASE IF EXISTS {opened.database} SYNC")
            opened.close()


@pytest.fixture(scope="module", params=EMBEDDED_FIRST)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store on a fresh database, dropped afterwards. Its tests leave the migrations as they are, and find any retention."""
    opened = open_store(request.param)
    yield opened
    opened.command(f"DROP DATABASE IF EXISTS {opened.database} SYNC")
    opened.close()


def record_all(store: Store) -> None:
    """Leave all migrations recorded, and no others."""
    store.command("TRUNCATE TABLE schema_migrations")
    done = ", ".join(f"({each.version}, '{each.name}')" for each in migrations())
    store.command(f"INSERT INTO schema_migrations (version, name) VALUES {done}")


def run(store: Store, *known: Migration) -> list[str]:
    with store._client(store._own) as client:
        return [done.name for done in bring_up(_Session(client, store._backend), store._settings.store, (*migrations(), *known))]


def test_a_migration_that_broke_in_the_middle_runs_again_from_its_start(store: Store) -> None:
    """The message names the file; the statements before the break can be repeated."""
    good = "CREATE TABLE IF NOT EXISTS ${database}.a (x UInt8) ENGINE = MergeTree ORDER BY x;\n"
    with pytest.raises(HooklineError, match="9000_new failed"):
        run(store, Migration(9000, "9000_new", good + "CREATE TABLE ${database}.b (x Nonsense) ENGINE = Memory;\n"))
    assert run(store, Migration(9000, "9000_new", good + "CREATE TABLE IF NOT EXISTS ${database}.b (x UInt8) ENGINE = Memory;\n")) == ["9000_new"]
    assert run(store, Migration(9000, "9000_new", "")) == []
    store.command("DROP TABLE a SYNC")
    store.command("DROP TABLE b SYNC")
    record_all(store)


@pytest.mark.middle
def test_every_migration_can_be_run_twice(store: Store) -> None:
    """A crash between the last statement and the record repeats all of a file."""
    store.command("TRUNCATE TABLE schema_migrations")
    assert len(store.migrate()) == len(migrations())


def test_a_database_of_a_newer_version_is_refused(store: Store) -> None:
    """With both versions in the message; nothing is changed."""
    store.command("INSERT INTO schema_migrations (version, name) VALUES (9999, 'future')")
    with pytest.raises(ConfigInvalid, match=r"9999.*newer Hookline"):
        Store.open(store._settings)
    record_all(store)


def test_a_failed_statement_names_no_placeholder_that_does_not_exist() -> None:
    """A typo in a file is found before anything runs."""
    with pytest.raises(KeyError):
        Migration(1, "x", "SELECT ${typo};").statements(placeholders(StoreSettings()))


@with_each("name", ["", "a b", "a`b", "a;b", "1a", "a" * 65, "a.b", "ä", "'"])
def test_only_plain_names_stand_in_statements(name: str) -> None:
    """Identifiers come from the settings, so they are checked, with the key in the message."""
    with pytest.raises(ConfigInvalid, match=r"store\.database"):
        placeholders(StoreSettings(database=name))
    if name:
        with pytest.raises(ConfigInvalid, match=r"store\.cluster"):
            placeholders(StoreSettings(cluster=name))


def test_on_a_cluster_every_table_is_created_everywhere_and_replicated() -> None:
    """No statement forgets the cluster, no MergeTree is local, and replicated tables remember tokens by their own setting."""
    values = placeholders(StoreSettings(cluster="main"))
    statements = [statement for migration in migrations() for statement in migration.statements(values)]
    for statement in statements:
        if statement.startswith(("CREATE", "ALTER", "DROP")):
            assert "ON CLUSTER `main`" in statement, statement[:100]
        if "MergeTree" in statement:
            assert "ENGINE = Replicated" in statement
            assert "non_replicated" not in statement
    assert sum("ENGINE = Replicated" in statement for statement in statements) >= 9


def test_on_one_server_no_statement_mentions_a_cluster() -> None:
    """Plain MergeTree tables which remember tokens."""
    for migration in migrations():
        for statement in migration.statements(placeholders(StoreSettings())):
            assert "CLUSTER" not in statement
            assert "Replicated" not in statement
            if "MergeTree" in statement:
                assert "non_replicated_deduplication_window" in statement


def test_versions_are_unique_and_every_statement_says_what_it_answers() -> None:
    """The files' own rules: numbers once, a comment above each statement, nothing that cannot be repeated."""
    assert len({migration.version for migration in migrations()}) == len(migrations())
    for migration in migrations():
        blocks = [block.strip() for block in migration.text.split(";\n") if block.strip()]
        assert all(block.startswith("--") for block in blocks), migration.name
        for statement in migration.statements(placeholders(StoreSettings())):
            assert not statement.startswith("CREATE") or "IF NOT EXISTS" in statement or "OR REPLACE" in statement, statement[:80]


def test_statements_are_cut_at_the_ends_of_lines() -> None:
    """A semicolon inside a line, such as in a string, cuts nothing."""
    assert split("SELECT ';' AS a,\n 1;\nSELECT 2;\n\n") == ["SELECT ';' AS a,\n 1", "SELECT 2"]


def test_what_is_pending_is_what_was_not_recorded() -> None:
    """Also a file that came with a number below the newest."""
    files = [Migration(number, str(number), "") for number in (1, 2, 3)]
    assert [m.version for m in pending([1, 3], files)] == [2]


@pytest.mark.long
def test_retention_follows_the_settings(store: Store) -> None:
    """Set, changed, taken away; a second run changes nothing."""
    settings = store._settings

    def ttl(table: str) -> str:
        engine: str = store.query(f"SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = '{table}'").scalar()
        return engine.partition(" TTL ")[2].partition(" SETTINGS")[0]

    retain(store, replace(settings, retention=FOR_EVER))
    assert ttl("otel_traces") == ""
    kept = replace(settings, retention=RetentionSettings(traces_days=90, logs_days=30, metrics_days=7, derived_days=730))
    changed = retain(store, kept)
    assert {"otel_traces", "otel_logs", "otel_metrics_gauge", "tool_calls_state", "sessions_state"} <= set(changed)
    assert ttl("otel_traces") == "toDateTime(Timestamp) + toIntervalDay(90)"
    assert retain(store, kept) == []
    shorter = replace(kept, retention=replace(kept.retention, logs_days=3, traces_days=0))
    assert retain(store, shorter) == ["otel_traces", "otel_traces_trace_id_ts", "otel_logs", "requests_state", "request_statements"]
    assert (ttl("otel_traces"), ttl("otel_logs")) == ("", "toDateTime(Timestamp) + toIntervalDay(3)")


def test_every_table_that_holds_rows_has_a_retention(store: Store) -> None:
    """A table that nobody thought of would grow for ever."""
    retain(store, replace(store._settings, retention=RetentionSettings()))
    names = store.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND engine_full NOT LIKE '% TTL %'"
    )
    assert {name for (name,) in names} <= {"schema_migrations", "prices", "corrections_state"}  # what people wrote by hand is kept


@pytest.mark.long
def test_rows_past_their_time_go(store: Store) -> None:
    """By whole days, when the engine next looks."""
    retain(store, replace(store._settings, retention=FOR_EVER))
    store.command("INSERT INTO otel_logs (Timestamp, Body) VALUES ('2025-01-01 00:00:00', 'old'), (now(), 'new')")
    retain(store, replace(store._settings, retention=RetentionSettings(logs_days=30)))
    store.command("OPTIMIZE TABLE otel_logs FINAL")
    assert store.query("SELECT Body FROM otel_logs").rows == (("new",),)
