"""What a session is at a moment, from what was seen of it."""

from __future__ import annotations

from dataclasses import replace

from hookline.contract import semconv
from hookline.contract.scopes import Source
from hookline_collector.sessions.facts import Facts
from hookline_collector.sessions.requests_made import priced
from hookline_collector.sessions.state import SessionState, SessionView, view
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.work.prices import request_pricer

S = 1_000_000_000
IDLE_NS = 300 * S


def seen(at_s: float, what: ObservationKind, key: str = "", **more: object) -> Observation:
    """Return a sighting by a hook at a second."""
    source = more.pop("source", Source.HOOK)
    assert isinstance(source, Source)
    reason = str(more.pop("reason", ""))
    failed = bool(more.pop("failed", False))
    attributes = {name.replace("__", "."): value for name, value in more.items()}
    return Observation("s", int(at_s * S), what, source, key, "", failed, reason, attributes)


def at(now_s: float, *sightings: Observation) -> SessionView:
    """Return the session as it is at a second after the sightings."""
    facts = Facts("s")
    for sighting in sightings:
        facts.add(sighting)
    return view(facts, int(now_s * S), IDLE_NS)


def test_a_prompt_makes_a_session_work() -> None:
    """The state is working since the prompt."""
    v = at(12, seen(1, ObservationKind.STARTED, reason="startup"), seen(10, ObservationKind.PROMPT, "p1"))
    assert (v.state, v.since_ns, v.prompts) == (SessionState.WORKING, 10 * S, 1)


def test_a_session_waits_for_the_next_prompt_after_its_turn_and_then_is_idle() -> None:
    """Waiting for a prompt turns into idle at the limit."""
    turn = [seen(10, ObservationKind.PROMPT, "p1"), seen(20, ObservationKind.TURN_ENDED, "p1")]
    waiting = at(60, *turn)
    assert (waiting.state, waiting.waiting_for, waiting.since_ns) == (SessionState.WAITING, "prompt", 20 * S)
    idle = at(321, *turn)
    assert (idle.state, idle.since_ns) == (SessionState.IDLE, 320 * S)


def test_a_session_waits_for_a_permission_until_its_call_is_heard_of() -> None:
    """The wait names its reason and beginning, and ends with the call's own end."""
    asked = [
        seen(10, ObservationKind.PROMPT, "p1"),
        seen(11, ObservationKind.TOOL_STARTED, "c1", **{semconv.TOOL_NAME.replace(".", "__"): "Bash"}),
        seen(12, ObservationKind.WAIT_STARTED, "c1", reason="permission"),
    ]
    waiting = at(100, *asked)
    assert (waiting.state, waiting.waiting_for, waiting.since_ns) == (SessionState.WAITING, "permission", 12 * S)
    working = at(100, *asked, seen(50, ObservationKind.TOOL_ENDED, "c1"))
    assert (working.state, working.since_ns) == (SessionState.WORKING, 50 * S)


def test_the_clients_own_decision_ends_a_wait_while_the_tool_still_runs() -> None:
    """With native telemetry on, an accepted call is known to run before it ends."""
    v = at(
        100,
        seen(10, ObservationKind.PROMPT, "p1"),
        seen(11, ObservationKind.TOOL_STARTED, "c1"),
        seen(12, ObservationKind.WAIT_STARTED, "c1", reason="permission"),
        seen(40, ObservationKind.TOOL_RUNNING, "c1", source=Source.NATIVE),
    )
    assert (v.state, [call.call_id for call in v.running_calls]) == (SessionState.WORKING, ["c1"])


def test_a_denied_call_stops_at_its_batch() -> None:
    """A denial fires no Post event: the batch says that the call is over."""
    v = at(
        100,
        seen(10, ObservationKind.PROMPT, "p1"),
        seen(11, ObservationKind.TOOL_STARTED, "c1"),
        seen(12, ObservationKind.WAIT_STARTED, "c1", reason="permission"),
        seen(13, ObservationKind.BATCH_ENDED, "p1"),
    )
    assert (v.state, v.running_calls) == (SessionState.WORKING, ())


def test_an_interrupt_leaves_no_tool_running() -> None:
    """The next prompt ends what the interrupted turn left open, and so does the client's notice that it is idle."""
    interrupted = [seen(10, ObservationKind.PROMPT, "p1"), seen(11, ObservationKind.TOOL_STARTED, "c1")]
    assert at(20, *interrupted).running_calls
    assert not at(90, *interrupted, seen(80, ObservationKind.PROMPT, "p2")).running_calls
    noticed = at(90, *interrupted, seen(80, ObservationKind.IDLE_NOTICE))
    assert (noticed.state, noticed.waiting_for, noticed.running_calls) == (SessionState.WAITING, "prompt", ())


