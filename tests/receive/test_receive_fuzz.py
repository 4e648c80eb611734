"""Whatever bytes a sender gives, over either transport: one of the answers that OTLP allows, and the server lives on."""

import contextlib
import gzip
import http.client
import socket
import zlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import grpc
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline_collector.ingest import items
from hookline_collector.ingest.parsing import only_known
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.clients import HttpAnswer, dial, post, request
from support.receiving.front import Front, serving, settings_for
from support.receiving.otlp import messages
from support.soaking import examples

EXAMPLES = examples(200)
GRPC_CODES = {"OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"}
HTTP_CODES = {200, 400, 413, 415}
GOOD = requests.traces().SerializeToString()
SNIPPETS = [
    *(b"POST ", b"/v1/traces", b" HTTP/1.1\r\n", b"\r\n", b"Content-Length: ", b"5", b"-1", b"Host: a", b"CONNECT a:1", b"\0", b"\xff"),
    *(b"Expect: 100-continue", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"5\r\nabcde\r\n", b"ffffffffffffffff\r\n"),
    b"Upgrade: h2c\r\nConnection: upgrade\r\n",
]
ENCODERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Receivers with small limits, and after all that was thrown at them they take a good request."""
    limits = {"max_body_bytes": 20_000, "max_messages": 500, "request_timeout_s": 0.3, "max_depth": 20}
    with serving(settings_for(tmp_path_factory.mktemp("front"), limits=limits)) as front:
        yield front
        assert post(front.http.address, GOOD).code == 200
        assert (front.ingest.admission.requests, front.ingest.admission.bytes) == (0, 0)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Signal, bytes]:
    """Draw a request of any signal, damaged in some places or not, or bytes that are none."""
    signal = draw(st.sampled_from(Signal))
    if draw(st.integers(0, 3)) == 0:
        return signal, draw(st.binary(max_size=300))
    body = bytearray(draw(messages(signal)).SerializeToString())
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 5))] = draw(st.binary(max_size=5))
    return signal, bytes(body)


@given(bodies())
@settings(max_examples=EXAMPLES, deadline=None)
def test_grpc_answers_any_bytes(front: Front, case: tuple[Signal, bytes]) -> None:
    """Never UNKNOWN or INTERNAL, never a broken connection; what was taken can be parsed and holds nothing at its top but its field."""
    signal, body = case
    with contextlib.closing(grpc.insecure_channel(front.grpc.address)) as channel:
        export: Any = cast(Any, channel).unary_unary(f"/{signal.grpc_service}/Export")
        try:
            export(body, timeout=20)
            code = "OK"
        except grpc.RpcError as failed:
            code = failed.code().name
    assert code in GRPC_CODES
    check_journal(front)


@given(bodies(), st.sampled_from(list(ENCODERS)), st.sampled_from(list(ENCODERS)), st.booleans())
@settings(max_examples=EXAMPLES, deadline=None)
def test_http_answers_any_bytes(front: Front, case: tuple[Signal, bytes], encoding: str, says: str, is_json: bool) -> None:
    """Also when the encoding is not the one that is said, or protobuf is called JSON."""
    signal, body = case
    media = "application/json" if is_json else "application/x-protobuf"
    headers = {"Content-Type": media} | ({"Content-Encoding": says} if says else {})
    answer = sent(front, ENCODERS[encoding](body), signal.http_path, headers)
    assert answer.code in HTTP_CODES
    assert answer.headers["content-type"] == media
    check_journal(front)


@given(st.sampled_from(list(ENCODERS)[1:]), st.binary(max_size=200), st.integers(0, 60), st.binary(max_size=4))
@settings(max_examples=EXAMPLES, deadline=None)
def test_http_answers_damaged_compression(front: Front, encoding: str, content: bytes, at: int, damage: bytes) -> None:
    """A stream that is cut or changed anywhere."""
    body = bytearray(ENCODERS[encoding](content))
    body[at : at + len(damage)] = damage
    answer = sent(front, bytes(body[: 2 * at + 1]), "/v1/traces", {"Content-Type": "application/x-protobuf", "Content-Encoding": encoding})
    assert answer.code in HTTP_CODES


@given(st.lists(st.sampled_from(SNIPPETS), max_size=14))
@settings(max_examples=EXAMPLES, deadline=None)
def test_http_survives_any_conversation(front: Front, pieces: list[bytes]) -> None:
    """Whatever comes over a connection, it is answered or closed, and the next connection works."""
    with dial(front.http.address) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"".join(pieces))
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while connection.recv(4096):
                pass


def sent(front: Front, body: bytes, path: str, headers: dict[str, str]) -> HttpAnswer:
    connection = http.client.HTTPConnection(front.http.address, timeout=20)
    with contextlib.closing(connection):
        return request(connection, body, path, headers)


def check_journal(front: Front) -> None:
    """What was taken last can be handed on: it parses, holds as many items as was said, and nothing at its top but its one field."""
    if front.journal.appended:
        signal, body, count = front.journal.appended.pop()
        found = signal.request_class.FromString(body)
        assert items.count(signal, found) == count > 0
        assert only_known(signal, found)
