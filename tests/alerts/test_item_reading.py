"""Items of measures, read of requests: names, filters, attributes, counters, histograms."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.making import S, rule_of
from alerts.telemetry import SCOPE, logs, metric, spans
from hookline_collector.alerts.item_reading import ItemIndex, MeasuredItem
from hookline_collector.alerts.item_source import ItemSource
from hookline_collector.alerts.rule import ItemMeasure
from hookline_collector.observe.announcements import Accepted

NOW = 1_800_000_000 * S


def read(keys: str, *requests: Accepted) -> list[MeasuredItem]:
    """Return what one measure reads of requests."""
    measure = rule_of(f"{keys}\nabove: 1").measure
    assert isinstance(measure, ItemMeasure)
    index = ItemIndex({"k": measure})
    return [item for request in requests for _, item in index.read(request)]


def test_spans_by_name_first_word_and_filter() -> None:
    """`execute_tool Bash` is an execute_tool; attributes of the span before those of the resource; its duration, status and ids."""
    request = spans(
        ("execute_tool Bash", NOW, 2.5, {"gen_ai.tool.name": "Bash", "host": "own"}),
        ("execute_tool Edit", NOW, 1.0, {"gen_ai.tool.name": "Edit"}),
        ("invoke_agent", NOW, 9.0, {}),
        resource={"host": "shared"},
        failed=True,
    )
    found = read("span: execute_tool\naggregate: p95\nby: [gen_ai.tool.name, host, status]", request)
    assert [(item.labels, item.value, item.at_ns) for item in found] == [
        (("Bash", "own", "error"), 2.5, NOW),
        (("Edit", "shared", "error"), 1.0, NOW),
    ]
    assert (found[0].trace_id[-2:], found[0].span_id, found[0].name) == ("01", "0000000000000001", "execute_tool Bash")
    assert len(read("span: '*'", request)) == 3
    assert [item.name for item in read("span: '*'\nfilter: {duration_s: '>= 2.5', gen_ai.tool.name: [Bash, '']}", request)] == [
        "execute_tool Bash",
        "invoke_agent",
    ]
    assert read("span: '*'\nfilter: {status: ok}", request) == []


def test_records_and_the_attribute_that_is_aggregated() -> None:
    """A record without the number says nothing, unless it is only counted."""
    request = logs(("api_request", NOW, {"cost_usd": "0.5", "model": "m"}), ("api_request", NOW, {"cost_usd": 2}), ("api_request", NOW, {}))
    assert [item.value for item in read("log: api_request\naggregate: sum\nof: cost_usd", request)] == [0.5, 2.0]
    assert len(read("log: api_request", request)) == 3
    assert len(read("log: api_request\nfilter: {severity: INFO, severity_number: '> 8'}", request)) == 3


def test_a_counter_gives_its_increase_and_survives_a_restart() -> None:
    """The first point says nothing yet; a smaller one began anew. Series are told apart by all their attributes."""
    points = [
        (NOW, 10.0, {"a": "x"}),
        (NOW, 5.0, {"a": "y"}),
        (NOW + S, 14.0, {"a": "x"}),
        (NOW + 2 * S, 3.0, {"a": "x"}),
        (NOW + 2 * S, 6.0, {"a": "y"}),
    ]
    request = metric("sum", "m", *points)
    assert [item.value for item in read("metric: m\naggregate: rate\nover: 1m", request)] == [4.0, 3.0, 1.0]
    assert [item.value for item in read("metric: m", request)] == [10.0, 5.0, 14.0, 3.0, 6.0]
    assert [item.value for item in read("metric: m\naggregate: sum", metric("sum", "m", *points[:2], cumulative=False))] == [10.0, 5.0]


def test_a_histogram_gives_its_buckets() -> None:
    """Each bucket's middle, as often as it was counted since the point before."""
    first: tuple[int, Any, dict[str, str]] = (NOW, ([1.0, 2.0], [1, 0, 0]), {})
    second: tuple[int, Any, dict[str, str]] = (NOW + S, ([1.0, 2.0], [1, 3, 0]), {})
    found = read("metric: m\naggregate: max", metric("histogram", "m", first, second))
    assert [(item.value, item.weight) for item in found] == [(1.5, 3.0)]
    told = read("metric: m\naggregate: avg", metric("histogram", "m", first, cumulative=False))
    assert [(item.value, item.weight) for item in told] == [(0.5, 1.0)]
    spread = read("metric: m\naggregate: p95", metric("histogram", "m", first, second))
    assert [item.value for item in spread] == pytest.approx([1.05 + at / 10 for at in range(10)])
    assert {item.weight for item in spread} == {0.3}


def test_a_bucket_s_exemplar_says_which_trace_it_was() -> None:
    """The newest one that lies in it."""
    request = metric("histogram", "m", (NOW, ([1.0, 2.0], [1, 2, 0]), {}), cumulative=False)
    point = request.message.resource_metrics[0].scope_metrics[0].metrics[0].histogram.data_points[0]
    for at, value in enumerate((1.2, 1.8, 9.0), 1):
        point.exemplars.add(time_unix_nano=NOW + at, as_double=value, trace_id=bytes([at]) * 16, span_id=bytes([at]) * 8)
    assert [(item.value, item.trace_id[:2]) for item in read("metric: m\naggregate: max", request)] == [(0.5, ""), (1.5, "02")]
    source = ItemSource(rule_of("metric: m\naggregate: p95\nabove: 1"), NOW)
    for item in read("metric: m\naggregate: p95", request):
        source.add(item, NOW)
    worst = source.evidence((), NOW).worst
    assert [(round(each.value, 2), each.trace_id[:2]) for each in worst] == [(1.95, "02"), (0.95, "")], "each request once"


def test_what_nobody_measures_is_not_looked_at() -> None:
    """Neither other signals, nor other scopes where every measure is bound to one."""
    bound = rule_of(f"span: '*'\nfilter: {{scope: {SCOPE}}}\nabove: 1").measure
    assert isinstance(bound, ItemMeasure)
    index = ItemIndex({"k": bound})
    assert index.wants(spans(("a", NOW, 1.0, {})))
    assert not index.wants(spans(("a", NOW, 1.0, {}), scope="other"))
    assert not index.wants(logs(("a", NOW, {})))
    assert not ItemIndex({}).wants(spans(("a", NOW, 1.0, {})))
    assert list(index.read(spans(("a", NOW, 1.0, {}), scope="other"))) == []


def test_hostile_values_are_values() -> None:
    """Long ones are cut; what is no number is no value."""
    request = logs(("x", NOW, {"n": "nan", "l": "y" * 10_000}), ("x", NOW, {"n": "1e999", "l": "'; DROP TABLE x"}))
    assert read("log: x\naggregate: max\nof: n", request) == []
    assert [len(item.labels[0]) for item in read("log: x\nby: l", request)] == [256, 15]
