"""Putting our handlers into a settings file of JSON and taking them out again: pure functions on the text.

    "hooks": {"PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "...", "timeout": 5}]}], ...}

Several agents have settings of this form. Handlers are synchronous: the script ends after a durable write of about 3 ms. The time-out
is far above what that takes and bounds what a dead disk can cost. Our group is the last of its event when it is put in, and keeps its place
when it is put in again: an agent may know what was approved by position.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hookline.install.command import is_ours
from hookline.install.document import Node, append, parse, place_of, remove, replace

TIMEOUT = 5
HOOKS = "hooks"
Position = tuple[Node, int]


@dataclass(frozen=True, slots=True)
class HookEvent:
    """One event to register: its name, what its matcher is to be (empty: it has none), and the time-out in the agent's own unit.

    `is_flat`: the agent has no groups, an event's list holds the handlers themselves. `timeout_key` is what it calls the time-out. `label` is what it
    shows while the handler runs, where it shows anything (empty: the command).
    """

    name: str
    matcher: str = ""
    timeout: int = TIMEOUT
    is_flat: bool = False
    timeout_key: str = "timeout"
    label: str = ""


class UnexpectedShape(Exception):
    """The settings are JSON but not of the form that the agent documents."""

    def __init__(self, why: str, place: str) -> None:
        self.place = place
        super().__init__(why)


def add_hooks(text: str, events: Sequence[HookEvent], command: str, theirs: Mapping[str, str]) -> str:
    """Return the text with our handler for each event and with no other of ours; unchanged if it is so already."""
    check_shape(text)
    wanted = sorted((event.name, [_group(event, command)]) for event in events)
    if _ours(text) == wanted:
        return text
    renewed = _renewed(text, {event.name: event for event in events}, command)
    if _ours(renewed) == wanted:
        return renewed
    text = remove_hooks(text, theirs)
    for event in events:
        text = _add_group(text, event, command)
    return text


def remove_hooks(text: str, theirs: Mapping[str, str]) -> str:
    """Return the text without our handlers, and without what we had put around them and nobody else uses.

    `theirs` are the containers (`containers.py`) that stay even when they are empty, each with the white space to put into it.
    """
    check_shape(text)
    while (shorter := _remove_one(text, theirs)) is not None:
        text = shorter
    return text


def has_hooks(text: str) -> bool:
    """Answer whether a handler of ours stands in the text."""
    return bool(_ours(text))


def check_shape(text: str) -> None:
    """Raise UnexpectedShape, or NotJson, if hooks cannot be read or added here."""
    root = parse(text)
    _demand(text, root, dict, "the settings must be an object")
    hooks = root.member("hooks")
    if hooks is None:
        return
    _demand(text, hooks.node, dict, '"hooks" must be an object of events')
    for event in hooks.node.members:
        _demand(text, event.node, list, f"the hooks of {event.key} must be a list of groups")
        for group in event.node.members:
            _demand(text, group.node, dict, f"a group of {event.key} must be an object")
            handlers = group.node.member("hooks")
            if handlers is None and group.node.member("command"):
                continue  # a handler without a group
            if handlers is None:
                raise UnexpectedShape(f'a group of {event.key} has no "hooks"', place_of(text, group.start))
            _demand(text, handlers.node, list, f"the handlers of {event.key} must be a list")
            for handler in handlers.node.members:
                _demand(text, handler.node, dict, f"a handler of {event.key} must be an object")


def _demand(text: str, node: Node, kind: type, why: str) -> None:
    if not isinstance(node.value, kind):
        raise UnexpectedShape(why, place_of(text, node.start))


def handlers_of(group: Mapping[str, Any]) -> list[Any]:
    """Return the handlers of a group; one that stands without a group is its own."""
    found = group.get("hooks", [group])
    return found if isinstance(found, list) else []


def _group(event: HookEvent, command: str) -> dict[str, Any]:
    if event.is_flat:
        return {"command": command, event.timeout_key: event.timeout, **({"matcher": event.matcher} if event.matcher else {})}
    named = {"name": event.label} if event.label else {}
    handler = {**named, "type": "command", "command": command, "timeout": event.timeout}
    return {"matcher": event.matcher, "hooks": [handler]} if event.matcher else {"hooks": [handler]}


def _renewed(text: str, events: Mapping[str, HookEvent], command: str) -> str:
    """Return the text with command and time-out of our handlers in groups as they now are, each where it stands."""
    for number in range(len(list(_handlers(parse(text))))):
        for key in ("command", "timeout"):
            *_, (hooks, at_event), _, _, (container, index) = list(_handlers(parse(text)))[number]
            node, event = container.members[index].node, events.get(hooks.members[at_event].key)
            member = node.member(key)
            if event and member and is_ours(node.value.get("command")):
                text = replace(text, member.node, command if key == "command" else event.timeout)
    return text


def _add_group(text: str, event: HookEvent, command: str) -> str:
    hooks = parse(text).member("hooks")
    if hooks is None:
        return append(text, parse(text), {event.name: [_group(event, command)]}, "hooks")
    groups = hooks.node.member(event.name)
    if groups is None:
        return append(text, hooks.node, [_group(event, command)], event.name)
    return append(text, groups.node, _group(event, command))


def _ours(text: str) -> list[tuple[str, Any]]:
    """Return, sorted by event, the groups that hold a handler of ours."""
    hooks = parse(text).value.get("hooks", {})
    found = {event: [group for group in groups if any(is_ours(h.get("command")) for h in handlers_of(group))] for event, groups in hooks.items()}
    return sorted((event, groups) for event, groups in found.items() if groups)


def _remove_one(text: str, theirs: Mapping[str, str]) -> str | None:
    """Take out the first handler of ours with what it leaves empty; None if there is none."""
    for places in _flat_handlers(parse(text)):
        container, index = places[-1]
        if is_ours(container.members[index].node.value.get("command")):
            return _remove_from_event(text, places, theirs)
    for places in _handlers(parse(text)):
        container, index = places[-1]
        if is_ours(container.members[index].node.value.get("command")):
            return _remove_upwards(text, places, theirs)
    return None


def _flat_handlers(root: Node) -> Iterator[list[Position]]:
    """Yield the way to every handler without a group: root, hooks, event, each with the index of the next."""
    for at_hooks, hooks in enumerate(root.members):
        for at_event, event in enumerate(hooks.node.members if hooks.key == HOOKS else ()):
            for at_handler, handler in enumerate(event.node.members):
                if "hooks" not in handler.node.value:
                    yield [(root, at_hooks), (hooks.node, at_event), (event.node, at_handler)]


def _handlers(root: Node) -> Iterator[list[Position]]:
    """Yield the way to every handler: root, hooks, event, group, handlers, each with the index of the next."""
    for at_hooks, hooks in enumerate(root.members):
        for at_event, event in enumerate(hooks.node.members if hooks.key == "hooks" else ()):
            for at_group, group in enumerate(event.node.members):
                for at_list, handlers in enumerate(group.node.members):
                    for at_handler in range(len(handlers.node.members) if handlers.key == "hooks" else 0):
                        above = [(root, at_hooks), (hooks.node, at_event), (event.node, at_group), (group.node, at_list)]
                        yield [*above, (handlers.node, at_handler)]


def _remove_upwards(text: str, places: list[Position], theirs: Mapping[str, str]) -> str:
    """Remove the handler at the end of the way; a group that was made for it goes with it, and what that leaves empty of ours."""
    root, hooks, event, group, handlers = places
    if len(handlers[0].members) > 1 or set(group[0].value) - {"matcher", "hooks"}:
        return remove(text, *handlers)
    return _remove_from_event(text, [root, hooks, event], theirs)


def _remove_from_event(text: str, places: list[Position], theirs: Mapping[str, str]) -> str:
    """Remove what stands at the end of the way in an event's list, and what that leaves empty of ours."""
    root, hooks, event = places
    event_name = hooks[0].members[hooks[1]].key
    for container, path in ((event, f"{HOOKS}/{event_name}"), (hooks, HOOKS)):
        if len(container[0].members) > 1 or path in theirs:
            return remove(text, *container, theirs.get(path, ""))
    return remove(text, *root, theirs.get("", ""))
