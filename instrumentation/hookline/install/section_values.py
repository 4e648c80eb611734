"""Values in one object of a JSON settings file, such as `env` or `telemetry`: put in, and taken out again if they are still the same.

A value that is already set to something else stays as it is and is reported: people who send their telemetry elsewhere
must not find it redirected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hookline.install.document import append, parse, place_of, remove
from hookline.install.hook_groups import UnexpectedShape

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SectionChange:
    """The new text, the values that were put in, and those that already were something else."""

    text: str
    put: Values
    in_the_way: Values


def add_values(text: str, section: str, values: Values, put_before: Values, theirs: Mapping[str, str]) -> SectionChange:
    """Add values to a section; `put_before` are those of an earlier install, which are replaced where they are still the same."""
    existing = _found(text, section)
    if any(existing.get(key) != value for key, value in values.items()):
        text = remove_values(text, section, put_before, theirs)
        existing = _found(text, section)
    added = {key: value for key, value in values.items() if key not in existing}
    for key, value in added.items():
        text = _add(text, section, key, value)
    kept = {key: value for key, value in put_before.items() if existing.get(key) == value}
    return SectionChange(text, kept | added, {key: existing[key] for key, value in values.items() if existing.get(key, value) != value})


def remove_values(text: str, section: str, values: Values, theirs: Mapping[str, str]) -> str:
    """Take out those that are still the same, and a section that this leaves empty and that is not theirs."""
    for key in still_put(text, section, values):
        text = _remove(text, section, key, theirs)
    return text


def still_put(text: str, section: str, values: Values) -> dict[str, Any]:
    """Return those of the values that stand in the text."""
    member = parse(text).member(section)
    found = member.node.value if member is not None and isinstance(member.node.value, dict) else {}
    return {key: value for key, value in values.items() if found.get(key) == value}


def _found(text: str, section: str) -> Values:
    member = parse(text).member(section)
    if member is None:
        return {}
    if not isinstance(member.node.value, dict):
        raise UnexpectedShape(f'"{section}" must be an object', place_of(text, member.start))
    return member.node.value


def _add(text: str, section: str, key: str, value: Any) -> str:
    root = parse(text)
    found = root.member(section)
    return append(text, root, {key: value}, section) if found is None else append(text, found.node, value, key)


def _remove(text: str, section: str, key: str, theirs: Mapping[str, str]) -> str:
    root = parse(text)
    at = next(index for index, member in enumerate(root.members) if member.key == section)
    found = root.members[at].node
    if len(found.members) == 1 and section not in theirs:
        return remove(text, root, at, theirs.get("", ""))
    return remove(text, found, next(index for index, member in enumerate(found.members) if member.key == key), theirs.get(section, ""))
