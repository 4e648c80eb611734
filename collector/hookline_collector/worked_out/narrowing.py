"""Conditions that narrow nothing, left out of a statement before it is planned.

Each of a report's dozen statements can be narrowed to a person, a project and an agent, and to half hours in which nothing goes on. Mostly nobody
asks for that, and to plan these conditions all the same is a twentieth of what the statements of two years cost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_EQUAL = re.compile(r"\(\{(\w+):String\} = '' OR (\w+) = \{\1:String\}\)")
_OF_AGENT = re.compile(r"if\(\{agent:String\} = '', (of_agent = 0), (mixed = 0 AND agent = \{agent:String\})\)")
_NOT_LIVE = re.compile(r"\(empty\(\{live:Array\(String\)\}\) OR (NOT has\(\{live:Array\(String\)\}, concat\(.*, ' ', user\)\))\)")
_ANY = "1"


def narrowed(sql: str, asked: Mapping[str, Any]) -> str:
    """Return a statement with those of its conditions that narrow something."""
    sql = _EQUAL.sub(lambda found: f"{found[2]} = {{{found[1]}:String}}" if asked[found[1]] else _ANY, sql)
    sql = _OF_AGENT.sub(lambda found: f"({found[2]})" if asked["agent"] else found[1], sql)
    return _NOT_LIVE.sub(lambda found: found[1] if asked["live"] else _ANY, sql)
