"""When plans are asked for, what is told of them, and what a plan says without values: pure, with clocks and plans of its own."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName, NamedGrowth
from hookline.databases.plan_book import A_ROUND, MAX_STATEMENTS, PlanBook
from hookline.databases.statement_growth import StatementCounters, StatementGrowth, StatementKey
from hookline.sql.sql_plan import MAX_PLAN_CHARS, StatementPlan, plan_in, read_plan
from hookline.sql.sql_text import read_statement
from support.soaking import examples

AUTHOR, DATABASE = 10, 5
ALLOWED = {DATABASE: frozenset({AUTHOR})}
ZERO = StatementCounters._make([0] * len(StatementCounters._fields))
A, B = StatementPlan("a", 10.0, "[]"), StatementPlan("b", 90.0, "[{}]")


def grown(query: int, exec_ms: float = 100.0, calls: int = 10, *, author: int = AUTHOR, toplevel: bool = True) -> StatementGrowth:
    return StatementGrowth(StatementKey(author, DATABASE, query, toplevel), "grown", ZERO._replace(calls=calls, exec_ms=exec_ms))


def named(growth: StatementGrowth) -> NamedGrowth:
    return NamedGrowth(growth, "shop", "app", read_statement("SELECT * FROM orders WHERE id = 5"))


def book_of(*growths: StatementGrowth) -> PlanBook:
    book = PlanBook(DatabaseName("shop", "postgresql"))
    book.heard(growths, ALLOWED)
    return book


def test_what_took_most_time_is_asked_for_first_and_not_everything() -> None:
    """Of those whose author was named, and which he ran himself."""
    others = grown(90, 9e9, author=11), grown(91, 9e9, toplevel=False), grown(92, 9e9, calls=0)
    book = book_of(*(grown(number, 100.0 + number) for number in range(30)), *others)
    due = book.due(0.0)
    assert [key.query_id for key in due] == list(range(29, 29 - A_ROUND, -1))
    book.heard([grown(number) for number in range(MAX_STATEMENTS + 100)], ALLOWED)
    assert len([number for number in range(MAX_STATEMENTS + 100) if grown(number).key in book]) == MAX_STATEMENTS


def test_it_is_asked_for_again_later_and_sooner_where_calls_became_slower() -> None:
    """Ten minutes, one minute; nothing while it is not called; an hour where there is no plan."""
    one = grown(1)
    book = book_of(one)
    book.saw(one.key, A, named(one), 0.0, 0)
    assert book.due(10_000.0) == []
    book.heard([grown(1, 140.0)], ALLOWED)
    assert (book.due(599.0), book.due(600.0)) == ([], [one.key])
    book.heard([grown(1, 160.0)], ALLOWED)
    assert (book.due(59.0), book.due(60.0)) == ([], [one.key])
    book.refused(one.key, 1_000.0)
    book.heard([grown(1, 160.0)], ALLOWED)
    assert (book.due(4_599.0), book.due(4_600.0)) == ([], [one.key])


def test_a_plan_is_told_once_an_hour_and_each_change_with_what_it_cost() -> None:
    """There and back."""
    one = grown(1)
    book = book_of(one)

    def told(plan: StatementPlan, at_s: float, exec_ms: float) -> list[str]:
        book.heard([grown(1, exec_ms)], ALLOWED)
        records.extend(book.saw(one.key, plan, named(one), at_s, int(at_s * 1e9)))
        return [record.event_name for record in records[-2:] if record.time_ns == int(at_s * 1e9)]

    records: list[Any] = []
    assert told(A, 1.0, 100.0) == [DatabaseEvent.QUERY_PLAN]
    assert told(A, 600.0, 110.0) == []
    assert told(B, 1_200.0, 990.0) == [DatabaseEvent.PLAN_CHANGE, DatabaseEvent.QUERY_PLAN]
    change = records[-2].attributes
    assert (change[names.PLAN_HASH_BEFORE], change[names.PLAN_HASH]) == ("a", "b")
    assert (change[names.PLAN_COST_BEFORE], change[names.PLAN_COST]) == (10.0, 90.0)
    assert (change[names.PLAN_MEAN_BEFORE], change[names.PLAN_MEAN], change[names.PLAN_RATIO]) == (11.0, 99.0, 9.0)
    assert (change[names.QUERY_TEXT], change[names.DB_NAMESPACE]) == ("select * from orders where id = ?", "shop")
    assert told(A, 1_800.0, 100.0) == [DatabaseEvent.PLAN_CHANGE, DatabaseEvent.QUERY_PLAN]
    assert told(A, 5_399.0, 100.0) == []
    assert told(A, 5_400.0, 100.0) == [DatabaseEvent.QUERY_PLAN]
    assert len({record.uid for record in records}) == len(records)


CONDITIONS = ("Filter", "Index Cond", "Hash Cond", "Sort Key", "Group Key", "Join Filter", "Recheck Cond", "Output")
SECRET = "s3cretThatNobodyMaySee77"


@st.composite
def nodes(draw: st.DrawFn, depth: int = 3) -> dict[str, Any]:
    """A node as EXPLAIN has it, with a secret in its conditions."""
    node: dict[str, Any] = {
        "Node Type": draw(st.sampled_from(("Seq Scan", "Index Scan", "Hash Join", "Aggregate", "Sort"))),
        "Parallel Aware": draw(st.booleans()),
        "Total Cost": draw(st.integers(0, 999)),
        "Plan Rows": draw(st.integers(0, 999)),
    }
    if draw(st.booleans()):
        node["Relation Name"] = draw(st.sampled_from(("orders", "customers")))
    for name in draw(st.lists(st.sampled_from(CONDITIONS), max_size=3)):
        number = draw(st.integers(10**6, 10**9))
        node[name] = draw(
            st.sampled_from((f"(name = '{SECRET}'::text)", f"(id = '{number}'::bigint)", f"(id > {number})", "(a.id = b.id)", "(id = $1)"))
        )
    below = draw(st.lists(nodes(depth - 1), max_size=2)) if depth else []
    return node | ({"Plans": below} if below else {})


@settings(max_examples=examples(150), deadline=None)
@given(nodes())
def test_no_value_of_a_plan_leaves_and_its_name_is_of_its_shape(node: dict[str, Any]) -> None:
    """Other costs, rows and values: the same name. Another node: another one."""
    plan = plan_in([{"Plan": node, "Query Text": f"SELECT '{SECRET}'"}])
    assert plan is not None
    assert SECRET not in plan.text
    assert not [number for number in _numbers(node) if number in plan.text]
    other = json.loads(json.dumps(node).replace(SECRET, "x").replace('"Plan Rows": ', '"Plan Rows": 1').replace("(id > ", "(id > 1"))
    same = read_plan(json.dumps([{"Plan": other | {"Total Cost": 3.5, "Actual Rows": 7}}]))
    assert same is not None
    assert (same.hash, same.cost) == (plan.hash, 3.5)
    changed = plan_in({"Plan": node | {"Node Type": "Bitmap Heap Scan"}})
    assert changed is not None
    assert changed.hash != plan.hash


def _numbers(node: dict[str, Any]) -> list[str]:
    """Return the numbers in a node's conditions and those below."""
    here = ["".join(filter(str.isdigit, str(node[name]))) for name in CONDITIONS if name in node]
    return [each for each in here if len(each) > 6] + [number for below in node.get("Plans", ()) for number in _numbers(below)]


