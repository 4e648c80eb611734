"""Where telemetry goes, in the form that the exporters want."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from hookline.errors import ConfigInvalid
from hookline.settings.schema import RelaySettings

_LOOPBACK = ("127.", "localhost", "[::1]", "::1")
_GRPC_PORT, _HTTP_PORT = ":4317", ":4318"


@dataclass(frozen=True, slots=True)
class OtlpEndpoint:
    """One OTLP endpoint. `is_local` ones are never reached through a proxy."""

    url: str
    is_grpc: bool
    is_local: bool
    headers: dict[str, str]
    certificate: str
    timeout_s: float

    @property
    def is_plain(self) -> bool:
        """Whether the connection is without TLS."""
        return self.url.startswith("http://")


def from_settings(relay: RelaySettings) -> OtlpEndpoint:
    """Return the endpoint of the settings.

    Without a scheme, a loopback address is plain and any other takes TLS. The default address
    names the gRPC port: over HTTP it stands for OTLP's HTTP port. Raises ConfigInvalid.
    """
    is_grpc = relay.protocol == "grpc"
    url = relay.endpoint.strip()
    is_local = (urlsplit(url if "://" in url else f"//{url}").hostname or "").startswith(_LOOPBACK)
    if "://" not in url:
        url = f"http://{url}" if is_local else f"https://{url}"
    if not url.startswith(("http://", "https://")) or not urlsplit(url).hostname:
        raise ConfigInvalid(
            [("relay.endpoint", f"{relay.endpoint!r} is not an address such as http://127.0.0.1:4317 or https://collector.example:4317")]
        )
    url = url.rstrip("/")
    if not is_grpc and relay.endpoint == RelaySettings().endpoint:
        url = url.removesuffix(_GRPC_PORT) + _HTTP_PORT
    headers = {name.lower(): value for name, value in relay.headers.items()}
    return OtlpEndpoint(url, is_grpc, is_local, headers, relay.certificate, relay.timeout_s)
