"""Exporters and delivery against real gRPC and real HTTP receivers."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from hookline.contract import semconv
from hookline.errors import ConfigInvalid
from hookline.export.batch import Batch
from hookline.export.delivery import ExportDelivery
from hookline.export.endpoint import OtlpEndpoint
from hookline.export.rejected import RejectedFolder
from hookline.export.result import ExportOutcome, ExportResult
from hookline.export.sdk import OtlpTransmit, resources_of
from hookline.export.transport import Exporters, open_exporters
from hookline.records import AttributeValue, FoldStep, LogRecord, SpanRecord
from support.otlp_sink import GrpcSink, HttpFault, HttpSink, grpc_fault, hang
from support.otlp_sink.received import text
from support.running import SOON_S

Sink = GrpcSink | HttpSink


@pytest.fixture(params=["grpc", "http"])
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    """Both transports."""
    with GrpcSink() if request.param == "grpc" else HttpSink() as opened:
        yield opened


def endpoint_of(sink: Sink, timeout_s: float = 10.0) -> OtlpEndpoint:
    return OtlpEndpoint(sink.address, isinstance(sink, GrpcSink), True, {"authorization": "Bearer t0"}, "", timeout_s)


@contextmanager
def exporters_to(sink: Sink, timeout_s: float = 10.0) -> Iterator[Exporters]:
    opened = open_exporters(endpoint_of(sink, timeout_s))
    try:
        yield opened
    finally:
        opened.close()


def make_span(number: int, error: str | None = None) -> SpanRecord:
    attributes: dict[str, AttributeValue] = {"session.id": "s1", "number": number, "ratio": 0.5, "flag": True, "names": ("a", "b")}
    return SpanRecord(
        (1 << 127) + 1, number + 1, number or None, f"execute_tool {number}", 1_000 + number, 2_000 + number, attributes, error, "claude-code"
    )


def make_log(number: int) -> LogRecord:
    return LogRecord(
        f"u{number}", "hookline.tool_started", 1_500 + number, {"log.record.uid": f"u{number}"}, (1 << 127) + 1, 7, service="claude-code"
    )


def make_step(number: int) -> FoldStep:
    return FoldStep((make_span(number),), (make_log(number),), (f"u{number}",))


class Harness:
    """A delivery to a sink, and what it said was done."""

    def __init__(self, sink: Sink, folder: Path, timeout_s: float = 10.0, max_backoff_s: float = 0.05) -> None:
        self.done: list[Batch] = []
        self.folder = folder
        self.exporters = open_exporters(endpoint_of(sink, timeout_s))
        self.delivery = ExportDelivery(
            OtlpTransmit(self.exporters, resources_of("ann")),
            RejectedFolder(folder, time.time_ns),
            self.done.append,
            endpoint=sink.address,
            max_backoff_s=max_backoff_s,
            max_pending_items=1_000,
        )

    @property
    def released(self) -> list[str]:
        return [uid for batch in self.done for uid in batch.released]


@contextmanager
def harness(sink: Sink, folder: Path, timeout_s: float = 10.0) -> Iterator[Harness]:
    made = Harness(sink, folder, timeout_s)
    made.delivery.start()
    try:
        yield made
    finally:
        made.delivery.stop(5)


def wait_until(done: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.005)


def test_a_span_arrives_as_it_was_made(sink: Sink, tmp_path: Path) -> None:
    """Ids, parent, kind, times, status, attributes, scope with its schema, resource: all deterministic."""
    with harness(sink, tmp_path) as relay:
        relay.delivery.outbox.offer(FoldStep((make_span(0), make_span(5, "exit 1")), (make_log(0),), ("a", "b")))
        assert relay.delivery.outbox.wait_until_empty(10)
    root, child = sink.all_spans
    assert (root.trace_id.hex(), root.span_id.hex(), root.parent_span_id) == ("80000000000000000000000000000001", "0000000000000001", b"")
    assert (child.parent_span_id.hex(), child.start_time_unix_nano, child.end_time_unix_nano) == ("0000000000000005", 1_005, 2_005)
    assert (root.kind, root.status.code, child.status.code, child.status.message) == (1, 0, 2, "exit 1")
    group = sink.of("traces")[0].resource_spans[0]
    assert (group.schema_url, group.scope_spans[0].schema_url) == (semconv.SCHEMA_URL, semconv.SCHEMA_URL)
    assert group.scope_spans[0].scope.name == "hookline.agent"
    assert (text(group.resource, "service.name"), text(group.resource, "user.name")) == ("claude-code", "ann")
    assert text(group.resource, "telemetry.distro.name") == "hookline"
    assert relay.released == ["a", "b"]


def test_a_log_record_arrives_with_its_event_name_and_its_turn(sink: Sink, tmp_path: Path) -> None:
    """The live view reads these."""
    with harness(sink, tmp_path) as relay:
        relay.delivery.outbox.offer(FoldStep(logs=(make_log(3), LogRecord("u9", "session.start", 5, {"log.record.uid": "u9"}))))
        assert relay.delivery.outbox.wait_until_empty(10)
    log, first = sink.all_logs
    assert (log.event_name, log.time_unix_nano, text(log, "log.record.uid")) == ("hookline.tool_started", 1_503, "u3")
    assert (log.trace_id.hex(), log.span_id.hex()) == ("80000000000000000000000000000001", "0000000000000007")
    assert (first.trace_id, first.span_id) == (b"", b"")


def test_the_settings_headers_are_sent_and_the_environments_are_not(sink: Sink, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """OTEL_* variables belong to the programs that a person works on."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-secret=1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "nonsense")
    with harness(sink, tmp_path) as relay:
        relay.delivery.outbox.offer(make_step(1))
        assert relay.delivery.outbox.wait_until_empty(10)
    for _, headers in sink.attempts:
        assert headers["authorization"] == "Bearer t0"
        assert "x-secret" not in headers


