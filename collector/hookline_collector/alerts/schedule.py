"""Who is due when: a heap of moments on a clock that never jumps, each name at most once in force."""

from __future__ import annotations

import heapq
from collections.abc import Iterator


class DueTimes:
    """The due moments of names, in nanoseconds of a monotonic clock."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def put(self, name: str, due_ns: int) -> None:
        """Make a name due at a moment, whatever was said before."""
        if self._due.get(name) != due_ns:
            self._due[name] = due_ns
            heapq.heappush(self._heap, (due_ns, name))
            if len(self._heap) > 64 + 4 * len(self._due):
                self._heap = sorted((due_ns, name) for name, due_ns in self._due.items())

    def hasten(self, name: str, due_ns: int) -> bool:
        """Make a name due at a moment unless it is before; return whether that changed anything."""
        if self._due.get(name, due_ns + 1) <= due_ns:
            return False
        self.put(name, due_ns)
        return True

    def drop(self, name: str) -> None:
        """Forget a name."""
        self._due.pop(name, None)

    def clear(self) -> None:
        """Forget all."""
        self._due.clear()
        self._heap.clear()

    def next_ns(self) -> int | None:
        """Return when the next is due; None when nobody is."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now_ns: int) -> Iterator[str]:
        """Yield who is due, and forget that."""
        while (due_ns := self.next_ns()) is not None and due_ns <= now_ns:
            name = heapq.heappop(self._heap)[1]
            del self._due[name]
            yield name
