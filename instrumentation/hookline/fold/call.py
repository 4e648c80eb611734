"""Tool calls: what opens one, what closes it, and the spans that it becomes.

    its own events   `requested`, `ended`, `asked`, `running`: whatever comes first, and whatever does not come
    a rule           `close_call`, `cut_call`, `resolve`: the end of its turn, subagent, batch, session or process
    its spans        `call_spans`: its waits for a person, then its run

A call that has its request and its end is sent and forgotten. An end without its request waits a moment for it, is then sent as it is
and remembered a while. A call that a rule closed is remembered a while as well, and sent again when its own end comes.

Which turn and subagent an event of a call opens or keeps alive is decided in `session`; nothing here knows of them.
"""

from __future__ import annotations

from hookline.agent_event import PROCESS, RELAY, AgentEvent, BatchCall, ToolUse
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanName, SpanOutcome
from hookline.contract.ids import span_id
from hookline.fold.known_by import DERIVED, INFERRED, KnownBy
from hookline.fold.liveness import keep_whole
from hookline.fold.model import Call, OpenSession, RuleClosing, Sent
from hookline.fold.placing import UNMARKED, is_about, is_placed_by_time, made_id, orphan_of, owned
from hookline.fold.span import Ending, Values, common, ending_of, given, make_span, parent_id, required, sent_of
from hookline.fold.transition import Transition
from hookline.records import AttributeValue, SpanRecord
from hookline.system.evolve import evolve

DENIED = "denied"
SAME_QUESTION_NS = 2_000_000_000
SHOWN = frozenset({PROCESS, RELAY})  # who tells of a question that no hook told of

# Its own events


def requested(session: OpenSession, event: AgentEvent, prompt_id: str) -> Call | None:
    """Return the call that a request begins or completes; None where it changes nothing.

    What a live session's file shows of a subagent without a mark begins none: its call may be over and forgotten.
    """
    call_id = _call_id(event)
    known = session.calls.get(call_id) or (orphan_of(session.calls.values(), event) if call_id == made_id(event) else None)
    is_late = known is None and event.is_beside and event.agent_id.startswith(UNMARKED)
    if is_late or (known and known.requested) or not _is_placed(session, event, prompt_id):
        return None
    return evolve(known, id=call_id, requested=event, first=event) if known else Call(call_id, prompt_id, first=event, requested=event)


def taken_over(session: OpenSession, event: AgentEvent) -> Call | None:
    """Return the open call that a request seen beside the hooks says whose it is; None where that is known."""
    known = session.calls.get(_call_id(event))
    found = owned(known, event) if known and known.is_open else known
    return None if found is known else found


def let_orphan_go(work: Transition, call: Call) -> None:
    """Forget the call that an end was taken for before its request gave it its id."""
    if call.ended and call.id != made_id(call.ended):
        work.session.calls.pop(made_id(call.ended), None)


def ended(session: OpenSession, event: AgentEvent, prompt_id: str) -> Call | None:
    """Return the call that an event ended, failed, denied or stopped; None where it changes nothing.

    What was seen beside the hooks completes a call that they reported, and makes none.
    """
    call_id = _call_id(event)
    known = session.calls.get(call_id)
    if (known and known.ended) or (known is None and event.is_beside):
        return None
    return evolve(owned(known, event), ended=event) if known else Call(call_id, prompt_id, first=event, ended=event)


def asked_about(session: OpenSession, event: AgentEvent) -> Call | None:
    """Return the open call that a permission is asked for: as it is named, same input, not yet asked first, then by name if only one is open.

    Where no tool is named: of all with that input, if one is told, the one asked least, then the newest.
    """
    tool = event.tool or ToolUse("")
    if tool.call_id:
        named = session.calls.get(tool.call_id)
        return named if named and named.is_open else None
    own = [call for call in session.calls.values() if call.is_open and call.first.agent_id == event.agent_id and call.first.tool]
    if not tool.name:
        meant = [call for call in own if is_about(tool, call.first.tool)]
        return min(meant, key=lambda call: (len(call.asked), -call.first.time_ns, call.id), default=None)
    open_calls = [call for call in own if call.first.tool and call.first.tool.name == tool.name]
    same_input = [call for call in open_calls if call.first.tool and call.first.tool.input_hash == tool.input_hash]
    unasked = [call for call in open_calls if not call.asked]
    candidates = sorted(same_input, key=lambda call: (len(call.asked), call.first.time_ns, call.id))
    if candidates or tool.asks_ahead:
        return candidates[0] if candidates else None
    return unasked[0] if len(unasked) == 1 else None