GRPC_KINDS = {
    "UNAVAILABLE": ExportOutcome.RETRY,
    "INVALID_ARGUMENT": ExportOutcome.REFUSED,
    "UNAUTHENTICATED": ExportOutcome.BLOCKED,
    "UNIMPLEMENTED": ExportOutcome.UNSUPPORTED,
    "INTERNAL": ExportOutcome.DOUBTFUL,
}
HTTP_KINDS = {
    503: ExportOutcome.RETRY,
    400: ExportOutcome.REFUSED,
    401: ExportOutcome.BLOCKED,
    404: ExportOutcome.UNSUPPORTED,
    302: ExportOutcome.BLOCKED,
    413: ExportOutcome.TOO_LARGE,
}


@pytest.mark.parametrize(("code", "kind"), GRPC_KINDS.items())
def test_each_grpc_code_comes_through_after_one_attempt(code: str, kind: ExportOutcome) -> None:
    """Keeps watch over the place where the SDK's stub is wrapped, for all three signals."""
    with GrpcSink() as sink, exporters_to(sink) as exporters:
        sink.fault = grpc_fault(code, "because", retry_after_s=1.5)
        verdicts = [exporters.send_spans([]), exporters.send_logs([]), exporters.traces.send([])]
        assert [verdict.kind for verdict in verdicts] == [kind] * 3
        assert verdicts[0].why.startswith(f"{code}: because")
        assert verdicts[0].retry_after_s == 1.5
        assert len(sink.attempts) == 3


@pytest.mark.parametrize(("status", "kind"), HTTP_KINDS.items())
def test_each_http_status_comes_through_after_one_attempt(status: int, kind: ExportOutcome) -> None:
    """The exporter's own retries are ended by the session."""
    with HttpSink() as sink, exporters_to(sink) as exporters:
        sink.fault = HttpFault(status, {"retry-after": "2", "location": "http://elsewhere.example"})
        begin = time.monotonic()
        verdict = exporters.send_spans([])
        assert (verdict.kind, len(sink.attempts)) == (kind, 1)
        assert time.monotonic() - begin < SOON_S
        if kind is ExportOutcome.RETRY:
            assert verdict.retry_after_s == 2.0


def test_an_endpoint_that_is_not_there_is_retried(tmp_path: Path) -> None:
    """Nobody listens: no answer, no exception."""
    for is_grpc in (True, False):
        opened = open_exporters(OtlpEndpoint("http://127.0.0.1:9", is_grpc, True, {}, "", 2.0))
        assert opened.send_spans([]).kind is ExportOutcome.RETRY
        opened.close()


def test_a_hanging_endpoint_costs_one_timeout(sink: Sink) -> None:
    """A call that is never answered ends by the time-out and is retried."""
    if isinstance(sink, HttpSink):
        pytest.skip("the HTTP sink does not hang")
    released = threading.Event()
    sink.fault = hang(released)
    with exporters_to(sink, timeout_s=0.3) as exporters:
        begin = time.monotonic()
        verdict = exporters.send_spans([])
        released.set()
        assert (verdict.kind, verdict.why.partition(":")[0]) == (ExportOutcome.RETRY, "DEADLINE_EXCEEDED")
        assert time.monotonic() - begin < SOON_S


