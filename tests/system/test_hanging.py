"""A test that hangs where pytest-timeout does not reach is ended and named."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
HANGS = """
import asyncio, pytest

@pytest.fixture
async def stuck():
    yield
    while True:
        try:
            await asyncio.sleep(0.01)
        except BaseException:
            pass

async def test_that_hangs(stuck):
    pass

def test_beside():
    pass
"""
SETTINGS = """
[pytest]
anyio_mode = auto
timeout = 10
hanging_grace = 10
"""


@pytest.mark.long
def test_a_test_that_hangs_in_its_teardown_fails_by_its_name(tmp_path: Path) -> None:
    """The timeout is swallowed by the loop; the process is ended ten seconds later."""
    (tmp_path / "test_it.py").write_text(HANGS)
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--max-worker-restart", "0", "-p", "support.hanging", "-p", "no:randomly", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(TESTS), "PATH": ""}, capture_output=True, text=True, timeout=100, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "crashed while running 'test_it.py::test_that_hangs" in said
    assert "FAILED test_it.py::test_that_hangs" in said
    assert "Timeout (0:00:20)!" in said
