"""A working day: what hooks, relay and collector cost one person, with the real client's payloads at a person's pace.

Three parts, on one `hookline up` with the embedded engine:

- ten hours, of which the file that each hook would leave in the spool is written at once, with the time that it would have: for what does not
  depend on the pace, such as bytes on disk, and for the least that an event costs;
- a minute in real time, two events a second on average, each through the real hook as the client starts it: what a day costs, because an
  event alone wakes everybody whom a thousand together wake once;
- two minutes in which a session waits for its next prompt: what it costs to watch. Much of that comes once a minute.

All of it is processor time or a count, so that other work on the machine does not falsify it.

    bench_day.py [--seconds S] [--day-events N] [--no-day]
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.agent_at_work import AgentAtWork
from benchmarks.figures import tell
from benchmarks.person_at_work import PersonAtWork, person_at_work
from benchmarks.process_costs import Usage, disk_bytes
from support.relaying.captures import write
from support.running import wait_for

DAY_S = 10 * 3600.0
PACE = 2.0
"""Events a second while an agent works: a call is two of them."""
AT_ONCE, OPEN = 100, 60
"""How many events come at once, and how many may stay in the spool: those of a session that is not over."""
SETTLE_S = 15.0
IDLE_S = 120.0
EVENTS_STORED = "SELECT uniqExact(LogAttributes['log.record.uid']) FROM otel_logs WHERE LogAttributes['log.record.uid'] != ''"


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="What a working day costs.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long in real time")
    parser.add_argument("--day-events", type=int, default=3_000, help="events of the ten hours")
    parser.add_argument("--no-day", action="store_true", help="leave out the ten hours")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder, person_at_work(Path(folder)) as working:
        agent = AgentAtWork(Path(folder))
        warm_up(working, agent)
        if not given.no_day:
            ten_hours(working, agent, given.day_events)
        real_time(working, agent, given.seconds)
        idle(working, agent)


def warm_up(working: PersonAtWork, agent: AgentAtWork) -> None:
    """Let everything happen once that happens once."""
    for call in agent.session("tools"):
        working.fire(call)
    delivered(working)
    time.sleep(5.0)


def delivered(working: PersonAtWork) -> None:
    """Wait until the relay has nothing left but what belongs to a session that is not over."""
    wait_for(lambda: working.waiting_events() <= OPEN, 300)


def stored(working: PersonAtWork, at_least: int) -> int:
    """Return how many events a query sees, once it sees so many."""
    found = working.count(EVENTS_STORED)
    deadline = time.monotonic() + 60
    while found < at_least:
        assert time.monotonic() < deadline, f"of {at_least} events {found} are stored"
        time.sleep(1.0)
        found = working.count(EVENTS_STORED)
    return found


def ten_hours(working: PersonAtWork, agent: AgentAtWork, events: int) -> None:
    """Leave a day's events in the spool, a hundred at a time, and have them stored."""
    before, had = disk_bytes(working.settings.engine_dir), working.count(EVENTS_STORED)
    working.watch()
    begin_ns, step_ns = time.time_ns() - int(DAY_S * 1e9), int(DAY_S * 1e9) // events
    for number, call in enumerate(itertools.islice(agent.events(), events)):
        call.write_line()
        write(working.settings.spool_dir, f"day{number}", call.payload, begin_ns + number * step_ns)
        if number % AT_ONCE == AT_ONCE - 1:
            delivered(working)
    delivered(working)
    stored(working, had + events)
    relay, collector = working.relay.usage(), working.collector.usage()
    time.sleep(SETTLE_S)
    kept = disk_bytes(working.settings.engine_dir) - before
    tell("ten hours at once: processor time of relay and collector by 1,000 events", (relay + collector).cpu_s * 1000 / events, "CPU-s", "processor")
    tell("ten hours at once: … of the relay", relay.cpu_s * 1000 / events, "CPU-s", "processor")
    tell("ten hours at once: … of the collector", collector.cpu_s * 1000 / events, "CPU-s", "processor")
    tell("ten hours: on disk afterwards, by 1,000 events", kept / 1e6 * 1000 / events, "MB", "size")
    tell("ten hours: written to the disk, by 1,000 events", (relay + collector).written_bytes / 1e6 * 1000 / events, "MB", "size")
    tell("ten hours: resident memory of the relay", working.relay.rss_mb(), "MB", "size")
    tell("ten hours: resident memory of the collector", working.collector.rss_mb(), "MB", "size")


def real_time(working: PersonAtWork, agent: AgentAtWork, seconds: float) -> None:
    """Call hooks as an agent at work does, a moment apart, and count until the last event is stored."""
    rng, hooks_s, count, had = random.Random(1), 0.0, 0, working.count(EVENTS_STORED)
    working.watch()
    begun = due = time.monotonic()
    for call in agent.events():
        due += rng.expovariate(PACE)
        if due > begun + seconds:
            break
        time.sleep(max(due - time.monotonic(), 0.0))
        hooks_s += working.fire(call)
        count += 1
    time.sleep(1.0)
    stored(working, had + count)
    relay, collector, supervisor = (part.usage() for part in (working.relay, working.collector, working.supervisor))
    by_part = {"hooks": hooks_s, "relay": relay.cpu_s, "collector": collector.cpu_s}
    name = "a working day: processor time of hooks, relay and collector by 1,000 events"
    tell(name, sum(by_part.values()) * 1000 / count, "CPU-s", "processor", note=f"{count} events in {seconds:g} s")
    for part, cpu_s in by_part.items():
        tell(f"a working day: … of the {part}", cpu_s * 1000 / count, "CPU-s", "processor")
    tell("a working day: … of the supervisor, which is not in the sum", supervisor.cpu_s * 1000 / count, "CPU-s", "processor")
    tell("at work: relay and collector", (relay + collector).cpu_percent, "% of a core", "processor")
    tell("at work: wake-ups of relay and collector", (relay + collector).wakeups_per_s, "/s", "size")
    tell("at work: written to the disk", (relay + collector).written_bytes / 1e6 / (relay.seconds / 3600), "MB an hour", "size")


def idle(working: PersonAtWork, agent: AgentAtWork) -> None:
    """Leave a session at its prompt and everybody alone."""
    *calls, _end = agent.session("tools")
    for call in calls:
        working.fire(call)
    time.sleep(SETTLE_S)
    working.watch()
    time.sleep(IDLE_S)
    watched = {"relay": working.relay, "collector": working.collector, "supervisor": working.supervisor}
    parts = {part: process.usage() for part, process in watched.items()}
    wakers = {part: process.wakers() for part, process in watched.items()}
    both: Usage = parts["relay"] + parts["collector"]
    tell("idle with an open session: relay and collector", both.cpu_percent, "% of a core", "processor")
    tell("idle with an open session: wake-ups of relay and collector", both.wakeups_per_s, "/s", "size")
    for part, used in parts.items():
        note = f"{used.cpu_percent:.2f} % of a core; by thread: {wakers[part]}"
        tell(f"idle with an open session: wake-ups of the {part}", used.wakeups_per_s, "/s", "size", note=note)


if __name__ == "__main__":
    main()
