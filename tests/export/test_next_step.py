"""What is done after an endpoint's answer: a table of cases, and that whatever it answers nothing is lost or sent twice. No threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.export.batch import MAX_ITEMS, Batch
from hookline.export.next_step import Attempts, Done, ExportRequest, NextStep, Send, SetAside, Split, Wait, next_step, requests_of
from hookline.export.probe import DOUBTS, LOGS, METRICS, TRACES, EndpointProbe
from hookline.export.report import DeliveryReport
from hookline.export.result import ExportOutcome, ExportResult
from hookline.export.sender import Sender
from hookline.records import LogRecord, SpanRecord
from support.cases import with_each
from support.soaking import examples

NOW_S = 1_000.0
UNKNOWN = EndpointProbe()
TAKES_ALL = EndpointProbe(frozenset({TRACES, LOGS, METRICS}))
TAKES_TRACES = EndpointProbe(frozenset({TRACES}))
FIRST = Attempts(0, 30.0, 1.0)
TWO = ExportRequest(TRACES, ("a", "b"))
ONE = ExportRequest(TRACES, ("a",))
LOG = ExportRequest(LOGS, ("l",))
HALVES = Split((ExportRequest(TRACES, ("a",), DOUBTS - 2), ExportRequest(TRACES, ("b",), DOUBTS - 2)))


def answer(kind: ExportOutcome, delay_s: float | None = None, rejected: int = 0) -> ExportResult:
    return ExportResult(kind, "why", delay_s, rejected)


def waits(request: ExportRequest, until_s: float, health: str, doubts: int = 0) -> Wait:
    return Wait(ExportRequest(request.signal, request.items, doubts), until_s, health, "why")


@with_each(
    "request_, result, probe, expected",
    [
        (TWO, answer(ExportOutcome.ACCEPTED), UNKNOWN, Done(2)),
        (TWO, answer(ExportOutcome.ACCEPTED, rejected=1), UNKNOWN, Done(1, 1, why="why")),
        (TWO, answer(ExportOutcome.ACCEPTED, rejected=9), UNKNOWN, Done(0, 2, why="why")),
        (TWO, answer(ExportOutcome.RETRY), UNKNOWN, waits(TWO, NOW_S + 0.2, "retrying")),
        (TWO, answer(ExportOutcome.RETRY, delay_s=7.0), UNKNOWN, waits(TWO, NOW_S + 7.0, "retrying")),
        (TWO, answer(ExportOutcome.BLOCKED), TAKES_ALL, waits(TWO, NOW_S + 0.2, "blocked")),
        (TWO, answer(ExportOutcome.DOUBTFUL), TAKES_ALL, waits(TWO, NOW_S + 0.2, "retrying", doubts=1)),
        (ExportRequest(TRACES, ("a", "b"), DOUBTS - 1), answer(ExportOutcome.DOUBTFUL), TAKES_ALL, HALVES),
        (TWO, answer(ExportOutcome.TOO_LARGE), UNKNOWN, HALVES),
        (ONE, answer(ExportOutcome.TOO_LARGE), UNKNOWN, SetAside("a", "why")),
        (TWO, answer(ExportOutcome.REFUSED), TAKES_ALL, HALVES),
        (ONE, answer(ExportOutcome.REFUSED), TAKES_ALL, SetAside("a", "why")),
        (LOG, answer(ExportOutcome.REFUSED), TAKES_TRACES, Send(ExportRequest(LOGS))),
        (LOG, answer(ExportOutcome.REFUSED), EndpointProbe(asked=frozenset({LOGS})), waits(LOG, NOW_S + 0.2, "blocked")),
        (LOG, answer(ExportOutcome.UNSUPPORTED), TAKES_TRACES, Done(unsupported=1, why="why")),
        (LOG, answer(ExportOutcome.UNSUPPORTED), UNKNOWN, Send(ExportRequest(TRACES))),
        (LOG, answer(ExportOutcome.UNSUPPORTED), EndpointProbe(asked=frozenset({TRACES})), waits(LOG, NOW_S + 0.2, "blocked")),
        (TWO, answer(ExportOutcome.UNSUPPORTED), TAKES_ALL, waits(TWO, NOW_S + 0.2, "blocked")),
    ],
)
def test_each_answer_has_its_step(request_: ExportRequest, result: ExportResult, probe: EndpointProbe, expected: NextStep) -> None:
    """An answer, what the endpoint has shown before, and what is done."""
    assert next_step(request_, result, NOW_S, probe, FIRST) == expected


@pytest.mark.parametrize(("failures", "pause_s"), [(0, 0.2), (1, 0.4), (5, 6.4), (9, 30.0), (10_000, 30.0)])
def test_pauses_grow_up_to_the_longest(failures: int, pause_s: float) -> None:
    """Failures in a row double the pause."""
    step = next_step(TWO, answer(ExportOutcome.RETRY), NOW_S, UNKNOWN, Attempts(failures, 30.0, 1.0))
    assert isinstance(step, Wait)
    assert step.until_s == pytest.approx(NOW_S + pause_s)


def test_a_batch_travels_in_requests_of_bounded_size_logs_first() -> None:
    """The live view waits for log records."""
    batch = Batch(tuple(LogRecord(f"u{n}", "e", 1, {}) for n in range(2)), tuple(span(n) for n in range(MAX_ITEMS + 1)), ())
    assert [(request.signal, len(request.items)) for request in requests_of(batch)] == [(LOGS, 2), (TRACES, MAX_ITEMS), (TRACES, 1)]


def span(number: int) -> SpanRecord:
    return SpanRecord(1, number + 1, None, "execute_tool Bash", 1, 2, {})


answers = st.builds(
    ExportResult,
    st.sampled_from(ExportOutcome),
    st.just("why"),
    st.sampled_from([None, 0.0, 5.0]),
    st.integers(0, 3),
)


@dataclass
class Endpoint:
    """Gives its answers in turn, then takes everything; remembers what it took. Time passes only in pauses."""

    answers: list[ExportResult]
    taken: list[int | str] = field(default_factory=list)
    refused_within: int = 0
    set_aside: list[int | str] = field(default_factory=list)
    requests: int = 0
    goes_on: bool = True
    now_s: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def send(self, items: Sequence[Any]) -> ExportResult:
        self.requests += 1
        result = self.answers.pop(0) if self.answers else ExportResult(ExportOutcome.ACCEPTED)
        if result.kind is ExportOutcome.ACCEPTED:
            self.taken += map(key, items)
            self.refused_within += min(result.rejected, len(items))
        return result

    def pause(self, seconds: float) -> bool:
        self.now_s += seconds
        self.pauses.append(seconds)
        return self.goes_on

    def keep(self, item: Any, why: str) -> None:
        self.set_aside.append(key(item))

    def sender(self, report: DeliveryReport) -> Sender:
        send = dict.fromkeys((TRACES, LOGS, METRICS), self.send)
        return Sender(send, report, self.keep, self.pause, longest_pause_s=60.0, clock=lambda: self.now_s, chance=lambda: 0.5)


def batch_of(logs: int, spans: int) -> Batch:
    return Batch(tuple(LogRecord(f"u{n}", "e", 1, {}) for n in range(logs)), tuple(span(n) for n in range(spans)), ("u",))


def key(item: Any) -> int | str:
    return item.span_id if isinstance(item, SpanRecord) else item.uid if isinstance(item, LogRecord) else str(item)


@settings(max_examples=examples(200))
@given(st.lists(answers, max_size=40), st.integers(0, 7), st.integers(0, 7))
def test_whatever_an_endpoint_answers_nothing_is_lost_or_taken_twice(script: list[ExportResult], logs: int, spans: int) -> None:
    """Each item is accepted once, set aside once, or of a signal that the endpoint does not take; and the counts say which."""
    endpoint, report = Endpoint(script), DeliveryReport()
    assert endpoint.sender(report).deliver(batch_of(logs, spans))
    ended = [*endpoint.taken, *endpoint.set_aside]
    assert len(ended) == len(set(ended))
    assert len(ended) + report.logs.unsupported == logs + spans
    assert report.logs.accepted + report.spans.accepted == len(endpoint.taken) - endpoint.refused_within
    assert report.logs.rejected + report.spans.rejected == len(endpoint.set_aside) + endpoint.refused_within
    assert report.spans.unsupported == 0
    in_order = [f"u{n}" for n in range(logs)] + [n + 1 for n in range(spans)]
    assert endpoint.taken == [one for one in in_order if one in endpoint.taken]


class WrongAddress(Endpoint):
    """Takes nothing, whatever is asked, until it was waited for so many times."""

    def __init__(self, kinds: list[ExportOutcome], pauses: int) -> None:
        super().__init__([])
        self.kinds = kinds
        self.opens_after = pauses

    def send(self, items: Sequence[Any]) -> ExportResult:
        is_open = len(self.pauses) >= self.opens_after
        self.answers = [] if is_open else [ExportResult(self.kinds[self.requests % len(self.kinds)], "why")]
        return super().send(items)


@given(st.lists(st.sampled_from([ExportOutcome.REFUSED, ExportOutcome.UNSUPPORTED, ExportOutcome.BLOCKED]), min_size=1), st.integers(0, 20))
def test_what_refuses_also_an_empty_request_gets_everything_once_it_takes_it(kinds: list[ExportOutcome], pauses: int) -> None:
    """It may be the wrong address or token: nothing is thrown away for it."""
    endpoint, report = WrongAddress(kinds, pauses), DeliveryReport()
    assert endpoint.sender(report).deliver(batch_of(2, 3))
    assert (endpoint.taken, endpoint.set_aside) == (["u0", "u1", 1, 2, 3], [])
    assert (report.logs.accepted, report.spans.accepted) == (2, 3)


def kinds(*names: ExportOutcome) -> list[ExportResult]:
    return [ExportResult(name, "why") for name in names]


def test_an_endpoint_that_was_the_wrong_one_is_asked_again() -> None:
    """Refused with its question, then refused and the question accepted: now it is the item's fault."""
    refused, accepted = ExportOutcome.REFUSED, ExportOutcome.ACCEPTED
    endpoint, report = Endpoint(kinds(refused, refused, refused, accepted)), DeliveryReport()
    assert endpoint.sender(report).deliver(batch_of(0, 1))
    assert (endpoint.set_aside, report.spans.rejected, endpoint.requests) == ([1], 1, 4)