def asked(call: Call, event: AgentEvent) -> Call:
    """Return the call with one more question. What a hook reports and the client's own state shows is one question: the hook's."""
    is_shown = event.source in SHOWN
    other = [known for known in call.asked if (known.source in SHOWN) != is_shown]
    same = [known for known in other if abs(known.time_ns - event.time_ns) <= SAME_QUESTION_NS]
    if is_shown and same:
        return call
    goes_on = call.running if call.running and call.running.time_ns >= event.time_ns else None  # asked again: what ran before was another wait's end
    return evolve(owned(call, event), asked=(*(known for known in call.asked if known not in same), event), running=goes_on)


def running(session: OpenSession, event: AgentEvent) -> Call | None:
    """Return the call that had asked for a permission and was seen to run: its wait is over. None where it changes nothing."""
    known = session.calls.get(_call_id(event))
    is_waiting = known is not None and known.is_open and known.running is None and bool(known.asked) and event.time_ns >= known.asked[-1].time_ns
    return evolve(owned(known, event), running=event) if known and is_waiting else None


def with_waiting_permission(work: Transition, call: Call) -> Call:
    """Return the call with the permission that was asked before the call was seen."""
    tool = call.first.tool
    for uid, waiting in work.session.permissions.items():
        asked = waiting.asked
        if asked.agent_id == call.first.agent_id and is_about(asked.tool, tool):
            del work.session.permissions[uid]
            return evolve(call, asked=(*call.asked, asked))
    return call


def _is_placed(session: OpenSession, event: AgentEvent, prompt_id: str) -> bool:
    """Whether what a request belongs to is known, where it was seen beside the hooks."""
    return not event.is_beside or (event.agent_id in session.agents if event.agent_id else prompt_id in session.turns)


def _call_id(event: AgentEvent) -> str:
    return (event.tool.call_id if event.tool else "") or made_id(event)


# Keeping, sending and closing


def store_call(work: Transition, call: Call) -> None:
    """Keep a call as it now is, and whole wherever one of its events is needed."""
    work.session.calls[call.id] = call
    keep_whole(work.session, call)


def finish_call(work: Transition, call: Call) -> Call:
    """Send and forget a call that is whole; keep any other. Return it as it now is."""
    if not call.is_done:
        store_call(work, call)
        return call
    sent = send_call(work, call)
    del work.session.calls[call.id]
    return sent


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
    _close(work, call, closing, call.is_open)


def cut_call(work: Transition, call: Call, closing: RuleClosing) -> None:
    """Close a call where its turn was seen to be stopped: it ended with it, also where a rule had guessed another end."""
    is_guessed = call.ended is None and call.closing is not None and call.closing.evidence.rank < closing.evidence.rank
    _close(work, call, closing, call.is_open or is_guessed)


def resolve(work: Transition, event: AgentEvent, named: BatchCall) -> bool:
    """A batch that ended names a call: without an end of its own it was denied or never ran. Say whether the call is known."""
    call = work.session.calls.get(named.call_id)
    if call is None:
        return False
    if call.is_open:
        send_call(work, evolve(call, closing=_batch_closing(event, call, named)))
    elif not call.sent:
        send_call(work, call)
    return True


def deny_unannounced(work: Transition, event: AgentEvent, named: BatchCall, prompt_id: str) -> None:
    """A batch names a call that was refused before anything told of it: it is that much, with the permission that was asked for it."""
    first = evolve(event, tool=ToolUse(named.tool_name, named.call_id, input_hash=named.input_hash))
    closing = RuleClosing("batch", event.time_ns, event.time_ns, SpanOutcome.DENIED, (event.uid,), DENIED)
    call = with_waiting_permission(work, Call(named.call_id, prompt_id, first, closing=closing))
    asked = call.asked[-1].tool if call.asked else None
    send_call(work, evolve(call, first=evolve(event, tool=evolve(asked, call_id=named.call_id))) if asked else call)


def calls_of(work: Transition, agent_id: str) -> list[Call]:
    """Return the calls that are remembered of a subagent; with no id, those of the main conversation."""
    return [call for call in work.session.calls.values() if call.first.agent_id == agent_id]


def _close(work: Transition, call: Call, closing: RuleClosing, ends_here: bool) -> None:
    if ends_here:
        signs = (call.first.time_ns, *(asked.time_ns for asked in call.asked), closing.end_ns)
        send_call(work, evolve(call, closing=evolve(closing, end_ns=max(signs))))
    elif not call.sent:
        send_call(work, call)


