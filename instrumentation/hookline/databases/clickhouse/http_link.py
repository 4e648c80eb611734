"""Statements over ClickHouse's HTTP interface, one at a time, each with a time.

A thread of its own sends them, so that a server that hangs holds up nobody else; nothing but the standard library is needed.
"""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from hookline.databases.troubles import LinkLost, NotNow, NotVisible

AGENT = "hookline"
"""How the agent's own queries are known."""
TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 16 * 1024 * 1024
_REFUSED = {516: "the password is not accepted", 192: "there is no such user", 193: "the password is not accepted", 194: "it asks for a password"}
_SLOW = {159, 160, 202, 241}
"""Codes of statements that took too long or found no room: time-out, too slow, too many queries, memory."""


class ClickHouseLink:
    """One server. `close` ends the thread."""

    def __init__(self, url: str, password: str) -> None:
        parts = urlsplit(url)
        scheme = "https" if parts.scheme == "https" else "http"
        host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or "localhost"
        self._url = urlunsplit((scheme, f"{host}:{parts.port or (8443 if scheme == 'https' else 8123)}", "/", "", ""))
        self._headers = {"User-Agent": AGENT}
        if parts.username:
            credentials = f"{unquote(parts.username)}:{password}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hookline-clickhouse")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    async def ask(self, sql: str, values: Mapping[str, int | str] | None = None) -> list[list[Any]]:
        """Return the rows of a statement. Raises LinkLost, NotVisible or NotNow."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._ask, sql, dict(values or {}))

    def close(self) -> None:
        """Wait for nobody."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ask(self, sql: str, values: dict[str, int | str]) -> list[list[Any]]:
        parameters = {"default_format": "JSONCompact", **{f"param_{name}": value for name, value in values.items()}}
        request = urllib.request.Request(f"{self._url}?{urlencode(parameters, quote_via=quote)}", sql.encode(), self._headers)  # noqa: S310 - http(s) only
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                body = answer.read(MAX_ANSWER_BYTES + 1)
        except urllib.error.HTTPError as why:
            with why:
                raise _trouble(int(why.headers.get("X-ClickHouse-Exception-Code") or 0), why.code, why.read(2_000).decode(errors="replace")) from None
        except (OSError, urllib.error.URLError) as why:
            reason = getattr(why, "reason", why)
            raise LinkLost(f"it does not answer within {TIMEOUT_S:g} s" if isinstance(reason, TimeoutError) else str(reason)) from None
        try:
            rows: list[list[Any]] = json.loads(body)["data"]
        except (ValueError, KeyError, TypeError):
            raise NotVisible("the answer is not ClickHouse's") from None
        return rows


def _trouble(code: int, status: int, said: str) -> Exception:
    if code in _REFUSED or status in {401, 403}:
        return LinkLost(_REFUSED.get(code, "the password is not accepted"))
    if code in _SLOW:
        return NotNow(said.strip()[:200])
    if not code and status >= 500:
        return LinkLost(f"it answers {status}")
    return NotVisible(" ".join(said.split())[:200])
