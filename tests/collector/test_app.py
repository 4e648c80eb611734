"""The collector as a real process: it starts, takes OTLP from real SDK exporters, answers queries, and stops in time."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

from hookline_collector.delivery import Quarantine
from hookline_collector.signal import Signal
from support import surface
from support.person import Person, new_person
from support.running import FREE_PORTS, Running, start_collector, wait_for

Collectors = Callable[..., Running]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give the collector of those tests that leave it as it is."""
    running = start_collector(new_person(tmp_path_factory.mktemp("lasting")), {"HOOKLINE_COLLECTOR_SELF_METRICS_S": "0.2"})
    yield running
    running.kill()


def send_spans(exporter: SpanExporter, name: str, count: int) -> None:
    """Send spans as any program with the SDK does."""
    provider = TracerProvider(resource=Resource({"service.name": "shop"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    for number in range(count):
        tracer.start_span(name, attributes={"number": number}).end()
    provider.shutdown()


@dataclass(frozen=True, slots=True)
class Life:
    """What a collector did and said from its start to its stop."""

    running: Running
    rows: list[dict[str, Any]]
    status: dict[str, Any]
    stopped_within_s: float
    said: str


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Let one live in a folder that others could write into: it takes spans, opens a page, and is stopped while somebody watches its live stream."""
    person = new_person(tmp_path_factory.mktemp("life"))
    (person.data_dir / "journal").mkdir(parents=True)
    person.data_dir.chmod(0o777)
    (person.data_dir / "journal").chmod(0o775)
    running = start_collector(person)
    try:
        send_spans(GrpcExporter(f"http://{running.found.otlp_grpc}", insecure=True), "over grpc", 3)
        send_spans(HttpExporter(f"http://{running.found.otlp_http}/v1/traces"), "over http", 2)
        sql = "SELECT SpanName AS name, count() AS n FROM otel_traces WHERE ServiceName = 'shop' GROUP BY name ORDER BY name"
        wait_for(lambda: sum(row["n"] for row in running.query(sql)) == 5, 30)
        rows, status = running.query(sql), running.client.get("/api/v1/status")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        opener.open(f"{running.found.url}/?token={running.client.token}").close()
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{running.found.url}/?token={running.client.token}x")
        caught.value.close()
        headers = {"Authorization": f"Bearer {running.client.token}", "Accept": "text/event-stream"}
        with urllib.request.urlopen(urllib.request.Request(f"{running.found.url}/api/v1/live", headers=headers)) as stream:
            assert stream.readline().startswith(b"event: sessions")
            stopped_within_s = running.stop()
    finally:
        said = running.kill()
    return Life(running, rows, status, stopped_within_s, said)


@pytest.mark.long
def test_spans_of_the_sdk_are_stored_and_come_back_over_the_api(life: Life) -> None:
    """The main path: gRPC and HTTP exporters in, a query out, every figure in balance."""
    assert life.rows == [{"name": "over grpc", "n": 3}, {"name": "over http", "n": 2}]
    assert all(signal["balanced"] for signal in life.status["signals"])
    assert (life.status["ready"], life.status["reason"]) == (True, "")


@pytest.mark.long
def test_an_open_stream_does_not_hold_up_the_stop(life: Life) -> None:
    """Somebody watches the live stream while the collector is asked to go: it goes within five seconds all the same."""
    assert life.stopped_within_s < 5
    assert life.running.process.returncode == 0
    assert not (life.running.person.data_dir / "collector.json").exists()


@pytest.mark.long
def test_the_token_never_stands_in_what_the_collector_says(life: Life) -> None:
    """Logs are shared; the token is not."""
    assert life.running.found.url in life.said
    assert life.running.client.token not in life.said
    assert (life.running.person.data_dir / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_nothing_of_the_data_folder_is_for_others(life: Life) -> None:
    """Whatever the umask: also the files that the engine makes. A folder that others could write into is mended, and this is said."""
    folder = life.running.person.data_dir
    assert f"others could write into {folder} (mode 0777)" in life.said
    assert f"others could write into {folder / 'journal'} (mode 0775)" in life.said
    assert folder.stat().st_mode & 0o022 == 0
    assert [path for path in folder.rglob("*") if path.lstat().st_mode & 0o077 and not path.is_symlink()] == []


@pytest.mark.middle
def test_what_was_acknowledged_is_there_after_a_restart(collectors: Collectors) -> None:
    """A collector killed at once after an acknowledgement has the spans when it runs again."""
    first = collectors()
    send_spans(GrpcExporter(f"http://{first.found.otlp_grpc}", insecure=True), "kept", 5)
    first.kill()
    second = collectors()
    wait_for(lambda: second.query("SELECT count() AS n FROM otel_traces WHERE SpanName = 'kept'") == [{"n": 5}])


def test_the_description_of_the_api_is_as_it_was(lasting: Running) -> None:
    """As a client that was generated from it expects: if the change is meant, `python -m support.surface` writes the text anew."""
    assert surface.description(lasting) == (surface.FOLDER / "openapi.json").read_text()


def test_a_second_collector_on_the_same_folder_is_refused_by_name(lasting: Running) -> None:
    """It says which process runs and where, and leaves the first alone."""
    done = lasting.person.hookline("collector", *FREE_PORTS)
    assert done.returncode == 1
    assert f"process {lasting.process.pid}" in done.stderr
    assert str(lasting.person.data_dir) in done.stderr
    assert lasting.client.get("/api/v1/status")["pid"] == lasting.process.pid


def test_a_port_in_use_is_said_with_the_setting_that_changes_it(lasting: Running, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two folders, one port: the second start fails and names the setting."""
    elsewhere = str(tmp_path_factory.mktemp("second"))
    done = lasting.person.hookline("collector", "--data-dir", elsewhere, *FREE_PORTS[:4], "--http", lasting.found.http)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"hookline: cannot listen on {lasting.found.http}")
    assert "collector.http" in done.stderr


def test_binding_to_the_world_without_protection_is_refused_with_every_reason(person: Person) -> None:
    """One start shows all three addresses that would be open."""
    addresses = ("--otlp-grpc", "0.0.0.0:0", "--otlp-http", "0.0.0.0:0", "--http", "0.0.0.0:0")
    done = person.hookline("collector", *addresses)
    assert done.returncode == 2
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()[1:]] == ["collector.otlp_grpc", "collector.otlp_http", "collector.http"]


def test_the_collectors_own_figures_are_stored_like_everybodys(lasting: Running) -> None:
    """What `/metrics` shows can also be asked with SQL, over time."""
    sql = "SELECT DISTINCT MetricName AS name FROM otel_metrics_sum WHERE ServiceName = 'hookline-collector' AND ScopeName = 'hookline.collector'"
    wait_for(lambda: "hookline.collector.received" in [row["name"] for row in lasting.query(sql)])


def test_a_store_that_is_away_does_not_keep_the_collector_from_journaling(collectors: Collectors) -> None:
    """With an unreachable server the collector starts, acknowledges, and says why it is not ready."""
    running = collectors(HOOKLINE_STORE_URL="http://127.0.0.1:9")
    send_spans(GrpcExporter(f"http://{running.found.otlp_grpc}", insecure=True), "waiting", 2)
    status = running.client.get("/api/v1/status")
    assert next(s for s in status["signals"] if s["signal"] == "traces")["in_journal"] == 2
    assert not status["ready"]
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{running.found.url}/readyz")
    assert caught.value.code == 503
    assert "not ready: store:" in caught.value.read().decode()
    caught.value.close()
    assert running.stop() < 5


@pytest.mark.long
def test_what_is_in_quarantine_is_shown_and_can_be_sent_again(person: Person, collectors: Collectors) -> None:
    """A request that was set aside is listed with its reason, and after `replay` it is stored."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(name="set aside", trace_id=b"t" * 16, span_id=b"s" * 8)
    span.start_time_unix_nano = span.end_time_unix_nano = time.time_ns()
    kept = Quarantine(person.data_dir / "quarantine", 1_000_000)
    kept.set_aside(Signal.TRACES, "one", request.SerializeToString(), 1, "refused", "the store was in a mood")
    kept.set_aside(Signal.TRACES, "two", b"?", 1, "damaged", "a bit was turned")
    running = collectors()
    assert "the store was in a mood" in person.hookline("quarantine").stdout
    assert person.hookline("quarantine", "replay", "one").returncode == 0
    wait_for(lambda: running.query("SELECT count() AS n FROM otel_traces WHERE SpanName = 'set aside'") == [{"n": 1}])
    assert person.hookline("quarantine", "replay", "two").returncode == 2
    assert person.hookline("quarantine", "discard", "two").returncode == 0
    assert person.hookline("quarantine").stdout == "Nothing is in quarantine.\n"