def test_a_tool_that_runs_for_an_hour_is_work() -> None:
    """Silence does not make a session idle while a tool runs."""
    v = at(3700, seen(10, ObservationKind.PROMPT, "p1"), seen(11, ObservationKind.TOOL_STARTED, "c1"))
    assert v.state is SessionState.WORKING


def test_a_late_event_reopens_an_ended_session() -> None:
    """An end counts only as long as nothing newer is known."""
    ended = [
        seen(10, ObservationKind.PROMPT, "p1"),
        seen(20, ObservationKind.TURN_ENDED, "p1"),
        seen(21, ObservationKind.ENDED, reason="session_end"),
    ]
    assert (at(30, *ended).state, at(30, *ended).end_reason, at(30, *ended).ended_ns) == (SessionState.ENDED, "session_end", 21 * S)
    assert at(40, *ended, seen(35, ObservationKind.PROMPT, "p2")).state is SessionState.WORKING


def test_each_end_says_how_it_is_known() -> None:
    """What the session itself said comes before what others found."""
    base = [seen(10, ObservationKind.PROMPT, "p1")]
    gone = seen(11, ObservationKind.ENDED, reason="process_gone")
    timed_out = seen(10, ObservationKind.ENDED, reason="timed_out", source=Source.COLLECTOR)
    assert at(50, *base, timed_out).end_reason == "timed_out"
    assert at(50, *base, timed_out, gone).end_reason == "process_gone"


def test_native_telemetry_alone_makes_a_session() -> None:
    """Without hooks the turn ends by silence."""
    native = [
        seen(10, ObservationKind.PROMPT, "p1", source=Source.NATIVE),
        seen(15, ObservationKind.USAGE, "request_id=1", source=Source.NATIVE, input_tokens=12, cost_usd=0.001548),
    ]
    assert at(20, *native).state is SessionState.WORKING
    quiet = at(80, *native)
    assert (quiet.state, quiet.waiting_for, quiet.cost_usd, quiet.input_tokens) == (SessionState.WAITING, "prompt", 0.001548, 12)


def test_a_request_told_by_both_sources_counts_once() -> None:
    """Native usage counts where there is any; transcripts fill in where there is none."""
    native = seen(15, ObservationKind.USAGE, "request_id=1", source=Source.NATIVE, input_tokens=12)
    again = seen(15, ObservationKind.USAGE, "request_id=1", source=Source.NATIVE, input_tokens=12)
    told = seen(16, ObservationKind.USAGE, "gen_ai.response.id=m", hookline__usage__uncached_input_tokens=12)
    assert at(20, native, again, told).input_tokens == 12
    assert at(20, told).input_tokens == 12


def test_counts_are_of_distinct_ids() -> None:
    """A call seen as log record and as span is one call; a failure likewise."""
    v = at(
        30,
        seen(1, ObservationKind.PROMPT, "p1"),
        seen(2, ObservationKind.TOOL_STARTED, "c1"),
        seen(3, ObservationKind.TOOL_ENDED, "c1", failed=True),
        seen(2, ObservationKind.TOOL_STARTED, "c1"),
        seen(3, ObservationKind.TOOL_ENDED, "c1", failed=True),
    )
    assert (v.prompts, v.tool_calls, v.failures) == (1, 1, 1)


def test_events_from_a_clock_that_runs_ahead_make_no_negative_duration() -> None:
    """Another machine is five seconds ahead: its session works since now, and its wait and call began no later than now."""
    ahead = [
        seen(105, ObservationKind.PROMPT, "p1"),
        seen(106, ObservationKind.TOOL_STARTED, "c1"),
        seen(107, ObservationKind.WAIT_STARTED, "c1", reason="permission"),
    ]
    assert (at(100, ahead[0]).state, at(100, ahead[0]).since_ns) == (SessionState.WORKING, 100 * S)
    waiting = at(100, *ahead)
    assert (waiting.state, waiting.since_ns) == (SessionState.WAITING, 100 * S)
    over = at(100, *ahead, seen(108, ObservationKind.TURN_ENDED, "p1"))
    assert (over.state, over.waiting_for, over.since_ns) == (SessionState.WAITING, "prompt", 100 * S)


