"""Who waits for a person, read from the fold's state."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hookline.agent_event import ToolUse
from hookline.agents import AgentEvent, tick
from hookline.contract.events import EventKind, SpanOutcome
from hookline.fold import FoldState, fold, waits
from hookline.fold.going_on import OpenCall, going_on
from support.simulated_client import Client


def waiting(*events: AgentEvent) -> list[tuple[str, str, str, str]]:
    """Return reason, tool, call and subagent of every wait after these events."""
    return [(wait.reason, wait.tool, wait.call_id, wait.agent_id) for wait in waits(after(*events))]


def after(*events: AgentEvent) -> FoldState:
    """Return the state after these events."""
    state = FoldState()
    for event in events:
        state, _ = fold(state, event)
    return state


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
    ((is_waiting, calls),) = [(one.is_waiting, [call.call_id for call in one.calls]) for one in going_on(after(*c.events))]
    assert (is_waiting, calls) == (False, ["a"])


def test_a_subagent_s_call_is_nothing_that_the_conversation_has_open() -> None:
    """What the client's own state is held against is the main conversation."""
    c = client()
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Agent", "launch", starts_agent=True))
    c.fire(EventKind.SUBAGENT_STARTED, agent_id="helper", agent_type="Explore")
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Bash", "a"), agent_id="helper", agent_type="Explore")
    assert [call.call_id for one in going_on(after(*c.events)) for call in one.calls] == ["launch"]


def test_a_wait_for_a_prompt_begins_with_the_end_of_the_turn() -> None:
    """Not with what was heard of it afterwards; a turn whose end only a rule gave waits for nobody."""
    c = client()
    ended = c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    c.fire(EventKind.STATUS)
    c.fire(EventKind.CWD_CHANGED)
    assert [(wait.reason, wait.since_ns) for wait in waits(after(*c.events))] == [("prompt", ended.time_ns)]
    c = client()
    c.fire(EventKind.REQUEST_ENDED, outcome=SpanOutcome.FAILURE)
    assert waiting(*c.events, tick(c.now_ns + 61_000_000_000)) == []


def test_a_session_waits_for_a_prompt_after_its_latest_turn_alone() -> None:
    """Nobody is waited for where a person stopped that one, or an earlier one goes on."""
    c = client()
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    c.prompt_id = "p2"
    c.fire(EventKind.PROMPT_SUBMITTED, prompt_source="user")
    stopped = c.fire(EventKind.TURN_INTERRUPTED, outcome=SpanOutcome.INTERRUPTED)
    assert waiting(*c.events) == []
    done = replace(stopped, kind=EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    assert waiting(*c.events[:-1], done) == [("prompt", "", "", "")]
    again = c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Bash", "late"), prompt_id="p")
    assert waiting(*c.events[:-2], done, again) == []


def test_a_question_whose_call_was_never_seen_names_its_tool() -> None:
    """And says whether a permission or an answer is wanted; a session that waits so is not thinking."""
    for asks_person, reason in ((False, "permission"), (True, "answer")):
        c = client()
        c.fire(EventKind.PERMISSION_REQUESTED, tool=ToolUse("Tool", asks_person=asks_person))
        assert waiting(*c.events) == [(reason, "Tool", "", "")]
        assert [one.is_waiting for one in going_on(after(*c.events))] == [True]


def test_what_goes_on_says_of_each_call_since_when_and_how_far_it_is() -> None:
    """One that asked and asked again, a question of its own, one that was allowed and runs, one that nobody was asked about."""
    c = client()
    tools = [
        ToolUse("Bash", "asked", input_hash="x"),
        ToolUse("AskUserQuestion", "question", asks_person=True),
        ToolUse("Edit", "runs"),
        ToolUse("Read", "r"),
    ]
    begun = [c.fire(EventKind.TOOL_STARTED, tool=tool, permission_mode="default") for tool in tools]
    c.fire(EventKind.PERMISSION_REQUESTED, tool=tools[0])
    again = c.fire(EventKind.PERMISSION_REQUESTED, tool=tools[0])
    allowed = c.fire(EventKind.PERMISSION_REQUESTED, tool=tools[2])
    c.fire(EventKind.TOOL_RUNNING, tool=tools[2])
    (one,) = going_on(after(*c.events))
    assert one.calls == (
        OpenCall("asked", "Bash", again.time_ns, True, False, "default"),
        OpenCall("question", "AskUserQuestion", begun[1].time_ns, True, False, "default"),
        OpenCall("runs", "Edit", allowed.time_ns, True, True, "default"),
        OpenCall("r", "Read", begun[3].time_ns, False, False, "default"),
    )


def test_what_goes_on_is_the_latest_turn_whose_end_nobody_has_seen() -> None:
    """A client that fell silent may still be at work; a turn that was timed out is over."""
    c = client()
    quiet = c.fire(EventKind.TURN_QUIET, source="relay", is_beside=True)
    assert [one.prompt_id for one in going_on(after(*c.events))] == ["p"]
    c.prompt_id = "p2"
    c.fire(EventKind.PROMPT_SUBMITTED, prompt_source="user")
    assert [one.prompt_id for one in going_on(after(*c.events))] == ["p2"]
    assert going_on(after(*c.events[:-2], tick(quiet.time_ns + 7 * 3_600_000_000_000))) == ()
