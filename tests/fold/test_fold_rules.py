"""The closing rules, one by one. The client's clock moves ten milliseconds with each event."""

from dataclasses import replace
from random import Random

from inline_snapshot import snapshot

from hookline.agent_event import BatchCall, ChildrenTime, ToolUse, UsageLimits
from hookline.agents import AgentEvent, process_gone, tick
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanOutcome
from hookline.fold import FoldRules, FoldState, fold, processes
from hookline.fold.model import OpenSession
from hookline.fold.session import advance
from hookline.records import SpanRecord
from support.replay import final_spans, logs_of, replay, spans_of, tell
from support.simulated_client import START_NS, Client

S = 1_000_000_000
MS = 1_000_000


def client(session_id: str = "s", pid: int | None = 77) -> Client:
    """Return a client that has started and got its first prompt, at 10 and 20 ms."""
    made = Client(Random(0), session_id, pid, step_ms=(10, 10))
    made.fire(EventKind.SESSION_STARTED, start_source="startup", model="claude-sonnet-5", prompt_id="")
    prompt(made, "p1")
    return made


def prompt(of: Client, prompt_id: str) -> None:
    of.prompt_id = prompt_id
    of.fire(EventKind.PROMPT_SUBMITTED, prompt_source="user", prompt_length=3)


def request(of: Client, call_id: str, name: str = "Bash", **fields: object) -> AgentEvent:
    agent_id = str(fields.pop("agent_id", ""))
    tool = ToolUse(name, call_id, input_hash="same", **fields)  # type: ignore[arg-type]
    return of.fire(EventKind.TOOL_STARTED, tool=tool, agent_id=agent_id)


def ask(of: Client, name: str = "Bash", input_hash: str = "same") -> AgentEvent:
    return of.fire(EventKind.PERMISSION_REQUESTED, tool=ToolUse(name, input_hash=input_hash))


def finish(of: Client, call_id: str, name: str = "Bash", ms: int | None = 5, **fields: object) -> AgentEvent:
    agent_id = str(fields.pop("agent_id", ""))
    duration_ns = None if ms is None else ms * MS
    tool = ToolUse(name, call_id, input_hash="same", duration_ns=duration_ns, **fields)  # type: ignore[arg-type]
    return of.fire(EventKind.TOOL_ENDED, tool=tool, outcome=SpanOutcome.SUCCESS, agent_id=agent_id)


def batch(of: Client, *call_ids: str, is_denied: bool | None = None) -> AgentEvent:
    return of.fire(EventKind.TOOL_BATCH_ENDED, batch=tuple(BatchCall(call_id, "Bash", "same", is_denied) for call_id in call_ids))


def use(ms: int, process: str = "77.1") -> ChildrenTime:
    return ChildrenTime(process, ms)


def stop(of: Client, **fields: object) -> AgentEvent:
    return of.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS, **fields)


def told(*events: AgentEvent) -> list[str]:
    return tell(spans_of(replay(events)), START_NS)


def spans(*events: AgentEvent) -> list[SpanRecord]:
    return spans_of(replay(events))


def test_the_next_prompt_closes_an_interrupted_turn_at_its_last_sign_of_life() -> None:
    """A person pressed Escape, which fires no hook; minutes later there is another prompt."""
    c = client()
    request(c, "a")
    c.now_ns += 300 * S
    prompt(c, "p2")
    assert told(*c.events) == snapshot(
        [
            "execute_tool Bash 30..30 interrupted by next_prompt in invoke_agent claude-code",
            "invoke_agent claude-code 20..30 interrupted by next_prompt root",
        ]
    )


def test_the_clients_word_that_it_is_idle_closes_an_interrupted_turn() -> None:
    """The notification comes a minute after the interrupt; the turn ends at its last sign of life all the same."""
    c = client()
    request(c, "a")
    c.now_ns += 60 * S
    c.fire(EventKind.NOTIFICATION, notification_type="idle_prompt", prompt_id="")
    assert told(*c.events) == snapshot(
        [
            "execute_tool Bash 30..30 interrupted by next_event in invoke_agent claude-code",
            "invoke_agent claude-code 20..30 interrupted by next_event root",
        ]
    )


