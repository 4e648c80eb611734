"""What holds up all requests at once: a blocked loop is named by its line, and the process's own figures are there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import hookline
from hookline.services.active import active
from hookline.services.durations import DurationSeries
from hookline.services.moments import Moments
from hookline.services.runtime.loop_watch import LoopWatch
from support.watched_service import watched_service


def test_the_process_s_figures_are_told_under_the_conventions_names() -> None:
    """Each as the system says it."""
    with watched_service() as service:
        (rss,) = [point.as_int for _, point in service.points("process.memory.usage")][:1]
        assert 10_000_000 < rss < 10_000_000_000
        (descriptors,) = [point.as_int for _, point in service.points("process.unix.file_descriptor.count")][:1]
        assert abs(descriptors - len(list(Path("/proc/self/fd").iterdir()))) < 20
        assert 0 < next(point.as_double for _, point in service.points("hookline.process.file_descriptor.used_percent")) < 100
        assert next(point.as_int for _, point in service.points("process.thread.count")) >= threading.active_count() - 3
        assert {labels["cpu.mode"] for labels, _ in service.points("process.cpu.time")} == {"user", "system"}
        for name in ("process.context_switches", "process.paging.faults", "process.uptime", "cpython.gc.collections", "hookline.system.pressure"):
            assert service.points(name), name


async def test_a_callback_that_blocks_the_loop_is_named_by_its_line() -> None:
    """While it blocks, from another thread; and once."""
    seen: list[tuple[float, tuple[str, int, str] | None, str]] = []
    lateness, moments = DurationSeries({}), Moments()
    watch = LoopWatch(asyncio.get_running_loop(), lateness, moments, lambda *told: seen.append(told))
    looked = threading.Event()

    def look() -> None:
        while not seen:
            watch.look()
        watch.look()
        looked.set()

    looker = threading.Thread(target=look)
    looker.start()
    looked.wait(20)  # blocks the loop, until it is caught at it
    looker.join()
    await asyncio.sleep(0.01)
    assert watch.taken_longest_ns() > 100_000_000
    watch.stop()
    ((seconds, place, stack),) = seen
    assert seconds >= 0.25
    assert place is not None
    assert (Path(place[0]).name, place[2]) == (Path(__file__).name, "test_a_callback_that_blocks_the_loop_is_named_by_its_line")
    assert "looked.wait(20)" in stack
    assert moments.within(0, 1 << 62)[1] > 100_000_000


async def test_a_loop_is_found_by_its_first_request_and_left_when_watching_ends() -> None:
    """Nothing stays scheduled."""

    async def app(scope: object, receive: object, send: object) -> None:
        """Answer nothing."""

    with watched_service() as service:
        await hookline.instrument(app)({"type": "lifespan"}, None, None)
        watch = active()
        assert watch is not None
        assert not watch.unwatched_loop
        service.flush()
        assert service.points("hookline.loop.longest")
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    assert not [handle for handle in getattr(loop, "_scheduled", ()) if not handle.cancelled() and "LoopWatch" in repr(handle)]


def test_what_lay_within_a_time_is_cut_to_it() -> None:
    """The sum, and the longest."""
    moments = Moments()
    moments.add(0, 10)
    moments.add(20, 25)
    moments.add(90, 200)
    assert moments.within(5, 100) == (5 + 5 + 10, 10)
    assert moments.within(30, 40) == (0, 0)


HEAVY = ("opentelemetry", "requests", "grpc", "psutil", "starlette", "sqlalchemy", "psycopg", "asyncio", "hookline.services", "hookline.export")


def test_importing_hookline_loads_nothing_of_it() -> None:
    """Whoever has the light half for its hooks pays for no service."""
    script = f"import sys, hookline; hookline.instrument; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_relay_loads_nothing_of_it_either() -> None:
    """Its memory is promised."""
    script = "import sys, hookline.relay.service, hookline.cli; print([name for name in sys.modules if name.startswith('hookline.services')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_instrument_loads_no_library_but_patches_it_when_it_is_imported() -> None:
    """A service pays for no client that it has and does not use; and a process ends at once, with a collector that is away."""
    script = (
        "import sys, hookline; hookline.instrument(endpoint='http://127.0.0.1:9'); "
        "print([name for name in ('grpc', 'redis', 'sqlalchemy', 'starlette', 'hookline_collector') if name in sys.modules]); "
        "import redis; print(hasattr(redis.Redis.execute_command, '_hookline_original'), type(redis.__loader__).__name__); "
        "hookline.uninstrument(); print(hasattr(redis.Redis.execute_command, '_hookline_original'), len(sys.meta_path))"
    )
    done = subprocess.run([sys.executable, "-c", f"import sys; print(len(sys.meta_path)); {script}"], capture_output=True, text=True, check=True)
    finders, loaded, *patched = done.stdout.splitlines()
    assert (loaded, patched) == ("[]", ["True SourceFileLoader", f"False {finders}"])
    assert "Traceback" not in done.stderr
