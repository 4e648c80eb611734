"""How much later a real client asks its model because our hooks are installed: sessions of one prompt, in turns with hooks and without.

The first of a pair goes by turns. A start of several seconds is never twice the same, so beside the pairs stands what is seen within each
session: for how long any process of a hook that the client waits for was there before the first request, by the kernel's clock
(`process_lives`). It cannot have waited longer for them. Which hooks it waits for is tried: a session for each event, whose hook takes
seconds. OpenCode starts no hook: what stands there is the time inside of our plugin, its loading included (`support/timed_plugin.mjs`).

What is told is a median with an interval that holds it in 95 of 100 such runs, whatever the times are like (`paired`); what is promised is
the upper end of what was seen within sessions.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.figures import tell
from benchmarks.orphans import wait_for_tree
from benchmarks.paired import Between, middle_of
from benchmarks.process_lives import Life, ProcessLives, passed_ms
from hookline.spool.event_file import parse_event, parse_payload
from play.agents.agent_stage import client_env
from play.agents.client_packages import find_program
from play.agents.under_test import AgentUnderTest, Place
from play.stage import make, make_repository
from support.person import new_person
from support.real_client import look_for_client
from support.scripted_model import ScriptedModel

TESTS = Path(__file__).parent.parent
IN_PROCESS = frozenset({"opencode"})  # a plugin that writes the spool itself: no program is started
SLOW_S = 3
SLOW_HOOK = """#!/bin/sh
payload=$(cat)
case "$payload $*" in *'"{event}"'* | *"event={event}"*) sleep {slow_s} ;; esac
printf '%s' "$payload" | '{itself}' "$@"
"""
DAEMONS_S = 0.5  # what a client leaves running is ended after that
FEWEST = 6  # with fewer no interval holds in 95 of 100 runs
CLIENT_S = float(os.environ.get("HOOKLINE_BENCH_CLIENT_S", "30"))
PAIRS = int(os.environ.get("HOOKLINE_BENCH_PAIRS", "0"))
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


@dataclass(frozen=True, slots=True)
class Session:
    """How long a client took until it asked its model, when that was (monotonic), the processor time of the whole session with what it started,
    the hooks that began before it asked, and how long it was inside of our plugin until then, where it has one."""

    asked_s: float
    asked_ns: int
    processor_s: float
    hooks: tuple[tuple[str, Life], ...] = ()
    plugin_ms: float | None = None

    def waited_ms(self, events: Collection[str]) -> float:
        """Return for how long hooks of some events were there before the model was asked."""
        return passed_ms([life for event, life in self.hooks if event in events], self.asked_ns)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a client."""

    name: str
    pairs: int
    hooks: tuple[str, ...]
    beside: tuple[str, ...]
    plain_ms: float
    within: Between | None
    later: Between
    more: Between


@dataclass(slots=True)
class Client:
    """A client in two homes, with hooks and without."""

    folder: Path
    agent: AgentUnderTest
    model: ScriptedModel
    seen: ProcessLives | None

    def measure(self) -> Told:
        """Run sessions of one prompt in turns, with hooks and without, and tell."""
        name = self.agent.name
        self.model.scripts[name] = {PROMPT: [{"say": "Done."}]}
        hooked, plain = self._place("with"), self._place("without")
        for place in (hooked, plain):
            self._session(place)  # what only a first session does
        pairs: list[tuple[Session, Session]] = []
        deadline = time.monotonic() + CLIENT_S
        while len(pairs) < (PAIRS or FEWEST) or (not PAIRS and time.monotonic() < deadline):
            ran = {place.home: self._session(place) for place in ((hooked, plain) if len(pairs) % 2 else (plain, hooked))}
            pairs.append((ran[hooked.home], ran[plain.home]))
        events = tuple(dict.fromkeys(event for one, _ in pairs for event, _ in one.hooks))
        usual_s = statistics.median(one.asked_s for one, _ in pairs)
        waited = tuple(event for event in events if self._is_waited_for(hooked, event, usual_s))
        plugin = [one.plugin_ms for one, _ in pairs if one.plugin_ms is not None]
        within = plugin or ([one.waited_ms(waited) for one, _ in pairs] if self.seen else [])
        told = Told(
            name,
            len(pairs),
            waited,
            tuple(event for event in events if event not in waited),
            statistics.median(other.asked_s for _, other in pairs) * 1000,
            middle_of(within) if within else None,
            middle_of([(one.asked_s - other.asked_s) * 1000 for one, other in pairs]),
            middle_of([(one.processor_s - other.processor_s) * 1000 for one, other in pairs]),
        )
        _tell(told, statistics.median(other.processor_s for _, other in pairs) * 1000)
        return told

    def _place(self, kind: str) -> Place:
        program, folder = program_of(self.agent), self.folder / kind
        assert program is not None
        place = Place(make(folder / "home"), make_repository(folder / "shop"), program, f"{self.model.url}/{self.agent.name}")
        if kind == "with":
            done = new_person(place.home).hookline("install", self.agent.name)
            assert done.returncode == 0, done.stderr
            if self.agent.name in IN_PROCESS:
                _time_plugin(place.home)
        self.agent.prepare(place)
        return place

    def _session(self, place: Place) -> Session:
        """Run one session to its end."""
        spool, before = new_person(place.home).data_dir / "spool", len(self.model.asked)
        for event in spool.glob("*.ev"):
            event.unlink()
        null, begun_ns, clocks_ns = subprocess.DEVNULL, time.time_ns(), time.time_ns() - time.monotonic_ns()
        words, env = list(self.agent.headless(place, PROMPT, "")), client_env(self.agent, place)
        process = subprocess.Popen(words, cwd=place.shop, env=env, stdin=null, stdout=null, stderr=null, start_new_session=True)
        processor_s = wait_for_tree(process, DAEMONS_S)
        asked_ns = min(at for _, at, _ in self.model.asked[before:])
        session = Session((asked_ns - begun_ns) / 1e9, asked_ns - clocks_ns, processor_s)
        if self.agent.name in IN_PROCESS:
            return replace(session, plugin_ms=_time_in_plugin(place.home, asked_ns))
        return replace(session, hooks=self._hooks_of(spool, session.asked_ns)) if self.seen else session

    def _hooks_of(self, spool: Path, asked_ns: int) -> tuple[tuple[str, Life], ...]:
        assert self.seen is not None
        found = [(_event_of(path), self.seen.of(int(path.name.partition("-")[0]))) for path in spool.glob("*.ev")]
        early = [(event, life) for event, life in found if life and life.begun_ns < asked_ns]
        return tuple(sorted(early, key=lambda one: one[1].begun_ns))

    def _is_waited_for(self, place: Place, event: str, usual_s: float) -> bool:
        """Whether the model is asked later where the hook of an event takes seconds: many a client goes on beside some of its hooks."""
        hook = new_person(place.home).data_dir / "hook.sh"
        itself = hook.rename(hook.with_name("hook-itself.sh"))
        try:
            hook.write_text(SLOW_HOOK.format(event=event, slow_s=SLOW_S, itself=itself))
            hook.chmod(0o755)
            return self._session(place).asked_s - usual_s > SLOW_S / 2
        finally:
            itself.rename(hook)


