"""Removes secrets from all text that leaves the machine.

Order: scrub, then cut. A text that is cut first may keep half a secret that no pattern knows. To bound the work, a long
text is read through a window that is much wider than what is kept, and what is near the window's far edge is
dropped after scrubbing. A JSON value is walked until as much is made as may be kept, and no further.

A text is read twice: as it is, and plain (`plain_view.py`), so that a secret is found in JSON within JSON, behind a colour and in
a URL. What either reading finds is removed, and `[redacted:<what>]` takes its place.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookline.privacy.blocks import kubernetes_data, private_keys
from hookline.privacy.extra_patterns import check_extra
from hookline.privacy.patterns import PATTERNS, SECRET_VARIABLE, Accept, Pattern
from hookline.privacy.plain_view import PlainView
from hookline.privacy.values import is_option_value

EDGE_CHARS: Final = 8_192
WINDOW_CHARS: Final = 65_536
PIECE_CHARS: Final = 4_096
MAX_DEPTH: Final = 40
MAX_LABEL_CHARS: Final = 1_024

MARK: Final = "[redacted:"

FoundSecret = tuple[int, int, int, str]  # start, end, rank of the kind, kind

# Keys of JSON inputs whose values are secret whatever they look like.
_SECRET_KEY = re.compile(
    r"(?i)(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|signing[_-]?key|key[_-]data|credential|"
    r"authorization|cookie|\bauth\b|connection[_-]?string|mnemonic)"
)
_HARMLESS_KEY = re.compile(r"(?i)(?:tokens|token_count|max_token|tokenizer|_path|_file|_name)\w*\Z")
_OPTION = re.compile(
    r"--?(?:[a-z0-9]{1,20}-){0,2}(password|passwd|pass|passphrase|secret|token|api-?key|access-key|private-key|secret-key)\Z", re.IGNORECASE
)


@dataclass(slots=True)
class Budget:
    """How much may still be made, and how much may still be looked at."""

    kept: int
    looked_at: int

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is to be made."""
        return self.kept <= 0 or self.looked_at <= 0


