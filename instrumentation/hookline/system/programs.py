"""Runs a program for a limited time. It gets none of Hookline's own variables, which hold headers and passwords."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

TIMEOUT_S = 5.0
NOT_THEIRS = ("HOOKLINE_", "OTEL_")


class Failed(Exception):
    """A program could not be run, took too long, or said that it failed."""


def run(words: Sequence[str], timeout_s: float = TIMEOUT_S, given: str = "", env: Mapping[str, str] | None = None) -> str:
    """Run a program and return what it said; one that takes too long is killed with its children. Raises Failed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_THEIRS)}
    try:
        process = subprocess.Popen(
            list(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**kept, **(env or {})},
            start_new_session=True,
        )
    except (OSError, ValueError) as why:
        raise Failed(f"cannot run {words[0]}: {why}") from None
    try:
        said, _ = process.communicate(given, timeout_s)
    except subprocess.TimeoutExpired:
        _end(process)
        raise Failed(f"{words[0]} took longer than {timeout_s:g} s") from None
    if process.returncode:
        raise Failed(f"{words[0]} ended with exit code {process.returncode}")
    return said


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        process.kill()
    if process.stdin:
        process.stdin.close()
    if process.stdout:
        process.stdout.close()
    process.wait()
