"""Which alerts others hold back: as Alertmanager decides it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hookline_collector.alerts.alert import Labels
from hookline_collector.notification.plan.label_matchers import match_all
from hookline_collector.notification.plan.notification_plan import InhibitRule


def is_inhibited(labels: Labels, rules: Iterable[InhibitRule], firing: Sequence[Labels]) -> bool:
    """Whether one of the firing alerts holds an alert back. What is both source and target of a rule is not held back by another that is both."""
    return any(match_all(rule.target_matchers, labels) and _has_source(labels, rule, firing) for rule in rules)


def _has_source(labels: Labels, rule: InhibitRule, firing: Sequence[Labels]) -> bool:
    is_source = match_all(rule.source_matchers, labels)
    return any(
        match_all(rule.source_matchers, other)
        and all(other.get(name, "") == labels.get(name, "") for name in rule.equal)
        and not (is_source and match_all(rule.target_matchers, other))
        for other in firing
    )