def test_a_literal_and_a_parameter_are_one() -> None:
    """A plan that was made for one execution, and one that was made for all; a subplan's column as 17 writes it."""
    pairs = [
        ("((name)::text = 'x'::text)", "((name)::text = $1)"),
        ("(at > '2026-01-01 00:00:00'::timestamp without time zone)", "(at > $2)"),
        ("(id = ANY ('{1,2}'::integer[]))", "(id = ANY ($1))"),
        ("(price < 4.5)", "(price < $1)"),
        ("(id = (InitPlan 1).col1)", "(id = $0)"),
        ("(NOT (ANY (id = (hashed SubPlan 1).col1)))", "(NOT (hashed SubPlan 1))"),
    ]
    for left, right in pairs:
        a, b = (plan_in({"Plan": {"Node Type": "Seq Scan", "Filter": condition}}) for condition in (left, right))
        assert a is not None
        assert b is not None
        assert a.hash == b.hash, left


def test_a_large_plan_is_told_by_its_nodes_and_what_is_none_is_none() -> None:
    """A record stays small; a plan of ten thousand nodes is told by its uppermost ones."""
    wide = {"Node Type": "Append", "Total Cost": 1.0, "Plans": [{"Node Type": "Seq Scan", "Filter": f"(id = c{n})" * 40} for n in range(100)]}
    deep: dict[str, Any] = {"Node Type": "Seq Scan"}
    for _ in range(500):
        deep = {"Node Type": "Nested Loop", "Plans": [deep, {"Node Type": "Seq Scan", "Filter": "(a = b)" * 30}]}
    huge = {"Node Type": "Append", "Plans": [{"Node Type": "Seq Scan", "Relation Name": f"part_{n}"} for n in range(10_000)]}
    for node in (wide, deep, huge):
        plan = plan_in({"Plan": node})
        assert plan is not None
        assert 0 < len(plan.text) <= MAX_PLAN_CHARS
        assert json.loads(plan.text)[0]["Plan"]["Node Type"] == node["Node Type"]
    assert read_plan("Seq Scan on orders") is None
    assert read_plan('{"Plan": 3}') is None
    assert read_plan("[" * 5_000) is None
