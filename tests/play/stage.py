"""Where the scenes are played: two collectors, and a desk for each scene."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from hookline.agents.claude_code.installer import install_claude_code
from hookline.agents.claude_code.telemetry_settings import telemetry_env
from hookline.settings import load
from play.model import Library, Script
from play.pulse import Pulse
from play.terminal import Terminal
from play.told import Told, View, said
from play.truth import Figure, Sight
from support.person import command, new_person
from support.running import Running, start_collector, wait_for

MODES = ("H", "N")
CLIENT = (2, 1, 329)
LOOK_S = 0.1
EVENT_S = 40.0  # for what the client does by itself, also on a busy machine
PATIENCE_S = 5.0  # for what the live view should show and does not
SHOP = "retries = 1\n\n\ndef charge(card):\n    return retries\n"
READY = r"\? for shortcuts|mode on"
IDENTITY = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What all scenes share."""

    folder: Path
    client: Path
    library: Library
    model_port: int
    houses: Mapping[str, Running]

    @contextmanager
    def desk(self, scene: str) -> Iterator[Desk]:
        """Lay out a desk for a scene, with its relays; clear it at the end."""
        desk = Desk(self, scene, self.folder / scene, str(uuid.uuid4()), Terminal(f"play-{uuid.uuid4()}"))
        desk.lay_out()
        try:
            yield desk
        finally:
            desk.close()


@contextmanager
def open_stage(folder: Path, client: Path, library: Library, model_port: int) -> Iterator[Stage]:
    """Start a collector for each mode; stop them at the end."""
    houses: dict[str, Running] = {}
    try:
        for mode in MODES:
            houses[mode] = start_collector(new_person(make(folder / f"house-{mode}")))
        yield Stage(folder, client, library, model_port, houses)
    finally:
        for house in houses.values():
            with suppress(subprocess.TimeoutExpired):
                house.stop()
            house.kill()


