"""Unit tests of what the relay counts, and of samples as metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricsData

from hookline.export.sdk import resources_of
from hookline.records import LogRecord, SpanRecord
from hookline.relay.counted import GENERATION, Counted
from hookline.relay.metrics import RelayMetrics, temporality_of
from hookline.resources.machine import MachineSample
from hookline.resources.points import TreePoint, machine_metrics, tree_metrics
from hookline.resources.tree import TreeSample

S = 1_000_000_000
DELTA, CUMULATIVE = AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE


def tool(number: int, seconds: float = 0.5, outcome: str = "success", service: str = "claude-code") -> SpanRecord:
    attributes = {"gen_ai.tool.name": "Bash", "hookline.outcome": outcome, "session.id": "s1"}
    return SpanRecord(1, number + 1, None, "execute_tool Bash", 0, int(seconds * S), attributes, service=service)


def prompt(uid: str) -> LogRecord:
    return LogRecord(uid, "hookline.prompt_submitted", 1, {"hookline.project.name": "shop", "hookline.prompt.id": uid})


def relay_metrics(folder: Path, temporality: AggregationTemporality = DELTA) -> RelayMetrics:
    return RelayMetrics(resources_of("ann"), "claude-code", temporality, Counted(folder / "counted"))


def points(data: MetricsData | None) -> dict[str, list[Any]]:
    assert data is not None
    return {m.name: list(m.data.data_points) for group in data.resource_metrics for scope in group.scope_metrics for m in scope.metrics}


def test_tool_durations_are_an_exponential_histogram_by_tool_and_outcome(tmp_path: Path) -> None:
    """Prompts, calls and the hook's cost beside it, in seconds."""
    metrics = relay_metrics(tmp_path)
    metrics.count_spans([tool(1, 0.5), tool(2, 2.0), tool(3, 1.0, "failure")])
    metrics.count_event(prompt("a"), 0.002)
    assert metrics.is_dirty
    found = points(metrics.collect([]))
    success, failure = found["hookline.tool.duration"]
    assert (dict(success.attributes), success.count, success.sum) == ({"gen_ai.tool.name": "Bash", "hookline.outcome": "success"}, 2, 2.5)
    assert success.positive.bucket_counts
    assert (failure.count, failure.max) == (1, 1.0)
    assert [point.value for point in found["hookline.tool.calls"]] == [2, 1]
    assert [(dict(p.attributes), p.value) for p in found["hookline.prompts"]] == [({"hookline.project.name": "shop"}, 1)]
    assert [(dict(p.attributes), p.sum) for p in found["hookline.hook.duration"]] == [({"hookline.project.name": "shop"}, 0.002)]
    assert not metrics.is_dirty
    metrics.close()


def test_each_agents_calls_are_counted_under_its_own_service(tmp_path: Path) -> None:
    """And what is no agent's under that of the relay's home."""
    metrics = relay_metrics(tmp_path)
    metrics.count_spans([tool(1), tool(2, service="toy"), tool(3, service="toy")])
    data = metrics.collect([("hookline.resources", machine_metrics(MachineSample(1, 0.5, 100, 40, {})))])
    assert data is not None
    found = {
        str(group.resource.attributes["service.name"]): {metric.name for scope in group.scope_metrics for metric in scope.metrics}
        for group in data.resource_metrics
    }
    assert set(found) == {"claude-code", "toy"}
    assert found["claude-code"] - found["toy"] and found["toy"] == {"hookline.tool.duration", "hookline.tool.calls"}
    metrics.close()


def test_waiting_for_permission_is_a_metric_of_its_own(tmp_path: Path) -> None:
    """By tool and by what was answered."""
    metrics = relay_metrics(tmp_path)
    attributes = {"gen_ai.tool.name": "Bash", "hookline.permission.outcome": "accepted", "session.id": "s"}
    metrics.count_spans([SpanRecord(1, 2, None, "wait_permission Bash", 0, 3 * S, attributes)])
    (point,) = points(metrics.collect([]))["hookline.permission.wait.duration"]
    assert (point.sum, dict(point.attributes)) == (3.0, {"gen_ai.tool.name": "Bash", "hookline.permission.outcome": "accepted"})
    metrics.close()


