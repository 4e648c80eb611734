"""What each agent waits for: the hook as its settings call it, with the largest payload that was captured of it; and how much later a real
client asks its model because our hooks are installed.

Hook and empty shell run in turns, and so do sessions of a client with hooks and without, the first of a pair by turns: other work on the
machine meets both. What is told of sessions is the median of the pairs' differences with an interval that holds it in 95 of 100 such runs,
whatever the times are like (`paired`); what is promised is the interval's upper end. OpenCode starts no hook: its plugin is given what the
real client told it, by Node as the client would, and by turns a plugin that does nothing.

Clients are those of the play (`play.agents`), where they are installed (`$HOOKLINE_TEST_AGENTS`), and Claude Code, where it is
(`$HOOKLINE_TEST_CLIENT`); none is fetched for this. They speak to the scripted model alone. No relay runs: it makes no difference to a hook.
`HOOKLINE_BENCH_CLIENTS` names some of them, separated by spaces; `HOOKLINE_BENCH_PAIRS` is how many pairs of sessions each runs (12).
"""

from __future__ import annotations

import json
import os
import shutil
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
from benchmarks.orphans import reaping, wait_for_tree
from benchmarks.paired import Between, middle_of
from hookline.agents import AGENTS
from hookline.install.command import hook_command, quote_path
from hookline.install.scripts import PACKAGE
from play.agents.agent_stage import client_env
from play.agents.client_packages import find_program
from play.agents.rows import AGENTS_UNDER_TEST
from play.agents.under_test import AgentUnderTest, Place
from play.stage import make, make_repository
from support.person import new_person
from support.real_client import look_for_client
from support.scripted_model import ScriptedModel, open_model

RUNS = 100
PAIRS = int(os.environ.get("HOOKLINE_BENCH_PAIRS", "12"))
PROMPT = "Say that it is done."
CLAUDE_CODE = AgentUnderTest(  # the play has a part of its own for it (`make play`): here it only starts
    name="claude-code",
    package="@anthropic-ai/claude-code",
    version="",
    program="claude",
    environment=lambda place: {
        "ANTHROPIC_BASE_URL": place.model_url,
        "ANTHROPIC_API_KEY": "sk-ant-offline",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    },
    headless=lambda place, prompt, resumed: [str(place.program), "-p", prompt, "--output-format", "json"],
    own_steps=lambda step: [step],
    recorded=lambda home: [],
)
IN_PROCESS = frozenset({"opencode"})  # a plugin that writes the spool itself: no program is started
CLIENTS = "HOOKLINE_BENCH_CLIENTS"
TESTS = Path(__file__).parent.parent
FIXTURES = TESTS / "fixtures"
PLUGIN_RUNS = 12


def main() -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder:
        _hooks(Path(folder))
        _plugin(Path(folder))
    wanted = os.environ.get(CLIENTS, "").split()
    with tempfile.TemporaryDirectory() as folder, open_model() as model, reaping():
        for agent in (CLAUDE_CODE, *AGENTS_UNDER_TEST.values()):
            if not wanted or agent.name in wanted:
                if _program(agent):
                    _sessions(Path(folder) / agent.name, agent, model)
                else:
                    print(f"{agent.name}: no client is installed here", flush=True)


def _hooks(folder: Path) -> None:
    """The hook of each agent, as its settings call it."""
    settings = install_hook(folder / "hookline")
    for name in sorted(AGENTS.keys() - IN_PROCESS):
        own = largest(name)
        payload = own or largest("claude-code")
        command = hook_command(quote_path(settings.hook_path), agent=name)
        hook, floor = in_turns(["/bin/sh", "-c", command], ["/bin/sh", "-c", ":"], payload, RUNS)
        tell_quantiles(f"hook of {name}, as its settings call it", hook.passed)
        beyond_ms = (sum(hook.processor) - sum(floor.processor)) / RUNS * 1000
        note = f"{len(payload):,} bytes{'' if own else ', a payload of Claude Code: none of its own was captured'}"
        tell(f"hook of {name}: processor time beyond the shell's own", beyond_ms, "CPU-ms", "processor", note=note)