def test_an_idle_client_that_waits_for_a_permission_keeps_its_turn() -> None:
    """Nobody is there to answer: the turn is not over."""
    c = client()
    request(c, "a")
    ask(c)
    c.now_ns += 60 * S
    c.fire(EventKind.NOTIFICATION, notification_type="idle_prompt", prompt_id="")
    assert told(*c.events) == []


def test_a_session_that_ends_in_the_middle_closes_everything() -> None:
    """Ctrl+C twice."""
    c = client()
    request(c, "a")
    c.now_ns += 5 * S
    c.fire(EventKind.SESSION_ENDED, end_reason="other")
    assert told(*c.events) == snapshot(
        [
            "execute_tool Bash 30..5040 interrupted by session_end in invoke_agent claude-code",
            "invoke_agent claude-code 20..5040 interrupted by session_end root",
        ]
    )


def test_a_client_whose_terminal_is_taken_worked_until_it_ended_its_session() -> None:
    """It says no more than that its session ends: a command ran until then, a turn that was just heard of thought, an old one had stopped unheard."""
    for after_s, ended_ms in ((100, 100_040), (130, 40)):
        c = client()
        request(c, "a")
        finish(c, "a")
        c.now_ns += after_s * S - 10 * MS
        c.fire(EventKind.SESSION_ENDED, end_reason="other")
        assert told(*c.events)[1:] == [f"invoke_agent claude-code 20..{ended_ms} interrupted by session_end root"]
    c = client()
    request(c, "a")
    c.now_ns += 1800 * S
    c.fire(EventKind.SESSION_ENDED, end_reason="other")
    assert told(*c.events)[1:] == ["invoke_agent claude-code 20..1800040 interrupted by session_end root"]


def test_of_two_subagents_the_one_that_was_just_heard_of_thought_on() -> None:
    """The terminal was taken from the client: one had stopped unheard, the other worked until then."""
    c = client()
    for agent_id in ("old", "new"):
        c.fire(EventKind.SUBAGENT_STARTED, agent_id=agent_id, agent_type=agent_id)
        c.now_ns += 30 * S
    c.now_ns += 70 * S
    c.fire(EventKind.SESSION_ENDED, end_reason="other")
    ends = {line.split(" by ")[0] for line in told(*c.events) if line.startswith(("invoke_agent old", "invoke_agent new"))}
    assert ends == {"invoke_agent old 30..30 interrupted", "invoke_agent new 30040..130050 interrupted"}


def test_a_process_that_is_gone_closes_everything() -> None:
    """kill -9."""
    c = client()
    request(c, "a")
    ask(c)
    gone = process_gone("s", "claude-code", 77, "", c.now_ns + 5 * S)
    assert told(*c.events, gone) == snapshot(
        [
            "wait_permission Bash 40..5040 unknown by process_gone in invoke_agent claude-code",
            "execute_tool Bash 5040..5040 interrupted by process_gone in invoke_agent claude-code",
            "invoke_agent claude-code 20..5040 interrupted by process_gone root",
        ]
    )


def test_the_end_of_an_earlier_process_leaves_a_resumed_session_alone() -> None:
    """The session goes on in another process."""
    c = client()
    c.pid = 78
    c.fire(EventKind.SESSION_STARTED, start_source="resume", prompt_id="")
    prompt(c, "p2")
    request(c, "a")
    before = len(told(*c.events))
    assert len(told(*c.events, process_gone("s", "claude-code", 77, "", c.now_ns + S))) == before


def test_a_turn_of_which_nothing_is_heard_for_hours_is_timed_out() -> None:
    """The outcome is not known."""
    c = client()
    request(c, "a")
    early, late = tick(c.now_ns + 5 * 3600 * S), tick(c.now_ns + 7 * 3600 * S)
    assert told(*c.events, early) == []
    assert told(*c.events, early, late) == snapshot(
        ["execute_tool Bash 30..30 unknown by timed_out in invoke_agent claude-code", "invoke_agent claude-code 20..30 unknown by timed_out root"]
    )


