"""Who Amp is."""

from typing import Final

NAME: Final = "amp"
TITLE: Final = "Amp"
PROVIDER: Final = "sourcegraph"
