"""Raw requests to the collector's ClickHouse interface, and reading what comes back."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from support.running import Running


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def code(self) -> int:
        """The number of the error, 0 for none."""
        return int(self.headers.get("x-clickhouse-exception-code", "0"))


@dataclass(frozen=True, slots=True)
class ClickHouseAsker:
    """Asks one collector."""

    address: str
    token: str

    @classmethod
    def of(cls, running: Running) -> ClickHouseAsker:
        """Ask a collector that runs."""
        return cls(running.found.clickhouse, running.client.token)

    @property
    def login(self) -> dict[str, str]:
        """The header that shows the token."""
        return {"Authorization": "Basic " + base64.b64encode(f"hookline:{self.token}".encode()).decode()}

    def ask(
        self,
        sql: str | bytes = "",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        named: Mapping[str, str] | None = None,
        path: str = "/",
    ) -> RawAnswer:
        """Send a statement with the token, and these parameters in the URL."""
        return self.send(method, f"{path}?{urlencode(named)}" if named else path, sql, {**self.login, **(headers or {})})

    def send(self, method: str, target: str, body: str | bytes = b"", headers: Mapping[str, str] | None = None) -> RawAnswer:
        """Send any request."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, target, body.encode() if isinstance(body, str) else body, dict(headers or {}))
            got = connection.getresponse()
            return RawAnswer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            connection.close()
