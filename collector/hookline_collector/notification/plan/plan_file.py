"""`notify.yaml` read into a `NotificationPlan`, and the JSON Schema that editors check it with.

The shape is Alertmanager's: `route`, `receivers` with lists of `…_configs`, `inhibit_rules`, `time_intervals`. Three defaults differ, on purpose: a
group waits 0 s and not 30 s for more, speaks again after 10 s and not after 5 min, and groups by `alertname`. Secrets stand in the file, in a file of
their own (`…_file`) or in a variable (`…_env`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hookline_collector.notification.plan.mute_times import NamedTimes
from hookline_collector.notification.plan.notification_plan import ALL_LABELS, NotificationPlan, ReceiverPlan, Route
from hookline_collector.notification.plan.plan_forms import GLOBAL, INHIBIT_RULE, NAMED_TIMES, RECEIVER, ROUTE, TARGETS, flat
from hookline_collector.notification.plan.yaml_forms import FileReading, ListForm, RecordForm, Schema, YamlKey, read_text
from hookline_collector.yaml_files import FileProblem, Spot

MAX_TARGETS = 100


def read_plan(text: str, file: str, folder: Path, env: Mapping[str, str] | None = None) -> tuple[NotificationPlan | None, tuple[FileProblem, ...]]:
    """Return the plan that a text says, or every problem with it."""
    reading = FileReading(file, folder) if env is None else FileReading(file, folder, env)
    plan = read_text(FILE, text, reading)
    problems = tuple(sorted(reading.problems, key=lambda problem: problem.line))
    return (None if problems else plan), problems


def file_schema() -> Schema:
    """Return the JSON Schema of the file."""
    definitions = {"route": ROUTE.body(), **{kind: form.body() for kind, form in TARGETS.items()}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Hookline: receivers and routes", **FILE.body(), "$defs": definitions}


def schema_text() -> str:
    """Return the schema as it is shipped."""
    return json.dumps(file_schema(), indent=1, ensure_ascii=False) + "\n"


def _plan(values: dict[str, Any], node: Spot, key: str, reading: FileReading) -> NotificationPlan | None:
    receivers = {receiver.name: receiver for receiver in values["receivers"]}
    times = {named.name: named for named in values["time_intervals"]}
    _check_names(values, receivers, node, reading)
    root = values["route"]
    root_node, root_key = root[""]
    if not root["receiver"]:
        reading.add(root_node, root_key, "the root needs a receiver")
    if root["matchers"] or root["mute_time_intervals"] or root["active_time_intervals"] or root["continue"]:
        reading.add(root_node, root_key, "the root takes every alert: it has no matchers, no times and no continue")
    _check_routes(root, receivers, times, reading)
    if reading.problems:
        return None
    top = Route(root["receiver"], group_by=("alertname",))
    return NotificationPlan(
        resolved(root, top), receivers, values["inhibit_rules"], times, ((values["global"] or {}).get("external_url") or "").rstrip("/")
    )


def resolved(values: Mapping[str, Any], above: Route) -> Route:
    """Return a route with what it takes from the one above."""

    def own(name: str, inherited: Any) -> Any:
        return inherited if values[name] is None else values[name]

    here = Route(
        receiver=own("receiver", above.receiver),
        matchers=flat(values["matchers"]),
        group_by=own("group_by", above.group_by),
        group_wait_ns=own("group_wait", above.group_wait_ns),
        group_interval_ns=own("group_interval", above.group_interval_ns),
        repeat_interval_ns=own("repeat_interval", above.repeat_interval_ns),
        goes_on=values["continue"],
        mute_times=values["mute_time_intervals"],
        active_times=values["active_time_intervals"],
    )
    below = tuple(resolved(child, here) for child in values["routes"])
    return Route(**{**{name: getattr(here, name) for name in Route.__dataclass_fields__}, "routes": below})


def _check_names(values: Mapping[str, Any], receivers: Mapping[str, ReceiverPlan], node: Spot, reading: FileReading) -> None:
    targets = [target.name for receiver in receivers.values() for target in receiver.targets]
    for what, names in (
        ("receivers", [receiver.name for receiver in values["receivers"]]),
        ("time_intervals", [named.name for named in values["time_intervals"]]),
        ("targets", targets),
    ):
        for name, count in Counter(names).items():
            if count > 1:
                reading.add(node, what, f"the name {name!r} stands {count} times")
    if len(targets) > MAX_TARGETS:
        reading.add(node, "receivers", f"there are {len(targets)} targets; at most {MAX_TARGETS} are served")


def _check_routes(root: Mapping[str, Any], receivers: Mapping[str, ReceiverPlan], times: Mapping[str, NamedTimes], reading: FileReading) -> None:
    for values in _each(root):
        node, key = values[""]
        if values["receiver"] and values["receiver"] not in receivers:
            reading.add(node, f"{key}.receiver", f"there is no receiver {values['receiver']!r}")
        for kind in ("mute_time_intervals", "active_time_intervals"):
            for name in values[kind]:
                if name not in times:
                    reading.add(node, f"{key}.{kind}", f"there is no time interval {name!r}")
        if values["group_by"] and ALL_LABELS in values["group_by"] and len(values["group_by"]) > 1:
            reading.add(node, f"{key}.group_by", "'...' stands for all labels and alone")


def _each(root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield root
    for child in root["routes"]:
        yield from _each(child)


FILE = RecordForm("Receivers and routes of alerts.", (
    YamlKey("global", GLOBAL, GLOBAL.meaning),
    YamlKey("route", ROUTE, "The root of the tree of routes.", required=True),
    YamlKey("receivers", ListForm(RECEIVER), "The receivers.", (), required=True),
    YamlKey("inhibit_rules", ListForm(INHIBIT_RULE), "Which alerts hold others back.", ()),
    YamlKey("time_intervals", ListForm(NAMED_TIMES), "Named times.", ()),
), _plan)  # fmt: skip