def test_the_time_out_is_a_rule_that_can_be_set() -> None:
    """`relay.turn_timeout_s`."""
    c = client()
    steps = replay([*c.events, tick(c.now_ns + 20 * S)], FoldRules(turn_timeout_s=10))
    assert [span.attributes[semconv.CLOSED_BY] for span in spans_of(steps)] == ["timed_out"]


def test_a_batch_closes_the_calls_that_were_denied() -> None:
    """Two calls, one allowed and one refused."""
    c = client()
    request(c, "a")
    request(c, "b", "Read")
    ask(c)
    finish(c, "b", "Read")
    batch(c, "a", "b")
    assert told(*c.events) == snapshot(
        [
            "execute_tool Read 55..60 success in a span not seen",
            "wait_permission Bash 50..70 denied by batch in a span not seen",
            "execute_tool Bash 70..70 denied denied by batch in a span not seen",
        ]
    )


def test_a_batch_closes_a_call_without_a_known_reason_as_unknown() -> None:
    """No permission was asked for and the result does not say that it was denied."""
    c = client()
    request(c, "a")
    batch(c, "a", is_denied=False)
    assert told(*c.events) == snapshot(["execute_tool Bash 30..40 unknown by batch in a span not seen"])


def test_an_end_that_comes_after_its_batch_counts() -> None:
    """The call is sent again as what it was, with its own end: what was seen counts, also where a rule gave a later one."""
    c = client()
    request(c, "a")
    ended = finish(c, "a")
    batch(c, "a")
    first, second = spans(*[event for event in c.events if event is not ended], ended)
    assert (first.span_id, first.attributes[semconv.OUTCOME], first.attributes[semconv.CLOSED_BY]) == (second.span_id, "unknown", "batch")
    assert second.attributes[semconv.OUTCOME] == "success"
    assert semconv.CLOSED_BY not in second.attributes
    assert (first.attributes[semconv.EVIDENCE], second.attributes[semconv.EVIDENCE]) == ("derived", "observed")
    assert second.end_ns == ended.time_ns < first.end_ns
    assert second.start_ns == ended.time_ns - 5 * MS


def test_a_permission_is_waited_for_until_the_call_begins_to_run() -> None:
    """Asked, answered after a while, then run for as long as the client says."""
    c = client()
    request(c, "a")
    ask(c)
    c.now_ns += 9 * S
    finish(c, "a", ms=1000)
    assert told(*c.events) == snapshot(
        ["wait_permission Bash 40..8050 success in a span not seen", "execute_tool Bash 8050..9050 success in a span not seen"]
    )


def test_a_call_never_begins_to_run_before_it_was_asked_for() -> None:
    """The client's duration is longer than the time between the two files."""
    c = client()
    asked = request(c, "a")
    finish(c, "a", ms=500)
    assert [span.start_ns for span in spans(*c.events)] == [asked.time_ns]


def test_without_the_clients_duration_a_call_runs_from_its_request() -> None:
    """Clients before 2.1.119."""
    c = client()
    request(c, "a")
    finish(c, "a", ms=None)
    assert told(*c.events) == snapshot(["execute_tool Bash 30..40 success in a span not seen"])


def test_two_identical_calls_take_one_permission_each() -> None:
    """Same name, same input: the first request belongs to the first call that has none."""
    c = client()
    request(c, "a")
    request(c, "b")
    ask(c)
    ask(c)
    finish(c, "a")
    finish(c, "b")
    waits = [span for span in spans(*c.events) if span.name.startswith("wait")]
    assert [span.attributes[semconv.TOOL_CALL_ID] for span in waits] == ["a", "b"]


def test_a_permission_that_is_read_before_its_call_is_matched_when_the_call_comes() -> None:
    """The files of one tick may be read the wrong way round."""
    c = client()
    asked = request(c, "a")
    ask(c)
    finish(c, "a")
    swapped = [*c.events[:2], c.events[3], asked, c.events[4]]
    assert tell(final_spans(spans(*swapped)).values(), START_NS) == tell(spans(*c.events), START_NS)


