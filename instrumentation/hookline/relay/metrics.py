"""The relay's metrics, by the SDK.

They are derived from what the endpoint accepted, each span and event once (`counted`), so that a crash and the replay
after it do not count twice. Durations are exponential histograms.

Temporality is delta by default. A relay lives on a laptop and restarts often; with cumulative counters every query
would have to find the restarts of every series, with deltas it is `sum(Value)` over any rows, and a relay without work
sends nothing at all. `relay.metrics_temporality = "cumulative"` serves backends that know no deltas (Prometheus).
What was counted and not yet sent at a `kill -9` (up to `relay.metrics_s`) is missing from the metrics; spans have it.
"""

from __future__ import annotations

from collections.abc import Iterable

from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader, Metric, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from opentelemetry.sdk.resources import Resource

from hookline.contract import semconv
from hookline.contract.events import RECORD_NAMES, EventKind, SpanName
from hookline.contract.scopes import RELAY_SCOPE
from hookline.export.merge import merge
from hookline.export.sdk import ResourceOf, make_scope
from hookline.records import Attributes, LogRecord, SpanRecord
from hookline.relay.counted import Counted
from hookline.system.clock import NS_PER_S
from hookline.version import VERSION

_PROMPT_EVENT = RECORD_NAMES[EventKind.PROMPT_SUBMITTED]


def temporality_of(name: str) -> AggregationTemporality:
    """Return the SDK's name of a setting's value."""
    return AggregationTemporality[name.upper()]


class ServiceInstruments:
    """The instruments of one agent's service."""

    def __init__(self, resource: Resource, temporality: AggregationTemporality) -> None:
        self._reader = InMemoryMetricReader(
            {Counter: temporality, Histogram: temporality}, {Histogram: ExponentialBucketHistogramAggregation(max_size=80)}
        )
        self._provider = MeterProvider([self._reader], resource, shutdown_on_exit=False)
        meter = self._provider.get_meter(RELAY_SCOPE, VERSION, semconv.SCHEMA_URL)
        self.tool_duration = meter.create_histogram(semconv.METRIC_TOOL_DURATION, "s", "Run time of tool calls.")
        self.tool_calls = meter.create_counter(semconv.METRIC_TOOL_CALLS, "{call}", "Tool calls.")
        self.prompts = meter.create_counter(semconv.METRIC_PROMPTS, "{prompt}", "Prompts submitted.")
        self.permission = meter.create_histogram(semconv.METRIC_PERMISSION_WAIT, "s", "Time a call waited for a person's permission.")
        self.hook = meter.create_histogram(semconv.METRIC_HOOK_DURATION, "s", "What the hook's own run cost.")

    def collect(self) -> list[ResourceMetrics]:
        """Return everything since the last collection."""
        data = self._reader.get_metrics_data()
        return [group for group in data.resource_metrics if group.scope_metrics] if data else []

    def close(self) -> None:
        """End the provider."""
        self._provider.shutdown()


class RelayMetrics:
    """What was accepted, counted under the service of the agent that it is of. Used by the loop's thread alone.

    `home` is the service of what is no agent's: the spool, the machine.
    """

    def __init__(self, resource_of: ResourceOf, home: str, temporality: AggregationTemporality, counted: Counted) -> None:
        self._resource_of = resource_of
        self._home = home
        self._temporality = temporality
        self._counted = counted
        self._is_dirty = False
        self._services: dict[str, ServiceInstruments] = {}

    @property
    def is_dirty(self) -> bool:
        """Whether something was counted since the last collection."""
        return self._is_dirty

    def count_spans(self, spans: Iterable[SpanRecord]) -> None:
        """Count accepted spans."""
        for span in spans:
            operation = span.name.partition(" ")[0]
            if operation in {SpanName.EXECUTE_TOOL, SpanName.WAIT_PERMISSION} and self._counted.add(f"{span.span_id:016x}"):
                self._count_span(operation, span)

    def _count_span(self, operation: str, span: SpanRecord) -> None:
        self._is_dirty = True
        instruments, seconds = self._of(span.service), max(0, span.end_ns - span.start_ns) / NS_PER_S
        if operation == SpanName.EXECUTE_TOOL:
            attributes = _pick(span.attributes, semconv.TOOL_NAME, semconv.TOOL_KIND, semconv.OUTCOME)
            instruments.tool_duration.record(seconds, attributes)
            instruments.tool_calls.add(1, attributes)
        else:
            instruments.permission.record(seconds, _pick(span.attributes, semconv.TOOL_NAME, semconv.TOOL_KIND, semconv.PERMISSION_OUTCOME))

    def count_event(self, log: LogRecord, hook_cost_s: float | None) -> None:
        """Count an accepted event, and what its hook cost where that is known."""
        is_prompt = log.event_name == _PROMPT_EVENT and _is_typed(log)
        if not (is_prompt or hook_cost_s is not None) or not self._counted.add(log.uid):
            return
        if is_prompt:
            self._is_dirty = True
            self._of(log.service).prompts.add(1, _pick(log.attributes, semconv.PROJECT_NAME))
        if hook_cost_s is not None:
            self._is_dirty = True
            self._of(log.service).hook.record(hook_cost_s, _pick(log.attributes, semconv.PROJECT_NAME))

    def save(self) -> None:
        """Keep what was counted across a crash."""
        self._counted.save()

    def collect(self, sampled: Iterable[tuple[str, list[Metric]]]) -> MetricsData | None:
        """Return everything since the last collection together with samples by scope; None if there is nothing."""
        self._is_dirty = False
        own = [group for service in self._services.values() for group in service.collect()]
        scopes = [ScopeMetrics(make_scope(name), metrics, semconv.SCHEMA_URL) for name, metrics in sampled if metrics]
        shared = [ResourceMetrics(self._resource_of(self._home), scopes, semconv.SCHEMA_URL)] if scopes else []
        return merge([MetricsData([*own, *shared])]) if own or shared else None

    def close(self) -> None:
        """End the providers."""
        for service in self._services.values():
            service.close()

    def _of(self, service: str) -> ServiceInstruments:
        """Return a service's instruments, made when it is first heard of."""
        if service not in self._services:
            self._services[service] = ServiceInstruments(self._resource_of(service), self._temporality)
        return self._services[service]


def _pick(attributes: Attributes, *names: str) -> Attributes:
    return {name: attributes[name] for name in names if name in attributes}


def _is_typed(log: LogRecord) -> bool:
    """Whether a person typed the prompt: the client prompts itself too, and one that was typed ahead is reported again when its turn comes."""
    told_again = log.attributes.get(semconv.SIGNAL_SOURCE) == "transcript"
    return log.attributes.get(semconv.PROMPT_SOURCE) != "task_notification" and not told_again
