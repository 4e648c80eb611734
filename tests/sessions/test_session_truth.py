"""Live sessions tell the truth: what a person did at known times, as hooks, transcript, native telemetry and processes tell it, and what is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hookline.contract import semconv
from hookline.contract.scopes import Source
from hookline.records import LogRecord, SpanRecord
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.state import HISTORY_END, SessionState, SessionView
from hookline_collector.signals.hooks import NOTICES, notice
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.requests import of_log, of_span
from support.agent_records import T0, event, span
from support.cases import with_each

S = 1_000_000_000
Record = LogRecord | SpanRecord | Observation
HERE = {"host__name": "laptop", "process__pid": "42", "process__creation__time": "2026-01-01T00:00:00Z"}


def said(record: Record, source: Source = Source.HOOK) -> Iterator[Observation]:
    """Yield what a record says of a session."""
    if isinstance(record, Observation):
        yield record
    elif isinstance(record, LogRecord):
        yield from of_log(record.event_name, record.time_ns, record.attributes, source)
    else:
        yield from of_span(record.name, record.start_ns, record.end_ns, record.attributes, source)


def native(name: str, at_s: float, prompt: str = "p1", **more: str) -> Observation:
    """Return what a record of the client's own telemetry says."""
    attributes = {semconv.SESSION_ID: "s1", "prompt.id": prompt, **more}
    (only,) = of_log(f"claude_code.{name}", T0 + round(at_s * S), attributes, Source.NATIVE)
    return only


def shown(now_s: float, *records: Record, alive: bool | None = None, source: Source = Source.HOOK) -> SessionView:
    """Return the session as it is shown at a second."""
    live = LiveSessions(10, 300.0, lambda: T0 + round(now_s * S), lambda *_: alive)
    for record in records:
        live.add(said(record, source))
    (only,) = live.snapshot()
    return only


def since_s(view: SessionView) -> float:
    """Return since when a session is in its state."""
    return (view.since_ns - T0) / S


def state_of(view: SessionView) -> tuple[SessionState, str, float]:
    """Return what a session is, what it waits for and since when."""
    return view.state, view.waiting_for, since_s(view)


def tool(name: str, at_s: float, call: str = "", agent: str = "", **more: str) -> LogRecord:
    """Return a record about a call of Bash."""
    known = {"gen_ai__tool__name": "Bash", "gen_ai__tool__call__id": call, "gen_ai__agent__id": agent, **more}
    return event(f"hookline.{name}", at_s, "s1", "p1", **{key: value for key, value in known.items() if value})


def prompted(at_s: float, prompt: str = "p1", **more: str) -> LogRecord:
    """Return a prompt."""
    return event("hookline.prompt_submitted", at_s, "s1", prompt, **more)


def marked(name: str, at_s: float, **more: str) -> LogRecord:
    """Return a mark that the relay found in the transcript."""
    return event(f"hookline.{name}", at_s, "s1", "p1", hookline__source="transcript", **more)


CALLING = (prompted(0), tool("tool_started", 0.3, "c1"))
ASKING = (*CALLING, tool("permission_requested", 0.7))


def test_escape_in_a_call_is_shown_from_the_transcripts_mark() -> None:
    """No hook fires: the marks of the call and the turn say when the person stopped it."""
    assert [call.call_id for call in shown(20, *CALLING).running_calls] == ["c1"]
    stopped = shown(28, *CALLING, marked("tool_interrupted", 26.0, gen_ai__tool__call__id="c1"), marked("turn_interrupted", 26.1))
    assert (state_of(stopped), stopped.running_calls) == ((SessionState.WAITING, "prompt", 26.1), ())
    assert (stopped.turn_outcome, stopped.state_evidence, stopped.failures) == ("interrupted", "observed", 0)


def test_escape_while_thinking_is_shown_from_the_transcripts_mark() -> None:
    """The mark alone ends the turn, whatever prompt it names."""
    unnamed = event("hookline.turn_interrupted", 8, "s1", hookline__source="transcript")
    assert state_of(shown(9, prompted(0), unnamed)) == (SessionState.WAITING, "prompt", 8.0)


