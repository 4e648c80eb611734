"""Plans as PostgreSQL explains them (FORMAT JSON): without values, and under a name that is the same wherever the plan is the same.

The name is a hash of what is done in which order: nodes, joins and strategies, relations, indexes and their direction, which parts run in parallel,
and the conditions without values. Costs, rows and widths are left out, as is what only some versions say: 13 to 18 give one plan one name, also
where one shows `$1` and another the value itself (a plan made for parameters, and one of a single execution).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

MAX_PLAN_CHARS: Final = 16_000
"""A larger plan is told by its nodes alone: a record that is too large would take those with it that travel beside it."""
MAX_DEPTH: Final = 60
_PRINTED_HASH: Final = 16
_QUOTED: Final = re.compile(r"(?:[EeBbXxNn]|[Uu]&)?'(?:[^']|'')*'?")
_NUMBER: Final = re.compile(r"(?<![\w$.\"])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w\"])")
_WITHOUT_NUMBERS: Final = ("Cond", "Filter", "Key", "Output", "By", "Call", "Expression", "Quals", "Keys", "Values")
_LEFT_OUT: Final = ("Query Text", "Query Parameters", "Query Identifier", "Settings")
_NODE: Final = (
    "Node Type", "Operation", "Join Type", "Strategy", "Partial Mode", "Command", "Scan Direction", "Schema", "Relation Name",
    "Index Name", "CTE Name", "Function Name", "Inner Unique",
)  # fmt: skip
_CONDITIONS: Final = (
    "Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "TID Cond", "Order By", "Join Filter", "Filter", "One-Time Filter", "Sort Key",
    "Group Key", "Cache Key",
)  # fmt: skip
_FROM_ELSEWHERE: Final = re.compile(r"\$\d+|\((?:InitPlan|SubPlan) \d+\)(?:\.col\d+)?")
_CAST: Final = re.compile(r"\?(?:::\"?[a-z_][a-z_0-9 ]*\"?(?:\([0-9,]+\))?(?:\[\])*)+")
_SHORT: Final = (*_NODE, "Alias", "Startup Cost", "Total Cost", "Plan Rows", "Plan Width", "Parallel Aware")


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """A plan without values: `text` is JSON as EXPLAIN gives it, `cost` the planner's for the whole, in its own unit."""

    hash: str
    cost: float
    text: str


def read_plan(text: str) -> StatementPlan | None:
    """Return what a plan says; None where the text is no plan in JSON."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return plan_in(found)


def plan_in(found: Any) -> StatementPlan | None:
    """Return what a plan says that was read from JSON."""
    root = found[0] if isinstance(found, list) and found else found
    node = root.get("Plan", root) if isinstance(root, dict) else None
    if not isinstance(node, dict) or "Node Type" not in node:
        return None
    cost = node.get("Total Cost")
    shape = json.dumps(_shape(node, 0), separators=(",", ":"), ensure_ascii=True)
    name = sha256(shape.encode()).hexdigest()[:_PRINTED_HASH]
    return StatementPlan(name, float(cost) if isinstance(cost, int | float) else 0.0, _printed(node))


def without_values(text: str, *, numbers: bool) -> str:
    """Return a part of a plan with `?` for quoted values and, where conditions stand, for numbers."""
    without = _QUOTED.sub("?", text)
    return _NUMBER.sub("?", without) if numbers else without


def folded_plan(value: Any, key: str = "") -> Any:
    """Return what was read from JSON without values."""
    if isinstance(value, dict):
        return {name: folded_plan(one, name) for name, one in value.items() if name not in _LEFT_OUT}
    if isinstance(value, list):
        return [folded_plan(one, key) for one in value]
    return without_values(value, numbers=key.endswith(_WITHOUT_NUMBERS)) if isinstance(value, str) else value


def _printed(node: dict[str, Any]) -> str:
    """Return a plan that is not too large: whole, or its nodes, or the uppermost of them."""
    if _depth(node) <= MAX_DEPTH:
        whole = json.dumps([{"Plan": folded_plan(node)}], ensure_ascii=False, separators=(",", ":"))
        if len(whole) <= MAX_PLAN_CHARS:
            return whole
    for depth in (MAX_DEPTH, 12, 6, 3, 1):
        short = json.dumps([{"Plan": _shortened(node, depth)}], ensure_ascii=False, separators=(",", ":"))
        if len(short) <= MAX_PLAN_CHARS:
            break
    return short if len(short) <= MAX_PLAN_CHARS else ""


def _depth(node: dict[str, Any]) -> int:
    depth, level = 0, [node]
    while level:
        depth, level = depth + 1, [below for each in level for below in _below(each)]
    return depth


def _shortened(node: dict[str, Any], depth: int) -> dict[str, Any]:
    kept: dict[str, Any] = {name: folded_plan(node[name], name) for name in _SHORT if name in node}
    below = _below(node)
    if not below:
        return kept
    return kept | ({"Plans": [_shortened(each, depth - 1) for each in below]} if depth > 1 else {"Left Out": len(below)})


def _shape(node: dict[str, Any], depth: int) -> list[Any]:
    if depth > MAX_DEPTH:
        return []
    said: list[Any] = [f"{name}={node[name]}" for name in _NODE if node.get(name)]
    if node.get("Parallel Aware"):
        said.append("parallel")
    if node.get("Parent Relationship") in {"InitPlan", "SubPlan"}:  # what is below otherwise has its place; 13 names it in another way
        said.append(str(node["Parent Relationship"]))
    said += [f"{name}={_condition(node[name])}" for name in _CONDITIONS if name in node]
    return [said, *(_shape(each, depth + 1) for each in _below(node))]


def _condition(value: Any) -> str:
    """Return a condition as all versions and both kinds of plans write it. How a subplan is compared, each version writes in a way of its own."""
    if isinstance(value, list):
        return ", ".join(map(_condition, value))
    text = str(value)
    if "SubPlan" in text:
        return "SubPlan"
    return _CAST.sub("?", without_values(_FROM_ELSEWHERE.sub("?", text), numbers=True))


def _below(node: dict[str, Any]) -> list[dict[str, Any]]:
    below = node.get("Plans")
    return [each for each in below if isinstance(each, dict)] if isinstance(below, list) else []
