"""What the real client's hooks and native telemetry say of a session: every kind is known, and the numbers are the captures' own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from hookline import semconv
from hookline.agents import Kind
from hookline.fold.logs import NAMES
from hookline_collector.sessions.live import LiveSessions
from hookline_collector.sessions.sighting import Seen, Sighting, Source, of_log, of_span, sightings
from hookline_collector.sessions.state import SessionView, State
from hookline_collector.signal import Signal
from replay import FIXTURES, logs_of, replay_capture, spans_of

S = 1_000_000_000
HOOKED = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "hooks").is_dir())
NATIVE = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "otlp").is_dir())
AGENT = {semconv.SERVICE_NAME: "claude-code"}
KNOWN_KINDS = {
    Kind.SESSION_STARTED: Seen.STARTED,
    Kind.SESSION_ENDED: Seen.ENDED,
    Kind.PROMPT_SUBMITTED: Seen.PROMPT,
    Kind.TOOL_STARTED: Seen.TOOL_STARTED,
    Kind.PERMISSION_REQUESTED: Seen.WAIT_STARTED,
    Kind.PERMISSION_DENIED: Seen.TOOL_ENDED,
    Kind.TOOL_ENDED: Seen.TOOL_ENDED,
    Kind.TOOL_FAILED: Seen.TOOL_ENDED,
    Kind.TOOL_BATCH_ENDED: Seen.BATCH_ENDED,
    Kind.NOTIFICATION: Seen.NOTE,
    Kind.SUBAGENT_STARTED: Seen.SUBAGENT_STARTED,
    Kind.SUBAGENT_ENDED: Seen.SUBAGENT_ENDED,
    Kind.TURN_ENDED: Seen.TURN_ENDED,
    Kind.TURN_FAILED: Seen.TURN_ENDED,
    Kind.COMPACTION_STARTED: Seen.NOTE,
    Kind.COMPACTION_ENDED: Seen.NOTE,
    Kind.CWD_CHANGED: Seen.NOTE,
    Kind.ELICITATION_REQUESTED: Seen.WAIT_STARTED,
    Kind.ELICITATION_ANSWERED: Seen.ANSWERED,
    Kind.STATUS: Seen.LIMITS,
    Kind.PROCESS_GONE: Seen.ENDED,
    Kind.TOOL_RUNNING: Seen.TOOL_RUNNING,
    Kind.TOOL_INTERRUPTED: Seen.TOOL_ENDED,
    Kind.TURN_INTERRUPTED: Seen.INTERRUPTED,
    Kind.TURN_QUIET: Seen.TURN_ENDED,
    Kind.BACKGROUND_STARTED: Seen.BACKGROUND_STARTED,
    Kind.BACKGROUND_ENDED: Seen.BACKGROUND_ENDED,
    Kind.SUSPENDED: Seen.SUSPENDED,
    Kind.OTHER: Seen.NOTE,
}
NATIVE_KINDS = {
    "user_prompt": Seen.PROMPT,
    "api_request": Seen.USAGE,
    "tool_decision": Seen.TOOL_RUNNING,
    "tool_result": Seen.TOOL_ENDED,
    "claude_code.interaction": Seen.INTERACTION,
}


def hooked(name: str) -> Iterator[Sighting]:
    """Yield what the records that the relay makes of a capture say, as they come: the records at once, the spans later."""
    steps = replay_capture(name)
    for log in logs_of(steps):
        yield from of_log(log.event_name, log.time_ns, {**AGENT, **log.attributes}, Source.HOOK)
    for span in spans_of(steps):
        yield from of_span(span.name, span.start_ns, span.end_ns, {**AGENT, **span.attributes}, Source.HOOK)


def native(name: str) -> Iterator[Sighting]:
    """Yield what the client's own exports of a capture say."""
    for path in sorted((FIXTURES / name / "otlp").glob("*.binpb")):
        signal = Signal(path.stem.partition("-")[2])
        yield from sightings(signal, signal.request_class.FromString(path.read_bytes()))


def view_of(*seen: Sighting) -> SessionView:
    """Return the only session, a second after the last thing heard of it."""
    live = LiveSessions(10, 300.0, lambda: max(s.time_ns for s in seen) + S)
    live.add(seen)
    (view,) = live.snapshot()
    return view


def hooks_of(name: str) -> list[dict[str, Any]]:
    """Return the payloads of a capture."""
    return [json.loads(path.read_text())["payload"] for path in sorted((FIXTURES / name / "hooks").iterdir())]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_event_says_something_known(kind: Kind) -> None:
    """Each is a fact of its own or a sign of life; a new kind must be decided on here. Time that passed is no event."""
    if kind is Kind.TICK:
        assert kind not in KNOWN_KINDS
        return
    (seen,) = of_log(NAMES.get(kind, f"{semconv.EVENT_PREFIX}{kind}"), S, {semconv.SESSION_ID: "s"}, Source.HOOK)
    assert seen.seen is KNOWN_KINDS[kind]


