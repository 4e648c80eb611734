"""Reports asked of a store: numbers, groupings, cuts at midnight, prices, windows."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hookline.contract.groupings import Grouping
from hookline.contract.scopes import HISTORY_SCOPE
from hookline.errors import Rejected
from hookline.records import AttributeValue
from hookline_collector.store import Store
from hookline_collector.work import (
    GROUPINGS,
    BlockNames,
    ReportRequest,
    WorkReport,
    WorkTotals,
    load_prices,
    publish,
    render,
    report,
    today_summary,
    usage_windows,
)
from hookline_collector.work import blocks as work_blocks
from hookline_collector.work.blocks import Block
from hookline_collector.work.period import period_of
from hookline_collector.work.report import blocks_of, totals_of
from hookline_collector.work.statements import Query
from hookline_collector.work.worked_time import worked_time
from hookline_collector.worked_out import clock_reading
from support.agent_records import T0, S, call, event, send, send_native, subagent, turn, wait
from support.answered import answered
from support.cases import by_portions
from support.replay import logs_of, replay_capture, spans_of
from support.stores import derived_store, emptied
from support.told_at_once import World, told_at_once, worlds

__all__ = ["derived_store", "worlds"]

DAY = "2026-09-21..2026-09-21"  # of T0, 14:13:20 UTC
SHOP: dict[str, AttributeValue] = {"hookline__project__name": "shop", "vcs__ref__head__name": "main", "vcs__ref__head__revision": "a" * 40}
BLOG: dict[str, AttributeValue] = {"hookline__project__name": "blog"}


@pytest.fixture(scope="module")
def store() -> Store:
    """Give a day of two people, to be asked and not to be added to."""
    opened = emptied(number=1)
    send_two_people(opened)
    return opened


@pytest.fixture(scope="module")
def query(store: Store) -> Query:
    """Give what answers questions to it."""
    return answered(store, T0)


def send_two_people(store: Store) -> None:
    """Send ana in two projects, at times side by side, and bo on another machine whose clock is off."""
    shop = [
        turn(0, 600, "a1", "p1", **SHOP),
        call("c1", 10, 20, "Bash", "a1", "p1", **SHOP),
        call("c2", 20, 24, "Bash", "a1", "p1", **SHOP),
        call("c3", 30, 31, "Read", "a1", "p1", **{**SHOP, "hookline__outcome": "failure"}),
        turn(700, 900, "a1", "p2", **SHOP),
        wait("c4", 710, 800, "permission", "a1", "p2", **SHOP),
    ]
    blog = [turn(300, 500, "a2", "p3", **BLOG), subagent("s1", 300, 400, "a2", "p3", **BLOG), turn(8_000, 8_100, "a2", "p4", **BLOG)]
    send(store, [event("session.start", -60, "a1"), *shop, *blog, event("session.end", 950, "a1")])
    send(store, [turn(3, 103, "b1", "p9", **SHOP)], user="bo", host="tower")


def asked(
    query: Query, period: str = DAY, by: str = "project", idle_s: int = 300, timezone: str = "UTC", user: str = "", project: str = ""
) -> WorkReport:
    """Ask for a report."""
    return report(query, ReportRequest(period, by, idle_s, timezone, user, project), T0)


def row(answer: WorkReport, key: str) -> WorkTotals:
    """Return one row of a report."""
    return next(each for each in answer.rows if each.key == key)


def test_three_clocks_stand_side_by_side(query: Query) -> None:
    """Agents add up, the wall does not; the total is less than its rows where projects ran side by side."""
    answer = asked(query, user="ana")
    shop, blog = row(answer, "shop"), row(answer, "blog")
    # shop: human 60 s + 100 s between the turns + 30 s of the permission; agent 600 + 200 - 90; blog: 200 s of a turn, 100 s of them two agents
    assert (shop.human_s, shop.agent_s, shop.wall_s) == (60 + 100 + 30, 710, 60 + 600 + 100 + 200 - 60)
    assert (blog.human_s, blog.agent_s, blog.agent_once_s, blog.wall_s) == (120, 400, 300, 300 + 120)
    assert (shop.permission_wait_s, shop.prompt_wait_s) == (60 + 30, 50)  # asked to answered, the answering included
    assert answer.totals.wall_s == shop.wall_s + blog.wall_s - 200
    assert answer.totals.agent_s == 1110
    assert answer.totals.parallelism == pytest.approx(1110 / (710 + 100))


@pytest.mark.parametrize("by", GROUPINGS)
def test_rows_of_any_grouping_add_up_to_the_total(query: Query, by: Grouping) -> None:
    """What is counted, agents' time and waiting add up over any key; unions do not exceed it."""
    request = ReportRequest(DAY, by)
    found = totals_of(query, request.parameters(request.resolve(T0), T0))
    total, rows = found.totals, found.rows
    counted = {"tool": ("tool_calls", "failures"), "kind": ("tool_calls", "failures"), "model": ("prompts", "requests")}
    for name in counted.get(by, ("agent_s", "prompt_wait_s", "permission_wait_s", "prompts", "tool_calls", "failures", "requests")):
        assert sum(getattr(each, name) for each in rows) == pytest.approx(getattr(total, name))
    assert by in counted or sum(each.wall_s for each in rows) >= total.wall_s - 1e-6
    assert (total.prompts, total.tool_calls, total.failures, total.sessions) == (5, 3, 1, 3)


