"""Who may send: the token, the Host and Origin of HTTP requests, TLS, and where it is safe to bind.

A web page can make its visitor's browser post to 127.0.0.1. It cannot hide two things: the Origin header, and (when its own
name is made to point here) the Host it asked for. So a request with an Origin is refused unless its host is allowed, and on
loopback without a token the Host must be one of ours. Beyond loopback TLS and a token are needed, and the token says it all.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path

import grpc

from hookline.errors import ConfigInvalid
from hookline.settings.schema import CollectorSettings, Settings
from hookline_collector.receive.status import Forbidden, Unauthenticated, UnknownHost
from hookline_collector.serving.address import host_of, is_loopback, is_number

__all__ = ["OtlpPolicy", "check_binding", "grpc_credentials", "host_of", "is_loopback", "is_number"]


@dataclass(frozen=True, slots=True)
class OtlpPolicy:
    """Decides over the headers of a request."""

    token: str
    allowed_hosts: frozenset[str]
    checks_host: bool

    @classmethod
    def for_address(cls, settings: CollectorSettings, address: str) -> OtlpPolicy:
        """Return the policy of a receiver that listens on `address`."""
        host = host_of(address)
        allowed = frozenset(name.lower() for name in settings.allowed_hosts)
        return cls(settings.otlp_token, allowed, checks_host=is_loopback(host) and not settings.otlp_token)

    def check_token(self, authorization: str | None) -> None:
        """Raise Unauthenticated when a token is needed and this is not it. Takes the same time whatever is given."""
        if not self.token:
            return
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), self.token.encode()):
            raise Unauthenticated("give the collector's token as Authorization: Bearer (collector.otlp_token)")

    def check_host(self, host: str | None) -> None:
        """Raise UnknownHost for a name that is not ours. An address written as a number cannot be rebound and passes."""
        if self.checks_host and host is not None and not self._knows(host_of(host)):
            raise UnknownHost(f"Host {host[:100]!r} is not this collector; add the name to collector.allowed_hosts")

    def check_origin(self, origin: str | None) -> None:
        """Raise Forbidden for a request that a web page makes, unless its host is allowed."""
        if origin is not None and _page_host(origin) not in self.allowed_hosts:
            raise Forbidden("requests of web pages are refused; add the page's host to collector.allowed_hosts")

    def _knows(self, name: str) -> bool:
        return name == "localhost" or name in self.allowed_hosts or name.endswith(".localhost") or is_number(name)


def _page_host(origin: str) -> str:
    """Return the host of a page's origin; empty where it is no web page's."""
    scheme, _, authority = origin.partition("://")
    return host_of(authority) if scheme in ("http", "https") else ""


def check_binding(settings: Settings) -> None:
    """Raise ConfigInvalid, with every problem, when OTLP would be open to others without TLS and a token."""
    collector = settings.collector
    problems = [("collector.tls_key", "is needed with collector.tls_certificate")] if collector.tls_certificate and not collector.tls_key else []
    problems += [("collector.tls_certificate", "is needed with collector.tls_key")] if collector.tls_key and not collector.tls_certificate else []
    for key, path in (("collector.tls_certificate", collector.tls_certificate), ("collector.tls_key", collector.tls_key)):
        if path and not Path(path).is_file():
            problems.append((key, f"no file {path}"))
    for key, address in (("collector.otlp_grpc", collector.otlp_grpc), ("collector.otlp_http", collector.otlp_http)):
        problems += _open_to_others(key, address, collector)
    if problems:
        raise ConfigInvalid(problems)


def _open_to_others(key: str, address: str, collector: CollectorSettings) -> list[tuple[str, str]]:
    missing = [name for name in ("tls_certificate", "tls_key", "otlp_token") if not getattr(collector, name)]
    if collector.insecure or not missing or is_loopback(host_of(address)):
        return []
    needed = " and ".join(f"collector.{name}" for name in missing)
    return [
        (
            key,
            f"{address} can be reached from other machines: set {needed}, or bind to 127.0.0.1 (or collector.insecure, behind a proxy)",
        )
    ]


def grpc_credentials(settings: CollectorSettings) -> grpc.ServerCredentials | None:
    """Return the TLS credentials of the gRPC server, None without a certificate."""
    if not settings.tls_certificate:
        return None
    pair = (Path(settings.tls_key).read_bytes(), Path(settings.tls_certificate).read_bytes())
    return grpc.ssl_server_credentials([pair])