def test_no_at_a_permission_is_shown_from_the_transcripts_marks() -> None:
    """The call is denied, it never ran, and nobody is waited for but the next prompt."""
    assert state_of(shown(5, *ASKING)) == (SessionState.WAITING, "permission", 0.7)
    denied = marked("permission_denied", 6.8, gen_ai__tool__call__id="c1", hookline__permission__outcome="denied")
    refused = shown(8, *ASKING, denied, marked("turn_interrupted", 6.81))
    assert (state_of(refused), refused.running_calls, refused.failures) == ((SessionState.WAITING, "prompt", 6.81), (), 0)


def test_no_at_a_permission_is_shown_from_native_telemetry() -> None:
    """The client's own decision and the end of its interaction say the same without a transcript."""
    (interaction,) = said(
        SpanRecord(1, 1, None, "claude_code.interaction", T0 - S // 10, T0 + round(6.76 * S), {semconv.SESSION_ID: "s1"}), Source.NATIVE
    )
    refused = shown(8, *ASKING, native("tool_decision", 6.75, decision="reject", source="user_reject", tool_use_id="c1"), interaction)
    assert (state_of(refused), refused.running_calls) == ((SessionState.WAITING, "prompt", 6.76), ())


def test_escape_stops_subagents_of_the_foreground_and_none_of_the_background() -> None:
    """A foreground subagent dies with its turn without a word; one in the background goes on."""
    begun = [
        prompted(0),
        event("hookline.subagent_started", 1, "s1", "p1", gen_ai__agent__id="a1", gen_ai__agent__name="Explore"),
        tool("tool_started", 2, "c1", "a1"),
    ]
    stopped = shown(20, *begun, marked("turn_interrupted", 10))
    assert (state_of(stopped), stopped.running_calls, stopped.subagents) == ((SessionState.WAITING, "prompt", 10.0), (), ())
    kept = event("hookline.background_started", 1, "s1", "p1", hookline__background__id="a1", hookline__background__type="subagent")
    going = shown(20, *begun, kept, marked("turn_interrupted", 10))
    assert (going.state, going.in_background, [t.task_id for t in going.background_tasks]) == (SessionState.WORKING, True, ["a1"])


@pytest.mark.parametrize("call", ["", "c1"])
def test_a_granted_call_works_from_the_clients_decision(call: str) -> None:
    """The permission request names no call, or does: the decision of the other source ends the wait while the tool runs."""
    asking = (*CALLING, tool("permission_requested", 0.7, call))
    granted = shown(7, *asking, native("tool_decision", 5, decision="accept", source="user_temporary", tool_name="Bash", tool_use_id="c1"))
    assert (state_of(granted), [c.call_id for c in granted.running_calls]) == ((SessionState.WORKING, "", 5.0), ["c1"])


def test_a_granted_call_works_from_the_process_that_appeared() -> None:
    """Without native telemetry the client's new child process says that the person said yes."""
    ran = tool("tool_running", 5, "c1", hookline__source="process", hookline__evidence="derived")
    assert state_of(shown(7, *ASKING, ran)) == (SessionState.WORKING, "", 5.0)


def test_a_decision_on_another_call_ends_no_wait() -> None:
    """Two calls of one tool: the one that runs already is not the one that is asked about."""
    two: list[Record] = [
        prompted(0),
        tool("tool_started", 0.1, "c1"),
        native("tool_decision", 0.2, decision="accept", source="config", tool_name="Bash", tool_use_id="c1"),
    ]
    asking: list[Record] = [*two, tool("tool_started", 0.3, "c2"), tool("permission_requested", 0.4)]
    waiting = shown(5, *asking)
    assert (waiting.state, waiting.waiting_on and waiting.waiting_on.call_id) == (SessionState.WAITING, "c2")
    assert shown(5, *asking, tool("tool_ended", 4, "c1")).state is SessionState.WAITING
    assert shown(5, *asking, tool("tool_ended", 4, "c2")).state is SessionState.WORKING


def test_a_wait_is_over_when_its_agent_asks_the_model_again() -> None:
    """Another request of the same agent needs the results of all its calls; a side request of the client's does not."""
    request = {"request_id": "r2", "duration_ms": "1000"}
    assert shown(9, *ASKING, native("api_request", 8, query_source="repl_main_thread", **request)).state is SessionState.WORKING
    assert shown(9, *ASKING, native("api_request", 8, query_source="generate_session_title", **request)).state is SessionState.WAITING
    began_before = {"request_id": "r1", "duration_ms": "7900"}
    assert shown(9, *ASKING, native("api_request", 8, query_source="repl_main_thread", **began_before)).state is SessionState.WAITING


@pytest.mark.parametrize("name", ["AskUserQuestion", "ExitPlanMode"])
def test_a_question_waits_for_an_answer_and_not_for_a_permission(name: str) -> None:
    """Also where no permission is asked for at all, and until the call ends."""
    named = {"gen_ai__tool__name": name, "gen_ai__tool__call__id": "q1"}
    started = event("hookline.tool_started", 1, "s1", "p1", **named)
    assert state_of(shown(9, prompted(0), started)) == (SessionState.WAITING, "answer", 1.0)
    asked = event("hookline.permission_requested", 1.2, "s1", "p1", gen_ai__tool__name=name, hookline__wait__reason="answer")
    assert shown(9, prompted(0), started, asked).waiting_for == "answer"
    old = event("hookline.permission_requested", 1.2, "s1", "p1", gen_ai__tool__name=name)
    assert shown(9, prompted(0), started, old).waiting_for == "answer"
    answered = event("hookline.tool_ended", 13, "s1", "p1", **named)
    assert state_of(shown(14, prompted(0), started, asked, answered)) == (SessionState.WORKING, "", 13.0)


def test_an_elicitation_that_was_answered_waits_for_nobody() -> None:
    """Question and answer carry the wait's id; another wait's answer is none."""
    asked = event("hookline.elicitation_requested", 2, "s1", "p1", hookline__wait__id="w1")
    assert state_of(shown(5, prompted(0), asked)) == (SessionState.WAITING, "answer", 2.0)
    other = event("hookline.elicitation_answered", 4, "s1", "p1", hookline__wait__id="w2")
    assert shown(5, prompted(0), asked, other).state is SessionState.WAITING
    answer = event("hookline.elicitation_answered", 4, "s1", "p1", hookline__wait__id="w1")
    assert state_of(shown(5, prompted(0), asked, answer)) == (SessionState.WORKING, "", 4.0)


def test_an_elicitations_span_ends_its_wait_where_the_answer_was_not_heard() -> None:
    """Record and span of one wait begin at the same moment."""
    asked = event("hookline.elicitation_requested", 2, "s1", "p1")
    told = span("wait_answer server", "w", 2, 4, "s1", "p1", hookline__wait__reason="answer")
    assert state_of(shown(5, prompted(0), asked, told)) == (SessionState.WORKING, "", 4.0)


def test_a_permission_in_a_background_subagent_says_whose_it_is() -> None:
    """The turn is over, the subagent waits: for what, for which tool, since when."""
    named = {"gen_ai__agent__id": "a1", "gen_ai__agent__name": "Explore"}
    begun = [
        prompted(0),
        event("hookline.subagent_started", 1, "s1", "p1", **named),
        event("hookline.turn_ended", 3, "s1", "p1"),
        tool("tool_started", 4, "c1", "a1"),
        tool("permission_requested", 5, "", "a1", gen_ai__agent__name="Explore"),
    ]
    waiting = shown(14, *begun)
    assert state_of(waiting) == (SessionState.WAITING, "permission", 5.0)
    asked = waiting.waiting_on
    assert asked is not None
    assert (asked.agent_id, asked.agent_name, asked.tool, asked.call_id) == ("a1", "Explore", "Bash", "c1")
    granted = shown(15, *begun, native("tool_decision", 14, decision="accept", tool_name="Bash", tool_use_id="c1", agent_id="a1"))
    assert (granted.state, granted.in_background) == (SessionState.WORKING, True)
    ended = event("hookline.subagent_ended", 16, "s1", "p1", **named)
    assert shown(17, *begun, ended).waiting_for == "prompt"


def shell(name: str, at_s: float) -> LogRecord:
    """Return the beginning or end of a command in the background."""
    named = {"hookline__background__id": "b1", "hookline__background__type": "shell", "gen_ai__tool__name": "Bash", "gen_ai__tool__call__id": "c9"}
    return event(f"hookline.background_{name}", at_s, "s1", "p1", **named)


def test_a_command_in_the_background_is_work_after_the_turns_end() -> None:
    """What runs and since when; its end, told or missing from a later turn's list, ends that."""
    over = [prompted(0), shell("started", 2), event("hookline.turn_ended", 4, "s1", "p1", hookline__background__running=("b1",))]
    working = shown(30, *over)
    assert (state_of(working), working.in_background) == ((SessionState.WORKING, "", 4.0), True)
    assert [(t.task_id, t.task_type, t.task_name, t.call_id, (t.started_ns - T0) / S) for t in working.background_tasks] == [
        ("b1", "shell", "Bash", "c9", 2.0)
    ]
    assert state_of(shown(30, *over, shell("ended", 20)))[:2] == (SessionState.WAITING, "prompt")
    later = [prompted(10, "p2"), event("hookline.turn_ended", 20, "s1", "p2", hookline__background__running=())]
    assert state_of(shown(30, *over, *later)) == (SessionState.WAITING, "prompt", 20.0)
    assert shown(30, *over, event("session.start", 25, "s1", hookline__session__start_source="resume")).background_tasks == ()


def test_what_only_the_turns_end_names_goes_on_in_the_background() -> None:
    """Also as the store keeps a list."""
    over = event("hookline.turn_ended", 4, "s1", "p1", hookline__background__running='["m1"]')
    assert [t.task_id for t in shown(30, prompted(0), over).background_tasks] == ["m1"]


@with_each("kind", NOTICES)
def test_every_kind_of_notice_means_something(kind: str) -> None:
    """It is decided what each known kind of the client says; those that ask a person make the session wait."""
    seen, reason = NOTICES[kind]
    told = event("hookline.notification", 5, "s1", "p1", hookline__notification__type=kind)
    view = shown(6, prompted(0), told)
    if seen is ObservationKind.WAIT_NOTICE:
        assert state_of(view) == (SessionState.WAITING, reason, 5.0)
        assert shown(9, prompted(0), told, tool("tool_ended", 8, "c1")).state is SessionState.WORKING
    elif seen is ObservationKind.IDLE_NOTICE:
        assert view.waiting_for == "prompt"
    else:
        assert view.state is SessionState.WORKING


def test_a_new_kind_of_notice_is_known_by_its_last_words() -> None:
    """A later client's kinds that ask a person say so in their names."""
    assert [notice(kind)[1] for kind in ("some_permission_prompt", "team_needs_input", "x_dialog", "other")] == ["permission", "answer", "answer", ""]


def test_a_notice_of_a_wait_that_was_answered_in_its_moment_asks_nobody() -> None:
    """It may be stamped a little after the answer."""
    noticed = event("hookline.notification", 6.0, "s1", "p1", hookline__notification__type="permission_prompt")
    answered = native("tool_decision", 5.9, decision="accept", tool_name="Bash", tool_use_id="c1")
    assert shown(7, *ASKING, answered, noticed).state is SessionState.WORKING


def test_no_session_without_a_process_waits_for_anybody() -> None:
    """The collector looks at the processes of its own host: a killed client is over at the next look, before anybody told."""
    waiting = [prompted(0, **HERE), event("hookline.turn_ended", 3, "s1", "p1", **HERE)]
    assert shown(4, *waiting, alive=True).waiting_for == "prompt"
    killed = shown(4, *waiting, alive=False)
    assert (killed.state, killed.end_reason, killed.ended_ns, killed.state_evidence) == (SessionState.ENDED, "process_gone", T0 + 3 * S, "derived")


def test_the_end_of_a_process_says_how_it_is_known() -> None:
    """The kernel told of the exit, or the process was not found any more."""
    for word in ("observed", "derived"):
        gone = event("hookline.process_gone", 5, "s1", hookline__source="process", hookline__evidence=word)
        killed = shown(6, prompted(0), gone)
        assert (killed.state, killed.end_reason, killed.state_evidence) == (SessionState.ENDED, "process_gone", word)


def test_a_session_of_history_is_over_unless_its_process_lives() -> None:
    """The first start reads months of transcripts: nobody sits there."""
    told: list[Record] = [prompted(0, **HERE), span("invoke_agent claude-code", "p1", 0, 3, "s1", "p1", **HERE)]
    over = shown(4, *told, source=Source.HISTORY)
    assert (over.state, over.end_reason, over.state_evidence) == (SessionState.ENDED, HISTORY_END, "inferred")
    assert shown(4, *told, source=Source.HISTORY, alive=True).waiting_for == "prompt"
    assert shown(4, *told).waiting_for == "prompt"


def test_what_the_machine_slept_is_no_time_of_a_state() -> None:
    """The lid was closed for 15 hours in a call: the state began before, its duration leaves the night out, and nothing became idle by it."""
    night_s = 15 * 3600.0
    slept = event("hookline.suspended", 120 + night_s, "s1", hookline__source="relay", duration_ms=int(night_s * 1000))
    woken = shown(180 + night_s, *CALLING, slept)
    assert (state_of(woken), woken.asleep_ns) == ((SessionState.WORKING, "", 0.0), int(night_s * S))
    between = shown(180 + night_s, prompted(0), event("hookline.turn_ended", 10, "s1", "p1"), slept)
    assert (state_of(between), between.asleep_ns) == ((SessionState.WAITING, "prompt", 10.0), int(night_s * S))
    assert state_of(shown(320 + night_s, prompted(0), event("hookline.turn_ended", 10, "s1", "p1"), slept)) == (
        SessionState.IDLE,
        "prompt",
        310 + night_s,
    )
    asleep_again = event("hookline.suspended", 120 + night_s, "s1", hookline__source="relay", duration_ms=str(int(night_s * 1000)))
    assert shown(180 + night_s, *CALLING, slept, asleep_again).asleep_ns == int(night_s * S)


def test_a_notice_to_the_client_itself_is_no_persons_prompt() -> None:
    """It begins a turn, as the agent works; a prompt that was typed ahead is a person's."""
    prompts = [prompted(0), prompted(10, "p2", hookline__prompt__source="task_notification"), prompted(20, "p3", hookline__prompt__source="queued")]
    view = shown(30, *prompts, span("invoke_agent claude-code", "p2", 10, 15, "s1", "p2", hookline__prompt__source="task_notification"))
    assert (view.prompts, view.prompt_id, view.state) == (2, "p3", SessionState.WORKING)


def test_a_prompt_that_the_running_turn_took_in_counts_by_its_record() -> None:
    """The hook's record of it has the id of the running turn; two taken in are two, told again they are no more."""
    typed = prompted(10, hookline__prompt__source="queued")
    taken = [prompted(at_s, hookline__prompt__source="absorbed", hookline__source="transcript") for at_s in (14, 15)]
    view = shown(16, prompted(0), typed, *taken, taken[0])
    assert (view.prompts, view.prompt_id, view.state) == (3, "p1", SessionState.WORKING)


def test_a_command_of_the_client_itself_is_neither_prompt_nor_work() -> None:
    """`/model` is told by native telemetry as a prompt; no hook fires and no model is asked."""
    command = native("user_prompt", 20, "p2", command_name="model", command_source="builtin")
    view = shown(30, prompted(0), event("hookline.turn_ended", 5, "s1", "p1"), command)
    assert (state_of(view), view.prompts) == ((SessionState.WAITING, "prompt", 5.0), 1)


def test_a_session_at_which_nobody_sits_never_waits_for_a_prompt() -> None:
    """`claude -p` in a script: after its turn it is idle at once."""
    script = {"hookline__session__interactive": "false", "hookline__session__entrypoint": "sdk-cli"}
    over = shown(9, prompted(0, **script), event("hookline.turn_ended", 5, "s1", "p1", **script))
    assert (state_of(over), over.interactive, over.entrypoint) == ((SessionState.IDLE, "", 5.0), False, "sdk-cli")


def test_a_turn_that_an_api_error_ended_says_so() -> None:
    """In a field of its own, until the next turn begins."""
    failed = shown(9, prompted(0), event("hookline.turn_failed", 5, "s1", "p1", error__type="rate_limit", hookline__outcome="failure"))
    assert (state_of(failed), failed.turn_outcome, failed.turn_error_type) == ((SessionState.WAITING, "prompt", 5.0), "failure", "rate_limit")
    assert shown(12, prompted(0), event("hookline.turn_failed", 5, "s1", "p1", error__type="rate_limit"), prompted(10, "p2")).turn_error_type == ""


def test_a_client_that_fell_quiet_rests_until_it_is_seen_at_work() -> None:
    """With hooks alone an Escape before the first word is only inferred: whatever is seen of the turn after it belies the guess."""
    quiet = event("hookline.turn_quiet", 5, "s1", "p1", hookline__source="process", hookline__evidence="inferred")
    rests = shown(9, prompted(0), quiet)
    assert (state_of(rests), rests.state_evidence) == ((SessionState.WAITING, "prompt", 5.0), "inferred")
    answered = event("hookline.usage", 12, "s1", "p1", gen_ai__response__id="m1")
    for records in ((quiet, answered), (answered, quiet)):
        assert shown(13, prompted(0), *records).state is SessionState.WORKING


def test_better_evidence_moves_an_end_to_an_earlier_moment() -> None:
    """What a rule guessed later yields to who saw it, whichever comes first."""
    guess = span("invoke_agent claude-code", "p1", 0, 25, "s1", "p1", hookline__closed_by="next_prompt", hookline__evidence="inferred")
    told = span("invoke_agent claude-code", "p1", 0, 8, "s1", "p1", hookline__evidence="observed", hookline__evidence__source="transcript")
    for records in ((guess, told), (told, guess)):
        assert state_of(shown(30, *records)) == (SessionState.WAITING, "prompt", 8.0)
    native_too = SpanRecord(1, 1, None, "claude_code.interaction", T0 - 1, T0 + 8 * S + 5, {semconv.SESSION_ID: "s1"})
    (interaction,) = said(native_too, Source.NATIVE)
    assert shown(30, told, interaction).since_ns == T0 + 8 * S + 5


def test_a_turn_that_goes_on_after_its_end_is_under_way() -> None:
    """A hook held the client's end up: the agent asked for another call."""
    held = [prompted(0), event("hookline.turn_ended", 5, "s1", "p1"), tool("tool_started", 7, "c2")]
    assert shown(8, *held).state is SessionState.WORKING
    assert state_of(shown(12, *held, tool("tool_ended", 8, "c2"), event("hookline.turn_ended", 10, "s1", "p1"))) == (
        SessionState.WAITING,
        "prompt",
        10.0,
    )


def test_project_and_branch_are_those_of_one_folder() -> None:
    """A session that went into another repository is not on a branch that does not exist there."""
    first = prompted(0, hookline__project__name="shop", vcs__ref__head__name="main")
    moved = event("hookline.cwd_changed", 4, "s1", "p1", hookline__project__name="other")
    view = shown(5, moved, first)
    assert (view.project, view.branch) == ("other", "")


def test_a_forged_text_is_not_kept_at_any_length() -> None:
    """Ten thousand sessions with names of a megabyte would not fit."""
    view = shown(1, prompted(0, hookline__project__name="x" * 100_000, vcs__ref__head__name="y" * 100_000))
    assert (len(view.project), len(view.branch)) == (200, 200)
