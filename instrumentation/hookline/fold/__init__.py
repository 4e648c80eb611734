"""The pure fold from an agent's events to spans and log records. `docs/spans.md` tells the rules.

state      `fold(state, event)`: all sessions, repetition, what may be removed
session    one event into one session
order      the order in which events are folded
turns, calls, agents, pending   what opens and closes each kind of span
closing, lifetime, forgetting, signs   rules that close without an end event, what is forgotten when, signs of life
known      how an end is known: observed, derived, inferred
units      what is remembered
waits      who waits for a person, read from the state
spans, call_spans, pending_spans, logs, ids   what is made of it
work       one step in the making, and the times of the rules
"""

from hookline.fold.order import order
from hookline.fold.state import FoldState, Process, fold, processes
from hookline.fold.transition import FoldRules
from hookline.fold.waits import OpenWait, Thinking, thinking, waits

__all__ = ["FoldRules", "FoldState", "OpenWait", "Process", "Thinking", "fold", "order", "processes", "thinking", "waits"]
