"""Dashboards over the API of a running collector: what they are, what their panels show, and what a wrong question gets."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema  # type: ignore[import-untyped,unused-ignore]
import pytest

from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_answer import ANSWER_SCHEMA
from support.person import new_person
from support.running import Running, start_collector, wait_for

pytestmark = pytest.mark.long


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Panels:
    """Asks the dashboards of a running collector."""

    running: Running

    def ask(self, path: str, **headers: str) -> Reply:
        """Get one path under the dashboards'."""
        connection = http.client.HTTPConnection(self.running.found.http, timeout=20)
        try:
            given = {"Authorization": f"Bearer {self.running.client.token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
            connection.request("GET", f"/api/v1/dashboards{path}", headers=given)
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def panels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panels]:
    """Give the dashboards of a collector that wrote its own metrics twice."""
    running = start_collector(new_person(tmp_path_factory.mktemp("panels")), {"HOOKLINE_COLLECTOR_SELF_METRICS_S": "1"})
    wait_for(
        lambda: running.query("SELECT uniq(TimeUnix) AS n FROM otel_metrics_gauge WHERE MetricName = 'hookline.collector.store_parts'")[0]["n"] > 1
    )
    yield Panels(running)
    running.kill()


def test_dashboards_are_listed(panels: Panels) -> None:
    """With what they are about."""
    listed = panels.ask("").json()["dashboards"]
    assert [each["uid"] for each in listed] == list(built_dashboards())
    assert all(each["title"] and each["description"] and each["tags"] == ["hookline"] for each in listed)


def test_a_dashboard_comes_as_it_was_built_and_only_once(panels: Panels) -> None:
    """Who has it is told so."""
    first = panels.ask("/hookline-collector")
    assert first.body == built_dashboards()["hookline-collector"].text
    again = panels.ask("/hookline-collector", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_what_does_not_exist_is_told_with_what_does(panels: Panels) -> None:
    """As a problem."""
    for path in ("/nothing", "/nothing/variables", "/nothing/panels/1"):
        reply = panels.ask(path)
        assert reply.status == 404
        assert "hookline-collector" in reply.json()["detail"]
    assert panels.ask("/hookline-collector/panels/999").status == 404
    assert panels.ask("/hookline-collector/panels/x").status == 404


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=5&to=5", "before to"),
        ("from=x", "from must be a whole number"),
        ("limit=0", "limit must be"),
        ("var.nothing=1", "has no filter"),
        ("format=xml", "format must be one of"),
    ],
)
def test_a_wrong_question_is_refused(panels: Panels, query: str, says: str) -> None:
    """With what is wrong about it."""
    reply = panels.ask(f"/hookline-collector/panels/1?{query}")
    assert reply.status == 400
    assert says in reply.json()["detail"]


def test_an_answer_comes_column_by_column(panels: Panels) -> None:
    """As it is described, times in Unix milliseconds; the interval is as short as the panel lets it be."""
    now_ms = int(time.time() * 1000) + 60_000
    answer = panels.ask(f"/hookline-collector/panels/5?from={now_ms - 3_600_000}&to={now_ms}").json()
    jsonschema.validate(answer, dict(ANSWER_SCHEMA))
    assert (answer["from"], answer["to"], answer["interval_ms"]) == (now_ms - 3_600_000, now_ms, 60_000)
    [target] = answer["targets"]
    assert [(column["name"], column["role"]) for column in target["columns"]] == [("t", "time"), ("signal", "text"), ("items", "number")]
    times, signals, items = target["data"]
    assert "metrics" in signals
    assert sum(items) > 0
    assert all(moment % 60_000 == 0 and now_ms - 3_660_000 < moment <= now_ms for moment in times)


def test_rows_past_the_limit_are_left_out_and_it_is_said(panels: Panels) -> None:
    """A table of three signals, of which one is asked for."""
    [target] = panels.ask("/hookline-collector/panels/7?limit=1").json()["targets"]
    assert (target["rows"], target["truncated"]) == (1, True)


def test_a_panel_can_be_had_as_csv(panels: Panels) -> None:
    """With a header."""
    reply = panels.ask("/hookline-collector/panels/7?format=csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.body.decode().splitlines()[0] == "signal,received,stored,rejected,known already,quarantined,waiting,missing"


def test_an_answer_that_did_not_change_is_not_sent_again(panels: Panels) -> None:
    """A range that is over."""
    path = "/hookline-collector/panels/5?from=1000&to=2000"
    tag = panels.ask(path).headers["etag"]
    assert panels.ask(path, If_None_Match=tag).status == 304


def test_everything_adds_up(panels: Panels) -> None:
    """What the collector says of itself, panel by panel: nothing is missing, and the table's parts are counted."""
    data = panels.ask("/hookline-collector/panels/7").json()["targets"][0]["data"]
    assert set(data[-1]) == {0}
    parts = panels.ask("/hookline-collector/panels/15").json()["targets"][0]["data"][1]
    assert max(parts) > 0


@pytest.mark.parametrize("number", built_dashboards()["hookline-collector"].panels)
def test_a_panel_of_the_collector_answers(panels: Panels, number: int) -> None:
    """Each with rows, but the one that lists what was refused: nothing was."""
    [target] = panels.ask(f"/hookline-collector/panels/{number}").json()["targets"]
    assert target["rows"] > 0 or number == 8