def test_an_end_told_by_a_clock_that_runs_behind_is_an_end_only_if_nothing_was_done_later() -> None:
    """The last hooks of one session overtake each other by fifty milliseconds at most; what is done later than that is work."""
    worked = [seen(10, ObservationKind.PROMPT, "p1"), seen(20, ObservationKind.TURN_ENDED, "p1")]
    for end_s, state in ((19.98, SessionState.ENDED), (19.95, SessionState.ENDED), (19.94, SessionState.WAITING)):
        assert at(30, *worked, seen(end_s, ObservationKind.ENDED, reason="session_end")).state is state, end_s


def test_an_answer_that_names_no_question_ends_the_one_that_was_asked() -> None:
    """An MCP server's dialog whose answer was reported without the id of its wait: the session works again."""
    asked = [
        seen(10, ObservationKind.PROMPT, "p1"),
        seen(11, ObservationKind.WAIT_STARTED, reason="answer", **{semconv.WAIT_ID.replace(".", "__"): "w1"}),
    ]
    assert at(30, *asked).waiting_for == "answer"
    assert at(30, *asked, seen(20, ObservationKind.ANSWERED)).state is SessionState.WORKING
    assert at(30, *asked, seen(20, ObservationKind.ANSWERED, "another's")).waiting_for == "answer"


def test_what_shows_no_work_neither_reopens_a_session_nor_hides_its_end() -> None:
    """A notice, limits and what the client says of itself may be stamped after the end."""
    ended = [seen(10, ObservationKind.PROMPT, "p1"), seen(20, ObservationKind.ENDED, reason="session_end")]
    for what in (ObservationKind.NOTE, ObservationKind.LIMITS, ObservationKind.IDLE_NOTICE):
        v = at(30, *ended, seen(25, what))
        assert (v.state, v.ended_ns) == (SessionState.ENDED, 20 * S), what


def test_a_session_of_several_days_shows_what_it_does_now() -> None:
    """Old turns and calls that never got their end say nothing of today."""
    day = 86_400
    old = [seen(n * day, ObservationKind.PROMPT, f"p{n}") for n in (1, 2, 3)] + [
        seen(n * day + 1, ObservationKind.TOOL_STARTED, f"c{n}") for n in (1, 2, 3)
    ]
    v = at(3 * day + 60, *old)
    assert (v.state, v.prompt_id, [call.call_id for call in v.running_calls]) == (SessionState.WORKING, "p3", ["c3"])
    assert (v.started_ns, v.prompts) == (day * S, 3)


def test_a_session_that_was_killed_and_resumed_days_later_shows_nothing_of_before() -> None:
    """Its process died in the call of a subagent; the one that goes on with it knows nothing of that."""
    named = {semconv.AGENT_ID.replace(".", "__"): "a1"}
    killed = [
        seen(10, ObservationKind.PROMPT, "p1"),
        seen(11, ObservationKind.SUBAGENT_STARTED, "a1"),
        seen(12, ObservationKind.TOOL_STARTED, "c1", **named),
        seen(13, ObservationKind.WAIT_STARTED, "c1", reason="permission", **named),
    ]
    assert at(20, *killed).state is SessionState.WAITING
    resumed = at(300_010, *killed, seen(300_000, ObservationKind.STARTED, reason="resume"))
    assert (resumed.state, resumed.waiting_for, resumed.running_calls, resumed.subagents) == (SessionState.WAITING, "prompt", (), ())
    prompted = at(300_020, *killed, seen(300_000, ObservationKind.STARTED, reason="resume"), seen(300_015, ObservationKind.PROMPT, "p2"))
    assert (prompted.state, prompted.running_calls, prompted.subagents) == (SessionState.WORKING, (), ())


def test_a_compaction_in_the_middle_of_a_turn_ends_nothing() -> None:
    """The client says that a session starts once more; what runs goes on."""
    v = at(
        60, seen(10, ObservationKind.PROMPT, "p1"), seen(12, ObservationKind.TOOL_STARTED, "c1"), seen(50, ObservationKind.STARTED, reason="compact")
    )
    assert (v.state, [call.call_id for call in v.running_calls]) == (SessionState.WORKING, ["c1"])


def test_a_subagents_batch_ends_only_its_own_calls() -> None:
    """The Agent call that it runs in goes on, and so does its neighbour's call."""
    agent = semconv.AGENT_ID.replace(".", "__")
    v = at(
        60,
        seen(10, ObservationKind.PROMPT, "p1"),
        seen(11, ObservationKind.TOOL_STARTED, "agent call"),
        seen(12, ObservationKind.TOOL_STARTED, "first", **{agent: "a1"}),
        seen(13, ObservationKind.TOOL_STARTED, "second", **{agent: "a2"}),
        seen(14, ObservationKind.BATCH_ENDED, **{agent: "a1"}),
    )
    assert [call.call_id for call in v.running_calls] == ["agent call", "second"]


