"""Names and cells that are harmless wherever they are shown.

Whoever makes a folder, a branch or a tool chooses its name, and names end up in terminals, calendars and spreadsheets. A name holds no control
characters and none that turn the direction of writing; a cell of a CSV file begins no formula.
"""

from __future__ import annotations

import re
from typing import Any

_DIRECTIONS = "\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{_DIRECTIONS}]+")
_UNSAFE_IN_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_DIRECTIONS}]+")  # lines and tabs may stay
_FORMULA = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+]?(\d[\d,.]*)?(e[-+]?\d+)?%?", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return a name without control characters and directional marks; where they stood within it there is a space."""
    return text if text.isprintable() else _UNSAFE.sub(" ", text).strip(" ")


def csv_cell(value: Any) -> Any:
    """Return a value as a cell that a spreadsheet takes as text: `'` before what would begin a formula. What is no text stays what it is."""
    if not isinstance(value, str):
        return value
    text = value if value.isprintable() else _UNSAFE_IN_TEXT.sub("", value)
    beginning = text.lstrip()
    is_formula = _FORMULA.match(beginning) is not None and _NUMBER.fullmatch(beginning) is None
    return f"'{text}" if is_formula or text[:1] in ("\t", "\n") else text