def test_a_changed_input_does_not_keep_a_permission_from_its_call() -> None:
    """Another hook rewrote the input: the only open call of that name is meant."""
    c = client()
    request(c, "a")
    ask(c, input_hash="rewritten")
    finish(c, "a")
    assert [span.attributes[semconv.TOOL_CALL_ID] for span in spans(*c.events)] == ["a", "a"]


def test_a_permission_whose_call_was_never_seen_is_a_wait_of_its_own() -> None:
    """Its request was dropped from a full spool."""
    c = client()
    ask(c)
    batch(c, "a")
    stop(c)
    assert told(*c.events) == snapshot(
        ["wait_permission Bash 30..40 denied by batch in invoke_agent claude-code", "invoke_agent claude-code 20..50 success root"]
    )


def test_an_end_whose_request_was_lost_is_a_span_of_its_duration() -> None:
    """It waits a moment for its request, then it is sent as it is."""
    c = client()
    finish(c, "a", ms=5)
    assert told(*c.events) == []
    stop(c)
    assert told(*c.events) == snapshot(
        ["execute_tool Bash 25..30 success in invoke_agent claude-code", "invoke_agent claude-code 20..40 success root"]
    )


def test_an_auto_denied_call_ends_with_its_denial() -> None:
    """PermissionDenied is the call's own end: no rule closed it."""
    c = client()
    event = request(c, "a")
    c.fire(EventKind.PERMISSION_DENIED, tool=event.tool, outcome=SpanOutcome.DENIED, error_type="denied")
    assert told(*c.events) == snapshot(["execute_tool Bash 40..40 denied denied in a span not seen"])


def test_a_question_to_the_person_is_a_wait_for_an_answer() -> None:
    """AskUserQuestion: from the question to the answer, with or without a permission request."""
    c = client()
    request(c, "a", "AskUserQuestion", asks_person=True)
    c.now_ns += 30 * S
    finish(c, "a", "AskUserQuestion", asks_person=True)
    assert told(*c.events) == snapshot(
        ["wait_answer AskUserQuestion 30..30040 success in a span not seen", "execute_tool AskUserQuestion 30035..30040 success in a span not seen"]
    )


def test_an_elicitation_is_a_wait_for_an_answer() -> None:
    """An MCP server asks; the answer names the same question."""
    c = client()
    c.fire(EventKind.ELICITATION_REQUESTED, mcp_server="jira", elicitation_id="e1")
    c.fire(EventKind.ELICITATION_REQUESTED, mcp_server="jira", elicitation_id="e2")
    c.now_ns += 5 * S
    c.fire(EventKind.ELICITATION_ANSWERED, mcp_server="jira", elicitation_id="e2", outcome=SpanOutcome.DENIED)
    c.fire(EventKind.ELICITATION_ANSWERED, mcp_server="jira", outcome=SpanOutcome.SUCCESS)
    assert told(*c.events) == snapshot(
        ["wait_answer jira 40..5050 denied in a span not seen", "wait_answer jira 30..5060 success in a span not seen"]
    )


def test_a_compaction_is_a_span_with_its_trigger() -> None:
    """PreCompact to PostCompact."""
    c = client()
    c.fire(EventKind.COMPACTION_STARTED, compaction_trigger="auto")
    c.now_ns += 5 * S
    c.fire(EventKind.COMPACTION_ENDED, compaction_trigger="auto")
    (span,) = spans(*c.events)
    assert tell([span], START_NS) == snapshot(["compact_context 30..5040 success in a span not seen"])
    assert span.attributes[semconv.COMPACTION_TRIGGER] == "auto"


def launch(c: Client) -> None:
    """An Agent call that leaves its subagent in the background."""
    request(c, "call", "Agent", starts_agent=True, wanted_agent_type="Explore")
    c.fire(EventKind.SUBAGENT_STARTED, agent_id="x", agent_type="Explore")
    launched = ToolUse("Agent", "call", starts_agent=True, agent_id="x", is_launch=True, is_background=True)
    c.fire(EventKind.TOOL_ENDED, tool=launched, outcome=SpanOutcome.SUCCESS)


