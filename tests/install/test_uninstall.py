"""Uninstall gives back the user's file exactly, whatever they did to it in between.

A model runs beside the real install: the user's file as it would be had Hookline never been there. Every edit of the user is made in
both; after an uninstall both are the same, byte for byte. Two rules of the product are part of the model: a file that was made by
install goes only if nobody touched it, and a container that install made (`hooks`, an event's list, `env`) goes with the last
thing in it, while one that was the user's stays.
"""

import copy
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookline.agents.claude_code.installer import install_claude_code, uninstall_claude_code
from hookline.settings import Settings
from support.soaking import TIMES, share

VERSION = (2, 1, 329)
Tree = dict[str, Any]
STYLES: tuple[Callable[[Any], str], ...] = (
    lambda tree: json.dumps(tree, indent=2) + "\n",
    lambda tree: json.dumps(tree, indent="\t", ensure_ascii=False),
    lambda tree: json.dumps(tree, indent=4, separators=(",", " : ")) + "\n\n",
    json.dumps,
    lambda tree: json.dumps(tree, separators=(",", ":")) + "\n",
)
EMPTY = re.compile(r"([{\[])\s+([}\]])")
BEGINNINGS = (
    None,
    "",
    "{}",
    "{ }\n",
    '{\n  "hooks": { },\n  "env": {\n  }\n}\n',
    '{"model": "opus", "hooks": {"Stop": []}}',
    '{\n    "model": "opus",\n    "statusLine": {"type": "command", "command": "echo \\u00e9 \\/ \\"x\\""},\n'
    '    "hooks": {\n        "Stop": [ { "hooks": [ { "type": "command", "command": "say # hookline" } ] } ]\n    }\n}\n',
    '\ufeff{\r\n\t"env": {"A": "b", "OTEL_LOGS_EXPORTER": "console"}\r\n}',
)


def is_ours(handler: Tree) -> bool:
    return "hook.sh' # hookline" in str(handler.get("command"))


def bare(text: str) -> str:
    return EMPTY.sub(r"\1\2", text).replace("\\/", "/")


def holds_ours(value: Any) -> bool:
    return "hook.sh' # hookline" in json.dumps(value)


