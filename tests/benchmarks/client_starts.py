"""How much later a real client asks its model because our hooks are installed: sessions of one prompt, in rounds of three.

    with       our hooks, as `hookline install` puts them in
    nothing    the same settings, with `true` in the place of our script (a plugin that does nothing): what the client itself spends on hooks
    without    no hooks

The first of a round goes by turns. A start of several seconds is never twice the same, so beside the time that passed stands the processor time
until then, which other work on the machine changes less, and what is seen within each session: for how long any process of a hook that the
client waits for was there before the first request, by the kernel's clock (`process_lives`). It cannot have waited longer for them. Which hooks
it waits for is tried: a session for each event, whose hook takes seconds. OpenCode starts no hook: what stands there is the time inside of our
plugin, its loading included (`support/timed_plugin.mjs`).

What is told is by how much one is more than the other, with an interval that holds it in 95 of 100 such runs (`paired`); what is promised is
the upper end of what was seen within sessions, and a line for each client says whether the rounds say so too.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.figures import tell
from benchmarks.orphans import used_since, wait_for_tree
from benchmarks.paired import Between, middle_of, shift_of
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
CLIENT_S = float(os.environ.get("HOOKLINE_BENCH_CLIENT_S", "45"))  # with all that it takes to find what is waited for
ROUNDS = int(os.environ.get("HOOKLINE_BENCH_ROUNDS", "0"))
PROMISED_MS = 50.0
WITH, NOTHING, WITHOUT = "with", "nothing", "without"
IDLE_PLUGIN = "export const Hookline = async () => ({ event: async () => {}, 'chat.message': async () => {}, dispose: async () => {} })\n"
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
    """How long a client took until it asked its model, when that was (monotonic), the processor time until then and of the whole session, with
    what it started, the hooks that began before it asked, and how long it was inside of our plugin until then, where it has one."""

    asked_s: float
    asked_ns: int
    started_s: float
    processor_s: float
    hooks: tuple[tuple[str, Life], ...] = ()
    plugin_ms: float | None = None

    def waited_ms(self, events: Collection[str]) -> float:
        """Return for how long hooks of some events were there before the model was asked."""
        return passed_ms([life for event, life in self.hooks if event in events], self.asked_ns)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a client: times until it asked its model, with hooks beside none (`later`) and beside hooks that do nothing (`ours`)."""

    name: str
    rounds: int
    hooks: tuple[str, ...]
    beside: tuple[str, ...]
    plain_ms: float
    within: Between | None
    later: Between
    ours: Between
    started: Between  # processor time until then
    more: Between  # processor time of the whole session

    @property
    def verdict(self) -> str:
        """Whether the start is later by no more than what is promised, and what says so."""
        if self.later.high <= PROMISED_MS:
            return "kept, by the rounds"
        if self.later.low > PROMISED_MS or (self.within and self.within.low > PROMISED_MS):
            return "MISSED"
        if self.within and self.within.high <= PROMISED_MS:
            return "kept, by what is seen within sessions; the rounds are too wide to say"
        return "not known"


