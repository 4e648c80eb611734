"""`/api/v1/query`: a person's read-only statement, on the connection that can do nothing else."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hookline.contract.groupings import QUERY_FORMATS
from hookline.errors import Rejected
from hookline.system.plain import csv_cell
from hookline_collector.api.http.body import read_object
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint, Choice
from hookline_collector.api.http.json_answers import answer_as_is, as_json
from hookline_collector.api.questions import Questions
from hookline_collector.store.rows import Rows

FORMAT = Choice("format", "table: columns and rows. json: an array of objects. csv: with a header.", QUERY_FORMATS, "table")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement to run; `{name:Type}` in it takes its value from `parameters`."""

    sql: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a statement: `rows[i][j]` is the value of `columns[j]`, whose ClickHouse type is `types[j]`."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    duration_s: float
    is_fresh: bool


class QueryApi:
    """A person's statements, whose threads are for them alone: a long one does not hold up a page."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        summary = "Run one read-only statement."
        self.routes = (ApiEndpoint("POST", "/api/v1/query", self.run, summary, QueryResult, (JSON, "text/csv"), (FORMAT,), body=Statement),)

    async def run(self, request: Request) -> Response:
        """Run the statement of the body."""
        form = FORMAT.of(request)
        body = await read_object(request)
        sql = body.get("sql")
        if not isinstance(sql, str) or not sql.strip():
            raise Rejected('the body must be {"sql": "SELECT ..."}')
        parameters = _parameters(body.get("parameters"))
        reading = await self._questions.begin(request)
        begun = time.perf_counter()
        rows = await reading.ask(sql, parameters)
        return _answer(rows, form, time.perf_counter() - begun, is_fresh=reading.is_fresh)


def _parameters(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(isinstance(value, str | int | float) for value in given.values()):
        raise Rejected('parameters must be an object of names and values, such as {"session_id": "..."}')
    return {str(name): str(value) for name, value in given.items()}


def _answer(rows: Rows, form: str, duration_s: float, *, is_fresh: bool) -> Response:
    if form == "csv":
        return Response(to_csv(rows), media_type="text/csv; charset=utf-8")
    if form == "json":
        return answer_as_is(rows.as_dicts())
    return answer_as_is(QueryResult(rows.columns, rows.types, rows.rows, round(duration_s, 6), is_fresh))


def to_csv(rows: Rows) -> str:
    """Return rows as CSV with a header; nested values as JSON text, nothing for null, no cell a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(csv_cell, rows.columns))
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict | tuple):
        return as_json(value).decode()
    return str(value).lower() if isinstance(value, bool) else csv_cell(value)
