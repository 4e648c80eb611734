"""The clocks and blocks of a period out of half hours, as the statement `worked` of the reports answers, wherever half hours are fine enough."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import orjson

from hookline.system.clock import NS_PER_DAY, NS_PER_S
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.blocks import MOST_PROMPTS, BlockNames
from hookline_collector.work.statements import Query
from hookline_collector.worked_out.block_rules import NAMES, Spans, StoredSpell, blocks_of_spells, lengths_of_spans, spell_of
from hookline_collector.worked_out.clock_rules import (
    ALL,
    AT_MOST_S,
    BY_BRANCH,
    BY_PROJECT,
    BY_PROJECT_AND_SESSION,
    BY_SESSION,
    OF_AGENTS,
    SLOT_NS,
    Stretch,
    clocks_of,
    slots_of,
    spells_of,
    within,
)
from hookline_collector.worked_out.clock_store import day_named, stretches
from hookline_collector.worked_out.day_reading import DayGround
from hookline_collector.worked_out.days_of_work import clocks_of_days, lengths_of_days, no_days
from hookline_collector.worked_out.flat_tables import day_of
from hookline_collector.worked_out.part_rules import ends_at

CLOCKS = ("human_s", "human_at_most_s", "agent_s", "agent_once_s", "wall_s", "permission_wait_s", "answer_wait_s", "prompt_wait_s")
UNIONS = {"human_s": "all_human_s", "human_at_most_s": "all_human_at_most_s", "agent_once_s": "all_agent_once_s", "wall_s": "all_wall_s"}
_OF_BLOCK = ("projects", "branches", "sessions", "prompts", "commits")
COLUMNS = ("is_block", "key", *CLOCKS, *UNIONS.values(), "of_user", "day", "block_from_ns", "block_to_ns", *_OF_BLOCK)
MOST_LIVE = 2_000
"""So many half hours in which something goes on until now are worked out while somebody waits."""
MOST_SPELLS = 80_000
"""Of so many spells blocks are made here, and their lengths: sooner than the statement that does it in the engine is planned."""
FEWEST_CALLS = 1_000_000
"""Of so many calls a team's spells are counted before they are read."""
SPARE = 8
"""One block more is sought for so many that are asked for."""
_NAMED = "arrayMap(name -> toString(name), branches) AS branches, sessions, PROMPTS AS prompts, commits"
_NAMELESS = ", ".join(f"emptyArrayString() AS {name}" for name in ("branches", "sessions", "prompts", "commits"))
_ADDED = {name: f", arraySort(groupUniqArrayArray(s.{name})) AS {name}" for name in _OF_BLOCK}
_COUNTED = _ADDED | {"prompts": ", uniqExactArray(s.prompts) AS prompts"}
_GRAINS = {"project": BY_PROJECT, "branch": BY_BRANCH, "session": BY_SESSION}
_BY_TIME = "transform(roundDown(at_ns, {edges:Array(Int64)}), {edges:Array(Int64)}, arrayPushBack({days:Array(String)}, ''), '')"
_CLOCK_KEYS = {
    "project": "project",
    "branch": "if(branch = '', toString(project), concat(project, ' ', branch))",
    "user": "user",
    "agent": "agent",
    "session": "session_id",
    "day": _BY_TIME,
    "hour": _BY_TIME,
}
_LENGTH_KEYS = {"project": "project", "user": "user", "day": "{days:Array(String)}[SLOT]", "hour": "{days:Array(String)}[SLOT]"}
WorkedQuestion = Mapping[str, Any]
Grains = list[int]


class LiveHalfHours(NamedTuple):
    """Half hours and runs in which something goes on until now, the names of those half hours, which are not read, and when they begin."""

    clocks: Sequence[Mapping[str, Any]]
    spells: Sequence[Mapping[str, Any]]
    names: Sequence[str]
    slots: Sequence[int]


class SpellsOfDay(NamedTuple):
    """How many spells a UTC day has, how many blocks begin on it, at least, and how many prompts spells name.

    Rows that were replaced may count too.
    """

    day: int
    spells: int
    blocks: int
    prompts: int


