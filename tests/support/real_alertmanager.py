"""The real Alertmanager, as Debian packages it."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager") or ""


@dataclass(frozen=True, slots=True)
class RealAlertmanager:
    """A running Alertmanager."""

    url: str

    def get(self, path: str) -> Any:
        """Return an answer of its API."""
        with urllib.request.urlopen(f"{self.url}/api/v2/{path}", timeout=5) as answer:
            return json.loads(answer.read())


@contextlib.contextmanager
def real_alertmanager(folder: Path, config: str) -> Iterator[RealAlertmanager]:
    """Run one while the block runs; without the program the test is skipped."""
    if not PROGRAM:
        pytest.skip("needs Debian's prometheus-alertmanager: apt-get install prometheus-alertmanager")
    file, port = folder / "alertmanager.yml", _free_port()
    file.write_text(config)
    command = [PROGRAM, f"--config.file={file}", f"--storage.path={folder / 'storage'}", f"--web.listen-address=127.0.0.1:{port}"]
    log = (folder / "alertmanager.log").open("w")
    process = subprocess.Popen([*command, "--cluster.listen-address="], stdout=log, stderr=log)
    try:
        found = RealAlertmanager(f"http://127.0.0.1:{port}")
        _wait(found, process)
        yield found
    finally:
        process.kill()
        process.wait()
        log.close()


def _wait(found: RealAlertmanager, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            found.get("status")
            return
        time.sleep(0.05)
    raise AssertionError("Alertmanager did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
