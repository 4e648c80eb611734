"""In a fresh clone each worker rewrites a part of the tests' assertions, and keeps it for the others.

Else each of them would rewrite all, at the same time: that is more than the collecting itself.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.assertion import rewrite

TESTS: Final = Path(__file__).parents[1]


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Do this worker's part before it needs all."""
    worker: dict[str, Any] | None = getattr(session.config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode:
        return
    number, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    for file in sorted(TESTS.rglob("test_*.py"))[number::count]:
        _keep(file, session.config)


def _keep(file: Path, config: pytest.Config) -> None:
    """Rewrite a file where it was not yet."""
    folder = rewrite.get_cache_dir(file)
    kept = folder / f"{file.stem}{rewrite.PYC_TAIL}"
    if not kept.exists() and rewrite.try_makedirs(folder):
        found, code = rewrite._rewrite_test(file, config)
        rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, found, kept)
