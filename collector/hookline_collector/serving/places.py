"""How many connections a listener holds, and who keeps a place when they run short.

A connection begins as a stranger. When a request on it was let in (it showed the token, or no token is needed) it keeps its place until it
ends. Strangers have places of their own number; past it the one that came first is closed for the one that comes now. So silent connections,
however many, push each other out, and whoever comes with a token is heard. When all places are kept the newcomer is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.types import Scope

from hookline.settings.schema import LimitSettings

STATE = "hookline.connection"


class Guest(Protocol):
    """A connection, as far as its place is concerned."""

    def leave(self) -> None:
        """Close at once."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a listener's connections may cost: how many there are, how long each waits, and what a body may hold.

    `ends_with_reader`: whoever closes its half of a connection wants no answer any more, so that a question which costs much ends with its asker.
    """

    max_connections: int
    max_strangers: int
    patience_s: float
    max_body_bytes: int
    keep_alive_s: float
    ends_with_reader: bool = False

    @classmethod
    def of(cls, limits: LimitSettings, *, has_token: bool, max_body_bytes: int, keep_alive_s: float, ends_with_reader: bool = False) -> Bounds:
        """Return the bounds that the settings name. Where a token is needed half of the places are for those who showed it."""
        strangers = max(1, limits.max_connections // 2) if has_token else limits.max_connections
        return cls(limits.max_connections, strangers, limits.request_timeout_s, max_body_bytes, keep_alive_s, ends_with_reader)


class ConnectionPlaces:
    """The connections of one listener."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._strangers: dict[Guest, None] = {}
        self._known: set[Guest] = set()
        self._is_closed = False

    def __len__(self) -> int:
        """How many are taken."""
        return len(self._strangers) + len(self._known)

    def take(self, guest: Guest) -> bool:
        """Give a newcomer a place, the first stranger's when they run short; False when all are kept, or when the house is closed."""
        if self._is_closed:
            return False
        while self._is_full():
            if not self._strangers:
                return False
            first = next(iter(self._strangers))
            del self._strangers[first]
            first.leave()
        self._strangers[guest] = None
        return True

    def keep(self, guest: Guest) -> None:
        """Let a guest keep its place: a request of it was let in."""
        if guest in self._strangers:
            del self._strangers[guest]
            self._known.add(guest)

    def give_up(self, guest: Guest) -> None:
        """Free the place of one that has gone."""
        self._strangers.pop(guest, None)
        self._known.discard(guest)

    def close(self) -> None:
        """Give no place any more."""
        self._is_closed = True

    def _is_full(self) -> bool:
        return len(self) >= self._bounds.max_connections or len(self._strangers) >= self._bounds.max_strangers


def show_token(scope: Scope) -> None:
    """Let the connection of a request that was let in keep its place; nothing where the app is not served by ours."""
    connection = scope.get("state", {}).get(STATE)
    if connection is not None:
        connection.keep_place()