def is_fine(asked: WorkedQuestion) -> bool:
    """Whether half hours answer the question: they begin wherever it cuts, and count back as far as it does."""
    return asked["idle_s"] == AT_MOST_S and all(edge % SLOT_NS == 0 for edge in (*asked["cuts"], *asked.get("block_edges", ())))


def worked_rows(ground: DayGround, asked: WorkedQuestion, going_on: LiveHalfHours) -> Rows:
    """Return what `worked` answers."""
    query = ground.of_rows
    own, whole = _grains(asked)
    clocks, spells, names, slots = going_on
    common = {**asked, "own": own, "whole": whole, "grains": sorted({*own, *whole}), "live": names}
    rows = list[tuple[Any, ...]]()
    if not asked["only_blocks"]:
        found = [*_stored(ground, common, slots), *_going_on(clocks, common)]
        rows = [tuple(row[name] for name in COLUMNS) for row in _clocks(found, own == whole)]
    if asked["blocks"]:
        rows += [_block(row, is_keyed=asked["per_project"]) for row in _blocks(query, common, spells, _calls(ground, asked))]
    return Rows(COLUMNS, ("",) * len(COLUMNS), tuple(rows))


def length_rows(ground: DayGround, asked: WorkedQuestion, going_on: LiveHalfHours) -> Rows:
    """Return what `lengths` answers."""
    ask = partial(_lengths, ground.of_rows, going_on)
    found: Iterable[Sequence[Any]] | None = lengths_of_days(ground, asked, _length_key(asked["by"]), going_on.slots, ask)
    if found is None and len(asked["cuts"]) == 2 and _calls(ground, asked) < FEWEST_CALLS:
        found = _lengths_here(ground.of_rows, going_on, asked)
    if found is None:
        found = ask(asked)
    rows = tuple((of_project, key, length_ns / NS_PER_S) for of_project, key, length_ns in found)
    return Rows(("of_project", "key", "length_s"), ("", "", ""), rows)


def _lengths_here(query: Query, going_on: LiveHalfHours, asked: WorkedQuestion) -> Iterable[Sequence[Any]] | None:
    """Return the same as `_lengths` of a period that is cut nowhere, out of when blocks begin and end; None where there are too many spells."""
    spans = _spans(query, {**asked, "live": going_on.names}, asked["cuts"])
    if spans is None:
        return None
    return [(*whose, length_ns) for whose, length_ns in sorted(lengths_of_spans(spans, _live_of(going_on, asked), asked).items())]


def _live_of(going_on: LiveHalfHours, asked: WorkedQuestion) -> list[Mapping[str, Any]]:
    """Return the runs in which something goes on and that are asked for."""
    return [
        {**each, "project": each["project"] if each["of_project"] else ""}
        for each in going_on.spells
        if each["of_project"] in asked["readings"] and asked["project"] in ("", each["project"]) and _is_of(each, asked)
    ]


def _lengths(query: Query, going_on: LiveHalfHours, asked: WorkedQuestion) -> Rows:
    """Return how long blocks are in nanoseconds, out of runs."""
    spells = _live_of(going_on, asked)
    name, slot = ("read_whole_lengths", "1") if len(asked["cuts"]) == 2 else ("read_lengths", "slot")
    sql = load_query(__package__, name).replace("KEY", _LENGTH_KEYS.get(asked["by"], "''").replace("SLOT", slot))
    sql = sql.replace("LIVE", load_query(__package__, "live_lengths") if going_on.names else "")
    return query(sql, {**asked, "live": going_on.names, "spells": orjson.dumps(spells).decode()})


def _length_key(by: str) -> str:
    """Return what lengths of days are grouped by."""
    return by if by in ("project", "user") else _BY_TIME if by in ("day", "hour") else "''"


def going_on_in(query: Query, asked: WorkedQuestion) -> LiveHalfHours | None:
    """Return what goes on until now in and around a period, added up by half hours; None where that is too much."""
    live = _live(query, asked)
    if sum(map(len, live.values())) > MOST_LIVE:
        return None
    names = [f"{at_ns} {user}" for user, found in live.items() for at_ns in found]
    return LiveHalfHours(*_worked_out(query, live), names, [at_ns for found in live.values() for at_ns in found])


