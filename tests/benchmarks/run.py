"""`make bench`: every benchmark of this folder, one after the other, beside what is promised and beside the last run of this machine.

Each `bench_*.py` is a program of its own, so that none measures another's memory. It tells its figures with `figures.tell`; anything else
that it prints is shown as it is. A name or several as arguments run those alone. What was measured is kept (`kept_runs.py`).

    run.py [NAME ...] [--base FILE|COMMIT|TIME|none] [--long]
    run.py --table [--base FILE|COMMIT|TIME]    measures nothing: the promises of the last runs, as Markdown
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.comparison import markdown, rows, verdict, worse
from benchmarks.figures import FIGURES_FILE, Figure
from benchmarks.kept_runs import Part, Run, base_of, results_folder
from benchmarks.machine import Machine, Others
from benchmarks.promises import PROMISES

FOLDER = Path(__file__).parent
PATIENCE_S, LONG_PATIENCE_S = 900.0, 9000.0
BY_NAME = frozenset({"others"})
"""What runs only when it is named: it needs what is not in this repository."""
LONG = "HOOKLINE_BENCH_LONG"
"""In the environment: what takes longer than minutes is measured as well."""


def main(arguments: Sequence[str]) -> int:
    """Run the benchmarks, print the tables, keep the run; 1 when one of them failed."""
    given = _arguments(arguments)
    known = {path.stem.removeprefix("bench_"): path for path in sorted(FOLDER.glob("bench_*.py"))}
    if unknown := set(given.names) - set(known):
        print(f"no benchmark is named {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    if given.long:
        os.environ[LONG] = "1"
    chosen = given.names or [name for name in known if name not in BY_NAME]
    machine = Machine.this()
    try:
        base = base_of(results_folder(), machine, given.base, chosen)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if given.table:
        print("\n".join(markdown(base, PROMISES) if base else ["nothing is kept of this machine"]))
        return 0
    print(machine)
    done = Run(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), commit(), machine)
    for name in chosen:
        part, said = run(name, known[name])
        show(part, said, base)
        done = replace(done, parts=(*done.parts, part))
        kept = done.write(results_folder())  # after each part: one that is interrupted keeps what it has
    conclude(done, base)
    print(f"kept in {kept}")
    return 1 if any(part.failed for part in done.parts) else 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run benchmarks.")
    parser.add_argument("names", nargs="*", help="which ones; all if none is named")
    parser.add_argument("--base", default="", help="what to compare with: a file, how a commit or a time begins, or none; else this machine's last")
    parser.add_argument("--long", action="store_true", help="also what takes longer than minutes")
    parser.add_argument("--table", action="store_true", help="measure nothing, print the promises of what is kept as Markdown")
    return parser.parse_args(arguments)


def run(name: str, path: Path) -> tuple[Part, str]:
    """Run one benchmark; return what it told and what else it printed. Its errors go to ours."""
    paths = [str(FOLDER.parent), os.environ.get("PYTHONPATH", "")]
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder:
        file = Path(folder) / "figures"
        file.touch()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), FIGURES_FILE: str(file)}
        others, begun, patience_s = Others(), time.monotonic(), LONG_PATIENCE_S if LONG in os.environ else PATIENCE_S
        command = [sys.executable, str(path)]
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, env=environment, stdin=subprocess.DEVNULL, check=False, timeout=patience_s
            )
            failed, said = done.returncode != 0, done.stdout
        except subprocess.TimeoutExpired as error:
            failed, said = True, (error.stdout or b"").decode() + f"not done after {patience_s:g} s\n"
        seconds = time.monotonic() - begun
        figures = tuple(Figure.parse(json.loads(line)) for line in file.read_text().splitlines())
        return Part(name, figures, round(seconds, 1), round(others.cores(), 2), failed), said


def show(part: Part, said: str, base: Run | None) -> None:
    """Print a table of the figures, and what else was printed as it is."""
    busy = "" if part.is_quiet_for("clock") else f", other work took {part.others_cores:.1f} cores"
    print(f"\n{part.name} ({part.seconds:.0f} s{busy}){' FAILED' if part.failed else ''}", flush=True)
    told = {figure.name for figure in part.figures}
    for line in said.splitlines():
        if line.split(" | ")[0] not in told:
            print(f"  {line}")
    for name, target, measured, was in rows(part, PROMISES, base):
        print(f"  {name:<80} {target:<18} {measured:<40} {was}".rstrip())


def conclude(done: Run, base: Run | None) -> None:
    """Say which promises are kept and missed, and what is worse than before."""
    print()
    for line in verdict(done, PROMISES):
        print(line)
    if base:
        unlike = "" if base.machine == done.machine else f", of another machine: {base.machine}"
        changes = list(worse(done, base))
        print(f"{'worse' if changes else 'nothing is worse'} by more than 20 % than {base.at} ({base.commit}){unlike}")
        for change in changes:
            print(f"  {change.text}")


def commit() -> str:
    """Return which commit is measured, with a + when the working copy differs from it."""
    command = ["git", "-C", str(FOLDER), "describe", "--always", "--exclude", "*", "--dirty=+"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
