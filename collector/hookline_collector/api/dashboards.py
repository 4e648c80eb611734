"""`/api/v1/dashboards`: the dashboards as they were built, the values of their filters, and what their panels show."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from hookline.errors import Rejected
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint, Choice, InPath, Text, Whole
from hookline_collector.api.http.json_answers import answer_as_is, as_json
from hookline_collector.api.http.problems import problem
from hookline_collector.api.query import to_csv
from hookline_collector.api.questions import Questions
from hookline_collector.panels.dashboard_files import BuiltDashboard, built_dashboards
from hookline_collector.panels.filter_values import ask_values
from hookline_collector.panels.panel_answer import ANSWER_SCHEMA
from hookline_collector.panels.panel_asking import ask_panel, ask_rows, chosen_of
from hookline_collector.panels.panel_interval import round_interval
from hookline_collector.panels.panel_macros import PanelRange

LATEST_MS: Final = 4_102_444_800_000  # 2100
DAY_MS: Final = 86_400_000
UID = InPath("uid", "The dashboard's uid.")
PANEL = InPath("panel_id", "The panel's id within it.")
FROM = Whole("from", "The beginning of the range, in Unix milliseconds; a day before its end when not given.", 0, least=0, most=LATEST_MS)
TO = Whole("to", "Its end; now when not given.", 0, least=0, most=LATEST_MS)
INTERVAL = Whole("interval_ms", "How long an interval of a series is; chosen by the range when not given.", 0, least=0, most=366 * DAY_MS)
POINTS = Whole("points", "For how many intervals there is room, when none is given.", 0, least=0, most=5_000)
LIMIT = Whole("limit", "At most so many rows.", 10_000, most=100_000)
FORMAT = Choice("format", "json, or the first question's rows as csv.", ("json", "csv"), "json")
NAME = Text("name", "The filter NAME alone; every one when not given.")
VARIABLE = Text("var.NAME", "A value of the filter NAME; may be given several times. All when not given.")
_VARIABLE = "var."
_LIST: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["dashboards"],
    "properties": {
        "dashboards": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["uid", "title", "description", "tags"],
                "properties": {
                    "uid": {"type": "string"},
                    "title": {"type": "string"},
                    "description": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}
_VARIABLES: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["variables"],
    "properties": {
        "variables": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["label", "values", "multi", "all", "default"],
                "properties": {
                    "label": {"type": "string"},
                    "values": {"type": "array", "items": {"type": "string"}},
                    "multi": {"type": "boolean"},
                    "all": {"type": "boolean"},
                    "default": {"type": "string", "description": "What counts while nothing is chosen; empty stands for all."},
                },
            },
        }
    },
}


class DashboardsApi:
    """Dashboards and what they show. `timezone` cuts days where a question names none."""

    def __init__(self, questions: Questions, timezone: str, dashboards: Callable[[], Mapping[str, BuiltDashboard]] = built_dashboards) -> None:
        self._questions = questions
        self._defaults = {"timezone": timezone}
        self._dashboards = dashboards
        base = "/api/v1/dashboards"
        self.routes = (
            ApiEndpoint("GET", base, self.all, "The dashboards there are.", _LIST),
            ApiEndpoint("GET", f"{base}/{{uid}}", self.one, "A dashboard as it was built, in Grafana's JSON.", {"type": "object"}, parameters=(UID,)),
            ApiEndpoint(
                "GET",
                f"{base}/{{uid}}/variables",
                self.variables,
                "The values of a dashboard's filters.",
                _VARIABLES,
                parameters=(UID, NAME, FROM, TO),
            ),
            ApiEndpoint(
                "GET",
                f"{base}/{{uid}}/panels/{{panel_id}}",
                self.panel,
                "What a panel shows.",
                ANSWER_SCHEMA,
                (JSON, "text/csv"),
                (UID, PANEL, FROM, TO, INTERVAL, POINTS, LIMIT, FORMAT, VARIABLE),
            ),
        )

    async def all(self, _: Request) -> Response:
        """Answer with a line for each."""
        found = self._dashboards().values()
        lines = [{"uid": each.uid, "title": each.title, "description": each.description, "tags": each.tags} for each in found]
        return answer_as_is({"dashboards": lines})

    async def one(self, request: Request) -> Response:
        """Answer with the JSON as it is, or that it did not change."""
        found = self._dashboards().get(UID.of(request))
        if found is None:
            return self._unknown(request)
        return _answered(found.text, JSON, found.etag)

    async def variables(self, request: Request) -> Response:
        """Answer with the values that the filters have in the range."""
        found = self._dashboards().get(UID.of(request))
        if found is None:
            return self._unknown(request)
        asked = _range(request, 0, 1)
        reading = await self._questions.begin(request)
        variables = [each for each in found.variables if NAME.of(request) in ("", each.name)]
        values = await ask_values(reading.ask, variables, asked)
        answer = {}
        for each in variables:
            default = self._defaults.get(each.name, each.default)
            answer[each.name] = {"label": each.label, "values": values[each.name], "multi": each.is_multi, "all": each.has_all, "default": default}
        return _answered(as_json({"variables": answer}), JSON)

    async def panel(self, request: Request) -> Response:
        """Answer with what a panel shows."""
        dashboard = self._dashboards().get(UID.of(request))
        number = PANEL.of(request)
        panel = dashboard.panels.get(int(number)) if dashboard and number.isdecimal() else None
        if dashboard is None or panel is None:
            return self._unknown(request)
        form, limit = FORMAT.of(request), LIMIT.of(request)
        asked = _range(request, panel.least_interval_ms, panel.most_points)
        chosen = chosen_of(dashboard, _given(request), self._defaults)
        reading = await self._questions.begin(request)
        if form == "csv":
            return _answered(to_csv(await ask_rows(reading.ask, panel, asked, chosen, limit)).encode(), "text/csv; charset=utf-8")
        targets = await ask_panel(reading.ask, panel, asked, chosen, limit)
        return _answered(as_json({"targets": targets, "from": asked.from_ms, "to": asked.to_ms, "interval_ms": asked.interval_ms}), JSON)

    def _unknown(self, request: Request) -> Response:
        uid = UID.of(request)
        if uid not in self._dashboards():
            names = ", ".join(self._dashboards()) or "none: the package hookline_dashboards is not installed"
            return problem(HTTPStatus.NOT_FOUND, f"there is no dashboard {uid[:100]!r}; there is {names}")
        return problem(HTTPStatus.NOT_FOUND, f"{uid} has no panel {PANEL.of(request)[:20]!r}")


def _range(request: Request, least_ms: int, points: int) -> PanelRange:
    """Return the range that is asked for. Raises Rejected for one that ends before it begins."""
    to_ms = TO.of(request) or time.time_ns() // 1_000_000
    from_ms = FROM.of(request) or max(to_ms - DAY_MS, 0)
    if from_ms >= to_ms:
        raise Rejected(f"from must be before to, not {from_ms} before {to_ms}")
    interval_ms = INTERVAL.of(request) or round_interval(to_ms - from_ms, POINTS.of(request) or points, least_ms)
    return PanelRange(from_ms, to_ms, max(interval_ms, least_ms))


def _given(request: Request) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name.startswith(_VARIABLE):
            given.setdefault(name.removeprefix(_VARIABLE), []).append(value)
    return given


def _answered(body: bytes, kind: str, tag: str = "") -> Response:
    """Answer with what may be kept, and is asked for again: its endpoint sends it only to who has another."""
    return Response(body, headers={"Cache-Control": "no-cache", **({"ETag": tag} if tag else {})}, media_type=kind)
