"""A report as text for other programs and for terminals without colours: table, csv, sheet, ics, timewarrior. As JSON the API tells it.

`csv` shows the rows, `table` the rows and the blocks; `sheet` (CSV), `ics` and `timewarrior` show the blocks, each naming the sessions,
prompts and commits behind it. `table` and `sheet` are read where the report's zone is, and have their moments in it; the others have UTC.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from hookline.contract.fields import FIELDS
from hookline.contract.told_records import names_of, told
from hookline.errors import Rejected
from hookline.system.plain import csv_cell, one_line
from hookline.system.text_table import plain_table
from hookline_collector.work.blocks import Block, BlockRow
from hookline_collector.work.calendar import calendar
from hookline_collector.work.report import WorkReport, WorkTotals, block_row

COLUMNS = names_of(WorkTotals)
SHEET = tuple(name for name in names_of(BlockRow) if name != "prompt_ids_total")  # they are all there


def render(report: WorkReport, form: str) -> str:
    """Return the report in a format of FORMATS. Raises Rejected, naming them, on another."""
    try:
        write = _WRITERS[form]
    except KeyError:
        raise Rejected(f"unknown format {form!r}; use one of {', '.join(FORMATS)}.") from None
    return write(report)


def duration(seconds: float) -> str:
    """Return seconds as a person reads them: `0:00:07`, `1:23:45`, `27:00:00`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _csv(report: WorkReport) -> str:
    return _lines(COLUMNS, (told(row).values() for row in report.rows))


def _sheet(report: WorkReport) -> str:
    return _lines(SHEET, (_sheet_row(report, block) for block in report.counted_blocks))


def _sheet_row(report: WorkReport, block: Block) -> Iterator[Any]:
    """Yield a block's cells: moments in the report's zone, for that is where its reader is."""
    local = {"started": block.start_ns, "ended": block.end_ns}
    row = told(block_row(report, block))
    for name in SHEET:
        value = row[name]
        if name in local:
            yield report.period.local(local[name]).isoformat()
        else:
            yield " ".join(value) if isinstance(value, list | tuple) else value


def _lines(head: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows(map(_csv_cell, row) for row in rows)
    return text.getvalue()


def _csv_cell(value: Any) -> Any:
    return csv_cell(one_line(value)) if isinstance(value, str) else value


HEADS = {name: field.heading for name, field in FIELDS.items()}
ROWS = ("key", "human_s", "human_at_most_s", "agent_s", "wall_s", "waiting", "prompts", "tool_calls", "failures", "total_tokens", "cost_usd")
BLOCKS = ("block", "end", "duration_s", "rounded_s", "projects")


def _table(report: WorkReport) -> str:
    rows = [*(_cells(row.key or "(none)", row) for row in report.rows), _cells("total", report.totals)]
    table = plain_table(rows, ROWS, {**HEADS, "key": report.request.by}) + "\n"
    for blocks in filter(None, (report.blocks, report.corrected_blocks)):
        title = "corrected by hand\n" if blocks is report.corrected_blocks else ""
        table += f"\n{title}" + plain_table([_block_cells(report, block) for block in blocks], BLOCKS, HEADS) + "\n"
    return table


def _block_cells(report: WorkReport, block: Block) -> dict[str, str]:
    start, end = report.period.local(block.start_ns), report.period.local(block.end_ns)
    return {
        "block": f"{start:%Y-%m-%d %H:%M}",
        "end": f"{end:%H:%M}",
        "duration_s": duration(block.duration_s),
        "rounded_s": duration(report.request.rounded_s(block.duration_s)),
        "projects": one_line(" ".join(block.projects)),
    }


def _cells(name: str, row: WorkTotals) -> dict[str, str]:
    cost = "?" if row.cost_usd is None else f"${row.cost_usd:.2f}{'+' if row.requests_without_cost else ''}"
    times = {name: duration(getattr(row, name)) for name in ("human_s", "human_at_most_s", "agent_s", "wall_s")}
    counts = {name: f"{getattr(row, name):,}" for name in ("prompts", "tool_calls", "failures", "total_tokens")}
    waiting = duration(row.permission_wait_s + row.answer_wait_s + row.prompt_wait_s)
    return {"key": one_line(name), **times, "waiting": waiting, **counts, "cost_usd": "-" if row.requests == 0 else cost}


def _timewarrior(report: WorkReport) -> str:
    """`timew import`: one line an interval, closed, with its tags."""
    return "".join(
        f"inc {_stamp(report, block.start_ns)} - {_stamp(report, block.end_ns)} # {' '.join(_tags(block))}".rstrip(" #") + "\n"
        for block in report.counted_blocks
    )


def _stamp(report: WorkReport, at_ns: int) -> str:
    return f"{report.period.utc(at_ns):%Y%m%dT%H%M%SZ}"


def _tags(block: Block) -> list[str]:
    words = map(one_line, [*block.projects, *block.branches, *(["corrected"] if block.correction_ids else [])])
    return ['"' + word.replace("\\", "").replace('"', "'") + '"' if set(word) - _PLAIN else word for word in dict.fromkeys(words)]


_PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
_WRITERS: dict[str, Callable[[WorkReport], str]] = {
    "table": _table,
    "csv": _csv,
    "sheet": _sheet,
    "ics": calendar,
    "timewarrior": _timewarrior,
}
FORMATS = tuple(_WRITERS)
OF_ROWS = ("csv",)
"""Formats without blocks."""
NAMING_ALL = ("sheet", "ics")
"""Formats that name all prompts of their blocks."""