def test_a_report_by_branch_names_the_project_too(query: Query) -> None:
    """`main` alone says nothing."""
    assert [each.key for each in asked(query, by="branch").rows] == ["shop main", "blog"]


def test_kinds_of_tools_compare_agents(query: Query) -> None:
    """Whoever left a kind out: then the tool's name says it."""
    kinds = asked(query, by="kind")
    assert [(each.agent, each.tool_kind, each.tool_calls, each.failures, each.p50_s) for each in kinds.tool_kinds] == [
        ("claude-code", "shell", 2, 0, 7.0),
        ("claude-code", "read", 1, 1, 1.0),
    ]
    assert {each.key: (each.tool_calls, each.failures, each.run_s) for each in kinds.rows} == {"shell": (2, 0, 14.0), "read": (1, 1, 1.0)}


def test_two_people_who_work_at_once_are_two_walls(query: Query) -> None:
    """A union is a person's own."""
    answer = asked(query, by="user")
    assert answer.totals.wall_s == pytest.approx(sum(each.wall_s for each in answer.rows))
    assert row(answer, "bo").wall_s == 100


def test_a_report_can_be_narrowed_to_a_person_and_a_project(query: Query) -> None:
    """Both at once."""
    answer = asked(query, user="bo", project="shop")
    assert [(each.key, each.wall_s) for each in answer.rows] == [("shop", 100)]
    assert asked(query, user="bo", project="blog").rows == ()


def test_a_name_that_nobody_knows_is_said_with_what_comes_near(query: Query) -> None:
    """A misspelt project is no project without work; a known one without work in the period is."""
    with pytest.raises(Rejected, match="unknown project 'shpo': did you mean shop"):
        asked(query, project="shpo")
    with pytest.raises(Rejected, match="unknown user 'Ana ': did you mean ana"):
        asked(query, user="Ana ")
    assert asked(query, user="ana", period="2025-01-01").totals == WorkTotals(worked_s=0.0, corrected_s=0.0)
    with pytest.raises(Rejected, match="unknown account 'anna': did you mean ana"):
        usage_windows(query, T0, account="anna")


