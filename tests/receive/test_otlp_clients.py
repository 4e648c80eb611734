"""The exporters that people have (Python's and Node.js's SDKs) and the bodies that the real client sent, against the receivers."""

import contextlib
import fcntl
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc import _log_exporter as grpc_logs
from opentelemetry.exporter.otlp.proto.grpc import metric_exporter as grpc_metrics
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc_traces
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http import _log_exporter as http_logs
from opentelemetry.exporter.otlp.proto.http import metric_exporter as http_metrics
from opentelemetry.exporter.otlp.proto.http import trace_exporter as http_traces
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from hookline.settings.schema import CaptureSettings
from hookline_collector.ingest.contents import CapturedContents, mentions_conventions
from hookline_collector.observe.catalogue import INVALID, REFUSED, REJECTED
from hookline_collector.signal import Signal
from support.cases import by_portions
from support.receiving.clients import call, post
from support.receiving.front import Front, serving, settings_for

ROOT = Path(__file__).parents[2]
NODE_CLIENTS = ROOT / "tests" / "fixtures" / "node_otlp"
CAPTURES = sorted((ROOT / "tests" / "fixtures" / "claude-code-2.1.329").glob("*/otlp/*.binpb"))
RESOURCE = Resource({"service.name": "shop"})


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """Receivers that tell senders to try again after 50 ms."""
    with serving(settings_for(tmp_path, limits={"retry_after_s": 0.05})) as front:
        yield front


def exporters(front: Front, protocol: str) -> tuple[Any, Any, Any]:
    """Return the SDK's exporters for traces, logs and metrics."""
    if protocol.startswith("grpc"):
        how: dict[str, Any] = {"endpoint": front.grpc.address, "insecure": True}
        how |= {"compression": grpc.Compression.Gzip} if protocol.endswith("gzip") else {}
        return grpc_traces.OTLPSpanExporter(**how), grpc_logs.OTLPLogExporter(**how), grpc_metrics.OTLPMetricExporter(**how)
    compression = {"gzip": Compression.Gzip, "deflate": Compression.Deflate}.get(protocol.partition("+")[2], Compression.NoCompression)
    found = http_traces.OTLPSpanExporter, http_logs.OTLPLogExporter, http_metrics.OTLPMetricExporter
    made = [kind(endpoint=f"http://{front.http.address}/v1/{signal}", compression=compression) for kind, signal in zip(found, Signal, strict=True)]
    return made[0], made[1], made[2]