def test_a_signal_that_was_dropped_was_not_taken() -> None:
    """A later refusal of it says nothing of the data."""
    unsupported, accepted, refused = ExportOutcome.UNSUPPORTED, ExportOutcome.ACCEPTED, ExportOutcome.REFUSED
    endpoint, report = Endpoint(kinds(unsupported, accepted, refused, refused)), DeliveryReport()
    sender = endpoint.sender(report)
    assert sender.deliver(batch_of(1, 0))
    assert report.logs.unsupported == 1
    assert sender.deliver(batch_of(1, 0))
    assert (endpoint.taken, endpoint.set_aside) == (["u0"], [])


def test_what_was_accepted_ends_the_growing_of_pauses() -> None:
    """The next outage begins with a short one."""
    endpoint, report = Endpoint(kinds(*[ExportOutcome.RETRY] * 6, ExportOutcome.ACCEPTED, ExportOutcome.RETRY)), DeliveryReport()
    assert endpoint.sender(report).deliver(batch_of(1, 1))
    assert endpoint.pauses[-1] == pytest.approx(endpoint.pauses[0])
    assert endpoint.pauses[5] > 10 * endpoint.pauses[0]


def test_a_delivery_that_is_told_to_stop_ends_at_its_next_pause() -> None:
    """What was not accepted is left to the spool."""
    endpoint, report = Endpoint([ExportResult(ExportOutcome.RETRY, "away")] * 3), DeliveryReport()
    endpoint.goes_on = False
    assert not endpoint.sender(report).deliver(batch_of(1, 1))
    assert (endpoint.requests, report.health) == (1, "retrying")


@pytest.mark.parametrize(
    ("script", "again_s", "counts"),
    [
        ([], None, (2, 0, 0)),
        ([ExportResult(ExportOutcome.RETRY, "away", 5.0)], 5.0, (0, 0, 0)),
        ([ExportResult(ExportOutcome.TOO_LARGE, "413")], None, (0, 2, 0)),
        ([ExportResult(ExportOutcome.UNSUPPORTED, "404"), ExportResult(ExportOutcome.ACCEPTED)], None, (0, 0, 2)),
    ],
)
def test_metrics_get_one_attempt(script: list[ExportResult], again_s: float | None, counts: tuple[int, int, int]) -> None:
    """They never hold up events: what is to be tried again waits for a time of its own."""
    endpoint, report = Endpoint(script), DeliveryReport()
    assert endpoint.sender(report).deliver_metrics(["m1", "m2"]) == again_s
    assert (report.metrics.accepted, report.metrics.rejected, report.metrics.unsupported) == counts
