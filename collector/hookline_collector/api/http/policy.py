"""Who may ask for pages and API: pure decisions over a request's headers.

1. The Host must be one of ours. A page of a stranger whose name is made to point at 127.0.0.1 (DNS rebinding) sends its own
   name, so it never gets past this. An address written as a number cannot be rebound and is let through.
2. An Origin, where one is sent, must be the Host itself, over HTTPS where we speak it. The cookie is SameSite=Strict, but a "site" is blind to ports:
   another program's page on 127.0.0.1 would send it along.
3. A token: `Authorization: Bearer`, or the cookie that the printed link sets. The cookie holds a value derived from the
   token, not the token, because browsers send cookies of 127.0.0.1 to every port of it.

All comparisons of secrets take the same time whatever is given.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from hookline_collector.serving.address import host_of, is_number


@dataclass(frozen=True, slots=True)
class ApiPolicy:
    """What is allowed in: the token, more host names, and the port that names the cookie."""

    token: str
    hosts: frozenset[str]
    port: int

    @property
    def cookie_name(self) -> str:
        """Name of the cookie; it holds the port so that two collectors on one machine keep apart."""
        return f"hookline_{self.port}"

    @property
    def cookie_value(self) -> str:
        """Value of the cookie: derived from the token, of no use as a token."""
        return hmac.new(self.token.encode(), b"hookline cookie", hashlib.sha256).hexdigest()

    def knows_host(self, host: str | None) -> bool:
        """Whether the Host header names this server."""
        name = host_of(host or "")
        return bool(name) and (name in self.hosts or name.endswith(".localhost") or is_number(name))

    def knows_origin(self, origin: str | None, host: str | None, *, tls: bool = False) -> bool:
        """Whether a request with this Origin comes from our own pages, or from no page at all. Without TLS of ours a proxy may have some."""
        if origin is None:
            return True
        scheme, _, authority = origin.partition("://")
        return authority == host and scheme in (("https",) if tls else ("http", "https"))

    def is_token(self, given: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def admits(self, authorization: str | None, cookies: str | None) -> bool:
        """Whether one of the two ways to show the token does."""
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() == "bearer":
            return self.is_token(given.strip())
        return hmac.compare_digest(_cookie(cookies or "", self.cookie_name).encode(), self.cookie_value.encode())


def _cookie(header: str, name: str) -> str:
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
