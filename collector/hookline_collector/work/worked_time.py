"""Time in blocks, as it was measured and as it is with corrections by hand, for a report's rows and its total.

`worked_s` is the length of blocks: work with its small gaps, which is what people write on time sheets. Blocks of each project and blocks of
everything are two readings of the same activity; a report by project shows the first and its total is of the second. Where nothing is corrected the
store adds lengths up. Corrections move time between projects, so with them the blocks of both readings are read, of all projects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hookline.contract.groupings import MAX_BLOCKS
from hookline.system.clock import NS_PER_S
from hookline_collector.corrections.corrected_work import CorrectedWork, WorkPiece, corrected
from hookline_collector.corrections.correction import Correction
from hookline_collector.work.blocks import Block
from hookline_collector.work.period import LocalDay, Period
from hookline_collector.work.request import ReportRequest

_WITH_BLOCKS = ("project", "user", "day", "hour")
"""Groupings whose rows have blocks of their own."""
ReadBlocks = Callable[[bool, str], Sequence[Block]]
"""Reads the blocks of the period: of each project or not, of one project or of all ('')."""


@dataclass(frozen=True, slots=True)
class WorkedTime:
    """Seconds in blocks by key, and in all: measured and corrected. None where a row has no blocks of its own, or where there are too many."""

    measured: Mapping[str, float] | None
    corrected: Mapping[str, float] | None
    measured_total: float | None
    corrected_total: float | None
    corrections: tuple[Correction, ...] = ()
    blocks: tuple[Block, ...] = ()


NOT_KNOWN = WorkedTime(None, None, None, None)


def worked_time(request: ReportRequest, period: Period, own: Sequence[Block], read: ReadBlocks, said: Iterable[Correction]) -> WorkedTime:
    """Return the time in blocks with what was corrected. `own` are the report's blocks; those that are needed besides come from `read`."""
    corrections = tuple(_clipped(said, period))
    per_project = request.by == "project"
    of_projects = own if per_project and not request.project else read(True, "")
    overall = own if not per_project and not request.project else read(False, "")
    if max(len(own), len(of_projects), len(overall)) > MAX_BLOCKS:
        return NOT_KNOWN
    measured = CorrectedWork(tuple(_pieces(of_projects, is_of_project=True)), tuple(_pieces(overall, is_of_project=False)))
    found = corrected(measured, corrections)
    return WorkedTime(
        measured=_by_key(request, period, measured),
        corrected=_by_key(request, period, found),
        measured_total=_length(_whole(request, measured)),
        corrected_total=_length(_whole(request, found)),
        corrections=corrections,
        blocks=tuple(_blocks(request, period, found, of_projects, overall)),
    )


def time_of_lengths(request: ReportRequest, lengths: Iterable[Sequence[Any]]) -> WorkedTime:
    """Return the time in blocks where nothing is corrected: of lengths by reading (1 of each project) and key."""
    rows = list(lengths)
    by_key = {key: length_s for of_project, key, length_s in rows if of_project == (request.by == "project" or bool(request.project))}
    found = by_key if request.by in _WITH_BLOCKS else None
    total = sum(length_s for of_project, _, length_s in rows if of_project == bool(request.project))
    return WorkedTime(found, found, total, total)


def _clipped(said: Iterable[Correction], period: Period) -> Iterator[Correction]:
    for each in said:
        yield replace(each, start_ns=max(each.start_ns, period.start_ns), end_ns=min(each.end_ns, period.end_ns))


def _pieces(blocks: Sequence[Block], *, is_of_project: bool) -> Iterator[WorkPiece]:
    for n, block in enumerate(blocks):
        yield WorkPiece(block.user, "".join(block.projects[:1]) if is_of_project else "", block.start_ns, block.end_ns, n)


def _whole(request: ReportRequest, found: CorrectedWork) -> Sequence[WorkPiece]:
    """What the report's total is of."""
    return [piece for piece in found.by_project if piece.project == request.project] if request.project else found.overall


def _length(pieces: Iterable[WorkPiece]) -> float:
    return sum(piece.length_ns for piece in pieces) / NS_PER_S


def _by_key(request: ReportRequest, period: Period, found: CorrectedWork) -> Mapping[str, float] | None:
    whole = _whole(request, found)
    if request.by == "project":
        return _sums((piece.project, piece.length_ns) for piece in (whole if request.project else found.by_project))
    if request.by == "user":
        return _sums((piece.user, piece.length_ns) for piece in whole)
    if request.by in ("day", "hour"):
        slots = period.hours if request.by == "hour" else period.days
        return _sums((slot.name, end_ns - start_ns) for piece in whole for slot, start_ns, end_ns in _cut(piece, slots))
    return None


def _sums(lengths: Iterable[tuple[str, int]]) -> Mapping[str, float]:
    found: defaultdict[str, int] = defaultdict(int)
    for key, length_ns in lengths:
        found[key] += length_ns
    return {key: length_ns / NS_PER_S for key, length_ns in found.items()}


def _cut(piece: WorkPiece, slots: Iterable[LocalDay]) -> Iterator[tuple[LocalDay, int, int]]:
    for slot in slots:
        start_ns, end_ns = max(piece.start_ns, slot.start_ns), min(piece.end_ns, slot.end_ns)
        if end_ns > start_ns:
            yield slot, start_ns, end_ns


def _blocks(request: ReportRequest, period: Period, found: CorrectedWork, of_projects: Sequence[Block], overall: Sequence[Block]) -> Iterator[Block]:
    """Yield the report's blocks as corrected, in order."""
    of_each = request.by == "project" or bool(request.project)
    pieces = found.by_project if of_each else found.overall
    for piece in pieces:
        if request.project and piece.project != request.project:
            continue
        if piece.of is None:
            yield from _added(piece, period, (piece.project,) if of_each else _projects(piece, found))
        else:
            block = (of_projects if of_each else overall)[piece.of]
            yield _changed(block, piece, (piece.project,) if of_each else _projects(piece, found)) if piece.correction_ids else block


def _added(piece: WorkPiece, period: Period, projects: tuple[str, ...]) -> Iterator[Block]:
    for day, start_ns, end_ns in _cut(piece, period.days):
        yield Block(piece.user, day.name, start_ns, end_ns, None, None, None, None, projects, (), (), (), (), piece.correction_ids)


def _changed(block: Block, piece: WorkPiece, projects: tuple[str, ...]) -> Block:
    """Return what a correction left of a block. Nobody knows how the clocks of a block are shared among its pieces."""
    left = replace(block, start_ns=piece.start_ns, end_ns=piece.end_ns, projects=projects or block.projects, correction_ids=piece.correction_ids)
    if (piece.start_ns, piece.end_ns) == (block.start_ns, block.end_ns):
        return left
    return replace(left, wall_s=None, human_s=None, agent_s=None, agent_once_s=None)


def _projects(piece: WorkPiece, found: CorrectedWork) -> tuple[str, ...]:
    there = (other for other in found.by_project if other.user == piece.user and other.start_ns < piece.end_ns and other.end_ns > piece.start_ns)
    return tuple(sorted({other.project for other in there} - {""}))
