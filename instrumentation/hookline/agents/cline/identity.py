"""Who Cline is."""

from typing import Final

NAME: Final = "cline"
TITLE: Final = "Cline"
PROVIDER: Final = "cline"
