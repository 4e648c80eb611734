"""What a running collector notes about itself: pid and addresses, in `<data>/collector.json` (0600).

Written when everything is bound and answers, removed at the end. A reader takes it as a hint: the process may have been
killed, so it asks the address and believes the answer.
"""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Runtime:
    """A running collector: process, version, start (Unix seconds) and addresses as host:port."""

    pid: int
    version: str
    started_at: float
    otlp_grpc: str
    otlp_http: str
    http: str
    tls: bool = False

    @property
    def url(self) -> str:
        """Base of pages and API, as this machine reaches it."""
        return f"{'https' if self.tls else 'http'}://{reachable(self.http)}"

    @property
    def otlp_endpoint(self) -> str:
        """OTLP/gRPC endpoint, as this machine reaches it."""
        return f"{'https' if self.tls else 'http'}://{reachable(self.otlp_grpc)}"


def write(path: Path, runtime: Runtime) -> None:
    """Write the file so that a reader sees all of it or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123 - the mode must hold from the first moment
        json.dump(dataclasses.asdict(runtime), file)
    draft.replace(path)


def read(path: Path) -> Runtime | None:
    """Return what the file says; None when it is missing or was written by something else."""
    try:
        found = json.loads(path.read_text())
        return Runtime(**found)
    except (OSError, ValueError, TypeError):
        return None


def remove(path: Path) -> None:
    """Remove the file when it is this process's own."""
    found = read(path)
    if found is not None and found.pid == os.getpid():
        path.unlink(missing_ok=True)


def reachable(address: str) -> str:
    """Return an address that can be connected to: an unspecified one is reached over loopback."""
    host, _, port = address.rpartition(":")
    replaced = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - it is replaced, not bound
    return f"{replaced}:{port}"
