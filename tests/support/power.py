"""A machine whose power can be cut: an ext4 file system of its own on a loop device, and what was acknowledged before the cut.

The cut is the file system's own shutdown (`EXT4_IOC_SHUTDOWN`, without a last flush): from that instant nothing reaches the device any more, so
what was written and not synced is gone, and mounting again replays the journal of the file system as after a power cut.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import random
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hookline_collector.signal import Signal
from support.journaling.requests import body
from support.running import Running

SHUTDOWN = 0x8004587D
AT_ONCE, AFTER_THE_LOG = 2, 1  # nothing more is written; or the file system's own journal is, without the data that it speaks of
IMAGE_BYTES = 1 << 30
ITEMS = 3


@cache
def why_not() -> str:
    """Return why no power can be cut here, empty where it can."""
    if os.geteuid():
        return "mounting a file system needs root"
    if not Path("/dev/loop-control").exists():
        return "there are no loop devices"
    if "\text4\n" not in Path("/proc/filesystems").read_text():
        return "the kernel has no ext4"
    try:
        subprocess.run(["mkfs.ext4", "-V"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "there is no mkfs.ext4"
    return ""


class Machine:
    """A disk: mounted, cut off, mounted again."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._image = folder / "disk.img"
        self.root = folder / "disk"
        self._rng = rng
        self.root.mkdir()
        with self._image.open("wb") as image:
            image.truncate(IMAGE_BYTES)
        run("mkfs.ext4", "-q", "-F", str(self._image))
        self.mount()

    def mount(self) -> None:
        """Bring the disk up, with the file system's journal replayed.

        A process that lives in a mount namespace of its own may still hold the file system that was cut: then it is a copy of the disk that comes up.
        """
        self._mount()
        if not self._is_up():
            self.unmount()
            before, self._image = self._image, self._image.with_name(f"disk-{time.time_ns()}.img")
            run("cp", "--sparse=always", str(before), str(self._image))
            before.unlink()
            self._mount()
            assert self._is_up()

    def _mount(self) -> None:
        run("mount", "-o", f"loop,noatime,errors=remount-ro,commit={self._rng.choice([1, 5])}", str(self._image), str(self.root))

    def _is_up(self) -> bool:
        probe = self.root / "probe"
        try:
            probe.touch()
            probe.unlink()
        except OSError:
            return False
        return True

    def cut(self) -> float:
        """Cut the power; returns when it was cut at the earliest."""
        file = os.open(self.root, os.O_RDONLY)
        at = time.time()
        try:
            fcntl.ioctl(file, SHUTDOWN, struct.pack("I", self._rng.choice([AT_ONCE, AT_ONCE, AFTER_THE_LOG])))
        finally:
            os.close(file)
        return at

    def fail(self) -> float:
        """Let the file system meet an error, after which it is read-only; returns when that was at the earliest."""
        source = next(line.split()[0] for line in Path("/proc/mounts").read_text().splitlines() if line.split()[1] == str(self.root))
        at = time.time()
        Path("/sys/fs/ext4", Path(source).name, "trigger_fs_error").write_text("1")
        return at

    def unmount(self) -> None:
        """Take the disk away; every process on it is gone by now, or about to be."""
        deadline = time.monotonic() + 30
        while subprocess.run(["umount", str(self.root)], capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline, "the disk stays busy"
            time.sleep(0.05)

    def close(self) -> None:
        """Remove everything."""
        subprocess.run(["umount", "-l", str(self.root)], capture_output=True, check=False)
        self._image.unlink(missing_ok=True)


def run(*command: str) -> None:
    """Run a command that must succeed."""
    subprocess.run(command, check=True, capture_output=True)


@dataclass
class Oracle:
    """What was sent and when it was acknowledged, by the request's name. Names begin with the number of the life."""

    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, float] = field(default_factory=dict)
    life: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def load(self, running: Running, senders: int) -> Iterator[None]:
        """Send requests while the block runs, and until nobody answers."""
        self.life += 1
        stop = threading.Event()
        threads = [threading.Thread(target=self._send, args=(running.found.otlp_http, number, stop)) for number in range(senders)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _send(self, address: str, sender: int, stop: threading.Event) -> None:
        signal = Signal.LOGS if sender % 3 == 0 else Signal.TRACES
        rng, number = random.Random(sender), 0
        connection = http.client.HTTPConnection(address, timeout=5)
        while not stop.is_set():
            number += 1
            name = f"life-{self.life}-{sender}-{number}{signal.value[0]}"
            with self._lock:
                self.sent.add(name)
            try:
                headers = {"Content-Type": "application/x-protobuf"}
                connection.request("POST", f"/v1/{signal.value}", body(signal, [name] * ITEMS, rng.choice([10, 200, 4_000])), headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                time.sleep(0.02)
                continue
            if answer.status == 200:
                with self._lock:
                    self.acknowledged[name] = time.time()
            time.sleep(rng.random() / 50)
        connection.close()

    def judge(self, running: Running, cut_at: float) -> Verdict:
        """Compare what is stored, of all lives, with what was sent and acknowledged.

        A request answered while the file system was being shut down counts as sent only: with the power gone its answer would not have left either.
        """
        self.acknowledged = {name: at for name, at in self.acknowledged.items() if at < cut_at or not name.startswith(f"life-{self.life}-")}
        counts: dict[str, int] = {}
        for life in range(1, self.life + 1):
            for table, name in (("otel_traces", "SpanName"), ("otel_logs", "EventName")):
                sql = f"SELECT {name} AS name, count() AS n FROM {table} WHERE startsWith({name}, 'life-{life}-') GROUP BY name"
                counts |= {row["name"]: int(row["n"]) for row in running.query(sql)}
        lost = [name for name in self.acknowledged if not counts.get(name)]
        odd = [name for name, n in counts.items() if n != ITEMS or name not in self.sent]
        ages = [cut_at - self.acknowledged[name] for name in lost]
        return Verdict(len(self.acknowledged), len(lost), len(odd), min(ages, default=0.0), max(ages, default=0.0))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Requests that were acknowledged; of those how many are lost; how many are there more than once, or in part; ages of the lost at the cut."""

    acknowledged: int
    lost: int
    odd: int
    youngest_s: float
    oldest_s: float

    def __str__(self) -> str:
        ages = f", {self.youngest_s:.4f} to {self.oldest_s:.4f} s old" if self.lost else ""
        return f"{self.acknowledged:,} acknowledged requests, {self.lost} lost{ages}, {self.odd} not stored exactly once"
