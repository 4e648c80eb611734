"""What came of one attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hookline_collector.notification.formats.message_text import one_line

AnswerKind = Literal["delivered", "again", "refused"]
MAX_ANSWER_CHARS = 300
TOO_MANY = 429
AGAIN = frozenset((408, 425, TOO_MANY))


@dataclass(frozen=True, slots=True)
class TargetAnswer:
    """Delivered, to be tried again (after `retry_after_s` at the earliest), or refused for good. `text` may be shown: it holds no secret."""

    kind: AnswerKind
    code: int = 0
    text: str = ""
    retry_after_s: float | None = None


def again(text: str, code: int = 0) -> TargetAnswer:
    """Return that it is to be tried again."""
    return TargetAnswer("again", code, one_line(text, MAX_ANSWER_CHARS))


def refused(text: str, code: int = 0) -> TargetAnswer:
    """Return that trying again will not help."""
    return TargetAnswer("refused", code, one_line(text, MAX_ANSWER_CHARS))


def of_status(code: int, body: bytes, retry_after: str = "") -> TargetAnswer:
    """Return what a status of HTTP means: 2xx is delivered; 5xx, 429, 408 and 425 are tried again; everything else is refused for good."""
    text = one_line(body.decode(errors="replace"), MAX_ANSWER_CHARS)
    if 200 <= code < 300:
        return TargetAnswer("delivered", code, text)
    if code >= 500 or code in AGAIN:
        return TargetAnswer("again", code, text, float(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else None)
    return TargetAnswer("refused", code, text)
