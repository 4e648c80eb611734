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
    clickhouse: str = ""

    @property
    def url(self) -> str:
        """Base of pages and API, as this machine reaches it."""
        return f"{'https' if self.tls else 'http'}://{reachable(self.http)}"

    @property
    def clickhouse_url(self) -> str:
        """ClickHouse's interface, as this machine reaches it; empty where it is not served."""
        return f"{'https' if self.tls else 'http'}://{reachable(self.clickhouse)}" if self.clickhouse else ""

    @property
    def otlp_endpoint(self) -> str:
        """OTLP/gRPC endpoint, as this machine reaches it."""
        return f"{'https' if self.tls else 'http'}://{reachable(self.otlp_grpc)}"


def write(path: Path, runtime: Runtime) -> None:
    """Write the file so that a reader sees all of it or nothing. On a full disk a part that stopped before has left room for it (`remove`)."""
    draft = path.with_name(f".{path.name}.next")
    text = json.dumps(dataclasses.asdict(runtime)).encode()
    if not draft.exists() and path.exists():  # a killed process left it
        path.replace(draft)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(descriptor, 0o600)  # what lay there before may have been open to others
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))
    finally:
        os.close(descriptor)
    draft.replace(path)


def read(path: Path) -> Runtime | None:
    """Return what the file says; None when it is missing or was written by something else."""
    try:
        found = json.loads(path.read_text())
        return Runtime(**found)
    except (OSError, ValueError, TypeError):
        return None


def remove(path: Path) -> None:
    """Take the file away when it is this process's own; its block stays, so that a start on a full disk can write one."""
    found = read(path)
    if found is not None and found.pid == os.getpid():
        path.replace(path.with_name(f".{path.name}.next"))


def reachable(address: str) -> str:
    """Return an address that can be connected to: an unspecified one is reached over loopback."""
    host, _, port = address.rpartition(":")
    replaced = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - it is replaced, not bound
    return f"{replaced}:{port}"