def test_blocks_name_what_is_behind_them_and_follow_the_idle_gap(query: Query) -> None:
    """Sessions, prompts, commits; per person, and per project when the report is by project."""
    (first, second) = asked(query, by="day", user="ana").blocks
    assert ((first.start_ns - T0) / S, (first.end_ns - T0) / S) == (-60, 900)
    assert (first.projects, first.sessions, first.prompts, first.commits) == (("blog", "shop"), ("a1", "a2"), ("p1", "p2", "p3"), ("a" * 40,))
    assert ((second.start_ns - T0) / S, (second.end_ns - T0) / S) == (7_880, 8_100)
    assert len(asked(query, by="day", user="ana", idle_s=10_000).blocks) == 1
    of_the_gap: dict[str, Any] = {"human_at_most_s": 0, "worked_s": None, "corrected_s": None}
    wide, usual = (replace(asked(query, by="day", user="ana", idle_s=gap).totals, **of_the_gap) for gap in (10_000, 300))
    assert wide == usual, "the gap joins blocks and says how long a person may have read; it changes nothing that was seen"
    assert {block.projects for block in asked(query, user="ana").blocks} == {("shop",), ("blog",)}


@pytest.mark.parametrize(("by", "of_facts"), [("project", False), pytest.param("day", True, marks=pytest.mark.middle)])
def test_sums_are_the_same_without_blocks(store: Store, query: Query, by: str, of_facts: bool) -> None:
    """And no block is told; nor does it matter whether they are of what was worked out or of the facts."""
    whole = report(query, ReportRequest(DAY, by), T0 + 9_000 * S)
    sums = report(store.query if of_facts else query, ReportRequest(DAY, by, without_blocks=True), T0 + 9_000 * S)
    assert whole.blocks
    assert (sums.blocks, sums.has_more_blocks) == ((), False)
    assert replace(sums, request=whole.request, blocks=whole.blocks) == whole


@pytest.mark.parametrize("of_facts", [False, pytest.param(True, marks=pytest.mark.middle)])
def test_blocks_of_too_many_prompts_say_how_many_there_are(store: Store, query: Query, monkeypatch: pytest.MonkeyPatch, of_facts: bool) -> None:
    """All else of them is told; as many as may be named are."""
    ask = store.query if of_facts else query
    whole = report(ask, ReportRequest(DAY, "day"), T0 + 9_000 * S)
    total = sum(block.prompts_total for block in whole.blocks)
    assert total == sum(len(block.prompts) for block in whole.blocks) > 1
    for most in (total, total - 1):
        monkeypatch.setattr(work_blocks, "MOST_PROMPTS", most)
        monkeypatch.setattr(clock_reading, "MOST_PROMPTS", most)
        few = report(ask, ReportRequest(DAY, "day", names=BlockNames.FEW), T0 + 9_000 * S)
        assert [block.prompts_total for block in few.blocks] == [block.prompts_total for block in whole.blocks]
        named = whole.blocks if most == total else tuple(replace(each, prompts=(), prompts_left_out=len(each.prompts)) for each in whole.blocks)
        assert replace(few, request=whole.request) == replace(whole, blocks=named)


def test_the_first_blocks_are_told_and_whether_there_are_more(query: Query) -> None:
    """Figures are of all of them."""
    whole = asked(query)
    for most in range(1, len(whole.blocks) + 1):
        found = report(query, ReportRequest(DAY, most_blocks=most), T0)
        cut = replace(whole, blocks=whole.blocks[:most], has_more_blocks=most < len(whole.blocks))
        assert replace(found, request=whole.request) == cut


CUT = "2026-09-21T14:30..2026-09-21T16:00"
NARROWED: list[tuple[str, dict[str, Any]]] = [
    *(((DAY, narrow)) for narrow in ({}, {"project": "shop"}, {"user": "ana"}, {"idle_s": 900})),
    *(((period, {})) for period in (CUT, "2026-09-21T14:29..2026-09-21T14:31")),
]


WAYS = [("project", False), ("hour", True), ("day", False), ("user", False), ("hour", False), ("project", True)]


