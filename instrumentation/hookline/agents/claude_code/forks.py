"""Which session a transcript was forked from.

A forked session's transcript begins with a copy of the session it goes on from: the same lines under the new session's id. In the copy
each answer still names the session that asked for it (`requestSessionId`, or `forkedFrom.sessionId`). No hook tells it: a
fork is a process of its own. The copied part is told of by the session that it was copied from, so it is passed over here, or turns,
calls and tokens would count twice and the fork would seem to have begun when the other did.

Older clients do not name it. But a copied prompt keeps its line's uuid, so a prompt that was read in another session's transcript before is
a copy (`owner`): the copied part reaches to the first prompt that was not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookline.agents.claude_code.identity import NAME
from hookline.agents.claude_code.transcripts import is_prompt
from hookline.agents.equipment import Owner, nobody
from hookline.contract import semconv
from hookline.contract.events import SESSION_CONTINUED_RECORD
from hookline.records import AttributeValue, LogRecord
from hookline.system.json_lines import parse_line, read_lines


@dataclass(frozen=True, slots=True)
class Copy:
    """The copied beginning of a transcript: whose it is (empty: nothing was copied) and the offset behind it."""

    session_id: str = ""
    end: int = 0


def copied_part(path: Path, owner: Owner = nobody) -> Copy:
    """Return the copied beginning of a transcript. Reads up to the first answer, or the first prompt that is known to be, of its own."""
    told = _told_copy(path)
    return told if told.session_id else _known_copy(path, owner)


def _known_copy(path: Path, owner: Owner) -> Copy:
    """Return the beginning whose prompts were read in another session's transcript before."""
    found = Copy()
    for line in read_lines(path, 0):
        parsed = parse_line(line.text)
        if not is_prompt(parsed):
            found = Copy(found.session_id, line.end) if found.session_id else found
        elif (known := owner(str(parsed.get("uuid") or ""))) and known != path.stem:
            found = Copy(found.session_id or known, line.end)
        else:
            break
    return found


def _told_copy(path: Path) -> Copy:
    found = Copy()
    for line in read_lines(path, 0):
        parsed = parse_line(line.text)
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
    return LogRecord(uid, SESSION_CONTINUED_RECORD, time_ns, {**shared, **own}, service=NAME)
