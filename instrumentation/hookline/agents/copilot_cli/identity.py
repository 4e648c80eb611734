"""Who GitHub Copilot CLI is."""

from typing import Final

NAME: Final = "copilot-cli"
TITLE: Final = "GitHub Copilot CLI"
PROVIDER: Final = "github"  # as its own telemetry says
