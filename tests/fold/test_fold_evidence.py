"""How ends are known: what was seen beside the hooks corrects what a rule guessed, also when it comes late."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from hookline.agent_event import PROCESS, RELAY, TRANSCRIPT, BatchCall, ToolUse
from hookline.agents import AgentEvent, process_gone
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.fold.known_by import INFERRED, OBSERVED, KnownBy
from hookline.fold.model import OpenSession, Sent
from hookline.fold.span import Ending, make_span
from hookline.records import LogRecord, SpanRecord
from support.replay import final_spans, logs_of, replay, spans_of
from support.simulated_client import START_NS, Client

S = 1_000_000_000
MS = 1_000_000


def client() -> Client:
    """Return a client that got its first prompt at 20 ms."""
    made = Client(Random(0), "s", 77, step_ms=(10, 10))
    made.fire(EventKind.SESSION_STARTED, start_source="startup", prompt_id="")
    prompt(made, "p1")
    return made


def prompt(of: Client, prompt_id: str, **fields: object) -> AgentEvent:
    of.prompt_id = prompt_id
    return of.fire(EventKind.PROMPT_SUBMITTED, **{"prompt_source": "user", **fields})


def beside(of: Client, kind: EventKind, source: str = TRANSCRIPT, **fields: object) -> AgentEvent:
    """Return something that the relay itself saw now."""
    return of.fire(kind, source=source, is_beside=True, pid=None, **fields)


def mark(of: Client, prompt_id: str = "p1") -> AgentEvent:
    """Return the transcript's mark that a person stopped the turn."""
    return beside(of, EventKind.TURN_INTERRUPTED, prompt_id=prompt_id, outcome=SpanOutcome.INTERRUPTED, error_type="interrupted")


def request(of: Client, call_id: str, name: str = "Bash", **fields: object) -> AgentEvent:
    return of.fire(EventKind.TOOL_STARTED, tool=ToolUse(name, call_id, input_hash="x"), **fields)


def ask(of: Client, name: str = "Bash") -> AgentEvent:
    return of.fire(EventKind.PERMISSION_REQUESTED, tool=ToolUse(name, input_hash="x"))


def final(*events: AgentEvent) -> dict[str, SpanRecord]:
    """Return the copy that counts of each span, by name."""
    return {span.name: span for span in final_spans(spans_of(replay(events))).values()}


def says(span: SpanRecord) -> tuple[int, int, object, object, object]:
    """Return from and to in ms, outcome, evidence and its source."""
    keys = (semconv.OUTCOME, semconv.EVIDENCE, semconv.EVIDENCE_SOURCE)
    outcome, evidence, source = (span.attributes.get(key) for key in keys)
    return (span.start_ns - START_NS) // MS, (span.end_ns - START_NS) // MS, outcome, evidence, source


def record(event: AgentEvent, *events: AgentEvent) -> LogRecord:
    """Return the log record of one of the events."""
    return next(log for log in logs_of(replay(events)) if log.uid == event.uid)


TURN, CALL, WAIT = "invoke_agent claude-code", "execute_tool Bash", "wait_permission Bash"


def test_a_stopped_turn_ends_with_its_call_at_the_transcripts_mark() -> None:
    """Escape 26 s into a command: no hook fires, the transcript says when."""
    c = client()
    request(c, "a")
    c.now_ns += 26 * S
    beside(c, EventKind.TOOL_INTERRUPTED, tool=ToolUse("Bash", "a"), outcome=SpanOutcome.INTERRUPTED, error_type="interrupted")
    mark(c)
    found = final(*c.events)
    assert says(found[CALL]) == (30, 26_040, "interrupted", "observed", "transcript")
    assert says(found[TURN]) == (20, 26_050, "interrupted", "observed", "transcript")


