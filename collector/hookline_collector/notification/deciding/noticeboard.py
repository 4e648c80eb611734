"""Everything that decisions are made from, as one value, and the three steps of it: take changes, decide what is due, take a new plan.

The board changes in steps that are each written before they count; a step that cannot be written has not happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hookline_collector.alerts.alert import Alert, AlertState, AlertTransition, Labels
from hookline_collector.notification.deciding.alert_groups import AlertGroup, Decision, Hush, is_due, joined, key_of, look
from hookline_collector.notification.deciding.alert_message import MAX_ALERTS, AlertMessage, message_id
from hookline_collector.notification.deciding.inhibition import is_inhibited
from hookline_collector.notification.deciding.routing import RouteNode, RouteTree, group_key, nodes_for, tree_of
from hookline_collector.notification.deciding.silence import Acknowledgement, Silence, is_acknowledged, is_silenced
from hookline_collector.notification.plan.notification_plan import NotificationPlan, Route, TargetPlan

Groups = Mapping[str, AlertGroup]


@dataclass(frozen=True, slots=True)
class Noticeboard:
    """The plan, the groups as they stand, and what people said."""

    plan: NotificationPlan = NotificationPlan()
    tree: RouteTree = field(default_factory=lambda: tree_of(NotificationPlan().route))
    groups: Groups = field(default_factory=dict)
    silences: Mapping[str, Silence] = field(default_factory=dict)
    acknowledged: Mapping[str, Acknowledgement] = field(default_factory=dict)

    def firing(self) -> Mapping[str, Alert]:
        """Return what fires, by fingerprint."""
        return {known: alert for group in self.groups.values() for known, alert in group.members.items() if alert.state is AlertState.FIRING}

    def due_ns(self) -> int | None:
        """Return when a group is to be looked at next; None when there is none."""
        return min((group.due_ns for group in self.groups.values()), default=None)


def as_told(transition: AlertTransition) -> Alert | None:
    """Return the alert as people get it: firing or over; None where a change concerns nobody. One that went back to pending is over."""
    alert = transition.alert
    if alert.is_notified:
        return alert
    if transition.from_state is AlertState.FIRING:
        return replace(alert, state=AlertState.RESOLVED, resolved_at_ns=transition.at_ns)
    return None


def taken(board: Noticeboard, alerts: Iterable[Alert], now_ns: int) -> Noticeboard:
    """Take alerts as they are now into their groups. One that is over concerns only the groups that know it."""
    groups = dict(board.groups)
    for alert in alerts:
        if alert.state is AlertState.FIRING:
            for node in nodes_for(board.tree.root, alert.labels):
                group = _group_of(groups, node, alert, now_ns)
                groups[group.key] = joined(group, alert, node.route, now_ns)
        else:
            for key, group in groups.items():
                if alert.fingerprint in group.members:
                    groups[key] = joined(group, alert, _route_of(board, group), now_ns)
    return replace(board, groups=groups)


def decided(board: Noticeboard, now_ns: int) -> tuple[Noticeboard, tuple[AlertMessage, ...]]:
    """Look at every group that is due. Returns the board afterwards, and a message a target. Groups without a route wait for one."""
    known = (group for group in board.groups.values() if group.route_id in board.tree.nodes)
    due = [group for group in known if is_due(group, _route_of(board, group), now_ns)]
    if not due:
        return board, ()
    groups, messages = dict(board.groups), list[AlertMessage]()
    firing = [alert.labels for alert in board.firing().values()]
    for group in due:
        node = board.tree.nodes[group.route_id]
        after, decision = look(group, node.route, _hush(board, node, firing, now_ns), now_ns)
        if after is None:
            del groups[group.key]
        else:
            groups[group.key] = after
        if decision:
            messages += _messages(board.plan, node, group, decision, now_ns)
    return replace(board, groups=groups), tuple(messages)


def replanned(board: Noticeboard, plan: NotificationPlan, now_ns: int) -> Noticeboard:
    """Take a new plan. Groups whose route is still there stay as they are; the alerts of others find their routes anew, and what a receiver was told
    already is not sent again."""
    tree = tree_of(plan.route)
    staying = {key: group for key, group in board.groups.items() if group.route_id in tree.nodes}
    moving = [group for key, group in board.groups.items() if key not in staying]
    board = replace(board, plan=plan, tree=tree, groups=staying)
    for group in moving:
        board = _moved(board, group, now_ns)
    return board


def look_at_all(board: Noticeboard, now_ns: int) -> Noticeboard:
    """Have every group looked at now: what holds alerts back has changed."""
    return replace(board, groups={key: replace(group, due_ns=min(group.due_ns, now_ns)) for key, group in board.groups.items()})


def message_of(target: TargetPlan, key: str, labels: Labels, decision: Decision, now_ns: int) -> AlertMessage | None:
    """Return what a target is sent of a decision; None where it is sent nothing."""
    alerts = decision.alerts if target.send_resolved else tuple(alert for alert in decision.alerts if alert.state is AlertState.FIRING)
    if not alerts or (decision.why == "resolved" and not target.send_resolved):
        return None
    known, shown = message_id(target.name, key, alerts, now_ns), alerts[:MAX_ALERTS]
    left_out = len(alerts) - len(shown)
    return AlertMessage(known, target.name, target.receiver, key, labels, shown, decision.why, decision.since_ns, now_ns, left_out)


def _moved(board: Noticeboard, group: AlertGroup, now_ns: int) -> Noticeboard:
    """Bring the alerts of a group whose route is gone into those that they find now."""
    groups = dict(board.groups)
    for known, alert in group.members.items():
        for node in nodes_for(board.tree.root, alert.labels):
            was_sent = node.route.receiver == group.receiver and known in group.sent
            if alert.state is AlertState.FIRING or was_sent:
                found = _group_of(groups, node, alert, now_ns)
                if was_sent:
                    found = replace(found, sent={**found.sent, known: group.sent[known]}, sent_ns=max(found.sent_ns, group.sent_ns))
                groups[found.key] = joined(found, alert, node.route, now_ns)
    return replace(board, groups=groups)


def _group_of(groups: Groups, node: RouteNode, alert: Alert, now_ns: int) -> AlertGroup:
    """Return the group of an alert in a route, a new one where there is none."""
    labels = node.group_labels(alert.labels)
    return groups.get(key_of(node.id, labels)) or AlertGroup(node.id, node.route.receiver, labels, now_ns)


def _route_of(board: Noticeboard, group: AlertGroup) -> Route:
    """Return the route of a group, the root where it is gone."""
    return board.tree.nodes.get(group.route_id, board.tree.root).route


def _hush(board: Noticeboard, node: RouteNode, firing: Sequence[Labels], now_ns: int) -> Hush:
    silences = board.silences.values()

    def holds(alert: Alert) -> bool:
        return is_silenced(alert.labels, silences, now_ns) or is_inhibited(alert.labels, board.plan.inhibit_rules, firing)

    return Hush(holds, lambda alert: is_acknowledged(alert, board.acknowledged), board.plan.is_muted(node.route, now_ns))


def _messages(plan: NotificationPlan, node: RouteNode, group: AlertGroup, decision: Decision, now_ns: int) -> list[AlertMessage]:
    key = group_key(node, group.labels)
    found = (message_of(target, key, group.labels, decision, now_ns) for target in plan.receivers[node.route.receiver].targets)
    return [message for message in found if message is not None]
