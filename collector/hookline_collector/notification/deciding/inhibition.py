"""Which alerts others hold back: as Alertmanager decides it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hookline_collector.alerts.alert import Labels
from hookline_collector.notification.plan.label_matchers import match_all
from hookline_collector.notification.plan.notification_plan import InhibitRule


def is_inhibited(labels: Labels, rules: Iterable[InhibitRule], firing: Sequence[Labels]) -> bool:
    """Whether one of the firing alerts holds an alert back. What is both source and target of a rule is not held back by another that is both."""
    return any(True for _ in inhibitors(labels, rules, firing))


def inhibitors(labels: Labels, rules: Iterable[InhibitRule], firing: Sequence[Labels]) -> Iterator[Labels]:
    """Yield the labels of the firing alerts that hold an alert back."""
    for rule in rules:
        if match_all(rule.target_matchers, labels):
            yield from _sources(labels, rule, firing)


def _sources(labels: Labels, rule: InhibitRule, firing: Sequence[Labels]) -> Iterator[Labels]:
    is_source = match_all(rule.source_matchers, labels)
    for other in firing:
        is_alike = all(other.get(name, "") == labels.get(name, "") for name in rule.equal)
        is_both = is_source and match_all(rule.target_matchers, other)
        if match_all(rule.source_matchers, other) and is_alike and not is_both:
            yield other
