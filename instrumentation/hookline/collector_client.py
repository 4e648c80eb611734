"""Asking the running collector over its API, with nothing but the standard library.

The address comes from the file that a collector leaves while it runs, else from the settings; the token from its file.
Problems of the API come back as the errors they were: Rejected, Refused; no answer at all is NotRunning.
"""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from hookline.errors import HooklineError, NotRunning, Refused, Rejected
from hookline.settings import Settings
from hookline.system import runtime

PATIENCE_S = 10.0
FRESH_HEADER = "Hookline-Fresh"
Tell = Callable[[str], None]


def tell_nobody(_: str) -> None:
    """Leave it unsaid."""


@dataclass(frozen=True, slots=True)
class Client:
    """The API of one collector. `tell_stale` hears why an answer does not have everything in it that was received before the question."""

    url: str
    token: str
    certificate: str = ""
    tell_stale: Tell = tell_nobody

    def get(self, path: str, timeout_s: float = PATIENCE_S) -> Any:
        """Return the JSON answer of a GET."""
        return json.loads(self.ask("GET", path, None, timeout_s))

    def post(self, path: str, body: Any, timeout_s: float = PATIENCE_S) -> Any:
        """Return the JSON answer of a POST of JSON."""
        return json.loads(self.ask("POST", path, body, timeout_s))

    def ask(self, method: str, path: str, body: Any, timeout_s: float = PATIENCE_S) -> bytes:
        """Return the bytes of an answer. Raises NotRunning, Refused or Rejected."""
        encoded = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"} | ({"Content-Type": "application/json"} if encoded else {})
        request = urllib.request.Request(self.url + path, encoded, headers, method=method)  # noqa: S310 - the address is the collector's own
        try:
            with self._opener().open(request, timeout=timeout_s) as answer:
                content: bytes = answer.read()
                fresh, _, stale = answer.headers.get(FRESH_HEADER, "true").partition("; ")
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.UNAUTHORIZED:
                raise NotRunning(_not_ours(self.url)) from None
            with error:
                raise _as_error(error) from None
        except TimeoutError:
            raise Refused(f"the collector at {self.url} did not answer within {timeout_s:g} s") from None
        except (OSError, http.client.HTTPException) as why:
            reason = getattr(why, "reason", why)
            raise NotRunning(f"no collector answers at {self.url} ({reason}): start it with `hookline up`") from None
        if fresh == "false":
            self.tell_stale(stale)
        return content

    def _opener(self) -> urllib.request.OpenerDirector:
        """Open without the proxies of the environment: the collector is asked directly."""
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self.url.startswith("https"):
            handlers.append(urllib.request.HTTPSHandler(context=_pinned(self.certificate)))
        return urllib.request.build_opener(*handlers)


def _pinned(certificate: str) -> ssl.SSLContext:
    """Return a context that trusts the collector's own certificate file, whoever signed it; it seldom names 127.0.0.1."""
    context = ssl.create_default_context(cafile=certificate or None)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def client_for(settings: Settings, tell_stale: Tell = tell_nobody) -> Client:
    """Return a client for the collector of this data folder."""
    found = runtime.read(settings.runtime_path)
    scheme = "https" if settings.collector.tls_certificate else "http"
    url = found.url if found else f"{scheme}://{runtime.reachable(settings.collector.http)}"
    return Client(url, _token(settings), settings.collector.tls_certificate, tell_stale)


def page_link(settings: Settings) -> str:
    """Return the link to the pages, with the token that opens them."""
    client = client_for(settings)
    return f"{client.url}/?token={client.token}"


def _token(settings: Settings) -> str:
    try:
        return settings.token_path.read_text().strip()
    except OSError:
        return ""


def _not_ours(url: str) -> str:
    """Return what it means that a collector does not take our token."""
    why = f"the collector at {url} rejects the token of this data folder; it belongs to another user or to another --data-dir"
    return f"{why}; start your own with `hookline up --http 127.0.0.1:0`"


def _as_error(error: urllib.error.HTTPError) -> HooklineError:
    try:
        detail = json.loads(error.read())["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"the collector answered {error.code} {error.reason}"
    if error.code in (429, 503):
        return Refused(detail, float(error.headers.get("Retry-After") or 1))
    return Rejected(detail) if error.code < 500 else HooklineError(detail)
