"""A text that no log, error or answer may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret: printed, it is three stars; `reveal` gives it to what sends it."""

    _text: str

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return HIDDEN if self._text else ""

    __str__ = __repr__
