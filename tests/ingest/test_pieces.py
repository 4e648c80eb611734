"""A large request in pieces: the parser judges them as it judges the whole, and finds the same items in them."""

from collections import Counter
from contextlib import suppress
from typing import Any, Self

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.errors import TooLarge
from hookline.settings.schema import LimitSettings
from hookline_collector.ingest import Ingest, IngestResult, pieces, pipeline
from hookline_collector.ingest.parsing import parse
from hookline_collector.observe.catalogue import RECEIVED
from hookline_collector.observe.metrics import Metrics
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.front import MemoryJournal
from support.receiving.otlp import messages, strange
from support.receiving.requests import framed
from support.soaking import examples

ITEMS = {Signal.TRACES: "spans", Signal.LOGS: "log_records", Signal.METRICS: "metrics"}
RESOURCES = {Signal.TRACES: "resource_spans", Signal.LOGS: "resource_logs", Signal.METRICS: "resource_metrics"}
SCOPES = {Signal.TRACES: "scope_spans", Signal.LOGS: "scope_logs", Signal.METRICS: "scope_metrics"}


def told(signal: Signal, message: Any) -> Counter[bytes]:
    """Return everything that a request says but which belongs to which: items, resources and scopes."""
    found: Counter[bytes] = Counter()
    for resource in getattr(message, RESOURCES[signal]):
        found[resource.resource.SerializeToString(deterministic=True)] += 1
        for part in getattr(resource, SCOPES[signal]):
            found[part.scope.SerializeToString(deterministic=True)] += 1
            found.update(item.SerializeToString(deterministic=True) for item in getattr(part, ITEMS[signal]))
    del found[b""]  # a piece without a resource, or without a scope, is none that the request has
    return found


@given(st.sampled_from(Signal), st.data(), st.integers(1, 200))
@settings(max_examples=examples(150), deadline=None)
def test_pieces_hold_what_the_request_holds(signal: Signal, data: st.DataObject, limit: int) -> None:
    """However small they are cut, and none is larger than the limit but by an item and what it stands in."""
    message = data.draw(messages(signal))
    found: Counter[bytes] = Counter()
    for piece in pieces.pieces(message.SerializeToString(), limit):
        found += told(signal, signal.request_class.FromString(piece))
    assert found == told(signal, message)


@given(st.sampled_from(Signal), st.data(), st.integers(1, 200))
@settings(max_examples=examples(250), deadline=None)
def test_pieces_of_any_bytes_are_judged_as_the_whole(signal: Signal, data: st.DataObject, limit: int) -> None:
    """Mutated bytes: where they can be cut, the parser takes all pieces or refuses one, as it takes or refuses the whole."""
    body = bytearray(data.draw(messages(signal)).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(strange)
    with suppress(IndexError, ValueError):
        cut = list(pieces.pieces(bytes(body), limit))
        assert all(parses(signal, piece) for piece in cut) == parses(signal, bytes(body))


def parses(signal: Signal, body: bytes) -> bool:
    """Whether the parser takes bytes."""
    try:
        signal.request_class.FromString(body)
    except DecodeError:
        return False
    return True


@pytest.mark.parametrize(
    "body",
    [
        framed(1, b"x" * 9)[:-1],
        framed(1, b"") + b"\x08\x01",
        framed(1, framed(2, framed(2, b"") * 9) + b"\x0d1234"),
        b"\x8a\x00" + framed(1, framed(2, b"") * 9)[1:],
        b"\x0a\xff",
    ],
    ids=["torn", "a number beside it", "a number beside a scope", "an overlong tag", "a length without an end"],
)
def test_what_only_the_whole_can_be_judged_by_is_not_cut(body: bytes) -> None:
    """The parser has to see what stands between what is cut."""
    with pytest.raises((IndexError, ValueError)):
        list(pieces.pieces(body, 4))


class Bench:
    """An ingest in front of a journal in memory; `parsed` has the sizes of what it parsed. A context manager, for its thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed: list[int] = []
        self.figures, self.heavy = Metrics(), HeavyWork()
        self.journal = MemoryJournal(self.figures)
        self.ingest = Ingest(LimitSettings(), self.journal, self.figures, self.heavy)
        monkeypatch.setattr(pipeline, "parse", self._parse)

    def _parse(self, signal: Signal, body: bytes, max_depth: int) -> Any:
        self.parsed.append(len(body))
        return parse(signal, body, max_depth)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.heavy.close()


async def test_a_large_request_goes_on_as_it_came_without_being_parsed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one resource and scope, as senders batch: no piece is larger than a piece may be, and all items count."""
    with Bench(monkeypatch) as bench:
        body = requests.traces(3_000, name="x" * 300).SerializeToString()
        assert await bench.ingest.accept(Signal.TRACES, body) == IngestResult()
        assert bench.journal.appended == [(Signal.TRACES, body, 3_000)]
        assert bench.figures.total(RECEIVED, Signal.TRACES) == 3_000
        assert sum(bench.parsed) > len(body) > 3 * max(bench.parsed)


async def test_what_has_to_be_changed_or_kept_is_parsed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A span without an id in the last piece, and an agent's spans: both are answered as small requests are."""
    with Bench(monkeypatch) as bench:
        bad = requests.traces(3_000, name="x" * 300)
        bad.resource_spans[0].scope_spans[0].spans[-1].span_id = b""
        assert (await bench.ingest.accept(Signal.TRACES, bad.SerializeToString())).rejected == 1
        own = requests.traces(3_000, "hookline.agent", name="x" * 300).SerializeToString()
        for _ in range(2):
            assert await bench.ingest.accept(Signal.TRACES, own) == IngestResult()
        assert [items for _, _, items in bench.journal.appended] == [2_999, 3_000]
        assert max(bench.parsed) == len(own)


async def test_an_item_that_is_a_piece_by_itself_is_counted_like_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is parsed at once never holds more sub-messages than it may."""
    with Bench(monkeypatch) as bench:
        with pytest.raises(TooLarge):
            await bench.ingest.accept(Signal.TRACES, framed(1, framed(2, framed(2, b"\x4a\x00" * 2_000_000))))
        assert bench.journal.appended == []
