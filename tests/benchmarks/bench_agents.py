"""What each agent waits for: the hook as its settings call it, with the largest payload that was captured of it; and how much later a real
client asks its model because our hooks are installed.

Hook and empty shell run in turns, and so do sessions of a client with hooks and without: other work on the machine meets both, and what
is told is the median of the differences. Clients are those of the play (`play.agents`), where they are installed; none is fetched for
this. They speak to the scripted model alone. No relay runs: it makes no difference to a hook.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench_hook import in_turns, install_hook
from benchmarks.figures import tell, tell_quantiles
from hookline.agents import AGENTS
from hookline.install.command import hook_command, quote_path
from play.agents.agent_stage import client_env
from play.agents.client_packages import find_program
from play.agents.rows import AGENTS_UNDER_TEST
from play.agents.under_test import AgentUnderTest, Place
from play.stage import make, make_repository
from support.person import new_person
from support.scripted_model import ScriptedModel, open_model

RUNS = 100
PAIRS = 7
PROMPT = "Say that it is done."
IN_PROCESS = frozenset({"opencode"})  # a plugin that writes the spool itself: no program is started
FIXTURES = Path(__file__).parent.parent / "fixtures"


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder:
        settings = install_hook(Path(folder) / "hookline")
        for name in sorted(AGENTS.keys() - IN_PROCESS):
            if payload := largest(name):
                command = hook_command(quote_path(settings.hook_path), agent=name)
                hook, floor = in_turns(["/bin/sh", "-c", command], ["/bin/sh", "-c", ":"], payload, RUNS)
                tell_quantiles(f"hook of {name}, as its settings call it", hook.passed)
                beyond_ms = (sum(hook.processor) - sum(floor.processor)) / RUNS * 1000
                tell(f"hook of {name}: processor time beyond the shell's own", beyond_ms, "CPU-ms", "processor", note=f"{len(payload):,} bytes")
    with tempfile.TemporaryDirectory() as folder, open_model() as model:
        for agent in AGENTS_UNDER_TEST.values():
            if find_program(agent):
                _sessions(Path(folder) / agent.name, agent, model)


def largest(name: str) -> bytes:
    """Return the largest payload that was captured of an agent's hooks; nothing where there is none."""
    kept = [line for path in FIXTURES.glob(f"{name}-*/*/hooks.jsonl") for line in path.read_text().splitlines()]
    kept += [path.read_text() for path in FIXTURES.glob(f"{name}-*/*/hooks/*.json")]
    payloads = [json.dumps(found["payload"]).encode() for found in map(json.loads, kept) if "payload" in found]
    return max(payloads, key=len, default=b"")


@dataclass(frozen=True, slots=True)
class Session:
    """How long a client took until it asked its model, and the processor time of the whole session, with what it started."""

    asked_s: float
    processor_s: float


def _sessions(folder: Path, agent: AgentUnderTest, model: ScriptedModel) -> None:
    """Run sessions of one prompt in turns, with hooks and without."""
    model.scripts[agent.name] = {PROMPT: [{"say": "Done."}]}
    hooked, plain = _place(folder / "with", agent, model, has_hooks=True), _place(folder / "without", agent, model, has_hooks=False)
    for place in (hooked, plain):
        _session(agent, place, model)  # what only a first session does
    pairs = [(_session(agent, hooked, model), _session(agent, plain, model)) for _ in range(PAIRS)]
    later_ms = statistics.median(one.asked_s - other.asked_s for one, other in pairs) * 1000
    more_ms = statistics.median(one.processor_s - other.processor_s for one, other in pairs) * 1000
    plain_ms = statistics.median(other.asked_s for _, other in pairs) * 1000
    tell(f"{agent.name}: asks its model later by, with hooks", later_ms, "ms", note=f"without them after {plain_ms:,.0f} ms; median of {PAIRS} pairs")
    tell(f"{agent.name}: processor time more in a session of one prompt", more_ms, "CPU-ms", "processor")


def _place(folder: Path, agent: AgentUnderTest, model: ScriptedModel, *, has_hooks: bool) -> Place:
    program = find_program(agent)
    assert program is not None
    place = Place(make(folder / "home"), make_repository(folder / "shop"), program, f"{model.url}/{agent.name}")
    if has_hooks:
        done = new_person(place.home).hookline("install", agent.name)
        assert done.returncode == 0, done.stderr
    agent.prepare(place)
    return place


def _session(agent: AgentUnderTest, place: Place, model: ScriptedModel) -> Session:
    """Run one session to its end."""
    before = len(model.asked)
    null, begun_ns = subprocess.DEVNULL, time.time_ns()
    words = list(agent.headless(place, PROMPT, ""))
    process = subprocess.Popen(words, cwd=place.shop, env=client_env(agent, place), stdin=null, stdout=null, stderr=null)
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0  # it was waited for here
    asked_ns = min(at for _, at, _ in model.asked[before:])
    return Session((asked_ns - begun_ns) / 1e9, used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    main()
