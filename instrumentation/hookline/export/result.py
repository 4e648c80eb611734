"""What an endpoint's answer means for the data that was sent.

OTLP names which codes may be retried; real endpoints also answer with what a proxy, a wrong address or an expired token
makes of it. Nothing is thrown away for a reason that a person can mend, and nothing waits for ever behind a batch that
the endpoint will never take:

    ACCEPTED      stored; the endpoint may have refused single items (partial success), which are counted
    RETRY         the endpoint is away or busy: send the same again, after its own delay if it named one
    BLOCKED       the endpoint refuses us, not the data (token, address): keep everything, keep trying, say so in the status
    UNSUPPORTED   the endpoint takes other signals but not this one: drop the signal, count it, say so in the status
    DOUBTFUL      a code without a clear meaning (INTERNAL, 500): retry some times, then treat as REFUSED
    TOO_LARGE     the request is past a limit of the endpoint: halve it
    REFUSED       the data is bad: halve the batch until the bad item is alone, then set it aside
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class ExportOutcome(Enum):
    """The seven things that can become of a request."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    DOUBTFUL = "doubtful"
    TOO_LARGE = "too large"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """One answer: its kind, the reason for people, the delay that the endpoint asked for, items it refused all the same."""

    kind: ExportOutcome
    why: str = ""
    retry_after_s: float | None = None
    rejected: int = 0


ACCEPTED = ExportResult(ExportOutcome.ACCEPTED)

_GRPC_KINDS = {
    "CANCELLED": ExportOutcome.RETRY,
    "DEADLINE_EXCEEDED": ExportOutcome.RETRY,
    "RESOURCE_EXHAUSTED": ExportOutcome.RETRY,
    "ABORTED": ExportOutcome.RETRY,
    "OUT_OF_RANGE": ExportOutcome.RETRY,
    "UNAVAILABLE": ExportOutcome.RETRY,
    "DATA_LOSS": ExportOutcome.RETRY,
    "UNAUTHENTICATED": ExportOutcome.BLOCKED,
    "PERMISSION_DENIED": ExportOutcome.BLOCKED,
    "NOT_FOUND": ExportOutcome.BLOCKED,
    "UNIMPLEMENTED": ExportOutcome.UNSUPPORTED,
    "INVALID_ARGUMENT": ExportOutcome.REFUSED,
}
_HTTP_KINDS = {
    401: ExportOutcome.BLOCKED,
    402: ExportOutcome.BLOCKED,
    403: ExportOutcome.BLOCKED,
    404: ExportOutcome.UNSUPPORTED,
    405: ExportOutcome.UNSUPPORTED,
    407: ExportOutcome.BLOCKED,
    408: ExportOutcome.RETRY,
    413: ExportOutcome.TOO_LARGE,
    425: ExportOutcome.RETRY,
    429: ExportOutcome.RETRY,
    500: ExportOutcome.DOUBTFUL,
    501: ExportOutcome.UNSUPPORTED,
}
_ADVICE = {
    ExportOutcome.BLOCKED: " (is relay.headers right?)",
    ExportOutcome.UNSUPPORTED: " (are relay.endpoint and relay.protocol right?)",
}
_REJECTED = ("rejected_spans", "rejected_log_records", "rejected_data_points")
_SIZE_WORDS = ("larger than max", "too large", "max_recv_msg_size")  # how gRPC servers word their message limit


def from_grpc(code: str, details: str, retry_after_s: float | None) -> ExportResult:
    """Interpret a failed call by the name of its status code."""
    why = f"{code}: {details}" if details else code
    if code == "RESOURCE_EXHAUSTED" and any(word in details.lower() for word in _SIZE_WORDS):
        return ExportResult(ExportOutcome.TOO_LARGE, why)
    return _advise(_GRPC_KINDS.get(code, ExportOutcome.DOUBTFUL), why, retry_after_s)


def from_http(status: int, reason: str, retry_after_s: float | None, location: str = "") -> ExportResult:
    """Interpret an HTTP answer. A redirect is no success: the data was not taken."""
    why = f"HTTP {status} {reason}".rstrip()
    if 200 <= status < 300:
        return ACCEPTED
    if 300 <= status < 400:
        return ExportResult(ExportOutcome.BLOCKED, f"{why}: redirected to {location or 'another address'}, set relay.endpoint to it")
    if status > 501:
        return ExportResult(ExportOutcome.RETRY, why, retry_after_s)
    return _advise(_HTTP_KINDS.get(status, ExportOutcome.REFUSED), why, retry_after_s)


def _advise(kind: ExportOutcome, why: str, retry_after_s: float | None) -> ExportResult:
    return ExportResult(kind, why + _ADVICE.get(kind, ""), retry_after_s)


def unreachable(why: str) -> ExportResult:
    """Interpret an attempt that got no answer."""
    return ExportResult(ExportOutcome.RETRY, why)


def rejected_items(response: Any) -> tuple[str, None, int]:
    """Return (message, no delay, how many items were refused) of an accepted request's response. The SDK's exporters pass over it."""
    partial = response.partial_success
    count = next((getattr(partial, name) for name in _REJECTED if hasattr(partial, name)), 0)
    return partial.error_message, None, max(0, count)
