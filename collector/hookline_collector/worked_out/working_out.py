"""Working out: from what was told of sessions to the rows that are read. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hookline.system.clock import NS_PER_DAY
from hookline_collector.work.pricing import Prices
from hookline_collector.worked_out.call_rules import calls_of, turn_ends
from hookline_collector.worked_out.flat_tables import CALLS, PARTS, REQUESTS, RUNNING, TURNS, FlatTable, Row, day_of
from hookline_collector.worked_out.part_rules import PlacedPart, ends_at, is_settled, parts_of
from hookline_collector.worked_out.request_rules import requests_of
from hookline_collector.worked_out.session_rules import session_of
from hookline_collector.worked_out.sleeping import sleeps_of
from hookline_collector.worked_out.told_facts import SessionFact, Told
from hookline_collector.worked_out.turn_rules import copied_prompts, counted, turns_of

RULES = 5
"""The version of the rules: what was worked out by another is worked out anew."""
_NO_LIST = -1
"""Worked out before there were prices: dirty as soon as there are."""
_NEW_SESSION = SessionFact("", 0, 0, 0, [], "", "", "", ["", ""], "", "", "", 0, frozenset(), 0, frozenset(), 0, [], 0, 0)


@dataclass(frozen=True, slots=True)
class Worked:
    """The rows of some sessions, by table, and a row for each session."""

    rows: dict[FlatTable, list[Row]]
    sessions: list[Row]


def work_out(told: Told, prices: Prices, priced_by: int, now_ns: int) -> Worked:
    """Return all rows that follow from what was told. What goes on is told apart, as far as its end is not known at `now_ns`."""
    sleeps = sleeps_of(told.suspends)
    facts = counted(told.stretches)
    copied = copied_prompts(told.stretches, told.sessions)
    calls = calls_of(told.calls, turn_ends(told.stretches), sleeps)
    turns = turns_of(facts, copied)
    requests = requests_of(told.requests, turns, prices)
    whole, running = _parts(parts_of(facts, copied, told.sessions, sleeps, told.places), told.sessions, now_ns)
    rows: dict[FlatTable, list[Row]] = {
        CALLS: [{**row, "day": day_of(row["started_ns"] or row["ended_ns"])} for row in calls],  # of some only the end was told
        TURNS: [{**row, "day": day_of(row["started_ns"])} for row in turns],
        REQUESTS: [{**row, "day": day_of(row["time_ns"])} for row in requests],
        PARTS: whole,
        RUNNING: running,
    }
    return Worked(rows, list(_sessions(told, rows, priced_by)))


def _sessions(told: Told, rows: dict[FlatTable, list[Row]], priced_by: int) -> Iterator[Row]:
    marks, days, requests = _marks(told), defaultdict[str, set[int]](set), defaultdict[str, list[Row]](list)
    for of_table in rows.values():
        for row in of_table:
            days[row["session_id"]].add(row["day"])
    for row in rows[REQUESTS]:
        requests[row["session_id"]].append(row)
    for session_id in sorted(marks.keys() | days.keys()):
        fact = told.sessions.get(session_id, _NEW_SESSION._replace(session_id=session_id))
        of_session = requests[session_id]
        is_priced = any(request["cost_source"] != "client" for request in of_session)
        yield {
            **session_of(fact, [dict(row) for row in of_session]),
            "made_of": marks[session_id] % 2**64,
            "rules": RULES,
            "priced_by": (priced_by or _NO_LIST) if is_priced else 0,
            "first_day": min(days[session_id], default=day_of(fact.last_ns)),
            "last_day": max(days[session_id], default=day_of(fact.last_ns)),  # the retention goes by it
        }


def _marks(told: Told) -> Counter[str]:
    """Return what each session was made of: see 0030_marks.sql."""
    found: Counter[str] = Counter()
    for session_id, fact in told.sessions.items():
        found[session_id] += fact.mark
    for call in told.calls:
        found[call.session_id] += call.mark
    for stretch in told.stretches:
        found[stretch.session_id] += stretch.mark
    for request in told.requests:
        found[request.session_id] += request.mark
    for slept in told.suspends:
        found[slept[0]] += slept[3]
    for place in told.places:
        found[place[0]] += place[6]
    return found


def _parts(parts: Iterable[PlacedPart], sessions: Mapping[str, SessionFact], now_ns: int) -> tuple[list[Row], list[Row]]:
    """Return rows of parts, cut at midnight, and of those that go on. A session is of one agent, and so is all that is done in it."""
    whole: list[Row] = []
    running: list[Row] = []
    numbers: Counter[tuple[str, str, str, int, int, int, int]] = Counter()
    for placed in sorted(parts, key=_order):
        part = placed.part
        common = {
            "session_id": placed.session_id,
            "prompt_id": placed.prompt_id,
            "user": placed.user,
            "host": placed.host,
            "agent": sessions.get(placed.session_id, _NEW_SESSION).agent,
            "project": placed.place[0],
            "branch": placed.place[1],
            "revision": placed.place[2],
            "source": placed.source,
            "kind": part.kind,
            "reason": part.reason,
        }
        if part.goes_on is not None and not is_settled(part.goes_on, now_ns):
            heard_ns, sure_end_ns = part.goes_on
            day, goes_on = day_of(part.from_ns), {"heard_ns": heard_ns, "sure_end_ns": sure_end_ns}
            running.append({**common, **goes_on, "day": day, "from_ns": part.from_ns, "to_ns": part.to_ns})
            continue
        last_ns = part.to_ns if part.goes_on is None else min(part.to_ns, ends_at(part.goes_on, part.from_ns, now_ns))
        for from_ns, to_ns in _by_day(part.from_ns, last_ns):
            key = placed.user, placed.session_id, placed.prompt_id, part.kind, part.reason, from_ns, to_ns
            piece = {"day": day_of(from_ns), "from_ns": from_ns, "to_ns": to_ns, "agents": part.agents, "act_ns": part.act_ns, "n": numbers[key]}
            numbers[key] += 1
            whole.append({**common, **piece})
    return whole, running


def _order(placed: PlacedPart) -> tuple[str, str, int, int, int, int, tuple[str, str, str]]:
    part = placed.part
    return placed.session_id, placed.prompt_id, part.kind, part.reason, part.from_ns, part.to_ns, placed.place


def _by_day(from_ns: int, to_ns: int) -> Iterator[tuple[int, int]]:
    while from_ns < to_ns:
        cut_ns = min(to_ns, (from_ns // NS_PER_DAY + 1) * NS_PER_DAY)
        yield from_ns, cut_ns
        from_ns = cut_ns
