"""What Prometheus says of an alert's states, case by case: keys of the rule, values minute by minute, and the states, a letter each.

The rule is `above: 5`. The tests restate each as ours, and give it to Prometheus itself.
"""

from __future__ import annotations

from typing import Final

SemanticCase = tuple[str, str, list[float | None], str]
PROMETHEUS_CASES: Final[list[SemanticCase]] = [
    ("for 0 fires at once", "", [1, 6, 6, 1], "iffr"),
    ("for is waited for, and counts from the first breach", "for: 2m", [6, 6, 6, 6], "ppff"),
    ("exactly `for` is enough", "for: 1m", [6, 6], "pf"),
    ("a pending alert without a breach is dropped", "for: 2m", [6, 6, 1, 6, 6, 6], "ppippf"),
    ("a missing element is no breach", "for: 2m", [6, 6, 6, None], "ppfr"),
    ("a resolved alert that is in breach again is a new one", "for: 1m", [6, 6, 1, 6, 6], "pfrpf"),
    ("keep_firing_for holds it", "keep_firing_for: 2m", [6, 1, 1, 1, 1], "fffrr"),
    ("a breach while it is kept begins the keeping anew", "keep_firing_for: 2m", [6, 1, 6, 1, 1, 1], "fffffr"),
    ("keep_firing_for does not hold a pending one", "for: 2m\nkeep_firing_for: 5m", [6, 6, 1], "ppi"),
    ("a kept one in breach again fires at once, whatever `for` is", "for: 1m\nkeep_firing_for: 3m", [6, 6, 1, 6, 1], "pffff"),
    ("above is not at", "", [5, 5.1], "if"),
    ("a resolved one is kept for 15 minutes", "", [6, *[1] * 17], "f" + "r" * 16 + "i"),
]
OUR_CASES: Final[list[SemanticCase]] = [
    ("clear: back past the lower limit only", "clear: 3", [6, 4, 3, 2, 4, 6], "ffrrrf"),
    ("clear also holds a pending one", "clear: 3\nfor: 2m", [6, 4, 4, 3], "ppfr"),
    ("no_data alerting is a breach", "no_data: alerting\nfor: 1m", [1, None, None, 1], "ipfr"),
    ("no_data keep changes nothing", "no_data: keep\nfor: 2m", [6, None, 6, None, None, 1, None], "ppfffrr"),
]
"""What Prometheus does not have."""
