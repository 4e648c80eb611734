"""The client in a terminal of its own: what stands on its screen, and keys pressed at known times."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_S = 0.05
TRIES = 5
SETTLE_S = 0.4  # Enter right after a text counts as part of what was pasted


class NotSeen(AssertionError):
    """What a scene waits for did not come onto the screen."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """One tmux server with one pane."""

    name: str

    def start(self, client: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        """Run a program in the pane, with this environment and no other; its end leaves a shell's prompt `left>`."""
        program = shlex.join(["env", "-i", *(f"{key}={value}" for key, value in env.items()), *client])
        words = ("new-session", "-d", "-x", "130", "-y", "50", "-c", str(cwd), f"{program}; printf 'left>'; exec sleep 600")
        for _ in range(TRIES):
            self.tmux("kill-server")
            self.tmux(*words)
            if self.tmux("list-sessions"):
                return
            time.sleep(1.0)  # the server that was killed is still on its way out
        raise NotSeen("tmux does not start")

    def tmux(self, *words: str) -> str:
        """Run tmux on this terminal's server."""
        command = ["tmux", "-L", self.name, "-f", "/dev/null", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout

    def screen(self) -> str:
        """Return what stands on the screen, empty lines left out."""
        return "\n".join(line.rstrip() for line in self.tmux("capture-pane", "-p").splitlines() if line.strip())

    def has_rung(self) -> bool:
        """Whether a bell rang in the pane; tmux marks its window then."""
        return "1" in self.tmux("display-message", "-p", "#{window_bell_flag}")

    def shows(self, pattern: str) -> bool:
        """Whether the screen shows it now."""
        return re.search(pattern, self.screen()) is not None

    def shows_soon(self, pattern: str, within_s: float = 3.0) -> bool:
        """Whether the screen shows it now or in a moment."""
        try:
            self.see(pattern, within_s)
        except NotSeen:
            return False
        return True

    def see(self, pattern: str, within_s: float = 40.0) -> int:
        """Wait until the screen shows it; return when (Unix ns). Raises NotSeen with the screen."""
        return self._wait(pattern, within_s, wanted=True)

    def miss(self, pattern: str, within_s: float = 40.0) -> int:
        """Wait until the screen shows it no longer; return when."""
        return self._wait(pattern, within_s, wanted=False)

    def _wait(self, pattern: str, within_s: float, wanted: bool) -> int:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self.shows(pattern) is wanted:
                return time.time_ns()
            time.sleep(LOOK_S)
        raise NotSeen(f"{'no ' if wanted else ''}{pattern!r} within {within_s:g} s on this screen:\n{self.screen()}")

    def press(self, key: str) -> int:
        """Press a key, as tmux calls it; return the moment (Unix ns)."""
        begun = time.time_ns()
        self.tmux("send-keys", key)
        return (begun + time.time_ns()) // 2

    def choose(self, key: str, until_gone: str) -> int:
        """Press a key until the screen no longer shows what it answers; return the moment of the press that did it."""
        time.sleep(SETTLE_S)
        for _ in range(5):
            at = self.press(key)
            try:
                self.miss(until_gone, 2.0)
            except NotSeen:
                continue
            return at
        raise NotSeen(f"{key} does not answer {until_gone!r}:\n{self.screen()}")

    def write(self, text: str) -> int:
        """Type a text and wait until it stands on the screen; return when the first key was pressed."""
        begun = time.time_ns()
        self.tmux("send-keys", "-l", text)
        self.see(re.escape(text[:60]))
        time.sleep(SETTLE_S)
        return begun

    def enter(self, text: str) -> int:
        """Type a text and press Enter; return the moment of Enter."""
        self.write(text)
        return self.press("Enter")

    def close(self) -> None:
        """End the terminal and what runs in it."""
        self.tmux("kill-server")
