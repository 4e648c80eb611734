"""A notice when an agent waits, from the relay of the hooks: after its limit, taken back when it is answered, none when it is answered in time."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from play.scenes.steps import ASKS, PROCEED, bash, end_session
from play.stage import Desk, make

LIMIT_S = 3.0
ASKS_AGAIN = bash("curl -s http://127.0.0.1:10/ || echo refused", "Ask again")
SENDS = """#!/bin/sh
echo "$(date +%s%N) $*" >> {log}
echo 7
"""
KEEPS = """#!/bin/sh
{{ date +%s%N; cat; }} | tr '\\n' ' ' >> {log}; echo >> {log}
"""


def notice_of_a_wait(desk: Desk) -> None:
    """A permission is left unanswered past the limit, then granted; the next is granted in time."""
    programs, sent, closed, told = make(desk.folder / "programs"), desk.folder / "sent", desk.folder / "closed", desk.folder / "told"
    _write(programs / "notify-send", SENDS.format(log=sent))
    _write(programs / "gdbus", SENDS.format(log=closed))
    _write(programs / "keep", KEEPS.format(log=told))
    rules = {"HOW": "desktop,bell,command", "AFTER_S": str(LIMIT_S), "COMMAND": str(programs / "keep")}
    env = {f"HOOKLINE_NOTIFY_{name}": value for name, value in rules.items()}
    desk.begin({"ask twice": [ASKS, ASKS_AGAIN, {"say": "So be it."}]}, {**env, "PATH": f"{programs}:{os.environ['PATH']}"})
    desk.open_client()
    desk.prompt("please ask twice")
    shown = desk.terminal.see(PROCEED)
    asked = desk.hook("PermissionRequest")
    time.sleep(LIMIT_S + 2.5)
    has_rung = desk.terminal.has_rung()
    granted = desk.terminal.press("1")
    desk.hook("PermissionRequest", 1)
    desk.terminal.see("curl -s http://127.0.0.1:10/")
    time.sleep(0.8)
    desk.terminal.press("1")
    desk.terminal.see("So be it")
    time.sleep(LIMIT_S + 1)
    end_session(desk)
    first = _times(sent)
    desk.was("notices", 1, len(first))
    desk.was("notice after its limit", LIMIT_S, (first[0] - asked) / 1e9 if first else None)
    desk.was("not before its limit", True, bool(first) and first[0] - min(asked, shown) > (LIMIT_S - 0.2) * 1e9)
    desk.was("says what and whose", True, "shop: Claude Code waits for a permission Bash, since" in sent.read_text() if sent.exists() else False)
    taken = _times(closed)
    desk.was("taken back after the answer", 0.0, (taken[0] - granted) / 1e9 if taken else None)
    desk.was("command told", "waiting, resolved", ", ".join(_told(told)))
    desk.was("the terminal rang", True, has_rung)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _times(log: Path) -> list[int]:
    return [int(line.split()[0]) for line in log.read_text().splitlines()] if log.exists() else []


def _told(log: Path) -> list[str]:
    return [json.loads(line.split(" ", 1)[1])["what"] for line in log.read_text().splitlines()] if log.exists() else []


SCENES = (notice_of_a_wait,)
