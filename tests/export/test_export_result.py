"""Unit tests of how an endpoint's answer is judged, of pauses and of addresses."""

import time
from types import SimpleNamespace

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsPartialSuccess, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTracePartialSuccess, ExportTraceServiceResponse

from hookline.errors import ConfigInvalid
from hookline.export.endpoint import from_settings
from hookline.export.result import ExportOutcome, from_grpc, from_http, rejected_items
from hookline.settings.schema import RelaySettings
from support.cases import with_each


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED", "ABORTED", "OUT_OF_RANGE", "DATA_LOSS"])
def test_codes_that_otlp_calls_retryable_are_retried(code: str) -> None:
    """The list of the OTLP specification."""
    assert from_grpc(code, "busy", 2.0).kind is ExportOutcome.RETRY
    assert from_grpc(code, "busy", 2.0).retry_after_s == 2.0


@pytest.mark.parametrize("code", ["UNAUTHENTICATED", "PERMISSION_DENIED"])
def test_a_refused_token_keeps_the_data(code: str) -> None:
    """A person can mend the token; nothing is thrown away for it."""
    assert from_grpc(code, "", None).kind is ExportOutcome.BLOCKED


def test_a_message_past_the_servers_limit_is_told_from_a_busy_server() -> None:
    """Both are RESOURCE_EXHAUSTED; only the details tell."""
    assert from_grpc("RESOURCE_EXHAUSTED", "grpc: received message larger than max (5 vs. 4)", None).kind is ExportOutcome.TOO_LARGE
    assert from_grpc("RESOURCE_EXHAUSTED", "quota", None).kind is ExportOutcome.RETRY


@with_each(
    "status, kind",
    [
        (200, ExportOutcome.ACCEPTED),
        (204, ExportOutcome.ACCEPTED),
        (300, ExportOutcome.BLOCKED),
        (301, ExportOutcome.BLOCKED),
        (400, ExportOutcome.REFUSED),
        (401, ExportOutcome.BLOCKED),
        (402, ExportOutcome.BLOCKED),
        (403, ExportOutcome.BLOCKED),
        (404, ExportOutcome.UNSUPPORTED),
        (405, ExportOutcome.UNSUPPORTED),
        (407, ExportOutcome.BLOCKED),
        (408, ExportOutcome.RETRY),
        (413, ExportOutcome.TOO_LARGE),
        (415, ExportOutcome.REFUSED),
        (422, ExportOutcome.REFUSED),
        (425, ExportOutcome.RETRY),
        (429, ExportOutcome.RETRY),
        (500, ExportOutcome.DOUBTFUL),
        (501, ExportOutcome.UNSUPPORTED),
        (502, ExportOutcome.RETRY),
        (503, ExportOutcome.RETRY),
        (504, ExportOutcome.RETRY),
        (529, ExportOutcome.RETRY),
    ],
)
def test_each_http_status_has_its_meaning(status: int, kind: ExportOutcome) -> None:
    """A redirect is not acceptance, although the SDK's exporter takes it for one."""
    assert from_http(status, "", None).kind is kind


def test_a_redirect_names_the_address_that_the_endpoint_wants() -> None:
    """A person sets it; where the endpoint names none, it is another one all the same."""
    assert "redirected to https://there.example," in from_http(301, "", None, "https://there.example").why
    assert "redirected to another address," in from_http(301, "", None).why


def test_what_an_endpoint_rejected_of_an_accepted_request_is_counted() -> None:
    """Of each signal by its own name; nobody rejects less than nothing."""
    spans = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=3, error_message="too old"))
    assert rejected_items(spans) == ("too old", None, 3)
    records = ExportLogsServiceResponse(partial_success=ExportLogsPartialSuccess(rejected_log_records=2))
    assert rejected_items(records) == ("", None, 2)
    assert rejected_items(ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=-1)))[2] == 0
    assert rejected_items(SimpleNamespace(partial_success=SimpleNamespace(error_message="")))[2] == 0, "a signal that is not known"


def test_the_reason_is_the_code_and_what_the_endpoint_said_of_it() -> None:
    """A person reads it in `hookline status`; an endpoint that says nothing leaves the code alone."""
    assert from_grpc("UNAVAILABLE", "busy", None).why == "UNAVAILABLE: busy"
    assert from_grpc("UNAVAILABLE", "", None).why == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("endpoint", "protocol", "url"),
    [
        ("http://127.0.0.1:4317", "grpc", "http://127.0.0.1:4317"),
        ("http://127.0.0.1:4317", "http/protobuf", "http://127.0.0.1:4318"),
        ("http://127.0.0.1:9999/", "http/protobuf", "http://127.0.0.1:9999"),
        ("localhost:4317", "grpc", "http://localhost:4317"),
        ("collector.example:4317", "grpc", "https://collector.example:4317"),
    ],
)
def test_an_address_without_a_scheme_leaves_the_machine_only_by_tls(endpoint: str, protocol: str, url: str) -> None:
    """Loopback is plain; the default port follows the protocol."""
    assert from_settings(RelaySettings(endpoint=endpoint, protocol=protocol)).url == url


@pytest.mark.parametrize("endpoint", ["", "ftp://x", "http://", "https://:4317"])
def test_what_is_no_address_is_refused_with_its_key(endpoint: str) -> None:
    """At the start, not at the first export."""
    with pytest.raises(ConfigInvalid, match=r"relay\.endpoint"):
        from_settings(RelaySettings(endpoint=endpoint))


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    """Nonsense is as if there were none."""
    from hookline.export.http import retry_after_s

    now = time.time()
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now + 60))
    assert retry_after_s("3", now) == 3.0
    assert 58 <= (retry_after_s(date, now) or 0) <= 61
    assert retry_after_s("soon", now) is None
    assert retry_after_s(None, now) is None
