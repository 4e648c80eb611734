"""The report: three clocks side by side, blocks, prompts, tools, tokens and cost of a period.

`report(query, request, now_ns)` asks the store and answers frozen records; nothing is computed twice in two languages: SQL adds up,
this module only puts together. The clocks: `human_s` is a person's own time at least, `human_at_most_s` at most (both are estimates, each by one
rule: `ESTIMATES`), `agent_s` all agents' time added up, `wall_s` the time in which at least one of both worked. Sums over rows exceed the total
where things ran side by side, so the total is asked for on its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar

from hookline.contract.groupings import MAX_BLOCKS
from hookline_collector.corrections.correction import Correction
from hookline_collector.corrections.correction_book import corrections_between
from hookline_collector.store import Rows
from hookline_collector.work.blocks import Block, BlockNames, BlockRow, row_of, with_few_prompts
from hookline_collector.work.names import check_names
from hookline_collector.work.period import Period
from hookline_collector.work.request import ReportRequest
from hookline_collector.work.side_by_side import side_by_side
from hookline_collector.work.statements import Query, statement
from hookline_collector.work.worked_time import NOT_KNOWN, WorkedTime, time_of_lengths, worked_time

ESTIMATES = {
    "human_s": "at least: up to 120 s before each prompt and the last 30 s before each answer, not while the session's agent works",
    "human_at_most_s": "at most: everything since the session's last turn ended or it was opened, up to the idle gap, before each prompt, and "
    "each answered wait up to the idle gap",
}
"""How the two clocks of a person are made; nobody watches one."""

_OF_ROWS = {"tool": ("tool_calls",), "kind": ("tool_calls",), "model": ("prompts", "spend")}
"""What tells the rows of a grouping; every other grouping has all of it."""

_CLOCKS = (
    "human_s",
    "human_at_most_s",
    "agent_s",
    "agent_once_s",
    "wall_s",
    "permission_wait_s",
    "answer_wait_s",
    "prompt_wait_s",
)
_CUT = ("of_user", "day", "block_from_ns", "block_to_ns", "wall_s", "human_s", "agent_s", "agent_once_s")
_NAMES = ("projects", "branches", "sessions", "prompts", "commits")
_CALLS = ("tool_calls", "failures", "denials", "interruptions", "run_s", "derived_tool_calls", "inferred_tool_calls")
_TOTAL, _KEY, _TOOL, _KIND = range(4)  # parts of calls.sql


@dataclass(frozen=True, slots=True)
class WorkTotals:
    """What a key (a project, a day, ... or everything) took. Times in seconds; cost in USD, without the requests whose cost is unknown.

    `derived_…` and `inferred_…` say how many ends nobody observed; `run_s` is how long tools ran, added up. An agent waits for a permission
    or an answer from the question to the answer; what of it the person spent answering is in `human_s` too. `worked_s` is the length of blocks,
    `corrected_s` what it comes to with corrections by hand; None where rows have no blocks of their own.
    """

    ALSO_TOLD: ClassVar = ("parallelism", "total_tokens")

    key: str = ""
    human_s: float = 0.0
    human_at_most_s: float = 0.0
    agent_s: float = 0.0
    agent_once_s: float = 0.0
    wall_s: float = 0.0
    worked_s: float | None = None
    corrected_s: float | None = None
    permission_wait_s: float = 0.0
    answer_wait_s: float = 0.0
    prompt_wait_s: float = 0.0
    sessions: int = 0
    prompts: int = 0
    failed_prompts: int = 0
    interrupted_prompts: int = 0
    tool_calls: int = 0
    failures: int = 0
    denials: int = 0
    interruptions: int = 0
    run_s: float = 0.0
    derived_prompts: int = 0
    inferred_prompts: int = 0
    open_prompts: int = 0
    derived_tool_calls: int = 0
    inferred_tool_calls: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0
    cost_usd: float | None = None
    requests_without_cost: int = 0

    @property
    def parallelism(self) -> float | None:
        """How many agents worked at once on average while any worked; None when none did."""
        return self.agent_s / self.agent_once_s if self.agent_once_s else None

    @property
    def total_tokens(self) -> int:
        """All tokens, from caches or not."""
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_creation_tokens

    @property
    def ends_by_evidence(self) -> dict[str, dict[str, int]]:
        """How the ends of turns and calls are known."""
        guessed = self.derived_prompts + self.inferred_prompts + self.open_prompts
        prompts = {"observed": self.prompts - guessed, "derived": self.derived_prompts, "inferred": self.inferred_prompts, "open": self.open_prompts}
        calls = {
            "observed": self.tool_calls - self.derived_tool_calls - self.inferred_tool_calls,
            "derived": self.derived_tool_calls,
            "inferred": self.inferred_tool_calls,
        }
        return {"prompts": prompts, "tool_calls": calls}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool's calls. The quantiles are of run times, in seconds, without waits and denied calls; None when there was no such call.

    Where a tool ran more than 512 times on a day that is over, times of that day count rounded, to half a percent.
    """

    tool: str
    mcp_server: str
    tool_calls: int
    failures: int
    denials: int
    interruptions: int
    run_s: float
    wait_s: float
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class ToolsOfKind:
    """What an agent does with all its tools of a kind, so that agents can be compared; figures as those of a tool."""

    agent: str
    tool_kind: str
    tool_calls: int
    failures: int
    denials: int
    interruptions: int
    run_s: float
    wait_s: float
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class WorkReport:
    """The answer. `rows` are grouped by `request.by`, most wall time first (days and sessions in order of their key)."""

    request: ReportRequest
    period: Period
    totals: WorkTotals
    rows: tuple[WorkTotals, ...]
    tools: tuple[Tool, ...]
    tool_kinds: tuple[ToolsOfKind, ...]
    blocks: tuple[Block, ...]
    has_more_blocks: bool = field(default=False)
    corrected_blocks: tuple[Block, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def counted_blocks(self) -> tuple[Block, ...]:
        """The blocks that a sheet or a calendar has: as corrected where there are corrections, unless the request asks for what was measured."""
        return self.corrected_blocks if self.corrections and not self.request.as_measured else self.blocks


@dataclass(frozen=True, slots=True)
class Found:
    """What the store answers. There may be one block more than a report has, and there is none where none is asked for."""

    totals: WorkTotals
    rows: tuple[WorkTotals, ...]
    tools: tuple[Tool, ...]
    tool_kinds: tuple[ToolsOfKind, ...]
    blocks: tuple[Block, ...]


def report(query: Query, request: ReportRequest, now_ns: int) -> WorkReport:
    """Answer a request. Raises Rejected when it asks for what cannot be, and what `query` raises."""
    period = request.resolve(now_ns)
    parameters = request.parameters(period, now_ns)
    found, time = totals_in_time(query, request, period, parameters)
    rows = with_time(found.rows, time, parameters["by"])
    if not rows:
        check_names(query, user=request.user, project=request.project, agent=request.agent)
    corrected = () if request.without_blocks else time.blocks
    return WorkReport(
        request,
        period,
        replace(found.totals, worked_s=time.measured_total, corrected_s=time.corrected_total),
        rows,
        found.tools,
        found.tool_kinds,
        found.blocks[: request.most_blocks],
        max(len(found.blocks), len(corrected)) > request.most_blocks,
        corrected[: request.most_blocks],
        time.corrections,
    )


def blocks_of(query: Query, request: ReportRequest, now_ns: int) -> WorkReport:
    """Answer a request with nothing but its blocks and corrections."""
    period = request.resolve(now_ns)
    parameters = request.parameters(period, now_ns)
    said = said_of(query, request, period)
    own = read_blocks(query, period, {**parameters, "cuts": [period.start_ns, period.end_ns]}, per_project=request.by == "project")
    time = corrected_time(query, request, period, parameters, own, said) if said else NOT_KNOWN
    total = WorkTotals(worked_s=time.measured_total, corrected_s=time.corrected_total)
    return WorkReport(request, period, total, (), (), (), own[:MAX_BLOCKS], len(own) > MAX_BLOCKS, time.blocks, time.corrections)


def totals_in_time(query: Query, request: ReportRequest, period: Period, parameters: Mapping[str, Any]) -> tuple[Found, WorkedTime]:
    """Return the figures of a period, and the time in its blocks. Blocks themselves are asked for where they are told or corrected."""
    of_blocks = None if request.without_blocks else period
    found, (lengths, said) = side_by_side(
        lambda: totals_of(query, parameters, of_blocks, request.most_blocks),
        lambda: lengths_of(query, request, parameters),
        lambda: said_of(query, request, period),
    )
    if not said:
        return found, time_of_lengths(request, lengths)
    is_all = of_blocks is not None and len(found.blocks) <= request.most_blocks
    return found, corrected_time(query, request, period, parameters, found.blocks if is_all else None, said)


def corrected_time(
    query: Query, request: ReportRequest, period: Period, parameters: Mapping[str, Any], own: Sequence[Block] | None, said: Sequence[Correction]
) -> WorkedTime:
    """Return the time in blocks of a period, measured and corrected; `own` are the report's, None where not all of them are known.

    What is told are blocks of projects or of everything: the others are read for their lengths alone, and first of all where there may be too many.
    """
    of_each = request.by == "project" or bool(request.project)

    def read(per_project: bool, project: str, names: BlockNames = parameters["names"]) -> Sequence[Block]:
        return read_blocks(query, period, {**parameters, "project": project, "names": names}, per_project=per_project)

    def read_as_told(per_project: bool, project: str) -> Sequence[Block]:
        return read(per_project, project) if per_project == of_each else read(per_project, project, BlockNames.NONE)

    if own is None:
        if len(read(True, "", BlockNames.NONE)) > MAX_BLOCKS:
            return NOT_KNOWN
        own = read(request.by == "project", request.project)
    return worked_time(request, period, own, read_as_told, said)


def said_of(query: Query, request: ReportRequest, period: Period) -> tuple[Correction, ...]:
    """Return what was corrected by hand: a person's work, of no agent."""
    return () if request.agent else corrections_between(query, period.start_ns, period.end_ns, user=request.user)


def read_blocks(query: Query, period: Period, parameters: Mapping[str, Any], *, per_project: bool, most: int = MAX_BLOCKS) -> tuple[Block, ...]:
    """Return nothing but blocks, and one more than `most` where there are more. Without names those of projects have their project alone."""
    whole = {"by": "user", "cuts": [period.start_ns, period.end_ns], **_cut(period, "project" if per_project else "", most)}
    found = query(statement("worked"), {**parameters, **whole, "only_blocks": True})
    return _blocks(found, parameters["names"])


def lengths_of(query: Query, request: ReportRequest, parameters: Mapping[str, Any]) -> Rows:
    """Return how long blocks are, of each project, of everything, or both, as the request needs."""
    readings = [1] if request.project else [0, 1] if request.by == "project" else [0]
    return query(statement("lengths"), {**parameters, "readings": readings})


def with_time(rows: Sequence[WorkTotals], time: WorkedTime, by: str) -> tuple[WorkTotals, ...]:
    """Return rows with their time in blocks; what only a correction tells of has a row too."""
    if time.measured is None or time.corrected is None:
        return tuple(rows)
    there = {row.key: row for row in rows}
    new = {key: WorkTotals(key) for key in time.corrected if key not in there}
    found = (replace(row, worked_s=time.measured.get(row.key, 0.0), corrected_s=time.corrected.get(row.key, 0.0)) for row in (there | new).values())
    return tuple(sorted(found, key=_in_order if by in ("day", "hour") else _by_size)) if new else tuple(found)


@dataclass(frozen=True, slots=True)
class Clock:
    """What a key took by the clocks: its own figures, and its share of the total's, in which what keys do side by side counts once."""

    key: str
    own: Mapping[str, Any]
    shares: Mapping[str, Any]


def totals_of(query: Query, parameters: Mapping[str, Any], period: Period | None = None, most_blocks: int = MAX_BLOCKS) -> Found:
    """Return the total and the figures by key (most wall time, tokens, calls first, days and hours in order), the tools that ran, the most called
    first, and the blocks of a period if one is given: one more than `most_blocks` where there are more."""
    total: dict[str, Any] = dict.fromkeys(_CLOCKS, 0.0)
    found = defaultdict[str, dict[str, Any]](dict)
    of_rows = _OF_ROWS.get(parameters["by"])
    worked, (calls, prompts, spend) = side_by_side(
        lambda: query(statement("worked"), {**parameters, **_cut(period, parameters["by"], most_blocks)}),
        *(partial(_rows, query, name, parameters) for name in ("calls", "prompts", "spend")),
    )
    for clock in (_clock(row) for row in _clocks(worked)):
        if of_rows is None:
            found[clock.key].update(clock.own)
        for name, value in clock.shares.items():
            total[name] += value
    counted = {
        "prompts": prompts,
        "tool_calls": [_calls(row) for row in calls if row["part"] in (_TOTAL, _KEY)],
        "spend": spend,
    }
    for name, rows in counted.items():
        for row in rows:
            key, is_total = row.pop("key"), row.pop("is_total")
            if is_total:
                total.update(row)
            elif of_rows is None or name in of_rows:
                found[key].update(row)
    of_keys = (WorkTotals(key, **figures) for key, figures in found.items())
    return Found(
        WorkTotals(**total),
        tuple(sorted(of_keys, key=_in_order if parameters["by"] in ("day", "hour") else _by_size)),
        tuple(_tool(row) for row in calls if row["part"] == _TOOL),
        tuple(_tools_of_kind(row) for row in calls if row["part"] == _KIND),
        _blocks(worked, parameters["names"]),
    )


def _rows(query: Query, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    return query(statement(name), parameters).as_dicts()


def _cut(period: Period | None, by: str, most_blocks: int = MAX_BLOCKS) -> dict[str, Any]:
    """What worked.sql binds for the blocks. With `only_blocks` rows of keys are not looked at, and need not be worked out."""
    return {
        "blocks": int(period is not None),
        "only_blocks": False,
        "block_days": [day.name for day in period.days] if period else [],
        "block_edges": period.edges_ns if period else [],
        "per_project": by == "project",
        "max_blocks": most_blocks + 1,
    }


def clocks_of(query: Query, parameters: Mapping[str, Any]) -> WorkTotals:
    """Return the clocks of everything together, and nothing else."""
    shares = [_clock(row).shares for row in _clocks(query(statement("worked"), {**parameters, "by": "user", **_cut(None, "user")}))]
    return WorkTotals(**{name: sum(each[name] for each in shares) for name in _CLOCKS})


def _clocks(found: Rows) -> Iterator[dict[str, Any]]:
    is_block = found.columns.index("is_block")
    return (dict(zip(found.columns, row, strict=True)) for row in found if not row[is_block])


def _clock(row: Mapping[str, Any]) -> Clock:
    own = {name: row[name] for name in _CLOCKS}
    return Clock(row["key"], own, {name: row.get(f"all_{name}", value) for name, value in own.items()})


def _blocks(found: Rows, told: BlockNames) -> tuple[Block, ...]:
    """Return the blocks among what `worked` answers: ten thousand of a team's week, so no row is made a dictionary."""
    at = {name: place for place, name in enumerate(found.columns)}
    is_block, cut, names = at["is_block"], itemgetter(*(at[name] for name in _CUT)), itemgetter(*(at[name] for name in _NAMES))
    if told is not BlockNames.NONE:
        blocks = tuple(_block(cut(row), names(row)) for row in found if row[is_block])
        return blocks if told is BlockNames.ALL else with_few_prompts(blocks)
    project = at["key"]
    return tuple(Block(*cut(row), *_of_project(row[project])) for row in found if row[is_block])


def _block(cut: Sequence[Any], names: Sequence[Any]) -> Block:
    """Return a block with its names, or with how many prompts there are in their place."""
    projects, branches, sessions, prompts, commits = names
    named, left_out = ((), prompts) if isinstance(prompts, int) else (prompts, 0)
    block = Block(*cut, *map(tuple, (projects, branches, sessions, named, commits)))
    return replace(block, prompts_left_out=left_out) if left_out else block


def _of_project(project: str) -> tuple[tuple[str, ...], ...]:
    return ((project,) if project else (), *(((),) * (len(_NAMES) - 1)))


def _calls(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": row["key"], "is_total": row["part"] == _TOTAL, **{name: row[name] for name in _CALLS}}


def _tool(row: Mapping[str, Any]) -> Tool:
    told = (row[name] for name in ("key", "mcp_server", "tool_calls", "failures", "denials", "interruptions", "run_s", "wait_s"))
    return Tool(*told, *_quantiles(row))


def _tools_of_kind(row: Mapping[str, Any]) -> ToolsOfKind:
    agent, _, kind = row["key"].rpartition(" ")
    told = (row[name] for name in ("tool_calls", "failures", "denials", "interruptions", "run_s", "wait_s"))
    return ToolsOfKind(agent, kind, *told, *_quantiles(row))


def _quantiles(row: Mapping[str, Any]) -> Sequence[float | None]:
    found: Sequence[float | None] = row["run_quantiles_s"] if row["tool_calls"] > row["denials"] else (None, None, None)
    return found


def block_row(report: WorkReport, block: Block) -> BlockRow:
    """Return a block as it is told, rounded as the report was asked to."""
    return row_of(block, report.request.rounded_s(block.duration_s))


def _in_order(row: WorkTotals) -> str:
    return row.key


def _by_size(row: WorkTotals) -> tuple[float, int, int, str]:
    return -row.wall_s, -row.total_tokens, -row.tool_calls, row.key
