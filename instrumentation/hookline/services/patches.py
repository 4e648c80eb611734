"""Functions of libraries that are replaced while a process is watched, and how they come back.

Each replacement notes what it replaced, whether the class had it itself or by inheritance. Taking it back restores just that, so that nothing is
left; where somebody else replaced it after us, it stays theirs, and ours below it only hands on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

MARK: Final = "_hookline_original"
_NOTHING: Final = object()


class Patches:
    """What was replaced, in its order."""

    def __init__(self) -> None:
        self._done: list[tuple[Any, str, Any, Any]] = []
        self._to_undo: list[Callable[[], object]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> bool:
        """Put `make(original)` in the place of an attribute of a module or class; False where there is none, or ours stands there already."""
        original = getattr(owner, name, None)
        if original is None or hasattr(original, MARK):
            return False
        return self.replace_again(owner, name, make)

    def replace_again(self, owner: Any, name: str, make: Callable[[Any], Any]) -> bool:
        """The same, over what already is ours."""
        own = vars(owner).get(name, _NOTHING)
        original = own.__func__ if isinstance(own, (classmethod, staticmethod)) else getattr(owner, name)
        made: Any = functools.wraps(original)(make(original))
        setattr(made, MARK, original)
        if isinstance(own, (classmethod, staticmethod)):
            made = type(own)(made)
        setattr(owner, name, made)
        self._done.append((owner, name, own, made))
        return True

    def on_undo(self, act: Callable[[], object]) -> None:
        """Have something done when everything is taken back."""
        self._to_undo.append(act)

    def undo(self) -> None:
        """Take everything back, the last first."""
        while self._to_undo:
            self._to_undo.pop()()
        while self._done:
            owner, name, own, made = self._done.pop()
            if vars(owner).get(name, _NOTHING) is not made:
                continue
            if own is _NOTHING:
                delattr(owner, name)
            else:
                setattr(owner, name, own)
