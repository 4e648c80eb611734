"""Statements by the server's version: `sql/NAME.VERSION.sql` holds from that version on, until a newer file of the name."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

OLDEST, NEWEST = 13, 18
"""Versions that are tested; a newer server gets the statements of the newest."""


def _read(folder: Path) -> dict[str, dict[int, str]]:
    found: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for path in folder.glob("*.sql"):
        name, version, _ = path.name.split(".")
        found[name][int(version)] = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--"))
    return dict(found)


_TEXTS = _read(Path(__file__).with_name("sql"))
"""Read once, before any loop runs."""


@cache
def statement(name: str, version: int, schema: str = "") -> str:
    """Return a statement for a server's major version. `schema`, quoted, is where its extension was put."""
    fitting = [each for each in _TEXTS[name] if each <= version]
    if not fitting:
        raise LookupError(f"there is no statement {name} for PostgreSQL {version}")
    return _TEXTS[name][max(fitting)].replace("{schema}", schema)


def statement_names() -> frozenset[str]:
    """Return the names of all statements."""
    return frozenset(_TEXTS)
