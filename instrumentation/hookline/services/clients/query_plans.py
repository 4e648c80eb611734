"""The plan of a slow statement, from PostgreSQL itself: with auto_explain loaded and a threshold set by its administrator, a session that asks for
messages of level `log` gets the plans of its own slow statements as notices, while the call still runs.

So a plan arrives in the very call that was slow, without access to any log. Its literals are taken out: quoted ones everywhere, numbers where
conditions stand.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from hookline.services.calls import CallTarget

MAX_PLAN_CHARS: Final = 16_000
SESSION_OPTION: Final = "-c client_min_messages=log"
_NOTICE: Final = re.compile(r"\A(?:LOG:\s+)?duration: [0-9.]+ ms\s+plan:\s*\n", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[EeBbXxNn]?'(?:[^']|'')*'?")
_NUMBER: Final = re.compile(r"(?<![\w$.\"])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w\"])")
_CONDITION: Final = re.compile(r"\A\s*(?:[A-Za-z-]+ )*(?:Cond|Filter|Key|Keys|Output|By|Call|Subplans|Arrays|Conflict|TID|Values|Expression)\s*: ")
_WITHOUT_NUMBERS: Final = ("Cond", "Filter", "Key", "Output", "By", "Call", "Expression")
_LEFT_OUT: Final = ("Query Text", "Query Parameters")


def noted_plan(target: CallTarget, message: str) -> None:
    """Give a notice's plan to the call that runs on its connection."""
    call = target.running
    if call is not None and (plan := plan_of(message)):
        call.plan = plan


def plan_of(message: str) -> str:
    """Return the plan in a notice, without literals; empty where there is none."""
    found = _NOTICE.match(message)
    if found is None:
        return ""
    text = message[found.end() :]
    if text.lstrip().startswith(("{", "[")):
        try:
            return json.dumps(_folded(json.loads(text), ""), ensure_ascii=False)[:MAX_PLAN_CHARS]
        except ValueError:
            return ""
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if "(cost=" in line), None)
    return "\n".join(map(_folded_line, lines[first:]))[:MAX_PLAN_CHARS] if first is not None else ""


def _folded_line(line: str) -> str:
    without = _QUOTED.sub("?", line)
    return _NUMBER.sub("?", without) if _CONDITION.match(without) else without


def _folded(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _folded(one, name) for name, one in value.items() if name not in _LEFT_OUT}
    if isinstance(value, list):
        return [_folded(one, key) for one in value]
    if isinstance(value, str):
        without = _QUOTED.sub("?", value)
        return _NUMBER.sub("?", without) if key.endswith(_WITHOUT_NUMBERS) else without
    return value
