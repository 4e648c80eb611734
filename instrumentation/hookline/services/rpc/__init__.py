"""gRPC."""

from hookline.services.patches import Patches


def patch_grpc(patches: Patches) -> None:
    """Patch."""
