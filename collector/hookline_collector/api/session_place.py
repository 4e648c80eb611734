"""Where a session is found: on which days what was worked out of it lies, and when what was told of it.

The statements that ask for what a session has are bound to it: they would open every day's tables otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException

from hookline.system.clock import NS_PER_S
from hookline_collector.api.questions import Reading
from hookline_collector.store.queries import load_query
from hookline_collector.work.period import moment

OF_PLACE: Final = ("started_ns", "last_ns", "ended_ns", "first_day", "last_day")
"""The columns of a session that say it."""
AROUND_NS: Final = 60 * NS_PER_S
"""What belongs to a session may have been told so long before or after it."""


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """Whose a session is, and where it is found."""

    agent: str
    start_ns: int
    end_ns: int
    first_day: str
    last_day: str

    def bound(self, session_id: str) -> dict[str, Any]:
        """Return it as statements bind it."""
        return {"session_id": session_id, "start": self.start_ns, "end": self.end_ns, "since": self.first_day, "until": self.last_day}


async def known_session(reading: Reading, session_id: str) -> SessionPlace:
    """Return where a session is found. Raises HTTPException for one that the store does not know."""
    found = (await reading.ask(load_query(__package__, "session_place"), {"session_id": session_id})).as_dicts()
    if not found:
        raise HTTPException(404, f"the store knows no session {session_id}; `hookline sessions` lists them")
    return place_of(found[0])


def place_of(row: Mapping[str, Any]) -> SessionPlace:
    """Return where a session is: on the days of its time, all there is of one that is not worked out yet, and on those where its rows lie."""
    start_ns, last_ns = row["started_ns"] or row["last_ns"], row["last_ns"]
    first = start_ns - AROUND_NS
    last = max(start_ns, last_ns, row["ended_ns"] or 0) + AROUND_NS
    days = (*(moment(each).date().isoformat() for each in (first, last)), row["first_day"], row["last_day"])
    return SessionPlace(row["agent"], first, last, min(days), max(days))
