"""The engine's limit of memory counts what the engine has allocated, whatever else runs in its control group; merges leave most of it to others.

Of the library only what runs is resident. What was merged is kept no longer than a start may need it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.load_traces import SPANS, bench_request
from hookline_collector.serving import library_pages
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.running import wait_for
from support.stores import open_store

OTHERS_BYTES = 3_000_000_000
ASK = """
import sys, time
from pathlib import Path
from hookline.settings import Settings
from hookline_collector.store.backends import Embedded
backend = Embedded(Settings(data_dir=Path(sys.argv[1])))
client = backend.open("system", {"max_threads": "1"})
for _ in range(3):
    client.command("SELECT count() FROM (SELECT number FROM numbers(1000000) GROUP BY number)")
    time.sleep(0.1)
print("counted", client.command("SELECT value FROM metrics WHERE metric = 'MemoryTracking'"))
client.close()
backend.close()
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare"), reason="needs a mount namespace of its own")
def test_what_others_of_the_control_group_have_allocated_does_not_count(tmp_path: Path) -> None:
    """A terminal with an agent, a desktop session, a container: together they hold more than the engine may have, and it answers all the same."""
    groups = tmp_path / "groups"
    (groups / "memory").mkdir(parents=True)
    (groups / "memory" / "memory.stat").write_text(f"cache 0\nrss {OTHERS_BYTES}\n")
    command = 'mount --bind "$1" /sys/fs/cgroup && exec "$2" -c "$3" "$4"'
    asked = ["unshare", "-m", "sh", "-c", command, "sh", str(groups), sys.executable, ASK, str(tmp_path / "data")]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    if "mount" in done.stderr:
        pytest.skip("nothing may be mounted here")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) < OTHERS_BYTES


@pytest.mark.long
@pytest.mark.skipif(library_pages.noting_writes() < 0, reason="this system maps what lies around a page, too")
def test_an_insert_holds_what_it_uses_of_the_library() -> None:
    """Of 530 MB some 17; with what lies around each page it was 83."""
    store = open_store("embedded")
    try:
        store.trim_memory()
        store.insert(Signal.TRACES, b"".join(bench_request(each) for each in range(40)), "of-the-library")
        code = [held for permissions, held in held_of_the_library() if permissions == "r-xp"]
        assert 0 < sum(code) < 40_000_000
    finally:
        store.command(f"DROP DATABASE {store.database}")
        store.close()


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted as Linux tells them")
def test_many_parts_are_removed_without_a_thread_for_each() -> None:
    """Out of the box a hundred threads are started for that; they stay, and so does what the allocator keeps for each."""
    store = open_store("embedded")
    try:
        store.command("CREATE TABLE many (a UInt64) ENGINE = MergeTree ORDER BY a")
        store.command("SYSTEM STOP MERGES many")
        for number in range(150):
            store.command(f"INSERT INTO many VALUES ({number})")
        before = threads()
        store.command("TRUNCATE TABLE many")
        assert threads() < before + 20
    finally:
        store.command(f"DROP DATABASE {store.database}")
        store.close()


@pytest.mark.long
def test_parts_that_were_merged_are_removed_as_soon_as_there_are_many() -> None:
    """Out of the box it needs three hundred, or five minutes."""
    store = open_store("embedded")
    try:
        kept = "old_parts_lifetime = 1, cleanup_delay_period = 1, cleanup_delay_period_random_add = 0"
        store.command(f"CREATE TABLE merged (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS {kept}")
        time.sleep(5)  # it looks twice, finds nothing, and means to look again after five minutes
        for _ in range(150):
            store.command("INSERT INTO merged VALUES (1)")
        store.command("OPTIMIZE TABLE merged FINAL")
        wait_for(lambda: merged_away_after_one_more(store) < 100, 60, 0.5)
    finally:
        store.command(f"DROP DATABASE {store.database}")
        store.close()


def merged_away_after_one_more(store: Store) -> int:
    """Insert once, which lets the engine look, and return how many parts are still there that were merged into others."""
    store.command("INSERT INTO merged VALUES (1)")
    return int(store.query("SELECT count() FROM system.parts WHERE NOT active AND table = 'merged' AND database = currentDatabase()").scalar())


def threads() -> int:
    """Return how many threads this process has."""
    return len(list(Path("/proc/self/task").iterdir()))


def held_of_the_library() -> Iterator[tuple[str, int]]:
    """Yield what this process holds of each mapping of the engine's library, with who may do what there."""
    found = re.finditer(r"^\S+ (\S+) .*/_chdb\.abi3\.so\n(?:.*\n)*?Rss: +(\d+) kB", Path("/proc/self/smaps").read_text(), re.MULTILINE)
    yield from ((each[1], int(each[2]) * 1024) for each in found)


@pytest.mark.long
def test_a_merge_of_full_inserts_leaves_room_for_inserts_and_questions() -> None:
    """Else it fails beside them, again and again, and the parts pile up: each source of a merge is read by whole granules."""
    store = open_store("embedded")
    requests = 20_480 // SPANS
    most = 0
    try:
        store.command("SYSTEM STOP MERGES")
        for number in range(12):
            store.insert(Signal.TRACES, b"".join(bench_request(number * requests + each) for each in range(requests)), f"full-{number}")
        store.command("SYSTEM START MERGES")
        merging = Thread(target=store.command, args=("OPTIMIZE TABLE otel_traces FINAL",))
        merging.start()
        while merging.is_alive():
            most = max(most, store.query("SELECT max(memory_usage) FROM system.merges WHERE table = 'otel_traces'").scalar() or 0)
        merging.join()
        assert 0 < most < 80_000_000
        assert store.query("SELECT count() FROM system.parts WHERE active AND table = 'otel_traces' AND database = currentDatabase()").scalar() == 1
    finally:
        store.command("SYSTEM START MERGES")
        store.command(f"DROP DATABASE {store.database}")
        store.close()
