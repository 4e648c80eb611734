"""Who waits for a person, read from the fold's state."""

from __future__ import annotations

from random import Random

from hookline.agent_event import ToolUse
from hookline.agents import AgentEvent
from hookline.contract.events import EventKind, SpanOutcome
from hookline.fold import FoldState, fold, waits
from hookline.fold.going_on import going_on
from support.simulated_client import Client


def waiting(*events: AgentEvent) -> list[tuple[str, str, str, str]]:
    """Return reason, tool, call and subagent of every wait after these events."""
    state = FoldState()
    for event in events:
        state, _ = fold(state, event)
    return [(wait.reason, wait.tool, wait.call_id, wait.agent_id) for wait in waits(state)]


def client() -> Client:
    """Return a client that works on its first prompt."""
    made = Client(Random(0), "s", 77, step_ms=(10, 10))
    made.fire(EventKind.SESSION_STARTED, start_source="startup", prompt_id="")
    made.prompt_id = "p"
    made.fire(EventKind.PROMPT_SUBMITTED, prompt_source="user")
    return made


def test_a_call_that_asked_for_a_permission_waits_until_it_ends() -> None:
    """The request names no call; the call with the same input waits."""
    c = client()
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Bash", "a", input_hash="x"))
    assert waiting(*c.events) == []
    c.fire(EventKind.PERMISSION_REQUESTED, tool=ToolUse("Bash", input_hash="x"))
    assert waiting(*c.events) == [("permission", "Bash", "a", "")]
    c.fire(EventKind.TOOL_ENDED, tool=ToolUse("Bash", "a", input_hash="x"), outcome=SpanOutcome.SUCCESS)
    assert waiting(*c.events) == []


def test_a_question_waits_for_an_answer_also_when_it_asks_for_a_permission() -> None:
    """AskUserQuestion fires a permission request of its own."""
    c = client()
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("AskUserQuestion", "q", input_hash="x", asks_person=True))
    assert waiting(*c.events) == [("answer", "AskUserQuestion", "q", "")]
    c.fire(EventKind.PERMISSION_REQUESTED, tool=ToolUse("AskUserQuestion", input_hash="x", asks_person=True))
    assert waiting(*c.events) == [("answer", "AskUserQuestion", "q", "")]


def test_a_subagent_that_waits_is_named_also_after_its_turn() -> None:
    """The turn has ended; its subagent in the background asks."""
    c = client()
    launched = {"starts_agent": True, "agent_id": "helper", "is_launch": True}
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Agent", "launch", starts_agent=True))
    c.fire(EventKind.SUBAGENT_STARTED, agent_id="helper", agent_type="Explore")
    c.fire(EventKind.TOOL_ENDED, tool=ToolUse("Agent", "launch", **launched), outcome=SpanOutcome.SUCCESS)  # type: ignore[arg-type]
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS, running_agents=("helper",))
    assert waiting(*c.events) == [("prompt", "", "", "")]
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Bash", "a", input_hash="x"), agent_id="helper", agent_type="Explore")
    c.fire(EventKind.PERMISSION_REQUESTED, tool=ToolUse("Bash", input_hash="x"), agent_id="helper", agent_type="Explore")
    assert waiting(*c.events) == [("permission", "Bash", "a", "helper")]


def test_an_elicitation_waits_until_it_is_answered() -> None:
    """By its id."""
    c = client()
    c.fire(EventKind.ELICITATION_REQUESTED, mcp_server="jira", elicitation_id="e")
    assert waiting(*c.events) == [("answer", "jira", "", "")]
    c.fire(EventKind.ELICITATION_ANSWERED, mcp_server="jira", elicitation_id="e", outcome=SpanOutcome.SUCCESS)
    assert waiting(*c.events) == []


def test_a_session_waits_for_a_prompt_after_a_turn_and_not_after_its_own_end() -> None:
    """Stop, the next prompt, Stop, the session's end."""
    c = client()
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    assert waiting(*c.events) == [("prompt", "", "", "")]
    c.prompt_id = "p2"
    c.fire(EventKind.PROMPT_SUBMITTED, prompt_source="user")
    assert waiting(*c.events) == []
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    c.fire(EventKind.SESSION_ENDED, end_reason="other")
    assert waiting(*c.events) == []


def test_a_notice_that_the_agent_needs_input_is_a_wait_until_anything_else_is_heard() -> None:
    """Auto mode asks a person without a permission request; another notice or a status line is no answer."""
    c = client()
    c.fire(EventKind.NOTIFICATION, notification_type="agent_needs_input")
    c.fire(EventKind.STATUS)
    assert waiting(*c.events) == [("answer", "", "", "")]
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Bash", "a"))
    assert waiting(*c.events) == []


def test_a_notice_that_does_not_say_what_is_asked_hides_no_question() -> None:
    """In auto mode the client says that somebody is needed, and asks for a permission of which no hook tells."""
    c = client()
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Bash", "a", input_hash="x"))
    c.fire(EventKind.NOTIFICATION, notification_type="agent_needs_input")
    assert waiting(*c.events) == [("answer", "", "", "")]
    state = FoldState()
    for event in c.events:
        state, _ = fold(state, event)
    ((is_waiting, calls),) = [(one.is_waiting, [call.call_id for call in one.calls]) for one in going_on(state)]
    assert (is_waiting, calls) == (False, ["a"])
