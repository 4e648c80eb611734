"""What `make bench` says of a run: which promises are kept, and what is worse than before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.comparison import markdown, rows, verdict, worse
from benchmarks.figures import Better, Counts, Figure, quantity
from benchmarks.kept_runs import Part, Run, base_of, results_folder
from benchmarks.machine import Machine
from benchmarks.promises import PROMISES, Promise
from support.cases import with_each

HERE = Machine("a processor", 2, "Linux 6", "3.11.2")


def figure(value: float, unit: str = "s", counts: Counts = "processor", better: Better = "less", name: str = "a report") -> Figure:
    return Figure(name, value, unit, counts, better)


def run_of(*figures: Figure, at: str = "2026-01-02T00:00:00Z", others: float = 0.0, commit: str = "abc1234", part: str = "reads") -> Run:
    return Run(at, commit, HERE, (Part(part, figures, 1.0, others),))


@with_each(
    "was, now, better, is_named",
    [
        (1.0, 1.19, "less", False),
        (1.0, 1.21, "less", True),
        (1.0, 0.5, "less", False),
        (100.0, 84.0, "more", False),
        (100.0, 83.0, "more", True),
        (100.0, 200.0, "more", False),
        (0.0, 1.0, "less", True),
        (0.0, 0.0, "less", False),
    ],
)
def test_a_figure_more_than_a_fifth_worse_is_named(was: float, now: float, better: Better, is_named: bool) -> None:
    found = list(worse(run_of(figure(now, better=better)), run_of(figure(was, better=better))))
    assert bool(found) == is_named


def test_a_difference_that_no_clock_shows_is_none() -> None:
    assert not list(worse(run_of(figure(0.2, "ms")), run_of(figure(0.1, "ms"))))


def test_figures_in_other_units_and_figures_that_were_not_there_are_not_compared() -> None:
    assert not list(worse(run_of(figure(900.0, "ms")), run_of(figure(0.5, "s"))))
    assert not list(worse(run_of(figure(900.0)), run_of(figure(1.0, name="another"))))


@pytest.mark.parametrize(
    ("counts", "others", "can_be_judged"),
    [("clock", 0.5, False), ("clock", 0.0, True), ("processor", 0.5, True), ("processor", 1.5, False), ("size", 1.9, True)],
)
def test_what_other_work_falsifies_is_judged_on_a_quiet_machine_only(counts: Counts, others: float, can_be_judged: bool) -> None:
    (change,) = worse(run_of(figure(2.0, counts=counts), others=others), run_of(figure(1.0, counts=counts)))
    assert change.can_be_judged == can_be_judged
    assert ("says little" in change.text) != can_be_judged
    assert "100 % worse" in change.text


def test_each_promise_of_a_part_is_shown_measured_or_not() -> None:
    promises = (Promise("reads", "a report", "≤", 1, "s"), Promise("reads", "a list", "≤", 1, "s"), Promise("hook", "a hook", "≤", 1, "s"))
    (part,) = run_of(figure(2.0), figure(3.0, name="beside")).parts
    assert list(rows(part, promises, run_of(figure(1.5)))) == [
        ("a report", "≤ 1 s", "2 s MISSED", "was 1.5 s"),
        ("beside", "", "3 s", ""),
        ("a list", "≤ 1 s", "not measured", ""),
    ]


def test_the_verdict_counts_promises_and_names_each_that_is_missed() -> None:
    promises = (Promise("reads", "a report", "≤", 1, "s"), Promise("reads", "a rate", "≥", 10, "/s"), Promise("hook", "a hook", "≤", 1, "s"))
    said = list(verdict(run_of(figure(2.0), figure(11.0, "/s", name="a rate")), promises))
    assert said == ["1 promises kept, 1 missed, 1 not measured", "missed: a report: 2 s, promised ≤ 1 s"]


def test_the_promises_become_a_table_for_the_documentation() -> None:
    promises = (Promise("reads", "a report", "≤", 1, "s"), Promise("reads", "a rate", "≥", 10, "/s"), Promise("hook", "a hook", "≤", 1, "s"))
    assert list(markdown(run_of(figure(2.0), figure(11.0, "/s", "clock", name="a rate"), others=0.5), promises))[2:] == [
        "| a report | ≤ 1 s | **2 s** |",
        "| a rate | ≥ 10 /s | 11 /s (beside other work) |",
        "| a hook | ≤ 1 s | not measured |",
    ]


def test_a_promise_is_not_judged_by_a_figure_in_another_unit() -> None:
    with pytest.raises(ValueError, match="measured in 'ms'"):
        Promise("reads", "a report", "≤", 1, "s").is_kept_by(figure(2.0, "ms"))


def test_a_kept_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = run_of(figure(1.5), Figure("rate", 3e5, "spans/s", "clock", "more", "with words"), others=0.5)
    assert Run.read(run.write(tmp_path)) == run


def test_a_run_is_compared_with_the_last_of_this_machine_part_by_part(tmp_path: Path) -> None:
    older = run_of(figure(1.0, name="x"), at="2026-01-01T00:00:00Z", part="hook")
    latest = run_of(figure(2.0, name="y"), at="2026-01-03T00:00:00Z", part="reads")
    for run in (older, run_of(figure(9.0, name="y"), at="2026-01-02T00:00:00Z", part="reads"), latest):
        run.write(tmp_path)
    replace(latest, machine=replace(HERE, cores=64), at="2026-01-04T00:00:00Z").write(tmp_path)
    (tmp_path / HERE.id / "9999.json").write_text("{}")
    base = base_of(tmp_path, HERE, "", ["hook", "reads", "journal"])
    assert base is not None
    assert base.at == latest.at
    assert [part.name for part in base.parts] == ["hook", "reads"]
    assert base.figures["y"][1].value == 2.0


def test_what_to_compare_with_is_named_by_file_commit_or_time(tmp_path: Path) -> None:
    first, second = run_of(figure(1.0), commit="aaa"), run_of(figure(2.0), commit="bbb", at="2026-02-02T00:00:00Z")
    path = first.write(tmp_path)
    second.write(tmp_path)
    for named, expected in ((str(path), first), ("aaa", first), ("2026-02", second)):
        found = base_of(tmp_path, HERE, named, ["reads"])
        assert found is not None
        assert found.figures == expected.figures
    assert base_of(tmp_path, HERE, "none", ["reads"]) is None
    with pytest.raises(ValueError, match="no run of this machine"):
        base_of(tmp_path, HERE, "ccc", ["reads"])


def test_a_failed_part_is_nothing_to_compare_with(tmp_path: Path) -> None:
    run_of(figure(1.0)).write(tmp_path)
    failed = run_of(figure(0.1), at="2026-02-02T00:00:00Z")
    replace(failed, parts=(replace(failed.parts[0], failed=True),)).write(tmp_path)
    base = base_of(tmp_path, HERE, "", ["reads"])
    assert base is not None
    assert base.figures["a report"][1].value == 1.0


def test_runs_are_kept_in_the_users_cache_folder() -> None:
    assert results_folder({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == Path("/c/hookline-benchmarks")
    assert results_folder({"HOME": "/h"}) == Path("/h/.cache/hookline-benchmarks")


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 ms"), (0.0123, "0.012 ms"), (2.345, "2.35 ms"), (12.345, "12.3 ms"), (3.0, "3 ms"), (645_321.2, "645,321 ms")]
)
def test_a_number_has_as_many_digits_as_mean_something(value: float, text: str) -> None:
    assert quantity(value, "ms") == text


def test_every_promise_is_of_a_benchmark_that_exists_and_has_a_name_of_its_own() -> None:
    assert len({promise.name for promise in PROMISES}) == len(PROMISES)
    for promise in PROMISES:
        assert (Path(__file__).parent / f"bench_{promise.part}.py").is_file()
