"""Installing for OpenCode: a plugin of our own. OpenCode loads every script in its folder of plugins, so nothing else is touched."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.install.change import Scope
from hookline.install.own_file import OwnFile, OwnFileInstaller
from hookline.settings import Settings

FILE: Final = OwnFile("OpenCode", ".config/opencode/plugins/hookline.js", "OPENCODE_CONFIG_DIR", 2, ".opencode/plugins/hookline.js")
PLUGIN: Final = Path(__file__).with_name("plugin.js")
PLACEHOLDER: Final = '"@DATA@"'


class OpenCodeInstaller(OwnFileInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ, project_dir: Path | None = None) -> None:
        super().__init__(_file(env), env, project_dir)

    def text(self, settings: Settings, scope: Scope) -> str:
        """Return the plugin with the data folder in it; in a project, which others share, from the home folder on."""
        home, folder = self.home(scope), settings.data_dir
        said = f"~/{folder.relative_to(home)}" if home and folder.is_relative_to(home) else str(folder)
        return PLUGIN.read_text("utf-8").replace(PLACEHOLDER, json.dumps(said))


def _file(env: Mapping[str, str]) -> OwnFile:
    """Return where the plugin lies: below OpenCode's own folder of settings, wherever its variables put that."""
    if env.get("OPENCODE_CONFIG_DIR") or not env.get("XDG_CONFIG_HOME"):
        return FILE
    return OwnFile(FILE.title, FILE.home_file, "XDG_CONFIG_HOME", 1, FILE.project_file)
