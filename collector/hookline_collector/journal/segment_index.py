"""What a signal's queue holds: the open segment, the sealed ones in order, those held back, those that are stored but not yet on the store's disk,
and those that only wait to be removed."""

from collections.abc import Collection, Iterable

from hookline_collector.journal.segment import Segment


class SegmentIndex:
    """Bookkeeping without I/O; the sums are kept so that reading them costs nothing."""

    def __init__(self) -> None:
        self.opened: Segment | None = None
        self.sealed: list[Segment] = []
        self.stored: dict[str, Segment] = {}
        self.spent: list[Segment] = []
        self._held_until: dict[str, float] = {}
        self._settled: dict[str, int] = {}
        self._sealed_bytes = 0
        self._sealed_items = 0
        self._stored_bytes = 0

    @property
    def bytes(self) -> int:
        """Bytes on the disk."""
        return self._sealed_bytes + self._stored_bytes + (self.opened.size if self.opened else 0) + sum(s.size for s in self.spent)

    @property
    def items(self) -> int:
        """Acknowledged items that are neither stored nor set aside yet."""
        return self._sealed_items + (self.opened.items if self.opened else 0) - sum(self._settled.values())

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Every segment with something to be stored, oldest first, the open one last."""
        return (*self.sealed, self.opened) if self.opened else tuple(self.sealed)

    @property
    def held(self) -> int:
        """How many segments are held back because the store refused them while it took others."""
        return len(self._held_until)

    def add(self, sealed: Iterable[Segment], opened: Segment | None) -> None:
        """Take over newly sealed segments and the one that is open now."""
        for segment in sealed:
            self.sealed.append(segment)
            self._sealed_bytes += segment.size
            self._sealed_items += segment.items
        self.opened = opened

    def account(self, segment: Segment, items: int) -> None:
        """Note that items of a segment are stored or set aside."""
        self._settled[segment.id] = self._settled.get(segment.id, 0) + items

    def hold(self, segment: Segment, until: float) -> None:
        """Hold a segment back, so that those behind it are sent first."""
        self._held_until[segment.id] = until

    def first_due(self, now: float) -> Segment | None:
        """Return the oldest sealed segment that is not held back."""
        return next((s for s in self.sealed if self._held_until.get(s.id, now) <= now), None)

    def newest_but(self, others: Collection[str]) -> Segment | None:
        """Return the newest sealed segment that is none of `others`."""
        return next((s for s in reversed(self.sealed) if s.id not in others), None)

    def held_ids(self) -> frozenset[str]:
        """Return the ids of the segments that are held back."""
        return frozenset(self._held_until)

    def due_in(self, now: float) -> float | None:
        """Return how long until a held segment is due, None if none is held."""
        return min((max(0.0, at - now) for at in self._held_until.values()), default=None)

    def keep_stored(self, segment: Segment) -> None:
        """Move a sealed segment to those that are stored: nothing of it is to be sent any more."""
        self.sealed = [s for s in self.sealed if s.id != segment.id]
        self._sealed_bytes -= segment.size
        self._sealed_items -= segment.items
        self._settled.pop(segment.id, None)
        self._held_until.pop(segment.id, None)
        self.stored[segment.id] = segment
        self._stored_bytes += segment.size

    def retire(self, segment: Segment) -> None:
        """Move a segment to those that only wait to be removed."""
        if segment.id not in self.stored:
            self.keep_stored(segment)
        self._stored_bytes -= self.stored.pop(segment.id).size
        self.spent.append(segment)

    def is_sealed(self, segment_id: str) -> bool:
        """Whether a segment is here and still to be stored."""
        return any(s.id == segment_id for s in self.sealed)