@dataclass(slots=True)
class Desk:
    """Where one scene is played: a home, a project, two relays, the client in a terminal."""

    stage: Stage
    scene: str
    folder: Path
    session_id: str
    terminal: Terminal
    relays: list[subprocess.Popen[bytes]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    prompts: list[tuple[str, int]] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    relay_env: dict[str, str] = field(default_factory=dict)
    pulse: Pulse = field(default_factory=Pulse)

    @property
    def home(self) -> Path:
        """The person's home."""
        return self.folder / "home"

    @property
    def shop(self) -> Path:
        """The project that is worked on."""
        return self.folder / "shop"

    def lay_out(self) -> None:
        """Make home and project, install the hooks for both relays, and start those."""
        make(self.home)
        make_repository(self.shop)
        self.trust(self.shop)
        hooks = [self._hooks_of(mode) for mode in MODES] + [self._witness()]
        merged = {event: [group for each in hooks for group in each.get(event, [])] for event in hooks[0]}
        make(self.home / ".claude")
        (self.home / ".claude" / "settings.json").write_text(json.dumps({"hooks": merged}))

    def trust(self, *folders: Path) -> None:
        """Let the client start without its first questions, and work in these folders beside the project."""
        answered = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
        known = {"hasCompletedOnboarding": True, "theme": "dark", "lastOnboardingVersion": ".".join(map(str, CLIENT))}
        keys = {"customApiKeyResponses": {"approved": ["sk-ant-offline"], "rejected": []}}
        projects = {str(folder): answered for folder in (self.shop, *folders)}
        (self.home / ".claude.json").write_text(json.dumps({**known, **keys, "projects": projects}))

    def begin(self, script: Script, relay_env: Mapping[str, str] | None = None) -> None:
        """Give the model its script and start the relays."""
        self.stage.library.scripts[self.scene] = script
        self.relay_env.update(relay_env or {})
        for mode in MODES:
            self._start_relay(mode)
        for mode in MODES:
            wait_for(functools.partial(self._has_begun, mode), EVENT_S)

    def _has_begun(self, mode: str) -> bool:
        log = self.folder / f"relay-{mode}" / "relay.log"
        return log.exists() and " began" in log.read_text()

    def _hooks_of(self, mode: str) -> dict[str, Any]:
        home = make(self.folder / f"install-{mode}")
        settings = load({"data_dir": str(self.folder / f"relay-{mode}")}, {"HOME": str(home)}).settings
        install_claude_code(settings, env={"HOME": str(home)}, version=CLIENT)
        hooks: dict[str, Any] = json.loads((home / ".claude" / "settings.json").read_text())["hooks"]
        return hooks

    def _witness(self) -> dict[str, Any]:
        """A hook of the play's own, which keeps each payload under its time: evidence when something is wrong."""
        kept = make(self.folder / "hooks")
        handler = {"type": "command", "command": f"cat > {kept}/$(date +%s%N).$$.json"}
        return {event: [{"hooks": [handler]}] for event in WITNESSED}

    def _start_relay(self, mode: str) -> None:
        found = self.stage.houses[mode].found
        data = self.folder / f"relay-{mode}"
        person = new_person(self.home)
        own = self.relay_env if mode == MODES[0] else {}
        env = {**person.environment, **own, "HOOKLINE_RELAY_ENDPOINT": f"http://{found.otlp_grpc}"}
        with (self.folder / f"relay-{mode}.log").open("wb") as log:
            words = command(("relay", "--data-dir", str(data), "--user", self.scene))
            self.relays.append(subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    # The client

    def client_env(self) -> dict[str, str]:
        """Return the client's environment: the scripted model, native telemetry to the second collector, nothing else."""
        native = load({"relay.endpoint": f"http://{self.stage.houses['N'].found.otlp_grpc}"}, {"HOME": str(self.home)}).settings
        return {
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "HOME": str(self.home),
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.stage.model_port}/{self.scene}",
            "ANTHROPIC_API_KEY": "sk-ant-offline",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            **telemetry_env(native, may_hold_secrets=False),
            **self.env,
        }

    def open_client(self, *extra: str, mode: str = "default", resume: bool = False) -> int:
        """Start the interactive client and wait for its input line; return when it stood there (Unix ns)."""
        which = ["--resume", self.session_id] if resume else ["--session-id", self.session_id]
        words = [str(self.stage.client), *which, "--permission-mode", mode, *extra]
        self.terminal.start(words, self.client_env(), self.shop)
        at = self.terminal.see(READY, 120)
        time.sleep(0.3)
        return at

    def run_client(self, prompt: str, *extra: str) -> None:
        """Run `claude -p` to its end."""
        words = [str(self.stage.client), "-p", prompt, "--session-id", self.session_id, "--output-format", "json", *extra]
        subprocess.run(words, env=self.client_env(), cwd=self.shop, stdin=subprocess.DEVNULL, capture_output=True, timeout=90, check=False)

    def prompt(self, text: str) -> int:
        """Type a prompt and press Enter; return the moment of Enter."""
        at = self.terminal.enter(text)
        self.prompts.append((text, at))
        return at

    def client_lag_s(self) -> float:
        """Return by how much the client itself took prompts later than Enter was pressed, added up: what a busy machine makes of keys."""
        taken = {
            line["message"]["content"]: ns_of(line["timestamp"]) for line in self.transcript() if line["type"] == "user" and line.get("promptSource")
        }
        return sum(max(0, taken[text] - at) for text, at in self.prompts if text in taken) / 1e9

    def leave(self) -> int:
        """Leave the client by its command; return when Enter was pressed."""
        at = self.terminal.enter("/exit")
        self.terminal.see("left>", 20)
        return at

    # What is true

    def is_true(self, what: str, true: Any, read: Callable[[Told], Any], mode: str = "") -> None:
        """Note what is true at the scene's end and where Hookline tells it."""
        self.figures.append(Figure(what, true, read, mode))

    def was(self, what: str, true: Any, shown: Any, mode: str = MODES[0]) -> None:
        """Note what was true during the scene, and what was shown then."""
        self.figures.append(Figure(what, true, shown_earlier(shown), mode))

    def watch(self, what: str, since_ns: int, true: str, read: Callable[[View | None], str] = said, patience_s: float = PATIENCE_S) -> None:
        """Look at the live view of both modes until it says what is true since a moment; note how long that took."""
        open_modes = dict.fromkeys(MODES, "")
        while open_modes:
            for mode in tuple(open_modes):
                shown, after_s = read(self.live(mode)), (time.time_ns() - since_ns) / 1e9
                open_modes[mode] = shown
                if shown == true or after_s > patience_s:
                    self.sights.append(Sight(what, mode, true, shown, after_s))
                    del open_modes[mode]
            time.sleep(LOOK_S)

    def live(self, mode: str) -> View | None:
        """Return what the live view says of this session now."""
        sessions: list[View] = self.stage.houses[mode].client.get("/api/v1/live")["sessions"]
        return next((view for view in sessions if view["session_id"] == self.session_id), None)

    def told(self, mode: str) -> Told:
        """Ask what Hookline tells; nothing is kept from an earlier question."""
        return Told(mode, self.stage.houses[mode].person, self.scene, self.session_id)

    def look(self, what: str, true: Callable[[float], float], name: str) -> None:
        """Read a figure of the report's total now, in the middle of the scene, of both modes; `true` is given the moment of reading (Unix ns)."""
        for mode in MODES:
            begun = time.time_ns()
            found = self.stage.houses[mode].client.get(f"/api/v1/reports/work?{urlencode({'user': self.scene})}", 60.0)
            self.was(what, true(begun), found["totals"][name], mode)

    def settle(self, within_s: float = 12.0) -> None:
        """Wait until nothing changes any more in what is told of the session."""
        deadline = time.monotonic() + within_s
        before = None
        while time.monotonic() < deadline:
            time.sleep(1.5)
            now = [self._rows(mode) for mode in MODES]
            if now == before and all(now):
                return
            before = now

    def _rows(self, mode: str) -> Any:
        try:
            found = self.stage.houses[mode].client.get(f"/api/v1/sessions/{self.session_id}")
        except Exception:  # it is not there yet
            return None
        return found["session"], found["turns"], found["tool_calls"]

    # The client's own truth

    def transcript(self) -> list[dict[str, Any]]:
        """Return the lines of the session's transcript."""
        lines: list[dict[str, Any]] = []
        for path in self.home.glob(f".claude/projects/*/{self.session_id}.jsonl"):
            lines += [json.loads(line) for line in path.read_text().splitlines()]
        return lines

    def line(self, matches: Callable[[dict[str, Any]], bool], number: int = -1) -> int:
        """Return the time (Unix ns) of a transcript line, the last that matches when not told otherwise; waits for it."""
        found: list[int] = []

        def is_there() -> bool:
            found[:] = [ns_of(line["timestamp"]) for line in self.transcript() if line.get("timestamp") and matches(line)]
            return len(found) > number if number >= 0 else bool(found)

        wait_for(is_there, EVENT_S)
        return found[number]

    def result(self, number: int = 0) -> int:
        """Return when a call's result was noted in the transcript (Unix ns)."""
        return self.line(lambda line: line["type"] == "user" and "tool_result" in json.dumps(line["message"]["content"])[:200], number)

    def hook(self, event: str, number: int = 0) -> int:
        """Return when the witness saw an event (Unix ns)."""
        found: list[int] = []

        def is_there() -> bool:
            found[:] = [at for at, payload in self.hooks() if payload.get("hook_event_name") == event]
            return len(found) > number if number >= 0 else bool(found)

        wait_for(is_there, EVENT_S)
        return found[number]

    def hooks(self) -> list[tuple[int, dict[str, Any]]]:
        """Return every payload that the witness saw, with its time."""
        kept = []
        for path in sorted((self.folder / "hooks").glob("*.json")):
            with suppress(ValueError):
                kept.append((int(path.name.split(".")[0]), json.loads(path.read_text())))
        return kept

    def close(self) -> None:
        """End what still runs."""
        self.terminal.close()
        for relay in self.relays:
            relay.terminate()
        for relay in self.relays:
            with suppress(subprocess.TimeoutExpired):
                relay.wait(8)
            relay.kill()
            relay.wait()


WITNESSED = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PermissionRequest",
    "PermissionDenied",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "Notification",
    "SubagentStart",
    "SubagentStop",
    "Stop",
    "StopFailure",
    "CwdChanged",
    "Elicitation",
    "ElicitationResult",
    "SessionEnd",
)


