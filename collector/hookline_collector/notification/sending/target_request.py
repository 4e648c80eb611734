"""A request over HTTP as bytes and headers, and its signature as Standard Webhooks define it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from hookline.version import VERSION

USER_AGENT = f"Hookline/{VERSION}"
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TargetRequest:
    """A POST: where to, what, and headers beside those that every request has."""

    url: str
    body: bytes
    content_type: str = "application/json"
    headers: Headers = ()


def signed(request: TargetRequest, message_id: str, at_s: int, keys: Sequence[str]) -> Headers:
    """Return all headers of one attempt. The id is the message's on every attempt, the time is the attempt's; each key gives one signature."""
    own = {name.lower() for name, _ in request.headers}
    basic = (("Content-Type", request.content_type), ("User-Agent", USER_AGENT), ("Accept", "*/*"))
    marks = [("webhook-id", message_id), ("webhook-timestamp", str(at_s))]
    if keys:
        marks.append(("webhook-signature", " ".join(signature(key, message_id, at_s, request.body) for key in keys)))
    return (*(pair for pair in basic if pair[0].lower() not in own), *marks, *request.headers)


def signature(key: str, message_id: str, at_s: int, body: bytes) -> str:
    """Return one signature."""
    return Webhook(key).sign(message_id, datetime.fromtimestamp(at_s, UTC), body.decode())