def test_partial_success_is_counted(sink: Sink, tmp_path: Path) -> None:
    """The endpoint took the request and refused two of its spans: the SDK's exporter passes over that."""

    def refuse_two(signal: str, response: object) -> None:
        if signal == "traces":
            response.partial_success.rejected_spans = 2  # type: ignore[attr-defined]
            response.partial_success.error_message = "bad times"  # type: ignore[attr-defined]

    sink.partial = refuse_two
    with harness(sink, tmp_path) as relay:
        relay.delivery.outbox.offer(FoldStep(tuple(make_span(n) for n in range(5))))
        assert relay.delivery.outbox.wait_until_empty(10)
        report = relay.delivery.report
        assert (report.spans.accepted, report.spans.rejected) == (3, 2)
        assert "bad times" in report.last_error


def test_what_an_absent_collector_missed_arrives_when_it_is_back(sink: Sink, tmp_path: Path) -> None:
    """Nothing is released before it is accepted; everything is once the endpoint takes it."""
    sink.fault = grpc_fault("UNAVAILABLE") if isinstance(sink, GrpcSink) else HttpFault(503)
    with harness(sink, tmp_path) as relay:
        for number in range(40):
            relay.delivery.outbox.offer(make_step(number))
        sink.wait_for(lambda: len(sink.attempts) >= 3)
        assert relay.released == []
        assert relay.delivery.report.health == "retrying"
        sink.fault = None
        assert relay.delivery.outbox.wait_until_empty(10)
        assert relay.released == [f"u{number}" for number in range(40)]
        assert relay.delivery.report.health == "ok"
    assert len(sink.spans) == len(sink.logs) == 40


def test_logs_arrive_although_spans_are_refused_for_now(tmp_path: Path) -> None:
    """The live view does not wait for spans; accepted logs are not sent again with them."""
    with GrpcSink() as sink, harness(sink, tmp_path) as relay:
        sink.fault = grpc_fault("RESOURCE_EXHAUSTED", retry_after_s=0.01, only=("traces",))
        relay.delivery.outbox.offer(make_step(1))
        sink.wait_for(lambda: sum(signal == "traces" for signal, _ in sink.attempts) >= 3)
        assert [log.event_name for log in sink.all_logs] == ["hookline.tool_started"]
        assert relay.released == []


def test_one_bad_span_does_not_hold_up_the_others(sink: Sink, tmp_path: Path) -> None:
    """A refused batch is halved until the bad span is alone; it is set aside with the endpoint's reason."""
    bad = make_span(77)
    exporters = open_exporters(endpoint_of(sink))
    transmit = OtlpTransmit(exporters, resources_of("ann"))

    class Picky:
        """Refuses every request with the bad span, as a strict backend does."""

        logs, metrics, close = transmit.logs, transmit.metrics, transmit.close

        def spans(self, spans: object) -> ExportResult:
            return ExportResult(ExportOutcome.REFUSED, "INVALID_ARGUMENT: no") if bad in spans else transmit.spans(spans)  # type: ignore[operator,arg-type]

    done: list[Batch] = []
    delivery = ExportDelivery(
        Picky(), RejectedFolder(tmp_path / "rejected", time.time_ns), done.append, endpoint=sink.address, max_backoff_s=0.01, max_pending_items=1_000
    )
    delivery.start()
    delivery.outbox.offer(FoldStep(tuple(make_span(number) for number in range(300)), (), ("x",)))
    assert delivery.outbox.wait_until_empty(10)
    delivery.stop(5)
    assert len(sink.spans) == 299
    assert (delivery.report.spans.accepted, delivery.report.spans.rejected) == (299, 1)
    (kept,) = (tmp_path / "rejected").glob("*.json")
    assert "execute_tool 77" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert done[0].released == ("x",)


def test_an_endpoint_that_refuses_everything_gets_no_data_thrown_away(tmp_path: Path) -> None:
    """A refusal is the data's fault only where the endpoint takes an empty request: else it waits, and says why."""
    with HttpSink() as sink, harness(sink, tmp_path) as relay:
        sink.fault = HttpFault(400)
        relay.delivery.outbox.offer(make_step(1))
        wait_until(lambda: relay.delivery.report.health == "blocked")
        assert "400" in relay.delivery.report.why
        assert relay.released == []
        sink.fault = None
        assert relay.delivery.outbox.wait_until_empty(10)
    assert not list(tmp_path.glob("*.json"))
    assert len(sink.spans) == 1


