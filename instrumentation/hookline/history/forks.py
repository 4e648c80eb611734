"""Which session a transcript was forked from.

A forked session's transcript begins with a copy of the session it goes on from: the same lines under the new session's id. In the copy
each answer still names the session that asked for it (`requestSessionId`, or `forkedFrom.sessionId`). No hook tells it: a
fork is a process of its own. The copied part is told of by the session that it was copied from, so it is passed over here, or turns,
calls and tokens would count twice and the fork would seem to have begun when the other did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookline import semconv
from hookline.history.lines import read_lines
from hookline.records import AttributeValue, LogRecord

EVENT_CONTINUED = f"{semconv.EVENT_PREFIX}session_continued"


@dataclass(frozen=True, slots=True)
class Copy:
    """The copied beginning of a transcript: whose it is (empty: nothing was copied) and the offset behind it."""

    session_id: str = ""
    end: int = 0


def copied_part(path: Path) -> Copy:
    """Return the copied beginning of a transcript. Reads up to the first answer of its own."""
    found = Copy()
    for line in read_lines(path, 0):
        parsed = _parse(line.text)
        if origin := origin_of(parsed):
            found = Copy(origin, line.end)
        elif parsed.get("type") == "assistant":
            break
    return found


def origin_of(line: Mapping[str, Any]) -> str:
    """Return the session that a line was copied from; empty where it is its own session's."""
    forked = line.get("forkedFrom")
    told = line.get("requestSessionId") or (forked.get("sessionId") if isinstance(forked, dict) else "")
    return told if isinstance(told, str) and told != line.get("sessionId") else ""


def continued(session_id: str, previous_id: str, time_ns: int, shared: Mapping[str, AttributeValue]) -> LogRecord:
    """Return the record that says which session this one goes on from."""
    uid = hashlib.sha256("\0".join(("continued", session_id, previous_id)).encode()).hexdigest()[:32]
    own = {semconv.LOG_RECORD_UID: uid, semconv.SESSION_ID: session_id, semconv.SESSION_PREVIOUS_ID: previous_id, semconv.SIGNAL_SOURCE: "transcript"}
    return LogRecord(uid, EVENT_CONTINUED, time_ns, {**shared, **own})


def _parse(text: bytes | None) -> Mapping[str, Any]:
    try:
        line = json.loads(text or b"")
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}
