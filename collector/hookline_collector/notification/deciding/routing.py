"""The tree of routes, and which of them an alert takes: as Alertmanager walks it.

From the root down, the first route whose matchers an alert meets takes it; one that says `continue` lets its neighbours have it too. Where no route
below takes it, the node itself does. A route's `id` stays the same when the file is read again, unless what makes its groups changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hookline_collector.alerts.alert import Labels, labels_of
from hookline_collector.alerts.matchers import quoted
from hookline_collector.notification.plan.label_matchers import in_braces, match_all
from hookline_collector.notification.plan.notification_plan import ALL_LABELS, Route


@dataclass(frozen=True, slots=True)
class RouteNode:
    """A route in its place. `key` is what Alertmanager shows of it, `id` is its own."""

    id: str
    key: str
    route: Route
    below: tuple[RouteNode, ...] = ()

    def group_labels(self, labels: Labels) -> Labels:
        """Return the labels by which the route groups an alert."""
        if ALL_LABELS in self.route.group_by:
            return labels_of(labels)
        return labels_of({name: labels[name] for name in self.route.group_by if name in labels})


@dataclass(frozen=True, slots=True)
class RouteTree:
    """Every route by its id, and the root."""

    root: RouteNode
    nodes: Mapping[str, RouteNode]


def tree_of(root: Route) -> RouteTree:
    """Return the tree of a plan's root."""
    placed = _placed(root, "", Counter())
    return RouteTree(placed, {node.id: node for node in _each(placed)})


def nodes_for(node: RouteNode, labels: Labels) -> tuple[RouteNode, ...]:
    """Return the routes that an alert with these labels takes, none where the node's own matchers do not match."""
    if not match_all(node.route.matchers, labels):
        return ()
    found: list[RouteNode] = []
    for child in node.below:
        taken = nodes_for(child, labels)
        found += taken
        if taken and not child.route.goes_on:
            break
    return tuple(found) or (node,)


def group_key(node: RouteNode, labels: Labels) -> str:
    """Return the key of a group as Alertmanager writes it."""
    return f"{node.key}:{{{', '.join(f'{name}={quoted(value)}' for name, value in labels.items())}}}"


def _placed(route: Route, above: str, seen: Counter[str]) -> RouteNode:
    key = f"{above}/{in_braces(route.matchers)}" if above else in_braces(route.matchers)
    same = f"{key} to {route.receiver} by {','.join(route.group_by)}"
    seen[same] += 1
    below = tuple(_placed(child, key, seen) for child in route.routes)
    return RouteNode(f"{same} {seen[same]}", key, route, below)


def _each(node: RouteNode) -> Iterator[RouteNode]:
    yield node
    for child in node.below:
        yield from _each(child)
