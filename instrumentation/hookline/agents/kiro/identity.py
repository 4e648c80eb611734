"""Who Kiro is."""

from typing import Final

NAME: Final = "kiro"
TITLE: Final = "Kiro"
PROVIDER: Final = "aws.bedrock"
