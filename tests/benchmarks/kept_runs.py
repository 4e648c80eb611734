"""Runs that are kept: one JSON file each, in a folder for each machine, so that a run can be compared with one before it.

They lie in the user's cache folder, not in the working copy: another checkout of the same machine compares with them too.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import Counts, Figure
from benchmarks.machine import Machine

VERSION = 1
BUSY_CORES: Mapping[Counts, float] = {"clock": 0.25, "processor": 1.0, "size": math.inf}
"""When others take more than this, what a figure counts says little: passed time at once; processor time when caches and cores are fought for, which
made it half as much again."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one benchmark told, how long it took, and how many cores other work had meanwhile."""

    name: str
    figures: tuple[Figure, ...]
    seconds: float = 0.0
    others_cores: float = 0.0
    failed: bool = False

    @classmethod
    def parse(cls, told: dict[str, Any]) -> Part:
        """Read a part of a kept run."""
        figures = tuple(Figure.parse(each) for each in told["figures"])
        return cls(str(told["name"]), figures, float(told["seconds"]), float(told["others_cores"]), bool(told["failed"]))

    def is_quiet_for(self, counts: Counts) -> bool:
        """Whether other work left alone what a figure counts."""
        return self.others_cores <= BUSY_CORES[counts]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of some benchmarks."""

    at: str
    commit: str
    machine: Machine
    parts: tuple[Part, ...] = field(default=())

    @classmethod
    def read(cls, path: Path) -> Run:
        """Read a kept run. Raises ValueError when the file is none."""
        try:
            told = json.loads(path.read_text())
            if told["version"] != VERSION:
                raise ValueError(f"{path} is of version {told['version']}")
            return cls(str(told["at"]), str(told["commit"]), Machine.parse(told["machine"]), tuple(Part.parse(each) for each in told["parts"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is no kept run: {error!r}") from error

    def write(self, folder: Path) -> Path:
        """Keep it; return where."""
        place = folder / self.machine.id
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{self.at.replace(':', '')}-{self.commit.replace('+', '-')}.json"
        told = {"version": VERSION, **asdict(self)}
        part = path.with_suffix(".part")
        part.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
        part.rename(path)
        return path

    @property
    def figures(self) -> dict[str, tuple[Part, Figure]]:
        """Every figure by its name, and the part that told it."""
        return {figure.name: (part, figure) for part in self.parts for figure in part.figures}


def results_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where runs are kept."""
    cache = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "~")).expanduser() / ".cache"
    return Path(cache) / "hookline-benchmarks"


def earlier(folder: Path, machine: Machine) -> Iterator[Run]:
    """Yield the kept runs of a machine, the latest first. What cannot be read is passed over."""
    for path in sorted((folder / machine.id).glob("*.json"), reverse=True):
        try:
            yield Run.read(path)
        except (OSError, ValueError):
            continue


def base_of(folder: Path, machine: Machine, named: str, wanted: Sequence[str]) -> Run | None:
    """Return what to compare with: the run that is named by its file, or by how its commit or its time begins; else the last of this machine.

    The last is put together: a part that the very last run left out comes from the last one that had it. Raises ValueError when what is
    named is not there.
    """
    if named == "none":
        return None
    if named and Path(named).is_file():
        return Run.read(Path(named))
    runs = [run for run in earlier(folder, machine) if not named or run.commit.startswith(named) or run.at.startswith(named)]
    if named and not runs:
        raise ValueError(f"no run of this machine is kept as {named!r} in {folder / machine.id}")
    return _together(runs, wanted) if runs else None


def _together(runs: Sequence[Run], wanted: Sequence[str]) -> Run | None:
    """Return the latest of each part that is wanted."""
    found = [next(((run, part) for run in runs for part in run.parts if part.name == name and not part.failed), None) for name in wanted]
    present = [each for each in found if each is not None]
    if not present:
        return None
    latest = max((run for run, _ in present), key=lambda run: run.at)
    return Run(latest.at, latest.commit, latest.machine, tuple(part for _, part in present))
