"""The table of the play, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from play.truth import Row

HEAD = Row("scene", "", "what", "true", "shown", "off", "")
BY_UNIT_TEST = "lid closed: by unit test, with clocks of its own (test_relay_presence, test_fold_evidence, test_session_truth)"


def table(rows: Sequence[Row]) -> str:
    """Return the rows as columns; a scene's name stands once."""
    cells = [_cells(row) for row in (HEAD, *rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(cells[0]))]
    lines, before = [], ""
    for row, line in zip((HEAD, *rows), cells, strict=True):
        named = ("" if row.scene == before else line[0], *line[1:])
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(named, widths, strict=True)).rstrip())
        before = row.scene
    return "\n".join([*lines, "", BY_UNIT_TEST, *summary(rows)])


def summary(rows: Sequence[Row]) -> Iterable[str]:
    """Yield how many figures are right, by mode."""
    for mode in sorted({row.mode for row in rows}):
        own = [row for row in rows if row.mode == mode]
        right, good = sum(row.is_right for row in own), sum(row.verdict == "good" for row in own)
        late = sum(row.verdict == "late" for row in own)
        excused = f"; {late} only because client or machine were late themselves" if late else ""
        yield f"{mode or 'play'}: {right} of {len(own)} right, {good} of them within 0.3 s (live: within 1 s){excused}"


def _cells(row: Row) -> tuple[str, ...]:
    return (row.scene, row.mode, row.what[:34], row.true[:52], row.shown[:72], row.difference, row.verdict)
