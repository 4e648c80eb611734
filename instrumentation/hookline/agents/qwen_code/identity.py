"""Who Qwen Code is."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NAME: Final = "qwen-code"
TITLE: Final = "Qwen Code"
PROVIDER: Final = "alibaba_cloud"


def home(env: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of its settings."""
    return Path(env["QWEN_HOME"]) if env.get("QWEN_HOME") else Path(env.get("HOME") or Path.home()) / ".qwen"


def runtime(env: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of its sessions."""
    return Path(env["QWEN_RUNTIME_DIR"]) if env.get("QWEN_RUNTIME_DIR") else home(env)
