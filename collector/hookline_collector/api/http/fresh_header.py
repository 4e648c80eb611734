"""The header that says whether an answer has everything in it that was acknowledged before the question: `true`, or `false; why`.

A handler notes it in the request's scope, the outermost layer (`middleware`) writes it; answers that read nothing from the store have no such header.
"""

from __future__ import annotations

from starlette.types import Scope

FRESH_HEADER = "Hookline-Fresh"
_KEY = "fresh"


def tell_freshness(scope: Scope, reason: str) -> None:
    """Note for the answer why it is not fresh; an empty reason says that it is."""
    scope[_KEY] = f"false; {reason}" if reason else "true"


def fresh_headers(scope: Scope) -> dict[str, str]:
    """Return the header for the answer to a request, if its handler read the store."""
    told = scope.get(_KEY)
    return {FRESH_HEADER: told} if told else {}
