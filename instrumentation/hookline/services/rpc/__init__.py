"""gRPC, where it is used: what is served and what is called, with and without asyncio.

rpc_request      a call while it is served
grpc_server      servers that are made from now on
grpc_client      channels that are made from now on
"""

from __future__ import annotations

from hookline.services.import_watch import ImportWatch
from hookline.services.patches import Patches


def watch_grpc(imports: ImportWatch, patches: Patches) -> None:
    """Put clocks into the servers and channels that are made from now on."""
    imports.when_imported("grpc", lambda: _patch(patches))


def _patch(patches: Patches) -> None:
    from hookline.services.rpc.grpc_client import patch_channels  # noqa: PLC0415 - only where gRPC is used
    from hookline.services.rpc.grpc_server import patch_servers  # noqa: PLC0415

    patch_servers(patches)
    patch_channels(patches)
