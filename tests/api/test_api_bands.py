"""What is drawn of time, asked of a running collector: bands, the usual day, a session in detail, corrections, and lists that are searched."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hookline.errors import HooklineError
from hookline_collector.api.band_columns import column_ns, stretches_of
from hookline_collector.work import WorkTotals
from hookline_collector.work.usual import usual_of
from support.agent_records import T0, S, call, event, native_event, subagent, turn, wait
from support.person import new_person
from support.running import Running, start_collector
from support.shown_days import NATIVE_SCOPE, Told, tell

pytestmark = pytest.mark.long

DAY = "period=2026-09-21&timezone=UTC"  # of T0, 14:13:20 UTC
HOSTILE = "<img src=x onerror=alert(1)>"


def told() -> Iterator[Told]:
    """Yield an hour of ana: a prompt for shop with a wait of 40 s and a subagent, half a minute of thought, then one for a hostile project."""
    yield Told(event("session.start", -60, "a1"))
    yield Told(turn(0, 600, "a1", "p1"))
    yield Told(wait("toolu_waiting_long_enough_1", 100, 140, "permission", "a1", "p1"))
    yield Told(call("toolu_waiting_long_enough_1", 140, 150, "Bash", "a1", "p1"))
    yield Told(call("toolu_the_agent_call_itself", 200, 301, "Agent", "a1", "p1"))
    yield Told(subagent("sub-1", 201, 300, "a1", "p1"))
    yield Told(call("toolu_of_the_subagent_alone", 210, 220, "Grep", "a1", "p1", gen_ai__agent__id="sub-1"))
    usage = {"model": "claude-opus-4-5", "input_tokens": "10", "output_tokens": "20", "cost_usd": "0.5", "duration_ms": "3000", "request_id": "req-1"}
    yield Told(native_event("api_request", 50, "a1", "p1", **usage), NATIVE_SCOPE)
    yield Told(turn(630, 700, "a1", "p2", hookline__project__name=HOSTILE))
    yield Told(event("session.end", 760, "a1", hookline__session__end_reason="logout"))
    yield Told(event("session.start", 5000, "b1"))
    yield Told(turn(5000, 5300, "b1", "q1", hookline__project__name="blog"))
    yield Told(event("hookline.suspended", 5200, "b1", duration_ms=60_000))
    yield Told(event("session.end", 5300, "b1", hookline__session__end_reason="logout"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a collector that was told of the hour."""
    found = start_collector(new_person(tmp_path_factory.mktemp("bands")))
    tell(f"http://{found.found.otlp_http}", told())
    yield found
    found.kill()


def ask(running: Running, path: str) -> Any:
    """Ask the API."""
    return running.client.get(f"/api/v1/{path}")


def stretches(bands: Any, kind: str, waiting_for: str = "") -> list[tuple[str, float]]:
    """Return the stretches of a kind as project and length."""
    return [
        (each["project"], round((datetime.fromisoformat(each["ended"]) - datetime.fromisoformat(each["started"])).total_seconds(), 3))
        for each in bands["stretches"]
        if each["kind"] == kind and waiting_for in ("", each["waiting_for"])
    ]


def test_a_band_has_who_worked_when_what_waited_and_when_the_machine_slept(running: Running) -> None:
    """By hand: agents 600 s less 40 of waiting, 70 s, and 300 s less a minute of sleep; 10 s of waiting and 30 of answering; a prompt after 30 s."""
    bands = ask(running, f"bands?{DAY}")
    assert sum(length for _, length in stretches(bands, "agent")) == pytest.approx(560 + 70 + 240)
    assert {project for project, _ in stretches(bands, "agent")} == {"shop", HOSTILE, "blog"}
    assert stretches(bands, "waiting", "permission") == [("shop", 10.0)]
    assert stretches(bands, "human", "permission") == [("shop", 30.0)]
    assert (HOSTILE, 30.0) in stretches(bands, "human", "prompt")
    assert [sleep["session_ids"] for sleep in bands["sleeps"]] == [["b1"]]
    assert bands["has_more_stretches"] is False
    assert bands["period"]["timezone"] == "UTC"
    assert all(each["evidence"] == "inferred" for each in bands["stretches"] if each["kind"] == "human")


def test_a_band_can_be_of_a_project_of_a_session_of_a_moment_and_is_bounded(running: Running) -> None:
    """What is cut off is said; a part of a day is cut at its ends and has the whole block."""
    assert {each["project"] for each in ask(running, f"bands?{DAY}&project=blog")["stretches"]} == {"blog"}
    of_session = ask(running, f"bands?{DAY}&session_id=b1")
    assert {each["session_id"] for each in of_session["stretches"]} == {"b1"}
    assert of_session["blocks"] == []
    bounded = ask(running, f"bands?{DAY}&limit=2")
    assert (len(bounded["stretches"]), bounded["has_more_stretches"]) == (2, True)
    part = ask(running, "bands?period=2026-09-21T14:15:00Z..2026-09-21T14:16:00Z&timezone=UTC")
    assert sum(length for _, length in stretches(part, "agent")) + sum(length for _, length in stretches(part, "waiting")) <= 60
    assert len(part["blocks"]) == 1
    assert part["blocks"][0]["duration_s"] > 600


