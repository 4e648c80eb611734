"""By agent, and of one: half hours and runs answer as the stretches themselves do, and cost a person with one agent nothing."""

from dataclasses import asdict
from random import Random
from typing import Any

import pytest

from hookline.records import LogRecord, SpanRecord
from hookline_collector.store import Rows, Store
from hookline_collector.work import ReportRequest, WorkReport, WorkTotals, report
from hookline_collector.work.statements import statement
from hookline_collector.worked_out import worked_reading, working_out
from hookline_collector.worked_out.clock_reading import is_fine
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, event, requests_of, send, turn
from support.soaking import IS_WHOLE, share
from support.stores import derived_store as store
from support.told_at_once import insert
from support.told_worlds import world
from support.worked_figures import clock_differences
from support.worked_reports import requests_by_agent, rounded

__all__ = ["store"]
pytestmark = pytest.mark.long
NOW = T0 + 60_000 * S
MAIN: dict[str, Any] = {"hookline__project__name": "shop", "vcs__ref__head__name": "main"}
FIX: dict[str, Any] = {"hookline__project__name": "shop", "vcs__ref__head__name": "fix"}
BLOG: dict[str, Any] = {"hookline__project__name": "blog", "vcs__ref__head__name": "main"}


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(share(1, 3, 30)))
def test_half_hours_by_agent_say_what_stretches_say(store: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over histories of chance in which agents work side by side, some of them still, with everything that can narrow a question."""
    chance = Random(seed)
    told = world(chance, share(6, 8, 12), days=0.3)
    insert(store, [each for telling in told for each in requests_of(telling.records, telling.scope, telling.user, agent=telling.agent)])
    send(store, [event("session.start", 58_000, "s80"), event("hookline.prompt_submitted", 59_000, "s80", prompt="going-on", **MAIN)], agent="codex")
    send(store, [event("session.start", 58_000, "s81"), turn(59_100, 59_400, "s81", "beside", **FIX)])  # whatever chance made: two at once
    reading = WorkedReading(store.query, WorkedStore(store), lambda: NOW)
    query = reading.begin().query
    assert clock_differences(store) == []
    assert store.query("SELECT uniq(agent), max(mixed) FROM worked_clocks FINAL").rows == ((3, 1),)  # two agents, and what both did
    asked = requests_by_agent() if IS_WHOLE else chance.sample(requests_by_agent(), 2)
    found = [rounded(asdict(report(query, request, NOW))) for request in asked]
    monkeypatch.setattr(worked_reading, "is_fine", lambda _asked: False)
    assert found == [rounded(asdict(report(query, request, NOW))) for request in asked]


def test_two_agents_at_once_by_hand(store: Store) -> None:
    """Claude Code on shop/main from 0 to 600 s; Codex on shop/fix from 300 to 900 s, and alone on blog from 7,200 to 7,260 s.

    A person's 120 s before each prompt are the agent's that was asked; what overlaps counts once: agents from 0 to 900 s, work from -120 s on.
    """
    send(store, [event("session.start", -500, "c"), turn(0, 600, "c", "p1", **MAIN)])
    codex: list[SpanRecord | LogRecord] = [event("session.start", -500, "x"), turn(300, 900, "x", "p2", **FIX), turn(7_200, 7_260, "x", "p3", **BLOG)]
    send(store, codex, agent="codex")
    asked = statement("worked")
    read = WorkedReading(store.query, WorkedStore(store), lambda: NOW).begin().query

    def query(sql: str, parameters: Any) -> Rows:
        assert sql != asked or is_fine(parameters), "half hours are not asked"
        return read(sql, parameters)

    def asked_for(by: str, agent: str = "", project: str = "") -> WorkReport:
        return report(query, ReportRequest("2026-09-21..2026-09-22", by, agent=agent, project=project), NOW)

    def rows(found: WorkReport) -> dict[str, tuple[float, ...]]:
        return {row.key: _clocks(row) for row in (*found.rows, found.totals)}

    assert rows(asked_for("agent")) == {"claude-code": (120, 600, 600, 720), "codex": (240, 660, 660, 900), "": (360, 1_260, 960, 1_200)}
    of_shop = asked_for("agent", project="shop")
    assert rows(of_shop) == {"claude-code": (120, 600, 600, 720), "codex": (120, 600, 600, 720), "": (240, 1_200, 900, 1_020)}
    of_codex = asked_for("project", agent="codex")
    assert rows(of_codex) == {"shop": (120, 600, 600, 720), "blog": (120, 60, 60, 180), "": (240, 660, 660, 900)}
    assert [((block.start_ns - T0) / S, (block.end_ns - T0) / S, block.branches) for block in of_codex.blocks] == [
        (180, 900, ("fix",)),
        (7_080, 7_260, ("main",)),
    ]


def _clocks(row: WorkTotals) -> tuple[float, ...]:
    return row.human_s, row.agent_s, row.agent_once_s, row.wall_s


def test_who_works_with_one_agent_has_no_row_more(store: Store) -> None:
    """Each row says whose it is; only where several agents worked each has one of its own beside it."""
    count = "SELECT countIf(grain > 4), countIf(mixed = 1) FROM worked_clocks FINAL"
    runs = "SELECT countIf(of_agent = 1), countIf(mixed = 1), groupUniqArray(agent) FROM worked_spells FINAL"
    send(store, [event("session.start", -500, "c"), turn(0, 600, "c", "p1", **MAIN)])
    worked = WorkedStore(store)
    assert worked.catch_up(NOW)
    assert (store.query(count).rows, store.query(runs).rows) == (((0, 0),), ((0, 0, ["claude-code"]),))
    send(store, [turn(0, 600, "x", "p2", **FIX)], agent="codex")
    assert worked.catch_up(NOW)
    assert store.query("SELECT countIf(grain > 4) > 0, countIf(mixed = 1) > 0 FROM worked_clocks FINAL").rows == ((1, 1),)
    assert clock_differences(store) == []


def test_what_other_rules_worked_out_is_worked_out_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade: rows without an agent, and half hours that are no more."""
    send(store, [event("session.start", -500, "x"), turn(0, 600, "x", "p1", **MAIN)], agent="codex")
    with monkeypatch.context() as before:
        before.setattr(working_out, "RULES", working_out.RULES - 1)
        assert WorkedStore(store).catch_up(NOW)
    for table in ("worked_clocks", "worked_spells"):
        store.command(f"TRUNCATE TABLE {table}")
    store.command("ALTER TABLE worked_parts UPDATE agent = '', hash = 1 WHERE 1 SETTINGS mutations_sync = 2")
    assert WorkedStore(store).catch_up(NOW)
    assert store.query("SELECT DISTINCT agent FROM worked_parts FINAL").rows == (("codex",),)
    assert store.query("SELECT DISTINCT agent FROM worked_clocks FINAL").rows == (("codex",),)
    assert clock_differences(store) == []
