"""The records of `notify.yaml`: routes, receivers and their targets, inhibitions, named times. Times are Unix nanoseconds and lengths nanoseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hookline.system.clock import NS_PER_S
from hookline_collector.notification.plan.label_matchers import Matchers
from hookline_collector.notification.plan.mute_times import NamedTimes
from hookline_collector.notification.plan.secret import Secret

ALL_LABELS: Final = "..."
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Route:
    """A node of the tree: whom it is for, how its alerts are put together, and when they are sent."""

    receiver: str
    matchers: Matchers = ()
    group_by: tuple[str, ...] = ()
    group_wait_ns: int = 0
    group_interval_ns: int = 10 * NS_PER_S
    repeat_interval_ns: int = 4 * 3600 * NS_PER_S
    goes_on: bool = False
    mute_times: tuple[str, ...] = ()
    active_times: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """One way out of a receiver: its kind, and what every kind has. `options` are its kind's own."""

    name: str
    kind: str
    receiver: str
    send_resolved: bool = True
    timeout_s: float = 10.0
    allow_private: bool = False
    max_queued: int = 1_000
    give_up_after_s: float = 6 * 3600.0
    url: Secret = Secret("")
    options: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return one of its own options that is a text, empty where it is not given."""
        return str(self.options.get(name) or "")

    def secret(self, name: str) -> str:
        """Return one of its own options that is a secret, as it must be sent."""
        found = self.options.get(name)
        return found.reveal() if isinstance(found, Secret) else ""


@dataclass(frozen=True, slots=True)
class ReceiverPlan:
    """A name and the targets that it stands for."""

    name: str
    targets: tuple[TargetPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """While an alert that the source matchers meet fires, those of the target matchers with the same `equal` labels are not sent."""

    source_matchers: Matchers = ()
    target_matchers: Matchers = ()
    equal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotificationPlan:
    """All of the file."""

    route: Route = Route(NOBODY, group_by=("alertname",))
    receivers: Mapping[str, ReceiverPlan] = field(default_factory=lambda: {NOBODY: ReceiverPlan(NOBODY)})
    inhibit_rules: tuple[InhibitRule, ...] = ()
    times: Mapping[str, NamedTimes] = field(default_factory=dict)
    external_url: str = ""

    def targets(self) -> Iterator[TargetPlan]:
        """Yield every target of every receiver."""
        for receiver in self.receivers.values():
            yield from receiver.targets

    def is_muted(self, route: Route, now_ns: int) -> bool:
        """Whether a route says nothing now: in one of its mute times, or outside all of its active ones."""
        if any(self.times[name].contains(now_ns) for name in route.mute_times):
            return True
        return bool(route.active_times) and not any(self.times[name].contains(now_ns) for name in route.active_times)
