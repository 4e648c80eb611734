"""Installing for Kimi Code: a `[[hooks]]` table an event in `~/.kimi-code/config.toml`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import Final

from hookline.agents.kimi_code.events import Version, rows_of
from hookline.agents.kimi_code.identity import NAME, TITLE
from hookline.install.on_machine import found_by
from hookline.install.toml_hooks import TomlHooksFile, TomlHooksInstaller, TomlRows
from hookline.system.client_version import version_of

FOLDER_VARIABLE: Final = "KIMI_CODE_HOME"
HOME_FILE: Final = ".kimi-code/config.toml"
PROGRAM: Final = "kimi"
PACKAGE: Final = "@moonshot-ai/kimi-code"


def rows_for(env: Mapping[str, str]) -> Callable[[Callable[..., str]], TomlRows]:
    """Return what makes the tables for the client that is on the PATH; its version is looked up when they are wanted."""

    def rows(command: Callable[..., str], version: Version | None = None) -> TomlRows:
        return rows_of(version or version_of(shutil.which(PROGRAM, path=env.get("PATH")), PACKAGE), command)

    return rows


class KimiInstaller(TomlHooksInstaller):
    """Installing behind the protocol."""

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        super().__init__(TomlHooksFile(NAME, TITLE, HOME_FILE, rows_for(env), FOLDER_VARIABLE), env)

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what Kimi Code is found on this machine; empty where it is not."""
        return found_by(PROGRAM, self.path().parent, env)
