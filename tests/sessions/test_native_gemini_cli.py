"""What Gemini CLI sends itself, beside what its hooks and its session file tell: requests that neither has, and nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from google.protobuf.json_format import ParseDict

from hookline.contract import semconv
from hookline.contract.scopes import Source
from hookline.fold import order
from hookline_collector.sessions.live_sessions import LiveSessions
from hookline_collector.sessions.state import SessionView
from hookline_collector.signal import Signal
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.requests import observations, of_log, of_span
from support.captures import FOLDERS, conversation_of, history_of, hook_events, read_whole
from support.replay import logs_of, replay, spans_of

AGENT = "gemini-cli"


def native(scenario: str) -> Iterator[Observation]:
    """Yield what the client's own records of a capture say."""
    for line in (FOLDERS[AGENT] / scenario / "otlp.jsonl").read_text().splitlines():
        told = json.loads(line)
        yield from observations(Signal.LOGS, ParseDict(told["request"], Signal.LOGS.request_class(), ignore_unknown_fields=True))


def hooked(scenario: str) -> Iterator[Observation]:
    """Yield what the relay makes of the same session's hooks, and the tokens of its session file."""
    steps = replay(order(hook_events(AGENT, scenario)))
    tokens = read_whole(history_of(AGENT, conversation_of(AGENT, scenario), is_delivered=lambda session, prompt: True))
    named = {semconv.SERVICE_NAME: AGENT}
    for log in (*logs_of(steps), *logs_of(tokens)):
        yield from of_log(log.event_name, log.time_ns, {**named, **log.attributes}, Source.HOOK)
    for span in spans_of(steps):
        yield from of_span(span.name, span.start_ns, span.end_ns, {**named, **span.attributes}, Source.HOOK)


def view_of(seen: Iterable[Observation]) -> SessionView:
    """Return the first session, a second after the last thing heard of it."""
    found = list(seen)
    live = LiveSessions(10, 300.0, lambda: max(one.time_ns for one in found) + 10**9)
    live.add(found)
    return next(view for view in live.snapshot() if view.session_id == found[0].session_id)  # `/clear` begins another


def test_a_session_and_its_requests_are_told_and_nothing_that_hooks_tell() -> None:
    """Five requests of the conversation, and one by which the client chose the model; each with how long it took."""
    seen = list(native("tools"))
    kinds = Counter(one.seen for one in seen if one.seen is not ObservationKind.NOTE)
    assert kinds == {ObservationKind.STARTED: 1, ObservationKind.USAGE: 6}
    usages = [one for one in seen if one.seen is ObservationKind.USAGE]
    assert Counter(one.attributes[semconv.RESPONSE_MODEL] for one in usages) == {"gemini-3.8-flash": 5, "gemini-3.5-flash-lite": 1}
    assert all(0 < one.attributes[semconv.DURATION_MS] < 5_000 for one in usages)
    assert all(one.attributes[semconv.USAGE_OUTPUT] == 38 for one in usages), "what was thought is output"


@pytest.mark.parametrize("scenario", ["tools", "subagent", "interactive"])
def test_beside_hooks_only_requests_are_added(scenario: str) -> None:
    """Whatever comes first: prompts, calls and failures are the hooks', and tokens are of whoever knows of more requests."""
    alone, own = view_of(hooked(scenario)), view_of(native(scenario))
    for seen in ([*hooked(scenario), *native(scenario)], [*native(scenario), *hooked(scenario)]):
        both = view_of(seen)
        assert (both.prompts, both.tool_calls, both.failures) == (alone.prompts, alone.tool_calls, alone.failures)
        assert both.total_tokens == own.total_tokens > alone.total_tokens
    assert (own.prompts, own.tool_calls) == (0, 0)


def test_what_subagents_ask_for_is_theirs() -> None:
    """A subagent's requests name it, the conversation's name the session."""
    usages = [one for one in native("subagent") if one.seen is ObservationKind.USAGE]
    assert Counter(one.attributes[semconv.USAGE_SIDECHAIN] for one in usages) == {False: 4, True: 4}


def test_a_count_that_is_none_is_no_request_of_many_tokens() -> None:
    """Attributes may be missing, empty, or no numbers."""
    told = {"session.id": "s1", "model": "m", "input_token_count": "many", "output_token_count": "inf", "cached_content_token_count": -5}
    (one,) = of_log("gemini_cli.api_response", 7, told, Source.NATIVE)
    assert [one.attributes[kind] for kind in (semconv.USAGE_UNCACHED_INPUT, semconv.USAGE_OUTPUT, semconv.USAGE_CACHE_READ)] == [0, 0, 0]
