"""gRPC, where it is installed: what is served and what is called, with and without asyncio.

rpc_request      a call while it is served
grpc_server      servers that are made from now on
grpc_client      channels that are made from now on
"""

from __future__ import annotations

import importlib.util

from hookline.services.patches import Patches


def patch_grpc(patches: Patches) -> None:
    """Put clocks into the servers and channels that are made from now on."""
    if importlib.util.find_spec("grpc") is None:
        return
    from hookline.services.rpc.grpc_client import patch_channels  # noqa: PLC0415
    from hookline.services.rpc.grpc_server import patch_servers  # noqa: PLC0415

    patch_servers(patches)
    patch_channels(patches)
