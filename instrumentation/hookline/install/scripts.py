"""Scripts that agents run, copied to stable paths in the data folder, so that an upgrade changes no settings."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hookline.settings import Settings
from hookline.system.files import write_private

PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Script:
    """A script: where it stands in the package, and its name in the data folder."""

    packaged: str
    name: str


HOOK = Script("hook.sh", "hook.sh")


def put_scripts(settings: Settings, scripts: Iterable[Script]) -> None:
    """Copy the hook and an agent's scripts, each whole or not at all; agents may be running the old ones."""
    for script in (HOOK, *scripts):
        write_private(settings.data_dir / script.name, (PACKAGE / script.packaged).read_bytes(), mode=0o700)
    write_private(settings.data_dir / "python", os.fsencode(f"{sys.executable}\n"), mode=0o700)


def are_current(settings: Settings, scripts: Iterable[Script]) -> bool:
    """Answer whether the hook and an agent's scripts are there as this version has them."""
    try:
        return all((settings.data_dir / s.name).read_bytes() == (PACKAGE / s.packaged).read_bytes() for s in (HOOK, *scripts))
    except OSError:
        return False


def take_scripts(settings: Settings, scripts: Iterable[Script]) -> None:
    """Remove the hook and an agent's scripts; commands that still name them stay silent."""
    for name in (*(script.name for script in (HOOK, *scripts)), "python"):
        (settings.data_dir / name).unlink(missing_ok=True)