def _grains(asked: WorkedQuestion) -> tuple[Grains, Grains]:
    """Return within what the rows' clocks are unions, and within what the total's are; two of each where it is by agent or of one."""
    whole = BY_PROJECT if asked["project"] else ALL
    own = _GRAINS.get(asked["by"], whole)
    if own == BY_SESSION and asked["project"]:
        own = BY_PROJECT_AND_SESSION
    return _of_agents(own, asked["by"] == "agent" or bool(asked["agent"])), _of_agents(whole, bool(asked["agent"]))


def _of_agents(grain: int, is_by_agent: bool) -> Grains:
    return [grain, OF_AGENTS[grain]] if is_by_agent and grain in OF_AGENTS else [grain]


def _live(query: Query, asked: WorkedQuestion) -> dict[str, dict[int, list[Stretch]]]:
    """Return by person the half hours in and around the period in which something goes on until now, with what does."""
    first, last = asked["cuts"][0] - 86_400 * 10**9, asked["cuts"][-1] + 86_400 * 10**9
    found: defaultdict[str, dict[int, list[Stretch]]] = defaultdict(dict)
    for *row, heard_ns, sure_end_ns in query(load_query(__package__, "running_parts"), {"user": asked["user"]}):
        part = Stretch(*row)
        to_ns = min(part.to_ns, ends_at((heard_ns, sure_end_ns), part.from_ns, asked["now"]), last)
        from_ns = max(part.from_ns, first - first % SLOT_NS)
        if to_ns > from_ns:
            for at_ns in slots_of(from_ns, to_ns):
                found[part.user].setdefault(at_ns, []).append(part._replace(to_ns=to_ns))
    return dict(found)


