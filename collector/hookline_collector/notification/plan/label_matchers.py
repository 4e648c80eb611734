"""Matchers over labels, written and meant as in Alertmanager: `severity="page"`, `tool!="Bash"`, `project=~"shop|till"`, `host!~"ci-.*"`.

A label that is not there is the empty text. A pattern must match all of the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from hookline_collector.alerts.matchers import Matcher, check_pattern

OPERATORS = ("=~", "!~", "!=", "=")
_ONE = re.compile(r"\s*([^\s=~!{},\"]+)\s*(=~|!~|!=|=)\s*(\"(?:[^\"\\]|\\.)*\"|[^\s,{}\"]*)\s*", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class BadMatcher(ValueError):
    """A text that is no matcher: the message says why."""


Matchers = tuple[Matcher, ...]


def match_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether labels meet every one; no matchers are met by all labels."""
    return all(matcher.matches(labels.get(matcher.name, "")) for matcher in matchers)


def parse_matchers(text: str) -> Matchers:
    """Return the matchers of a text: one, or several in braces or with commas between. Raises BadMatcher."""
    body = text.strip()
    if body.startswith("{") and body.endswith("}"):
        body = body[1:-1]
    return tuple(_parsed(body, text))


def matcher_of(name: str, operator: str, value: str) -> Matcher:
    """Return one matcher. Raises BadMatcher for a pattern that is none."""
    if operator not in OPERATORS:
        raise BadMatcher(f"{operator!r} is none of {', '.join(OPERATORS)}")
    if not name:
        raise BadMatcher("a matcher names a label")
    if operator in ("=~", "!~"):
        try:
            check_pattern(value)
        except ValueError as why:
            raise BadMatcher(f"{value[:100]!r}: {why}") from None
    return Matcher(name, operator, (value,))


def in_braces(matchers: Iterable[Matcher]) -> str:
    """Return matchers as Alertmanager writes them together."""
    return "{" + ",".join(map(str, matchers)) + "}"


def _parsed(body: str, text: str) -> Iterator[Matcher]:
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
