"""Reading what was told of some sessions, and of those that share an id with them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from hookline.system.clock import NS_PER_DAY
from hookline_collector.store.queries import load_query
from hookline_collector.work.pricing import Prices, banded
from hookline_collector.work.statements import Query
from hookline_collector.worked_out.flat_tables import LAST_DAY
from hookline_collector.worked_out.told_facts import NEVER_NS, CallFact, RequestFact, SessionFact, StretchFact, Told

_SPAN_DAYS = 33
_MOST_IDS = 2_000


def load(query: Query, wanted: Collection[str]) -> Told:
    """Return what was told of the wanted sessions and of all that are linked with them by calls, prompts or requests."""
    names = set(wanted)
    while True:
        sessions = _sessions(query, names)
        linked = _linked(query, sessions) - names
        if linked:
            names |= linked
            continue
        days = _days(sessions.values())
        requests = _requests(query, names, days)
        linked = {fact.session_id for fact in requests} - names
        if not linked:
            return _told(query, sessions, names, days, requests)
        names |= linked


def prices(query: Query) -> tuple[Prices, int]:
    """Return the prices that count, and which list they are."""
    rows = query(load_query(__package__, "told_prices"), {}).rows
    return banded(row[1:] for row in rows), rows[0][0] if rows else 0


def _told(query: Query, sessions: dict[str, SessionFact], names: set[str], days: tuple[int, int], requests: list[RequestFact]) -> Told:
    return Told(
        sessions,
        list(map(_call, _ask(query, "told_calls", names, days))),
        list(map(_stretch, _ask(query, "told_stretches", names, days))),
        requests,
        [(row[0], _ns(row[1]), _ns(row[2]), row[3]) for row in _ask(query, "told_suspends", names, days)],
        [(row[0], row[1], row[2], row[3], row[4], list(map(_ns, row[5])), row[6]) for row in _ask(query, "told_places", names, days)],
    )


def _ask(query: Query, name: str, names: Iterable[str], days: tuple[int, int]) -> tuple[tuple[Any, ...], ...]:
    return query(load_query(__package__, name), {"sessions": sorted(names), "since": days[0], "until": days[1]}).rows


def _sessions(query: Query, names: set[str]) -> dict[str, SessionFact]:
    return {row[0]: _session(row) for row in _ask(query, "told_sessions", names, (0, LAST_DAY))}


def _requests(query: Query, names: set[str], days: tuple[int, int]) -> list[RequestFact]:
    keys = [row[0] for row in _ask(query, "told_request_keys", names, days)]
    found: list[RequestFact] = []
    for at in range(0, len(keys), _MOST_IDS):
        asked = {"keys": keys[at : at + _MOST_IDS], "since": days[0], "until": days[1]}
        found += [RequestFact._make((*row[:6], _ns(row[6]), *row[7:])) for row in query(load_query(__package__, "told_requests"), asked)]
    return found


def _linked(query: Query, sessions: dict[str, SessionFact]) -> set[str]:
    known = [fact for fact in sessions.values() if (fact.calls or fact.prompt_ids) and fact.started_ns < NEVER_NS]
    if not known:
        return set()
    bounds = {
        "sessions": sorted(sessions),
        "first": min(fact.started_ns for fact in known),
        "last": max(max(fact.last_ns, fact.started_ns) for fact in known),
    }
    calls = sorted(set[int]().union(*(fact.calls for fact in known)))
    prompts = sorted(set[int]().union(*(fact.prompt_ids for fact in known)))
    found = set[str]()
    for at in range(0, max(len(calls), len(prompts)), _MOST_IDS):
        asked = {**bounds, "calls": calls[at : at + _MOST_IDS], "prompts": prompts[at : at + _MOST_IDS]}
        found |= {row[0] for row in query(load_query(__package__, "linked_sessions"), asked)}
    return found


def _days(sessions: Iterable[SessionFact]) -> tuple[int, int]:
    """Return the days on which rows of the sessions may stand: a span that goes on for long has one on each day that it touches."""
    moments = [at for fact in sessions for at in (fact.started_ns, fact.last_ns) if 0 < at < NEVER_NS]
    if not moments:
        return 0, LAST_DAY
    return max(0, min(moments) // NS_PER_DAY - 1), min(LAST_DAY, max(moments) // NS_PER_DAY + _SPAN_DAYS)


def _ns(text: str) -> int:
    """Return the nanoseconds of a moment as the engine writes it, `1790000000.000000000`."""
    return int(text.replace(".", ""))


def _place(value: Sequence[Any]) -> tuple[int, str, str, str]:
    return _ns(value[0]), value[1], value[2], value[3]


def _session(row: Sequence[Any]) -> SessionFact:
    session_id, started, last, active, ends, agent, user, host, place, model, previous_id, start_source, *rest = row
    prompts, notices, absorbed, calls, stopped, failures, sources, starts, is_script, mark = rest
    return SessionFact(
        session_id,
        _ns(started),
        _ns(last),
        _ns(active),
        [(_ns(end[0]), end[1], end[2]) for end in ends],
        agent,
        user[3],
        host[3],
        [place[3], place[4]],
        model[3],
        previous_id,
        start_source[2],
        len(set(prompts) - set(notices)) + len(absorbed),
        frozenset(calls),
        len(set(failures) - set(stopped)),
        frozenset(prompts),
        sources,
        sorted(map(_ns, starts)),
        is_script,
        mark,
    )


def _call(row: Sequence[Any]) -> CallFact:
    told, (requested, started, ended, run_ms, whole_ms, ending, said, waits, decided, place), rest = row[:13], row[13:23], row[23:]
    return CallFact._make(
        (
            *told,
            _ns(requested),
            _ns(started),
            _ns(ended),
            run_ms,
            whole_ms,
            *(ending[0], ending[1], _ns(ending[2])),
            *(*said[:3], _ns(said[3]), *said[4:]),
            [[_ns(wait[0]), wait[1], wait[2], _ns(wait[3])] for wait in waits],
            [decided[0], decided[1], _ns(decided[2])],
            _place(place),
            *rest,
        )
    )


def _stretch(row: Sequence[Any]) -> StretchFact:
    ending, seen = row[10], row[11]
    return StretchFact._make(
        (
            *row[:6],
            _ns(row[6]),
            row[7],
            _ns(row[8]),
            row[9],
            *(ending[0], ending[1], _ns(ending[2]), *ending[3:]),
            *(_ns(seen[0]), seen[1]),
            *row[12:20],
            _place(row[20]),
            *row[21:],
        )
    )