@pytest.mark.parametrize(("by", "of_facts"), by_portions(WAYS, in_long=2))
def test_time_in_blocks_is_the_length_of_the_blocks_as_they_are_cut(store: Store, query: Query, by: str, of_facts: bool) -> None:
    """Also where a period, a day or an hour begins in a block, between runs or within one, and whatever narrows the report."""
    ask, now_ns = store.query if of_facts else query, T0 + 9_000 * S
    for period, narrow in NARROWED if not of_facts else [(CUT, {})]:
        request = ReportRequest(period, by, without_blocks=True, **narrow)
        found = report(ask, request, now_ns)
        blocks = partial(blocks_between, ask, replace(request, without_blocks=False), now_ns)
        of_blocks = worked_time(request, found.period, blocks(by == "project" or bool(request.project), request.project), blocks, ())
        assert {row.key: row.worked_s for row in found.rows if row.worked_s} == of_blocks.measured
        assert found.totals.worked_s == of_blocks.measured_total


def blocks_between(ask: Query, request: ReportRequest, now_ns: int, of_each: bool, project: str) -> Sequence[Block]:
    """Return a period's blocks, of each project or of everything."""
    return blocks_of(ask, replace(request, by="project" if of_each else "user", project=project), now_ns).blocks


def test_tools_have_their_counts_failures_and_quantiles(query: Query) -> None:
    """Run times without waits."""
    tools = {tool.tool: tool for tool in asked(query).tools}
    assert (tools["Bash"].tool_calls, tools["Bash"].failures, tools["Bash"].p50_s) == (2, 0, 7)
    assert tools["Bash"].p99_s == pytest.approx(9.94)
    assert (tools["Read"].tool_calls, tools["Read"].failures, tools["Read"].run_s) == (1, 1, 1)


@told_at_once
async def test_a_block_over_midnight_is_cut_there_and_is_one_block_all_the_same(world: World) -> None:
    """In a zone whose midnight falls into a turn: two pieces that touch, in two rows by day."""
    zone = "Etc/GMT-9"  # midnight at 15:00 UTC; T0 + 2800 s
    await world.send([turn(2_000, 4_000, "c1", "px", **SHOP)])
    answer = await world.report("2026-09-21..2026-09-22", by="day", timezone=zone)
    assert [(block.day, (block.start_ns - T0) / S, (block.end_ns - T0) / S) for block in answer.blocks] == [
        ("2026-09-21", 2_000, 2_800),
        ("2026-09-22", 2_800, 4_000),
    ]
    assert [(each.key, each.wall_s) for each in answer.rows] == [("2026-09-21", 800), ("2026-09-22", 1200)]
    (piece,) = (await world.report("2026-09-22", by="day", timezone=zone)).blocks
    assert (piece.start_ns - T0) / S == 2_800


@told_at_once
async def test_the_hour_that_the_clocks_show_twice_is_two_hours(world: World) -> None:
    """Twenty-five hours of one agent on the day of the change fill that day."""
    zone = ZoneInfo("Europe/Berlin")
    day = period_of("2026-10-25", zone, T0)
    begin, end = (day.start_ns - T0) / S, (day.end_ns - T0) / S
    await world.send([turn(begin - 3_600, end + 3_600, "d1", "pd", **SHOP)])
    answer = await world.report("2026-10-25", by="day", timezone="Europe/Berlin")
    assert [(each.key, each.wall_s) for each in answer.rows] == [("2026-10-25", 25 * 3_600)]


@told_at_once
async def test_two_hosts_with_skewed_clocks_make_one_block_of_one_person(world: World) -> None:
    """Seconds of difference vanish in the idle gap; nothing is counted twice in wall time."""
    await world.send([turn(20_000, 20_100, "e1", "pe", **SHOP)])
    await world.send([turn(20_003, 20_103, "e2", "pf", **SHOP)], host="tower")
    answer = await world.report(DAY)
    assert (answer.totals.wall_s, answer.totals.agent_s, len(answer.blocks)) == (103, 200, 1)