def test_a_native_turn_is_over_with_its_interaction() -> None:
    """The interaction's span names no prompt: the turn that began in it is over, a later one is not."""
    native = [seen(10, ObservationKind.PROMPT, "p1", source=Source.NATIVE), seen(15, ObservationKind.INTERACTION, str(9 * S), source=Source.NATIVE)]
    over = at(16, *native)
    assert (over.state, over.waiting_for, over.since_ns, over.prompts) == (SessionState.WAITING, "prompt", 15 * S, 1)
    assert at(21, *native, seen(20, ObservationKind.PROMPT, "p2", source=Source.NATIVE)).state is SessionState.WORKING


def test_a_native_call_runs_from_its_decision_and_not_for_ever() -> None:
    """Without hooks a killed client is silent: its call stops running at the client's own longest time-out."""
    native = [seen(10, ObservationKind.PROMPT, "p1", source=Source.NATIVE), seen(11, ObservationKind.TOOL_RUNNING, "c1", source=Source.NATIVE)]
    assert [call.started_ns for call in at(500, *native).running_calls] == [11 * S]
    assert at(500, *native).state is SessionState.WORKING
    late = at(700, *native)
    assert (late.running_calls, late.state) == ((), SessionState.IDLE)


def test_what_others_found_of_an_end_is_no_sign_of_life() -> None:
    """The session's own end is the last that was heard of it; that its process was found gone is not."""
    prompt = seen(10, ObservationKind.PROMPT, "p1")
    assert at(50, prompt, seen(40, ObservationKind.ENDED, reason="session_end")).last_ns == 40 * S
    gone = at(50, prompt, seen(40, ObservationKind.ENDED, reason="process_gone"))
    assert (gone.last_ns, gone.ended_ns) == (10 * S, 40 * S)


def test_a_guess_that_something_went_on_does_not_reopen_a_session() -> None:
    """Only what was observed or derived counts as done after an end; of what began earlier, only what was observed."""
    ended = [seen(10, ObservationKind.PROMPT, "p1"), seen(20, ObservationKind.ENDED, reason="session_end")]
    for evidence, is_over in (("inferred", True), ("derived", False), ("observed", False)):
        later = seen(40, ObservationKind.TOOL_STARTED, "c1", **{semconv.EVIDENCE.replace(".", "__"): evidence})
        assert (at(50, *ended, later).state is SessionState.ENDED) is is_over, evidence
    for evidence, is_over in (("derived", True), ("observed", False)):
        span = replace(seen(40, ObservationKind.TOOL_ENDED, "c1", **{semconv.EVIDENCE.replace(".", "__"): evidence}), began_ns=15 * S)
        assert (at(50, *ended, span).state is SessionState.ENDED) is is_over, evidence


def test_the_model_is_that_of_the_conversation_and_not_of_a_subagent() -> None:
    """However a record says that it is a subagent's."""
    model = semconv.REQUEST_MODEL.replace(".", "__")
    own = seen(10, ObservationKind.USAGE, "r1", source=Source.NATIVE, query_source="repl_main_thread", **{model: "large"})
    for whose in ({"agent_id": "a1"}, {semconv.USAGE_SIDECHAIN.replace(".", "__"): True}, {"query_source": "agent:explore"}):
        assert at(30, own, seen(20, ObservationKind.USAGE, "r2", source=Source.NATIVE, **{model: "small"}, **whose)).model == "large"
    assert at(30, own, seen(20, ObservationKind.USAGE, "r2", source=Source.NATIVE, **{model: "other"})).model == "other"


def test_requests_without_an_id_are_told_apart_by_their_moment() -> None:
    """A number within a process, or none at all, names a request only together with its time."""
    for key in ("", "event.sequence 7"):
        twice = [seen(at_s, ObservationKind.USAGE, key, source=Source.NATIVE, output_tokens=5) for at_s in (10, 11, 11)]
        assert at(20, *twice).output_tokens == 10, key
    assert at(20, *(seen(at_s, ObservationKind.USAGE, "r1", source=Source.NATIVE, output_tokens=5) for at_s in (10, 11))).output_tokens == 5


def test_the_current_tool_is_the_one_that_runs_longest() -> None:
    """Of several calls at once, the first that began is named."""
    name = semconv.TOOL_NAME.replace(".", "__")
    calls = [seen(11, ObservationKind.TOOL_STARTED, "c1", **{name: "Bash"}), seen(12, ObservationKind.TOOL_STARTED, "c2", **{name: "Read"})]
    v = at(20, seen(10, ObservationKind.PROMPT, "p1"), *calls)
    assert ([call.call_id for call in v.running_calls], v.current_tool) == (["c1", "c2"], "Bash")


