"""Every fault of a sender, over both transports: the code that OTLP names, a status that says what to do, a server that lives on."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import zstandard
from google.rpc import code_pb2, error_details_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from hookline.errors import Refused
from hookline_collector.observe.catalogue import INVALID, REFUSED, REQUESTS
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.clients import JSON, PROTOBUF, GrpcAnswer, HttpAnswer, call, post
from support.receiving.front import Front, serving, settings_for

LIMIT = 100_000
GOOD = requests.traces().SerializeToString()
HUGE = requests.traces(name="x" * LIMIT).SerializeToString()
MANY = requests.empty_spans(3_000)
DEEP = requests.nested_lists(40)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Receivers with small limits."""
    limits = {"max_body_bytes": LIMIT, "max_messages": 1_000, "request_timeout_s": 1.0, "retry_after_s": 0.5}
    with serving(settings_for(tmp_path_factory.mktemp("front"), limits=limits)) as front:
        post(front.http.address, bytes(8_000), headers=PROTOBUF | {"Content-Encoding": "gzip"})  # the thread that inflates is there from now on
        yield front


@pytest.fixture(autouse=True)
def lives_on(front: Front) -> Iterator[None]:
    """Whatever a test sent, the next good request is taken over both transports."""
    yield
    front.journal.refusal = None
    assert call(front.grpc.address, GOOD).code == "OK"
    assert post(front.http.address, GOOD).code == 200
    assert (front.ingest.admission.requests, front.ingest.admission.bytes) == (0, 0)


@dataclass(frozen=True, slots=True)
class Case:
    """A request over HTTP and what it must come to."""

    name: str
    code: int
    says: str = ""
    body: bytes = GOOD
    bomb: Callable[[bytes], bytes] | None = None
    """What makes the body of fifty million zeros, once it is needed."""
    headers: dict[str, str] = field(default_factory=lambda: dict(PROTOBUF))
    path: str = "/v1/traces"
    method: str = "POST"


def encoded(encoding: str, media: dict[str, str] = PROTOBUF) -> dict[str, str]:
    return media | {"Content-Encoding": encoding}