def test_a_background_subagent_is_closed_neither_by_its_turn_nor_by_the_next_prompt() -> None:
    """It ends when it ends, in the trace of the prompt that started it, also when its events name a later prompt."""
    c = client()
    launch(c)
    stop(c)
    c.now_ns += 100 * S
    prompt(c, "p2")
    request(c, "inner", "Grep", agent_id="x")
    finish(c, "inner", "Grep", agent_id="x")
    c.fire(EventKind.SUBAGENT_ENDED, agent_id="x", agent_type="Explore", outcome=SpanOutcome.SUCCESS)
    made = spans(*c.events)
    assert tell(made, START_NS) == snapshot(
        [
            "execute_tool Agent 30..50 success in invoke_agent claude-code",
            "invoke_agent claude-code 20..60 success root",
            "execute_tool Grep 100085..100090 success in invoke_agent Explore",
            "invoke_agent Explore 40..100100 success in execute_tool Agent",
        ]
    )
    assert len({span.trace_id for span in made}) == 1


def test_a_background_subagent_is_closed_by_the_sessions_end() -> None:
    """Nothing goes on without its session."""
    c = client()
    launch(c)
    stop(c)
    request(c, "inner", "Grep", agent_id="x")
    c.now_ns += 9 * S
    c.fire(EventKind.SESSION_ENDED)
    assert told(*c.events)[2:] == snapshot(
        [
            "execute_tool Grep 70..9080 interrupted by session_end in invoke_agent Explore",
            "invoke_agent Explore 40..9080 interrupted by session_end in execute_tool Agent",
        ]
    )


def test_a_subagent_whose_call_the_client_names_in_a_file_is_sent_at_once() -> None:
    """`parent_call_id` is enough; nothing waits for the call's response."""
    c = client()
    request(c, "call", "Agent", starts_agent=True)
    c.fire(EventKind.SUBAGENT_STARTED, agent_id="x", agent_type="Explore", parent_call_id="call")
    c.fire(EventKind.SUBAGENT_ENDED, agent_id="x", agent_type="Explore", parent_call_id="call", outcome=SpanOutcome.SUCCESS)
    assert [span.name for span in spans(*c.events)] == ["invoke_agent Explore"]


def test_a_subagent_that_is_sent_on_by_a_later_prompt_has_a_span_in_each() -> None:
    """The client goes on with a finished subagent under the same id."""
    c = client()
    for prompt_id in ("p1", "p2"):
        if prompt_id == "p2":
            prompt(c, prompt_id)
        c.fire(EventKind.SUBAGENT_STARTED, agent_id="x", agent_type="Explore")
        c.fire(EventKind.SUBAGENT_ENDED, agent_id="x", agent_type="Explore", outcome=SpanOutcome.SUCCESS)
        stop(c)
    runs = [span for span in spans(*c.events) if span.name == "invoke_agent Explore"]
    assert len({span.span_id for span in runs}) == len({span.trace_id for span in runs}) == 2


def test_a_subagent_ends_with_the_call_that_failed() -> None:
    """Its own end never comes."""
    c = client()
    request(c, "call", "Agent", starts_agent=True, wanted_agent_type="Explore")
    c.fire(EventKind.SUBAGENT_STARTED, agent_id="x", agent_type="Explore")
    tool = ToolUse("Agent", "call", starts_agent=True)
    c.fire(EventKind.TOOL_FAILED, tool=tool, outcome=SpanOutcome.INTERRUPTED, error_type="interrupted")
    assert told(*c.events) == snapshot(
        [
            "execute_tool Agent 30..50 interrupted interrupted in a span not seen",
            "invoke_agent Explore 40..40 interrupted by next_event in execute_tool Agent",
        ]
    )


