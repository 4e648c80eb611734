"""Checks that a question names a known person, project, agent or account, and suggests near names if not."""

from difflib import get_close_matches

from hookline.errors import Rejected
from hookline_collector.work.statements import Query, statement

MAX_SUGGESTED = 3


def check_names(query: Query, *, user: str = "", project: str = "", agent: str = "", account: str = "") -> None:
    """Raise Rejected with near names when one of the given names is unknown."""
    given = {kind: name for kind, name in (("user", user), ("project", project), ("agent", agent), ("account", account)) if name}
    if not given:
        return
    known = {kind: list(names) for kind, names in query(statement("names"), {}).rows}
    for kind, name in given.items():
        if name not in known.get(kind, []):
            raise Rejected(unknown(kind, name, known.get(kind, [])))


def unknown(kind: str, name: str, known: list[str]) -> str:
    """Return the message for an unknown name."""
    folded = {each.casefold(): each for each in known}
    near = [folded[each] for each in get_close_matches(name.casefold(), folded, MAX_SUGGESTED, 0.5)]
    if near:
        return f"unknown {kind} {name!r}: did you mean {' or '.join(near)}?"
    return f"unknown {kind} {name!r}" + (f"; known: {', '.join(sorted(known)[:10])}" if known else "")
