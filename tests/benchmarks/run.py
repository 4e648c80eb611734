"""`make bench`: every benchmark of this folder, one after the other, as one table.

Each `bench_*.py` is a program of its own, so that none measures another's memory. Its rows are `promise | target | measured`, or three
columns set apart by spaces; anything else that it prints is shown as it is. A name or several as arguments run those alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent
Row = tuple[str, str, str]


def main(names: list[str]) -> int:
    """Run the benchmarks and print the table; 1 when one of them failed."""
    failed = []
    for path in sorted(FOLDER.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if names and name not in names:
            continue
        begun = time.monotonic()
        code, output = run(path)
        print(f"\n{name} ({time.monotonic() - begun:.0f} s)", flush=True)
        show(output)
        if code:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(path: Path) -> tuple[int, str]:
    """Run one benchmark; its errors go to ours."""
    paths = [str(FOLDER.parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run([sys.executable, str(path)], stdout=subprocess.PIPE, text=True, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout


def show(output: str) -> None:
    """Print the rows in line, and what is no row as it is."""
    for line in output.splitlines():
        row = row_of(line)
        if row is None:
            print(f"  {line}")
        elif row[0] != "promise":
            print(f"  {row[0]:<66} {row[1]:<24} {row[2]}")


def row_of(line: str) -> Row | None:
    """Return the three columns of a line, None when it has not three."""
    cells = [cell.strip() for cell in line.split("|")] if "|" in line else re.split(r"\s{2,}", line.strip())
    return (cells[0], cells[1], cells[2]) if len(cells) == 3 else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
