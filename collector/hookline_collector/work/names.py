"""Whether a person, project or account that a question names is known at all, and what comes near if it is not."""

from difflib import get_close_matches

from hookline.errors import Rejected
from hookline_collector.work.statements import Query, statement

MAX_SUGGESTED = 3


def check_names(query: Query, *, user: str = "", project: str = "", account: str = "") -> None:
    """Raise Rejected, naming what comes near, when one of the names that were given has never been heard of."""
    given = {kind: name for kind, name in (("user", user), ("project", project), ("account", account)) if name}
    if not given:
        return
    known = {kind: list(names) for kind, names in query(statement("names"), {}).rows}
    for kind, name in given.items():
        if name not in known.get(kind, []):
            raise Rejected(unknown(kind, name, known.get(kind, [])))


def unknown(kind: str, name: str, known: list[str]) -> str:
    """Return what to say of a name that nobody knows."""
    folded = {each.casefold(): each for each in known}
    near = [folded[each] for each in get_close_matches(name.casefold(), folded, MAX_SUGGESTED, 0.5)]
    if near:
        return f"no {kind} {name!r} is known: did you mean {' or '.join(near)}?"
    return f"no {kind} {name!r} is known" + (f": there {'is' if len(known) == 1 else 'are'} {', '.join(sorted(known)[:10])}" if known else "")
