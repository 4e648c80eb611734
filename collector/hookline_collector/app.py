"""The collector as a process: its lock, its addresses, its signals.

`assembly` puts together what runs inside. A second collector on the same data folder is refused before anything else is touched.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import sys
from collections.abc import Callable

from hookline.errors import AlreadyRunning, ConfigInvalid, HooklineError
from hookline.settings import Settings
from hookline.system import ground, locks
from hookline.system.parent_watch import watch_supervisor
from hookline.system.runtime import Runtime
from hookline.version import VERSION
from hookline_collector.assembly import assemble
from hookline_collector.clickhouse_http.clickhouse_server import DEFAULT_ADDRESS
from hookline_collector.clickhouse_http.clickhouse_server import KEY as CLICKHOUSE
from hookline_collector.receive import check_binding
from hookline_collector.serving import bind, library_pages, split_address, taken
from hookline_collector.serving.address import is_loopback
from hookline_collector.serving.descriptors import raise_limit
from hookline_collector.serving.filesystem import keep_private
from hookline_collector.serving.memory import keep_little, leave_what_is_there

DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.ENOTDIR)
Ready = Callable[[Runtime], None]
log = logging.getLogger(__name__)


def main(settings: Settings) -> None:
    """Run until SIGTERM, SIGINT or the end of a supervisor. Raises HooklineError when the start fails."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("clickhouse_connect", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    raise_limit()
    keep_little()
    asyncio.run(_until_signal(settings))


async def _until_signal(settings: Settings) -> None:
    """Run; a signal stops the collector, and one that comes while it still starts gives the start up."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    here: list[Runtime] = []

    def ready(found: Runtime) -> None:
        leave_what_is_there()
        library_pages.narrow()
        here.append(found)
        _announce(found)

    def end() -> None:
        stop.set()
        if not here:
            running.cancel()

    running = asyncio.create_task(run(settings, stop, ready))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    watch_supervisor(lambda: loop.call_soon_threadsafe(end))
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _announce(found: Runtime) -> None:
    """Say where everything is; never the token."""
    with contextlib.suppress(OSError):  # a log on a full disk
        print(f"hookline collector {VERSION}: OTLP/gRPC {found.otlp_grpc}, OTLP/HTTP {found.otlp_http}, pages {found.url}", flush=True)  # noqa: T201


async def run(settings: Settings, stop: asyncio.Event, ready: Ready) -> None:
    """Run a collector until `stop` is set; `ready` is called when everything answers. Raises HooklineError when the start fails."""
    ground.make(settings.data_dir)
    keep_others_out(settings)
    with locks.hold(settings.data_dir / "collector.lock", "collector"):
        check_addresses(settings)
        check_ports(settings)
        with contextlib.closing(bind(settings.collector.http, "collector.http")) as listener:
            try:
                await assemble(settings, listener).run(stop, ready)
            except (BaseExceptionGroup, OSError) as error:
                why = first_of(error)
                raise (ground.explain(settings.data_dir, why) if isinstance(why, OSError) and why.errno in DISK_FAULTS else why) from error


def keep_others_out(settings: Settings) -> None:
    """Make what is written from now on private, and the folders that are there. Raises ConfigInvalid where that is not in our power."""
    os.umask(0o077)  # the engine makes its files as the process says
    ours = (settings.journal_dir, settings.quarantine_dir, settings.engine_dir)
    for folder, from_readers in ((settings.data_dir, False), *((folder, True) for folder in ours)):
        if said := keep_private(folder, from_readers):
            log.warning("%s", said)


def check_addresses(settings: Settings) -> None:
    """Raise ConfigInvalid, with every problem, when an address is open to others without protection."""
    problems: list[tuple[str, str]] = []
    try:
        check_binding(settings)
    except ConfigInvalid as error:
        problems += error.problems
    address = settings.collector.http
    host, _ = split_address(address, "collector.http")
    if not (is_loopback(host) or settings.collector.insecure or settings.collector.tls_certificate):
        why = f"{address} can be reached from other machines: set collector.tls_certificate and collector.tls_key, or bind to 127.0.0.1"
        problems.append(("collector.http", f"{why} (or set collector.insecure behind a proxy that does both)"))
    problems += _open_clickhouse(settings)
    if problems:
        raise ConfigInvalid(problems)


def _open_clickhouse(settings: Settings) -> list[tuple[str, str]]:
    """Return what is wrong with the address of ClickHouse's interface; nothing where it is not served or protected."""
    address, wanted = settings.collector.clickhouse, settings.collector
    if not address or wanted.insecure or wanted.tls_certificate or is_loopback(split_address(address, CLICKHOUSE)[0]):
        return []
    why = f"{address} can be reached from other machines: set collector.tls_certificate and collector.tls_key, or bind to 127.0.0.1"
    return [(CLICKHOUSE, f"{why} (or set collector.insecure behind a proxy that does TLS)")]


def check_ports(settings: Settings) -> None:
    """Raise AlreadyRunning, with every port that is taken, before anything is opened."""
    keys = ["otlp_grpc", "otlp_http", "http"]
    if settings.collector.clickhouse not in ("", DEFAULT_ADDRESS):  # without its default the collector does
        keys.append("clickhouse")
    if troubles := taken({f"collector.{key}": getattr(settings.collector, key) for key in keys}):
        raise AlreadyRunning("\n  ".join(troubles))


def first_of(group: BaseException) -> BaseException:
    """Return the error that a task group ended for: one raised on purpose where there is one, else the first."""
    if not isinstance(group, BaseExceptionGroup):
        return group
    found = [first_of(error) for error in group.exceptions]
    return next((error for error in found if isinstance(error, HooklineError)), found[0])
