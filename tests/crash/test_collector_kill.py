"""kill -9 of journal and hand-over, at random moments and at named points; this process knows what was acknowledged.

Each life takes requests, dies, and the next life finds what it left. In the end everything is drained, and what was acknowledged
must be stored exactly once (or stand in the quarantine exactly once if it is bad); what was not may be there at most once.
Named points are the operations of disk and store themselves, so there is nothing in the product that tests switch on.
"""

import contextlib
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.soaking import share
from support.template import furnish

TESTS = Path(__file__).parents[1]
POINTS = [
    "create:segment:before",
    "create:segment:after",
    "write:segment:before",
    "write:segment:between",
    "write:segment:after",
    "sync:segment:before",
    "sync:segment:after",
    "sync_folder:segment:before",
    "sync_folder:segment:after",
    "insert:store:before",
    "insert:store:after",
    "secure:store:before",
    "secure:store:after",
    "unlink:segment:before",
    "unlink:segment:after",
    "write:parts:between",
    "rename:parts:before",
    "rename:parts:after",
    "unlink:parts:before",
    "write:quarantine:between",
    "rename:quarantine:before",
    "rename:quarantine:after",
    "rename:note:before",
    "rename:note:after",
    "cut:segment:before",
    "cut:segment:after",
]
NOWHERE = "nowhere"
pytestmark = [
    pytest.mark.long,
    pytest.mark.crash,
    pytest.mark.soak,
    pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are killed by their handles"),
]


class Zygote:
    """Starts children quickly."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        command = [sys.executable, "-m", "support.journaling.zygote"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def fork(self, *job: str) -> int:
        """Start a child and return its pid."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it; children end with their sockets."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    """Give a process that forks children."""
    one = Zygote()
    yield one
    one.close()


class Child:
    """A life as seen from outside: what it was sent and what it acknowledged."""

    def __init__(self, zygote: Zygote, folder: Path, store: str, point: str = NOWHERE, occurrence: int = 1) -> None:
        path = folder / "socket"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            listener.listen(1)
            listener.settimeout(30)
            self._handle = os.pidfd_open(zygote.fork(str(folder), str(path), store, point, str(occurrence)))
            self._socket = listener.accept()[0]
        self._pending = b""
        self.is_gone = False
        self.died_by_itself = False

    def send(self, line: str) -> None:
        """Send a line; a dead child hears nothing."""
        try:
            self._socket.sendall(line.encode() + b"\n")
        except OSError:
            self.is_gone = True

    def lines(self, wait_s: float) -> list[list[str]]:
        """Return the answers that have arrived, after waiting for one or for the child's end."""
        if self.is_gone or not select.select([self._socket], [], [], wait_s)[0]:
            return []
        try:
            received = self._socket.recv(1 << 20)
        except OSError:
            received = b""
        self.is_gone = not received
        *whole, self._pending = (self._pending + received).split(b"\n")
        return [line.decode().split() for line in whole]

    def ask(self, line: str, answer: str) -> list[str]:
        """Send a line and wait for the answer that begins with `answer`; the child must live."""
        self.send(line)
        return self.wait_for(answer)

    def hear_ready(self) -> None:
        """Wait until the child takes requests, or has died over what the life before it left."""
        while not self.is_gone and not self.lines(10.0):
            pass

    def wait_for(self, answer: str) -> list[str]:
        """Wait for the answer that begins with `answer`; the child must live."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not self.is_gone:
            for words in self.lines(1.0):
                if words[0] == answer:
                    return words[1:]
        raise AssertionError(f"no {answer!r}; the child {'died' if self.is_gone else 'hangs'}")

    def kill(self) -> list[list[str]]:
        """kill -9; return what it had still said. By its handle: one that died by itself was waited for at once, and its number may be another's."""
        self.died_by_itself = self.is_gone
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        return self._wait_for_end()

    def close(self) -> None:
        """End the child gracefully."""
        self._socket.shutdown(socket.SHUT_WR)
        self._wait_for_end()

    def _wait_for_end(self) -> list[list[str]]:
        answers: list[list[str]] = []
        while not self.is_gone:
            answers += self.lines(10.0)
        self._socket.close()
        os.close(self._handle)
        return answers