def shown_earlier(shown: Any) -> Callable[[Told], Any]:
    """Return the reading of a figure that was read already."""
    return lambda _: shown


def make(folder: Path) -> Path:
    """Make a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_repository(folder: Path, branch: str = "main") -> Path:
    """Lay out a small project under git."""
    make(folder)
    (folder / "pay.py").write_text(SHOP)
    for words in (["init", "-q", "-b", branch], ["add", "-A"], [*IDENTITY, "commit", "-qm", "start"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def ns_of(moment: str) -> int:
    """Return an ISO 8601 moment as Unix ns."""
    whole = datetime.fromisoformat(moment)
    return int(whole.timestamp()) * 1_000_000_000 + whole.microsecond * 1000


def isolated(words: list[str]) -> int:
    """Run the words where the only network is a loopback interface, and where nothing that they start outlives them; needs root."""
    alone = ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    return subprocess.run([*alone, "sh", "-c", 'ip link set lo up && "$@"; exit $?', "sh", *words], check=False).returncode


def find_tools() -> str:
    """Return what is missing to play, empty when everything is there."""
    missing = [tool for tool in ("tmux", "git", "unshare", "ip") if shutil.which(tool) is None]
    if missing:
        return f"missing: {', '.join(missing)}"
    is_allowed = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0
    return "" if is_allowed else "a network namespace can be made by root only"
