"""The pure fold from an agent's events to spans and log records. `docs/spans.md` has the rules.

    state        `fold(state, event)`: all sessions, repetition, what may be removed; log_record is what is sent at once
    session      one event into one session: which units it concerns, and in which order
    placing      which call an event is of, and whose, where the agent does not say it
    turn, call, subagent, question   one kind of unit each: what opens and closes it, and which span it becomes
    expiry       what ends with its session or process or as time passes, and what is forgotten when
    model        what is remembered: units, made of their events
    known_by     how an end is known, and who showed it
    liveness     signs of life, at which a rule ends a unit
    span         what the spans of all units share: ids, times, parents, attributes
    transition   one step in the making, and the times of the rules
    order        the order in which events are folded
    waits, going_on   who waits for a person, and what is under way, read from the state

Each module imports only those below it: session, expiry, turn, subagent, call and question, span and liveness, placing, model, known_by.
"""

from hookline.fold.order import order
from hookline.fold.state import FoldState, Process, fold, processes
from hookline.fold.transition import FoldRules
from hookline.fold.waits import OpenWait, Thinking, thinking, waits

__all__ = ["FoldRules", "FoldState", "OpenWait", "Process", "Thinking", "fold", "order", "processes", "thinking", "waits"]