class Oracle:
    """Knows what was sent and what was acknowledged, over all lives."""

    def __init__(self, seed: int, bad_share: float) -> None:
        self.rng = random.Random(seed)
        self.sent = 0
        self.names: dict[str, list[str]] = {}
        self.acknowledged: set[str] = set()
        self.questions: dict[str, frozenset[str]] = {}
        self.answered = 0
        self._bad_share = bad_share

    def request(self) -> str:
        """Make a request whose names nobody had before."""
        self.sent += 1
        stem = "bad" if self.rng.random() < self._bad_share else "good"
        end = self.rng.choice("tl")
        names = [f"{stem}-{self.sent}-{n}{end}" for n in range(self.rng.randrange(1, 4))]
        self.names[names[0]] = names
        return " ".join(names)

    def question(self) -> str:
        """Make a question; its answer has to have in it what is acknowledged by now."""
        number = str(len(self.questions))
        self.questions[number] = frozenset(self.acknowledged)
        return f"read {number}"

    def hear(self, answers: list[list[str]]) -> None:
        """Note acknowledgements, and judge what was read."""
        for words in answers:
            if words[0] == "ok":
                self.acknowledged.update(self.names[words[1]])
            elif words[0] == "read":
                _, number, how, *found = words
                assert how == "fresh", "no store was away"
                assert self.questions[number] - set(found) == set(), "acknowledged before the question, and not in the answer"
                self.answered += 1

    def live(self, child: Child, answers: int, then_s: float = 0.0, readers: float = 0.0) -> None:
        """Keep a child busy until it gave so many answers, or died by itself; a moment later kill it. `readers` is the share of questions."""
        heard, outstanding = 0, 0
        while not child.is_gone and heard < answers:
            while outstanding < 8:
                child.send(self.question() if self.rng.random() < readers else self.request())
                outstanding += 1
            said = child.lines(10.0)
            self.hear(said)
            heard += len(said)
            outstanding -= min(outstanding, len(said))
        time.sleep(then_s)
        self.hear(child.kill())

    def judge(self, stored: list[str]) -> None:
        """Compare with what is there in the end."""
        counts = Counter(stored)
        assert {name: times for name, times in counts.items() if times > 1} == {}, "stored twice"
        assert self.acknowledged - set(counts) == set(), "acknowledged and lost"
        sent = {name for names in self.names.values() for name in names}
        assert set(counts) <= sent, "stored and never sent"


def settle(zygote: Zygote, folder: Path, store: str, oracle: Oracle) -> None:
    """Drain what is left in a last life, and judge."""
    settle_in(Child(zygote, folder, store), oracle)


def settle_in(last: Child, oracle: Oracle) -> None:
    """Drain what is left, and judge."""
    assert last.ask("drain", "drained") == ["0"]
    oracle.judge(last.ask("names", "names"))
    last.close()


def test_killed_at_random_moments_it_loses_nothing_and_doubles_nothing(tmp_path: Path, zygote: Zygote) -> None:
    """Tens of lives, hundreds in CI, each ended by kill -9 in the middle of its work."""
    oracle = Oracle(seed=1, bad_share=0.02)
    for _ in range(share(40, 200, 2_000)):
        child = Child(zygote, tmp_path, "file")
        oracle.live(child, oracle.rng.randrange(40), oracle.rng.uniform(0.0, 0.005))
    assert len(oracle.acknowledged) > share(300, 1_000, 10_000)
    settle(zygote, tmp_path, "file", oracle)


