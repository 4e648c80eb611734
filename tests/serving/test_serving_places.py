"""Who keeps a place when connections run short."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.settings.schema import LimitSettings
from hookline_collector.serving.places import Bounds, ConnectionPlaces


@dataclass(eq=False)
class Guest:
    """A connection that notes whether it was sent away."""

    has_left: bool = False

    def leave(self) -> None:
        """Note it."""
        self.has_left = True


def places(most: int, *, has_token: bool) -> ConnectionPlaces:
    """Return places of a listener."""
    return ConnectionPlaces(Bounds.of(LimitSettings(max_connections=most), has_token=has_token, max_body_bytes=1, keep_alive_s=1))


def guests(taken: ConnectionPlaces, count: int) -> list[Guest]:
    """Let so many come in."""
    found = [Guest() for _ in range(count)]
    assert all(taken.take(guest) for guest in found)
    return found


def test_past_the_places_the_first_stranger_goes() -> None:
    """Each newcomer is let in, and as many as there are places stay."""
    found = guests(places(8, has_token=False), 20)
    assert [guest.has_left for guest in found] == [True] * 12 + [False] * 8


def test_half_of_the_places_are_for_those_who_showed_the_token() -> None:
    """Strangers never have more than the other half, and those who are known are never sent away."""
    taken = places(8, has_token=True)
    known = guests(taken, 4)
    for guest in known:
        taken.keep(guest)
    strangers = guests(taken, 100)
    assert not any(guest.has_left for guest in known)
    assert sum(not guest.has_left for guest in strangers) == 4 == len(taken) - len(known)


def test_when_all_are_known_the_newcomer_goes() -> None:
    """Until one of them leaves."""
    taken = places(4, has_token=False)
    known = guests(taken, 4)
    for guest in known:
        taken.keep(guest)
    late = Guest()
    assert not taken.take(late)
    taken.give_up(late)
    taken.give_up(known[0])
    assert taken.take(Guest())


def test_whoever_was_sent_away_keeps_nothing() -> None:
    """A request that is let in when its connection has gone already does not bring the place back."""
    taken = places(1, has_token=False)
    first, _ = guests(taken, 2)
    taken.keep(first)
    assert len(taken) == 1
