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
from hookline_collector.alerts.alert import ALERT_NAME, Alert, AlertState, labels_of
from hookline_collector.alerts.quantities import duration_text
from hookline_collector.alerts.state_machine import Sample, step
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


def test_promtool_would_see_a_difference(tmp_path: Path) -> None:
    """A state that is wrong in one minute is found."""
    values: list[float | None] = [6.0] * 4
    expected = states("for: 2m", values)
    expected[1] = AlertState.FIRING
    assert "FAILED" in run_promtool(tmp_path, [{"alert": "T", "expr": "T_series > 5", "for": "2m"}], [case("T", values, expected)])
