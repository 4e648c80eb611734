"""What reports say of days that were added up, beside what the rows of the same days say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hookline.contract.groupings import GROUPINGS
from hookline_collector.store import Rows
from hookline_collector.work import ReportRequest
from hookline_collector.work.report import lengths_of
from hookline_collector.work.statements import Query, statement
from hookline_collector.worked_out.clock_reading import CLOCKS, UNIONS, is_fine
from hookline_collector.worked_out.flat_store import FlatStore
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S
from support.worked_reports import rounded

DAY_S = 86_400
LATER = T0 + 40 * DAY_S * S
NO_BLOCKS: Mapping[str, Any] = {"blocks": 0, "only_blocks": False, "block_days": [], "block_edges": [], "per_project": False, "max_blocks": 0}
COUNTED = ("calls", "prompts", "spend")
WHOLE = ReportRequest("2026-09-21..2026-09-30", timezone="UTC")
ASKED = [replace(WHOLE, by=by) for by in GROUPINGS]
ASKED += [replace(WHOLE, by=by, timezone="Europe/Berlin", agent=agent) for by, agent in (("day", ""), ("project", "codex"), ("hour", "codex"))]
ASKED += [
    replace(WHOLE, by="day", timezone="Asia/Kathmandu"),
    replace(WHOLE, user="ana"),
    replace(WHOLE, period="2026-09-22T10:10..2026-09-28T11:00"),
]


def told(out: WorkedStore, ask: Query, requests: Sequence[ReportRequest]) -> dict[str, Any]:
    """Return what is counted by everything that a report can be by."""
    query = WorkedReading(ask, out, lambda: LATER).begin().query
    found: dict[str, Any] = {}
    for request in requests:
        parameters = request.parameters(request.resolve(LATER), LATER)
        for name in COUNTED:
            rows = query(statement(name), parameters).as_dicts()
            found[f"{name} of {request}"] = sorted(str(rounded({**row, **_known(row)})) for row in rows if not _is_nothing(row))
        if is_fine(parameters):
            found |= time_told(query, request, parameters)
    return found


def time_told(query: Query, request: ReportRequest, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the clocks and the lengths of blocks that a report tells. Totals stand in any of the rows of clocks."""
    clocks = query(statement("worked"), {**parameters, **NO_BLOCKS}).as_dicts()
    return {
        f"clocks of {request}": sorted(str([row["key"], *(row[name] for name in CLOCKS)]) for row in clocks),
        f"clocks of all of {request}": {name: round(sum(row[name] for row in clocks), 6) for name in UNIONS.values()},
        f"lengths of {request}": sorted(list(row) for row in lengths_of(query, request, parameters) if row[2]),
    }


def _is_nothing(row: dict[str, Any]) -> bool:
    """Whether it is a total of nothing, which some statements tell and others leave out."""
    return bool(row.get("is_total")) and not any(row.get(name) for name in ("prompts", "requests"))


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """Quantiles of nothing are nothing, however it is written."""
    if "part" not in row:
        return {}
    return {"run_quantiles_s": None if row["part"] < 2 or row["tool_calls"] == row["denials"] else row["run_quantiles_s"]}


def differences(store: FlatStore, out: WorkedStore, requests: Sequence[ReportRequest] = ASKED, *, is_added_up: bool = True) -> dict[str, Any]:
    """Return where what was added up, and what of it is read, is another than the rows. `is_added_up`: some of it must be read."""
    asked: list[str] = []

    def ask(sql: str, parameters: Mapping[str, Any]) -> Rows:
        asked.append(sql)
        return store.query(sql, parameters)

    found, expected = told(out, ask, requests), told(WorkedStore(store), store.query, requests)
    assert not is_added_up or any("worked_days" in sql for sql in asked)
    return {name: (found[name], answer) for name, answer in expected.items() if found[name] != answer}