def test_a_stop_that_comes_after_the_next_prompt_counts() -> None:
    """The turn was called interrupted; its end says that it was not."""
    c = client()
    request(c, "a")
    finish(c, "a")
    stopped = stop(c)
    c.now_ns += 5 * S
    prompt(c, "p2")
    late = [event for event in c.events if event is not stopped]
    assert tell(spans(*late, stopped), START_NS) == snapshot(
        [
            "execute_tool Bash 35..40 success in invoke_agent claude-code",
            "invoke_agent claude-code 20..40 interrupted by next_prompt root",
            "invoke_agent claude-code 20..50 success root",
        ]
    )


def test_a_relay_that_is_started_in_the_middle_opens_the_turn_with_what_it_sees_first() -> None:
    """No session start, no prompt: the turn begins with the first call and has no prompt's length."""
    c = client()
    request(c, "a")
    finish(c, "a")
    stop(c)
    root = next(span for span in spans(*c.events[2:]) if span.parent_id is None)
    assert root.start_ns == c.events[2].time_ns
    assert semconv.PROMPT_LENGTH not in root.attributes


def test_clients_that_name_no_prompt_get_a_trace_for_each_submission() -> None:
    """Before 2.1.196."""
    c = client()
    c.events.clear()
    c.prompt_id = ""
    for call_id in ("a", "b"):
        c.fire(EventKind.PROMPT_SUBMITTED)
        request(c, call_id)
        finish(c, call_id)
        stop(c)
    made = spans(*c.events)
    assert len(made) == 4
    assert len({span.trace_id for span in made}) == 2


def test_what_is_seen_beside_a_session_belongs_to_the_turn_of_its_time() -> None:
    """A client names no prompt, and the transcript is read when the next turn has begun; what is older than every turn is nobody's."""
    c = client()
    early = replace(c.events[0], uid="early", kind=EventKind.TURN_INTERRUPTED, source="transcript", is_beside=True, outcome=SpanOutcome.INTERRUPTED)
    prompt(c, "")
    stopped = replace(early, uid="stopped", time_ns=c.now_ns + 5 * MS)
    prompt(c, "")
    assert told(*c.events, early) == told(*c.events)
    ends = [line for line in told(*c.events, stopped) if line not in told(*c.events)]
    assert ends == ["invoke_agent claude-code 30..35 interrupted root"]


def test_a_cleared_session_names_the_one_before_it() -> None:
    """`/clear`: one session ends, another begins in the same process; the order of the two files does not matter."""
    old, new = client("old"), Client(Random(0), "new", 77, now_ns=START_NS + S)
    ended = old.fire(EventKind.SESSION_ENDED, end_reason="clear")
    started = new.fire(EventKind.SESSION_STARTED, start_source="clear", prompt_id="")
    for events in ([*old.events, started], [*old.events[:-1], started, ended]):
        record = next(log for log in logs_of(replay(events)) if log.uid == started.uid)
        assert record.attributes[semconv.SESSION_PREVIOUS_ID] == "old"


def test_a_new_session_in_another_process_continues_nothing() -> None:
    """Two terminals."""
    old, new = client("old"), Client(Random(0), "new", 99, now_ns=START_NS + S)
    old.fire(EventKind.SESSION_ENDED, end_reason="clear")
    started = new.fire(EventKind.SESSION_STARTED, start_source="clear", prompt_id="")
    assert semconv.SESSION_PREVIOUS_ID not in logs_of(replay([*old.events, started]))[-1].attributes


def test_processes_to_watch_are_those_of_sessions_that_have_not_ended() -> None:
    """The relay looks after them."""
    state = FoldState()
    c = client()
    for event in c.events:
        state, _ = fold(state, event)
    assert [(process.session_id, process.pid) for process in processes(state)] == [("s", 77)]
    state, _ = fold(state, c.fire(EventKind.SESSION_ENDED))
    assert processes(state) == ()


def test_spans_of_transcripts_say_so() -> None:
    """Events made of transcripts go through the same fold."""
    c = client()
    c.fire(EventKind.TURN_ENDED, outcome=SpanOutcome.SUCCESS)
    (span,) = spans(*[replace(event, source="transcript") for event in c.events])
    assert span.attributes[semconv.SIGNAL_SOURCE] == "transcript"