def test_a_refused_token_says_so_and_goes_on_when_it_is_mended(sink: Sink, tmp_path: Path) -> None:
    """Auth failures keep everything."""
    sink.fault = grpc_fault("UNAUTHENTICATED", "bad token") if isinstance(sink, GrpcSink) else HttpFault(401)
    with harness(sink, tmp_path) as relay:
        relay.delivery.outbox.offer(make_step(1))
        wait_until(lambda: relay.delivery.report.health == "blocked")
        sink.fault = None
        assert relay.delivery.outbox.wait_until_empty(10)
    assert len(sink.spans) == 1


def test_a_backend_for_traces_alone_gets_traces_and_the_rest_is_counted(sink: Sink, tmp_path: Path) -> None:
    """Some backends know no logs: they are dropped, counted and told, and the spans arrive."""
    only = ("logs", "metrics")
    sink.fault = grpc_fault("UNIMPLEMENTED", only=only) if isinstance(sink, GrpcSink) else HttpFault(404, only=only)
    with harness(sink, tmp_path) as relay:
        relay.delivery.outbox.offer(make_step(1))
        assert relay.delivery.outbox.wait_until_empty(10)
        assert relay.delivery.report.logs.unsupported == 1
    assert len(sink.spans) == 1
    assert relay.released == ["u1"]


def test_a_stop_while_the_endpoint_hangs_is_quick(tmp_path: Path) -> None:
    """A call in flight is ended; what was not accepted is not released."""
    with GrpcSink() as sink:
        released = threading.Event()
        sink.fault = hang(released)
        made = Harness(sink, tmp_path)
        made.delivery.start()
        made.delivery.outbox.offer(make_step(1))
        sink.wait_for(lambda: len(sink.attempts) == 1)
        begin = time.monotonic()
        made.delivery.stop(3)
        released.set()
        assert time.monotonic() - begin < SOON_S
        assert made.done == []


def test_pending_is_bounded_and_room_comes_back(tmp_path: Path) -> None:
    """Past the limit the loop is told to stop reading; events stay in the spool."""
    with GrpcSink() as sink:
        sink.fault = grpc_fault("UNAVAILABLE")
        with harness(sink, tmp_path) as relay:
            number = 0
            while relay.delivery.outbox.has_room():
                relay.delivery.outbox.offer(make_step(number))
                number += 1
            assert number == 500  # a span and a log each
            sink.fault = None
            assert relay.delivery.outbox.wait_until_empty(10)
            assert relay.delivery.outbox.has_room()
            assert relay.delivery.outbox.pending == 0
        assert max(len(r.resource_spans[0].scope_spans[0].spans) for r in sink.of("traces")) <= 512


def test_a_record_that_cannot_be_encoded_is_set_aside(sink: Sink, tmp_path: Path) -> None:
    """A time before 1970 has no place in OTLP: it must not be tried for ever, nor take its batch along."""
    broken = SpanRecord(1, 999, None, "execute_tool x", -1, 2, {})
    with harness(sink, tmp_path) as relay:
        relay.delivery.outbox.offer(FoldStep((make_span(1), broken, make_span(2)), (), ("a",)))
        assert relay.delivery.outbox.wait_until_empty(10)
        assert (relay.delivery.report.spans.accepted, relay.delivery.report.spans.rejected) == (2, 1)
        assert relay.released == ["a"]


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for loopback; return (certificate, key)."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(certificate), *subject]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_tls_takes_the_certificate_of_the_settings_and_no_other(tmp_path: Path) -> None:
    """A certificate that the system does not know is refused until the settings name it."""
    certificate, key = make_certificate(tmp_path)
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
    with GrpcSink(credentials=credentials) as sink:
        address = sink.address.replace("http://", "https://")
        trusting = open_exporters(OtlpEndpoint(address, True, True, {}, str(certificate), 5.0))
        wary = open_exporters(OtlpEndpoint(address, True, True, {}, "", 2.0))
        assert trusting.send_spans([]).kind is ExportOutcome.ACCEPTED
        assert wary.send_spans([]).kind is ExportOutcome.RETRY
        trusting.close()
        wary.close()


def test_a_certificate_file_that_is_not_there_is_told_at_the_start() -> None:
    """With the key of the setting."""
    with pytest.raises(ConfigInvalid, match=r"relay\.certificate"):
        open_exporters(OtlpEndpoint("https://127.0.0.1:1", True, True, {}, "/nowhere/ca.pem", 5.0))
