"""The stretches of a band out of flat statements, as the statement `bands` answers: planning that one costs more than these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from hookline.system.clock import NS_PER_DAY, NS_PER_S
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import Query
from hookline_collector.worked_out.clock_store import day_named
from hookline_collector.worked_out.flat_tables import day_of
from hookline_collector.worked_out.part_rules import AGENT, ANSWER, HUMAN, PERMISSION, PROMPT, WAITING, ends_at

MOST_PIECES = 4_000
"""So many are put together here, which takes as long as planning the statement that does it in the engine."""
COLUMNS = ("kind", "waiting_for", "user", "project", "branch", "session_id", "prompt_id", "agents", "started", "ended", "evidence")
_KINDS = {AGENT: "agent", HUMAN: "human", WAITING: "waiting"}
_REASONS = {PROMPT: "prompt", PERMISSION: "permission", ANSWER: "answer"}
_SAME_NS = 1_000_000
AskedBand = Mapping[str, Any]
GuessedEnds = Mapping[tuple[str, str], tuple[int, str]]


class Whose(NamedTuple):
    """Whose stretch it is, and of which kind: pieces of the same that touch at a midnight are one."""

    kind: int
    reason: int
    user: str
    project: str
    branch: str
    session_id: str
    prompt_id: str
    agents: int


def band_rows(query: Query, asked: AskedBand) -> Rows | None:
    """Return what `bands` answers; None where there are too many pieces."""
    found = query(load_query(__package__, "read_stretches"), {**asked, "most": MOST_PIECES})
    if len(found) > MOST_PIECES:
        return None
    pieces: defaultdict[Whose, list[tuple[int, int]]] = defaultdict(list)
    for *whose, from_ns, to_ns in found:
        pieces[Whose(*whose)].append((from_ns, to_ns))
    for of_running, piece in _running(query(load_query(__package__, "running_parts"), {"user": asked["user"]}), asked):
        pieces[of_running].append(piece)
    ends = {(session_id, prompt_id): (at_ns, how) for session_id, prompt_id, at_ns, how in query(load_query(__package__, "guessed_ends"), asked)}
    stretches = sorted(
        (max(from_ns, asked["start"]), min(to_ns, asked["end"]), whose.session_id, whose)
        for whose, of_one in pieces.items()
        for from_ns, to_ns in _joined(sorted(of_one))
    )
    rows = tuple(_row(whose, from_ns, to_ns, ends, asked["now"]) for from_ns, to_ns, _, whose in stretches[: asked["limit"]])
    return Rows(COLUMNS, ("",) * len(COLUMNS), rows)


def bound_of(query: Query, asked: AskedBand) -> AskedBand:
    """Return the question of a band of many pieces with the moment at which the last stretch begins that it tells."""
    found = query(load_query(__package__, "latest_beginning"), asked).scalar()
    return asked if found is None else {**asked, "latest": found, "latest_day": day_named(day_of(found))}


def _running(found: Rows, asked: AskedBand) -> Iterator[tuple[Whose, tuple[int, int]]]:
    """Yield what goes on, as far as it lies in the period and is asked for."""
    first_ns, last_ns = _midnight(asked["since"]), _midnight(asked["until"]) + NS_PER_DAY
    for row in found.as_dicts():
        if row["kind"] not in _KINDS or any(asked[name] not in ("", row[name]) for name in ("project", "session_id", "agent")):
            continue
        from_ns = max(row["from_ns"], first_ns)
        to_ns = min(row["to_ns"], last_ns, ends_at((row["heard_ns"], row["sure_end_ns"]), row["from_ns"], asked["now"]))
        if to_ns > max(from_ns, asked["start"]) and from_ns < asked["end"]:
            yield Whose(*(row[name] for name in Whose._fields)), (from_ns, to_ns)


def _midnight(day: date | str) -> int:
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) * NS_PER_S


def _joined(pieces: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield stretches whole that a midnight parted, and all others as they are."""
    begun = pieces[0][0]
    for (_, to_ns), (from_ns, _) in pairwise(pieces):
        if from_ns != to_ns or from_ns % NS_PER_DAY:
            yield begun, to_ns
            begun = from_ns
    yield begun, pieces[-1][1]


def _row(whose: Whose, from_ns: int, to_ns: int, ends: GuessedEnds, now_ns: int) -> tuple[Any, ...]:
    kind, reason, *who, agents = whose
    ended = None if to_ns >= now_ns else _as_text(to_ns)
    waits = _REASONS.get(reason, "") if kind != AGENT else ""
    return _KINDS[kind], waits, *who, agents, _as_text(from_ns), ended, _evidence(whose, to_ns, ends) if ended else ""


def _evidence(whose: Whose, to_ns: int, ends: GuessedEnds) -> str:
    """Return how the end is known: an agent's as its turn's, where it ends with it."""
    if whose.kind == HUMAN:
        return "inferred"
    at_ns, how = ends.get((whose.session_id, whose.prompt_id), (0, ""))
    return how if whose.kind == AGENT and abs(to_ns - at_ns) < _SAME_NS else "observed"


def _as_text(at_ns: int) -> str:
    """Return a moment as the store writes it."""
    return f"{datetime.fromtimestamp(at_ns // NS_PER_S, UTC):%Y-%m-%dT%H:%M:%S}.{at_ns % NS_PER_S:09d}Z"
