"""Sending calls, and closing them by a rule."""

from __future__ import annotations

from dataclasses import replace

from hookline.fold.call_spans import call_spans
from hookline.fold.evidence import store_call
from hookline.fold.units import Call, Closing
from hookline.fold.work import Work


def send_call(work: Work, call: Call) -> Call:
    """Send the spans of a closed call and keep it, as it may have to be sent again."""
    spans = call_spans(work.session, call)
    work.spans.extend(spans)
    wait_sent_ns = spans[-2].end_ns if len(spans) > 1 else 0
    sent = replace(call, sent_ns=spans[-1].end_ns, wait_sent_ns=wait_sent_ns)
    store_call(work, sent)
    return sent


def close_call(work: Work, call: Call, closing: Closing) -> None:
    """Close a call by a rule if it is open; send one that still waits for its request."""
    if call.is_open:
        signs = (call.first.time_ns, *(asked.time_ns for asked in call.asked), closing.end_ns)
        send_call(work, replace(call, closing=replace(closing, end_ns=max(signs))))
    elif not call.sent_ns:
        send_call(work, call)


def calls_of(work: Work, agent_id: str) -> list[Call]:
    """Return the calls that are remembered of a subagent; with no id, those of the main conversation."""
    return [call for call in work.session.calls.values() if call.first.agent_id == agent_id]