def test_a_state_is_not_changed_by_what_is_folded_into_its_sessions() -> None:
    """Sessions and units are values: advancing the same session twice gives the same."""
    c = client()
    session = OpenSession("claude-code", "s")
    for event in c.events:
        session, _ = advance(session, event, FoldRules())
    event = request(c, "a")
    one, two = advance(session, event, FoldRules()), advance(session, event, FoldRules())
    assert one == two
    assert not session.calls


def test_only_what_an_open_span_needs_is_held() -> None:
    """A finished call's files go as soon as the next sign of life is there; the prompt's stay."""
    c = client()
    request(c, "a")
    finish(c, "a")
    batch(c, "a")
    steps = replay(c.events)
    assert [step.released for step in steps] == snapshot([(), (), (), (), ("s-3", "s-4")])


def test_a_turn_that_is_kept_going_for_ever_holds_few_files() -> None:
    """A Stop hook that always wants more: what is held does not grow with the rounds."""
    c = client()
    most = 0
    state = FoldState()
    for event in c.events:
        state, _ = fold(state, event)
    for n in range(200):
        for event in (request(c, f"a{n}"), finish(c, f"a{n}"), batch(c, f"a{n}"), stop(c)):
            state, _ = fold(state, event)
            most = max(most, len(state.sessions["claude-code", "s"].held))
    assert most < 12


def test_a_long_turn_holds_few_files() -> None:
    """Hundreds of calls, none of whose files is needed once it is sent."""
    c = client()
    for n in range(300):
        request(c, f"a{n}")
        finish(c, f"a{n}")
        batch(c, f"a{n}")
    steps = replay(c.events)
    assert sum(len(step.released) for step in steps) > len(c.events) - 8


def test_a_status_line_is_a_record_of_limits_and_nothing_else() -> None:
    """No span, nothing held."""
    limits = UsageLimits(five_hour_percent=41.0, five_hour_resets_at=1_795_220_000, cost_usd=0.25)
    c = client()
    event = c.fire(EventKind.STATUS, limits=limits, source="statusline", account="work")
    step = replay(c.events)[-1]
    assert (step.spans, step.released, step.logs[0].event_name) == ((), (event.uid,), "hookline.limits")
    assert step.logs[0].attributes["hookline.limits.five_hour.used_percent"] == 41.0
    assert step.logs[0].attributes["hookline.account"] == "work"


def test_what_does_not_know_the_process_leaves_it_as_it_is() -> None:
    """Lines of a transcript name no process; the turn's span keeps the one of its hooks."""
    c = client(pid=77)
    request(c, "a")
    ended = replace(finish(c, "a"), pid=None, process_created="", source="transcript")
    c.events[-1] = ended
    stop(c)
    c.events[-1] = replace(c.events[-1], pid=None)
    assert {span.attributes.get(semconv.PROCESS_PID) for span in spans(*c.events)} == {77}


def test_only_a_subagent_whose_start_was_missed_says_so() -> None:
    """Its beginning is then what was heard of it first."""
    starts = []
    for is_seen in (True, False):
        c = client()
        request(c, "call", "Agent", starts_agent=True, wanted_agent_type="Explore")
        started = c.fire(EventKind.SUBAGENT_STARTED, agent_id="x", agent_type="Explore")
        request(c, "inner", "Grep", agent_id="x")
        finish(c, "inner", "Grep", agent_id="x")
        c.fire(EventKind.SUBAGENT_ENDED, agent_id="x", agent_type="Explore", outcome=SpanOutcome.SUCCESS)
        finish(c, "call", "Agent", starts_agent=True)
        made = spans(*(event for event in c.events if is_seen or event is not started))
        starts += [span.attributes.get(semconv.EVIDENCE_START) for span in made if span.name == "invoke_agent Explore"]
    assert starts == [None, "derived"]


