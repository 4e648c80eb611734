"""`hookline services`, `slow` and `db …`: what they print of what the API tells."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from hookline.cli import db, db_explain, db_report, db_statements, services, slow
from hookline.contract.fields import FIELDS

SERVICE = {
    "service": "shop", "route": "/cart", "method": "GET", "served_requests": 12_345, "failed_requests": 12, "failed_percent": 0.1,
    "request_rate": 3.4, "total_s": 500.0, "mean_s": 0.04, "p50_s": 0.03, "p95_s": 0.2, "p99_s": 1.5, "known_by": "metrics", "versions": ["1.4"],
}  # fmt: skip
REQUEST = {
    "request_id": "00000000000000000000000000000abc:0000000000000abc", "started": "2026-09-21T15:00:00.000Z", "service": "shop", "method": "GET",
    "route": "/cart", "response_status": "200", "duration_s": 1.2, "db_calls": 25, "db_s": 0.9, "repeated_calls": 24, "kept_because": "limit",
    "version": "1.4", "host": "web", "instance": "", "loop_lag_s": 0.01, "gc_s": 0.02,
}  # fmt: skip
CALL = {
    "at_s": 0.01, "duration_s": 0.5, "kind": "db", "summary": "SELECT items", "statement_hash": "feedface", "file": "shop/cart.py", "line": 77,
    "function": "load", "error": "",
}  # fmt: skip
STATEMENT = {
    "statement_hash": "feedface", "share_percent": 41.0, "total_s": 90.0, "calls": 1000, "mean_s": 0.09, "max_s": None, "result_rows": 3000,
    "blocks_read": 70, "active_sessions": 0.5, "wait_class": "io", "summary": "", "query_text": "select *\nfrom items where id = ?",
}  # fmt: skip
PLAN = {
    "plan_hash": "aaaa", "database": "shop-db", "first": "2026-09-20T15:00:00.000Z", "last": "2026-09-21T15:00:00.000Z", "plan_source": "generic",
    "plan_cost": 1234.0, "query_text": "select ?",
    "plan": json.dumps([{"Plan": {"Node Type": "Nested Loop", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "items", "Total Cost": 8.5}]}}]),
}  # fmt: skip
VERDICT = {
    "started": "2026-09-21T15:00:00.000Z", "ended": None, "verdict_class": "lock", "summary": "5 sessions wait", "share_percent": 71.0,
    "certainty_percent": 95.0, "excluded": {"cpu": "1 of 4 cores"}, "next_step": "end session 7",
    "called_by": [{"service": "shop", "calls": 1203, "total_s": 41.0}],
}  # fmt: skip
WHOLE = {
    "totals": {"database": "shop-db", "active_sessions": 3.2, "cores": 4.0},
    "waits": [{"wait_class": "cpu", "wait_event": "", "active_sessions": 2.0, "share_percent": 62.5}],
    "verdicts": [VERDICT],
    "statements": [STATEMENT],
}
BLOCKER = {
    "started": "2026-09-21T15:00:00.000Z", "pid": 7, "session_state": "idle in transaction", "application": "admin", "summary": "", "waiters": 5,
    "waited_s": 44.0,
}  # fmt: skip
FORECAST: dict[str, Any] = {
    "forecast_of": "room on the disk",
    "earliest": "2026-09-22T15:00:00.000Z",
    "latest": None,
    "expected": None,
    "labels": {},
    "horizon_s": 129_600.0,
}
ANSWERS: dict[str, Any] = {
    "/api/v1/services": {"services": [SERVICE]},
    "/api/v1/services/shop": {"routes": [SERVICE], "slower_routes": [{"summary": "GET /cart takes 30.0 ms since about 15:00 UTC"}]},
    "/api/v1/services/shop/slow": {"slow_requests": [REQUEST]},
    f"/api/v1/requests/{REQUEST['request_id'].replace(':', '%3A')}": {  # type: ignore[attr-defined]
        "request": REQUEST,
        "database_calls": [CALL],
        "calls_left_out": 3,
        "repeated": [{"calls": 24, "summary": "SELECT items", "file": "shop/cart.py", "line": 77}],
        "samples": [],
    },
    "/api/v1/databases": {"databases": [{"database": "shop-db", "active_sessions": 3.0}]},
    "/api/v1/databases/shop-db": WHOLE,
    "/api/v1/databases/shop-db/statements": {"statements": [STATEMENT]},
    "/api/v1/databases/shop-db/plans": {"plans": [PLAN]},
    "/api/v1/databases/shop-db/locks": {"blockers": [BLOCKER]},
    "/api/v1/databases/shop-db/forecasts": {"forecasts": [FORECAST]},
}


class Told:
    """A collector that has the answers above, or none."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def get(self, path: str) -> Any:
        """Answer."""
        self.asked.append(path)
        found = self.answers.get(urlsplit(path).path)
        return json.loads(json.dumps(found)) if found is not None else {"services": [], "databases": []}


