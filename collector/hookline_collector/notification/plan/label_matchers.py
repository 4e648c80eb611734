"""Matchers over labels, written and meant as in Alertmanager: `severity="page"`, `tool!="Bash"`, `project=~"shop|till"`, `host!~"ci-.*"`.

A label that is not there is the empty text. A pattern must match all of the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

OPERATORS = ("=~", "!~", "!=", "=")
MAX_PATTERN_CHARS = 1_000
_ONE = re.compile(r"\s*([^\s=~!{},\"]+)\s*(=~|!~|!=|=)\s*(\"(?:[^\"\\]|\\.)*\"|[^\s,{}\"]*)\s*", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class BadMatcher(ValueError):
    """A text that is no matcher: the message says why."""


@dataclass(frozen=True, slots=True)
class LabelMatcher:
    """One condition on one label."""

    name: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it."""
        found = labels.get(self.name, "")
        if self.operator in ("=", "!="):
            return (found == self.value) is (self.operator == "=")
        return (_pattern(self.value).fullmatch(found) is not None) is (self.operator == "=~")

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{quoted(self.value)}"


Matchers = tuple[LabelMatcher, ...]


def match_all(matchers: Iterable[LabelMatcher], labels: Mapping[str, str]) -> bool:
    """Whether labels meet every one; no matchers are met by all labels."""
    return all(matcher.matches(labels) for matcher in matchers)


def parse_matchers(text: str) -> Matchers:
    """Return the matchers of a text: one, or several in braces or with commas between. Raises BadMatcher."""
    body = text.strip()
    if body.startswith("{") and body.endswith("}"):
        body = body[1:-1]
    return tuple(_parsed(body, text))


def matcher_of(name: str, operator: str, value: str) -> LabelMatcher:
    """Return one matcher. Raises BadMatcher for a pattern that is none."""
    if operator not in OPERATORS:
        raise BadMatcher(f"{operator!r} is none of {', '.join(OPERATORS)}")
    if not name:
        raise BadMatcher("a matcher names a label")
    if operator in ("=~", "!~"):
        if len(value) > MAX_PATTERN_CHARS:
            raise BadMatcher(f"a pattern has at most {MAX_PATTERN_CHARS} characters")
        try:
            _pattern(value)
        except re.error as why:
            raise BadMatcher(f"{value!r} is not a regular expression: {why}") from None
    return LabelMatcher(name, operator, value)


def quoted(value: str) -> str:
    """Return a value between double quotes, as Go writes it."""
    told = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{told}"'


def in_braces(matchers: Iterable[LabelMatcher]) -> str:
    """Return matchers as Alertmanager writes them together."""
    return "{" + ",".join(map(str, matchers)) + "}"


def _parsed(body: str, text: str) -> Iterator[LabelMatcher]:
    at = 0
    while at < len(body.rstrip()):
        found = _ONE.match(body, at)
        if found is None:
            raise BadMatcher(f'{text!r} is not a matcher; write one such as severity="page" or project=~"shop|till"')
        yield matcher_of(found[1], found[2], _unquoted(found[3]))
        at = found.end()
        if at < len(body) and body[at] != ",":
            raise BadMatcher(f"{text!r}: a comma is missing before {body[at:][:20]!r}")
        at += 1


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return _ESCAPED.sub(lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), value[1:-1])


@lru_cache(1_024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)