def test_a_mark_corrects_a_rule_also_when_the_session_has_moved_on() -> None:
    """The next prompt closed the turn at its last sign of life; then the mark is read."""
    c = client()
    request(c, "a")
    c.now_ns += 26 * S
    late = [
        beside(c, EventKind.TOOL_INTERRUPTED, tool=ToolUse("Bash", "a"), outcome=SpanOutcome.INTERRUPTED),
        mark(c),
    ]
    c.now_ns += 10 * S
    prompt(c, "p2")
    in_time = [event for event in c.events if event not in late]
    assert says(final(*in_time)[TURN]) == (20, 30, "interrupted", "inferred", "rule")
    corrected = final(*in_time, *late)
    assert says(corrected[TURN]) == (20, 26_050, "interrupted", "observed", "transcript")
    assert says(corrected[CALL]) == (30, 26_040, "interrupted", "observed", "transcript")


def test_an_end_that_was_seen_counts_also_where_a_rule_gave_a_later_one() -> None:
    """The process was found missing at 60 s; the turn had been stopped at 5 s."""
    c = client()
    request(c, "a")
    c.now_ns += 5 * S
    late = mark(c)
    gone = process_gone("s", "claude-code", 77, "", START_NS + 60 * S)
    events = [event for event in c.events if event is not late]
    assert says(final(*events, gone)[TURN]) == (20, 60_000, "interrupted", "derived", "process")
    corrected = final(*events, gone, late)
    assert says(corrected[TURN]) == (20, 5_040, "interrupted", "observed", "transcript")
    assert says(corrected[CALL]) == (30, 60_000, "interrupted", "derived", "process")


def test_no_is_a_denial_that_ends_the_wait_and_nothing_ran() -> None:
    """The wait lasts to the decision; the call has no length; the turn was stopped with it."""
    c = client()
    request(c, "a")
    ask(c)
    c.now_ns += 14 * S
    beside(c, EventKind.PERMISSION_DENIED, tool=ToolUse("Bash", "a"), outcome=SpanOutcome.DENIED, error_type="denied")
    mark(c)
    found = final(*c.events)
    assert says(found[WAIT]) == (40, 14_050, "denied", "observed", "transcript")
    assert says(found[CALL]) == (14_050, 14_050, "denied", "observed", "transcript")
    assert says(found[TURN]) == (20, 14_060, "interrupted", "observed", "transcript")


def test_a_call_of_the_turn_that_nobody_named_ends_with_it() -> None:
    """Also where a rule had closed it before: what stopped the turn stopped the call."""
    c = client()
    request(c, "a")
    c.now_ns += 3 * S
    late = mark(c)
    prompt(c, "p2")
    events = [event for event in c.events if event is not late]
    assert says(final(*events, late)[CALL]) == (30, 3_040, "interrupted", "derived", "transcript")
    assert says(final(*c.events)[CALL]) == (30, 3_040, "interrupted", "derived", "transcript")


def test_a_stop_after_a_mark_counts_and_a_mark_before_a_stop_does_not() -> None:
    """Of two ends that were seen the later one counts, in whatever order they are read."""
    c = client()
    early = mark(c)
    c.now_ns += S
    stop = c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    first, prompted = c.events[:2]
    for events in ([first, prompted, early, stop], [first, prompted, stop, early]):
        assert says(final(*events)[TURN]) == (20, 1_040, "success", "observed", "hook")


def test_a_command_that_was_seen_to_run_ends_the_wait_for_its_permission() -> None:
    """A child process began at 5 s; later the process was killed, and nothing told how long the call took."""
    c = client()
    request(c, "a")
    asked = ask(c)
    c.now_ns += 5 * S
    running = beside(c, EventKind.TOOL_RUNNING, PROCESS, tool=ToolUse("Bash", "a"), prompt_id="")
    gone = process_gone("s", "claude-code", 77, "", START_NS + 9 * S, is_seen=True)
    found = final(*c.events, gone)
    assert says(found[WAIT]) == (40, 5_050, "success", "derived", "process")
    assert says(found[CALL]) == (5_050, 9_000, "interrupted", "observed", "process")
    told = record(running, *c.events).attributes
    assert (told[semconv.WAIT_ID], told[semconv.PROMPT_ID], told[semconv.SIGNAL_SOURCE]) == (asked.uid, "p1", "process")


def waits_of(*events: AgentEvent) -> list[tuple[object, ...]]:
    """Return the waits of the final spans."""
    return [says(span) for name, span in sorted(final(*events).items()) if name.startswith("wait")]


