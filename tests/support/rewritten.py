"""In a fresh clone the tests' assertions are rewritten by as many processes as tests will run in, and kept.

One process would need half a minute for it, and each worker of xdist would rewrite all, at the same time.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.assertion import rewrite

TESTS: Final = Path(__file__).parents[1]


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Do it before all are needed; a worker of xdist does its part."""
    if sys.dont_write_bytecode:
        return
    missing = [file for file in sorted(TESTS.rglob("test_*.py")) if not _kept(file).exists()]
    worker: dict[str, Any] | None = getattr(session.config, "workerinput", None)
    if worker is not None:
        number, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
        _keep(missing[number::count], session.config)
    elif missing and (count := session.config.getoption("side_by_side", 0)):
        parts = [multiprocessing.get_context("fork").Process(target=_keep, args=(missing[each::count], session.config)) for each in range(count)]
        for part in parts:
            part.start()
        for part in parts:
            part.join()


def _kept(file: Path) -> Path:
    return rewrite.get_cache_dir(file) / f"{file.stem}{rewrite.PYC_TAIL}"


def _keep(files: Sequence[Path], config: pytest.Config) -> None:
    """Rewrite some files."""
    for file in files:
        if rewrite.try_makedirs(_kept(file).parent):
            found, code = rewrite._rewrite_test(file, config)
            rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, found, _kept(file))
