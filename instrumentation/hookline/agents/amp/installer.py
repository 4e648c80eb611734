"""Installing for Amp: a plugin of our own, which hands events to hook.sh. Written from its documentation, not run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hookline.agents.amp.identity import TITLE
from hookline.install.change import Scope
from hookline.install.own_file import OwnFile, OwnFileInstaller
from hookline.settings import Settings

PLUGIN: Final = Path(__file__).with_name("plugin.ts")
PLACEHOLDER: Final = '"@HOOK@"'


class AmpInstaller(OwnFileInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        super().__init__(OwnFile(TITLE, ".config/amp/plugins/hookline.ts"), env)

    def text(self, settings: Settings, scope: Scope) -> str:
        """Return the plugin with the hook's path in it."""
        del scope
        return PLUGIN.read_text("utf-8").replace(PLACEHOLDER, json.dumps(str(settings.hook_path)))

    def remarks(self, settings: Settings, scope: Scope) -> list[str]:
        """Return what the person should know."""
        del settings, scope
        return ["Amp loads plugins only where they are switched on: `PLUGINS=all amp` in versions that ask for it"]