def _worked_out(query: Query, live: Mapping[str, Mapping[int, Sequence[Stretch]]]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the half hours and runs of what goes on, with what else there was in them."""
    clocks: list[Mapping[str, Any]] = []
    spells: list[Mapping[str, Any]] = []
    for user, found in live.items():
        running = {part for parts in found.values() for part in parts}
        for at_ns, pieces in within([*stretches(query, user, found), *running], found).items():
            clocks += clocks_of(user, at_ns, pieces)
            spells += spells_of(user, at_ns, pieces)
    return clocks, spells


def _stored(ground: DayGround, asked: Mapping[str, Any], live_ns: Sequence[int]) -> Iterator[Sequence[Any]]:
    """Yield what half hours that are stored come to: whether it counts for a key and for the total, the key, and the clocks."""
    of_days, days = clocks_of_days(ground, asked, _CLOCK_KEYS.get(asked["by"], "''"), live_ns) or ((), no_days(asked))
    of_rows = ground.of_rows(clocks_statement(asked["by"], days.beside), {**asked, **days.bound}) if days.pieces else ()
    for grain, mixed, key, *told in chain(of_days, of_rows):
        is_own, is_whole = _parts_of(asked, grain, mixed)
        if is_own or is_whole:
            yield is_own, is_whole, key if is_own else "", *told


def _going_on(clocks: Iterable[Mapping[str, Any]], asked: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """Yield half hours in which something goes on as those that are stored."""
    for row in clocks:
        is_own, is_whole = _parts_of(asked, row["grain"], row["mixed"])
        is_asked = asked["cuts"][0] <= row["at_ns"] < asked["cuts"][-1] and all(asked[name] in ("", row[name]) for name in ("project", "agent"))
        if is_asked and (is_own or is_whole):
            yield is_own, is_whole, _key(row, asked) if is_own else "", *(row[f"{name.removesuffix('_s')}_ns"] for name in CLOCKS)


def _parts_of(asked: Mapping[str, Any], grain: int, mixed: int) -> Iterator[bool]:
    """Yield whether a half hour is one of the rows', and of the total's. With two grains it is by agent: what several did is in the second."""
    return (grain in grains and (mixed == 0 or len(grains) == 1) for grains in (asked["own"], asked["whole"]))


def _key(row: Mapping[str, Any], asked: WorkedQuestion) -> str:
    match asked["by"]:
        case "project" | "user" | "agent" as name:
            return str(row[name])
        case "branch":
            return f"{row['project']} {row['branch']}" if row["branch"] else str(row["project"])
        case "session":
            return str(row["session_id"])
        case "day" | "hour":
            return str(asked["days"][bisect_right(asked["edges"], row["at_ns"]) - 1])
    return ""


def _clocks(found: Iterable[Sequence[Any]], is_one: bool) -> list[dict[str, Any]]:
    """Return a row a key. What counts once in the total stands in the first of them, as they are only added up."""
    own: defaultdict[str, list[Sequence[int]]] = defaultdict(list)  # by agent, what one did alone and its share of what several did
    for is_own, _, key, *clocks in found:
        if is_own and any(clocks):
            own[key].append(clocks)
    of_total = _added(clocks for _, is_whole, _, *clocks in found if is_whole)
    rows = [{**_EMPTY, "key": key, **_added(found_clocks)} for key, found_clocks in own.items()]
    for n, row in enumerate(rows):
        for name, of_all in UNIONS.items():
            row[of_all] = row[name] if is_one else of_total[name] if n == 0 else 0.0
    return rows


def _added(clocks: Iterable[Sequence[int]]) -> dict[str, float]:
    return {name: sum(values) / 1e9 for name, values in zip(CLOCKS, zip(*clocks, strict=True), strict=False)} or dict.fromkeys(CLOCKS, 0.0)


def _blocks(query: Query, asked: Mapping[str, Any], given: Sequence[Mapping[str, Any]], calls: int = 0) -> Iterable[Iterable[Any]]:
    """Return the blocks of a period; `given` are spells that are not read, because something in them goes on. `calls` is how many calls days have
    that were added up.

    A team's spells are counted before they are read: most of what that costs are their names. Of others lengths ask for both readings at this moment.
    """
    asked = {**asked, "of_project": int(asked["per_project"] or bool(asked["project"]))}
    by_day = _counted(query, asked) if calls >= FEWEST_CALLS and not asked["user"] else ()
    live = [each for each in given if each["of_project"] == asked["of_project"] and asked["project"] in ("", each["project"]) and _is_of(each, asked)]
    are_many = sum(each.spells for each in by_day) > MOST_SPELLS or _is_of_many_prompts(by_day, asked)
    both = [0, 1] if asked["per_project"] and not asked["project"] and calls < FEWEST_CALLS else [asked["of_project"]]
    found = None if are_many else _blocks_of_spans(query, {**asked, "readings": both}, list(map(spell_of, live)))
    if found is None:
        return _blocks_of_engine(query, {**asked, "spells": orjson.dumps(given).decode()}, by_day or _counted(query, asked))
    return found


def _blocks_of_spans(query: Query, asked: Mapping[str, Any], live: Sequence[StoredSpell]) -> Sequence[Iterable[Any]] | None:
    """Return as many blocks as are asked for, with spells in which something goes on; None where there are too many spells or prompts, and where
    spells were written meanwhile.

    When blocks begin and end says on which days so many lie: what they come to is read after that, on no other days.
    """
    edges, most = asked["block_edges"], asked["max_blocks"]
    found = _spans(query, asked, (edges[0], edges[-1]))
    if found is None:
        return None
    spans = [each for each in found if each.of_project == asked["of_project"]]
    if sum(each.prompts for each in spans) > MOST_PROMPTS and _is_of_many_prompts(_counted(query, asked), asked):
        return None
    last = _day_with(spans, edges, most + len(live))
    spells = _joined(query, asked, spans, edges[: last + 1])
    if spells is None:
        return None
    blocks = blocks_of_spells([*spells, *live], asked["block_days"][:last], edges[: last + 1], asked["idle_s"])[:most]
    return None if len(blocks) < most and last < len(edges) - 1 else blocks


def _spans(query: Query, asked: Mapping[str, Any], period: Sequence[int]) -> list[Spans] | None:
    """Return when blocks in and around a period begin and end; None where there are too many spells."""
    bound = {**asked, "from_ns": period[0] - SLOT_NS, "to_ns": period[-1] + SLOT_NS, "most": MOST_SPELLS}
    found = [Spans(*row) for row in query(load_query(__package__, "read_spans"), bound)]
    return found if sum(each.spells for each in found) <= MOST_SPELLS else None


def _day_with(spans: Sequence[Spans], edges: Sequence[int], most: int) -> int:
    """Return the day by which so many blocks begin, or the last one."""
    last = len(edges) - 1

    def begun_by(day: int) -> int:
        return sum(bisect_left(each.from_ns, edges[day]) - bisect_left(each.from_ns, edges[0]) for each in spans)

    return bisect_left(range(last), most, lo=1, key=begun_by)


def _joined(query: Query, asked: Mapping[str, Any], spans: Sequence[Spans], edges: Sequence[int]) -> list[StoredSpell] | None:
    """Return the spells of each block on each day as one; None where one has a gap that counts or lies on two days, as spells were written meanwhile,
    and for too many persons' projects.

    So that one number says of which block and day a spell is, the time of a person's project follows that of the one before.
    """
    begin_ns, end_ns = edges[0] - SLOT_NS, edges[-1] + SLOT_NS
    span_ns, starts = end_ns - begin_ns, [0]
    if (len(spans) + 1) * span_ns >= 2**63:
        return None
    for n, each in enumerate(spans, 1):
        for from_ns, to_ns in zip(each.from_ns[: bisect_left(each.from_ns, end_ns)], each.to_ns, strict=False):
            cuts = edges[bisect_right(edges, from_ns) : bisect_left(edges, to_ns)]
            starts += (at_ns - begin_ns + n * span_ns for at_ns in (from_ns, *cuts))
    bound = {"whose": [f"{each.user}\n{each.project}" for each in spans], "starts": starts, "from_ns": begin_ns, "to_ns": end_ns}
    found = query(joined_statement(asked["names"]), {**asked, **bound}).rows
    if any(has_gap or bisect_right(edges, row[2]) != bisect_right(edges, last_ns) for row in found for last_ns, has_gap in (row[8:10],)):
        return None
    return [StoredSpell(*row[:8], *(row[10:] or _NO_NAMES)) for row in found]


def _calls(ground: DayGround, asked: Mapping[str, Any]) -> int:
    """Return how many calls those days of a period have that were added up."""
    first, last = day_of(asked["cuts"][0]), day_of(asked["cuts"][-1])
    return sum(calls for day, calls in ground.added_up.calls.items() if first <= day <= last)


def _counted(query: Query, asked: Mapping[str, Any]) -> Sequence[SpellsOfDay]:
    return [SpellsOfDay(*row) for row in query(load_query(__package__, "count_spells"), asked)]


def _is_of_many_prompts(by_day: Sequence[SpellsOfDay], asked: Mapping[str, Any]) -> bool:
    """Whether the blocks that are asked for may have more prompts than are named."""
    if asked["names"] is not BlockNames.FEW:
        return False
    edges = asked["block_edges"]
    end_ns = edges[_days_for(by_day, edges, 0, asked["max_blocks"])]
    of_spells = sum(each.prompts for each in by_day if edges[0] - NS_PER_DAY < each.day * NS_PER_DAY < end_ns)
    return of_spells > MOST_PROMPTS


def _blocks_of_engine(query: Query, asked: Mapping[str, Any], by_day: Sequence[SpellsOfDay]) -> Sequence[Sequence[Any]]:
    """Return as many blocks as are asked for. Where only few prompts are named and there may be many, these are counted first."""
    if _is_of_many_prompts(by_day, asked):
        found = list(_first_blocks(query, asked, blocks_statement(BlockNames.FEW), by_day))
        if sum(row[_PROMPTS] for row in found) > MOST_PROMPTS:
            return found
    of_names = BlockNames.NONE if asked["names"] is BlockNames.NONE else BlockNames.ALL
    return list(_first_blocks(query, asked, blocks_statement(of_names), by_day))


def _first_blocks(query: Query, asked: Mapping[str, Any], sql: str, by_day: Iterable[SpellsOfDay]) -> Iterator[Sequence[Any]]:
    """Yield as many blocks as are asked for, out of no more days than they lie on.

    Blocks are cut at the edges of days and stand in order of time, so those of some days and then those of the next are those of both.
    """
    edges, first, left = asked["block_edges"], 0, asked["max_blocks"]
    while first < len(edges) - 1 and left > 0:
        last = _days_for(by_day, edges, first, left)
        days = {"block_days": asked["block_days"][first:last], "block_edges": edges[first : last + 1], "max_blocks": left}
        found = query(sql, {**asked, **days, "since": day_named(day_of(edges[first])), "until": day_named(day_of(edges[last] - 1))})
        yield from found
        first, left = last, left - len(found)


def _days_for(by_day: Iterable[SpellsOfDay], edges: Sequence[int], first: int, most: int) -> int:
    """Return the edge up to which to look for so many blocks: somewhat farther than they begin, as what was replaced is counted too and a day more
    costs less than another statement.
    """
    return _days_of(by_day, edges, first, most + most // SPARE)


def _days_of(by_day: Iterable[SpellsOfDay], edges: Sequence[int], first: int, most: int) -> int:
    """Return the edge up to which so many blocks begin from another edge on, or the last one."""
    for each in by_day:
        if each.day * NS_PER_DAY >= edges[first]:
            most -= each.blocks
            if most <= 0:
                return min(bisect_left(edges, (each.day + 1) * NS_PER_DAY), len(edges) - 1)
    return len(edges) - 1


def clocks_statement(by: str, beside: str = "") -> str:
    """Return the statement about clocks, by what rows are grouped by, of all half hours or of those that lie beside days."""
    return load_query(__package__, "read_clocks").replace("KEY", _CLOCK_KEYS.get(by, "''")).replace(" BESIDE", beside)


def blocks_statement(names: BlockNames = BlockNames.ALL) -> str:
    """Return the statement about blocks. Of few names it counts prompts, by their hashes, which cost a fifth of the texts; without any it tells
    lengths alone, as telling ten thousand empty lists costs more than all else.
    """
    added = {BlockNames.ALL: _ADDED, BlockNames.FEW: _COUNTED, BlockNames.NONE: {}}[names]
    told = "".join(f", {name}" for name in added)
    sql = load_query(__package__, "read_blocks").replace(" TOLD", told).replace(" ADDED", "".join(added.values()))
    sql = sql.replace("NAMES", _NAMELESS if names is BlockNames.NONE else _NAMED)
    prompts = "arrayMap(name -> cityHash64(name), {})" if names is BlockNames.FEW else "{}"
    return sql.replace("GIVEN_PROMPTS", prompts.format("row.prompts")).replace("PROMPTS", prompts.format("prompts"))


def _is_of(spell: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether a spell is of the agent that is asked for; without one those of everything count, whoever worked."""
    return not spell["mixed"] and spell["agent"] == asked["agent"] if asked["agent"] else not spell["of_agent"]


def _block(row: Iterable[Any], *, is_keyed: bool) -> tuple[Any, ...]:
    """Return a block as a row of COLUMNS."""
    user, project, day, from_ns, to_ns, wall_s, human_s, agent_s, agent_once_s, *names = row
    clocks = human_s, 0, agent_s, agent_once_s, wall_s, 0, 0, 0
    return 1, project if is_keyed else "", *clocks, 0, 0, 0, 0, user, day, from_ns, to_ns, *(names or _NO_NAMES)


def joined_statement(names: BlockNames) -> str:
    """Return the statement about the spells of blocks; without names it tells lengths alone."""
    told = "" if names is BlockNames.NONE else "".join(f", arraySort(groupUniqArrayArray({name}))" for name in NAMES)
    return load_query(__package__, "read_joined_spells").replace(" NAMES", told)


_PROMPTS = 9 + _OF_BLOCK.index("prompts")
"""Where a block's prompts stand in what `read_blocks.sql` answers."""
_NO_NAMES: tuple[tuple[str, ...], ...] = ((),) * len(_OF_BLOCK)
_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(COLUMNS, 0),
    "of_user": "",
    "day": "",
    **dict.fromkeys(_OF_BLOCK, ()),
}