def test_killed_at_every_named_point_it_loses_nothing_and_doubles_nothing(tmp_path: Path, zygote: Zygote) -> None:
    """Each operation of disk and store is the last one of several lives; every point is reached."""
    oracle = Oracle(seed=2, bad_share=0.05)

    def dies_at(point: str, occurrence: int) -> bool:
        if point.startswith("cut"):  # there has to be a torn tail behind good records
            oracle.live(Child(zygote, tmp_path, "file", "write:segment:between", 4), 80)
        child = Child(zygote, tmp_path, "file", point, oracle.rng.choice([1, occurrence]))
        oracle.live(child, 80)
        return child.died_by_itself

    reached = {point for occurrence in range(1, share(3, 6, 40)) for point in POINTS if dies_at(point, occurrence)}
    missed = [point for point in POINTS if point not in reached and not any(dies_at(point, 1) for _ in range(10))]  # a process is no clockwork
    assert missed == []
    settle(zygote, tmp_path, "file", oracle)


def test_with_the_real_engine_it_loses_nothing_and_doubles_nothing(tmp_path: Path, zygote: Zygote) -> None:
    """ClickHouse itself keeps the tokens: killed in, before and after inserts, and at random."""
    furnish(tmp_path)
    oracle = Oracle(seed=3, bad_share=0.0)
    points = ["insert:store:after", "unlink:segment:before", NOWHERE, "secure:store:after"]
    points += ["insert:store:before", "write:segment:between", "unlink:segment:after"]
    for life in range(share(3, 14, 300)):
        child = Child(zygote, tmp_path, "engine", points[life % len(points)], oracle.rng.randrange(1, 4))
        child.hear_ready()
        oracle.live(child, oracle.rng.randrange(10, 60), oracle.rng.uniform(0.0, 0.2))
    assert len(oracle.acknowledged) > share(30, 100, 100)
    settle(zygote, tmp_path, "engine", oracle)


FLUSHES = ["insert:store:before", "insert:store:after", "secure:store:before", "secure:store:after", "sync:segment:after", "unlink:segment:before"]


def test_a_read_sees_what_was_acknowledged_before_it_whoever_is_killed(tmp_path: Path, zygote: Zygote) -> None:
    """Nothing is stored but for readers: every life dies in a flush that some of them wait for, or at any moment, and the next one is asked."""
    oracle = Oracle(seed=4, bad_share=0.02)
    died = 0
    for life in range(share(30, 150, 1_500)):
        point = FLUSHES[life % len(FLUSHES)] if life % 2 else NOWHERE
        child = Child(zygote, tmp_path, "file-patient", point, oracle.rng.randrange(1, 4))
        oracle.live(child, oracle.rng.randrange(5, 60), oracle.rng.uniform(0.0, 0.005), readers=0.2)
        died += child.died_by_itself
    assert died > 0
    assert oracle.answered > share(30, 150, 1_500)
    assert len(oracle.acknowledged) > share(200, 1_000, 10_000)
    last = Child(zygote, tmp_path, "file-patient")
    oracle.hear([["read", *last.ask(oracle.question(), "read")]])
    last.close()
    settle(zygote, tmp_path, "file", oracle)


@pytest.mark.middle
def test_with_the_real_engine_a_read_sees_what_was_acknowledged_before_it(tmp_path: Path, zygote: Zygote) -> None:
    """Killed before and after the inserts that a reader waits for; the start after it is asked at once."""
    furnish(tmp_path)
    oracle = Oracle(seed=5, bad_share=0.0)
    points = ["insert:store:after", NOWHERE, "insert:store:before", "secure:store:before"]
    for life in range(share(3, 14, 200)):
        child = Child(zygote, tmp_path, "engine-patient", points[life % len(points)], oracle.rng.randrange(1, 4))
        child.hear_ready()
        oracle.live(child, oracle.rng.randrange(10, 60), oracle.rng.uniform(0.0, 0.1), readers=0.15)
    last = Child(zygote, tmp_path, "engine-patient")
    last.hear_ready()
    oracle.hear([["read", *last.ask(oracle.question(), "read")]])
    assert oracle.answered > 1
    settle_in(last, oracle)