class Redactor:
    """Scrubs texts and JSON values. `extra` are the person's own patterns, checked by `check_extra`."""

    def __init__(self, extra: tuple[str, ...] = ()) -> None:
        self._extra = tuple(re.compile(pattern) for pattern in check_extra(extra))

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        found = list(_find(text))
        view = PlainView(text)
        if view.is_other:
            found += [(*view.span(start, end), rank, name) for start, end, rank, name in _find(view.text)]
        if found:
            text = _without(text, found)
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

    def label(self, text: str, max_chars: int) -> str:
        """Return a short name scrubbed and cut. A long one is cut first, where no secret can be cut in two unseen: far behind what is kept."""
        scrubbed = self.text(valid(text[: max_chars + MAX_LABEL_CHARS]))
        if len(text) > max_chars + MAX_LABEL_CHARS:
            scrubbed = scrubbed[: -MAX_LABEL_CHARS // 2]
        return scrubbed if len(scrubbed) <= max_chars else scrubbed[: max_chars - 1] + "…"

    def value(self, value: Any, max_chars: int = WINDOW_CHARS) -> Any:
        """Return a JSON value in which secret keys lost their values and texts their secrets.

        About `max_chars` are made of it: what comes later is left out, for it would be cut off anyway.
        """
        return self._value(value, 0, Budget(max_chars, 4 * (2 * max_chars + WINDOW_CHARS)))

    def _value(self, value: Any, depth: int, budget: Budget) -> Any:
        budget.kept -= 1
        if isinstance(value, str):
            return self._string(value, budget)
        if depth >= MAX_DEPTH and isinstance(value, list | Mapping):
            return "[redacted:depth]"
        if isinstance(value, list):
            return list(self._items(value, depth + 1, budget))
        if isinstance(value, Mapping):
            return dict(self._members(value, depth + 1, budget))
        return value

    def _string(self, value: str, budget: Budget) -> str:
        budget.looked_at -= min(len(value), 2 * budget.kept + WINDOW_CHARS)
        scrubbed = self.cut(value, max(1, budget.kept))
        budget.kept -= len(scrubbed)
        return scrubbed

    def _items(self, items: list[Any], depth: int, budget: Budget) -> Iterator[Any]:
        option: re.Match[str] | None = None
        for item in items:
            if budget.is_spent:
                yield "…"
                return
            if option and isinstance(item, str) and item and not item.startswith("-"):
                yield "[redacted:option]" if is_option_value(item, option[1]) else self._value(item, depth, budget)
                option = None
                continue
            option = _OPTION.match(item) if isinstance(item, str) else None
            yield self._value(item, depth, budget)

    def _members(self, value: Mapping[Any, Any], depth: int, budget: Budget) -> Iterator[tuple[str, Any]]:
        secrets = _named_secrets(value)
        for key, item in value.items():
            if budget.is_spent:
                yield "…", "…"
                return
            name = self.label(str(key), MAX_LABEL_CHARS)
            budget.kept -= len(name)
            is_secret = (key in secrets or _is_secret(str(key))) and item not in (None, "", True, False)
            yield name, "[redacted:key]" if is_secret else self._value(item, depth, budget)

    def _without_extra(self, text: str) -> str:
        lines = text.split("\n")
        for expression in self._extra:
            lines = ["".join(expression.sub("[redacted:extra]", piece) for piece in _pieces(line)) for line in lines]
        return "\n".join(lines)


@functools.lru_cache(maxsize=8_192)
def clean_name(text: str, max_chars: int = 256) -> str:
    """Return a name that leaves at every level, whoever chose it: of a project, a branch, a model."""
    return _PLAIN_REDACTOR.label(text, max_chars)


_PLAIN_REDACTOR: Final = Redactor()


def _find(text: str) -> Iterator[FoundSecret]:
    """Yield what the patterns find in a text."""
    lower = text.replace("\u0130", "i").lower()  # the one letter whose lower case is longer
    for start, end in private_keys(text):
        yield start, end, -1, "private-key"
    if "secret" in lower:
        for start, end in kubernetes_data(text):
            yield start, end, len(PATTERNS), "kubernetes"
    for rank, pattern in enumerate(PATTERNS):
        group = "s" if "s" in pattern.expression.groupindex else 0
        for match in _matches(pattern, text, lower):
            start, end = match.span(group)
            if not text.startswith(MARK, start) and not text.endswith(MARK, 0, start):
                yield start + (group == "s" and text[start] in "\"'`"), end, rank, pattern.name


def _matches(pattern: Pattern, text: str, lower: str) -> Iterator[re.Match[str]]:
    accept = pattern.accept or bool
    if pattern.is_anchored:
        for needle in pattern.needles:
            yield from _matches_at(needle, pattern.expression, accept, text, lower)
    elif any(needle in lower for needle in pattern.needles):
        yield from filter(accept, pattern.expression.finditer(text))


def _matches_at(needle: str, expression: re.Pattern[str], accept: Accept, text: str, lower: str) -> Iterator[re.Match[str]]:
    at = lower.find(needle)
    while at >= 0:
        match = expression.match(text, at)
        at += len(needle)
        if match and accept(match):
            yield match
            at = match.end()
        at = lower.find(needle, at)


def _without(text: str, found: list[FoundSecret]) -> str:
    """Take out what was found; parts that overlap go together, under the name of the most telling kind."""
    found.sort()
    parts: list[str] = []
    at, (start, end, rank, name) = 0, found[0]
    for next_start, next_end, next_rank, next_name in [*found[1:], (len(text) + 1, 0, 0, "")]:
        if next_start < end:
            end = max(end, next_end)
            rank, name = min((rank, name), (next_rank, next_name))
            continue
        parts += [text[at:start], f"[redacted:{name}]"]
        at = end
        start, end, rank, name = next_start, next_end, next_rank, next_name
    return "".join([*parts, text[at:]])


def _named_secrets(value: Mapping[Any, Any]) -> frozenset[str]:
    """Return the members that another member says are secret: `{"name": "DB_PASSWORD", "value": ...}`, the data of a secret."""
    name = next((value[key] for key in ("name", "key", "Name", "Key") if isinstance(value.get(key), str)), "")
    if name and (_is_secret(name) or SECRET_VARIABLE.search(name.upper())):
        return frozenset({"value", "Value"})
    return frozenset({"data", "stringData"}) if value.get("kind") == "Secret" else frozenset()


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