def _event_of(path: Path) -> str:
    """Return the name that an agent's payload, or the first line, has for its event."""
    event = parse_event(path, 0, path.read_bytes())
    payload = parse_payload(event.payload)
    return str(event.env.get("event") or payload.get("hook_event_name") or payload.get("hookName"))


def _time_plugin(home: Path) -> None:
    """Put a plugin in the place of ours that runs ours, and notes the time inside of it."""
    (path,) = home.rglob("plugins/hookline.js")
    ours = path.rename(home / "hookline-plugin.mjs")
    timed = (TESTS / "support" / "timed_plugin.mjs").read_text()
    path.write_text(timed.replace('"@PLUGIN@"', json.dumps(str(ours))).replace('"@TIMES@"', json.dumps(str(home / "plugin-times"))))


def _time_in_plugin(home: Path, asked_ns: int) -> float | None:
    """Return the milliseconds in our plugin before a moment; what was noted is taken away."""
    times = home / "plugin-times"
    if not times.exists():
        return None
    noted = [tuple(map(float, line.split())) for line in times.read_text().splitlines()]
    times.unlink()
    return sum(took_ms for begun_ms, took_ms in noted if begun_ms < asked_ns / 1e6)


def _tell(told: Told, plain_cpu_ms: float) -> None:
    name, hooks = told.name, _hooks(told)
    if told.within:
        note = f"{_between(told.within)}, {told.pairs} sessions; {hooks}"
        tell(f"{name}: waits before its first request for hooks", told.within.middle, "ms", note=note)
        tell(f"{name}: waits before its first request for hooks, at most", told.within.high, "ms", note="the upper end for the median")
    tell(
        f"{name}: asks its model later by, with hooks",
        told.later.middle,
        "ms",
        note=f"{_between(told.later)}; without them after {told.plain_ms:,.0f} ms",
    )
    note = f"{_between(told.more)}; without them {plain_cpu_ms:,.0f} CPU-ms"
    tell(f"{name}: processor time more in a session of one prompt", told.more.middle, "CPU-ms", "processor", note=note)


def table(found: Sequence[Told]) -> list[str]:
    """Return the table of all clients."""
    head = "| client | asks after, ms | pairs | waits before that for | which take, ms | later in pairs, ms | more processor time, CPU-ms |"
    rows = [head, "|---|---|---|---|---|---|---|"]
    for told in found:
        figures = [f"{one.middle:,.0f} ({_between(one)})" if one else "not known" for one in (told.within, told.later, told.more)]
        rows.append(f"| {told.name} | {told.plain_ms:,.0f} | {told.pairs} | {_hooks(told)} | {' | '.join(figures)} |")
    return rows


def _hooks(told: Told) -> str:
    beside = f"{', '.join(told.beside)} beside it" if told.beside else ""
    return "in its own process" if told.name in IN_PROCESS else "; ".join(filter(None, (", ".join(told.hooks), beside))) or "none"


def _between(found: Between) -> str:
    return f"{found.low:,.0f} to {found.high:,.0f}"


def program_of(agent: AgentUnderTest) -> Path | None:
    return look_for_client() if agent is CLAUDE_CODE else find_program(agent)
