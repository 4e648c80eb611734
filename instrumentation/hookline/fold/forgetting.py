"""Forgetting units so that what stays remembered can be known again from its own events.

A unit stays as long as another one that stays needs any of its events, and as long as it is a parent: a turn outlives its calls, subagents and
questions, a subagent its calls. Otherwise a replay of what is held would meet half a unit, and close it by a rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from hookline.fold.model import Call, Question, Subagent, Turn, Unit
from hookline.fold.transition import Transition


def forget(work: Transition, units: Iterable[Unit]) -> None:
    """Forget those of the units that nothing needs."""
    leaving = {_key(unit): unit for unit in units}
    while leaving:
        staying = [unit for unit in _all(work) if _key(unit) not in leaving]
        needed = {uid for unit in staying for uid in unit.uids}
        parents = {parent for unit in staying for parent in _parents(unit)}
        kept = [key for key, unit in leaving.items() if key in parents or not needed.isdisjoint(unit.uids)]
        if not kept:
            break
        for key in kept:
            del leaving[key]
    for unit in leaving.values():
        _remove(work, unit)


def _all(work: Transition) -> list[Unit]:
    session = work.session
    parts = (session.turns, session.calls, session.agents, session.permissions, session.elicitations, session.compactions)
    return [unit for part in parts for unit in part.values()]


def _key(unit: Unit) -> tuple[str, str]:
    if isinstance(unit, Turn):
        return "turn", unit.prompt_id
    if isinstance(unit, Question):
        return "pending", unit.asked.uid
    return ("call" if isinstance(unit, Call) else "agent"), unit.id


def _parents(unit: Unit) -> Iterable[tuple[str, str]]:
    """Yield the keys of the units under which a unit stands."""
    if isinstance(unit, Turn):
        return
    yield "turn", unit.prompt_id
    if isinstance(unit, Call):
        yield "agent", unit.first.agent_id
    elif isinstance(unit, Question):
        yield "agent", unit.asked.agent_id
    elif unit.call:
        yield "agent", unit.call.first.agent_id


def _remove(work: Transition, unit: Unit) -> None:
    session = work.session
    if isinstance(unit, Turn):
        del session.turns[unit.prompt_id]
    elif isinstance(unit, Call):
        del session.calls[unit.id]
    elif isinstance(unit, Subagent):
        del session.agents[unit.id]