def _plugin(folder: Path) -> None:
    """OpenCode's plugin with what the client told it in whole sessions, beside one that does nothing."""
    node = shutil.which("node")
    if node is None:
        print("opencode: no Node.js to run its plugin", flush=True)
        return
    install_hook(folder / "plugin")
    told = folder / "told.jsonl"
    told.write_text("".join(path.read_text() for path in sorted(FIXTURES.glob("opencode-*/*.raw.jsonl"))))
    ours, nothing = folder / "ours.mjs", folder / "nothing.mjs"
    ours.write_text((PACKAGE / "agents" / "opencode" / "plugin.js").read_text().replace('"@DATA@"', json.dumps(str(folder / "plugin"))))
    nothing.write_text("export const Hookline = async () => ({ event: async () => {}, 'chat.message': async () => {}, dispose: async () => {} })\n")
    host = str(TESTS / "support" / "opencode_host.mjs")
    plugin, floor = in_turns([node, host, str(ours), str(told)], [node, host, str(nothing), str(told)], runs=PLUGIN_RUNS)
    calls, kept = len(told.read_text().splitlines()), len(list((folder / "plugin" / "spool").glob("*.ev"))) // PLUGIN_RUNS
    more_ms = statistics.median(one - other for one, other in zip(plugin.processor, floor.processor, strict=True)) * 1000
    note = f"{calls} calls that made {kept} events, with the plugin's own start"
    tell("plugin of opencode: processor time by event", more_ms / max(kept, 1), "CPU-ms", "processor", note=note)


def largest(name: str) -> bytes:
    """Return the largest payload that was captured of an agent's hooks; nothing where there is none."""
    kept = [line for path in FIXTURES.glob(f"{name}-*/*/hooks.jsonl") for line in path.read_text().splitlines()]
    kept += [line for path in FIXTURES.glob(f"{name}-*/*.hooks.jsonl") for line in path.read_text().splitlines()]
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
    pairs: list[tuple[Session, Session]] = []
    for number in range(PAIRS):
        ran = [(place, _session(agent, place, model)) for place in ((hooked, plain) if number % 2 else (plain, hooked))]
        of = {place.home: session for place, session in ran}
        pairs.append((of[hooked.home], of[plain.home]))
    later = middle_of([(one.asked_s - other.asked_s) * 1000 for one, other in pairs])
    more = middle_of([(one.processor_s - other.processor_s) * 1000 for one, other in pairs])
    plain_ms = statistics.median(other.asked_s for _, other in pairs) * 1000
    plain_cpu_ms = statistics.median(other.processor_s for _, other in pairs) * 1000
    tell(f"{agent.name}: asks its model later by, with hooks", later.middle, "ms", note=f"{_between(later)}; without them after {plain_ms:,.0f} ms")
    tell(f"{agent.name}: asks its model later by at most, with hooks", later.high, "ms", note=f"the upper end for the median of {PAIRS} pairs")
    note = f"{_between(more)}; without them {plain_cpu_ms:,.0f} CPU-ms"
    tell(f"{agent.name}: processor time more in a session of one prompt", more.middle, "CPU-ms", "processor", note=note)


def _between(found: Between) -> str:
    return f"{found.low:,.0f} to {found.high:,.0f}"


def _program(agent: AgentUnderTest) -> Path | None:
    return look_for_client() if agent is CLAUDE_CODE else find_program(agent)


def _place(folder: Path, agent: AgentUnderTest, model: ScriptedModel, *, has_hooks: bool) -> Place:
    program = _program(agent)
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
    process = subprocess.Popen(words, cwd=place.shop, env=client_env(agent, place), stdin=null, stdout=null, stderr=null, start_new_session=True)
    processor_s = wait_for_tree(process)
    asked_ns = min(at for _, at, _ in model.asked[before:])
    return Session((asked_ns - begun_ns) / 1e9, processor_s)


if __name__ == "__main__":
    main()
