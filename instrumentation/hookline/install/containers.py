"""The objects and lists of a settings file that install may add to, and which of them are the user's.

A container that was there before us stays when we have gone, also when it is empty then; one that we made goes with the last
thing in it. The note keeps the user's: `theirs[path] = (white space inside, digest of the container as install left it)`.
Paths are `` (the whole), `hooks`, `hooks/<event>` and the names of what else an agent's install writes into. An emptied container gets its
white space back only if nobody else has written in it since: after a reformatting it is closed up as the formatter does.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hookline.install.command import is_ours
from hookline.install.document import Node, parse
from hookline.install.hook_groups import HOOKS, handlers_of
from hookline.install.manifest import digest

Theirs = Mapping[str, tuple[str, str]]
HoldsOurs = Callable[[str, Node], bool]
KEYS: Final = (HOOKS,)


def find_theirs(text: str, earlier: Theirs, keys: tuple[str, ...] = KEYS, holds_ours: HoldsOurs | None = None) -> dict[str, str]:
    """Return the user's containers in a text, each with its white space: those without anything of ours, and those already known.

    `keys` are the members of the whole that hold something of ours, `holds_ours(path, node)` says it of those that hold no hooks.
    """
    found = {}
    known = fillings(text, earlier, keys)
    for path, node in containers(text, keys):
        if not _holds_ours(path, node, holds_ours):
            found[path] = "" if node.members else text[node.start + 1 : node.end - 1]
        elif path in known:
            found[path] = known[path]
    return found


def sign(text: str, theirs: Mapping[str, str], keys: tuple[str, ...] = KEYS) -> dict[str, tuple[str, str]]:
    """Return the user's containers with the digest of each as it now stands in the text."""
    standing = _digests(text, keys)
    return {path: (filling, standing.get(path, "")) for path, filling in theirs.items()}


def fillings(text: str, theirs: Theirs, keys: tuple[str, ...] = KEYS) -> dict[str, str]:
    """Return what to put into each of the user's containers if it becomes empty."""
    standing = _digests(text, keys)
    return {path: filling if standing.get(path) == signed else "" for path, (filling, signed) in theirs.items()}


def containers(text: str, keys: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    """Yield the containers that stand in a text."""
    root = parse(text)
    yield "", root
    for key in keys:
        member = root.member(key)
        if member is not None and isinstance(member.node.value, dict):
            yield key, member.node
            yield from ((f"{key}/{event.key}", event.node) for event in member.node.members if key == HOOKS and isinstance(event.node.value, list))


def _digests(text: str, keys: tuple[str, ...]) -> dict[str, str]:
    return {path: digest(text[node.start : node.end]) for path, node in containers(text, keys)}


def _holds_ours(path: str, node: Node, others: HoldsOurs | None) -> bool:
    if not path:
        return False  # the whole is always theirs: it is a file that goes or stays by other rules
    if path.split("/", maxsplit=1)[0] != HOOKS:
        return others is not None and others(path, node)
    lists = node.value.values() if path == HOOKS else [node.value]
    return any(is_ours(handler.get("command")) for groups in lists for group in groups for handler in handlers_of(group))
