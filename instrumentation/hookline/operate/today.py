"""Today's figures for the status line: asked of the running collector and left in the data folder. `python -m hookline.operate.today FOLDER`.

The status line starts this in the background, at most once a minute, so it may take its time. Where no collector answers nothing is left.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from hookline.agents import AGENTS
from hookline.collector_client import client_for
from hookline.errors import HooklineError
from hookline.settings import Settings, load
from hookline.system.files import write_private

PATIENCE_S = 50.0
MAX_AGE_S = 30


def keep_today(settings: Settings, now_s: float) -> None:
    """Ask for the summary of today and keep what the status line shows of it."""
    found = client_for(settings).get(f"/api/v1/summary?max_age_s={MAX_AGE_S}", PATIENCE_S)
    for agent in AGENTS.values():
        if line := agent.status_line():
            write_private(settings.data_dir / line.today_name, json.dumps(figures(found, now_s)))


def figures(summary: Mapping[str, Any], now_s: float) -> dict[str, float]:
    """Return what is kept of a summary."""
    today = summary["totals"]
    return {"at_s": now_s, "worked_s": today["human_s"], "waited_s": today["permission_wait_s"] + today["answer_wait_s"]}


def main() -> None:
    """Keep the figures of one data folder; be silent about everything."""
    try:
        keep_today(load({"data_dir": sys.argv[1]}, dict(os.environ)).settings, time.time())
    except (HooklineError, OSError, ValueError, KeyError, TypeError, IndexError):
        sys.exit(1)


if __name__ == "__main__":
    main()