def _batch_closing(event: AgentEvent, call: Call, named: BatchCall) -> RuleClosing:
    is_denied = bool(call.asked) or named.is_denied is True
    outcome = SpanOutcome.DENIED if is_denied else SpanOutcome.UNKNOWN
    return RuleClosing("batch", event.time_ns, event.time_ns, outcome, (event.uid,), DENIED if is_denied else "")


# Its spans


def call_spans(session: OpenSession, call: Call) -> list[SpanRecord]:
    """Return the spans of a closed call: its waits for a person, then its run."""
    ending = ending_of(call.ended) if call.ended else required(call.closing)
    start_ns = run_start_ns(call, ending)
    return [*_waits(session, call, ending, start_ns), _run_span(session, call, ending, start_ns)]


def run_start_ns(call: Call, ending: Ending) -> int:
    """Return when the call began to run: its end less the client's own duration, never before it was asked for.

    A call that was denied never ran, nor, as far as anybody saw, one that ended while it waited for its permission.
    """
    if ending.outcome is SpanOutcome.DENIED:
        return ending.end_ns
    requested_ns = call.requested.time_ns if call.requested else 0
    duration_ns = _duration_ns(call)
    if duration_ns is not None:
        asked_ns = max((request.time_ns for request in _questions(call)), default=0)
        return min(max(ending.end_ns - duration_ns, requested_ns, asked_ns), ending.end_ns)
    if call.running:
        return min(call.running.time_ns, ending.end_ns)
    if call.asked and not _has_own_end(call):
        return ending.end_ns
    return min(requested_ns or ending.end_ns, ending.end_ns)


def _duration_ns(call: Call) -> int | None:
    return call.ended.tool.duration_ns if call.ended and call.ended.tool else None


def _questions(call: Call) -> tuple[AgentEvent, ...]:
    """Return what was asked about a call, without what its client only seemed to ask while, by its own duration, the call ran."""
    duration_ns = _duration_ns(call)
    if duration_ns is None or call.ended is None:
        return call.asked
    began_ns = call.ended.time_ns - duration_ns
    return tuple(asked for asked in call.asked if asked.source not in SHOWN or asked.time_ns <= began_ns)


def _has_own_end(call: Call) -> bool:
    """Whether the call came to its end: it was neither stopped nor closed by a rule."""
    return call.ended is not None and call.ended.kind is not EventKind.TOOL_INTERRUPTED


def _run_span(session: OpenSession, call: Call, ending: Ending, start_ns: int) -> SpanRecord:
    tool = _tool(call)
    attributes = common(session, call.first, call.prompt_id) | ending.attributes | _tool_attributes(tool)
    attributes[semconv.OPERATION_NAME] = SpanName.EXECUTE_TOOL
    if call.requested:
        attributes[semconv.TOOL_REQUESTED_AT] = str(call.requested.time_ns)
    if call.ended and call.ended.tool:
        attributes |= _result_attributes(call.ended.tool)
    if (cpu_ms := _process_cpu_ms(call)) is not None:
        attributes[semconv.TOOL_PROCESS_CPU_MS] = cpu_ms
    if slept := slept_ns(session, start_ns, ending.end_ns):
        attributes[semconv.TOOL_RUN_MS] = (ending.end_ns - start_ns - slept) // 1_000_000
    if _duration_ns(call) is None and ending.outcome is not SpanOutcome.DENIED and (call.asked or not call.requested):
        attributes[semconv.EVIDENCE_START] = DERIVED if call.running or _has_own_end(call) else INFERRED
    if is_placed_by_time(call):
        attributes[semconv.EVIDENCE_AGENT] = INFERRED
    own_id = span_id("call", session.id, call.id)
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    name = f"{SpanName.EXECUTE_TOOL} {tool.name}"
    return make_span(session, call.prompt_id, own_id, parent, name, start_ns, ending, attributes, call.sent)


def _process_cpu_ms(call: Call) -> int | None:
    """Return what the agent's children that ended during the call had used: its commands', where nothing else ended meanwhile.

    None of a call that runs calls of its own, waits for a person or goes on in the background: what ended meanwhile is not its own.
    """
    begun = call.requested.children if call.requested else None
    ended = call.ended.children if call.ended else None
    tools = [event.tool for event in (call.first, call.ended) if event and event.tool]
    if begun is None or ended is None or begun.process != ended.process or ended.cpu_ms < begun.cpu_ms:
        return None
    if any(tool.starts_agent or tool.asks_person or tool.is_background or tool.is_launch for tool in tools):
        return None
    return ended.cpu_ms - begun.cpu_ms