def finish(of: Client, call_id: str, ms: int) -> AgentEvent:
    """Let the call end well after a run of so many milliseconds."""
    return of.fire(EventKind.TOOL_ENDED, tool=ToolUse("Bash", call_id, input_hash="x", duration_ns=ms * MS), outcome=SpanOutcome.SUCCESS)


def seen_asking(c: Client) -> AgentEvent:
    """The client's own state shows that it asks about the call."""
    return beside(c, EventKind.PERMISSION_REQUESTED, PROCESS, tool=ToolUse("Bash", "a"))


def test_a_question_that_the_clients_own_state_shows_is_a_wait_until_the_call_runs() -> None:
    """Auto mode tells no hook: asked at 40 ms, granted 8 s later, and the client says how long the call took."""
    c = client()
    request(c, "a")
    asked = seen_asking(c)
    c.now_ns += 8 * S
    beside(c, EventKind.TOOL_RUNNING, PROCESS, tool=ToolUse("Bash", "a"), prompt_id="")
    c.now_ns += 5 * S
    finish(c, "a", ms=5000)
    assert waits_of(*c.events) == [(40, 8_060, "success", "observed", "hook")]
    attributes = record(asked, *c.events).attributes
    assert (attributes[semconv.TOOL_CALL_ID], attributes[semconv.WAIT_REASON], attributes[semconv.SIGNAL_SOURCE]) == ("a", "permission", "process")


@pytest.mark.parametrize("is_hook_first", [True, False])
def test_a_question_that_a_hook_tells_too_is_one_wait(is_hook_first: bool) -> None:
    """The hook of a busy client is read late: its own telling counts, in whichever order the two come. What is asked much later is another."""
    c = client()
    request(c, "a")
    hook = ask(c) if is_hook_first else None
    seen_asking(c)
    hook = hook or ask(c)
    c.now_ns += 6 * S
    again = ask(c)
    c.now_ns += S
    finish(c, "a", ms=500)
    found = [span for span in final_spans(spans_of(replay(c.events))).values() if span.name.startswith("wait")]
    assert sorted(span.start_ns for span in found) == [hook.time_ns, again.time_ns]


def test_a_dialog_over_a_call_that_ran_by_its_own_duration_was_no_question() -> None:
    """A person looked at a dialog of theirs for 8 s while the call went on; it ran from its request."""
    c = client()
    request(c, "a")
    c.now_ns += S
    seen_asking(c)
    c.now_ns += 8 * S
    finish(c, "a", ms=9000)
    assert waits_of(*c.events) == []
    assert says(final(*c.events)[CALL])[:2] == (50, 9_050)


def test_a_call_and_its_turn_end_when_the_kernel_said_that_the_process_ended() -> None:
    """kill -9 in a call; and while the agent thought, shortly after it was heard of."""
    c = client()
    request(c, "a")
    gone = process_gone("s", "claude-code", 77, "", START_NS + 6 * S, is_seen=True)
    assert says(final(*c.events, gone)[CALL]) == (30, 6_000, "interrupted", "observed", "process")
    assert says(final(*c.events, gone)[TURN]) == (20, 6_000, "interrupted", "observed", "process")
    thinking = client()
    assert says(final(*thinking.events, gone)[TURN]) == (20, 6_000, "interrupted", "observed", "process")


def test_a_permissions_record_names_the_call_that_it_is_for() -> None:
    """The client's request has no call id; the record has the one that was matched, and the wait's own."""
    c = client()
    request(c, "a")
    asked = ask(c)
    attributes = record(asked, *c.events).attributes
    assert (attributes[semconv.TOOL_CALL_ID], attributes[semconv.WAIT_ID], attributes[semconv.WAIT_REASON]) == ("a", asked.uid, "permission")


