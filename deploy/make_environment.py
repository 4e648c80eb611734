"""Makes the virtual environment that `make` uses: python3 deploy/make_environment.py FOLDER

Every package is pinned and checked against the hashes in requirements.lock; Hookline itself is put in from this folder, so a change of
its code needs no new environment. It says what it does while it does it: on a terminal on one line, elsewhere a line for every few packages
and each large one. Nothing but the standard library is needed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
EVERY = 10
LARGE = re.compile(r"\((\d{2,}(?:\.\d+)? MB)\)")


def main(folder: Path) -> int:
    """Make the environment; return the exit code."""
    began = time.monotonic()
    say(f"1/3  Making a virtual environment in {folder} with Python {sys.version.split()[0]}")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    total = sum(1 for line in LOCK.read_text().splitlines() if re.match(r"[A-Za-z]", line))
    say(f"2/3  Fetching up to {total} packages, each checked against its hash (about 250 MB the first time; minutes on a slow line)")
    if code := install(folder, ["--require-hashes", "--no-deps", "--requirement", str(LOCK)], total):
        return code
    say("3/3  Putting in Hookline from this folder")
    if code := install(folder, ["--no-deps", "--no-index", "--no-build-isolation", "--editable", str(ROOT)], 0):
        return code
    say(f"     Done in {time.monotonic() - began:.0f} s")
    return 0


def install(folder: Path, arguments: list[str], total: int) -> int:
    """Run pip and show how far it is; return its exit code. What it said last is shown when it fails."""
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", *arguments]
    last: deque[str] = deque(maxlen=30)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as pip:
        assert pip.stdout is not None  # noqa: S101 - it was asked for
        show(progress(noted(pip.stdout, last), total))
    if pip.returncode:
        say("\n".join(["pip could not do it:", *last]))
    return pip.returncode


def noted(lines: Iterable[str], last: deque[str]) -> Iterator[str]:
    """Hand lines on and keep the last of them."""
    for line in lines:
        last.append(line.rstrip())
        yield line


def progress(lines: Iterable[str], total: int) -> Iterator[tuple[str, bool]]:
    """Yield what to show while pip speaks, and whether it is worth a line of its own."""
    count = 0
    for line in lines:
        if line.startswith("Collecting "):
            count += 1
            yield f"     [{count}/{total}] {line.split(maxsplit=1)[1].split(' ', maxsplit=1)[0].strip()}", count % EVERY == 0
        elif large := LARGE.search(line):
            yield f"     [{count}/{total}] fetching {line.split()[1].rpartition('/')[2][:60]} ({large[1]}) ...", True
        elif total and line.startswith("Installing collected packages"):
            yield "     putting them in place ...", True


def show(steps: Iterable[tuple[str, bool]]) -> None:
    """Show each step on one line of a terminal; elsewhere those that are worth a line."""
    on_terminal = sys.stdout.isatty()
    for text, is_notable in steps:
        if on_terminal:
            sys.stdout.write(f"\r\x1b[K{text}")
            sys.stdout.flush()
        elif is_notable:
            say(text)
    if on_terminal:
        sys.stdout.write("\r\x1b[K")


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201 - it is what this program is for


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
