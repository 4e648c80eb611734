"""Texts of `notify.yaml` that must be something: a name, an address, a key. Each returns its text or raises ValueError, which repeats no secret."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hookline_collector.alerts.templates import check_template

_NAME = re.compile(r"[^\x00-\x1f/?#]{1,100}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_RESERVED = frozenset(
    ("host", "content-length", "content-type", "transfer-encoding", "connection", "webhook-id", "webhook-timestamp", "webhook-signature")
)


def a_name(text: str) -> str:
    """Return a name that can stand in a path and a line. Raises ValueError."""
    if not _NAME.fullmatch(text):
        raise ValueError("a name has 1 to 100 characters, none of them /, ? or #")
    return text


def a_url(text: str) -> str:
    """Return an address of HTTP. Raises ValueError, which does not repeat it: it may hold a secret."""
    try:
        found = urlsplit(text)
        is_good = found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:
        is_good = False
    if not is_good or not text.isascii() or any(char.isspace() or not char.isprintable() for char in text):
        raise ValueError("it must be an address such as https://example.org/hook")
    if "@" in found.netloc:
        raise ValueError("an address holds no user and password; use headers or bearer_token")
    return text


def a_signing_key(text: str) -> str:
    """Return a key of Standard Webhooks: whsec_ and 24 to 64 bytes in base64. Raises ValueError."""
    try:
        length = len(base64.b64decode(text.removeprefix("whsec_") + "==", validate=False))
    except (binascii.Error, ValueError):
        length = 0
    if not text.startswith("whsec_") or not 24 <= length <= 64:
        raise ValueError("a signing key is whsec_ and 24 to 64 random bytes in base64: printf whsec_; openssl rand -base64 32")
    return text


def an_address(text: str) -> str:
    """Return a host and a port. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port[:6]) < 65_536):
        raise ValueError("it must be a host and a port, such as mail.example.org:587")
    return text


def a_zone(text: str) -> str:
    """Return a time zone's name. Raises ValueError."""
    try:
        ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"there is no time zone {text[:100]!r}") from None
    return text


def a_mailbox(text: str) -> str:
    """Return one line with an @. Raises ValueError."""
    if "@" not in text or not text.isprintable():
        raise ValueError("it must be an address of mail")
    return text


def no_text(text: str) -> str:
    """Return a text that is there. Raises ValueError."""
    if not text.strip():
        raise ValueError("it is empty")
    return text


def a_header(text: str) -> str:
    """Return a header's name that may be set. Raises ValueError."""
    if not _HEADER.fullmatch(text) or text.lower() in _RESERVED:
        raise ValueError("this header cannot be set")
    return text


def a_header_value(text: str) -> str:
    """Return what can stand in a header. Raises ValueError."""
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError("a header needs a value of printable ASCII")
    return text


def a_template(text: str) -> str:
    """Return a template of the sandbox. Raises ValueError."""
    if why := check_template(no_text(text), is_label=False):
        raise ValueError(why)
    return text
