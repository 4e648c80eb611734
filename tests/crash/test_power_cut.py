"""The power is cut while a real collector works on a disk of its own: what was acknowledged is there afterwards, once.

Twice beside the other tests, eight times in CI, two hundred times in `make soak`, or HOOKLINE_CUTS times.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.person import Person, new_person
from support.power import Machine, Oracle, why_not
from support.running import Running, start_collector, wait_for
from support.soaking import share

CUTS = int(os.environ.get("HOOKLINE_CUTS") or share(1, 8, 200))
pytestmark = [
    pytest.mark.crash,
    pytest.mark.soak,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "the power can be cut"),
]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Give a machine; the seed is printed where a test fails."""
    seed = int(os.environ.get("HOOKLINE_SEED", "0")) or random.randrange(2**32)
    print(f"HOOKLINE_SEED={seed}")
    one = Machine(tmp_path, random.Random(seed))
    yield one
    one.close()


def start(person: Person, rng: random.Random, *, is_first: bool = False) -> Running:
    """Start a collector as one starts after a power cut, and wait until everything that waited is stored."""
    environment = {"HOOKLINE_STORE_SECURE_EVERY_S": str(rng.choice([0.2, 1, 5])), "HOOKLINE_COLLECTOR_SELF_METRICS_S": "5"}
    running = start_collector(person, environment, furnished=is_first)

    def is_drained() -> bool:
        signals = running.client.get("/api/v1/status")["signals"]
        return not any(balance["in_journal"] for balance in signals if balance["signal"] != "metrics")  # its own figures come all the time

    try:
        wait_for(is_drained, 120)
    except AssertionError:
        print(running.client.get("/api/v1/status"), running.kill())
        raise
    return running


def outlive(machine: Machine, cuts: int, end: Callable[[Machine], float]) -> None:
    """Let a collector work and die with its disk, so many times, and judge after each."""
    rng, oracle = random.Random(cuts), Oracle()
    person = new_person(machine.root)
    running, acknowledged = start(person, rng, is_first=True), 0
    try:
        for cut in range(1, cuts + 1):
            with oracle.load(running, senders=6):
                time.sleep(rng.choice([rng.uniform(0.0, 1.0), rng.uniform(1.0, 4.0), share(0.5, 2.0, rng.uniform(4.0, 9.0))]))
                if cut == cuts:
                    wait_for(lambda: len(oracle.acknowledged) > cuts * 20, 60)
                cut_at = end(machine)
                running.kill()
            machine.unmount()
            machine.mount()
            running = start(person, rng)
            verdict = oracle.judge(running, cut_at)
            print(f"cut {cut}: {verdict}", flush=True)
            assert not verdict.lost
            assert not verdict.odd
            acknowledged = verdict.acknowledged
    finally:
        running.kill()
    machine.unmount()
    assert acknowledged > cuts * 20


@pytest.mark.long
def test_nothing_acknowledged_is_lost_or_stored_twice_when_the_power_is_cut(machine: Machine) -> None:
    """Journal and database are on one disk; the cut comes at any moment, also before the first sync of the database."""
    outlive(machine, CUTS, Machine.cut)


@pytest.mark.middle
def test_nothing_acknowledged_is_lost_or_stored_twice_when_the_disk_turns_read_only(machine: Machine) -> None:
    """As the kernel does with a file system in which it finds an error: what was not written then never is."""
    outlive(machine, max(share(1, 3, 3), CUTS // 10), Machine.fail)
