"""A report as text for other programs and for terminals without colours: table, json, csv, sheet, ics, timewarrior.

`csv` shows the rows, `table` and `json` the rows and the blocks; `sheet` (CSV), `ics` and `timewarrior` show the blocks, each naming the sessions,
prompts and commits behind it. Times are in the report's zone where the format has one, else UTC.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from hookline.errors import Rejected
from hookline.system.plain import csv_cell, one_line
from hookline_collector.work.calendar import calendar
from hookline_collector.work.report import ESTIMATES, Block, WorkReport, WorkTotals

_CLOCKS = ("human_s", "human_at_most_s", "agent_s", "wall_s")
_WAITS = ("waiting_permission_s", "waiting_answer_s", "waiting_prompt_s")
_COUNTS = (
    "sessions",
    "prompts",
    "failed_prompts",
    "interrupted_prompts",
    "calls",
    "failures",
    "denials",
    "interruptions",
    "run_s",
    "requests",
)
_EVIDENCE = ("derived_prompts", "inferred_prompts", "open_prompts", "derived_calls", "inferred_calls")
_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "total_tokens")
COLUMNS = ("key", *_CLOCKS, "parallelism", *_WAITS, *_COUNTS, *_TOKENS, "cost_usd", "requests_without_cost", *_EVIDENCE)
SHEET = (
    "day",
    "start",
    "end",
    "user",
    "projects",
    "branches",
    "duration_s",
    "rounded_s",
    "wall_s",
    "human_s",
    "agent_s",
    "sessions",
    "prompts",
    "commits",
)


def render(report: WorkReport, form: str) -> str:
    """Return the report in a format of FORMATS. Raises Rejected, naming them, on another."""
    try:
        write = _WRITERS[form]
    except KeyError:
        raise Rejected(f"{form!r} is no format of a report: give one of {', '.join(FORMATS)}.") from None
    return write(report)


def as_dict(report: WorkReport) -> dict[str, Any]:
    """Return the report as the API answers it: ready for JSON, moments as ISO 8601 in the report's zone."""
    period = report.period
    return {
        "period": {"start": period.local(period.start_ns).isoformat(), "end": period.local(period.end_ns).isoformat(), "tz": report.request.tz},
        "by": report.request.by,
        "idle_s": report.request.idle_s,
        "round_s": report.request.round_s,
        "rounding": report.request.rounding,
        "total": totals_as_dict(report.total),
        "evidence": report.total.evidence,
        "estimates": ESTIMATES,
        "rows": [totals_as_dict(row) for row in report.rows],
        "tools": [asdict(tool) for tool in report.tools],
        "blocks": [block_as_dict(report, block) for block in report.blocks],
        "blocks_are_cut": report.blocks_are_cut,
    }


def totals_as_dict(figures: WorkTotals) -> dict[str, Any]:
    """Return one row with the columns of COLUMNS."""
    return {name: getattr(figures, name) for name in COLUMNS}


def block_as_dict(report: WorkReport, block: Block) -> dict[str, Any]:
    """Return one block with the columns of SHEET."""
    known: dict[str, Any] = {"rounded_s": report.request.rounded_s(block.duration_s)}
    known |= {"start": report.period.local(block.start_ns).isoformat(), "end": report.period.local(block.end_ns).isoformat()}
    return {name: known[name] if name in known else getattr(block, name) for name in SHEET}


def duration(seconds: float) -> str:
    """Return seconds as a person reads them: `0:00:07`, `1:23:45`, `27:00:00`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _json(report: WorkReport) -> str:
    return orjson.dumps(as_dict(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _csv(report: WorkReport) -> str:
    return _lines(COLUMNS, (totals_as_dict(row).values() for row in report.rows))


def _sheet(report: WorkReport) -> str:
    rows = (block_as_dict(report, block) for block in report.blocks)
    return _lines(SHEET, ([" ".join(value) if isinstance(value, tuple) else value for value in row.values()] for row in rows))


def _lines(head: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(map(_csv_cell, row) for row in rows)
    return text.getvalue()


def _csv_cell(value: Any) -> Any:
    return csv_cell(one_line(value)) if isinstance(value, str) else value


def _table(report: WorkReport) -> str:
    head = (report.request.by, "human", "at most", "agent", "wall", "waiting", "prompts", "calls", "failed", "tokens", "cost")
    rows = [head, *(_cells(row.key or "(none)", row) for row in report.rows), _cells("total", report.total)]
    blocks = [("block", "end", "length", "counted", "projects"), *(_block_cells(report, block) for block in report.blocks)]
    return _aligned(rows) + ("\n" + _aligned(blocks) if report.blocks else "")


def _aligned(lines: Sequence[tuple[str, ...]]) -> str:
    """Set names to the left and quantities to the right."""
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]).rstrip() + "\n"
        for line in lines
    )


def _block_cells(report: WorkReport, block: Block) -> tuple[str, ...]:
    start, end = report.period.local(block.start_ns), report.period.local(block.end_ns)
    counted = report.request.rounded_s(block.duration_s)
    return f"{start:%Y-%m-%d %H:%M}", f"{end:%H:%M}", duration(block.duration_s), duration(counted), one_line(" ".join(block.projects))


def _cells(name: str, row: WorkTotals) -> tuple[str, ...]:
    waiting = row.waiting_permission_s + row.waiting_answer_s + row.waiting_prompt_s
    cost = "?" if row.cost_usd is None else f"${row.cost_usd:.2f}{'+' if row.requests_without_cost else ''}"
    return (
        one_line(name),
        *(duration(seconds) for seconds in (row.human_s, row.human_at_most_s, row.agent_s, row.wall_s)),
        duration(waiting),
        *(f"{n:,}" for n in (row.prompts, row.calls, row.failures, row.total_tokens)),
        "-" if row.requests == 0 else cost,
    )


def _timewarrior(report: WorkReport) -> str:
    """`timew import`: one line an interval, closed, with its tags."""
    return "".join(
        f"inc {_stamp(report, block.start_ns)} - {_stamp(report, block.end_ns)} # {' '.join(_tags(block))}".rstrip(" #") + "\n"
        for block in report.blocks
    )


def _stamp(report: WorkReport, at_ns: int) -> str:
    return f"{report.period.utc(at_ns):%Y%m%dT%H%M%SZ}"


def _tags(block: Block) -> list[str]:
    words = map(one_line, [*block.projects, *block.branches])
    return ['"' + word.replace("\\", "").replace('"', "'") + '"' if set(word) - _PLAIN else word for word in dict.fromkeys(words)]


_PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
_WRITERS: dict[str, Callable[[WorkReport], str]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "sheet": _sheet,
    "ics": calendar,
    "timewarrior": _timewarrior,
}
FORMATS = tuple(_WRITERS)
