"""The one map from errors to what a sender is told: a gRPC code, an HTTP status and a google.rpc.Status.

    error                 gRPC                  HTTP   sender retries
    Refused               UNAVAILABLE           503    yes, after RetryInfo / Retry-After
    TooLarge              RESOURCE_EXHAUSTED    413    no (no RetryInfo)
    Unauthenticated       UNAUTHENTICATED       401    no
    Forbidden             PERMISSION_DENIED     403    no
    UnknownHost           PERMISSION_DENIED     421    no
    NotFound              UNIMPLEMENTED         404    no
    WrongMethod           UNIMPLEMENTED         405    no
    UnsupportedMedia      INVALID_ARGUMENT      415    no
    Rejected              INVALID_ARGUMENT      400    no; details hold a BadRequest
    anything else         INTERNAL              500    no; the message says nothing of the inside

Back-pressure is 503 and not 429, because older senders drop a request on 429.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from hookline.errors import Refused, Rejected, TooLarge
from hookline.system.clock import NS_PER_S

MAX_MESSAGE_CHARS = 2_000  # status messages travel in gRPC trailers, which clients limit to 8 KiB


class Unauthenticated(Rejected):
    """No token, or not ours."""


class Forbidden(Rejected):
    """A web page of another origin."""


class UnknownHost(Forbidden):
    """A Host name that is not ours."""


class NotFound(Rejected):
    """No such path."""


class WrongMethod(Rejected):
    """Not a POST."""


class UnsupportedMedia(Rejected):
    """A Content-Type or Content-Encoding that nobody here reads."""


@dataclass(frozen=True, slots=True)
class SenderAnswer:
    """What the sender gets: numeric gRPC code, HTTP status, the status message, and when to try again (None: never)."""

    code: int
    http_status: int
    status: status_pb2.Status
    retry_after_s: float | None = None

    @property
    def retry_info(self) -> bytes:
        """Serialised RetryInfo, the value of the trailer `google.rpc.retryinfo-bin`."""
        serialized: bytes = _retry_info(self.retry_after_s or 0.0).SerializeToString()
        return serialized

    @property
    def http_headers(self) -> dict[str, str]:
        """Headers that go with the status."""
        headers = {401: {"www-authenticate": 'Bearer realm="hookline"'}, 405: {"allow": "POST"}, 415: {"accept-encoding": "gzip, deflate, zstd"}}
        found = dict(headers.get(self.http_status, {}))
        if self.retry_after_s is not None:
            found["retry-after"] = str(max(math.ceil(self.retry_after_s), 1))
        return found


_MAP: tuple[tuple[type[Exception], int, int], ...] = (
    (Refused, code_pb2.UNAVAILABLE, 503),
    (TooLarge, code_pb2.RESOURCE_EXHAUSTED, 413),
    (Unauthenticated, code_pb2.UNAUTHENTICATED, 401),
    (UnknownHost, code_pb2.PERMISSION_DENIED, 421),
    (Forbidden, code_pb2.PERMISSION_DENIED, 403),
    (NotFound, code_pb2.UNIMPLEMENTED, 404),
    (WrongMethod, code_pb2.UNIMPLEMENTED, 405),
    (UnsupportedMedia, code_pb2.INVALID_ARGUMENT, 415),
    (Rejected, code_pb2.INVALID_ARGUMENT, 400),
)


def answer_to(error: BaseException) -> SenderAnswer:
    """Return what the sender of a failed request is told."""
    for kind, code, http_status in _MAP:
        if isinstance(error, kind):
            return _answer(error, code, http_status)
    status = status_pb2.Status(code=code_pb2.INTERNAL, message="internal error; the collector's log says more")
    return SenderAnswer(code_pb2.INTERNAL, 500, status)


def _answer(error: BaseException, code: int, http_status: int) -> SenderAnswer:
    message = shorten(str(error), MAX_MESSAGE_CHARS)
    status = status_pb2.Status(code=code, message=message)
    retry_after_s = error.retry_after_s if isinstance(error, Refused) else None
    if retry_after_s is not None:
        _add_detail(status, _retry_info(retry_after_s))
    elif http_status == 400:
        violation = error_details_pb2.BadRequest.FieldViolation(field="body", description=message)
        _add_detail(status, error_details_pb2.BadRequest(field_violations=[violation]))
    return SenderAnswer(code, http_status, status, retry_after_s)


def shorten(text: str, limit: int) -> str:
    """Cut a text that is longer than `limit` characters."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _add_detail(status: status_pb2.Status, detail: Message) -> None:
    status.details.add().Pack(detail)


def _retry_info(retry_after_s: float) -> error_details_pb2.RetryInfo:
    delay = Duration()
    delay.FromNanoseconds(int(retry_after_s * NS_PER_S))
    return error_details_pb2.RetryInfo(retry_delay=delay)
