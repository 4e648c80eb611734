"""A bounded memory of keys, in two generations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class BoundedMemory(Generic[Key]):
    """Remembers at most `limit` keys; those asked for lately stay longest.

    When the younger generation is full it becomes the older, and what the older held and nobody asked for is forgotten.
    """

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._young: set[Key] = set()
        self._old: set[Key] = set()

    def __contains__(self, key: Key) -> bool:
        if key in self._young:
            return True
        if key not in self._old:
            return False
        self.remember((key,))
        return True

    def __len__(self) -> int:
        return len(self._young | self._old)

    def remember(self, keys: Iterable[Key]) -> None:
        """Remember keys, forgetting the oldest past the limit."""
        for key in keys:
            if len(self._young) >= self._half:
                self._old, self._young = self._young, set()
            self._young.add(key)
