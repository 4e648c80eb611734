"""Short scenes of the play among the long tests: what is told must be right; how exact it is, `make play` measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from play.stage import find_tools
from support.real_client import find_client

SHORT = ("ordinary_turns", "no_at_a_permission", "an_alert_at_a_permission")


@pytest.mark.client
@pytest.mark.long
def test_what_a_person_does_with_the_real_client_is_told_as_it_was(tmp_path: Path) -> None:
    """Keys are pressed, and hooks alone and hooks with native telemetry tell what was done."""
    find_client()
    if missing := find_tools():
        pytest.skip(missing)
    words = [sys.executable, "-m", "play", "--facts", "--keep", str(tmp_path), *SHORT]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
