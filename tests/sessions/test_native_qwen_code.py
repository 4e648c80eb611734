"""What Qwen Code sends itself, beside what its hooks tell: nothing is counted twice. The exports are the client's own JSON."""

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


def native(scenario: str) -> Iterator[Observation]:
    """Yield what the client's own exports of a capture say. Some of their attributes have no value: `{}`."""
    for line in (FOLDERS["qwen-code"] / scenario / "otlp.jsonl").read_text().splitlines():
        told = json.loads(line)
        signal = Signal(told["signal"])
        yield from observations(signal, ParseDict(told["request"], signal.request_class(), ignore_unknown_fields=True))


def hooked(agent: str, scenario: str) -> Iterator[Observation]:
    """Yield what the relay makes of the same session's hooks, and the tokens of its session file."""
    steps = replay(order(hook_events(agent, scenario)))
    tokens = read_whole(history_of(agent, conversation_of(agent, scenario), is_delivered=lambda session, prompt: True))
    named = {semconv.SERVICE_NAME: agent}
    for log in (*logs_of(steps), *logs_of(tokens)):
        yield from of_log(log.event_name, log.time_ns, {**named, **log.attributes}, Source.HOOK)
    for span in spans_of(steps):
        yield from of_span(span.name, span.start_ns, span.end_ns, {**named, **span.attributes}, Source.HOOK)


def view_of(seen: Iterable[Observation]) -> SessionView:
    """Return the only session, a second after the last thing heard of it."""
    found = list(seen)
    live = LiveSessions(10, 300.0, lambda: max(one.time_ns for one in found) + 10**9)
    live.add(found)
    (view,) = live.snapshot()
    return view


def figures(view: SessionView) -> tuple[object, ...]:
    return view.prompts, view.tool_calls, view.failures, view.input_tokens, view.output_tokens, view.cache_read_tokens


@pytest.mark.parametrize("scenario", ["tools", "subagent"])
def test_beside_hooks_nothing_is_counted_twice(scenario: str) -> None:
    """Whatever comes first."""
    agent = "qwen-code"
    alone = figures(view_of(hooked(agent, scenario)))
    assert figures(view_of([*hooked(agent, scenario), *native(scenario)])) == alone
    assert figures(view_of([*native(scenario), *hooked(agent, scenario)])) == alone


def test_qwen_code_alone_tells_its_session() -> None:
    """Without hooks: one prompt, five calls of which one failed, the tokens of five requests, and the end."""
    view = view_of(native("tools"))
    assert figures(view) == (1, 5, 1, 5 * 112, 5 * 30, 5 * 2000)
    kinds = Counter(one.seen for one in native("tools"))
    assert kinds[ObservationKind.STARTED] == kinds[ObservationKind.ENDED] == 1


def test_a_refused_call_is_no_failure() -> None:
    """Nor one that a person stopped."""
    for scenario in ("denied", "interactive"):
        ended = [one for one in native(scenario) if one.seen is ObservationKind.TOOL_ENDED and one.reason == "denied"]
        assert len({one.key for one in ended}) == 1 and not any(one.failed for one in ended)


def test_what_subagents_ask_for_is_no_prompt_of_a_persons() -> None:
    """Their requests are theirs."""
    seen = list(native("subagent"))
    assert {one.prompt_id.rpartition("########")[2] for one in seen if one.prompt_id} == {"0"}
    usages = [one for one in seen if one.seen is ObservationKind.USAGE]
    assert [one.attributes[semconv.USAGE_SIDECHAIN] for one in usages] == [False, True, True, True, False, False]


def test_a_persons_answer_is_seen_at_its_moment() -> None:
    """The first call may run nine seconds after it was asked for, the second one was refused after eight: when the waiting was over."""
    seen = [one for one in native("interactive") if one.attributes.get("tool.call_id") and "decision" in one.attributes]
    assert [(one.seen, one.reason) for one in seen] == [(ObservationKind.TOOL_RUNNING, ""), (ObservationKind.TOOL_ENDED, "denied")]
    assert seen[0].time_ns == 1795638926429109424


def test_a_request_that_failed_is_no_end() -> None:
    """The client may try again: a note that it was heard of, and a session that goes on."""
    (one,) = of_log("qwen-code.api_error", 7, {"session.id": "s1", "error_type": "BadRequestError"}, Source.NATIVE)
    assert one.seen is ObservationKind.NOTE
