"""Bad and hostile requests, on loopback and without a token: each costs only itself.

Both HTTP listeners and gRPC stand with few places and little patience. After each attack whoever comes in good faith is answered.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hookline_collector.api.live import MAX_STREAMS
from hookline_collector.serving.connection import MAX_HEAD_BYTES
from support.person import new_person
from support.receiving import requests
from support.receiving.clients import PROTOBUF, call, dial, post, read_until_closed
from support.receiving.front import Front, serving, settings_for
from support.running import Running, start_collector

pytestmark = pytest.mark.long

PLACES, PATIENCE_S = 40, 0.5
GOOD = requests.traces().SerializeToString()
HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + struct.pack(">I", 0)[1:] + b"\x04\x00" + bytes(4)  # with empty SETTINGS


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a whole collector with few places."""
    limits = {"HOOKLINE_LIMITS_MAX_CONNECTIONS": str(PLACES), "HOOKLINE_LIMITS_REQUEST_TIMEOUT_S": str(PATIENCE_S)}
    found = start_collector(new_person(tmp_path_factory.mktemp("front")), limits)
    yield found
    found.kill()


@pytest.fixture(params=["pages", "otlp"])
def target(request: pytest.FixtureRequest, running: Running) -> str:
    """Give the address of each HTTP listener."""
    return running.found.http if request.param == "pages" else running.found.otlp_http


@pytest.fixture(autouse=True)
def good_faith(running: Running) -> Iterator[None]:
    """After each test everybody is answered: with the token, without one, and over OTLP."""
    yield
    assert_answered(running)


def assert_answered(running: Running) -> None:
    """Ask each listener as people do."""
    assert running.client.get("/api/v1/status")["ready"]
    assert ask(running.found.http, "GET", "/healthz") == 200
    assert post(running.found.otlp_http, GOOD, headers=PROTOBUF).code == 200
    assert call(running.found.otlp_grpc, GOOD).code == "OK"


def ask(address: str, method: str, path: str, **headers: str) -> int:
    """Make one request and return its status."""
    connection = http.client.HTTPConnection(address, timeout=20)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@contextlib.contextmanager
def crowd(address: str, size: int, first: bytes = b"") -> Iterator[list[socket.socket]]:
    """Open many connections that say `first` and nothing more, for as long as the block runs."""
    with contextlib.ExitStack() as stack:
        members = []
        for _ in range(size):
            with contextlib.suppress(ConnectionError):  # one too many is closed, perhaps before it knows that it was opened
                members.append(stack.enter_context(dial(address)))
                members[-1].sendall(first)
        yield members


def flood(connection: socket.socket, piece: bytes, limit: int) -> int:
    """Send the same again and again until the other side has had enough or `limit` bytes are sent; return how many were."""
    sent = 0
    connection.settimeout(5 * PATIENCE_S)
    with contextlib.suppress(OSError):
        while sent < limit:
            sent += connection.send(piece)
    return sent


@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n"]
)
def test_silent_connections_push_each_other_out_and_nobody_else(running: Running, target: str, said: bytes) -> None:
    """However many there are, also while they last, whoever comes and asks is answered."""
    with crowd(target, 5 * PLACES, said):
        assert_answered(running)


def test_who_showed_the_token_keeps_the_place(running: Running) -> None:
    """A connection of the page lives through a crowd of strangers."""
    page = http.client.HTTPConnection(running.found.http, timeout=20)
    headers = {"Authorization": f"Bearer {running.client.token}"}
    page.request("GET", "/api/v1/live", headers=headers)
    page.getresponse().read()
    own = page.sock
    with crowd(running.found.http, 5 * PLACES):
        page.request("GET", "/api/v1/live", headers=headers)
        assert page.getresponse().status == 200
        assert page.sock is own
    page.close()


def test_whoever_has_no_token_keeps_no_place_by_asking(running: Running) -> None:
    """Connections that were refused, or asked for what is open to all, go before those that showed the token."""
    first = b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with crowd(running.found.http, 5 * PLACES, first):
        assert running.client.get("/api/v1/status")["ready"]


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"GET /", b"a" * 4096),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ", b"a" * 4096),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-Many: a\r\n" * 300),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: a\r\n" * 300),
    ],
)
def test_a_giant_head_is_cut_off(target: str, begin: bytes, piece: bytes) -> None:
    """A few hundred KiB leave the sender's own buffers, not the 64 MB that it would send; where it reads, it reads 431."""
    with dial(target) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_HEAD_BYTES)
        connection.sendall(begin)
        assert flood(connection, piece, 64 * 1024 * 1024) < 16 * 1024 * 1024


