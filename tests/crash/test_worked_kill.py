"""kill -9 of a real collector while a reader waits for an answer: in the middle of a flush that it asked for, or of working out.

What was not acknowledged is sent again, as a relay does. Afterwards the views have what they have in a store in which nobody was killed.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from hookline.errors import HooklineError
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.work import load_prices, publish
from hookline_collector.worked_out import WorkedStore
from support.agent_records import T0, S, requests_of, send
from support.person import new_person
from support.receiving.clients import post
from support.running import Running, start_collector, wait_for
from support.soaking import share
from support.stores import derived_store as store
from support.told_worlds import world

__all__ = ["store"]
KILLS = share(1, 6, 100)
ENVIRONMENT = {"HOOKLINE_SESSIONS_CLEANUP_EVERY_S": "0", "HOOKLINE_JOURNAL_SEGMENT_MAX_AGE_S": "600"}
QUESTIONS = ("/api/v1/reports/work?period=2026-09-21..2026-09-25", "/api/v1/sessions?days=3650", "/api/v1/summary")
FIGURES = {
    "tool_calls": "session_id, call_id, tool, prompt_id, user, project, started, ended, round(run_s, 6), round(wait_s, 6), outcome, evidence",
    "turns": "session_id, prompt_id, user, project, model, started, ended, is_open, outcome, evidence, prompt_source, absorbed_prompts",
    "usage": "request_key, session_id, prompt_id, time, model, total_tokens, round(cost_usd, 6), of_project",
    "sessions": "session_id, user, project, started, last, ended, end_reason, prompts, calls, failures, total_tokens, round(cost_usd, 6)",
    "activity": "kind, reason, started, ended, agents, user, project, session_id, prompt_id",
    "work_blocks(idle_s = 300)": "user, started, ended, round(wall_s, 3), round(human_s, 3), round(agent_s, 3), arraySort(sessions)",
}
pytestmark = [pytest.mark.crash, pytest.mark.soak, pytest.mark.long]


class Reader:
    """Asks one question after the other until the collector is gone; says when it has asked one."""

    def __init__(self, running: Running, chance: random.Random) -> None:
        self.asking = threading.Event()
        self._running = running
        self._chance = chance
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when it has gone with the collector."""
        self._thread.join(30)

    def _read(self) -> None:
        with suppress(HooklineError, OSError):
            while True:
                self.asking.set()
                self._running.client.get(self._chance.choice(QUESTIONS))


def test_what_is_read_after_any_kill_is_what_was_told(tmp_path: Path, store: Store) -> None:
    """The seed is printed where it fails."""
    seed = int(os.environ.get("HOOKLINE_SEED", "0")) or random.randrange(2**32)
    print(f"HOOKLINE_SEED={seed}")
    chance, person = random.Random(seed), new_person(tmp_path)
    told = [(telling, list(requests_of(telling.records, telling.scope, telling.user, agent=telling.agent))) for telling in world(chance, 2 + KILLS)]
    left = [request for _, requests in told for request in requests]
    each = max(1, len(left) // (KILLS + 1))
    running = start_collector(person, ENVIRONMENT)
    for _ in range(KILLS):
        reader = Reader(running, chance)
        begun, after_s, unsure = time.monotonic(), chance.uniform(0.05, 1.2), left[:each]
        while time.monotonic() < begun + after_s:
            if unsure and _is_taken(running, *unsure[0]):
                unsure.pop(0)
            reader.asking.clear()
            reader.asking.wait(0.02)
        running.kill()
        reader.wait()
        left = unsure + left[each:]
        running = start_collector(person, ENVIRONMENT, furnished=False)
    try:
        assert all(_is_taken(running, *request) for request in left)
        wait_for(lambda: int(running.query("SELECT count() AS n FROM prices")[0]["n"]), 60)  # one that was killed early had none yet
        found = figures(lambda sql: [row["row"] for row in running.query(sql)])
    finally:
        running.kill()
    for telling, _ in told:
        send(store, telling.records, scope=telling.scope, user=telling.user, agent=telling.agent)
    publish(load_prices(None), store.query, store.command)
    assert WorkedStore(store).catch_up(T0 + 10_000_000 * S)
    expected = figures(lambda sql: [row[0] for row in store.query(sql)])
    assert {view: differing(rows, expected[view]) for view, rows in found.items() if rows != expected[view]} == {}


def figures(ask: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """Return the rows of the views."""
    return {view: sorted(ask(f"SELECT toString(({columns})) AS row FROM {view}")) for view, columns in FIGURES.items()}


def differing(found: list[str], expected: list[str]) -> tuple[list[str], list[str]]:
    """Return what is there and should not be, and what is missing."""
    one, other = Counter(found), Counter(expected)
    return sorted((one - other).elements()), sorted((other - one).elements())


def _is_taken(running: Running, signal: Signal, body: bytes) -> bool:
    """Send a request; a relay that is not answered sends it again."""
    with suppress(OSError):
        return post(running.found.otlp_http, body, f"/v1/{signal.value}").code == 200
    return False
