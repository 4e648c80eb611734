"""Cline: a hook's payload as an `AgentEvent`.

What is its own:

- The session is `sessionContext.rootSessionId`, of subagents too; who speaks is `agent_id`, a subagent where `parent_agent_id` is set.
- No event tells of a prompt: `TaskStart` is that, with neither its text nor an id.
- `SessionShutdown` has no payload, and comes only now and then: a session ends with its process, and a turn also with what Cline
  writes of the session (session_watch.py).
- Nobody tells that a person is asked: the relay infers it (session_watch.py). A call begins to run at its end less its duration.
- A hub, a daemon, outlives the client. Once it runs, hooks of later sessions run under it: then it is their process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, AgentEvent
from hookline.agents.client_process import parent_pid
from hookline.agents.cline.identity import NAME, PROVIDER
from hookline.agents.cline.tools import OUTCOMES, read_error, read_tool
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import EndPart, EventPart, OutcomePart, PromptPart, ToolPart, said
from hookline.agents.payload import MAX_PATH, Json, long_text, member, text
from hookline.agents.told_time import happened_ns
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

FINISHED: Final = frozenset({"completed", ""})
STOPPED: Final = frozenset({"aborted", "cancelled", "interrupted"})

Reader = Callable[[Json, Policy], EventPart | None]


def folder(source: Json) -> str:
    """Return the folder of an event: the workspace's."""
    roots = source.get("workspaceRoots")
    first = text({"root": roots[0]}, "root", MAX_PATH) if isinstance(roots, list) and roots else ""
    return first or text(member(source, "workspaceInfo"), "rootPath", MAX_PATH)


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "hookName")
    session_id = text(member(source, "sessionContext"), "rootSessionId")
    if not session_id:
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no sessionContext.rootSessionId")
    if not name:
        raise Rejected("the payload has no hookName")
    told_by = context.env.get("source", HOOK)
    is_beside, agent_id = told_by in SEEN_BESIDE_HOOKS, text(source, "agent_id") if text(source, "parent_agent_id") else ""
    kind, read = (IN_SUBAGENT if agent_id else READERS).get(name, (EventKind.OTHER, _nothing))
    part = read(source, context.policy)
    return AgentEvent(
        context.time_ns if is_beside else happened_ns(source, context.time_ns),
        context.uid,
        NAME,
        _kind(kind, part),
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(source, "prompt_id"),
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH),
        agent_id=agent_id,
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        source=told_by if is_beside else HOOK,
        is_beside=is_beside,
        **said(part),
    )


def _kind(kind: EventKind, part: EventPart | None) -> EventKind:
    """Return the kind of an end by its outcome."""
    outcome = part.outcome if isinstance(part, ToolPart | OutcomePart) else None
    return ENDS.get((kind, outcome), kind) if outcome else kind


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _prompt(source: Json, policy: Policy) -> PromptPart:
    """A prompt of which hooks tell nothing but the moment; a session file has its text."""
    prompt = long_text(source, "prompt")
    return PromptPart("user", len(prompt), "", policy.input_text(prompt)) if prompt else PromptPart("user", 0, "", "")


def _call(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(member(source, "tool_call"), policy))


def _result(source: Json, policy: Policy) -> ToolPart:
    result = member(source, "tool_result")
    error_type, exit_code, error = read_error(result.get("output"))
    tool = replace(read_tool(result, policy), exit_code=exit_code)
    if not error_type:
        return ToolPart(tool, SpanOutcome.SUCCESS)
    return ToolPart(tool, OUTCOMES.get(error_type, SpanOutcome.FAILURE), error_type, policy.output_text(error))


def _turn_ended(source: Json, policy: Policy) -> OutcomePart:
    turn = member(source, "turn")
    status, answer = text(turn, "status"), policy.output_text(long_text(turn, "outputText"))
    if status in STOPPED:
        return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted", answer_text=answer)
    return OutcomePart(SpanOutcome.SUCCESS if status in FINISHED else SpanOutcome.FAILURE, "" if status in FINISHED else status, answer_text=answer)


def _turn_failed(source: Json, policy: Policy) -> OutcomePart:
    error = member(source, "error")
    return OutcomePart(SpanOutcome.FAILURE, policy.label(text(error, "name"), 64) or "unknown", policy.output_text(long_text(error, "message")))


def _session_over(source: Json, policy: Policy) -> EndPart:
    return EndPart(text(source, "reason"))


def _turn_stopped(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


ENDS: Final = {
    (EventKind.TOOL_ENDED, SpanOutcome.DENIED): EventKind.PERMISSION_DENIED,
    (EventKind.TOOL_ENDED, SpanOutcome.INTERRUPTED): EventKind.TOOL_INTERRUPTED,
    (EventKind.TOOL_ENDED, SpanOutcome.FAILURE): EventKind.TOOL_FAILED,
    (EventKind.TURN_ENDED, SpanOutcome.FAILURE): EventKind.TURN_FAILED,
    (EventKind.TURN_ENDED, SpanOutcome.INTERRUPTED): EventKind.TURN_INTERRUPTED,
}
CALLS: Final[dict[str, tuple[EventKind, Reader]]] = {
    "tool_call": (EventKind.TOOL_STARTED, _call),
    "tool_result": (EventKind.TOOL_ENDED, _result),
}
READERS: Final[dict[str, tuple[EventKind, Reader]]] = {
    **CALLS,
    "tool_asked": (EventKind.PERMISSION_REQUESTED, _call),  # this and the next are the relay's own
    "session_over": (EventKind.SESSION_ENDED, _session_over),
    "agent_start": (EventKind.PROMPT_SUBMITTED, _prompt),
    "agent_end": (EventKind.TURN_ENDED, _turn_ended),
    "agent_error": (EventKind.TURN_FAILED, _turn_failed),
    "agent_abort": (EventKind.TURN_INTERRUPTED, _turn_stopped),
    "pre_compact": (EventKind.OTHER, _nothing),  # nothing tells the end of it
}
IN_SUBAGENT: Final[dict[str, tuple[EventKind, Reader]]] = {
    **CALLS,
    "agent_start": (EventKind.SUBAGENT_STARTED, _nothing),
    "agent_end": (EventKind.SUBAGENT_ENDED, _turn_ended),
    "agent_error": (EventKind.SUBAGENT_ENDED, _turn_failed),
    "agent_abort": (EventKind.SUBAGENT_ENDED, _turn_stopped),
}