def run(monkeypatch: pytest.MonkeyPatch, module: Any, *words: str, answers: dict[str, Any] | None = None) -> tuple[Result, Told]:
    """Run a command against such a collector."""
    collector = Told(ANSWERS if answers is None else answers)
    monkeypatch.setattr(module, "client_for", lambda *_: collector)
    return CliRunner().invoke(module.command, list(words), obj={}, catch_exceptions=False), collector


def test_services_are_shown_with_their_percentiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """All, or the routes of one."""
    shown, asked = run(monkeypatch, services, "--since", "2h")
    assert all(word in shown.output for word in ("shop", "12,345", "0.1 %", "200 ms", "1.50 s", "metrics"))
    assert parse_qs(urlsplit(asked.asked[0]).query) == {"period": ["2h"]}
    of_shop = run(monkeypatch, services, "shop")[0].output
    assert "/cart" in of_shop
    assert of_shop.endswith("Slower: GET /cart takes 30.0 ms since about 15:00 UTC\n")
    assert "hookline.instrument(app)" in run(monkeypatch, services, answers={})[0].output


def test_slow_requests_are_shown_and_one_with_where_its_calls_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of its name is enough to ask for one; a query in a loop is called that."""
    assert "/cart" in run(monkeypatch, slow)[0].output
    one = run(monkeypatch, slow, "abc")[0].output
    assert all(word in one for word in ("SELECT items", "shop/cart.py:77", "at least 24 times", "a query in a loop", "3 calls more"))
    assert json.loads(run(monkeypatch, slow, "--format", "json")[0].output)[0]["route"] == "/cart"


def test_statements_are_shown_by_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """With their text where they have no summary."""
    shown, asked = run(monkeypatch, db_statements, "--by", "load")
    assert all(word in shown.output for word in ("shop-db", "feedface", "41 %", "select"))
    assert "order=load" in asked.asked[1]
    assert "shop-db" in run(monkeypatch, db_statements, "--format", "csv")[0].output


def test_a_report_says_what_was_found_who_held_others_up_and_what_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what it was not."""
    text = run(monkeypatch, db_report)[0].output
    words = (
        "3.2 sessions at work on average over 24h (",
        ", 3.0 in the last 5 minutes on 4 cores",
        "5 sessions wait",
        "95 % sure",
        "not cpu: 1 of 4 cores",
        "next: end session 7",
        "called by shop (1,203 calls, 41",
    )
    assert all(word in text for word in (*words, "process 7: 5 waited", "idle in transaction admin", "room on the disk", "feedface"))
    assert "hookline databases" in run(monkeypatch, db_report, answers={})[0].output


def test_stored_plans_are_drawn_as_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is no JSON as it came; where there is none it says so."""
    text = run(monkeypatch, db_explain, "feedface")[0].output
    assert "Nested Loop\n  -> Seq Scan  relation name items  (cost 8.5, rows 0)" in text
    assert "cost 1,234" in text
    assert list(db_explain.tree("Seq Scan on t\n  Filter: x")) == ["Seq Scan on t", "  Filter: x"]
    assert "No plan of nobody" in run(monkeypatch, db_explain, "nobody", answers={"/api/v1/databases": {"databases": []}})[0].output


def test_tables_and_csv_have_the_words_of_the_api() -> None:
    """With a heading each."""
    tables = (*services.COLUMNS, *services.ROUTES, *slow.COLUMNS, *db_statements.COLUMNS)
    assert {*tables, *services.SHEET, *slow.SHEET, *db_statements.SHEET} <= set(FIELDS)
    assert [name for name in tables if not FIELDS[name].heading] == []


def test_the_group_lists_its_commands_without_importing_them() -> None:
    """Help stays quick."""
    shown = CliRunner().invoke(db.command, ["--help"])
    assert all(name in shown.output for name in ("report", "statements", "explain"))
