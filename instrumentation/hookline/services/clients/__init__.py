"""The database clients that are installed."""

from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches


def patch_clients(patches: Patches, options: ServiceOptions) -> None:
    """Patch."""
