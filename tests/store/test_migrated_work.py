"""A database of the landed version (migrations up to 0016), with work in it, is brought along and its figures corrected from what it holds."""

from collections.abc import Iterator
from typing import Any

import pytest

from hookline.contract.scopes import CLAUDE_NATIVE_SCOPE_PREFIX
from hookline_collector.store import Store
from hookline_collector.store.backends import Pool
from hookline_collector.store.insert import insertion
from hookline_collector.store.rows import JSON_SETTINGS
from hookline_collector.store.schema.migrations import bring_up, migrations
from hookline_collector.store.store import _Session
from hookline_collector.work import ReportRequest, report
from support.agent_records import T0, call, event, native_event, native_span, send, turn, wait
from support.soaking import share
from support.stores import definitions, open_store, store_settings

pytestmark = pytest.mark.long
LANDED = 16
NATIVE = f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"
GUESSED: dict[str, Any] = {"hookline__closed_by": "next_prompt", "hookline__outcome": "interrupted"}
TURNS = "SELECT prompt_id, toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started), outcome, evidence FROM told_turns ORDER BY started"


@pytest.fixture(scope="module", params=["raw telemetry kept", "raw telemetry gone"][: share(1, 2, 2)])
def migrated(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Give a store whose rows the landed version wrote, after the migrations. That version knew only the way of the views."""
    settings = store_settings("embedded")
    store = Store(settings)
    pool = Pool(store._backend, 1, "system", JSON_SETTINGS)
    with store._client(pool) as client:
        bring_up(_Session(client, store._backend), settings.store, [migration for migration in migrations() if migration.version <= LANDED])
    pool.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insertion, "direct_rows", lambda signal, payload: None)
        _work(store)
    if request.param == "raw telemetry gone":
        for table in ("otel_traces", "otel_logs"):
            store.command(f"TRUNCATE TABLE {table}")
    assert store.migrate()[0] == "0017_evidence"
    yield store
    store.command(f"DROP DATABASE `{store.database}` SYNC")
    store.close()


def _work(store: Store) -> None:
    interaction = native_span("claude_code.interaction", "i", 0, 26.1)
    send(store, [event("session.start", -5), turn(0, 0.41, **GUESSED), call("toolu_c1", 0.3, 0.3, hookline__tool__run_ms=0, **GUESSED)])
    send(store, [turn(100, 160, prompt="p2"), wait("toolu_c2", 110, 140, prompt="p2"), call("toolu_c2", 140, 150, prompt="p2")])
    send(store, [turn(200, 210, prompt="p3", hookline__prompt__source="task_notification")])
    ended = native_event("tool_result", 25.81, duration_ms=25_510, tool_name="Bash", tool_use_id="toolu_c1", success="false")
    prompted = native_event("user_prompt", 0, span_id=f"{interaction.span_id:016x}")
    send(store, [interaction, prompted, ended], scope=NATIVE)


def test_rows_of_the_landed_version_are_graded_by_what_closed_them(migrated: Store) -> None:
    """The guessed 0.41 s yields to the 26.1 s that native telemetry had stored beside it; what was observed stays as it was."""
    rows = [tuple(row) for row in migrated.query(TURNS)]
    assert rows == [
        ("p1", 26_100_000_000, "interrupted", "observed"),
        ("p2", 60_000_000_000, "success", "observed"),
        ("p3", 10_000_000_000, "success", "observed"),
    ]
    calls = migrated.query("SELECT call_id, run_s, wait_s, outcome, evidence FROM told_tool_calls ORDER BY requested").rows
    assert calls == (("toolu_c1", 25.51, 0, "failure", "observed"), ("toolu_c2", 10, 30, "success", "observed"))
    answer = report(migrated.query, ReportRequest("2026-09-21"), T0)
    assert (answer.totals.prompts, round(answer.totals.agent_s, 3), answer.totals.permission_wait_s) == (2, 26.1 + 30 + 10, 30)
    assert answer.totals.human_s == 5 + (100 - 26.1) + 30


def test_what_was_brought_along_is_what_the_other_tests_begin_with(migrated: Store) -> None:
    """Definition by definition; every migration is recorded, in order, and a second start has nothing to do."""
    migrated.apply_retention()
    made = open_store("embedded")
    try:
        assert migrated.query("SELECT version FROM schema_migrations ORDER BY version").rows == tuple((m.version,) for m in migrations())
        assert migrated.migrate() == made.migrate() == []
        assert definitions(migrated) == definitions(made)
    finally:
        made.command(f"DROP DATABASE `{made.database}` SYNC")
        made.close()


def test_telling_the_rest_after_the_migration_changes_nothing_that_was_told(migrated: Store) -> None:
    """The same spans again, as a relay repeats them over an update, are the same rows; every file can run twice."""
    before = migrated.query(TURNS).rows
    send(migrated, [turn(0, 0.41, **GUESSED), turn(100, 160, prompt="p2")])
    migrated.command("TRUNCATE TABLE schema_migrations")
    assert len(migrated.migrate()) == len(migrations())
    assert migrated.query(TURNS).rows == before
