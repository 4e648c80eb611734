"""Does a test notice when the code is wrong? One small change of a pure core at a time, and that core's tests run against it.

    cd tests && ../.venv/bin/python -m support.mutants fold --count 40 --seed 7

A change that no test notices is a survivor: it is printed with its place, for a person to judge. It may be a gap in the tests, or a
change that changes nothing. mutmut cannot be used as it is: it names a mutant by the path of its file from the root, and our two halves
are imported from folders of their own.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import clickhouse_connect
import grpc.aio
import hypothesis
import opentelemetry.sdk.trace
import psutil
import pytest
import starlette
import uvicorn

LOADED: Final = (clickhouse_connect, grpc, hypothesis, opentelemetry, psutil, starlette, uvicorn)
"""What every run needs and no mutant changes."""
ROOT: Final = Path(__file__).parents[2]
LONGEST_S: Final = 300


@dataclass(frozen=True, slots=True)
class Core:
    """Pure modules, as patterns from the root, and the tests that must notice. Tests of `is_slow` take a minute a mutant: tried only when named."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    is_slow: bool = False


CORES: Final = {
    "fold": Core(("instrumentation/hookline/fold/*.py",), ("tests/fold",)),
    "export": Core(("instrumentation/hookline/export/result.py",), ("tests/export/test_export_result.py",)),
    "sessions": Core(
        ("collector/hookline_collector/sessions/facts.py", "collector/hookline_collector/sessions/state.py"),
        tuple(f"tests/sessions/test_session_{name}.py" for name in ("state", "facts", "live", "truth", "captures")),
    ),
    "telling": Core(
        (
            "collector/hookline_collector/notification/deciding/*.py",
            "collector/hookline_collector/notification/plan/label_matchers.py",
            "collector/hookline_collector/notification/plan/mute_times.py",
        ),
        ("tests/notification/test_deciding.py", "tests/notification/test_notification_plan.py", "tests/notification/test_formats.py"),
    ),
    "bodies": Core(("collector/hookline_collector/notification/formats/*.py",), ("tests/notification/test_formats.py",)),
    "alerts": Core(
        tuple(f"collector/hookline_collector/alerts/{name}.py" for name in ("state_machine", "sliding", "schedule", "alert")),
        ("tests/alerts/test_state_machine.py", "tests/alerts/test_sliding.py", "tests/alerts/test_alert.py"),
    ),
    "judging": Core(
        ("instrumentation/hookline/databases/judging/*.py",),
        ("tests/databases/test_judging.py", "tests/databases/test_regressions.py"),
    ),
    "slowdowns": Core(("instrumentation/hookline/slowdowns/*.py",), ("tests/databases/test_regressions.py",)),
    "looks": Core(
        tuple(f"instrumentation/hookline/databases/{name}.py" for name in ("lock_trees", "statement_growth")),
        ("tests/databases/test_lock_trees.py", "tests/databases/test_statement_growth.py"),
    ),
    "worked_out": Core(
        tuple(
            f"collector/hookline_collector/worked_out/{name}_rules.py" for name in ("block", "call", "clock", "part", "request", "session", "turn")
        ),
        tuple(f"tests/worked_out/test_{name}.py" for name in ("call_sharing", "worked_figures", "block_rules")),
        is_slow=True,
    ),
    "work": Core(
        ("collector/hookline_collector/work/period.py", "collector/hookline_collector/work/windows.py"),
        ("tests/work/test_work_period.py", "tests/work/test_work_windows.py"),
    ),
}
_SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
}
_OTHER: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the file, the line, what stood there and what stands there now, and the whole text with it."""

    path: Path
    line: int
    was: str
    now: str
    text: str


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree = ast.parse(path.read_text())
    of_decorators = {each for node in ast.walk(tree) for one in getattr(node, "decorator_list", ()) for each in ast.walk(one)}
    for number, node in enumerate(ast.walk(tree)):
        if node in of_decorators or (change := change_of(node)) is None:
            continue
        changed = copy.deepcopy(tree)
        found = next(each for n, each in enumerate(ast.walk(changed)) if n == number)
        change(found)
        yield Mutant(path, getattr(node, "lineno", 0), ast.unparse(node), ast.unparse(found), ast.unparse(changed))


def change_of(node: ast.AST) -> Callable[[ast.AST], None] | None:
    """Return what makes another of such a node, if anything does."""
    match node:
        case ast.Compare(ops=[one]) if type(one) in _SWAPPED:
            return lambda each: setattr(each, "ops", [_SWAPPED[type(one)]()])
        case ast.BoolOp(op=one) | ast.BinOp(op=one) if type(one) in _SWAPPED:
            return lambda each: setattr(each, "op", _SWAPPED[type(one)]())
        case ast.Call(func=ast.Name(id=name)) if name in _OTHER:
            return lambda each: setattr(each, "func", ast.Name(_OTHER[name], ast.Load()))
        case ast.Constant(value=bool() as truth):
            return lambda each: setattr(each, "value", not truth)
        case ast.Constant(value=int() as count):
            return lambda each: setattr(each, "value", count + 1)
        case ast.If(test=test) | ast.IfExp(test=test):
            return lambda each: setattr(each, "test", ast.UnaryOp(ast.Not(), test))
        case _:
            return None


def survives(mutant: Mutant, core: Core, halves: Path) -> bool:
    """Whether the tests of its core pass with it."""
    place = halves / mutant.path.relative_to(ROOT)
    original = place.read_text()
    place.write_text(mutant.text)
    try:
        return tests_pass(core.tests, halves)
    finally:
        place.write_text(original)


def tests_pass(tests: tuple[str, ...], halves: Path) -> bool:
    """Run tests against the halves in a fork of this process, which has loaded everything that is not ours."""
    if child := os.fork():
        return os.waitpid(child, 0)[1] == 0
    signal.alarm(LONGEST_S)  # a mutant may never end
    os.chdir(ROOT)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.path[:0] = [str(halves / half) for half in ("instrumentation", "collector")]
    os._exit(
        pytest.main(
            [
                "-x",
                "-q",
                "-W",
                "ignore::pytest.PytestAssertRewriteWarning",
                "-n",
                "0",
                "-p",
                "no:support.drawn_order",
                "-p",
                "no:cacheprovider",
                *tests,
            ]
        )
    )


def main() -> int:
    """Try some mutants of a core and print those that survive; the exit code is 0 either way, since a person must judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cores", nargs="*", choices=[[], *CORES], help="all but the slow ones when none is named")
    parser.add_argument("--count", type=int, default=25, help="at most so many of each core, drawn by chance")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hookline-mutants-") as name:
        halves = Path(name)
        for half in ("instrumentation", "collector"):
            shutil.copytree(ROOT / half, halves / half)
        for core in given.cores or (name for name, core in CORES.items() if not core.is_slow):
            tell(core, given.count, given.seed, halves)
    return 0


def tell(name: str, count: int, seed: int, halves: Path) -> None:
    """Try and print."""
    core = CORES[name]
    if not tests_pass(core.tests, halves):
        sys.exit(f"{name}: its tests fail without a mutant")
    known = [mutant for pattern in core.modules for path in sorted(ROOT.glob(pattern)) for mutant in mutants_of(path)]
    tried = random.Random(seed).sample(known, min(count, len(known)))
    left = 0
    for mutant in sorted(tried, key=lambda each: (each.path, each.line)):
        if survives(mutant, core, halves):
            left += 1
            print(f"  {mutant.path.relative_to(ROOT)}:{mutant.line}  {_short(mutant.was)}  →  {_short(mutant.now)}", flush=True)
    print(f"{name}: {len(tried) - left} of {len(tried)} were noticed; there are {len(known)}", flush=True)


def _short(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) < 90 else f"{first[:87]}..."


if __name__ == "__main__":
    sys.exit(main())
