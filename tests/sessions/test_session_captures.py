"""What the real client's hooks and native telemetry say of a session: every kind is known, and the numbers are the captures' own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from hookline.contract import semconv
from hookline.contract.events import RECORD_NAMES, RECORD_PREFIX, SESSION_CLOSED_RECORD, USAGE_RECORD, EventKind
from hookline.contract.scopes import Source
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.state import SessionState, SessionView
from hookline_collector.signal import Signal
from hookline_collector.signals.hooks import RECORDS
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.requests import observations, of_log, of_span
from support.cases import with_each
from support.replay import FIXTURES, logs_of, replay_capture, spans_of

S = 1_000_000_000
HOOKED = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "hooks").is_dir() and folder.name != "kill9")  # its end no hook tells
NATIVE = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "otlp").is_dir())
AGENT = {semconv.SERVICE_NAME: "claude-code"}
KNOWN_KINDS = {
    EventKind.SESSION_STARTED: ObservationKind.STARTED,
    EventKind.SESSION_ENDED: ObservationKind.ENDED,
    EventKind.PROMPT_SUBMITTED: ObservationKind.PROMPT,
    EventKind.TOOL_STARTED: ObservationKind.TOOL_STARTED,
    EventKind.PERMISSION_REQUESTED: ObservationKind.WAIT_STARTED,
    EventKind.PERMISSION_DENIED: ObservationKind.TOOL_ENDED,
    EventKind.TOOL_ENDED: ObservationKind.TOOL_ENDED,
    EventKind.TOOL_FAILED: ObservationKind.TOOL_ENDED,
    EventKind.TOOL_BATCH_ENDED: ObservationKind.BATCH_ENDED,
    EventKind.NOTIFICATION: ObservationKind.NOTE,
    EventKind.SUBAGENT_STARTED: ObservationKind.SUBAGENT_STARTED,
    EventKind.SUBAGENT_ENDED: ObservationKind.SUBAGENT_ENDED,
    EventKind.TURN_ENDED: ObservationKind.TURN_ENDED,
    EventKind.TURN_FAILED: ObservationKind.TURN_ENDED,
    EventKind.COMPACTION_STARTED: ObservationKind.NOTE,
    EventKind.COMPACTION_ENDED: ObservationKind.NOTE,
    EventKind.CWD_CHANGED: ObservationKind.NOTE,
    EventKind.ELICITATION_REQUESTED: ObservationKind.WAIT_STARTED,
    EventKind.ELICITATION_ANSWERED: ObservationKind.ANSWERED,
    EventKind.STATUS: ObservationKind.LIMITS,
    EventKind.PROCESS_GONE: ObservationKind.ENDED,
    EventKind.TOOL_RUNNING: ObservationKind.TOOL_RUNNING,
    EventKind.TOOL_INTERRUPTED: ObservationKind.TOOL_ENDED,
    EventKind.TURN_INTERRUPTED: ObservationKind.INTERRUPTED,
    EventKind.TURN_QUIET: ObservationKind.TURN_ENDED,
    EventKind.BACKGROUND_STARTED: ObservationKind.BACKGROUND_STARTED,
    EventKind.BACKGROUND_ENDED: ObservationKind.BACKGROUND_ENDED,
    EventKind.SUSPENDED: ObservationKind.SUSPENDED,
    EventKind.REQUEST_ENDED: ObservationKind.NOTE,
    EventKind.OTHER: ObservationKind.NOTE,
}
NATIVE_KINDS = {
    "user_prompt": ObservationKind.PROMPT,
    "api_request": ObservationKind.USAGE,
    "tool_decision": ObservationKind.TOOL_RUNNING,
    "tool_result": ObservationKind.TOOL_ENDED,
    "claude_code.interaction": ObservationKind.INTERACTION,
}


def hooked(name: str) -> Iterator[Observation]:
    """Yield what the records that the relay makes of a capture say, as they come: the records at once, the spans later."""
    steps = replay_capture(name)
    for log in logs_of(steps):
        yield from of_log(log.event_name, log.time_ns, {**AGENT, **log.attributes}, Source.HOOK)
    for span in spans_of(steps):
        yield from of_span(span.name, span.start_ns, span.end_ns, {**AGENT, **span.attributes}, Source.HOOK)


def native(name: str) -> Iterator[Observation]:
    """Yield what the client's own exports of a capture say."""
    for path in sorted((FIXTURES / name / "otlp").glob("*.binpb")):
        signal = Signal(path.stem.partition("-")[2])
        yield from observations(signal, signal.request_class.FromString(path.read_bytes()))


def view_of(*seen: Observation) -> SessionView:
    """Return the only session, a second after the last thing heard of it."""
    live = LiveSessions(10, 300.0, lambda: max(s.time_ns for s in seen) + S)
    live.add(seen)
    (view,) = live.snapshot()
    return view


def hooks_of(name: str) -> list[dict[str, Any]]:
    """Return the payloads of a capture."""
    return [json.loads(path.read_text())["payload"] for path in sorted((FIXTURES / name / "hooks").iterdir())]


@with_each("kind", EventKind)
def test_every_kind_of_event_says_something_known(kind: EventKind) -> None:
    """Each is a fact of its own or a sign of life; a new kind must be decided on here. Time that passed is no event."""
    if kind is EventKind.TICK:
        assert kind not in KNOWN_KINDS
        return
    (seen,) = of_log(RECORD_NAMES[kind], S, {semconv.SESSION_ID: "s"}, Source.HOOK)
    assert seen.seen is KNOWN_KINDS[kind]


def test_every_record_that_is_known_is_one_that_somebody_writes() -> None:
    """Of an event, of the tokens in history, or the collector's own: a row for any other would never be read."""
    written = {*RECORD_NAMES.values(), USAGE_RECORD, SESSION_CLOSED_RECORD}
    assert {name for name in RECORDS if not written & {name, f"{RECORD_PREFIX}{name}"}} == set()


