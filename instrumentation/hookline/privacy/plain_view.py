"""A text with its escapes undone, and the way back to the original positions.

Tool output is seldom plain: it is JSON in JSON, coloured for a terminal, a URL, a page. A secret in it follows a `\\n`, `%3D`,
`&quot;` or the `m` of a colour, where no pattern would know its beginning. `PlainView` gives the plain text, in which the
patterns look, and maps what they find back to the text that leaves. One pass, linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final

_COLOUR = r"(?:\x1b|\x9b|\\{1,8}(?:u001[bB]|x1[bB]|033|e))\[?[0-9;?]{0,20}[A-Za-z]"
_ESCAPE = re.compile(
    rf"(?P<colour>{_COLOUR})"
    r"|\\{1,8}(?:u00(?P<hex>[0-9a-fA-F]{2})|(?P<letter>[nrtbf])|(?P<sign>[\"'/]))"
    r"|%(?:25){0,3}(?P<percent>[0-9A-Fa-f]{2})"
    r"|&(?P<entity>quot|amp|apos|lt|gt|#0{0,4}3[49]|#[xX]0{0,4}2[27]);"
)
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ENTITIES: Final = {"quot": '"', "amp": "&", "apos": "'", "lt": "<", "gt": ">"}


class PlainView:
    """`text` is the plain reading; `span` maps a part of it to the original."""

    def __init__(self, original: str) -> None:
        self._keys: list[int] = []  # 2 i + 1: the sign at i is written longer; 2 i: something unseen stands before i
        self._shifts: list[int] = []
        parts: list[str] = []
        at = length = shift = 0
        for found in _ESCAPE.finditer(original):
            parts.append(original[at : found.start()])
            length += found.start() - at
            sign = _read(found)
            parts.append(sign)
            shift += found.end() - found.start() - len(sign)
            self._keys.append(2 * length + len(sign))
            self._shifts.append(shift)
            length += len(sign)
            at = found.end()
        self.is_other = bool(parts)
        self.text = "".join([*parts, original[at:]]) if parts else original

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the plain text is in the original; colours around it stay outside."""
        return start + self._shift(bisect_right(self._keys, 2 * start)), end + self._shift(bisect_left(self._keys, 2 * end))

    def _shift(self, count: int) -> int:
        return self._shifts[count - 1] if count else 0


def _read(found: re.Match[str]) -> str:
    """Return the sign that an escape stands for; nothing for a colour."""
    if found["colour"]:
        return ""
    if letter := found["letter"]:
        return _LETTERS[letter]
    if code := found["hex"] or found["percent"]:
        return chr(int(code, 16))
    if entity := found["entity"]:
        return _ENTITIES.get(entity) or ('"' if entity[-1] in "42" else "'")
    return found["sign"] or ""