@dataclass(slots=True)
class Client:
    """A client in three homes: with hooks, with hooks that do nothing, without."""

    folder: Path
    agent: AgentUnderTest
    model: ScriptedModel
    seen: ProcessLives | None

    def measure(self) -> Told:
        """Run sessions of one prompt in rounds, and tell."""
        name = self.agent.name
        self.model.scripts[name] = {PROMPT: [{"say": "Done."}]}
        deadline = time.monotonic() + CLIENT_S
        places = {kind: self._place(kind) for kind in (WITH, NOTHING, WITHOUT)}
        first = [self._session(place) for place in places.values()]  # what only a first session does
        events = tuple(dict.fromkeys(event for event, _ in self._session(places[WITH]).hooks))
        usual_s = statistics.median(one.asked_s for one in first)
        waited = tuple(event for event in events if self._is_waited_for(places[WITH], event, usual_s))
        rounds: list[dict[str, Session]] = []
        while self._goes_on(len(rounds), deadline):
            order = [*places][len(rounds) % 3 :] + [*places][: len(rounds) % 3]
            rounds.append({kind: self._session(places[kind]) for kind in order})

        def more(what: Callable[[Session], float], than: str = WITHOUT) -> Between:
            return shift_of([(what(one[WITH]) - what(one[than])) * 1000 for one in rounds])

        plugin = [ms for one in rounds if (ms := one[WITH].plugin_ms) is not None]
        within = plugin or ([one[WITH].waited_ms(waited) for one in rounds] if self.seen else [])
        told = Told(
            name,
            len(rounds),
            waited,
            tuple(event for event in events if event not in waited),
            statistics.median(one[WITHOUT].asked_s for one in rounds) * 1000,
            middle_of(within) if within else None,
            more(lambda one: one.asked_s),
            more(lambda one: one.asked_s, NOTHING),
            more(lambda one: one.started_s),
            more(lambda one: one.processor_s),
        )
        _tell(told, statistics.median(one[WITHOUT].processor_s for one in rounds) * 1000)
        return told

    def _goes_on(self, rounds: int, deadline: float) -> bool:
        """Whether one more round is run: a machine that is too busy for the fewest in twice the time has nothing to say."""
        if ROUNDS or not rounds:
            return rounds < (ROUNDS or 1)
        return time.monotonic() < deadline + (CLIENT_S if rounds < FEWEST else 0)

    def _place(self, kind: str) -> Place:
        program, folder = program_of(self.agent), self.folder / kind
        assert program is not None
        place = Place(make(folder / "home"), make_repository(folder / "shop"), program, f"{self.model.url}/{self.agent.name}")
        if kind != WITHOUT:
            done = new_person(place.home).hookline("install", self.agent.name)
            assert done.returncode == 0, done.stderr
            if kind == NOTHING:
                self._do_nothing(place.home)
            elif self.agent.name in IN_PROCESS:
                _time_plugin(place.home)
        self.agent.prepare(place)
        return place

    def _do_nothing(self, home: Path) -> None:
        """Put what does nothing in the place of what was installed."""
        if self.agent.name in IN_PROCESS:
            _plugin_of(home).write_text(IDLE_PLUGIN)
            return
        script, nothing = new_person(home).data_dir / "hook.sh", shutil.which("true")
        assert nothing is not None
        script.unlink()
        script.symlink_to(nothing)

    def _session(self, place: Place) -> Session:
        """Run one session to its end."""
        spool, before = new_person(place.home).data_dir / "spool", len(self.model.asked)
        for event in spool.glob("*.ev"):
            event.unlink()
        started_s: list[float] = []
        null, begun_ns, clocks_ns = subprocess.DEVNULL, time.time_ns(), time.time_ns() - time.monotonic_ns()
        words, env = list(self.agent.headless(place, PROMPT, "")), client_env(self.agent, place)
        process = subprocess.Popen(words, cwd=place.shop, env=env, stdin=null, stdout=null, stderr=null, start_new_session=True)
        self.model.heard = lambda: None if started_s else started_s.append(used_since(process.pid))
        processor_s = wait_for_tree(process, DAEMONS_S)
        asked_ns = min(at for _, at, _ in self.model.asked[before:])
        session = Session((asked_ns - begun_ns) / 1e9, asked_ns - clocks_ns, started_s[0], processor_s)
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


def _plugin_of(home: Path) -> Path:
    """Return the plugin that was installed."""
    (path,) = home.rglob("plugins/hookline.js")
    return path


def _time_plugin(home: Path) -> None:
    """Put a plugin in the place of ours that runs ours, and notes the time inside of it."""
    path = _plugin_of(home)
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
        note = f"{_between(told.within)}, {told.rounds} sessions; {hooks}"
        tell(f"{name}: waits before its first request for hooks", told.within.middle, "ms", note=note)
        tell(f"{name}: waits before its first request for hooks, at most", told.within.high, "ms", note="the upper end for the median")
    later = f"{_between(told.later)}; without them after {told.plain_ms:,.0f} ms"
    tell(f"{name}: asks its model later by, with hooks", told.later.middle, "ms", note=later)
    tell(f"{name}: asks its model later by, than with hooks that do nothing", told.ours.middle, "ms", note=_between(told.ours))
    tell(f"{name}: processor time more until it asks its model", told.started.middle, "CPU-ms", "processor", note=_between(told.started))
    note = f"{_between(told.more)}; without them {plain_cpu_ms:,.0f} CPU-ms"
    tell(f"{name}: processor time more in a session of one prompt", told.more.middle, "CPU-ms", "processor", note=note)


def table(found: Sequence[Told]) -> list[str]:
    """Return the table of all clients, and a line for each about what is promised."""
    columns = (
        "client",
        "asks after, ms",
        "rounds",
        "waits before that for",
        "which take, ms",
        "later, ms",
        "than with `true`, ms",
        "CPU-ms until then",
    )
    head = f"| {' | '.join(columns)} |"
    rows = [head, "|---|---|---|---|---|---|---|---|"]
    for told in found:
        figures = [f"{one.middle:,.0f} ({_between(one)})" if one else "not known" for one in (told.within, told.later, told.ours, told.started)]
        rows.append(f"| {told.name} | {told.plain_ms:,.0f} | {told.rounds} | {_hooks(told)} | {' | '.join(figures)} |")
    return [*rows, "", *(f"{told.name}: its first request later by at most {PROMISED_MS:.0f} ms: {told.verdict}" for told in found)]


def _hooks(told: Told) -> str:
    beside = f"{', '.join(told.beside)} beside it" if told.beside else ""
    return "in its own process" if told.name in IN_PROCESS else "; ".join(filter(None, (", ".join(told.hooks), beside))) or "none"


def _between(found: Between) -> str:
    return f"{found.low:,.0f} to {found.high:,.0f}"


def program_of(agent: AgentUnderTest) -> Path | None:
    return look_for_client() if agent is CLAUDE_CODE else find_program(agent)