@pytest.mark.parametrize("name", NATIVE)
def test_every_native_record_of_the_captures_is_a_fact_or_a_sign_of_life(name: str) -> None:
    """What the client says of plugins and hooks is a note; the rest is known by what it tells."""
    found = Counter(seen.seen for seen in native(name))
    assert {ObservationKind.PROMPT, ObservationKind.USAGE, ObservationKind.TOOL_ENDED, ObservationKind.INTERACTION, ObservationKind.NOTE} <= set(
        found
    )
    assert all(seen.source is Source.NATIVE and seen.session_id for seen in native(name))
    keyed = (
        ObservationKind.PROMPT,
        ObservationKind.USAGE,
        ObservationKind.TOOL_STARTED,
        ObservationKind.TOOL_RUNNING,
        ObservationKind.TOOL_ENDED,
        ObservationKind.INTERACTION,
    )
    assert all(seen.key for seen in native(name) if seen.seen in keyed)


@pytest.mark.parametrize(("name", "expected"), NATIVE_KINDS.items())
def test_native_kinds_say_what_they_are(name: str, expected: ObservationKind) -> None:
    """With the scope's prefix and without."""
    attributes = {semconv.SESSION_ID: "s", "tool_use_id": "c", "prompt.id": "" if name == "claude_code.interaction" else "p"}
    found = of_span(name, S, 2 * S, attributes, Source.NATIVE) if "." in name else of_log(f"claude_code.{name}", S, attributes, Source.NATIVE)
    assert [seen.seen for seen in found] == [expected]


@with_each("name", HOOKED)
def test_hooks_alone_give_the_captures_numbers(name: str) -> None:
    """Prompts of a person, calls and failures are those of the payloads; the session ended when its last hook said so."""
    payloads = hooks_of(name)
    count = Counter(payload["hook_event_name"] for payload in payloads)
    typed = [p for p in payloads if p["hook_event_name"] == "UserPromptSubmit" and not p["prompt"].startswith("<task-notification>")]
    view = view_of(*hooked(name))
    assert (view.prompts, view.failures) == (len(typed), count["PostToolUseFailure"])
    assert view.tool_calls == len({p["tool_use_id"] for p in payloads if p["hook_event_name"] == "PreToolUse"})
    last = json.loads(sorted((FIXTURES / name / "hooks").iterdir())[-1].read_text())
    assert (view.state, view.end_reason, view.ended_ns) == (SessionState.ENDED, "session_end", last["captured_at_unix_nano"])
    assert (view.project, view.branch, view.sources, view.running_calls, view.subagents) == ("shop", "main", ("hook",), (), ())


@pytest.mark.parametrize("name", NATIVE)
def test_native_telemetry_alone_gives_the_same_counts_and_the_tokens(name: str) -> None:
    """Every API request once; the turn is over with its interaction, a second after the last signal."""
    alone, told = view_of(*native(name)), view_of(*hooked(name))
    assert alone.session_id == told.session_id
    assert (alone.prompts, alone.tool_calls) == (told.prompts, told.tool_calls)
    requests = {seen.key: seen.attributes for seen in native(name) if seen.seen is ObservationKind.USAGE}
    assert alone.input_tokens == sum(int(a["input_tokens"]) for a in requests.values())
    assert alone.output_tokens == sum(int(a["output_tokens"]) for a in requests.values())
    assert alone.cost_usd == pytest.approx(sum(float(a["cost_usd"]) for a in requests.values()))
    assert (alone.state, alone.waiting_for, alone.running_calls, alone.sources) == (SessionState.WAITING, "prompt", (), ("native",))


@pytest.mark.parametrize("name", NATIVE)
def test_both_sources_together_count_nothing_twice(name: str) -> None:
    """The session of hooks and native telemetry has the counts of each and the end that hooks told."""
    both, hooks, alone = view_of(*hooked(name), *native(name)), view_of(*hooked(name)), view_of(*native(name))
    assert (both.prompts, both.tool_calls, both.failures) == (hooks.prompts, hooks.tool_calls, hooks.failures)
    assert (both.input_tokens, both.cost_usd) == (alone.input_tokens, alone.cost_usd)
    assert (both.state, both.end_reason, both.ended_ns) == (SessionState.ENDED, "session_end", hooks.ended_ns)
    assert both.sources == ("hook", "native")


@with_each("name", HOOKED)
def test_a_session_is_followed_event_by_event(name: str) -> None:
    """After each event what runs are the calls begun whose end, batch or turn has not come, also of subagents in the background."""
    seen, running = list[Observation](), dict[str, str]()
    for log in logs_of(replay_capture(name)):
        seen += of_log(log.event_name, log.time_ns, {**AGENT, **log.attributes}, Source.HOOK)
        call, agent = (str(log.attributes.get(key, "")) for key in (semconv.TOOL_CALL_ID, semconv.AGENT_ID))
        if log.event_name == "hookline.tool_started":
            running[call] = agent
        elif log.event_name in ("hookline.tool_ended", "hookline.tool_failed"):
            running.pop(call, None)
        elif log.event_name in ("hookline.tool_batch_ended", "hookline.turn_ended", "hookline.turn_failed"):
            running = {known: of for known, of in running.items() if of != agent}
        live = LiveSessions(10, 300.0, lambda now_ns=log.time_ns: now_ns)  # type: ignore[misc]
        live.add(seen)
        (view,) = live.snapshot()
        assert {call.call_id for call in view.running_calls} == (set() if view.state is SessionState.ENDED else set(running)), log.event_name
        assert view.since_ns <= log.time_ns
