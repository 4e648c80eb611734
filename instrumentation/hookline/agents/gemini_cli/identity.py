"""Who Gemini CLI is."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NAME: Final = "gemini-cli"
TITLE: Final = "Gemini CLI"
PROVIDER: Final = "gcp.gemini"
NUDGE: Final = "[System: You "  # how begins what the client itself says to a model that gave no answer, as if a person had said it


def home(env: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of its settings and sessions."""
    return Path(env.get("GEMINI_CLI_HOME") or env.get("HOME") or Path.home()) / ".gemini"
