"""Each macro and variable in both meanings: the plugin's documented expansion, letter by letter, and ours, which binds the filters' values."""

from __future__ import annotations

import pytest

from hookline.errors import Rejected
from hookline_collector.panels.panel_interval import round_interval
from hookline_collector.panels.panel_macros import MACROS, PanelRange, expand, macros_of, variables_of
from support.cases import with_each
from support.plugin_macros import as_plugin

FROM_MS, TO_MS = 1_415_792_726_371, 1_447_328_726_371  # those of the plugin's own tests
ASKED = PanelRange(FROM_MS, TO_MS, 20_000)
DOCUMENTED = {
    "$__fromTime": "toDateTime(1415792726)",
    "$__toTime": "toDateTime(1447328726)",
    "$__fromTime_ms": "fromUnixTimestamp64Milli(1415792726371)",
    "$__toTime_ms": "fromUnixTimestamp64Milli(1447328726371)",
    "$__timeFilter(col)": "col >= toDateTime(1415792726) AND col <= toDateTime(1447328726)",
    "$__timeFilter_ms(col)": "col >= fromUnixTimestamp64Milli(1415792726371) AND col <= fromUnixTimestamp64Milli(1447328726371)",
    "$__dateFilter(d)": "d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')",
    "$__dateTimeFilter(d, t)": (
        "(d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')) AND (t >= toDateTime(1415792726) AND t <= toDateTime(1447328726))"
    ),
    "$__dt(d, t)": "(d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')) AND (t >= toDateTime(1415792726) AND t <= toDateTime(1447328726))",
    "$__timeInterval(col)": "toStartOfInterval(toDateTime(col), INTERVAL 20 second)",
    "$__timeInterval_ms(col)": "toStartOfInterval(toDateTime64(col, 3), INTERVAL 20000 millisecond)",
    "$__interval_s": "20",
}
"""What the plugin's documentation and tests give for this range and an interval of 20 s."""


@with_each("macro, expansion", DOCUMENTED.items())
def test_a_macro_means_what_the_plugin_documents(macro: str, expansion: str) -> None:
    """In ours, and in the reading of the plugin that other tests use."""
    sql = f"SELECT x FROM y WHERE {macro} AND 1"
    assert expand(sql, ASKED, {}).sql == f"SELECT x FROM y WHERE {expansion} AND 1"
    assert as_plugin(sql, ASKED, {}) == f"SELECT x FROM y WHERE {expansion} AND 1"


def test_every_macro_is_documented_here() -> None:
    """So that none is used without being tested."""
    assert {name.partition("(")[0][3:] for name in DOCUMENTED} | {"conditionalAll"} == MACROS


def test_an_interval_is_never_below_a_second() -> None:
    """As in the plugin."""
    assert expand("$__interval_s $__timeInterval(t)", PanelRange(0, 1000, 10), {}).sql == "1 toStartOfInterval(toDateTime(t), INTERVAL 1 second)"


def test_a_macro_may_stand_within_another_s_arguments() -> None:
    """Commas and parentheses within count for the inner one."""
    bound = expand("WHERE $__conditionalAll(f(a, b) IN ($v) AND $__timeFilter(least(a, b)), $v)", PanelRange(0, 5_000), {"v": ["x"]})
    assert bound.sql == "WHERE f(a, b) IN ({var_v_0:String}) AND least(a, b) >= toDateTime(0) AND least(a, b) <= toDateTime(5)"


@pytest.mark.parametrize("written", ["$v", "${v}", "${v:singlequote}", "${v:sqlstring}"])
def test_values_are_bound_and_none_of_them_becomes_sql(written: str) -> None:
    """However they are written, and whatever they are."""
    hostile = "'; DROP TABLE otel_traces; -- \\' $__fromTime ${v}"
    bound = expand(f"SELECT 1 WHERE x IN ({written})", ASKED, {"v": [hostile, "b"]})
    assert bound.sql == "SELECT 1 WHERE x IN ({var_v_0:String}, {var_v_1:String})"
    assert bound.parameters == {"var_v_0": hostile, "var_v_1": "b"}


def test_the_plugin_joins_values_into_the_text() -> None:
    """Quoted by Grafana where the form says so, else by the plugin where there are several: why panels write the form."""
    assert as_plugin("x IN (${v:singlequote})", ASKED, {"v": ["a", "it's"]}) == "x IN ('a','it\\'s')"
    assert as_plugin("x IN (${v:singlequote})", ASKED, {"v": ["a"]}) == "x IN ('a')"
    assert as_plugin("x IN ($v)", ASKED, {"v": ["a", "b"]}) == "x IN ('a','b')"


@pytest.mark.parametrize("chosen", [{}, {"v": []}])
def test_a_condition_is_left_out_while_all_are_chosen(chosen: dict[str, list[str]]) -> None:
    """The macro of the front end, which no alert rule can use."""
    sql = "WHERE $__conditionalAll(x IN (${v:singlequote}), $v) AND y"
    assert expand(sql, ASKED, chosen).sql == as_plugin(sql, ASKED, chosen) == "WHERE 1=1 AND y"


def test_a_condition_holds_while_some_are_chosen() -> None:
    """With their values."""
    sql = "WHERE $__conditionalAll(x IN (${v:singlequote}), $v) AND y"
    assert expand(sql, ASKED, {"v": ["a"]}).sql == "WHERE x IN ({var_v_0:String}) AND y"
    assert as_plugin(sql, ASKED, {"v": ["a"]}) == "WHERE x IN ('a') AND y"


def test_strings_and_comments_are_left_alone() -> None:
    """A dollar in them is a dollar."""
    sql = "-- $__fromTime and $v\nSELECT '$__toTime ${v}', `$v`, \"$v\" /* $v */ FROM t -- $v"
    assert expand(sql, ASKED, {"v": ["a"]}).sql == sql
    assert macros_of(sql) == variables_of(sql) == frozenset()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("$__nothing(a)", "not known here"),
        ("$__timeFilter", "takes 1 arguments, not 0"),
        ("$__timeFilter(a, b)", "takes 1 arguments, not 2"),
        ("$__timeFilter(a", "without a closing parenthesis"),
        ("$__conditionalAll(a, b)", "must be a variable"),
        ("x = ${v:raw}", "has a form"),
        ("x = $w", "needs a value for the variable w"),
    ],
)
def test_what_is_wrong_is_said(sql: str, says: str) -> None:
    """Not run as it stands."""
    with pytest.raises(Rejected, match=says):
        expand(sql, ASKED, {"v": ["a"]})


@pytest.mark.parametrize(
    ("range_s", "points", "least_s", "interval_s"),
    [
        (3600, 300, 1, 15),
        (86_400, 300, 1, 300),
        (86_400, 300, 3600, 3600),
        (2 * 365 * 86_400, 300, 60, 604_800),
        (1, 300, 1, 1),
        (10**10, 1, 1, 2_592_000),
    ],
)
def test_an_interval_is_a_round_number(range_s: int, points: int, least_s: int, interval_s: int) -> None:
    """Long enough that the panel has room, and never shorter than means something."""
    assert round_interval(range_s * 1000, points, least_s * 1000) == interval_s * 1000
