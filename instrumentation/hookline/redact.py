"""Takes secrets out of whatever text leaves the machine.

Order: scrub, then cut. A text that is cut first may keep half a secret that no pattern knows. To bound the work, a long
text is looked at through a window that is much wider than what is kept, and what stands near the window's far edge is
dropped after scrubbing.

`[redacted:<what>]` stands for what was found. Too much redacted is a nuisance, too little a leak: names such as `token` are taken at
their word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from hookline.extra_patterns import check_extra
from hookline.secret_patterns import PATTERNS, SECRET_VARIABLE, without_private_keys

EDGE_CHARS: Final = 8_192
WINDOW_CHARS: Final = 65_536
PIECE_CHARS: Final = 4_096
MAX_DEPTH: Final = 40

# Keys of JSON inputs whose values are secret whatever they look like.
_SECRET_KEY = re.compile(
    r"(?i)(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|\bauth\b|connection[_-]?string)"
)
_HARMLESS_KEY = re.compile(r"(?i)(?:tokens|token_count|max_token|tokenizer|_path|_file|_name)\w*\Z")


class Redactor:
    """Scrubs texts and JSON values. `extra` are the person's own patterns, checked by `check_extra`."""

    def __init__(self, extra: tuple[str, ...] = ()) -> None:
        self._extra = tuple(re.compile(pattern) for pattern in check_extra(extra))

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        text = without_private_keys(text)
        lower = text.lower()
        for pattern in PATTERNS:
            if any(needle in lower for needle in pattern.needles):
                text = pattern.expression.sub(pattern.replacement, text)
        return self._without_extra(text) if self._extra else text

    def cut(self, text: str, max_chars: int) -> str:
        """Return the text scrubbed, then cut to `max_chars`; valid Unicode always."""
        window = 2 * max_chars + WINDOW_CHARS
        is_partial = len(text) > window
        scrubbed = self.text(valid(text[:window]))
        if is_partial:
            scrubbed = scrubbed[:-EDGE_CHARS]
        if len(scrubbed) <= max_chars and not is_partial:
            return scrubbed
        return scrubbed[: max(0, max_chars - 1)] + "…" if max_chars else ""

    def value(self, value: Any, depth: int = 0) -> Any:
        """Return a JSON value in which secret keys lost their values and texts their secrets."""
        if isinstance(value, str):
            return self.cut(value, WINDOW_CHARS)
        if depth >= MAX_DEPTH and isinstance(value, list | Mapping):
            return "[redacted:depth]"
        if isinstance(value, list):
            return [self.value(item, depth + 1) for item in value]
        if isinstance(value, Mapping):
            return {valid(str(key)): self._member(str(key), item, depth) for key, item in value.items()}
        return value

    def _member(self, key: str, item: Any, depth: int) -> Any:
        if _is_secret(key) and item not in (None, "", True, False):
            return "[redacted:key]"
        return self.value(item, depth + 1)

    def _without_extra(self, text: str) -> str:
        lines = text.split("\n")
        for expression in self._extra:
            lines = ["".join(expression.sub("[redacted:extra]", piece) for piece in _pieces(line)) for line in lines]
        return "\n".join(lines)


def _is_secret(key: str) -> bool:
    """Answer whether a key's value is secret whatever it looks like. PWD is a folder, `pwd` a password."""
    if key in ("PWD", "OLDPWD"):
        return False
    named = _SECRET_KEY.search(key) is not None and not _HARMLESS_KEY.search(key)
    return named or (key.isupper() and SECRET_VARIABLE.search(key) is not None)


def valid(text: str) -> str:
    """Return the text without lone surrogates, which no encoding takes."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _pieces(line: str) -> list[str]:
    """Cut a long line into pieces that bound a pattern's work, at a blank where there is one."""
    pieces: list[str] = []
    while len(line) > PIECE_CHARS:
        at = line.rfind(" ", PIECE_CHARS // 2, PIECE_CHARS) + 1 or PIECE_CHARS
        pieces.append(line[:at])
        line = line[at:]
    return [*pieces, line]
