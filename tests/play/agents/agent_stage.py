"""Where agents play: one collector, and for each agent a home with our hooks in its settings, a relay, and a script of its own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from play.agents.client_packages import find_program, node_folder
from play.agents.under_test import AgentUnderTest, Place
from play.pulse import Pulse, open_pulse
from play.stage import make, make_repository
from play.told import View
from play.truth import Row
from support.person import Person, command, new_person
from support.running import Running, start_collector, wait_for
from support.scripted_model import ScriptedModel, open_model
from support.scripted_model.model_server import Script

RELAY_S: Final = 90.0
ANSWER_S: Final = 60.0  # a busy machine's
NOTHING: Final[Mapping[str, Any]] = {"session": {}, "turns": [], "tool_calls": []}


@dataclass(slots=True)
class AgentDesk:
    """An agent at its place."""

    agent: AgentUnderTest
    place: Place
    folder: Path
    house: Running
    model: ScriptedModel
    person: Person
    pulse: Pulse
    rows: list[Row] = field(default_factory=list)

    def script(self, script: Script) -> None:
        """Give the model what to answer."""
        self.model.scripts[self.agent.name] = script

    def env(self) -> dict[str, str]:
        """Return the client's environment, and nothing of ours beside it."""
        return client_env(self.agent, self.place)

    def start(self, words: Sequence[str]) -> subprocess.Popen[str]:
        """Start the client without a terminal, as the head of a group of its own."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            list(words), cwd=self.place.shop, env=self.env(), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )

    def machine_s(self) -> float:
        """Return by how much the machine itself was late: a figure has a beginning and an end, and each is told by a hook, a program."""
        return 2 * self.pulse.worst_s()

    def sessions(self) -> list[View]:
        """Return the agent's sessions as the live view has them, the newest first."""
        found: list[View] = self.house.client.get("/api/v1/live")["sessions"]
        return [view for view in found if view.get("agent") == self.agent.name]

    def session(self, session_id: str) -> Mapping[str, Any] | None:
        """Return a session as Hookline tells it, None while it does not know it."""
        with suppress(Exception):  # it is not there yet
            found: Mapping[str, Any] = self.house.client.get(f"/api/v1/sessions/{session_id}", ANSWER_S)
            return found
        return None

    def settled(self, session_ids: Collection[str], within_s: float = 45.0, calm_s: float = 3.5) -> dict[str, Mapping[str, Any]]:
        """Return sessions when nothing of them has changed for a while: some things are told late by their nature."""
        deadline, since = time.monotonic() + within_s, time.monotonic()
        before: dict[str, Any] = {}
        now: dict[str, Mapping[str, Any]] = {}
        while time.monotonic() < deadline:
            now = {session_id: self.session(session_id) or NOTHING for session_id in session_ids}
            told = {session_id: (one["turns"], one["tool_calls"], one["session"]) for session_id, one in now.items()}
            if told != before:
                before, since = told, time.monotonic()
            elif NOTHING not in now.values() and time.monotonic() - since > calm_s:
                break
            time.sleep(0.4)
        return now


def client_env(agent: AgentUnderTest, place: Place) -> dict[str, str]:
    """Return the environment of an agent's client, and nothing of ours beside it."""
    path = os.pathsep.join(dict.fromkeys((node_folder(agent), *os.environ["PATH"].split(os.pathsep))))
    return {"PATH": path, "TERM": "xterm-256color", "HOME": str(place.home), "LANG": "C.UTF-8", **agent.environment(place)}


@contextmanager
def open_desk(house: House, folder: Path, agent: AgentUnderTest) -> Iterator[AgentDesk]:
    """Lay out a desk for an agent, with a home and a relay of its own."""
    desk = _laid_out(house, agent, folder, make(folder / "home"), make_repository(folder / "shop"))
    with _relay_of(desk):
        yield desk


@contextmanager
def one_persons(folder: Path, shops: Sequence[tuple[AgentUnderTest, Path]]) -> Iterator[list[AgentDesk]]:
    """Lay out a desk for each agent of one person, each with a project of its own: one home, and one relay."""
    with open_house(folder) as laid:
        home = make(folder / "home")
        desks = [_laid_out(laid, agent, make(folder / agent.name), home, shop) for agent, shop in shops]
        with _relay_of(desks[0]):
            yield desks


@dataclass(frozen=True, slots=True)
class House:
    """What all desks share."""

    collector: Running
    model: ScriptedModel
    pulse: Pulse


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """Start the collector and the model, and measure the machine."""
    with open_model() as model, open_pulse() as pulse:
        house = start_collector(new_person(make(folder / "house")))
        try:
            yield House(house, model, pulse)
        finally:
            with suppress(subprocess.TimeoutExpired):
                house.stop()
            house.kill()


@contextmanager
def _relay_of(desk: AgentDesk) -> Iterator[None]:
    relay = _relay(desk)
    try:
        wait_for(lambda: _has_begun(desk), RELAY_S)
        yield
    finally:
        relay.terminate()
        with suppress(subprocess.TimeoutExpired):
            relay.wait(8)
        relay.kill()
        relay.wait()


def _laid_out(laid: House, agent: AgentUnderTest, folder: Path, home: Path, shop: Path) -> AgentDesk:
    program = find_program(agent)
    assert program is not None
    place = Place(home, shop, program, f"{laid.model.url}/{agent.name}")
    person = new_person(place.home)
    done = person.hookline("install", agent.name)
    assert done.returncode == 0, done.stderr
    agent.prepare(place)
    return AgentDesk(agent, place, folder, laid.collector, laid.model, person, laid.pulse)


def _relay(desk: AgentDesk) -> subprocess.Popen[bytes]:
    env = {**desk.person.environment, "HOOKLINE_RELAY_ENDPOINT": f"http://{desk.house.found.otlp_grpc}"}
    with (desk.folder / "relay.log").open("wb") as log:
        words = command(("relay", "--user", desk.agent.name))
        return subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _has_begun(desk: AgentDesk) -> bool:
    log = desk.person.data_dir / "relay.log"
    return log.exists() and " began" in log.read_text()
