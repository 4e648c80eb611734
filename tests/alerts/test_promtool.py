"""The same rule and the same series, given to Prometheus itself: `promtool test rules` sees the same states at every evaluation."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from alerts.making import MINUTE, rule_of
from alerts.prometheus_cases import PROMETHEUS_CASES
from hookline_collector.alerts.alert import ALERT_NAME, Alert, AlertState, labels_of
from hookline_collector.alerts.quantities import duration_text
from hookline_collector.alerts.state_machine import Sample, step
from hookline_collector.alerts.templates import render
from support.soaking import share

PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: apt-get install prometheus")
MINUTES = 40


def states(keys: str, values: list[float | None]) -> list[AlertState]:
    """Return our states, an evaluation a minute."""
    rule = rule_of(f"metric: x\nabove: 5\n{keys}")
    alert, found = Alert(labels_of({ALERT_NAME: "Tested"}), rule.origin), []
    for minute, value in enumerate(values):
        alert, _ = step(alert, Sample(value), (minute + 1) * MINUTE, rule)
        found.append(alert.state)
    return found


def case(name: str, values: list[float | None], expected: list[AlertState]) -> dict[str, Any]:
    """Return a test for promtool: one series, and what ALERTS must hold minute by minute."""
    series = " ".join("stale" if value is None else f"{value:g}" for value in values)

    def samples(state: AlertState) -> list[dict[str, Any]]:
        if state not in (AlertState.PENDING, AlertState.FIRING):
            return []
        return [{"labels": f'ALERTS{{alertname="{name}", alertstate="{state}", job="j"}}', "value": 1}]

    return {
        "interval": "1m",
        "input_series": [{"series": f'{name}_series{{job="j"}}', "values": series}],
        "promql_expr_test": [
            {"expr": f'ALERTS{{alertname="{name}"}}', "eval_time": f"{minute}m", "exp_samples": samples(state)}
            for minute, state in enumerate(expected)
        ],
    }


def run_promtool(folder: Path, rules: list[dict[str, Any]], tests: list[dict[str, Any]]) -> str:
    """Run it; return what it said, empty when all was as expected."""
    assert PROMTOOL
    (folder / "rules.yaml").write_text(json.dumps({"groups": [{"name": "g", "interval": "1m", "rules": rules}]}))
    (folder / "tests.yaml").write_text(json.dumps({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run([PROMTOOL, "test", "rules", str(folder / "tests.yaml")], capture_output=True, text=True, timeout=100, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.soak
def test_prometheus_sees_the_same_states(tmp_path: Path) -> None:
    """Series drawn by lot, with gaps; every combination of `for` and `keep_firing_for` that matters."""
    dice = random.Random(7)
    rules, tests = [], []
    for number in range(share(15, 60, 200)):
        name, for_, keep = f"T{number}", dice.choice([0, 0, 1, 2, 5]) * MINUTE, dice.choice([0, 0, 1, 3]) * MINUTE
        values, value = [], 1.0
        for _ in range(MINUTES):
            value = dice.choice([value, value, value, 1.0, 6.0])
            values.append(None if dice.random() < 0.1 else value)
        keys = f"for: {duration_text(for_)}\nkeep_firing_for: {duration_text(keep)}"
        rule = {"alert": name, "expr": f"{name}_series > 5", "for": duration_text(for_)} | ({"keep_firing_for": duration_text(keep)} if keep else {})
        rules.append(rule)
        tests.append(case(name, values, states(keys, values)))
    assert run_promtool(tmp_path, rules, tests) == ""


def test_our_table_of_prometheus_semantics_is_true_of_prometheus(tmp_path: Path) -> None:
    """Each case of the table that our state machine is tested with."""
    rules, tests = [], []
    letters = {state.value[0]: state for state in AlertState}
    for number, (_, keys, values, expected) in enumerate(PROMETHEUS_CASES):
        name = f"T{number}"
        rules.append({"alert": name, "expr": f"{name}_series > 5"} | dict(line.split(": ") for line in keys.splitlines()))
        tests.append(case(name, values, [letters[letter] for letter in expected]))
    assert run_promtool(tmp_path, rules, tests) == ""


TEMPLATES = (
    "{{ $labels.tool }} at {{ $value }}",
    "{{ .Labels.tool }} {{ .Value }}",
    "{{ $labels.items }}{{ $labels.nothing }}",
    "{{ $value | humanize }} {{ humanize $value }}",
    '{{ printf "%.2f" $value }} {{ printf "%s=%v" $labels.tool $value }} {{ printf "%5.1f|%-8s|" $value $labels.tool }}',
    '{{ reReplaceAll "(.*):\\\\d+" "$1" $labels.instance }}',
    "{{ $labels.instance | toUpper }} {{ $labels.instance | toLower }} {{ $labels.instance | title }}",
    '{{ match "B.*" $labels.tool }} {{ match "^x" $labels.tool }}',
    *(
        "{{ humanize 1234567.0 }}",
        "{{ humanize 0.0023 }}",
        "{{ humanize 0.0 }}",
        "{{ humanize -1500.0 }}",
        "{{ humanize 1e25 }}",
        "{{ humanize 999.5 }}",
    ),
    *("{{ humanize1024 1536.0 }}", "{{ humanize1024 1048576.0 }}", "{{ humanize1024 0.5 }}", "{{ humanize1024 -2048.0 }}"),
    *("{{ humanizeDuration 90061.0 }}", "{{ humanizeDuration 3661.0 }}", "{{ humanizeDuration 61.0 }}", "{{ humanizeDuration 5.25 }}"),
    *("{{ humanizeDuration 0.25 }}", "{{ humanizeDuration 0.0 }}", "{{ humanizeDuration -61.0 }}", "{{ humanizeDuration 0.0000012 }}"),
    *("{{ humanizePercentage 0.055 }}", "{{ humanizePercentage 1.0 }}", "{{ humanizeTimestamp 1435065584.0 }}"),
)


def test_texts_are_those_of_prometheus(tmp_path: Path) -> None:
    """What its templates and functions make of the same labels and value, ours make too."""
    labels = {"instance": "db1.example.com:9100", "items": "3", "tool": "Bash"}
    texts = {f"text_{at:02}": template for at, template in enumerate(TEMPLATES)}
    series = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    expected = {name: render(template, labels, 1234.5) for name, template in texts.items()}
    told = {"exp_labels": labels, "exp_annotations": expected}
    test = {
        "interval": "1m",
        "input_series": [{"series": f"x{{{series}}}", "values": "1234.5 1234.5"}],
        "alert_rule_test": [{"eval_time": "1m", "alertname": "T", "exp_alerts": [told]}],
    }
    assert run_promtool(tmp_path, [{"alert": "T", "expr": "x > 0", "annotations": texts}], [test]) == ""


def test_promtool_would_see_a_difference(tmp_path: Path) -> None:
    """A state that is wrong in one minute is found."""
    values: list[float | None] = [6.0] * 4
    expected = states("for: 2m", values)
    expected[1] = AlertState.FIRING
    assert "FAILED" in run_promtool(tmp_path, [{"alert": "T", "expr": "T_series > 5", "for": "2m"}], [case("T", values, expected)])