def test_a_question_and_its_answer_name_the_same_wait() -> None:
    """Elicitations with and without an id of their own; AskUserQuestion waits for an answer, whatever it asks for."""
    c = client()
    first = c.fire(EventKind.ELICITATION_REQUESTED, mcp_server="jira", elicitation_id="e1")
    second = c.fire(EventKind.ELICITATION_REQUESTED, mcp_server="jira")
    answer_second = c.fire(EventKind.ELICITATION_ANSWERED, mcp_server="jira", elicitation_id="e1", outcome=SpanOutcome.SUCCESS)
    answer_first = c.fire(EventKind.ELICITATION_ANSWERED, mcp_server="jira", outcome=SpanOutcome.SUCCESS)
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("AskUserQuestion", "q", input_hash="x", asks_person=True))
    question = c.fire(EventKind.PERMISSION_REQUESTED, tool=ToolUse("AskUserQuestion", input_hash="x", asks_person=True))
    logs = {log.uid: log.attributes for log in logs_of(replay(c.events))}
    assert logs[first.uid][semconv.WAIT_ID] == logs[answer_second.uid][semconv.WAIT_ID] == first.uid
    assert logs[second.uid][semconv.WAIT_ID] == logs[answer_first.uid][semconv.WAIT_ID] == second.uid
    assert (logs[question.uid][semconv.WAIT_REASON], logs[question.uid][semconv.TOOL_CALL_ID]) == ("answer", "q")


def test_a_call_that_no_hook_saw_is_made_of_the_transcript_and_opens_no_turn() -> None:
    """The client refused its input. Of a turn that is not known nothing is made."""
    c = client()
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    refused = [
        beside(c, EventKind.TOOL_STARTED, tool=ToolUse("Read", "r")),
        beside(c, EventKind.TOOL_FAILED, tool=ToolUse("Read", "r"), outcome=SpanOutcome.FAILURE, error_type="invalid_input"),
    ]
    found = final(*c.events)
    assert says(found["execute_tool Read"]) == (40, 50, "failure", "observed", "transcript")
    assert says(found[TURN]) == (20, 30, "success", "observed", "hook")
    assert final(*refused) == {}


def test_what_hooks_told_of_a_call_stays_when_the_transcript_tells_it_again() -> None:
    """Its request and its end come once more: nothing is sent."""
    c = client()
    request(c, "a")
    c.fire(EventKind.TOOL_ENDED, tool=ToolUse("Bash", "a", duration_ns=5 * MS), outcome=SpanOutcome.SUCCESS)
    before = spans_of(replay(c.events))
    c.fire(EventKind.TOOL_INTERRUPTED, source=TRANSCRIPT, is_beside=True, tool=ToolUse("Bash", "a"), outcome=SpanOutcome.INTERRUPTED)
    beside(c, EventKind.PERMISSION_DENIED, tool=ToolUse("Bash", "a"), outcome=SpanOutcome.DENIED)
    assert spans_of(replay(c.events)) == before


def test_a_prompt_that_was_typed_ahead_gets_its_turn_from_the_transcript() -> None:
    """The hook fires when it is typed, under the turn that runs; its own turn begins with no hook, and its Stop may be read first."""
    c = client()
    typed = prompt(c, "p1", prompt_length=6)
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    c.prompt_id = "p2"
    begun = beside(c, EventKind.PROMPT_SUBMITTED, prompt_source="queued", prompt_length=6)
    stop = c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    *before, _, _ = c.events
    for events in ([*before, begun, stop], [*before, stop, begun]):
        turns = [span for span in final_spans(spans_of(replay(events))).values() if span.name == TURN]
        assert [(span.attributes[semconv.PROMPT_ID], span.attributes[semconv.PROMPT_SOURCE]) for span in turns] == [("p1", "user"), ("p2", "queued")]
        assert says(turns[1])[:2] == (50, 60)
    assert record(typed, *c.events).attributes[semconv.PROMPT_SOURCE] == "queued"


def test_a_prompt_that_the_running_turn_took_in_is_a_record_of_its_own_and_changes_no_span() -> None:
    """Told by the transcript, also where the turn is not known; what the hook told when it was typed stays `queued`."""
    c = client()
    typed = prompt(c, "p1")
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    before = spans_of(replay(c.events))
    stop = c.events.pop()
    taken = beside(c, EventKind.PROMPT_SUBMITTED, prompt_source="absorbed", prompt_length=11)
    told = (taken, replace(taken, uid="again", prompt_id=""))
    for at in range(len(c.events) + 1):
        assert spans_of(replay([*c.events[:at], *told, *c.events[at:], stop])) == before
    assert spans_of(replay(told)) == []
    log = record(taken, *c.events, stop)
    assert (log.attributes[semconv.PROMPT_ID], log.attributes[semconv.PROMPT_SOURCE]) == ("p1", "absorbed")
    assert record(typed, *c.events, stop).attributes[semconv.PROMPT_SOURCE] == "queued"


