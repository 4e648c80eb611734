"""A person's own patterns: accepted only when they cannot run without end."""

from __future__ import annotations

import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Final

from hookline.errors import ConfigInvalid

MAX_EXTRA_CHARS: Final = 200


def check_extra(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the patterns; raises ConfigInvalid for one that is not an expression, is too long or could run without end."""
    problems = [("capture.redact_extra", f"{pattern[:60]!r}: {why}") for pattern in patterns if (why := _fault(pattern))]
    if problems:
        raise ConfigInvalid(problems)
    return patterns


def _fault(pattern: str) -> str:
    if len(pattern) > MAX_EXTRA_CHARS:
        return f"longer than {MAX_EXTRA_CHARS} characters"
    try:
        tree = _parser.parse(pattern)
        if re.compile(pattern).match(""):
            return "matches the empty text"
    except (re.error, RecursionError, OverflowError) as why:
        return f"no regular expression: {why}"
    nested, open_ended = _repetitions(tree, False)
    if nested:
        return "a quantifier inside a quantifier could run without end"
    return "more than one open-ended quantifier; give each an upper bound, as {1,100}" if open_ended > 1 else ""


def _repetitions(tree: Any, inside: bool) -> tuple[bool, int]:
    """Return whether a repetition holds another, and how many have no upper bound."""
    nested, open_ended = False, 0
    for operator, argument in tree:
        is_repeat = operator in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
        varies = is_repeat and argument[1] > 1
        nested |= varies and inside
        open_ended += is_repeat and argument[1] is _constants.MAXREPEAT
        for part in _subtrees(argument):
            below = _repetitions(part, inside or varies)
            nested, open_ended = nested or below[0], open_ended + below[1]
    return nested, open_ended


def _subtrees(argument: Any) -> list[Any]:
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [part for item in argument for part in _subtrees(item)]
    return []
