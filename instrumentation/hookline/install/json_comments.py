"""Comments and trailing commas in JSON: what editors call "JSON with comments", as people write it into settings.

`without_comments` puts a space in the place of each of their characters, so that every place in what is left is one in the text itself, and so is
the line and column of an error in it. `after_gap` says where white space and comments end, `after_line` where those end that still belong
to the line before.
"""

import re
from typing import Final

_STRING: Final = r'"(?:[^"\\\r\n]|\\.)*"?'
_LINE_COMMENT: Final = r"//[^\r\n]*"
_BLOCK_COMMENT: Final = r"/\*.*?\*/"
_BEGUN: Final = r"/\*"
_PARTS: Final = re.compile(f"(?P<string>{_STRING})|(?P<comment>{_LINE_COMMENT}|{_BLOCK_COMMENT})|(?P<open>{_BEGUN})", re.DOTALL)
_TRAILING: Final = re.compile(rf"{_STRING}|(?<=[^\s,\[{{:])(?P<gap>[ \t\r\n]*),(?=[ \t\r\n]*[\]}}])", re.DOTALL)
_GAP: Final = re.compile(f"(?:[ \\t\\r\\n]|{_LINE_COMMENT}|{_BLOCK_COMMENT})*", re.DOTALL)
_LINE_END: Final = re.compile(f"(?:[ \\t]*(?:{_BLOCK_COMMENT}|{_LINE_COMMENT}))*", re.DOTALL)
_NO_SPACE: Final = re.compile(r"[^\r\n]")


class OpenComment(Exception):
    """A comment begins at `offset` and has no end."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__("a comment has no end")


def without_comments(text: str) -> str:
    """Return the text as JSON of the same length, with spaces for comments and trailing commas; raises OpenComment."""
    return _TRAILING.sub(_without_comma, _PARTS.sub(_blank, text))


def after_gap(text: str, offset: int) -> int:
    """Return where the white space and comments end that begin at an offset."""
    return _end(_GAP, text, offset)


def after_line(text: str, offset: int) -> int:
    """Return where the comments end that begin at an offset, on its line."""
    return _end(_LINE_END, text, offset)


def has_comment(gap: str) -> bool:
    """Whether a gap holds a comment."""
    return "/" in gap


def ends_in_line_comment(gap: str) -> bool:
    """Whether what would be written behind a gap would be part of a comment."""
    comments = [found["comment"] for found in _PARTS.finditer(gap)]
    return bool(comments) and comments[-1].startswith("//") and gap.endswith(comments[-1])


def _blank(found: re.Match[str]) -> str:
    if found["open"]:
        raise OpenComment(found.start())
    return found["string"] if found["string"] else _NO_SPACE.sub(" ", found["comment"])


def _without_comma(found: re.Match[str]) -> str:
    return found[0] if found["gap"] is None else found["gap"] + " "


def _end(what: re.Pattern[str], text: str, offset: int) -> int:
    found = what.match(text, offset)
    return found.end() if found else offset