def test_what_is_sent_twice_is_counted_once_also_by_the_next_life(tmp_path: Path) -> None:
    """A crash makes the relay read events again whose spans it had delivered."""
    first = relay_metrics(tmp_path)
    first.count_spans([tool(1), tool(1)])
    first.count_event(prompt("a"), None)
    first.save()
    second = relay_metrics(tmp_path)
    second.count_spans([tool(1), tool(2)])
    second.count_event(prompt("a"), None)
    found = points(second.collect([]))
    assert [point.value for point in found["hookline.tool.calls"]] == [1]
    assert "hookline.prompts" not in found
    first.close()
    second.close()


def test_deltas_leave_nothing_to_send_when_nothing_happened_and_totals_go_on(tmp_path: Path) -> None:
    """An idle relay sends nothing; a backend that wants totals gets them."""
    delta, totals = relay_metrics(tmp_path / "a"), relay_metrics(tmp_path / "b", CUMULATIVE)
    for metrics in (delta, totals):
        metrics.count_spans([tool(1)])
        metrics.collect([])
    assert delta.collect([]) is None
    totals.count_spans([tool(2)])
    assert points(totals.collect([]))["hookline.tool.calls"][0].value == 2
    delta.close()
    totals.close()


def test_the_memory_of_counted_items_is_bounded_and_survives(tmp_path: Path) -> None:
    """Two generations: at least the last one's worth is known; a torn last key is passed over."""
    counted = Counted(tmp_path / "counted")
    for number in range(3 * GENERATION):
        assert counted.add(str(number))
        if number % 100 == 0:
            counted.save()
    counted.save()
    with (tmp_path / "counted").open("ab") as file:
        file.write(b"\x01\x02")
    again = Counted(tmp_path / "counted")
    assert not again.add(str(3 * GENERATION - 1))
    assert not again.add(str(2 * GENERATION + 200))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 * 8 * (GENERATION + 100) + 2


def test_counting_goes_on_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A missing folder or a full disk costs exactness after a crash, nothing else."""
    counted = Counted(tmp_path / "absent" / "counted")
    assert counted.add("a")
    counted.save()
    assert not counted.add("a")


def sample(time_ns: int, cpu_s: float, user_s: float, read_bytes: int) -> TreeSample:
    return TreeSample(time_ns, 5.0, cpu_s, user_s, 0.25, read_bytes, 0, 4096, 3, 2)


def test_a_trees_counters_go_as_growth_or_as_totals() -> None:
    """`sum(Value)` over deltas is what was used; totals run since the watch began."""
    point = TreePoint({"session.id": "s1"}, 1 * S, sample(5 * S, 1.0, 1.0, 100), sample(10 * S, 2.0, 3.0, 400))
    delta = {m.name: m.data for m in tree_metrics([point], 2, DELTA)}
    totals = {m.name: m.data for m in tree_metrics([point], 2, CUMULATIVE)}
    user, _system = delta["process.cpu.time"].data_points
    assert (dict(user.attributes or {}), user.start_time_unix_nano, user.time_unix_nano) == ({"session.id": "s1", "cpu.mode": "user"}, 5 * S, 10 * S)
    assert [getattr(p, "value", None) for p in delta["process.disk.io"].data_points] == [300, 0]
    assert [getattr(p, "value", None) for p in totals["process.disk.io"].data_points] == [400, 0]
    assert [getattr(p, "value", None) for p in delta["process.cpu.utilization"].data_points] == [0.2]
    assert [getattr(p, "value", None) for p in delta["process.memory.usage"].data_points] == [4096]
    assert [getattr(p, "value", None) for p in delta["process.thread.count"].data_points] == [3]
    assert tree_metrics([], 2, DELTA) == []
    assert temporality_of("delta") is DELTA


def test_the_machines_metrics_leave_out_what_the_system_does_not_tell() -> None:
    """No pressure, and no CPU in the first sample."""
    bare = machine_metrics(MachineSample(1, None, 100, 40, {}))
    assert [m.name for m in bare] == ["system.memory.usage", "system.memory.utilization"]
    full = {m.name: m.data.data_points for m in machine_metrics(MachineSample(1, 0.5, 100, 40, {"cpu": 0.1, "io": 0.2}))}
    assert [(dict(p.attributes or {}), getattr(p, "value", None)) for p in full["hookline.system.pressure"]] == [
        ({"hookline.resource": "cpu"}, 0.1),
        ({"hookline.resource": "io"}, 0.2),
    ]
    assert getattr(full["system.memory.utilization"][0], "value", None) == 0.6