def test_two_subagents_of_a_kind_belong_to_a_call_each() -> None:
    """No response names them: the first that started gets the first call, and a call is claimed once."""
    c = client()
    for call_id in ("first", "second"):
        request(c, call_id, "Agent", starts_agent=True, wanted_agent_type="Explore")
    for agent_id in ("x", "y"):
        c.fire(EventKind.SUBAGENT_STARTED, agent_id=agent_id, agent_type="Explore")
    for agent_id in ("x", "y"):
        c.fire(EventKind.SUBAGENT_ENDED, agent_id=agent_id, agent_type="Explore", outcome=SpanOutcome.SUCCESS)
    for call_id in ("first", "second"):
        finish(c, call_id, "Agent", starts_agent=True)
    stop(c)
    made = list(final_spans(spans(*c.events)).values())
    calls = {span.span_id for span in made if span.name == "execute_tool Agent"}
    assert {span.parent_id for span in made if span.name == "invoke_agent Explore"} == calls


def test_an_interruption_stops_the_subagents_of_its_own_prompt() -> None:
    """One that works in the background for an earlier prompt goes on."""
    c = client()
    launch(c)
    stop(c)
    prompt(c, "p2")
    request(c, "call2", "Agent", starts_agent=True, wanted_agent_type="Plan")
    c.fire(EventKind.SUBAGENT_STARTED, agent_id="y", agent_type="Plan")
    c.fire(EventKind.TURN_INTERRUPTED, source="transcript")
    made = [span for span in spans(*c.events) if span.name.startswith("invoke_agent ") and span.parent_id]
    assert [(span.name, span.attributes[semconv.OUTCOME]) for span in made] == [("invoke_agent Plan", "interrupted")]


def test_a_record_names_the_model_of_its_event_and_else_of_its_session() -> None:
    """The session's start says which; a later event may say another."""
    c = client()
    request(c, "a")
    c.fire(EventKind.SESSION_STARTED, start_source="compact", model="claude-haiku-5")
    finish(c, "a")
    models = [record.attributes.get(semconv.REQUEST_MODEL) for record in logs_of(replay(c.events))]
    assert models == ["claude-sonnet-5"] * 3 + ["claude-haiku-5"] * 2


def test_the_end_of_a_call_waits_two_seconds_for_its_request() -> None:
    """Files of one moment may be read in any order; what never comes is not waited for longer."""
    c = client()
    finish(c, "a")
    for after_s, names in ((1.9, []), (2.1, ["execute_tool Bash"])):
        events = [*c.events, tick(c.events[-1].time_ns + int(after_s * S))]
        assert [span.name for span in spans(*events)] == names, after_s


def test_a_call_s_commands_used_what_the_agent_s_children_did_meanwhile() -> None:
    """By the counters of one process at its request and its end; nothing is said where one of them is missing, or where it ran calls itself."""
    cases: list[tuple[ToolUse, ChildrenTime | None, ChildrenTime | None, int | None]] = [
        (ToolUse("Bash", "c1"), use(1_000), use(3_500), 2_500),
        (ToolUse("Bash", "c2"), use(1_000), use(1_000), 0),
        (ToolUse("Bash", "c3"), use(1_000), None, None),
        (ToolUse("Bash", "c4"), None, use(1_000), None),
        (ToolUse("Bash", "c5"), use(1_000), use(2_000, "78.1"), None),
        (ToolUse("Bash", "c6"), use(2_000), use(1_000), None),
        (ToolUse("Bash", "c7", is_background=True), use(1_000), use(2_000), None),
        (ToolUse("Agent", "c8", starts_agent=True), use(1_000), use(2_000), None),
        (ToolUse("AskUserQuestion", "c9", asks_person=True), use(1_000), use(2_000), None),
    ]
    made = client()
    for tool, begun, ended, _ in cases:
        made.fire(EventKind.TOOL_STARTED, tool=tool, children=begun)
        made.fire(EventKind.TOOL_ENDED, tool=tool, outcome=SpanOutcome.SUCCESS, children=ended)
    spans = [span for span in final_spans(spans_of(replay(made.events))).values() if span.name.startswith("execute_tool")]
    told = {span.attributes[semconv.TOOL_CALL_ID]: span.attributes.get(semconv.TOOL_PROCESS_CPU_MS) for span in spans}
    assert told == {tool.call_id: wanted for tool, _, _, wanted in cases}