RAW_DEFLATE = zlib.compressobj(wbits=-15)
BARE = RAW_DEFLATE.compress(GOOD) + RAW_DEFLATE.flush()
CASES = [
    Case("good", 200),
    Case("empty body", 200, body=b""),
    Case("empty envelopes", 200, body=requests.framed(1, requests.framed(2, b""))),
    Case("charset parameter", 200, headers={"Content-Type": "application/x-protobuf; charset=utf-8"}),
    Case("upper case type", 200, headers={"Content-Type": "Application/X-Protobuf"}),
    Case("query string", 200, path="/v1/traces?a=b"),
    Case("identity", 200, headers=encoded("identity")),
    Case("gzip", 200, body=gzip.compress(GOOD), headers=encoded("gzip")),
    Case("x-gzip", 200, body=gzip.compress(GOOD), headers=encoded("x-gzip")),
    Case("gzip members", 200, body=gzip.compress(GOOD[:40]) + gzip.compress(GOOD[40:]), headers=encoded("GZIP")),
    Case("deflate", 200, body=zlib.compress(GOOD), headers=encoded("deflate")),
    Case("bare deflate", 200, body=BARE, headers=encoded("deflate")),
    Case("zstd", 200, body=zstandard.compress(GOOD), headers=encoded("zstd")),
    Case("two encodings", 200, body=zstandard.compress(gzip.compress(GOOD)), headers=encoded("gzip, zstd")),
    Case("JSON", 200, body=b"{}", headers=JSON),
    Case("JSON with charset", 200, body=b'{"resourceSpans":[]}', headers={"Content-Type": "application/json;charset=UTF-8"}),
    Case("gzip JSON", 200, body=gzip.compress(b"{}"), headers=encoded("gzip", JSON)),
    Case("unknown field beside", 200, body=GOOD + requests.framed(99, b"x")),
    Case("unknown field within", 200, body=requests.framed(1, requests.framed(99, b"x"))),
    Case("malformed", 400, "Wire format", body=b"\x0a\xff\xff"),
    Case("text", 400, "not an ExportTraces request", body=b"hello"),
    Case("bad UTF-8", 400, "UTF-8", body=GOOD.replace(b"work", b"w\xff\xffk")),
    Case("JSON malformed", 400, "line 1, column", body=b'{"resourceSpans": [}', headers=JSON),
    Case("JSON empty", 400, "not JSON", body=b"", headers=JSON),
    Case("JSON is a list", 400, "an object is needed", body=b"[]", headers=JSON),
    Case("JSON NaN literal", 400, "not JSON", body=b"NaN", headers=JSON),
    Case("JSON lone surrogate", 400, "not JSON", body=b'{"a":"\\ud800"}', headers=JSON),
    Case("not gzip", 400, "not gzip", headers=encoded("gzip")),
    Case("gzip cut short", 400, "ends too early", body=gzip.compress(GOOD)[:-9], headers=encoded("gzip")),
    Case("gzip and then junk", 400, "not gzip", body=gzip.compress(GOOD) + b"junk", headers=encoded("gzip")),
    Case("not zstd", 400, "not zstd", headers=encoded("zstd")),
    Case("zstd cut short", 400, "ends too early", body=zstandard.compress(GOOD)[:-2], headers=encoded("zstd")),
    Case("not deflate", 400, "not deflate", headers=encoded("deflate")),
    Case("unknown encoding", 415, "'br' is not supported", headers=encoded("br")),
    Case("too many encodings", 415, "more than 2", headers=encoded("gzip, gzip, gzip")),
    Case("no type", 415, "Content-Type '' is not supported", headers={}),
    Case("wrong type", 415, "text/plain", headers={"Content-Type": "text/plain"}),
    Case("form type", 415, "not supported", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Case("too large", 413, "larger than 100000", body=HUGE),
    Case("much too large", 413, "larger than 100000", body=b"\0" * (2 * LIMIT)),
    Case("gzip bomb", 413, "after decompression", bomb=gzip.compress, headers=encoded("gzip")),
    Case("zstd bomb", 413, "after decompression", bomb=zstandard.compress, headers=encoded("zstd")),
    Case("deflate bomb", 413, "after decompression", bomb=zlib.compress, headers=encoded("deflate")),
    Case("gzip of empty members", 413, "members", body=gzip.compress(b"") * 1_001, headers=encoded("gzip")),
    Case("too many messages", 413, "sub-messages", body=MANY),
    Case("too many messages in gzip", 413, "sub-messages", body=gzip.compress(MANY), headers=encoded("gzip")),
    Case("too many JSON values", 413, "JSON values", body=b'{"resourceSpans":[' + b"{}," * 2_000 + b"{}]}", headers=JSON),
    Case("nested too deep", 413, "nested deeper than 64", body=DEEP),
    Case("JSON nested too deep", 413, "nested too deep", body=b'{"resourceSpans":' + b'[{"scopeSpans":' * 1 + b"[]}]}", headers=JSON),
    Case("GET", 405, "POST", method="GET", body=b""),
    Case("HEAD", 405, method="HEAD", body=b""),
    Case("PUT", 405, "POST", method="PUT"),
    Case("preflight of a web page", 403, "web page", method="OPTIONS", body=b"", headers={"Origin": "https://evil.example"}),
    Case("no such path", 404, "/v1/traces", path="/v1/trace"),
    Case("path with a slash", 404, path="/v1/traces/"),
    Case("root", 404, path="/"),
    Case("profiles", 404, path="/v1development/profiles"),
    Case("a web page", 403, "web page", headers=PROTOBUF | {"Origin": "https://evil.example"}),
    Case("a web page without origin", 403, "web page", headers=PROTOBUF | {"Origin": "null"}),
    Case("a rebound name", 421, "allowed_hosts", headers=PROTOBUF | {"Host": "evil.example:4318"}),
    Case("localhost", 200, headers=PROTOBUF | {"Host": "localhost:4318"}),
    Case("IPv6 loopback", 200, headers=PROTOBUF | {"Host": "[::1]:4318"}),
]
CASES = [case for case in CASES if case.name != "JSON nested too deep"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_http_answers_each_fault_with_its_code(front: Front, case: Case) -> None:
    """The status code, and a google.rpc.Status in the request's encoding that says what is wrong."""
    body = case.bomb(bytes(50_000_000)) if case.bomb else case.body
    answer = post(front.http.address, body, case.path, case.headers, case.method)
    assert answer.code == case.code
    media = case.headers.get("Content-Type", "").partition(";")[0].lower()
    assert answer.headers["content-type"] == (media if media in ("application/x-protobuf", "application/json") else "application/json")
    if case.method == "HEAD":
        assert answer.body == b""
    elif case.code == 200:
        assert answer.body in (b"", b"{}")  # partial_success is not set
    else:
        assert case.says in answer.status.message
        assert "Traceback" not in answer.status.message


def test_http_tells_what_is_allowed(front: Front) -> None:
    """405 names the method, 415 the encodings, 400 carries a BadRequest, 413 and 400 no Retry-After."""
    assert post(front.http.address, b"", method="GET").headers["allow"] == "POST"
    assert post(front.http.address, GOOD, headers=encoded("br")).headers["accept-encoding"] == "gzip, deflate, zstd"
    bad = post(front.http.address, b"\x0a\xff\xff")
    assert "retry-after" not in bad.headers
    (detail,) = bad.status.details
    request = error_details_pb2.BadRequest()
    assert detail.Unpack(request)
    assert request.field_violations[0].description == bad.status.message
    assert "retry-after" not in post(front.http.address, HUGE).headers


GRPC_CASES: list[tuple[str, bytes, str, str, dict[str, Any]]] = [
    ("good", GOOD, "OK", "", {}),
    ("empty", b"", "OK", "", {}),
    ("gzip", GOOD, "OK", "", {"compression": grpc.Compression.Gzip}),
    ("deflate", GOOD, "OK", "", {"compression": grpc.Compression.Deflate}),
    ("unknown field beside", GOOD + requests.framed(99, b"x"), "OK", "", {}),
    ("malformed", b"\x0a\xff\xff", "INVALID_ARGUMENT", "Wire format", {}),
    ("bad UTF-8", GOOD.replace(b"work", b"w\xff\xffk"), "INVALID_ARGUMENT", "UTF-8", {}),
    ("too large", HUGE, "RESOURCE_EXHAUSTED", "larger than max", {}),
    ("bomb", bytes(50_000_000), "RESOURCE_EXHAUSTED", "larger than max", {"compression": grpc.Compression.Gzip}),
    ("too many messages", MANY, "RESOURCE_EXHAUSTED", "sub-messages", {}),
    ("too many messages in gzip", MANY, "RESOURCE_EXHAUSTED", "sub-messages", {"compression": grpc.Compression.Gzip}),
    ("nested too deep", DEEP, "RESOURCE_EXHAUSTED", "nested deeper than 64", {}),
    ("unknown method", GOOD, "UNIMPLEMENTED", "", {"method": Signal.TRACES.grpc_service + "/Import"}),
    ("unknown service", GOOD, "UNIMPLEMENTED", "", {"method": "opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"}),
]


@pytest.mark.parametrize(("body", "code", "says", "how"), [case[1:] for case in GRPC_CASES], ids=[case[0] for case in GRPC_CASES])
def test_grpc_answers_each_fault_with_its_code(front: Front, body: bytes, code: str, says: str, how: dict[str, Any]) -> None:
    """The code, never with retry information: each of these would fail again."""
    answer = call(front.grpc.address, body, **how)
    assert answer.code == code, answer.message
    assert says in answer.message
    assert answer.retry_delay_s is None
    assert answer.body == b""


def test_grpc_bad_data_carries_a_bad_request(front: Front) -> None:
    """INVALID_ARGUMENT comes with google.rpc.Status and BadRequest in the standard trailer."""
    answer = call(front.grpc.address, b"\x0a\xff\xff")
    assert answer.status.code == code_pb2.INVALID_ARGUMENT
    assert answer.status.details[0].Is(error_details_pb2.BadRequest.DESCRIPTOR)


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_is_taken_over_both_transports(front: Front, signal: Signal) -> None:
    """A request of each signal stands in the journal byte for byte."""
    body = requests.small(signal).SerializeToString()
    before = front.journal.items(signal)
    assert call(front.grpc.address, body, signal.grpc_service + "/Export").code == "OK"
    assert post(front.http.address, body, signal.http_path).code == 200
    assert front.journal.items(signal) == before + 2
    assert front.journal.appended[-1] == (signal, body, 1)


def test_back_pressure_tells_senders_when_to_try_again(front: Front) -> None:
    """A full journal is UNAVAILABLE with RetryInfo in both trailers, and 503 with Retry-After in whole seconds."""
    front.journal.fill()
    over_grpc, over_http = call(front.grpc.address, GOOD), post(front.http.address, GOOD)
    assert (over_grpc.code, over_grpc.retry_delay_s) == ("UNAVAILABLE", 0.5)
    info = error_details_pb2.RetryInfo()
    assert over_grpc.status.details[0].Unpack(info)
    assert info.retry_delay.ToMilliseconds() == 500
    assert (over_http.code, over_http.headers["retry-after"]) == (503, "1")
    assert over_http.status.code == code_pb2.UNAVAILABLE
    assert "full" in over_http.status.message


def test_a_defect_is_an_internal_error_that_shows_nothing(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever breaks inside, the sender gets INTERNAL or 500 without a word of the inside; the log has it."""
    front.journal.refusal = RuntimeError("secret inside")
    over_grpc, over_http = call(front.grpc.address, GOOD), post(front.http.address, GOOD)
    assert (over_grpc.code, over_http.code) == ("INTERNAL", 500)
    assert "secret" not in over_grpc.message + over_http.status.message
    assert caplog.text.count("secret inside") == 2


def test_partial_success_stores_the_rest_and_says_why(front: Front) -> None:
    """Bad spans are rejected with their number and reason; the others of the request are stored; the answer is a success."""
    message = requests.traces(3)
    message.resource_spans[0].scope_spans[0].spans[1].trace_id = b"short"
    body = message.SerializeToString()
    for answer in (call(front.grpc.address, body), post(front.http.address, body)):
        assert isinstance(answer, GrpcAnswer | HttpAnswer)
        partial = ExportTraceServiceResponse.FromString(answer.body).partial_success
        assert (partial.rejected_spans, partial.error_message) == (1, "1 spans rejected: trace_id is not 16 bytes, or all zeros")
        kept = front.journal.messages(Signal.TRACES)[-1].resource_spans[0].scope_spans[0].spans
        assert [span.span_id[-1] for span in kept] == [1, 3]


def test_partial_success_in_json(front: Front) -> None:
    """64-bit numbers are strings in OTLP/JSON."""
    body = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"no ids"}]}]}]}'
    answer = post(front.http.address, body, headers=JSON)
    assert answer.code == 200
    assert b'"rejectedSpans": "1"' in answer.body
    assert b'"errorMessage": "1 spans rejected: trace_id' in answer.body


def test_a_message_past_the_response_limit_is_shortened(tmp_path: Path) -> None:
    """The response never exceeds max_response_bytes."""
    with serving(settings_for(tmp_path, limits={"max_response_bytes": 100})) as front:
        body = requests.traces(trace_id=b"short").SerializeToString()
        for answer in (call(front.grpc.address, body).body, post(front.http.address, body).body):
            assert ExportTraceServiceResponse.FromString(answer).partial_success.rejected_spans == 1
            assert len(answer) <= 100


def test_refusals_are_counted_by_reason(front: Front) -> None:
    """What is refused and what is invalid is told apart, by request."""
    before = {counter: front.figures.total(counter, Signal.TRACES) for counter in (REFUSED, INVALID, REQUESTS)}
    front.journal.refusal = Refused("full")
    call(front.grpc.address, GOOD)
    post(front.http.address, b"\x0a\xff\xff")
    post(front.http.address, HUGE)
    after = {counter: front.figures.total(counter, Signal.TRACES) for counter in before}
    assert {counter: after[counter] - before[counter] for counter in before} == {REFUSED: 1, INVALID: 2, REQUESTS: 3}
