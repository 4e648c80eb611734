"""Work time for any day: pure functions over many examples, the engine's tables over few.

HOOKLINE_SOAK says how many examples (`soaking`).
"""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hookline.contract.scopes import AGENT_SCOPE, CLAUDE_NATIVE_SCOPE_PREFIX, HISTORY_SCOPE
from hookline.records import LogRecord, SpanRecord
from hookline.system.clock import NS_PER_S as NS
from hookline_collector.store import Store
from hookline_collector.work import ReportRequest, report
from hookline_collector.work.period import between, period_of
from hookline_collector.work.windows import HOUR_NS, WINDOW_NS, LimitReading, ModelRequest, estimated, windows
from support.agent_records import FIXTURES, T0, S, call, event, native_event, native_span, send, subagent, turn, wait
from support.intervals import Interval, cut, partition, runs, union
from support.soaking import TIMES, share
from support.stores import empty_derived, kept_open

FEW = settings(
    max_examples=share(2, 8, 30 * TIMES),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes an insert a step
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DAY_S = 86_400
Record = SpanRecord | LogRecord

moments = st.integers(0, 2 * DAY_S)
kinds = st.sampled_from(("human", "agent", "waiting"))
intervals = st.lists(
    st.builds(lambda start, length, kind: Interval(start * NS, (start + length) * NS, kind), moments, st.integers(0, 5_000), kinds), max_size=25
)
zones = st.sampled_from(("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu"))
days = st.dates(datetime(2015, 1, 1).date(), datetime(2030, 12, 31).date())


@given(intervals, moments, moments)
def test_human_agent_waiting_and_gaps_cover_any_span_exactly(given_intervals: list[Interval], a: int, b: int) -> None:
    """No overlap, no hole, neighbours differ, and no moment of work is a gap."""
    start, end = min(a, b) * NS, max(a, b) * NS
    parts = partition(given_intervals, start, end)
    cursor = start
    for before, part in zip([None, *parts], parts, strict=False):
        assert part.start_ns == cursor < part.end_ns
        assert before is None or before.kind != part.kind
        cursor = part.end_ns
    assert cursor == (end if end > start else start)
    inside = [Interval(max(i.start_ns, start), min(i.end_ns, end), i.kind) for i in given_intervals]
    for kind, wanted in (("gap", inside), ("agent", [i for i in inside if i.kind == "agent"])):
        length = sum(part.length_ns for part in parts if part.kind == kind)
        covered = sum(e - s for s, e in union(wanted))
        assert length == (end - start - covered if kind == "gap" else covered)


@given(intervals, st.integers(0, 1000), st.integers(0, 1000))
def test_blocks_never_overlap_and_a_wider_gap_only_joins_them(given_intervals: list[Interval], a: int, b: int) -> None:
    """Runs are apart by more than the gap; runs of a wider gap are made of whole runs of a narrower one; order does not matter."""
    narrow, wide = sorted((a * NS, b * NS))
    found = runs(given_intervals, narrow)
    assert found == runs(list(reversed(given_intervals)), narrow)
    assert all(later[0] - earlier[1] > narrow for earlier, later in itertools.pairwise(found))
    wider = runs(given_intervals, wide)
    assert all(sum(s <= start and end <= e for s, e in wider) == 1 for start, end in found)


@given(days, zones, st.integers(1, 20))
def test_days_of_any_zone_cover_a_period_exactly(day: object, zone: str, length: int) -> None:
    """Across changes of the clocks too; every day lasts 22.5 to 25.5 hours."""
    period = period_of(f"{day}..", ZoneInfo(zone), int(datetime.combine(day, datetime.min.time(), UTC).timestamp() + length * DAY_S) * NS)  # type: ignore[arg-type]
    assert [d.start_ns for d in period.days[1:]] == [d.end_ns for d in period.days[:-1]]
    assert (period.days[0].start_ns, period.days[-1].end_ns) == (period.start_ns, period.end_ns)
    assert all(22.5 * HOUR_NS <= d.end_ns - d.start_ns <= 25.5 * HOUR_NS for d in period.days)


@given(intervals, zones)
def test_cutting_at_midnight_loses_nothing(given_intervals: list[Interval], zone: str) -> None:
    """The pieces are as long as the whole."""
    period = between(0, 3 * DAY_S * NS, ZoneInfo(zone))
    pieces = [piece for _, piece in cut(given_intervals, period.days)]
    assert sum(piece.length_ns for piece in pieces) == sum(i.length_ns for i in given_intervals)


requests = st.lists(st.builds(lambda at, n: ModelRequest(at * NS, input_tokens=n), st.integers(0, 4 * DAY_S), st.integers(0, 10_000)), max_size=40)


def public_rule(times: list[int]) -> list[tuple[int, int, int | None]]:
    """The rule as it is published: (start, end, requests), requests None for a gap."""
    blocks: list[tuple[int, int, int | None]] = []
    start: int | None = None
    current: list[int] = []
    for t in times:
        if start is not None and (t - start > WINDOW_NS or t - current[-1] > WINDOW_NS):
            blocks.append((start, start + WINDOW_NS, len(current)))
            if t - current[-1] > WINDOW_NS:
                blocks.append((current[-1] + WINDOW_NS, t, None))
            start, current = None, []
        if start is None:
            start = t // HOUR_NS * HOUR_NS
        current.append(t)
    return [*blocks, (start, start + WINDOW_NS, len(current))] if start is not None else blocks


@given(requests)
def test_estimated_windows_are_those_of_the_public_rule(given_requests: list[ModelRequest]) -> None:
    """On any requests."""
    ordered = sorted(given_requests)
    found = [(w.start_ns, w.end_ns, None if w.source == "gap" else len(w.requests)) for w in estimated(ordered)]
    assert found == public_rule([r.time_ns for r in ordered])


def test_windows_of_the_real_transcripts_are_those_of_the_public_rule() -> None:
    """All answers of the captured transcripts, each once."""
    answers: dict[str, ModelRequest] = {}
    for path in sorted((FIXTURES / "transcripts").rglob("*.jsonl")):
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            message = entry.get("message") or {}
            if entry.get("type") == "assistant" and message.get("model") != "<synthetic>" and message.get("usage"):
                used = message["usage"]
                at = int(datetime.fromisoformat(entry["timestamp"]).timestamp() * 1000) * 1_000_000
                answers[message["id"]] = ModelRequest(
                    at, used["input_tokens"], used["output_tokens"], used["cache_creation_input_tokens"], used["cache_read_input_tokens"]
                )
    found = windows(answers.values())
    assert [(w.start_ns, w.end_ns, len(w.requests)) for w in found] == public_rule(sorted(r.time_ns for r in answers.values()))
    assert (len(found), found[0].tokens, found[0].start_ns) == (1, 20 * 2142, 1_795_212_000 * NS)


@given(requests, st.lists(st.integers(0, 30), max_size=4, unique=True))
def test_every_request_lies_in_exactly_one_window_and_windows_do_not_overlap(given_requests: list[ModelRequest], fifths: list[int]) -> None:
    """Whatever was observed: windows of one account follow one another."""
    observed = [LimitReading((n * 6 + 5) * HOUR_NS, float(n)) for n in fifths]
    found = [w for w in windows(given_requests, observed) if w.source != "gap"]
    assert sorted(r for w in found for r in w.requests) == sorted(given_requests)
    for window in found:
        assert all(window.start_ns <= r.time_ns <= window.end_ns for r in window.requests)
    ordered = sorted(found, key=lambda w: w.start_ns)
    assert all(a.end_ns <= b.start_ns for a, b in itertools.pairwise(ordered) if "observed" in (a.source, b.source))


@pytest.fixture(scope="module")
def engine() -> Store:
    """Give one store for all examples, each of which begins by emptying it."""
    return kept_open("embedded")


MAKERS: tuple[Callable[..., Record], ...] = (
    lambda key, begin, end, session, prompt: call(key, begin, end, session=session, prompt=prompt),
    lambda key, begin, end, session, prompt: wait(key, begin, end, session=session, prompt=prompt),
    subagent,
)


@st.composite
def worlds(draw: st.DrawFn) -> list[Record]:
    """The records of a few sessions over two days, with copies that a rule closed early."""
    found: list[Record] = []
    for s in range(draw(st.integers(1, 3))):
        session, at = f"s{s}", draw(st.integers(0, DAY_S))
        found.append(event("session.start", at - draw(st.integers(0, 300)), session))
        for p in range(draw(st.integers(1, 4))):
            prompt, length = f"{session}-p{p}", draw(st.integers(1, 4000))
            at += draw(st.integers(0, 2000))
            found.append(turn(at, at + length, session, prompt))
            if draw(st.booleans()):
                found.append(turn(at, at + length // 2, session, prompt, hookline__closed_by="timed_out", hookline__outcome="unknown"))
            for c in range(draw(st.integers(0, 3))):
                begin = at + draw(st.integers(0, length))
                make = MAKERS[draw(st.integers(0, len(MAKERS) - 1))]
                found.append(make(f"{prompt}-{c}", begin, begin + draw(st.integers(0, 600)), session, prompt))
            at += length
        if draw(st.booleans()):
            found.append(event("session.end", at + draw(st.integers(0, 50)), session, hookline__session__end_reason="other"))
    return found


TABLES = ("tool_calls", "turns", "activity", "sessions", "work_blocks(idle_s = 60)", "work_blocks(idle_s = 600)")


def tables(store: Store) -> list[list[str]]:
    """Return every derived table's rows as text, in order."""
    return [sorted(str(sorted(row) if isinstance(row, list) else row) for row in store.query(f"SELECT * FROM {table}").rows) for table in TABLES]


@pytest.mark.long
@FEW
@given(worlds(), st.randoms(use_true_random=False))
def test_order_repetition_and_splitting_of_spans_change_no_table(engine: Store, world: list[Record], random: object) -> None:
    """One relay in order, or several inserts of shuffled and repeated parts: the same rows."""
    empty_derived(engine)
    send(engine, world)
    once = tables(engine)
    empty_derived(engine)
    again = [*world, *random.sample(world, len(world) // 2)]  # type: ignore[attr-defined]
    random.shuffle(again)  # type: ignore[attr-defined]
    for part in (again[::3], again[1::3], again[2::3]):
        send(engine, part)
    assert tables(engine) == once


@pytest.mark.long
@FEW
@given(worlds(), zones, st.integers(0, 900))
def test_the_engines_blocks_and_clocks_are_those_of_the_pure_functions(engine: Store, world: list[Record], zone: str, idle_s: int) -> None:
    """The same intervals, joined and added up in Python, give the report's numbers, to the microsecond."""
    empty_derived(engine)
    send(engine, world)
    rows = engine.query("SELECT kind, toUnixTimestamp64Nano(started), toUnixTimestamp64Nano(ended), agents FROM told_activity").rows
    work = [Interval(begun, ended, kind) for kind, begun, ended, _ in rows if kind != "waiting"]
    blocks = engine.query(
        "SELECT toUnixTimestamp64Nano(started), toUnixTimestamp64Nano(ended) FROM told_work_blocks(idle_s = {idle:UInt32}) ORDER BY 1",
        {"idle": idle_s},
    )
    assert [tuple(block) for block in blocks] == runs(work, idle_s * NS)
    request = ReportRequest(period="2026-09-19..2026-09-26", by="day", timezone=zone, idle_s=idle_s)
    answer = report(engine.query, request, T0)
    agent_s = sum((ended - begun) * n for kind, begun, ended, n in rows if kind == "agent") / S
    assert answer.totals.agent_s == pytest.approx(agent_s, abs=1e-6)
    assert answer.totals.wall_s == pytest.approx(sum(e - s for s, e in union(work)) / S, abs=1e-6)
    assert sum(row.wall_s for row in answer.rows) == pytest.approx(answer.totals.wall_s, abs=1e-6)
    assert sum(block.wall_s or 0.0 for block in answer.blocks) == pytest.approx(answer.totals.wall_s, abs=1e-6)
    by_day = {day.name: day for day in answer.period.days}
    for block in answer.blocks:
        assert by_day[block.day].start_ns <= block.start_ns < block.end_ns <= by_day[block.day].end_ns
    assert all(a.end_ns <= b.start_ns for a, b in zip(answer.blocks, answer.blocks[1:], strict=False))


Told = tuple[list[Record], str]
NATIVE = f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"


def sources_of(length: int, guess: int, asked: int) -> dict[str, Told]:
    """Who tells what of one turn of `length` seconds in which a person said No to a permission asked for at `asked`, when the turn ended."""
    by_rule: dict[str, Any] = {"hookline__closed_by": "next_prompt", "hookline__outcome": "interrupted"}
    marked: dict[str, Any] = {"hookline__source": "transcript"}
    interaction = native_span("claude_code.interaction", "i", 0, length)
    linked = native_event("user_prompt", 0, span_id=f"{interaction.span_id:016x}")
    told_no = native_event("tool_decision", length, tool_name="Bash", tool_use_id="toolu_0", decision="reject", source="user_reject")
    return {
        "rule": (
            [turn(0, guess, **by_rule), wait("toolu_0", asked, asked, **by_rule), call("toolu_0", asked, asked, **by_rule)],
            AGENT_SCOPE,
        ),
        "events": ([event("hookline.prompt_submitted", 0, prompt="p1"), event("hookline.tool_started", asked, prompt="p1")], AGENT_SCOPE),
        "mark": (
            [
                event("hookline.turn_interrupted", length, prompt="p1", **marked),
                event("hookline.permission_denied", length, prompt="p1", gen_ai__tool__call__id="toolu_0", **marked),
            ],
            AGENT_SCOPE,
        ),
        "native records": ([native_event("api_request", asked, duration_ms=1, model="m"), told_no], NATIVE),
        "native spans": ([interaction, linked], NATIVE),
        "backfill": ([turn(0, asked, hookline__evidence="derived", hookline__evidence__source="transcript")], HISTORY_SCOPE),
    }


@pytest.mark.long
@FEW
@given(st.integers(20, 4_000), st.data())
def test_no_added_evidence_makes_a_figure_worse(engine: Store, length: int, data: st.DataObject) -> None:
    """Any subset of the sources, in any order, told twice and late: the turn's end comes no further from the truth, and with all of them it is the
    native span's and the transcript's; so does the wait, and the call is a denied one.
    """
    asked = data.draw(st.integers(1, length - 1))
    sources = sources_of(length, data.draw(st.integers(0, asked)), asked)
    order = data.draw(st.permutations(list(sources)))
    empty_derived(engine)
    worst = float(length)
    for name in order:
        records, scope = sources[name]
        again = data.draw(st.booleans())
        for _ in range(1 + again):
            send(engine, list(reversed(records)), scope=scope)
        ended = engine.query("SELECT max(toUnixTimestamp64Nano(ended)) FROM told_turns WHERE prompt_id = 'p1'").scalar() or T0
        error = abs((ended - T0) / S - length)
        assert error <= worst + 1e-6, (order, name)
        worst = error
    assert worst == pytest.approx(0, abs=1e-6)
    assert engine.query("SELECT run_s, round(wait_s, 6), outcome, evidence FROM told_tool_calls").rows == ((0, length - asked, "denied", "observed"),)
    assert engine.query("SELECT outcome, evidence FROM told_turns").rows == (("interrupted", "observed"),)
