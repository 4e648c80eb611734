"""What each agent waits for: the hook as its settings call it, with the largest payload that was captured of it; and how much later a real
client asks its model because our hooks are installed (`client_starts`).

Hook and empty shell run in turns: other work on the machine meets both. OpenCode starts no hook: its plugin is given what the real client
told it, by Node as the client would, and by turns a plugin that does nothing.

Clients are those of the play (`play.agents`), where they are installed (`$HOOKLINE_TEST_AGENTS`), and Claude Code, where it is
(`$HOOKLINE_TEST_CLIENT`); none is fetched for this. They speak to the scripted model alone. No relay runs: it makes no difference to a hook.
`HOOKLINE_BENCH_CLIENTS` names some of them, separated by spaces. Each client runs as many rounds as fit into `HOOKLINE_BENCH_CLIENT_S`
seconds (45), at least six, or `HOOKLINE_BENCH_ROUNDS` of them; a table of all stands at the end, and a line for each about what is promised.
`HOOKLINE_BENCH_HOOKS=0` leaves out the hooks by themselves.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench_hook import in_turns, install_hook
from benchmarks.client_starts import CLAUDE_CODE, IDLE_PLUGIN, IN_PROCESS, TESTS, Client, program_of, table
from benchmarks.figures import tell, tell_quantiles
from benchmarks.orphans import reaping
from benchmarks.process_lives import seeing_processes
from hookline.agents import AGENTS
from hookline.install.command import hook_command, quote_path
from hookline.install.scripts import PACKAGE
from play.agents.rows import AGENTS_UNDER_TEST
from support.scripted_model import open_model

RUNS = 100
CLIENTS = "HOOKLINE_BENCH_CLIENTS"
FIXTURES = TESTS / "fixtures"
PLUGIN_RUNS = 12


def main() -> None:
    """Measure and tell."""
    if os.environ.get("HOOKLINE_BENCH_HOOKS") != "0":
        with tempfile.TemporaryDirectory() as folder:
            _hooks(Path(folder))
            _plugin(Path(folder))
    wanted, found = os.environ.get(CLIENTS, "").split(), []
    with tempfile.TemporaryDirectory() as folder, open_model() as model, reaping(), seeing_processes() as seen:
        for agent in (CLAUDE_CODE, *AGENTS_UNDER_TEST.values()):
            if not wanted or agent.name in wanted:
                if program_of(agent):
                    found.append(Client(Path(folder) / agent.name, agent, model, seen).measure())
                else:
                    print(f"{agent.name}: no client is installed here", flush=True)
    if found:
        print("", *table(found), sep="\n", flush=True)


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
    nothing.write_text(IDLE_PLUGIN)
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


if __name__ == "__main__":
    main()