def test_today_is_what_the_first_page_shows(derived_store: Store) -> None:
    """Prompts, tools, waits, agents' time by project: of the captures, through hooks and native telemetry at once."""
    steps = [step for name in ("tools", "subagent", "denied", "api_error", "resume") for step in replay_capture(name)]
    send(derived_store, [*spans_of(steps), *logs_of(steps)])
    send_native(derived_store, "tools", "subagent", "denied", "api_error", "resume")
    query = answered(derived_store, 1_795_212_800 * S)
    summary = today_summary(query, 1_795_212_800 * S, "Europe/Berlin")
    assert (summary.totals.prompts, summary.totals.failed_prompts, summary.totals.tool_calls, summary.totals.failures, summary.totals.denials) == (
        6,
        1,
        16,
        2,
        1,
    )
    assert [(each.key, each.sessions) for each in summary.projects] == [("shop", 5)]
    assert summary.totals.cost_usd == pytest.approx(0.03096)
    assert [(tool.tool, tool.tool_calls) for tool in summary.tools] == [("Bash", 10), ("Edit", 2), ("Read", 2), ("Agent", 1), ("Grep", 1)]
    assert all(render(report(query, ReportRequest("2026-11-20"), T0), form) for form in ("table", "csv", "ics"))
    (window,) = usage_windows(query, 1_795_212_800 * S)
    assert (window.account, window.window.source, window.window.tokens, window.is_active) == ("ana", "estimated", 42_840, True)


def test_prices_fill_in_what_the_client_did_not_say_and_an_edit_prices_the_past(derived_store: Store) -> None:
    """The client's own 1548 millionths for a request are what the shipped table says too; a model nobody lists has no cost, nor one that is free."""
    known: dict[str, AttributeValue] = {
        "gen_ai__usage__output_tokens": 30,
        "gen_ai__usage__cache_read__input_tokens": 2000,
        "gen_ai__usage__cache_creation__input_tokens": 100,
    }
    for model in (
        "anthropic/claude-opus-5-5",
        "claude-opus-5-5",
        "eu.anthropic.claude-opus-5-5-v1:0",
        "gpt-nobody-knows",
        "z-ai/glm-5",
        "z-ai/glm-5:free",
    ):
        record = event("hookline.usage", 0, "s", model, gen_ai__response__id=model, gen_ai__response__model=model,
                       hookline__usage__uncached_input_tokens=12, **known)  # fmt: skip
        send(derived_store, [record], scope=HISTORY_SCOPE)
    assert {row[0] for row in derived_store.query("SELECT cost_source FROM told_usage")} == {"unknown"}
    prices = load_prices(None)
    assert publish(prices, derived_store.query, derived_store.command)
    assert not publish(prices, derived_store.query, derived_store.command)
    costs = derived_store.query("SELECT round(cost_usd, 9), cost_source FROM told_usage ORDER BY model").rows
    assert costs[:4] == (*[(0.001548, "prices")] * 3, (None, "unknown"))
    assert [source for _, source in costs[4:]] == ["prices", "unknown"]
    assert publish(tuple(price for price in prices if price.prefix == "claude-haiku-4-5"), derived_store.query, derived_store.command)
    assert derived_store.query("SELECT countIf(cost_usd IS NULL) FROM told_usage").scalar() == 6


@pytest.mark.parametrize(
    "request_",
    [ReportRequest(by="colour"), ReportRequest(idle_s=-1), ReportRequest(timezone="Mars"), ReportRequest(period="someday")],
)
def test_what_cannot_be_asked_is_rejected(store: Store, request_: ReportRequest) -> None:
    """Before the store is troubled."""
    with pytest.raises(Rejected):
        report(store.query, request_, T0)


def test_names_with_quotes_are_values_and_nothing_else(query: Query) -> None:
    """People's names and projects are bound, never written into a statement."""
    odd = "o'neil\"; DROP TABLE x; --\\"
    with pytest.raises(Rejected, match="known: "):
        asked(query, user=odd, project=odd)