@pytest.mark.parametrize("name", NATIVE)
def test_every_native_record_of_the_captures_is_a_fact_or_a_sign_of_life(name: str) -> None:
    """What the client says of plugins and hooks is a note; the rest is known by what it tells."""
    found = Counter(seen.seen for seen in native(name))
    assert {Seen.PROMPT, Seen.USAGE, Seen.TOOL_ENDED, Seen.INTERACTION, Seen.NOTE} <= set(found)
    assert all(seen.source is Source.NATIVE and seen.session_id for seen in native(name))
    keyed = (Seen.PROMPT, Seen.USAGE, Seen.TOOL_STARTED, Seen.TOOL_RUNNING, Seen.TOOL_ENDED, Seen.INTERACTION)
    assert all(seen.key for seen in native(name) if seen.seen in keyed)


@pytest.mark.parametrize(("name", "expected"), NATIVE_KINDS.items())
def test_native_kinds_say_what_they_are(name: str, expected: Seen) -> None:
    """With the scope's prefix and without."""
    attributes = {semconv.SESSION_ID: "s", "tool_use_id": "c", "prompt.id": "" if name == "claude_code.interaction" else "p"}
    found = of_span(name, S, 2 * S, attributes, Source.NATIVE) if "." in name else of_log(f"claude_code.{name}", S, attributes, Source.NATIVE)
    assert [seen.seen for seen in found] == [expected]


@pytest.mark.parametrize("name", HOOKED)
def test_hooks_alone_give_the_captures_numbers(name: str) -> None:
    """Prompts of a person, calls and failures are those of the payloads; the session ended when its last hook said so."""
    payloads = hooks_of(name)
    count = Counter(payload["hook_event_name"] for payload in payloads)
    typed = [p for p in payloads if p["hook_event_name"] == "UserPromptSubmit" and not p["prompt"].startswith("<task-notification>")]
    view = view_of(*hooked(name))
    assert (view.prompts, view.failures) == (len(typed), count["PostToolUseFailure"])
    assert view.tool_calls == len({p["tool_use_id"] for p in payloads if p["hook_event_name"] == "PreToolUse"})
    last = json.loads(sorted((FIXTURES / name / "hooks").iterdir())[-1].read_text())
    assert (view.state, view.end_reason, view.ended_ns) == (State.ENDED, "session_end", last["captured_at_unix_nano"])
    assert (view.project, view.branch, view.sources, view.running, view.subagents) == ("shop", "main", ("hook",), (), ())


@pytest.mark.parametrize("name", NATIVE)
def test_native_telemetry_alone_gives_the_same_counts_and_the_tokens(name: str) -> None:
    """Every API request once; the turn is over with its interaction, a second after the last signal."""
    alone, told = view_of(*native(name)), view_of(*hooked(name))
    assert alone.session_id == told.session_id
    assert (alone.prompts, alone.tool_calls) == (told.prompts, told.tool_calls)
    requests = {seen.key: seen.attributes for seen in native(name) if seen.seen is Seen.USAGE}
    assert alone.input_tokens == sum(int(a["input_tokens"]) for a in requests.values())
    assert alone.output_tokens == sum(int(a["output_tokens"]) for a in requests.values())
    assert alone.cost_usd == pytest.approx(sum(float(a["cost_usd"]) for a in requests.values()))
    assert (alone.state, alone.waiting_for, alone.running, alone.sources) == (State.WAITING, "prompt", (), ("native",))


@pytest.mark.parametrize("name", NATIVE)
def test_both_sources_together_count_nothing_twice(name: str) -> None:
    """The session of hooks and native telemetry has the counts of each and the end that hooks told."""
    both, hooks, alone = view_of(*hooked(name), *native(name)), view_of(*hooked(name)), view_of(*native(name))
    assert (both.prompts, both.tool_calls, both.failures) == (hooks.prompts, hooks.tool_calls, hooks.failures)
    assert (both.input_tokens, both.cost_usd) == (alone.input_tokens, alone.cost_usd)
    assert (both.state, both.end_reason, both.ended_ns) == (State.ENDED, "session_end", hooks.ended_ns)
    assert both.sources == ("hook", "native")


@pytest.mark.parametrize("name", HOOKED)
def test_a_session_is_followed_event_by_event(name: str) -> None:
    """After each event what runs are the calls begun whose end, batch or turn has not come, also of subagents in the background."""
    seen, running = list[Sighting](), dict[str, str]()
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
        assert {call.id for call in view.running} == (set() if view.state is State.ENDED else set(running)), log.event_name
        assert view.since_ns <= log.time_ns