def test_no_copy_of_a_span_looks_like_an_earlier_one() -> None:
    """The collector knows a span again by id, start and end: a better told end at the very moment that a rule had guessed must not pass for it."""
    c = client()
    request(c, "a")
    stopped = beside(c, EventKind.TOOL_INTERRUPTED, tool=ToolUse("Bash", "a"), outcome=SpanOutcome.INTERRUPTED, error_type="interrupted")
    prompt(c, "p2")
    late = replace(mark(c), time_ns=stopped.time_ns)
    copies = [span for span in spans_of(replay([*c.events[:-1], late])) if span.name == TURN]
    assert [says(span)[1:] for span in copies] == [(40, "interrupted", "inferred", "rule"), (40, "interrupted", "observed", "transcript")]
    assert copies[1].end_ns == copies[0].end_ns + 1


def test_a_notice_that_comes_into_a_persons_turn_makes_its_prompt_no_notice() -> None:
    """A background task ends while the turn runs: the client takes the notice in under the prompt of that turn."""
    c = client()
    begun = c.events[-1]
    notice = prompt(c, "p1", prompt_source="task_notification")
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    assert record(notice, *c.events).attributes.get(semconv.PROMPT_ID, "") == ""
    assert record(notice, *c.events).attributes[semconv.PROMPT_SOURCE] == "task_notification"
    assert record(begun, *c.events).attributes[semconv.PROMPT_ID] == "p1"


def test_a_sleep_is_no_part_of_what_a_call_ran() -> None:
    """The lid was closed for an hour in a call of 61 minutes, which the client counts too or does not say; its clock stays true."""
    for duration_ns in (None, 3_660 * S):
        c = client()
        request(c, "a")
        c.now_ns += 3_630 * S
        slept = beside(c, EventKind.SUSPENDED, RELAY, slept_ns=3_600 * S, prompt_id="")
        c.now_ns += 30 * S - 20 * MS
        c.fire(EventKind.TOOL_ENDED, tool=ToolUse("Bash", "a", duration_ns=duration_ns), outcome=SpanOutcome.SUCCESS)
        found = final(*c.events)
        assert says(found[CALL])[:2] == (30, 3_660_030)
        assert found[CALL].attributes[semconv.TOOL_RUN_MS] == 60_000
        assert record(slept, *c.events).attributes[semconv.DURATION_MS] == 3_600_000


def test_only_the_last_wait_of_a_call_is_sent_again_a_nanosecond_later() -> None:
    """A batch closed a call that had asked twice, and its own end came in the same tick: nothing else tells the copies of the last wait apart."""
    c = client()
    request(c, "a")
    ask(c)
    ask(c)
    ended = c.fire(EventKind.TOOL_BATCH_ENDED, batch=(BatchCall("a", "Bash", "x"),))
    own = replace(ended, kind=EventKind.TOOL_ENDED, uid="own", batch=(), tool=ToolUse("Bash", "a"), outcome=SpanOutcome.SUCCESS)
    waits = [
        (span.start_ns, span.end_ns - span.start_ns, span.attributes[semconv.OUTCOME])
        for span in spans_of(replay([*c.events, own]))
        if span.name == WAIT
    ]
    first, second = START_NS + 40 * MS, START_NS + 50 * MS
    before = [(first, 10 * MS, "denied"), (second, 10 * MS, "denied")]
    assert waits == [*before, (first, 10 * MS, "success"), (second, 10 * MS + 1, "success")]


def test_a_copy_with_no_better_evidence_ends_later_than_the_one_before() -> None:
    """Else the store would keep the copy before."""
    session, sent = OpenSession("claude-code", "s"), Sent(200, 1, (100, 200, 201))
    for kind, end_ns in ((INFERRED, 202), (OBSERVED, 150)):
        ending = Ending(150, SpanOutcome.SUCCESS, evidence=KnownBy(kind, "hook"))
        assert make_span(session, "p1", 1, None, CALL, 10, ending, {}, sent).end_ns == end_ns


