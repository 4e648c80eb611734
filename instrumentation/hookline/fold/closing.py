"""Sending calls, and closing them by a rule."""

from __future__ import annotations

from hookline.fold.call_spans import call_spans
from hookline.fold.model import Call, RuleClosing, Sent
from hookline.fold.signs import store_call
from hookline.fold.spans import sent_of
from hookline.fold.transition import Transition
from hookline.system.evolve import evolve


def send_call(work: Transition, call: Call) -> Call:
    """Send the spans of a closed call and keep it, as it may have to be sent again."""
    spans = call_spans(work.session, call)
    work.spans.extend(spans)
    wait_sent = sent_of(spans[-2], call.wait_sent) if len(spans) > 1 else Sent()
    sent = evolve(call, sent=sent_of(spans[-1], call.sent), wait_sent=wait_sent)
    store_call(work, sent)
    return sent


def close_call(work: Transition, call: Call, closing: RuleClosing) -> None:
    """Close a call by a rule if it is open; send one that still waits for its request."""
    if call.is_open:
        signs = (call.first.time_ns, *(asked.time_ns for asked in call.asked), closing.end_ns)
        send_call(work, evolve(call, closing=evolve(closing, end_ns=max(signs))))
    elif not call.sent:
        send_call(work, call)


def cut_call(work: Transition, call: Call, closing: RuleClosing) -> None:
    """Close a call where its turn was seen to be stopped: it ended with it, also where a rule had guessed another end."""
    is_guessed = call.ended is None and call.closing is not None and call.closing.evidence.rank < closing.evidence.rank
    if call.is_open or is_guessed:
        signs = (call.first.time_ns, *(asked.time_ns for asked in call.asked), closing.end_ns)
        send_call(work, evolve(call, closing=evolve(closing, end_ns=max(signs))))
    elif not call.sent:
        send_call(work, call)


def calls_of(work: Transition, agent_id: str) -> list[Call]:
    """Return the calls that are remembered of a subagent; with no id, those of the main conversation."""
    return [call for call in work.session.calls.values() if call.first.agent_id == agent_id]