def test_the_cost_is_what_the_requests_cost_and_else_what_the_client_said() -> None:
    """A session of which no figure is known has no tokens and no cost."""
    prompt, said = seen(10, ObservationKind.PROMPT, "p1"), seen(12, ObservationKind.LIMITS, hookline__cost__usd=1.5)
    nothing = at(20, prompt)
    assert (nothing.cost_usd, nothing.input_tokens, nothing.output_tokens) == (None, 0, 0)
    assert (nothing.cache_read_tokens, nothing.cache_creation_tokens) == (0, 0)
    assert at(20, prompt, said).cost_usd == 1.5
    assert at(20, prompt, said, seen(11, ObservationKind.USAGE, "r1", source=Source.NATIVE, cost_usd=0.25)).cost_usd == 0.25


def test_what_nobody_says_the_cost_of_costs_what_the_list_says() -> None:
    """Of an agent that tells its tokens alone; what it says itself counts before, and a model that is not in the list has no cost."""
    prices = request_pricer(None)
    tokens = {semconv.USAGE_UNCACHED_INPUT: 100_000, semconv.USAGE_CACHE_READ: 1_000_000, semconv.USAGE_OUTPUT: 10_000}
    known = seen(12, ObservationKind.USAGE, "r1")
    known = replace(known, attributes={**tokens, semconv.REQUEST_MODEL: "gpt-5.6-terra"})
    unknown = replace(known, key="r2", attributes={**tokens, semconv.REQUEST_MODEL: "a-model-of-mine"})
    listed = (4 * 100_000 + 18 * 10_000 + 0.4 * 1_000_000) / 1e6  # prompts of more than 272,000 tokens cost more
    for told, cost in (((known,), listed), ((known, unknown), listed), ((unknown,), None)):
        assert at(20, *(priced(each, prices) for each in told)).cost_usd == cost
    said = replace(known, source=Source.NATIVE, attributes={**known.attributes, "cost_usd": 0.5})
    assert at(20, *(priced(each, prices) for each in (known, said))).cost_usd == 0.5
    assert at(20, priced(known, prices), seen(12, ObservationKind.LIMITS, hookline__cost__usd=1.5)).cost_usd == 1.5


def test_the_recent_cost_is_of_the_last_quarter_of_an_hour() -> None:
    """Whatever came before, and in whatever order it was told."""
    costs = [
        replace(seen(minute * 60, ObservationKind.USAGE, f"r{minute}", source=Source.NATIVE), attributes={"cost_usd": 1.0}) for minute in range(200)
    ]
    for order in (costs, costs[::-1], costs[50:] + costs[:50]):
        assert [at(seconds, *order).recent_cost_usd for seconds in (199 * 60, 207 * 60, 240 * 60)] == [15.0, 7.0, 0.0]
        assert at(200 * 60, *order).cost_usd == 200.0
    assert at(20, seen(10, ObservationKind.PROMPT, "p1")).recent_cost_usd is None


def test_the_limit_of_idleness_is_reached_only_after_it() -> None:
    """At the limit itself a session still waits, or works."""
    turn = [seen(10, ObservationKind.PROMPT, "p1"), seen(20, ObservationKind.TURN_ENDED, "p1")]
    assert (at(320, *turn).state, at(320.001, *turn).state) == (SessionState.WAITING, SessionState.IDLE)
    assert (at(310, turn[0]).state, at(310.001, turn[0]).state) == (SessionState.WORKING, SessionState.IDLE)


def test_a_turn_has_an_outcome_only_if_it_is_known_and_over() -> None:
    """An end without a turn, as after a restart of the collector, says nothing of how a turn ended."""
    assert at(30, seen(10, ObservationKind.PROMPT, "p1")).turn_outcome == ""
    assert at(30, seen(20, ObservationKind.IDLE_NOTICE)).turn_outcome == ""


def test_an_interruption_that_names_no_turn_is_its_prompts() -> None:
    """The records of a person's Esc name the turn by the prompt."""
    stopped = replace(seen(20, ObservationKind.INTERRUPTED, **{semconv.OUTCOME.replace(".", "__"): "interrupted"}), prompt_id="p1")
    v = at(30, seen(10, ObservationKind.PROMPT, "p1"), stopped)
    assert (v.state, v.waiting_for, v.turn_outcome) == (SessionState.WAITING, "prompt", "interrupted")
