"""The plan of a slow statement, from PostgreSQL itself: with auto_explain loaded and a threshold set by its administrator, a session that asks for
messages of level `log` gets the plans of its own slow statements as notices, while the call still runs.

So a plan arrives in the very call that was slow, without access to any log. Its literals are taken out: quoted ones everywhere, numbers where
conditions stand. One in JSON (`auto_explain.log_format = json`) has a name, too: the same as that of the plan that the databases' agent asked for.
"""

from __future__ import annotations

import json
import re
from typing import Final

from hookline.services.calls import CallTarget
from hookline.sql.sql_plan import MAX_PLAN_CHARS, StatementPlan, folded_plan, plan_in, without_values

SESSION_OPTION: Final = "-c client_min_messages=log"
_NOTICE: Final = re.compile(r"\A(?:LOG:\s+)?duration: [0-9.]+ ms\s+plan:\s*\n", re.IGNORECASE)
_CONDITION: Final = re.compile(r"\A\s*(?:[A-Za-z-]+ )*(?:Cond|Filter|Key|Keys|Output|By|Call|Subplans|Arrays|Conflict|TID|Values|Expression)\s*: ")
NO_PLAN: Final = StatementPlan("", 0.0, "")


def noted_plan(target: CallTarget, message: str) -> None:
    """Give a notice's plan to the call that runs on its connection."""
    call = target.running
    if call is not None and (plan := plan_of(message)).text:
        call.plan, call.plan_hash = plan.text, plan.hash


def plan_of(message: str) -> StatementPlan:
    """Return the plan in a notice, without literals; NO_PLAN where there is none. One that is no JSON has neither hash nor cost."""
    found = _NOTICE.match(message)
    if found is None:
        return NO_PLAN
    text = message[found.end() :]
    if text.lstrip().startswith(("{", "[")):
        try:
            read = json.loads(text)
            return plan_in(read) or StatementPlan("", 0.0, json.dumps(folded_plan(read), ensure_ascii=False)[:MAX_PLAN_CHARS])
        except (ValueError, RecursionError):
            return NO_PLAN
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if "(cost=" in line), None)
    return StatementPlan("", 0.0, "\n".join(map(_folded_line, lines[first:]))[:MAX_PLAN_CHARS]) if first is not None else NO_PLAN


def _folded_line(line: str) -> str:
    return without_values(line, numbers=_CONDITION.match(line) is not None)
