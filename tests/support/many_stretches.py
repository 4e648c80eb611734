"""Twenty thousand stretches of a week and its blocks, in the place of what a collector tells: what band and calendar must bear."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, Final

MANY: Final = 20_000
DAY_MS: Final = 86_400_000


def as_bands(told: dict[str, Any]) -> dict[str, Any]:
    """Return what `/api/v1/bands` told of a period with many stretches and long blocks in it."""
    start = _ms(told["period"]["start"])
    step = (_ms(told["period"]["end"]) - start) / MANY
    stretches = [_stretch(number, start + round(number * step), round(step * 0.8)) for number in range(MANY)]
    return told | {"stretches": stretches, "has_more_stretches": False, "blocks": _blocks(start)}


def as_report(told: dict[str, Any]) -> dict[str, Any]:
    """Return what `/api/v1/reports/calendar` told of a week with a block a day, of nearly a day each."""
    return told | {"blocks": _blocks(_ms(told["period"]["start"])), "corrected_blocks": [], "corrections": []}


def _stretch(number: int, begun: int, length: int) -> dict[str, Any]:
    kind = ("agent", "human", "waiting")[number % 3]
    told = {"kind": kind, "waiting_for": "prompt" if kind == "waiting" else "", "user": "ana", "project": "shop", "branch": "main"}
    known = {"session_id": f"s-{number % 50}", "prompt_id": f"p-{number}", "agents": 1 + number % 3, "evidence": "observed"}
    return {**told, **known, "started": _iso(begun), "ended": _iso(begun + length)}


def _blocks(start: int) -> list[dict[str, Any]]:
    return [_block(start + day * DAY_MS) for day in range(7)]


def _block(midnight: int) -> dict[str, Any]:
    known = {"user": "ana", "projects": ["shop"], "people": 1, "merged_blocks": 1}
    lengths = {"duration_s": 86_000.0, "rounded_s": 86_000.0, "human_s": 100.0, "agent_s": 100.0}
    day = time.strftime("%Y-%m-%d", time.gmtime(midnight / 1000 + 43_200))
    return {**known, **lengths, "day": day, "started": _iso(midnight + 60_000), "ended": _iso(midnight + DAY_MS - 60_000), "correction_ids": []}


def _ms(moment: str) -> int:
    return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp() * 1000)


def _iso(ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"
