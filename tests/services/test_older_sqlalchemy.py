"""What a service tells through SQLAlchemy, with the release line before the one that the environment has.

The tests are the same (`test_database_calls`): a process of its own runs them, with the older package before the newer in its path.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

OLDER = "2.0.58"
ROOT = Path(__file__).parents[2]
PROVEN_BY = "tests/services/test_database_calls.py"


@pytest.mark.long
def test_sqlalchemy_2_0_tells_the_same(tmp_path: Path) -> None:
    """Spans, callers, failures and waits for a pool's connection."""
    packages = tmp_path / "site-packages"  # what lies in such a folder is no caller
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps", "--target", str(packages)]
    fetched = subprocess.run([*pip, f"sqlalchemy=={OLDER}"], capture_output=True, text=True, check=False, timeout=300)
    if fetched.returncode:
        pytest.skip(f"SQLAlchemy {OLDER} cannot be had: {(fetched.stderr.strip().splitlines() or ['pip failed'])[-1][:200]}")
    older = {**os.environ, "PYTHONPATH": str(packages)}
    asked = [sys.executable, "-c", "import sqlalchemy; print(sqlalchemy.__version__)"]
    which = subprocess.run(asked, env=older, capture_output=True, text=True, check=True)
    assert which.stdout.strip() == OLDER
    run = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", "sqlalchemy or pool", PROVEN_BY]
    proven = subprocess.run(run, cwd=ROOT, env=older, capture_output=True, text=True, check=False, timeout=300)
    assert proven.returncode == 0, proven.stdout[-3000:]
    if "skipped" in proven.stdout:
        pytest.skip("there is no PostgreSQL here")
    assert " passed" in proven.stdout
