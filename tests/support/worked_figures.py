"""The figures of everything that is stored, told twice: by the views, which compute them from the facts, and by what was worked out."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from hookline_collector.store import Store
from hookline_collector.worked_out.clock_rules import Stretch, clocks_of, slots_of, spells_of, within
from hookline_collector.worked_out.flat_tables import CLOCKS, SPELLS, FlatTable

DAY_NS = 86_400_000_000_000
EVER = "since = '1970-01-02', until = '2149-06-05'"
CALLS = """session_id, call_id, tool, tool_kind, prompt_id, agent, user, host, project, branch, revision, agent_id, mcp_server, file_extension,
background, {requested}, {started}, {ended}, round(run_s, 6), round(wait_s, 6), round(native_run_s, 6), outcome, error_type, closed_by,
input_bytes, output_bytes, decision, decision_source, evidence, evidence_source, from_hook, from_native, from_transcript, process_cpu_s,
process_cpu_shared"""
TURNS = """session_id, prompt_id, agent, user, host, project, branch, revision, model, {started}, {ended}, is_open, outcome, closed_by, error_type,
prompt_length, source_name, from_hook, from_native, from_transcript, evidence, evidence_source, prompt_source, is_script, absorbed_prompts"""
REQUESTS = """request_key, session_id, prompt_id, {time}, model, agent, user, account, host, project, branch, agent_id, is_subagent, input_tokens,
output_tokens, cache_read_tokens, cache_creation_tokens, round(cost_usd, 9), cost_source, round(duration_s, 6), source_name"""
SESSIONS = """session_id, agent, user, host, project, branch, model, {started}, {last}, {ended}, ended_how, end_reason, start_source, previous_id,
prompts, calls, failures, sources, evidence, is_script, requests, input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, total_tokens,
round(cost_usd, 9), requests_without_cost"""
MOMENTS = ("requested", "started", "ended", "time", "last")
PARTS = "kind, reason, user, host, project, branch, revision, session_id, prompt_id, source, agent, agents, act_ns, from_ns"
RUNNING = f"""SELECT {PARTS},
    least(to_ns, multiIf(
        sure_end_ns > 0, least(sure_end_ns, {{now:Int64}}), {{now:Int64}} - heard_ns <= 3600000000000, {{now:Int64}}, toInt64(0))) AS until