def test_what_runs_in_the_background_is_told_when_it_begins_and_ends() -> None:
    """A command, by its response and by the notice that ends it; a subagent, by its launch and its own end."""
    c = client()
    request(c, "a")
    c.fire(EventKind.TOOL_ENDED, tool=ToolUse("Bash", "a", background_id="b1", is_background=True), outcome=SpanOutcome.SUCCESS)
    launched = {"starts_agent": True, "agent_id": "helper", "is_launch": True}
    c.fire(EventKind.TOOL_STARTED, tool=ToolUse("Agent", "l", starts_agent=True))
    c.fire(EventKind.SUBAGENT_STARTED, agent_id="helper", agent_type="Explore")
    c.fire(EventKind.TOOL_ENDED, tool=ToolUse("Agent", "l", **launched), outcome=SpanOutcome.SUCCESS)  # type: ignore[arg-type]
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS, running_agents=("helper",), running=("b1", "helper"))
    c.fire(EventKind.SUBAGENT_ENDED, agent_id="helper", agent_type="Explore", outcome=SpanOutcome.SUCCESS)
    prompt(c, "p2", prompt_source="task_notification", background_id="b1")
    told = [
        (log.event_name.removeprefix("hookline."), log.attributes.get(semconv.BACKGROUND_ID), log.attributes.get(semconv.BACKGROUND_TYPE))
        for log in logs_of(replay(c.events))
        if semconv.BACKGROUND_ID in log.attributes
    ]
    assert told == [
        ("background_started", "b1", "shell"),
        ("background_started", "helper", "subagent"),
        ("background_ended", "helper", "subagent"),
        ("background_ended", "b1", None),
    ]
    stopped = next(log for log in logs_of(replay(c.events)) if log.event_name == "hookline.turn_ended")
    assert stopped.attributes[semconv.BACKGROUND_RUNNING] == ("b1", "helper")


def test_nobody_sits_at_a_client_that_a_program_started() -> None:
    """As the adapter knows from the way the client was started; where it does not, somebody may."""
    for entrypoint, is_attended, interactive in (("cli", True, "true"), ("sdk-cli", False, "false"), ("cli", None, "true")):
        c = client()
        event = c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS, entrypoint=entrypoint, is_attended=is_attended)
        attributes = record(event, *c.events).attributes
        assert (attributes[semconv.INTERACTIVE], attributes[semconv.ENTRYPOINT]) == (interactive, entrypoint)


def test_a_turn_that_thought_and_fell_quiet_ended_there_as_far_as_one_can_tell() -> None:
    """Inferred; the next prompt changes nothing of it."""
    c = client()
    c.now_ns += 8 * S
    quiet = beside(c, EventKind.TURN_QUIET, PROCESS)
    assert says(final(*c.events)[TURN]) == (20, 8_030, "interrupted", "inferred", "process")
    assert final(*c.events)[TURN].attributes[semconv.CLOSED_BY] == "quiet"
    assert record(quiet, *c.events).attributes[semconv.EVIDENCE] == "inferred"
    c.now_ns += 30 * S
    prompt(c, "p2")
    assert [says(turn)[1] for turn in final_spans(spans_of(replay(c.events))).values()] == [8_030]


def test_a_turn_that_fell_quiet_and_goes_on_is_open_again() -> None:
    """Its client draws little; the turn's own end counts, and it was one turn."""
    c = client()
    c.now_ns += 8 * S
    beside(c, EventKind.TURN_QUIET, PROCESS)
    c.now_ns += 30 * S
    request(c, "a")
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    assert says(final(*c.events)[TURN]) == (20, 38_050, "success", "observed", "hook")


def test_a_turn_that_runs_a_call_or_waits_is_not_quiet() -> None:
    """Its client may well stand still."""
    c = client()
    request(c, "a")
    ask(c)
    beside(c, EventKind.TURN_QUIET, PROCESS)
    assert final(*c.events) == {}