def test_too_many_headers_are_431(target: str) -> None:
    """Within the bytes of a head, more headers than any client sends."""
    with dial(target) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"a:b\r\n" * 1000 + b"\r\n")
        assert read_until_closed(connection).startswith(b"HTTP/1.1 431 ")


def test_two_hosts_are_400(target: str) -> None:
    """Who looks at the first and who looks at the last would see two requests."""
    with dial(target) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert read_until_closed(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("path", [b"/healthz", b"/assets/app/main.js", b"/api/v1/status"])
def test_a_sender_that_pipelines_and_never_reads_is_closed(target: str, path: bytes) -> None:
    """It neither fills memory with requests nor holds a place for ever."""
    with dial(target) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        piece = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        assert flood(connection, piece * 1000, 64 * 1024 * 1024) < 32 * 1024 * 1024


def test_a_few_pipelined_requests_are_answered_in_order(running: Running) -> None:
    """Pipelining itself is no offence; what is wrong behind it does not come before the answers."""
    good = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with dial(running.found.http) as connection:
        connection.sendall(good * 8 + b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" + b"\0garbage\r\n\r\n")
        answer = read_until_closed(connection)
    assert answer.count(b"HTTP/1.1 200 ") == 8
    assert answer.count(b"HTTP/1.1 401 ") == 1
    assert answer.rindex(b"HTTP/1.1 200 ") < answer.index(b"HTTP/1.1 401 ")


def test_a_body_without_end_is_cut_off(running: Running) -> None:
    """Of a request that was refused a body is read so that its sender sees why, but not for ever."""
    with dial(running.found.http) as connection:
        connection.sendall(b"POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert flood(connection, b"8000\r\n" + bytes(0x8000) + b"\r\n", 256 * 1024 * 1024) < 64 * 1024 * 1024


def test_no_stream_is_answered_past_the_limit(running: Running, tmp_path: Path) -> None:
    """Asked for at the same moment by many, exactly so many places are given; each of the others is told to come back."""
    roomy = start_collector(new_person(tmp_path))
    try:
        statuses = at_once(lambda: first_line(roomy), MAX_STREAMS + 20)
    finally:
        roomy.kill()
    assert (statuses.count(200), statuses.count(503)) == (MAX_STREAMS, 20)


STREAM = "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer {}\r\n\r\n"
OPEN: list[socket.socket] = []


def first_line(running: Running) -> int:
    """Ask for a stream, keep it open, and return its status."""
    connection = dial(running.found.http)
    OPEN.append(connection)
    connection.sendall(STREAM.format(running.client.token).encode())
    return int(connection.recv(12).split()[1])


def at_once(work: Callable[[], int], times: int) -> list[int]:
    """Run the same in many threads that begin together; return what each found."""
    found: list[int] = []
    begin = threading.Barrier(times)

    def one() -> None:
        begin.wait()
        found.append(work())

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while OPEN:
        OPEN.pop().close()
    return found


@pytest.mark.parametrize("said", [b"", b"PRI * HT", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00"])
def test_silent_connections_leave_grpc_soon(tmp_path: Path, said: bytes) -> None:
    """Those that never begin to speak HTTP/2 take no place for longer than the patience."""
    few = {"max_connections": 8, "request_timeout_s": PATIENCE_S}
    with serving(settings_for(tmp_path, limits=few)) as front, crowd(front.grpc.address, 16, said):
        assert_in_the_end_taken(front)


def assert_in_the_end_taken(front: Front) -> None:
    """Call until one is taken; the test's own time limit ends it."""
    while call(front.grpc.address, GOOD).code != "OK":
        pass


@pytest.mark.parametrize(
    "frames",
    [
        HTTP2_PREFACE + b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" + bytes(8),  # a ping
        HTTP2_PREFACE + b"\x00\x00\x00\x01\x00\x00\x00\x00\x01" * 50,  # heads that never end
        HTTP2_PREFACE + b"\x00\x00\x04\x03\x00\x00\x00\x00\x01" + bytes(4),  # the end of a stream that never was
        HTTP2_PREFACE + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",  # a frame of 16 MB that does not come
    ],
)
def test_odd_frames_cost_grpc_only_their_own_connection(running: Running, frames: bytes) -> None:
    """A tenth of the places taken by them: others are answered."""
    with crowd(running.found.otlp_grpc, PLACES // 10, frames):
        assert call(running.found.otlp_grpc, GOOD).code == "OK"