class Person:
    """The file with Hookline in it, and beside it the file without."""

    def __init__(self, home: Path, chance: random.Random, beginning: str | None) -> None:
        self.path = home / ".claude" / "settings.json"
        self.path.parent.mkdir(parents=True)
        self.env = {"HOME": str(home)}
        self.settings = Settings(data_dir=home / "data")
        self.chance = chance
        self.without = beginning
        self.is_rewritten = False
        self.own_containers: set[str] = set()
        self.left: tuple[str | None, str | None] = (None, None)
        if beginning is not None:
            self.path.write_bytes(beginning.encode())

    def install(self) -> None:
        """Any variant."""
        real, free = self._read(self._text()), self._read(self.without)
        for path in ("hooks", "env", *(f"hooks/{event}" for event in free.get("hooks", {}))):
            if (inside := at(free, path)) is not None and not self._is_shared(at(real, path), inside):
                self.own_containers.add(path)
        options: dict[str, Any] = {"native_telemetry": self.chance.random() < 0.4, "status_line": self.chance.random() < 0.4}
        version = self.chance.choice([VERSION, VERSION, (2, 1, 40)])
        install_claude_code(self.settings, env=self.env, version=version, **options)
        self.left = (self._text(), self.without)

    def uninstall(self) -> None:
        """What is left is what would be there without us."""
        uninstall_claude_code(self.settings, env=self.env)
        found = self._text()
        if self.is_rewritten and found and self.without:  # nobody can tell what the formatter would have made of `{ }` and `\/`
            assert bare(found) == bare(self.without)
            self.without = found
        assert found == self.without
        self.own_containers.clear()

    def edit(self) -> None:
        """One edit of the user, in any of their ways."""
        self.chance.choice([self._rewrite, self._rewrite, self._rewrite, self._retouch, self._retouch, self._delete, self._blank])()

    def _delete(self) -> None:
        if self.chance.random() < 0.3:
            self.path.unlink(missing_ok=True)
            self.without = None
            self.own_containers.clear()

    def _blank(self) -> None:
        if self.chance.random() < 0.1:
            self.path.write_bytes(b"")
            self.without = ""
            self.own_containers.clear()

    def _retouch(self) -> None:
        """A change of a few characters in an editor; everything around it stays as it is written."""
        text = self._text()
        if not text or "\n" not in text.strip() or not self.without or "opus" not in self.without:
            return
        old, new = self.chance.choice([('"opus"', '"son\\u006eet"'), ('"model"', '  "model"'), ('"opus"', '"opus"  ')])
        self._write(text.replace(old, new, 1), self.without.replace(old, new, 1))

    def _rewrite(self) -> None:
        """A program, or the person's formatter, reads the file, changes something and writes it in its own style."""
        real, free = self._read(self._text()), self._read(self.without)
        edit = self.chance.choice(
            [self._model, self._variable, self._status, self._hook, self._group, self._unhook, self._drop, self._reorder, self._ours]
        )
        edit(real, free)
        style = self.chance.choice(STYLES)
        self._write(style(real), style(free))
        self.is_rewritten = True

    def _model(self, real: Tree, free: Tree) -> None:
        for tree in (real, free):
            tree.pop("model", None)
            tree["model"] = "opus"

    def _variable(self, real: Tree, free: Tree) -> None:
        key, value = self.chance.choice([("MINE", "1"), ("OTEL_LOGS_EXPORTER", "none")])
        for tree in (real, free):
            env = tree.pop("env", {})
            env.pop(key, None)
            tree["env"] = env | {key: value}

    def _status(self, real: Tree, free: Tree) -> None:
        command = self.chance.choice(["echo 'it is' \"é\" # hookline", 'set -- x; eval "$1" # hookline', "date"])
        for tree in (real, free):
            tree.pop("statusLine", None)
            tree["statusLine"] = {"type": "command", "command": command, "padding": 0}

    def _hook(self, real: Tree, free: Tree) -> None:
        """A group of their own at the end of an event's list."""
        event = self.chance.choice(["Stop", "PreToolUse", "WorktreeCreate"])
        for tree in (real, free):
            hooks = tree.pop("hooks", {})
            groups = hooks.pop(event, [])
            tree["hooks"] = hooks | {event: [*groups, {"hooks": [{"type": "command", "command": "lint"}]}]}

    def _group(self, real: Tree, free: Tree) -> None:
        """A handler of their own in our group: the group is theirs too now."""
        groups = at(real, "hooks/Stop") or []
        ours = next((group for group in groups if all(is_ours(handler) for handler in group["hooks"]) and group["hooks"]), None)
        if ours is None:
            return
        index = sum(any(not is_ours(handler) for handler in group["hooks"]) for group in groups[: groups.index(ours)])
        ours["hooks"].append({"type": "command", "command": "mine"})
        theirs = copy.deepcopy(ours) | {"hooks": [{"type": "command", "command": "mine"}]}
        for tree, new in ((real, groups), (free, at(free, "hooks/Stop") or [])):
            hooks = tree.pop("hooks", {})
            hooks.pop("Stop", None)
            tree["hooks"] = hooks | {"Stop": new}
        free["hooks"]["Stop"].insert(index, theirs)

    def _unhook(self, real: Tree, free: Tree) -> None:
        """All handlers of their own out of one event; a list that was theirs stays, empty."""
        if "Stop" not in free.get("hooks", {}):
            return
        rest = [group for group in at(real, "hooks/Stop") or [] if any(is_ours(handler) for handler in group["hooks"])]
        for group in rest:
            group["hooks"] = [handler for handler in group["hooks"] if is_ours(handler)]
        real["hooks"]["Stop"] = rest
        free["hooks"]["Stop"] = []
        if rest and "hooks/Stop" not in self.own_containers:
            del free["hooks"]["Stop"]
            if not free["hooks"] and "hooks" not in self.own_containers:
                del free["hooks"]

    def _drop(self, real: Tree, free: Tree) -> None:
        """A whole key, ours in it or not."""
        key = self.chance.choice(["hooks", "env", "statusLine", "model"])
        for tree in (real, free):
            tree.pop(key, None)
        self.own_containers = {path for path in self.own_containers if path.partition("/")[0] != key}

    def _reorder(self, real: Tree, free: Tree) -> None:
        for tree in (real, free):
            items = sorted(tree.items())
            tree.clear()
            tree.update(items)

    def _ours(self, real: Tree, free: Tree) -> None:
        """Our own entries: another time-out, another matcher, one of them taken out."""
        for event, groups in list(real.get("hooks", {}).items()):
            for group in groups:
                for handler in filter(is_ours, list(group["hooks"])):
                    handler["timeout"] = 60
                if "matcher" in group and all(is_ours(handler) for handler in group["hooks"]):
                    group["matcher"] = "Bash"
            if event == "Notification" and "Notification" not in free.get("hooks", {}):
                del real["hooks"]["Notification"]

    def _write(self, real: str, free: str) -> None:
        """Whoever writes what install had left has touched nothing."""
        self.path.write_bytes(real.encode())
        self.without = self.left[1] if real == self.left[0] else free

    def _is_shared(self, real: Any, free: Any) -> bool:
        """Whether something of ours stands in a container, told by the file with us holding more than the one without."""
        return holds_ours(real) or (isinstance(real, dict) and isinstance(free, dict) and len(real) > len(free))

    def _text(self) -> str | None:
        return self.path.read_bytes().decode() if self.path.exists() else None

    def _read(self, text: str | None) -> Tree:
        tree: Tree = json.loads((text or "").lstrip("\ufeff") or "{}")
        return tree


def at(tree: Tree, path: str) -> Any:
    """Return what stands at a path, None if there is nothing."""
    for key in path.split("/"):
        tree = tree.get(key) if isinstance(tree, dict) else None  # type: ignore[assignment]
    return tree


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(share(2, 8, 80 * TIMES)))
def test_uninstall_gives_the_users_file_back_whatever_they_did_to_it(seed: int, tmp_path: Path) -> None:
    """Any sequence of installs in all variants, edits of many kinds and uninstalls."""
    chance = random.Random(seed)
    for number in range(share(4, 15, 15)):
        person = Person(tmp_path / str(number), chance, chance.choice(BEGINNINGS))
        steps = ["install", *chance.choices(["install", "edit", "uninstall"], [2, 6, 1], k=chance.randint(1, 12)), "uninstall"]
        for step in steps:
            getattr(person, step)()