def test_more_stretches_than_are_wanted_are_added_up_by_column_so_that_all_of_the_period_is_told(running: Running) -> None:
    """By hand: columns of six minutes from midnight, 14:12 to 14:18 and so on; within the limit nothing is added up."""
    plain = ask(running, f"bands?{DAY}")
    assert ask(running, f"bands?{DAY}&columns=240") | {"now": ""} == plain | {"now": ""}
    assert plain["column_s"] == 0
    bands = ask(running, f"bands?{DAY}&columns=240&limit=5")
    assert (bands["column_s"], bands["has_more_stretches"], bands["blocks"], bands["sleeps"]) == (360, False, [], [])
    agents = [
        (each["project"], each["started"][11:16], each["ended"][11:16], each["agents"]) for each in bands["stretches"] if each["kind"] == "agent"
    ]
    assert agents == [("shop", "14:12", "14:24", 1), (HOSTILE, "14:18", "14:30", 1), ("blog", "15:36", "15:42", 1)]
    assert {(each["waiting_for"], each["started"][11:16]) for each in bands["stretches"] if each["kind"] == "waiting"} == {
        ("permission", "14:12"),
        ("prompt", "14:24"),
    }
    assert {each["session_id"] + each["user"] + each["evidence"] for each in bands["stretches"]} == {""}


def test_a_column_is_as_high_as_agents_worked_at_once_on_average_and_what_reaches_now_is_open() -> None:
    """Neighbours that are the same are one stretch, also of several minutes; a column with hardly anything has one agent."""
    minute = 60 * S
    found = [(1, 0, "shop", 0, 2.4), (1, 0, "shop", 1, 1.6), (1, 0, "shop", 2, 0.01), (1, 0, "shop", 4, 1.0), (3, 4, "blog", 4, 7.0)]
    told = stretches_of(found, T0, T0 + 10 * minute, minute, now_ns=T0 + 4 * minute + 1)
    assert [(each["project"], each["started"][11:19], each["ended"] and each["ended"][11:19], each["agents"]) for each in told] == [
        ("shop", "14:13:20", "14:15:20", 2),
        ("shop", "14:15:20", "14:16:20", 1),
        ("shop", "14:17:20", None, 1),
        ("blog", "14:17:20", None, 1),
    ]
    assert (column_ns(0, 86_400 * S, 720), column_ns(0, 86_400 * S, 1_000)) == (120 * S, 87 * S)


def test_a_session_is_told_as_spans_within_one_another(running: Running) -> None:
    """A wait lies in its call, a subagent in the call that started it, its calls in it, a request in its turn with tokens and cost."""
    found = ask(running, "sessions/a1/spans")
    spans = {span["span_id"]: span for span in found["spans"]}
    parents = {span["kind"] + " " + span["name"]: spans.get(span["parent_id"], {}).get("name") for span in found["spans"]}
    assert parents == {
        "turn user": None,
        "call Bash": "user",
        "wait wait": "Bash",
        "call Agent": "user",
        "subagent Explore": "Agent",
        "call Grep": "Explore",
        "request claude-opus-4-5": "user",
    }
    request = next(span for span in found["spans"] if span["kind"] == "request")
    assert (request["total_tokens"], request["cost_usd"]) == (30, 0.5)
    assert (datetime.fromisoformat(request["ended"]) - datetime.fromisoformat(request["started"])).total_seconds() == 3
    assert [span["started"] for span in found["spans"]] == sorted(span["started"] for span in found["spans"])
    pages = [ask(running, f"sessions/a1/spans?limit=3&offset={offset}") for offset in range(0, 9, 3)]
    assert [span["span_id"] for page in pages for span in page["spans"]] == [span["span_id"] for span in found["spans"]]
    assert [page["has_more_spans"] for page in pages] == [True, True, False]
    assert ask(running, "sessions/a1/measures")["commits"] is None
    with pytest.raises(HooklineError, match="no session"):
        ask(running, "sessions/nobody/spans")


def test_sessions_are_searched_filtered_and_paged(running: Running) -> None:
    """In id, project, branch, model, person; by state; so many from where one is."""
    base = "sessions?days=36500"
    assert [each["session_id"] for each in ask(running, base)["sessions"]] == ["b1", "a1"]
    assert [each["session_id"] for each in ask(running, f"{base}&search=BLOG")["sessions"]] == ["b1"]
    assert ask(running, f"{base}&search=%25")["sessions"] == []
    first = ask(running, f"{base}&limit=1")
    assert (first["sessions"][0]["session_id"], first["has_more_sessions"]) == ("b1", True)
    second = ask(running, f"{base}&limit=1&offset=1")
    assert (second["sessions"][0]["session_id"], second["has_more_sessions"]) == ("a1", False)
    assert len(ask(running, f"{base}&state=ended")["sessions"]) == 2
    assert ask(running, f"{base}&state=waiting")["sessions"] == []


