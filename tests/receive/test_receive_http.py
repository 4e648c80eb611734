"""The HTTP receiver's connections: kept alive, cut off, slow, endless, many, and asked by strangers."""

import gzip
import http.client
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hookline.errors import AlreadyRunning
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.clients import JSON, PROTOBUF, dial, post, read_until_closed, request
from support.receiving.front import Front, serving, settings_for
from support.running import SOON_S

GOOD = requests.traces().SerializeToString()
HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
LIMITS = {"max_body_bytes": 100_000, "request_timeout_s": 0.5, "max_inflight_bytes": 150_000, "max_connections": 8}


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """Receivers with little patience and room."""
    with serving(settings_for(tmp_path, limits=LIMITS)) as front:
        yield front


def chunked(*pieces: bytes) -> bytes:
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def whole(body: bytes = GOOD) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def wait_until(holds: Callable[[], bool]) -> None:
    """Poll with a deadline."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def statuses(answer: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d+) ", answer)


def test_a_connection_serves_one_request_after_another_also_after_faults(front: Front) -> None:
    """Keep-alive holds over successes, 400, 404, 405, 413 and 415, for bodies that were sent whole."""
    connection = http.client.HTTPConnection(front.http.address, timeout=10)
    connection.connect()
    socket = connection.sock
    expected = [
        (GOOD, "/v1/traces", PROTOBUF, 200),
        (b"\xff", "/v1/traces", PROTOBUF, 400),
        (GOOD, "/nothing", PROTOBUF, 404),
        (bytes(100_001), "/v1/traces", PROTOBUF, 413),
        (GOOD, "/v1/traces", {"Content-Type": "text/plain"}, 415),
        (gzip.compress(bytes(1_000_000)), "/v1/traces", PROTOBUF | {"Content-Encoding": "gzip"}, 413),
        (b"{}", "/v1/logs", JSON, 200),
    ]
    for body, path, headers, code in expected:
        assert request(connection, body, path, headers).code == code
    assert connection.sock is socket
    connection.close()


def test_pipelined_requests_are_answered_in_order(front: Front) -> None:
    """Requests sent without waiting get their answers one after the other."""
    with dial(front.http.address) as connection:
        connection.sendall(whole() + whole(b"\xff") + whole() + HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
        assert statuses(read_until_closed(connection)) == [b"200", b"400", b"200", b"200"]


def test_a_chunked_body_is_taken_and_bounded(front: Front) -> None:
    """Bodies without a length are as good as others, and past the limit they are 413."""
    with dial(front.http.address) as connection:
        connection.sendall(chunked(GOOD[:7], GOOD[7:]) + chunked(bytes(60_000), bytes(60_000)) + whole())
        wait_until(lambda: front.journal.items() == 2)
        connection.shutdown(1)
        assert statuses(read_until_closed(connection)) == [b"200", b"413", b"200"]


def test_a_body_that_is_expected_is_asked_for(front: Front) -> None:
    """Expect: 100-continue gets 100, then the answer."""
    with dial(front.http.address) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        connection.sendall(GOOD)
        assert statuses(read_until_closed(connection)) == [b"200"]


def test_a_body_that_is_too_large_is_not_asked_for(front: Front) -> None:
    """With Expect: 100-continue the refusal comes before the body."""
    with dial(front.http.address) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n")
        assert statuses(read_until_closed(connection)) == [b"413"]


def test_a_large_body_is_read_to_its_end_so_that_the_sender_sees_the_answer(front: Front) -> None:
    """A sender that writes all before it reads gets 413, not a broken connection."""
    answer = post(front.http.address, bytes(190_000))
    assert answer.code == 413


def test_a_slow_body_is_given_up(front: Front) -> None:
    """A body that does not arrive in time is 503 (the sender may try again), and nothing of it is held."""
    with dial(front.http.address) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\nabc")
        answer = read_until_closed(connection)
    assert statuses(answer) == [b"503"]
    assert b"did not arrive within 0.5 s" in answer
    assert front.ingest.admission.bytes == 0


@pytest.mark.parametrize("sent", [b"", b"POST /v1/tra", HEAD, whole() + HEAD])
def test_a_slow_head_is_given_up(front: Front, sent: bytes) -> None:
    """A connection on which no request comes to be is closed."""
    with dial(front.http.address) as connection:
        connection.sendall(sent)
        begun = time.monotonic()
        read_until_closed(connection)
        assert time.monotonic() - begun < SOON_S


def test_an_endless_head_is_cut_off(front: Front) -> None:
    """Headers past 64 KiB are 431."""
    with dial(front.http.address) as connection:
        try:
            for _ in range(2_000):
                connection.sendall(b"GET / HTTP/1.1\r\n" if not _ else b"X-Padding: " + b"x" * 100 + b"\r\n")
        except ConnectionError:
            pass
        assert statuses(read_until_closed(connection)) in ([b"431"], [])
    assert post(front.http.address, GOOD).code == 200


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01\x00", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET\r\n\r\n", b"\0" * 1000, b"POST http://[ HTTP/1.1\r\n\r\n"]
)
def test_bytes_that_are_not_http_are_refused(front: Front, junk: bytes) -> None:
    """TLS, HTTP/2, half a request line: closed, and nobody else notices."""
    with dial(front.http.address) as connection:
        connection.sendall(junk)
        assert statuses(read_until_closed(connection)) in ([b"400"], [])
    assert post(front.http.address, GOOD).code == 200


def test_contradictory_lengths_are_refused(front: Front) -> None:
    """Content-Length beside chunked, or twice, is how requests are smuggled."""
    for lengths in (b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 3\r\nContent-Length: 4\r\n"):
        with dial(front.http.address) as connection:
            connection.sendall(HEAD + lengths + b"\r\n0\r\n\r\n")
            assert statuses(read_until_closed(connection))[:1] == [b"400"]


def test_a_request_that_would_upgrade_is_answered_as_http_1(front: Front) -> None:
    """Clients that offer h2c get their answer, and the connection ends so that nothing is misread."""
    with dial(front.http.address) as connection:
        connection.sendall(
            HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD
        )
        assert statuses(read_until_closed(connection)) == [b"200"]
    assert front.journal.items() == 1


def test_a_sender_that_leaves_in_the_middle_leaves_nothing_behind(front: Front) -> None:
    """Half a body and a closed connection: nothing is stored and nothing is held."""
    with dial(front.http.address) as connection:
        connection.sendall(HEAD + b"Content-Length: 50000\r\n\r\n" + bytes(30_000))
        wait_until(lambda: front.ingest.admission.bytes > 0)
    wait_until(lambda: front.ingest.admission.bytes == 0)
    assert front.journal.appended == []


def test_memory_is_bounded_over_all_requests(front: Front) -> None:
    """Bodies under way beyond max_inflight_bytes are 503; when the others have gone there is room again."""
    first = [dial(front.http.address) for _ in range(2)]
    for connection in first:
        connection.sendall(HEAD + b"Content-Length: 90000\r\n\r\n" + bytes(70_000))
    wait_until(lambda: front.ingest.admission.bytes == 140_000)
    refused = post(front.http.address, bytes(50_000))
    assert (refused.code, "slow down" in refused.status.message) == (503, True)
    assert refused.headers["retry-after"] == "1"
    for connection in first:
        connection.close()
    wait_until(lambda: front.ingest.admission.bytes == 0)
    assert post(front.http.address, GOOD).code == 200


def test_connections_past_the_limit_are_closed(front: Front) -> None:
    """Eight may be open; the ninth is closed at once, and takes no place."""
    open_ones = [dial(front.http.address) for _ in range(8)]
    for connection in open_ones:
        connection.sendall(whole())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    with dial(front.http.address) as extra:
        assert read_until_closed(extra) == b""
    for connection in open_ones:
        connection.close()

    def is_taken() -> bool:
        try:
            return post(front.http.address, GOOD).code == 200
        except OSError:
            return False

    wait_until(is_taken)


def test_a_port_in_use_is_refused(front: Front, tmp_path: Path) -> None:
    """A second collector on the same ports says so instead of sharing them."""
    taken: dict[str, Any] = {"otlp_grpc": front.grpc.address, "otlp_http": front.http.address}
    for key, address in taken.items():
        with pytest.raises(AlreadyRunning, match=f"collector.{key}"), serving(settings_for(tmp_path / key, **{key: address})):
            pass


def test_json_over_a_slow_thread_keeps_other_requests_going(front: Front) -> None:
    """Large JSON is converted in a thread: the answer is the same as for a small one."""
    span = b'{"traceId":"%032x","spanId":"%016x","name":"n"},'
    spans = b"".join(span % (n, n) for n in range(1, 901))[:-1]
    answer = post(front.http.address, b'{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}' % spans, headers=JSON)
    assert answer.code == 200
    assert front.journal.items(Signal.TRACES) == 900
