"""One rule at work: its alerts, what their labels and texts say, and when it must be looked at again.

`evaluate` takes the readings of the rule's source at a moment and gives the transitions. It does what Prometheus does with a rule: labels are those
of the series with the rule's own over them, and `alertname`; two series with the same labels, or more alerts than the limit, are an error. An
evaluation that failed changes nothing, but for the limit: then all its alerts are over.

Texts are made when somebody is notified: with a transition, and with each evaluation of an alert that is pending or firing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hookline.errors import Rejected
from hookline_collector.alerts.alert import ALERT_NAME, Alert, AlertState, AlertTransition, labels_of, transition_of
from hookline_collector.alerts.alert_places import places_of
from hookline_collector.alerts.reading import MeasureSource, Series, SeriesReading
from hookline_collector.alerts.rule import AlertRule, ItemMeasure, NoData
from hookline_collector.alerts.state_machine import ACTIVE, RESOLVED_RETENTION_NS, Sample, next_moment, step
from hookline_collector.alerts.templates import render

MAX_KNOWN = 1_000
_NOTHING: Series = ()
Fingerprint = str


class RuleRun:
    """A rule, its source and its alerts."""

    def __init__(self, rule: AlertRule, source: MeasureSource) -> None:
        self.rule = rule
        self.source = source
        self.alerts: dict[Fingerprint, Alert] = {}
        self._series: dict[Fingerprint, Series] = {}
        self._made: dict[Series, tuple[Fingerprint, Alert]] = {}
        self._known: dict[Series, None] = {}
        self._unseen: set[Fingerprint] = set()

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Go on with the alerts of before. Until something is seen of one, that nothing is seen says nothing before the source is whole."""
        for alert in alerts:
            fingerprint = alert.fingerprint
            self.alerts[fingerprint] = replace(alert, rule=self.rule.origin)
            self._unseen.add(fingerprint)

    def evaluate(self, now_ns: int) -> list[AlertTransition]:
        """Look at all series. Raises Rejected where the rule cannot be evaluated; then nothing has changed, unless it is past its limit."""
        readings = self._readings(now_ns)
        blanks = {key: self._blank(key, reading) for key, reading in readings.items()}
        if len({fingerprint for fingerprint, _ in blanks.values()}) < len(blanks):
            raise Rejected("two series have the same labels: say more in `by`, or less in `labels`")
        found: dict[Fingerprint, Alert] = {}
        changed: list[AlertTransition] = []
        for key, reading in readings.items():
            fingerprint, blank = blanks[key]
            self._take(fingerprint, self.alerts.get(fingerprint, blank), key, reading, now_ns, found, changed)
        seen = {fingerprint for fingerprint, _ in blanks.values()}
        self._unseen -= seen
        for fingerprint, alert in self.alerts.items():
            if fingerprint not in seen:
                is_partial = fingerprint in self._unseen and not self.source.is_whole(now_ns)
                key = self._series.get(fingerprint, _NOTHING)
                self._take(fingerprint, alert, key, SeriesReading(None, is_partial), now_ns, found, changed)
        if self.rule.limit and sum(alert.state in ACTIVE for alert in found.values()) > self.rule.limit:
            return self._past_limit(now_ns)
        self.alerts = found
        return changed

    def next_ns(self, now_ns: int) -> int | None:
        """Return when time alone may change something; None when it does not. Beside alerts' own moments no sooner than the interval."""
        moments = [moment for alert in self.alerts.values() if (moment := next_moment(alert, self.rule)) is not None]
        if not self._is_quiet() and (change_ns := self.source.next_change_ns(now_ns)) is not None:
            moments.append(change_ns)
        return min(moments, default=None)

    def _is_quiet(self) -> bool:
        """Whether what time does to the source can only lead away from a breach, and there is none."""
        measure, condition = self.rule.measure, self.rule.condition
        only_shrinks = isinstance(measure, ItemMeasure) and measure.aggregate.grows and self.rule.outlook is None
        return only_shrinks and condition.above is not None and condition.below is None and not self.alerts

    def _readings(self, now_ns: int) -> Mapping[Series, SeriesReading]:
        readings = self.source.read(now_ns)
        if self.rule.condition.absent:
            is_there = any(reading.value is not None for reading in readings.values())
            is_known = is_there or self.source.is_whole(now_ns)
            return {_NOTHING: SeriesReading(0.0 if is_there else 1.0 if is_known else None, not is_known)}
        if self.rule.no_data is not NoData.ALERTING:
            return readings
        self._known |= dict.fromkeys(key for key, reading in readings.items() if reading.value is not None)
        for key in list(self._known)[: max(0, len(self._known) - MAX_KNOWN)]:
            del self._known[key]
        missing = SeriesReading(None, not self.source.is_whole(now_ns))
        return {**dict.fromkeys(self._known, missing), **readings}

    def _blank(self, key: Series, reading: SeriesReading) -> tuple[Fingerprint, Alert]:
        """Return the alert of a series before anything happened, and its fingerprint; made once a series."""
        made = self._made.get(key)
        if made is None:
            if len(self._made) > 2 * MAX_KNOWN:
                self._made.clear()
            own = dict(zip(self.source.names, key, strict=False))
            told = {name: render(text, own, reading.value or 0.0) for name, text in self.rule.labels.items()}
            alert = Alert(labels_of(own, told, {ALERT_NAME: self.rule.origin.name}), self.rule.origin)
            made = self._made[key] = (alert.fingerprint, alert)
        return made

    def _take(
        self,
        fingerprint: Fingerprint,
        alert: Alert,
        key: Series,
        reading: SeriesReading,
        now_ns: int,
        found: dict[Fingerprint, Alert],
        changed: list[AlertTransition],
    ) -> None:
        after, change = step(alert, Sample(reading.value, reading.is_partial), now_ns, self.rule)
        if change or (after.state in ACTIVE and after.value != alert.value):
            after = self._dressed(after, key, reading, now_ns)
        if change:
            changed.append(replace(change, alert=after))
        if after.state is not AlertState.INACTIVE:
            found[fingerprint] = after
            self._series[fingerprint] = key
        else:
            self._series.pop(fingerprint, None)

    def _dressed(self, alert: Alert, key: Series, reading: SeriesReading, now_ns: int) -> Alert:
        """Return an alert with its texts, links and evidence as they are now; one that is over keeps those of its last breach."""
        if alert.state not in ACTIVE:
            return alert
        texts = {name: render(text, alert.labels, alert.value, reading.more) for name, text in self.rule.annotations.items()}
        evidence = self.source.evidence(key, now_ns)
        return replace(alert, annotations=texts, links=places_of(self.rule, alert, texts, evidence), evidence=evidence)

    def _past_limit(self, now_ns: int) -> list[AlertTransition]:
        over = []
        for alert in self.alerts.values():
            if alert.state is AlertState.FIRING:
                ended = replace(
                    alert, state=AlertState.RESOLVED, resolved_at_ns=now_ns, kept_since_ns=0, keep_until_ns=now_ns + RESOLVED_RETENTION_NS
                )
                ended = replace(ended, changes=ended.changes + 1)
                over.append(transition_of(ended, AlertState.FIRING, now_ns))
        self.alerts = {each.alert.fingerprint: each.alert for each in over}
        raise PastLimit(self.rule.limit, over)


class PastLimit(Rejected):
    """More alerts than a rule may have: all of them are over."""

    def __init__(self, limit: int, transitions: list[AlertTransition]) -> None:
        super().__init__(f"more than {limit} alerts at once: all of them were ended")
        self.transitions = transitions
