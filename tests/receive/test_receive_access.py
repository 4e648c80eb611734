"""Tokens and TLS on both transports, and where a receiver may be bound."""

import dataclasses
import http.client
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from hookline.errors import ConfigInvalid
from hookline.settings import Settings
from hookline_collector.observe.catalogue import INVALID
from hookline_collector.receive import check_binding
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.clients import PROTOBUF, call, post, request
from support.receiving.front import Front, serving, settings_for

GOOD = requests.traces().SerializeToString()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made = ["-keyout", str(key), "-out", str(certificate), "-days", "2", *names]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *made]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Front]:
    """Receivers that want a token."""
    with serving(settings_for(tmp_path, otlp_token="sesame")) as front:
        yield front


@pytest.mark.parametrize("given", [None, "", "sesame", "Bearer", "Bearer ", "Bearer sesam", "Bearer sesamee", "Basic sesame", "Bearer \u00e9"])
def test_without_the_token_nothing_is_taken(guarded: Front, given: str | None) -> None:
    """UNAUTHENTICATED over gRPC; 401 with WWW-Authenticate over HTTP; nothing in the journal."""
    headers = {} if given is None else {"authorization": given}
    over_http = post(guarded.http.address, GOOD, headers=PROTOBUF | headers)
    assert (over_http.code, over_http.headers["www-authenticate"].partition(" ")[0]) == (401, "Bearer")
    if given is None or given.isascii():
        over_grpc = call(guarded.grpc.address, GOOD, metadata=list(headers.items()))
        assert (over_grpc.code, over_grpc.retry_delay_s) == ("UNAUTHENTICATED", None)
        assert guarded.figures.count(INVALID, Signal.TRACES, "unauthenticated") == 2
    assert guarded.journal.appended == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_with_the_token_requests_are_taken(guarded: Front, scheme: str) -> None:
    """In a header over HTTP, as metadata over gRPC. With a token any Host will do: a stranger's page does not know the token."""
    headers = {"authorization": f"{scheme} sesame"}
    assert call(guarded.grpc.address, GOOD, metadata=list(headers.items())).code == "OK"
    assert post(guarded.http.address, GOOD, headers=PROTOBUF | headers | {"Host": "collector.example"}).code == 200


def test_both_transports_speak_tls(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """With a certificate both ports take TLS, and only TLS."""
    with serving(settings_for(tmp_path, tls_certificate=str(certificate[0]), tls_key=str(certificate[1]))) as front:
        trust = grpc.ssl_channel_credentials(certificate[0].read_bytes())
        assert call(front.grpc.address, GOOD, credentials=trust).code == "OK"
        context = ssl.create_default_context(cafile=str(certificate[0]))
        connection = http.client.HTTPSConnection(front.http.address, context=context, timeout=10)
        assert [request(connection, GOOD).code for _ in range(2)] == [200, 200]
        connection.close()
        assert call(front.grpc.address, GOOD).code == "UNAVAILABLE"
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            post(front.http.address, GOOD)
        assert front.journal.items() == 3


def test_a_web_page_that_is_allowed_may_send(tmp_path: Path) -> None:
    """Hosts in collector.allowed_hosts pass as Host and as Origin."""
    with serving(settings_for(tmp_path, allowed_hosts=("App.example",))) as front:
        assert post(front.http.address, GOOD, headers=PROTOBUF | {"Origin": "https://app.example:8443"}).code == 200
        assert post(front.http.address, GOOD, headers=PROTOBUF | {"Host": "app.example"}).code == 200
        assert post(front.http.address, GOOD, headers=PROTOBUF | {"Origin": "https://app.example.evil"}).code == 403


@pytest.mark.parametrize("address", ["[::1]:0", "localhost:0", "127.0.0.1:0"])
def test_every_way_to_write_loopback_is_served(tmp_path: Path, address: str) -> None:
    """The bound address is told in the same form, with the port that was picked."""
    with serving(settings_for(tmp_path, otlp_grpc=address, otlp_http=address)) as front:
        assert front.grpc.address.startswith(address[:-1])
        assert call(front.grpc.address, GOOD).code == "OK"
        assert post(front.http.address, GOOD).code == 200


def bound(tmp_path: Path, **collector: object) -> Settings:
    base = Settings(data_dir=tmp_path)
    return dataclasses.replace(base, collector=dataclasses.replace(base.collector, **collector))  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["127.0.0.1:4317", "localhost:0", "[::1]:4317", "127.9.9.9:1"])
def test_loopback_needs_nothing(tmp_path: Path, address: str) -> None:
    """The default binds to loopback and starts without certificate and token."""
    check_binding(bound(tmp_path, otlp_grpc=address, otlp_http=address))


@pytest.mark.parametrize("address", ["0.0.0.0:4317", "[::]:4317", ":4317", "192.168.1.2:4317", "collector.example:4317"])
def test_other_addresses_need_tls_and_a_token(tmp_path: Path, certificate: tuple[Path, Path], address: str) -> None:
    """Both problems are said at once, each with its key; with TLS and token, or insecure, the start goes on."""
    with pytest.raises(ConfigInvalid) as found:
        check_binding(bound(tmp_path, otlp_grpc=address, otlp_http=address))
    assert [key for key, _ in found.value.problems] == ["collector.otlp_grpc", "collector.otlp_http"]
    assert "collector.tls_certificate and collector.tls_key and collector.otlp_token" in str(found.value)
    check_binding(bound(tmp_path, otlp_grpc=address, insecure=True))
    check_binding(bound(tmp_path, otlp_grpc=address, tls_certificate=str(certificate[0]), tls_key=str(certificate[1]), otlp_token="sesame"))


def test_half_a_tls_setting_is_a_problem(tmp_path: Path) -> None:
    """A certificate without its key, or files that are not there, are said before anything starts."""
    with pytest.raises(ConfigInvalid) as found:
        check_binding(bound(tmp_path, tls_certificate=str(tmp_path / "none.pem")))
    assert found.value.problems == [
        ("collector.tls_key", "is needed with collector.tls_certificate"),
        ("collector.tls_certificate", f"no file {tmp_path / 'none.pem'}"),
    ]
