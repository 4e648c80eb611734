"""A period as a calendar draws it, and its time sheet: blocks of each project, those of a large team with everybody's at the project as one.

A calendar has room for some hundred blocks. Of more, those of a project on a day that lie on or near one another (up to the idle gap) are told as
one, which says how many they are and of how many people; lengths are theirs, added up, so that sheets say the same whatever is drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from hookline.system.clock import NS_PER_S
from hookline_collector.corrections.correction import Correction
from hookline_collector.work.blocks import Block, BlockNames
from hookline_collector.work.names import check_names
from hookline_collector.work.period import Period
from hookline_collector.work.report import clocks_of, corrected_time, lengths_of, read_blocks, said_of
from hookline_collector.work.request import ReportRequest
from hookline_collector.work.side_by_side import side_by_side
from hookline_collector.work.statements import Query, statement
from hookline_collector.work.worked_time import time_of_lengths

MOST_DRAWN = 1_000
MOST_BLOCKS = 100_000


@dataclass(frozen=True, slots=True)
class CalendarBlock:
    """A block of a project, or several that are told as one: then of `people` people, with their lengths and clocks added up."""

    day: str
    started_ns: int
    ended_ns: int
    user: str
    projects: tuple[str, ...]
    people: int
    merged_blocks: int
    duration_s: float
    rounded_s: float
    human_s: float | None
    agent_s: float | None
    correction_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """How long the blocks of a project on a day are, as corrected by hand."""

    day: str
    project: str
    duration_s: float
    rounded_s: float


@dataclass(frozen=True, slots=True)
class SheetTotals:
    """The period with what ran side by side counted once."""

    worked_s: float | None
    corrected_s: float | None
    human_s: float
    human_at_most_s: float
    agent_s: float
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Timesheet:
    """The answer."""

    request: ReportRequest
    period: Period
    totals: SheetTotals
    rows: tuple[SheetRow, ...]
    blocks: tuple[CalendarBlock, ...]
    corrected_blocks: tuple[CalendarBlock, ...]
    corrections: tuple[Correction, ...]
    has_more_blocks: bool


def timesheet(query: Query, request: ReportRequest, now_ns: int) -> Timesheet:
    """Answer a request, whatever it is by. Raises Rejected when it asks for what cannot be, and what `query` raises."""
    request = replace(request, by="project", names=BlockNames.NONE)
    period = request.resolve(now_ns)
    parameters = request.parameters(period, now_ns)
    of_all = replace(request, by="user")
    own, (clocks, spend, lengths, said) = side_by_side(
        partial(read_blocks, query, period, parameters, per_project=True, most=MOST_BLOCKS),
        partial(clocks_of, query, parameters),
        lambda: query(statement("spend"), {**parameters, "by": "agent"}).as_dicts(),
        partial(lengths_of, query, of_all, {**parameters, "by": "user"}),
        partial(said_of, query, request, period),
    )
    has_more, own = len(own) > MOST_BLOCKS, own[:MOST_BLOCKS]
    time = corrected_time(query, request, period, parameters, own, said) if said else time_of_lengths(of_all, lengths)
    rows = sheet(time.blocks if time.corrections else own, request)
    if not rows:
        check_names(query, user=request.user, project=request.project, agent=request.agent)
    cost_usd = next((row["cost_usd"] for row in spend if row["is_total"]), None)
    return Timesheet(
        request,
        period,
        SheetTotals(time.measured_total, time.corrected_total, clocks.human_s, clocks.human_at_most_s, clocks.agent_s, cost_usd),
        rows,
        drawn(own, request),
        drawn(time.blocks, request),
        time.corrections,
        has_more,
    )


def sheet(blocks: Iterable[Block], request: ReportRequest) -> tuple[SheetRow, ...]:
    """Return how long blocks are by day and project, in order."""
    found = defaultdict[tuple[str, str], list[float]](lambda: [0.0, 0.0])
    for block in blocks:
        lengths, duration_s = found[block.day, _project(block)], block.duration_s
        lengths[0] += duration_s
        lengths[1] += request.rounded_s(duration_s)
    return tuple(SheetRow(*key, *lengths) for key, lengths in sorted(found.items()))


def drawn(blocks: Sequence[Block], request: ReportRequest) -> tuple[CalendarBlock, ...]:
    """Return blocks as a calendar has room for them, in order."""
    if len(blocks) <= MOST_DRAWN:
        return tuple(_told([block], request) for block in blocks)
    by_place = defaultdict[tuple[str, str], list[Block]](list)
    for block in blocks:
        by_place[block.day, _project(block)].append(block)
    runs = (_told(run, request) for found in by_place.values() for run in _runs(found, request.idle_s * NS_PER_S))
    return tuple(sorted(runs, key=lambda each: (each.started_ns, each.ended_ns, each.projects)))


def _project(block: Block) -> str:
    return block.projects[0] if block.projects else ""


def _runs(blocks: Iterable[Block], gap_ns: int) -> Iterator[list[Block]]:
    run: list[Block] = []
    reached_ns = 0
    for block in sorted(blocks, key=lambda each: each.start_ns):
        if run and block.start_ns > reached_ns + gap_ns:
            yield run
            run = []
        reached_ns = max(reached_ns, block.end_ns)
        run.append(block)
    yield run


def _told(run: Sequence[Block], request: ReportRequest) -> CalendarBlock:
    users = {block.user for block in run}
    lengths = [block.duration_s for block in run]
    return CalendarBlock(
        day=run[0].day,
        started_ns=run[0].start_ns,
        ended_ns=max(block.end_ns for block in run),
        user=run[0].user if len(users) == 1 else "",
        projects=run[0].projects,
        people=len(users),
        merged_blocks=len(run),
        duration_s=sum(lengths),
        rounded_s=sum(map(request.rounded_s, lengths)),
        human_s=_added([block.human_s for block in run]),
        agent_s=_added([block.agent_s for block in run]),
        correction_ids=tuple(sorted({each for block in run for each in block.correction_ids})),
    )


def _added(clocks: Sequence[float | None]) -> float | None:
    """Return the sum of clocks; None where a correction left one that nobody knows."""
    return None if None in clocks else sum(filter(None, clocks))