@pytest.mark.parametrize("protocol", ["grpc", "grpc+gzip", "http", "http+gzip", "http+deflate"])
def test_pythons_exporters_are_understood(front: Front, protocol: str) -> None:
    """Spans, log records and metrics of the SDK arrive with their values."""
    to_traces, to_logs, to_metrics = exporters(front, protocol)
    tracing = TracerProvider(resource=RESOURCE)
    tracing.add_span_processor(SimpleSpanProcessor(to_traces))
    tracing.get_tracer("python").start_span("work", attributes={"text": "ünï", "list": ["a", "b"]}).end()
    logging = LoggerProvider(resource=RESOURCE)
    logging.add_log_record_processor(SimpleLogRecordProcessor(to_logs))
    logging.get_logger("python").emit(timestamp=1, severity_number=SeverityNumber.INFO, body="hello")
    metering = MeterProvider([PeriodicExportingMetricReader(to_metrics)], RESOURCE)
    metering.get_meter("python").create_counter("orders").add(5)
    metering.get_meter("python").create_histogram("seconds").record(0.5)
    for provider in (tracing, logging, metering):
        provider.shutdown()
    (traces,), (logs,), (metrics,) = (front.journal.messages(signal) for signal in Signal)
    span = traces.resource_spans[0].scope_spans[0].spans[0]
    assert (span.name, [each.key for each in span.attributes]) == ("work", ["text", "list"])
    assert logs.resource_logs[0].scope_logs[0].log_records[0].body.string_value == "hello"
    assert [metric.name for metric in metrics.resource_metrics[0].scope_metrics[0].metrics] == ["orders", "seconds"]
    assert front.journal.items() == 4


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_pythons_exporters_try_again_when_told_to(front: Front, protocol: str) -> None:
    """While the journal is full they wait as long as they are told and then deliver, once."""
    front.journal.fill()
    to_traces, *_ = exporters(front, protocol)
    tracing = TracerProvider(resource=RESOURCE)
    span = tracing.get_tracer("python").start_span("work")
    span.end()
    result: list[SpanExportResult] = []
    sending = threading.Thread(target=lambda: result.append(to_traces.export([span])))
    sending.start()
    _wait_until(lambda: front.figures.total(REFUSED) >= 1)
    assert front.journal.appended == []
    front.journal.refusal = None
    sending.join(20)
    assert result == [SpanExportResult.SUCCESS]
    assert front.journal.items() == 1
    to_traces.shutdown()


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="session")
def node_clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with Node.js's exporters, installed once; skips where that cannot be."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are needed for the exporters of Node.js")
    folder = ROOT / ".cache" / "node-otlp"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (NODE_CLIENTS / "package.json").read_text()
    with _alone(folder):
        done = folder / "installed.json"
        if not done.exists() or done.read_text() != wanted:
            (folder / "package.json").write_text(wanted)
            command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0"]
            try:
                subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=90)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as why:
                pytest.skip(f"npm could not install the exporters of Node.js: {why}")
            done.write_text(wanted)
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a lock over the folder, so that workers of one run do not install at the same time."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


NODE_JS = by_portions([("grpc", "gzip"), ("proto", "gzip"), ("http", "none"), ("grpc", "none"), ("http", "gzip")], in_long=2)


@pytest.mark.parametrize(("protocol", "compression"), NODE_JS)
def test_node_js_exporters_are_understood(front: Front, node_clients: Path, protocol: str, compression: str) -> None:
    """The three exporters of Node.js (gRPC, JSON, protobuf) deliver every signal."""
    address = front.grpc.address if protocol == "grpc" else front.http.address
    command = ["node", str(NODE_CLIENTS / "send.js"), protocol, address, compression]
    done = subprocess.run(command, cwd=node_clients, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"traces": ["ok"] * 3, "logs": ["ok"] * 2, "metrics": ["ok"]}
    assert [front.journal.items(signal) for signal in Signal] == [3, 2, 1]
    span = front.journal.messages(Signal.TRACES)[0].resource_spans[0].scope_spans[0].spans[0]
    values = {each.key: each.value for each in span.attributes}
    assert (values["text"].string_value, values["whole"].int_value, values["part"].double_value) == ("ünï", 42, 0.5)
    assert [each.string_value for each in values["list"].array_value.values] == ["a", "b"]


def without_contents(signal: Signal, body: bytes) -> bytes:
    """Return a request without what is not kept at the level of the settings; byte for byte what came where that is nothing."""
    message = signal.request_class()
    message.ParseFromString(body)
    is_changed = CapturedContents(CaptureSettings()).clean(signal, message, has_conventions=mentions_conventions(body))
    return bytes(message.SerializeToString()) if is_changed else body


def test_every_body_of_the_real_client_is_taken_as_it_came(front: Front) -> None:
    """All captured exports, over both transports, stand in the journal as they came but for texts that are not kept; nothing is rejected."""
    assert len(CAPTURES) > 10
    for path in CAPTURES:
        body = path.read_bytes()
        signal = Signal(path.stem.partition("-")[2])
        assert call(front.grpc.address, body, f"{signal.grpc_service}/Export").body == b""
        answer = post(front.http.address, body, signal.http_path)
        assert (answer.code, answer.body) == (200, b"")
        assert [each[:2] for each in front.journal.appended[-2:]] == [(signal, without_contents(signal, body))] * 2
    assert front.figures.total(REJECTED) == front.figures.total(INVALID) == 0
