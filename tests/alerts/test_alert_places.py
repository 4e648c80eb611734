"""Where the links of an alert lead."""

from __future__ import annotations

import pytest

from alerts.making import S, rule_of
from hookline_collector.alerts.alert import Alert, Evidence, Witness, labels_of
from hookline_collector.alerts.alert_places import places_of, witness_path

BEGUN = 1_800_000_000 * S
TRACE, SPAN = "0a" * 16, "0b" * 8


@pytest.mark.parametrize(
    ("keys", "labels", "page"),
    [
        ("session: permission_s", {"project": "shop"}, "/live?{around}&var.project=shop"),
        ("span: execute_tool\nby: {tool: gen_ai.tool.name}", {"tool": "Bash"}, "/latency?{around}&var.tool=Bash"),
        ("metric: process.memory.usage", {}, "/resources?{around}"),
        ("metric: x\nfilter: {scope: hookline.databases}\nby: {db: hookline.db.name}", {"db": "a&b"}, "/databases?{around}&var.database=a%26b"),
        ("log: x\nfilter: {scope: hookline.services}\nby: {who: service.name}", {"who": "till"}, "/services?{around}&var.service=till"),
        ("sql: SELECT 1 AS value\nlabels: {component: database}", {}, "/databases?{around}"),
        ("sql: SELECT 1 AS value", {"who": "x"}, "/alerts?{around}"),
    ],
)
def test_a_panel_shows_what_is_measured_of_what_the_alert_is_about(keys: str, labels: dict[str, str], page: str) -> None:
    """An hour before and after the breach began."""
    rule = rule_of(f"{keys}\nabove: 1")
    alert = Alert(labels_of(labels), rule.origin, active_at_ns=BEGUN)
    around = f"from={BEGUN // 10**6 - 3_600_000}&to={BEGUN // 10**6 + 3_600_000}"
    assert places_of(rule, alert, {}, Evidence())["panel"] == page.format(around=around)


def test_what_is_worst_leads_to_its_session_or_its_request() -> None:
    """Where there is a page of it."""
    assert witness_path(Witness("span", "execute_tool", 1.0, 1, "s 1", TRACE, SPAN)) == "/sessions/s%201"
    assert witness_path(Witness("log", "hookline.slow_request", 1.0, 1, "", TRACE, SPAN)) == f"/requests/{TRACE}:{SPAN}"
    assert witness_path(Witness("metric", "http.server.request.duration", 1.0, 1, "", TRACE, SPAN)) == f"/requests/{TRACE}:{SPAN}"
    assert witness_path(Witness("metric", "http.server.request.duration", 1.0, 1)) == ""
    assert witness_path(Witness("span", "anything", 1.0, 1, "", TRACE, SPAN)) == ""