def _waits(session: OpenSession, call: Call, ending: Ending, start_ns: int) -> list[SpanRecord]:
    """Return a span for each time that the call waited for a person."""
    asks_person = _tool(call).asks_person
    asked = (call.requested,) if asks_person and not call.asked and call.requested else _questions(call)
    answer = _answer(call, ending, start_ns)
    begins = [event.time_ns for event in asked]
    return [_wait(session, call, event, n, answer if n + 1 == len(asked) else evolve(answer, end_ns=begins[n + 1])) for n, event in enumerate(asked)]


def _answer(call: Call, ending: Ending, start_ns: int) -> Ending:
    """Return how the last wait of a call ended, and how that is known.

    A question's own run is nothing but taking the answer; any other call begins to run when it is allowed to.
    """
    plain = Ending(ending.end_ns, ending.outcome, closed_by=ending.closed_by, evidence=ending.evidence)
    if ending.outcome is SpanOutcome.DENIED or _tool(call).asks_person:
        return plain
    if _duration_ns(call) is not None:
        return evolve(plain, end_ns=start_ns)
    if call.running:
        return evolve(plain, end_ns=start_ns, evidence=KnownBy(DERIVED, call.running.source))
    return evolve(plain, evidence=KnownBy(DERIVED, ending.evidence.source)) if call.ended else plain


def _wait(session: OpenSession, call: Call, asked: AgentEvent, n: int, answer: Ending) -> SpanRecord:
    tool = _tool(call)
    attributes = common(session, asked, call.prompt_id)
    attributes |= given({semconv.TOOL_NAME: tool.name, semconv.TOOL_KIND: tool.kind, semconv.TOOL_CALL_ID: call.id})
    attributes |= given({semconv.EVIDENCE_START: INFERRED if asked.source == RELAY else None})
    outcome = _permission_outcome(call, answer)
    if tool.asks_person:
        name, what = f"{SpanName.WAIT_ANSWER} {tool.name}", "answer"
    else:
        name, what = f"{SpanName.WAIT_PERMISSION} {tool.name}", "permission"
        attributes[semconv.PERMISSION_OUTCOME] = outcome
    attributes |= {semconv.WAIT_REASON: what, semconv.WAIT_ID: asked.uid}
    attributes |= {semconv.OUTCOME: {"accepted": "success", "denied": "denied"}.get(outcome, "unknown")}
    attributes |= given(
        {semconv.CLOSED_BY: answer.closed_by, semconv.EVIDENCE: answer.evidence.kind, semconv.EVIDENCE_SOURCE: answer.evidence.source}
    )
    own_id = span_id(what, session.id, call.id, str(n))
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    is_last = n + 1 >= len(_questions(call))
    sent = call.wait_sent if is_last else Sent()
    return make_span(session, call.prompt_id, own_id, parent, name, asked.time_ns, answer, attributes, sent)


def slept_ns(session: OpenSession, start_ns: int, end_ns: int) -> int:
    """Return how much of a time the machine slept."""
    parts = (min(end_ns, slept.time_ns) - max(start_ns, slept.time_ns - slept.slept_ns) for slept in session.suspends)
    return sum(part for part in parts if part > 0)


def _permission_outcome(call: Call, answer: Ending) -> str:
    if answer.outcome is SpanOutcome.DENIED:
        return "denied"
    return "accepted" if _has_own_end(call) or call.running else "unknown"


def _tool(call: Call) -> ToolUse:
    return call.first.tool or ToolUse("unknown")


def _tool_attributes(tool: ToolUse) -> Values:
    return given(
        {
            semconv.TOOL_NAME: tool.name,
            semconv.TOOL_CALL_ID: tool.call_id,
            semconv.TOOL_TYPE: tool.type,
            semconv.TOOL_KIND: tool.kind,
            semconv.TOOL_INPUT_SIZE: tool.input_size,
            semconv.TOOL_INPUT_HASH: tool.input_hash,
            semconv.TOOL_ARGUMENTS: tool.input_text,
            semconv.FILE_EXTENSION: tool.file_extension,
            semconv.FILE_PATH: tool.file_path,
            semconv.MCP_SERVER_NAME: tool.mcp_server,
            semconv.TOOL_BACKGROUND: tool.is_background or None,
        }
    )


def _result_attributes(tool: ToolUse) -> Values:
    duration_ms = None if tool.duration_ns is None else tool.duration_ns // 1_000_000
    values: dict[str, AttributeValue | None] = {
        semconv.TOOL_RUN_MS: duration_ms,
        semconv.TOOL_OUTPUT_SIZE: tool.output_size,
        semconv.TOOL_RESULT: tool.output_text,
        semconv.PROCESS_EXIT_CODE: tool.exit_code,
        semconv.TOOL_BACKGROUND: tool.is_background or None,
    }
    return given(values)