def test_a_report_tells_so_many_blocks_and_other_formats_all_of_them(running: Running) -> None:
    """Each with how many prompts it has; the rows are of all of them."""
    whole, first = (ask(running, f"reports/work?{DAY}{more}") for more in ("", "&most_blocks=1&all_prompts=true"))
    assert first == whole | {"blocks": whole["blocks"][:1], "has_more_blocks": True}
    assert [each["prompt_ids_total"] for each in whole["blocks"]] == [len(each["prompt_ids"]) for each in whole["blocks"]]
    texts = {
        name: running.client.ask("GET", f"/api/v1/reports/work?{DAY}&most_blocks=1&format={name}", None, 30).decode() for name in ("sheet", "csv")
    }
    assert len(texts["sheet"].splitlines()) == 1 + len(whole["blocks"])
    assert len(texts["csv"].splitlines()) == 1 + len(whole["rows"])


def test_a_correction_is_said_counted_and_taken_back(running: Running) -> None:
    """At once, and once however often it is said."""
    before, sheet_before = ask(running, f"reports/work?{DAY}"), ask(running, f"reports/calendar?{DAY}")
    moments = {"start": "2026-09-21T14:13:20Z", "end": "2026-09-21T14:15:00Z"}
    form = {"correction_kind": "no_work", "user": "ana", **moments, "comment": HOSTILE}
    said = running.client.post("/api/v1/corrections", form)
    assert running.client.post("/api/v1/corrections", form)["correction_id"] == said["correction_id"]
    assert (said["created_by"], said["comment"], said["withdrawn"]) == ("ana", HOSTILE, None)
    found = ask(running, f"reports/work?{DAY}")
    assert found["totals"]["worked_s"] == before["totals"]["worked_s"]
    assert found["totals"]["corrected_s"] == pytest.approx(before["totals"]["worked_s"] - 100)
    assert found["blocks"] == before["blocks"]
    assert [each["correction_id"] for each in found["corrections"]] == [said["correction_id"]]
    assert ask(running, f"bands?{DAY}")["corrected_blocks"]
    sheet = ask(running, f"reports/calendar?{DAY}")
    assert sheet["totals"]["corrected_s"] == pytest.approx(found["totals"]["corrected_s"])
    assert sheet["blocks"] == sheet_before["blocks"] != sheet["corrected_blocks"]
    assert sum(row["duration_s"] for row in sheet["rows"]) == pytest.approx(sum(each["duration_s"] for each in sheet["corrected_blocks"]))
    running.client.ask("DELETE", f"/api/v1/corrections/{said['correction_id']}", None, 30)
    assert ask(running, f"reports/work?{DAY}")["totals"] == before["totals"]
    assert ask(running, f"reports/calendar?{DAY}") == sheet_before
    assert ask(running, f"corrections?{DAY}")["corrections"] == []
    withdrawn = ask(running, f"corrections?{DAY}&withdrawn=true")["corrections"]
    assert [each["correction_id"] for each in withdrawn] == [said["correction_id"]]
    with pytest.raises((HooklineError, urllib.error.HTTPError), match="correction_kind"):
        running.client.post("/api/v1/corrections", {**form, "correction_kind": "holiday"})
    with pytest.raises(HooklineError, match="no correction"):
        running.client.ask("DELETE", "/api/v1/corrections/nothing", None, 30)


def test_the_usual_is_the_median_of_earlier_days_of_the_weekday_up_to_now() -> None:
    """Three Mondays with 2, 4 and 9 prompts in the morning and 1 in the evening. At half past nine half the hour counts, and no free Monday."""
    hours = [
        WorkTotals(f"2026-09-{day:02d} {hour:02d}:00", prompts=prompts, wall_s=60.0)
        for day, in_morning in ((7, 2), (14, 4), (21, 9))
        for hour, prompts in ((9, in_morning), (20, 1))
    ]
    tuesday, free = WorkTotals("2026-09-22 09:00", prompts=50, wall_s=60.0), WorkTotals("2026-08-31 09:00")
    found = usual_of([*hours, tuesday, free], datetime(2026, 9, 28, 9, 30, tzinfo=ZoneInfo("UTC")))
    assert (found.weekday, found.compared_days) == ("Monday", ("2026-09-07", "2026-09-14", "2026-09-21"))
    assert (found.so_far.prompts, found.whole_day.prompts) == (2, 5)
    assert (found.so_far.wall_s, found.whole_day.wall_s, found.so_far.cost_usd) == (30.0, 120.0, None)
    assert usual_of([], datetime(2026, 9, 28, tzinfo=UTC)).so_far.prompts is None


def test_who_opens_today_finds_its_band_begun(running: Running) -> None:
    """In the zone that was asked for last: what is answered was worked out before it was asked for. What is told meanwhile was told before."""
    today = "bands?period=today&timezone=Asia/Tokyo&limit=5000&columns=720"
    ask(running, today)
    tell(f"http://{running.found.otlp_http}", [Told(turn(0, 600, "a1", "p1"))])
    running.client.ask("GET", "/", None)
    time.sleep(0.05)
    asked = datetime.now(UTC)
    assert datetime.fromisoformat(ask(running, today)["now"]) < asked