FROM (SELECT *, toInt64(1) AS agents, toInt64(0) AS act_ns FROM worked_running FINAL) WHERE until > from_ns"""
VIEWS = ("tool_calls", "turns", "usage", "sessions")
ACTIVITY = """SELECT kind, reason, user, host, project, branch, revision, session_id, prompt_id, source_name, agent, agents,
toUnixTimestamp64Nano(started), toUnixTimestamp64Nano(ended) FROM {view}"""
BLOCKS = """user, toUnixTimestamp64Nano(started), toUnixTimestamp64Nano(ended), round(wall_s, 3), round(human_s, 3), round(agent_s, 3),
arraySort(sessions), arraySort(projects)"""
Figures = dict[str, list[str]]


def computed(store: Store, now_ns: int) -> Figures:
    """Return the figures as the views compute them."""
    moments = {name: f"toUnixTimestamp64Nano({name})" for name in MOMENTS}
    asked = {
        "calls": f"SELECT {CALLS.format(**moments)} FROM told_tool_calls",
        "turns": f"SELECT {TURNS.format(**moments)} FROM told_turns",
        "requests": f"SELECT {REQUESTS.format(**moments)} FROM told_usage",
        "sessions": f"SELECT {SESSIONS.format(**moments)} FROM told_sessions",
    }
    parts = store.query(f"SELECT {PARTS}, to_ns FROM told_parts_at({EVER}, user = '', now = {now_ns})").rows
    return {**{name: _told(store, sql) for name, sql in asked.items()}, "parts": sorted(str(piece) for row in parts for piece in _by_day(row))}


def worked(store: Store, now_ns: int) -> Figures:
    """Return the figures as they were worked out."""
    moments = {name: f"{name}_ns" for name in MOMENTS}
    asked = {
        "calls": f"SELECT {CALLS.format(**moments)} FROM worked_calls FINAL",
        "turns": f"SELECT {TURNS.format(**moments)} FROM worked_turns FINAL",
        "requests": f"SELECT {REQUESTS.format(**moments)} FROM worked_requests FINAL",
        "sessions": f"SELECT {SESSIONS.format(**moments)} FROM worked_sessions FINAL WHERE last_ns > 0",
    }
    whole = store.query(f"SELECT {PARTS}, to_ns FROM worked_parts FINAL").rows
    running = store.query(RUNNING, {"now": now_ns}).rows
    return {
        **{name: _told(store, sql) for name, sql in asked.items()},
        "parts": sorted(str(piece) for row in (*whole, *running) for piece in _by_day(row)),
    }


def _told(store: Store, sql: str) -> list[str]:
    return sorted(str([sorted(value) if isinstance(value, list) else value for value in row]) for row in store.query(sql).rows)


def _by_day(row: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Cut a stretch at midnight: rows are, views are not."""
    *rest, from_ns, to_ns = row
    found = []
    while from_ns < to_ns:
        cut_ns = min(to_ns, (from_ns // DAY_NS + 1) * DAY_NS)
        found.append((*rest, from_ns, cut_ns))
        from_ns = cut_ns
    return found


def view_differences(store: Store, now_ns: int) -> dict[str, list[str]]:
    """Return by view which rows differ from the second opinion: all days, some days, and blocks of work up to a moment."""
    found = block_differences(store, now_ns, (300,))
    for view in VIEWS:
        of_view = {name for name, *_ in store.query(f"DESCRIBE TABLE told_{view}") if name not in ("cost_usd", "wait_s", "run_s", "duration_s")}
        columns = ", ".join(sorted(of_view))
        found[view] = _differ(_told(store, f"SELECT {columns} FROM {view}"), _told(store, f"SELECT {columns} FROM told_{view}"))
    for view, moment in (("tool_calls", "started"), ("turns", "started"), ("usage", "time")):
        some = _told(store, f"SELECT session_id, {moment} FROM {view}_between(since = '2026-09-21', until = '2026-09-22')")
        of_day = "if(toUnixTimestamp64Nano(started) = 0, ended, started)" if view == "tool_calls" else moment
        whole = f"SELECT session_id, {moment} FROM told_{view} WHERE toDate({of_day}) BETWEEN '2026-09-21' AND '2026-09-22'"
        found[f"{view}_between"] = _differ(some, _told(store, whole))
    found["activity"] = _differ(_activity(store, "activity"), _activity(store, "told_activity"))
    return {name: differ for name, differ in found.items() if differ}


def block_differences(store: Store, now_ns: int, idles_s: Iterable[int]) -> dict[str, list[str]]:
    """Return by idle gap which blocks of work up to a moment differ from those that are put together stretch by stretch."""
    found = {}
    for idle_s in idles_s:
        asked = f"SELECT {BLOCKS} FROM work_blocks_at(idle_s = {idle_s}, {EVER}, now = {now_ns})"
        rows = [str([*row[:3], *map(float, row[3:6]), *row[6:]]) for row in store.query(asked)]
        found[f"work_blocks {idle_s}"] = _differ(rows, _blocks(store, now_ns, idle_s))
    return {name: differ for name, differ in found.items() if differ}


def _activity(store: Store, view: str) -> list[str]:
    return [str(piece) for row in store.query(ACTIVITY.format(view=view)) for piece in _by_day(row)]


def _differ(one: list[str], other: list[str]) -> list[str]:
    left, right = Counter(one), Counter(other)
    return sorted([f"only in it: {row}" for row in (left - right).elements()] + [f"missing: {row}" for row in (right - left).elements()])


def _blocks(store: Store, now_ns: int, idle_s: int) -> list[str]:
    """Return the blocks of work, put together stretch by stretch."""
    found, by_user = [], defaultdict[str, list[tuple[Any, ...]]](list)
    asked = f"SELECT user, from_ns, to_ns, kind, agents, session_id, project FROM activity_parts_at({EVER}, user = '', now = {now_ns}) WHERE kind < 3"
    for user, *stretch in store.query(asked):
        by_user[user].append(tuple(stretch))
    for user, stretches in by_user.items():
        block: list[tuple[Any, ...]] = []
        for row in sorted(stretches):
            if block and row[0] > max(each[1] for each in block) + idle_s * 1_000_000_000:
                found.append(_block(user, block))
                block = []
            block.append(row)
        found.append(_block(user, block))
    return found


def _block(user: str, rows: list[tuple[Any, ...]]) -> str:
    wall, human = (union((row[0], row[1]) for row in rows if row[2] in kinds) for kinds in ((1, 2), (2,)))
    agent = sum((row[1] - row[0]) * row[3] for row in rows if row[2] == 1)
    names = sorted({row[4] for row in rows}), sorted({row[5] for row in rows} - {""})
    return str([user, rows[0][0], max(row[1] for row in rows), *(round(value / 1e9, 3) + 0.0 for value in (wall, human, agent)), *names])


def union(spans: Iterable[tuple[int, int]]) -> int:
    """Return how much time spans cover that come in the order of their beginnings."""
    covered, reached = 0, 0
    for from_ns, to_ns in spans:
        covered += max(0, to_ns - max(from_ns, reached))
        reached = max(reached, to_ns)
    return covered


def clock_differences(store: Store) -> list[str]:
    """Return which half hours and runs of work are not what the stretches add up to."""
    parts: defaultdict[str, list[Stretch]] = defaultdict(list)
    for row in store.query(f"SELECT {', '.join(Stretch._fields)} FROM worked_parts FINAL"):
        parts[row[0]].append(Stretch(*row))
    expected: Counter[str] = Counter()
    for user, of_user in parts.items():
        for at_ns, pieces in within(of_user, {at for part in of_user for at in slots_of(part.from_ns, part.to_ns)}).items():
            for table, rows in ((CLOCKS, clocks_of(user, at_ns, pieces)), (SPELLS, spells_of(user, at_ns, pieces))):
                expected.update(str([row[name] for name in _columns(table)]) for row in rows)
    found: Counter[str] = Counter()
    for table in (CLOCKS, SPELLS):
        columns = ", ".join("toUInt16(day)" if name == "day" else name for name in _columns(table))
        found.update(str(list(row)) for row in store.query(f"SELECT {columns} FROM {table.name} FINAL"))
    return sorted(((expected - found) + (found - expected)).elements())


def _columns(table: FlatTable) -> tuple[str, ...]:
    return table.key + table.values
