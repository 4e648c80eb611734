"""Tests that run in forks of the process that collected them are told as those of one process."""

import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
KEPT_TOGETHER = """
import os, pytest

made = []

@pytest.fixture(scope="module")
def shared():
    made.append(1)
    return os.getpid()

@pytest.mark.parametrize("number", range(3))
def test_of_one_process(shared, number, tmp_path):
    assert (shared, made) == (os.getpid(), [1])
    assert os.getppid() == COLLECTED_BY

COLLECTED_BY = os.getpid()
"""
FAILS = """
import pytest

def test_that_fails():
    print("said before")
    assert 1 == 2

@pytest.mark.skip(reason="not here")
def test_that_is_left_out():
    pass
"""
CRASHES = """
import os

def test_that_ends_its_process():
    os._exit(3)
"""
ENDS = """
import atexit, pathlib, time

def test_that_ends_late():
    atexit.register(pathlib.Path("ended").write_text, "")
"""


SLEEPS = """
import pytest, time

@pytest.mark.timeout(1)
def test_that_takes_too_long():
    time.sleep(60)

def test_behind_it():
    pass
"""


def run(folder: Path, *arguments: str, **files: str) -> tuple[int, str]:
    """Run some test files side by side; return how it ended, and what was said."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -ra -p no:randomly")
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "support.side_by_side", "-p", "support.hanging", "--side-by-side", "2", *arguments]
    environment = {"PYTHONPATH": str(TESTS), "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_timeout"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


def test_all_tests_run_those_of_a_module_in_one_fork_and_one_process_tells_of_them(tmp_path: Path) -> None:
    """Also what a failed test said, why one was left out, and what failed last; what a worker leaves to its end is done."""
    code, said = run(tmp_path, together=KEPT_TOGETHER, other=KEPT_TOGETHER, fails=FAILS, ends=ENDS)
    assert code == 1, said
    assert re.search(r"= 1 failed, 7 passed, 1 skipped in", said)
    assert "assert 1 == 2" in said
    assert "said before" in said
    assert "not here" in said
    assert (tmp_path / "ended").exists()
    code, said = run(tmp_path, "--last-failed")
    assert re.search(r"= 1 failed in", said)


def test_a_worker_that_dies_fails_its_test_and_ends_the_run(tmp_path: Path) -> None:
    """By the test's name."""
    code, said = run(tmp_path, crashes=CRASHES)
    assert code == 1, said
    assert "FAILED test_crashes.py::test_that_ends_its_process" in said
    assert "crashed while running 'test_crashes.py::test_that_ends_its_process'" in said


def test_what_takes_too_long_fails_and_the_others_go_on(tmp_path: Path) -> None:
    """The worker that it ran in is well."""
    code, said = run(tmp_path, sleeps=SLEEPS)
    assert (code, "1 failed, 1 passed" in said, "Timeout (>1.0s)" in said) == (1, True, True), said


def test_it_ends_with_the_first_failure_where_that_is_wanted(tmp_path: Path) -> None:
    """And lets the others end what they began."""
    code, said = run(tmp_path, "--exitfirst", fails=FAILS)
    assert (code, "stopping after 1 failures" in said) == (1, True), said
