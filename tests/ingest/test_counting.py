"""Counting before parsing agrees with protobuf's own parser, whatever the bytes."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.errors import Rejected, TooLarge
from hookline_collector.ingest.counting import check_count, count_messages, upper_bound
from hookline_collector.ingest.parsing import PARSER_DEPTH, only_known, parse
from hookline_collector.signal import Signal
from support.cases import with_each
from support.receiving import requests
from support.receiving.otlp import messages, strange
from support.receiving.requests import framed, varint
from support.soaking import examples

NO_LIMIT = 10**9


def parsed_messages(message: Any) -> Iterator[Any]:
    """Yield every sub-message that the parser made."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            for each in value if field.is_repeated else (value,):
                yield each
                yield from parsed_messages(each)


def depth_of(message: Any) -> int:
    """Return how many levels of messages lie below."""
    below = [value for field, value in message.ListFields() if field.message_type is not None for value in (value if field.is_repeated else (value,))]
    return 1 + max(map(depth_of, below)) if below else 0


@given(st.sampled_from(Signal), st.data())
@settings(max_examples=examples(150), deadline=None)
def test_the_count_is_the_parsers(signal: Signal, data: st.DataObject) -> None:
    """On whole requests the walk finds exactly the sub-messages that the parser makes, and the bound is never below."""
    message = data.draw(messages(signal))
    body = message.SerializeToString()
    made = sum(1 for _ in parsed_messages(message))
    assert count_messages(signal, body, NO_LIMIT) == made
    assert made <= upper_bound(signal, body)
    assert made <= len(body) // 2


@given(st.sampled_from(Signal), st.data())
@settings(max_examples=examples(200), deadline=None)
def test_no_bytes_make_the_parser_make_more_than_was_counted(signal: Signal, data: st.DataObject) -> None:
    """Mutated bytes: overlong tags and lengths, groups, unknown fields, repeated single fields, torn ends."""
    body = bytearray(data.draw(messages(signal)).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(strange)
    try:
        made = sum(1 for _ in parsed_messages(signal.request_class.FromString(bytes(body))))
    except DecodeError:
        count_messages(signal, bytes(body), NO_LIMIT)
        return
    counted = count_messages(signal, bytes(body), NO_LIMIT)
    assert made <= counted <= upper_bound(signal, bytes(body))


@with_each(
    "body, count",
    [
        (b"", 0),
        (b"\x0a\x00", 1),
        (b"\x8a\x00\x00", 1),
        (b"\x8a\x80\x80\x80\x00\x80\x00", 1),
        (b"\x0b\x0a\x00\x0c\x0a\x00", 1),
        (b"\x1b\x1b\x1c\x1c\x0a\x00", 1),
        (b"\x0a\x02\x0a\x00\x0a\x02\x12\x00", 4),
        (framed(1, framed(99, b"\x0a\x00" * 9)), 1),
        (requests.empty_spans(1000), 1002),
        (requests.nested_lists(3), 4 + 1 + 3 * 2),
    ],
)
def test_known_bodies_are_counted(body: bytes, count: int) -> None:
    """Overlong tags and lengths, groups, unknown fields: counted as the parser takes them."""
    assert count_messages(Signal.TRACES, body, NO_LIMIT) == count
    assert upper_bound(Signal.TRACES, body) >= count


@with_each("body", [b"\x0a", b"\x0a\x05a", b"\xff" * 20, b"\x0a\x80", b"\x0b", b"\x0c", b"\x0f", b"\x09abc", b"\x0a\x03\x0d\x01\x02"])
def test_broken_bytes_end_the_walk(body: bytes) -> None:
    """The walk stops where the parser would; it neither raises nor hangs."""
    assert count_messages(Signal.TRACES, b"\x0a\x00" + body, NO_LIMIT) <= 2
    with pytest.raises(DecodeError):
        Signal.TRACES.request_class.FromString(body)


def test_the_limit_is_exact() -> None:
    """As many as the limit pass, one more does not; a large body of few messages passes without a walk."""
    check_count(Signal.TRACES, requests.empty_spans(998), 1_000)
    with pytest.raises(TooLarge, match="more than 1000 sub-messages"):
        check_count(Signal.TRACES, requests.empty_spans(999), 1_000)
    check_count(Signal.TRACES, requests.traces(name="z" * 1_000_000).SerializeToString(), 1_000)
    check_count(Signal.TRACES, requests.traces(name="\n\x12JZjz*2" * 100_000).SerializeToString(), 1_000)


def test_twenty_megabytes_of_empty_spans_are_refused_before_they_cost_memory() -> None:
    """The walk ends at the limit."""
    with pytest.raises(TooLarge):
        check_count(Signal.TRACES, requests.empty_spans(10_000_000), 100_000)


@given(st.sampled_from(Signal), st.data(), st.integers(1, PARSER_DEPTH + 5))
@settings(max_examples=examples(100), deadline=None)
def test_parsing_within_a_depth_gives_what_the_parser_gives(signal: Signal, data: st.DataObject, depth: int) -> None:
    """The same message up to the depth, TooLarge beyond, whatever the depth is set to."""
    message = data.draw(messages(signal))
    body = message.SerializeToString()
    if depth_of(message) <= depth:
        assert parse(signal, body, depth).SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)
    else:
        with pytest.raises(TooLarge):
            parse(signal, body, depth)


@pytest.mark.parametrize("levels", [0, 10, 29, 30, 45])
def test_the_depth_is_exact(levels: int) -> None:
    """A list in a list counts two levels; the request's own five are resource, scope, span, attribute and value."""
    body = requests.nested_lists(levels)
    depth = 5 + 2 * levels
    parse(Signal.TRACES, body, depth)
    with pytest.raises(TooLarge, match=f"deeper than {depth - 1} levels"):
        parse(Signal.TRACES, body, depth - 1)


def test_more_than_the_parsers_own_depth_is_told_as_such() -> None:
    """Setting a larger depth than the parser has changes nothing."""
    with pytest.raises(TooLarge, match="deeper than 100 levels"):
        parse(Signal.TRACES, requests.nested_lists(60), 1_000)


@given(st.sampled_from(Signal), st.binary(max_size=200))
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes_are_parsed_or_rejected(signal: Signal, body: bytes) -> None:
    """Nothing else than Rejected comes out, and what is parsed is known at its top level or not."""
    try:
        message = parse(signal, body, 64)
    except Rejected as rejected:
        assert str(rejected)
    else:
        assert only_known(signal, message) in (True, False)


def test_fields_beside_the_repeated_one_are_seen() -> None:
    """They must not get into the journal."""
    assert only_known(Signal.TRACES, parse(Signal.TRACES, requests.traces().SerializeToString(), 64))
    for stray in (framed(100, b""), b"\xa5\x06abcd", varint(8) + b"\x01"):
        assert not only_known(Signal.TRACES, parse(Signal.TRACES, stray, 64))
